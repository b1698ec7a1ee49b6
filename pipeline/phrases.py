"""Word patterns come in, places in a text go out: the small language in which rules and acts name what people write.

A pattern is a row of elements between spaces. Case and the form of apostrophes do not matter; a match never leaves its
sentence, nor reaches into a quotation or out of it.

    call            this word                      call|chat|talk   any of these words
    quick?          a word that may be missing     a|the?           one of these, or nothing
    *               any one word                   ...              up to four words
    @name           a word of a named class        @capital @number @field @link @past   by what it looks like
    ^ (first)       only at a sentence's start     $ (last)         only at its end     ? (last)  only in a question
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.text import FIELD, Text, Wording, is_link

GAP = 4
QUOTE = re.compile(r"[\"“”„«»]")
EVERYDAY = frozenset(
    "i you your we our my me us it is are was be been have has had do did the a an to of in on at for with and or but"
    " so as if that this what how who when where can could will would just not no there from by about i'm i'd i've"
    " we're you're am like all any one best hi hello dear regards thanks thank want know need time now please"
    " write read see good hope call talk work make take give get only up more out some".split()
)
"""Words of nearly every message: an index by them would be no index."""
PAST = re.compile(r"[a-z]{2,}ed")
NO_DEEDS = frozenset(
    "advanced agreed allowed asked based blessed booked bored bothered chosen clicked concerned confirmed"
    " considered convinced decided dedicated downloaded exceed excited expected experienced hundred ignored"
    " impressed indeed interested invited involved liked limited looked loved married missed needed noticed"
    " offered opened overwhelmed pencilled pleased prepared proceed pushed qualified received registered"
    " replied requested required reserved satisfied scheduled seemed selected shortlisted signed speed"
    " struggled subscribed succeed supposed surprised thought tired tried used viewed wanted wondered worried".split()
)
"""Words in -ed that tell of no deed of a reader which only they did."""
SHAPES: Mapping[str, Callable[[Wording, int], bool]] = {
    "@capital": lambda wording, i: wording.capital(i),
    "@number": lambda wording, i: wording.forms[i][:1].isdigit() or wording.forms[i][:1] in "€$£¥",
    "@field": lambda wording, i: wording.forms[i] == FIELD,
    "@link": lambda wording, i: is_link(wording.forms[i]),
    "@past": lambda wording, i: wording.forms[i] not in NO_DEEDS and PAST.fullmatch(wording.forms[i]) is not None,
}


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Named classes of words, `@name` in a pattern; compared by identity, so that what is compiled can be kept."""

    classes: Mapping[str, frozenset[str]]

    def __getitem__(self, name: str) -> frozenset[str]:
        """The words of a class; KeyError if there is none of that name."""
        return self.classes[name]


class Element(NamedTuple):
    """One step of a pattern: the words and shapes that it takes (`free`: any word).

    It may be missing where it is `optional`; a `gap` lets a few words pass.
    """

    words: frozenset[str] = frozenset()
    shapes: tuple[str, ...] = ()
    free: bool = False
    optional: bool = False
    gap: bool = False

    def takes(self, wording: Wording, index: int) -> bool:
        """Whether the word at an index fits this element."""
        fits = self.free or wording.forms[index] in self.words
        return fits or any(SHAPES[shape](wording, index) for shape in self.shapes)


class Pattern(NamedTuple):
    """A pattern, compiled; `needs` are the sets of words of each of which a text must hold one."""

    elements: tuple[Element, ...]
    needs: tuple[frozenset[str], ...]
    opens: bool
    closes: bool
    asks: bool


class Match(NamedTuple):
    """Words `first` up to `last` (half-open) of sentence number `sentence` fit a pattern of `tag`."""

    tag: str
    first: int
    last: int
    sentence: int


class Phrases:
    """Some patterns, indexed by the rarest word that each needs, so that most texts touch, and compile, few of them."""

    __slots__ = ("index", "keyless", "keys", "lexicon")

    def __init__(self, patterns: Mapping[str, Iterable[str]], lexicon: Lexicon) -> None:
        """Index patterns by tag; `ValueError` names an unknown class or a pattern without a word."""
        self.lexicon = lexicon
        self.index: dict[str, list[tuple[str, str]]] = {}
        self.keyless: list[tuple[str, str]] = []
        for tag, sources in patterns.items():
            for source in sources:
                key = _key(source, lexicon)
                for word in key:
                    self.index.setdefault(word, []).append((tag, source))
                if not key:
                    self.keyless.append((tag, source))
        self.keys = frozenset(self.index)

    def find(self, text: Text) -> list[Match]:
        """Every match, in the order of the words; overlapping matches are all given."""
        if self.keys.isdisjoint(text.vocabulary) and not self.keyless:
            return []
        return [
            Match(tag, sentence.first + first, sentence.first + last, number)
            for number, sentence in enumerate(text.sentences)
            if self.keyless or not self.keys.isdisjoint(sentence.wording.vocabulary)
            for first, last, tag in self.within(sentence.wording)
        ]

    def within(self, wording: Wording) -> tuple[tuple[int, int, str], ...]:
        """What fits in a sentence, wherever it stands: its first word, the one behind its last, and its tag."""
        return _within(self, wording)


