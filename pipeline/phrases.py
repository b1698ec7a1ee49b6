"""Word patterns come in, places in a text go out: the small language in which rules and acts name what people write.

A pattern is a row of elements between spaces. Case and the form of apostrophes do not matter; a match never leaves its
sentence.

    call            this word                      call|chat|talk   any of these words
    quick?          a word that may be missing     a|the?           one of these, or nothing
    *               any one word                   ...              up to four words
    @name           a word of a named class        @capital @number @field @link   by what the word looks like
    ^ (first)       only at a sentence's start     $ (last)         only at its end     ? (last)  only in a question
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.text import FIELD, Text, is_link

GAP = 4
EVERYDAY = frozenset(
    "i you your we our my me us it is are was be been have has had do did the a an to of in on at for with and or but so as if that this "
    "what how who when can could will would just not no there from by about i'm i'd i've we're you're like all any one".split()
)
SHAPES = {
    "@capital": lambda text, i: text.capital(i),
    "@number": lambda text, i: text.forms[i][:1].isdigit() or text.forms[i][:1] in "€$£¥",
    "@field": lambda text, i: text.forms[i] == FIELD,
    "@link": lambda text, i: is_link(text.forms[i]),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: the words and shapes that it takes (`free`: any word), whether it may be missing or is a gap."""

    words: frozenset[str] = frozenset()
    shapes: tuple[str, ...] = ()
    free: bool = False
    optional: bool = False
    gap: bool = False

    def takes(self, text: Text, index: int) -> bool:
        """Whether the word at an index fits this element."""
        return self.free or text.forms[index] in self.words or any(SHAPES[shape](text, index) for shape in self.shapes)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern as it stands in the TOML, compiled; `tag` says whose it is, `needs` of which words a text must hold one."""

    source: str
    tag: str
    elements: tuple[Element, ...]
    needs: tuple[frozenset[str], ...]
    opens: bool
    closes: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Words `first` up to `last` (half-open) of sentence number `sentence` fit a pattern of `tag`."""

    tag: str
    first: int
    last: int
    sentence: int


class Phrases:
    """Many patterns, indexed by the rarest word that each needs, so that most texts touch few of them."""

    __slots__ = ("index", "keys", "keyless")

    def __init__(self, patterns: Mapping[str, Iterable[str]], classes: Mapping[str, frozenset[str]]) -> None:
        """Compile patterns by tag; `ValueError` names an unknown class or an empty pattern."""
        self.index: dict[str, list[Pattern]] = {}
        self.keyless: list[Pattern] = []
        for tag, sources in patterns.items():
            for source in sources:
                pattern = compile_pattern(source, tag, classes)
                for word in min(pattern.needs, key=_expected, default=()):
                    self.index.setdefault(word, []).append(pattern)
                if not pattern.needs:
                    self.keyless.append(pattern)
        self.keys = frozenset(self.index)

    def find(self, text: Text) -> list[Match]:
        """Every match, in the order of the words; overlapping matches are all given."""
        words = text.vocabulary
        if self.keys.isdisjoint(words) and not self.keyless:
            return []
        near = dict.fromkeys(pattern for word in self.keys & words for pattern in self.index[word])
        found: list[Match] = []
        for pattern in (*near, *self.keyless):
            for need in pattern.needs:
                if need.isdisjoint(words):
                    break
            else:
                found += _matches(pattern, text)
        return sorted(found, key=lambda match: (match.first, match.last)) if len(found) > 1 else found


def _expected(words: frozenset[str]) -> int:
    """How often one of these words is to be expected, roughly: everyday words count for many."""
    return len(words) + 40 * len(words & EVERYDAY)


def _matches(pattern: Pattern, text: Text) -> Iterator[Match]:
    for i in _starts(pattern, text):
        number = text.sentence_of[i]
        sentence = text.sentences[number]
        if (pattern.opens and i != sentence.first) or (
            pattern.asks and "?" not in text.raw[sentence.start : sentence.end]
        ):
            continue
        last = _match(pattern.elements, 0, text, i, sentence.last)
        if last > i and not (pattern.closes and last != sentence.last):
            yield Match(pattern.tag, i, last, number)


def _starts(pattern: Pattern, text: Text) -> Iterable[int]:
    """The words at which a pattern may start: where its first elements' words stand, or anywhere."""
    if pattern.opens:
        return [sentence.first for sentence in text.sentences]
    places: set[int] = set()
    for element in pattern.elements:
        if element.free or element.gap or element.shapes:
            return range(len(text.forms))
        for word in element.words & text.vocabulary:
            places.update(text.places[word])
        if not element.optional:
            break
    return places


def _match(elements: tuple[Element, ...], at: int, text: Text, i: int, stop: int) -> int:
    """The index behind the last word matched by `elements[at:]` from word `i`, or -1."""
    forms = text.forms
    while at < len(elements):
        element = elements[at]
        if element.gap:
            for j in range(i, min(i + GAP, stop) + 1):
                end = _match(elements, at + 1, text, j, stop)
                if end >= 0:
                    return end
            return -1
        fits = i < stop and (
            element.free or forms[i] in element.words or (bool(element.shapes) and element.takes(text, i))
        )
        if element.optional:
            end = _match(elements, at + 1, text, i + 1, stop) if fits else -1
            if end >= 0:
                return end
        elif fits:
            i += 1
        else:
            return -1
        at += 1
    return i


def compile_pattern(source: str, tag: str, classes: Mapping[str, frozenset[str]]) -> Pattern:
    """One pattern of the language above; `ValueError` names what is wrong with it."""
    parts = source.lower().replace("’", "'").split()
    opens, asks = parts[:1] == ["^"], parts[-1:] == ["?"]
    parts = parts[opens : len(parts) - asks]
    closes = parts[-1:] == ["$"]
    elements = tuple(_element(part, source, classes) for part in parts[: len(parts) - closes])
    if all(element.optional or element.gap for element in elements):
        raise ValueError(f"pattern {source!r} has no word that must be there")
    sure = (one for one in elements if not (one.optional or one.shapes or one.gap or one.free))
    return Pattern(source, tag, elements, tuple(one.words for one in sure), opens, closes, asks)


def _element(part: str, source: str, classes: Mapping[str, frozenset[str]]) -> Element:
    if part == "...":
        return Element(gap=True)
    if part == "*":
        return Element(free=True)
    optional = part.endswith("?")
    words: set[str] = set()
    shapes = []
    for choice in filter(None, part.removesuffix("?").split("|")):
        if choice in SHAPES:
            shapes.append(choice)
        elif not choice.startswith("@"):
            words.add(choice)
        elif choice[1:] in classes:
            words |= classes[choice[1:]]
        else:
            raise ValueError(
                f"pattern {source!r} names the unknown class {choice}; known: {', '.join(sorted(classes))}"
            )
    return Element(frozenset(words), tuple(shapes), optional=optional)
