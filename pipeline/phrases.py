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

from pipeline.text import FIELD, Sentence, Text, is_link

GAP = 4
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
    """A pattern as it stands in the TOML, compiled; `tag` says whose it is."""

    source: str
    tag: str
    elements: tuple[Element, ...]
    opens: bool
    closes: bool
    asks: bool

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """The word sets of which a text must hold one each for the pattern to fit anywhere."""
        elements = (element for element in self.elements if not (element.optional or element.shapes or element.gap or element.free))
        return tuple(element.words for element in elements)


@dataclass(frozen=True, slots=True)
class Match:
    """Words `first` up to `last` (half-open) of sentence number `sentence` fit a pattern of `tag`."""

    tag: str
    first: int
    last: int
    sentence: int


class Phrases:
    """Many patterns, indexed by their first word, so that a text is read once whatever their number."""

    __slots__ = ("heads", "index", "needs", "shaped")

    def __init__(self, patterns: Mapping[str, Iterable[str]], classes: Mapping[str, frozenset[str]]) -> None:
        """Compile patterns by tag; `ValueError` names an unknown class or an empty pattern."""
        self.index: dict[str, list[Pattern]] = {}
        self.shaped: list[Pattern] = []
        self.needs: dict[Pattern, tuple[frozenset[str], ...]] = {}
        for tag, sources in patterns.items():
            for source in sources:
                self._add(compile_pattern(source, tag, classes))
        self.heads = frozenset(self.index)

    def _add(self, pattern: Pattern) -> None:
        self.needs[pattern] = pattern.needs
        for element in pattern.elements:
            if element.free or element.gap or element.shapes:
                self.shaped.append(pattern)
                return
            for word in element.words:
                self.index.setdefault(word, []).append(pattern)
            if not element.optional:
                return

    def find(self, text: Text) -> Iterator[Match]:
        """Every match, in the order of the words; overlapping matches of one tag are all given."""
        words = text.vocabulary
        if not self.shaped and self.heads.isdisjoint(words):
            return
        live = {word: fit for word in self.heads & words if (fit := [p for p in self.index[word] if self._may_fit(p, words)])}
        shaped = [pattern for pattern in self.shaped if self._may_fit(pattern, words)]
        if not live and not shaped:
            return
        for number, sentence in enumerate(text.sentences):
            for i in range(sentence.first, sentence.last):
                for pattern in (*live.get(text.forms[i], ()), *shaped):
                    last = _try(pattern, text, i, sentence)
                    if last > i:
                        yield Match(pattern.tag, i, last, number)

    def _may_fit(self, pattern: Pattern, words: frozenset[str]) -> bool:
        return not any(need.isdisjoint(words) for need in self.needs[pattern])


def _try(pattern: Pattern, text: Text, i: int, sentence: Sentence) -> int:
    """The index behind a match of the pattern that starts at word `i`, or -1."""
    if (pattern.opens and i != sentence.first) or (pattern.asks and "?" not in text.raw[sentence.start : sentence.end]):
        return -1
    last = _match(pattern.elements, 0, text, i, sentence.last)
    return -1 if pattern.closes and last != sentence.last else last


def _match(elements: tuple[Element, ...], at: int, text: Text, i: int, stop: int) -> int:
    """The index behind the last word matched by `elements[at:]` from word `i`, or -1."""
    while at < len(elements):
        element = elements[at]
        if element.gap:
            ends = (_match(elements, at + 1, text, j, stop) for j in range(i, min(i + GAP, stop) + 1))
            return next((end for end in ends if end >= 0), -1)
        fits = i < stop and element.takes(text, i)
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
    return Pattern(source, tag, elements, opens, closes, asks)


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
            raise ValueError(f"pattern {source!r} names the unknown class {choice}; known: {', '.join(sorted(classes))}")
    return Element(frozenset(words), tuple(shapes), optional=optional)