@lru_cache(maxsize=1 << 13)
def _within(phrases: Phrases, wording: Wording) -> tuple[tuple[int, int, str], ...]:
    near = {entry for word in wording.vocabulary & phrases.keys for entry in phrases.index[word]}
    found = [
        (first, last, tag)
        for tag, source in near.union(phrases.keyless)
        for first, last in _matches(compile_pattern(source, phrases.lexicon), wording)
        if not _across(wording, first, last)
    ]
    return tuple(sorted(found)) if found else ()


def _across(wording: Wording, first: int, last: int) -> bool:
    """Whether words reach from what is said into what is quoted, or out of it: they are no phrase."""
    return len(QUOTE.findall(wording.raw, wording.spans[first][0], wording.spans[last - 1][1])) % 2 == 1


@lru_cache(maxsize=1 << 14)
def _key(source: str, lexicon: Lexicon) -> frozenset[str]:
    """The words of the rarest element that must be there; empty where only shapes must, which costs every text."""
    best, least, sure = frozenset[str](), 0, False
    for part in source.lower().replace("’", "'").split():
        element = _element(part, lexicon)
        if part in {"^", "$", "?"} or element.gap or element.optional:
            continue
        sure = True
        if element.words and not element.shapes and (not least or _expected(element.words) < least):
            best, least = element.words, _expected(element.words)
    if not sure:
        raise ValueError(f"pattern {source!r} has no word that must be there")
    return best


@lru_cache(maxsize=1 << 14)
def _expected(words: frozenset[str]) -> int:
    """How often one of these words is to be expected, roughly: everyday words count for many."""
    return len(words) + 40 * len(words & EVERYDAY)


def _matches(pattern: Pattern, wording: Wording) -> Iterator[tuple[int, int]]:
    vocabulary = wording.vocabulary
    for need in pattern.needs:
        if need.isdisjoint(vocabulary):
            return
    if pattern.asks and "?" not in wording.raw:
        return
    for i in _starts(pattern, wording):
        last = _match(pattern.elements, 0, wording, i)
        if last > i and not (pattern.closes and last != len(wording.forms)):
            yield i, last


def _starts(pattern: Pattern, wording: Wording) -> Iterable[int]:
    """The words at which a pattern may start: where its first elements' words stand, or anywhere."""
    if pattern.opens:
        return (0,)
    first: set[str] = set()
    for element in pattern.elements:
        if element.free or element.gap or element.shapes:
            return range(len(wording.forms))
        first |= element.words & wording.vocabulary
        if not element.optional:
            break
    return [i for i, form in enumerate(wording.forms) if form in first]


def _match(elements: tuple[Element, ...], at: int, wording: Wording, i: int) -> int:
    """The index behind the last word matched by `elements[at:]` from word `i`, or -1."""
    forms, stop = wording.forms, len(wording.forms)
    while at < len(elements):
        element = elements[at]
        if element.gap:
            for j in range(i, min(i + GAP, stop) + 1):
                end = _match(elements, at + 1, wording, j)
                if end >= 0:
                    return end
            return -1
        fits = i < stop and (
            element.free or forms[i] in element.words or (bool(element.shapes) and element.takes(wording, i))
        )
        if element.optional:
            end = _match(elements, at + 1, wording, i + 1) if fits else -1
            if end >= 0:
                return end
        elif fits:
            i += 1
        else:
            return -1
        at += 1
    return i


@lru_cache(maxsize=1 << 14)
def compile_pattern(source: str, lexicon: Lexicon) -> Pattern:
    """One pattern of the language above."""
    parts = source.lower().replace("’", "'").split()
    opens, asks = parts[:1] == ["^"], parts[-1:] == ["?"]
    parts = parts[opens : len(parts) - asks]
    closes = parts[-1:] == ["$"]
    elements = tuple(_element(part, lexicon) for part in parts[: len(parts) - closes])
    sure = (one for one in elements if not (one.optional or one.shapes or one.gap or one.free))
    return Pattern(elements, tuple(one.words for one in sure), opens, closes, asks)


@lru_cache(maxsize=1 << 14)
def _element(part: str, lexicon: Lexicon) -> Element:
    if part == "...":
        return Element(gap=True)
    if part == "*":
        return Element(free=True)
    words: set[str] = set()
    shapes = []
    for choice in part.removesuffix("?").split("|"):
        if choice in SHAPES:
            shapes.append(choice)
        elif not choice.startswith("@"):
            words.add(choice)
        elif choice[1:] in lexicon.classes:
            words |= lexicon[choice[1:]]
        else:
            raise ValueError(f"{choice} is no class of words; known: {', '.join(sorted(lexicon.classes))}")
    return Element(frozenset(words - {""}), tuple(shapes), optional=part.endswith("?"))
