"""How long a message is, as written and as it may be sent. Reading in, Hits out; units are UTF-16 code units."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import tomli

from pipeline.acts import Labelled, Reading
from pipeline.domain import Hit, Look
from pipeline.fields import Field, render
from pipeline.lexicon import LEXICON, lexicon
from pipeline.text import FIELD, stem, utf16

LONGEST_CLOSE = 5


@cache
def _values() -> Mapping[str, Mapping[str, str]]:
    return tomli.loads((LEXICON / "values.toml").read_text("utf-8"))


def value_of(field: Field, size: str) -> str:
    """A sample ("sample") or the longest plausible value ("longest") of a merge field, by its name."""
    name = field.name.lower().replace("_", "").replace(" ", "").replace("-", "")
    for key, row in _values().items():
        if key in name:
            return max(row[size], field.fallback or "", key=len) if size == "longest" else row[size]
    return _values()["other"][size]


@lru_cache(maxsize=256)
def measures(text: str) -> tuple[int, int, int]:
    """UTF-16 units of a text as written, with sample values, and with the longest plausible values of its fields."""
    written = utf16(text)
    if not any(mark in text for mark in "{[<%*«$#"):
        return written, written, written
    sample = utf16(render(text, lambda field: value_of(field, "sample")))
    return written, sample, utf16(render(text, lambda field: value_of(field, "longest")))


def limit() -> Look:
    """Longer than the platform takes, at the longest plausible values of the merge fields."""

    def look(reading: Reading) -> Iterator[Hit]:
        draft = reading.draft
        most = draft.kind.limit(draft.tier).most
        if len(draft.text) * 2 <= most and len(reading.scan.fields) == 0:
            return
        length = measures(draft.text)[2]
        if length > most:
            yield Hit(0, 0, "", length, most)

    return look


def band(*, side: str, beyond: float = 1, within: float = 0) -> Look:
    """Outside the length that readers answer best (kinds.toml): side "over" or "under", with sample values.

    On the side "over", only more than `beyond` times the best length, and not more than `within` times (0: however
    long).
    """

    def look(reading: Reading) -> Iterator[Hit]:
        best = reading.draft.kind.band
        size = measures(reading.draft.text)[1] if best.unit == "units" else len(reading.text.forms)
        unit = "characters" if best.unit == "units" else best.unit
        if side == "over" and size > beyond * best.most and (not within or size <= within * best.most):
            yield Hit(0, 0, unit, size, best.most)
        if side == "under" and size < best.least:
            yield Hit(0, 0, unit, size, best.least)

    return look


def blank() -> Look:
    """Nothing is said besides greeting, signature, courtesies and the bare wish to connect."""

    def look(reading: Reading) -> Iterator[Hit]:
        if not any(_says_something(reading, line) for line in reading.body):
            yield Hit(0, 0)

    return look


def _says_something(reading: Reading, line: Labelled) -> bool:
    """A sentence asks for more than the connection, or holds a merge field or a word that is not mere courtesy."""
    forms = line.forms
    if len(forms) <= LONGEST_CLOSE and forms[0] in lexicon()["sign"]:
        return False
    told = line.content - _bare_words()
    return FIELD in forms or bool(told or line.asks - {"connect", "favour", "reply"})


@cache
def _bare_words() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon()["courteous"] | lexicon()["bare"])


def sentences(*, longest: int) -> Look:
    """Sentences of more than `longest` words, a merge field counted as one."""

    def look(reading: Reading) -> Iterator[Hit]:
        for line in reading.body:
            words = line.sentence.last - line.sentence.first
            if words > longest:
                yield Hit(line.sentence.start, line.sentence.end, reading.says(line), words, longest)

    return look


def paragraphs(*, longest: int) -> Look:
    """Paragraphs (between empty lines) of more than `longest` words."""

    def look(reading: Reading) -> Iterator[Hit]:
        start = 0
        for part in reading.text.raw.split("\n\n"):
            words = len(part.split())
            if words > longest:
                yield Hit(start, start + len(part), part[:60], words, longest)
            start += len(part) + 2

    return look


def grade(*, most: float, least_words: int) -> Look:
    """Automated Readability Index above `most`, on texts of at least `least_words` words (noisy on short ones).

    ARI = 4.71 letters/word + 0.5 words/sentence - 21.43 (Smith and Senter 1967): it needs no syllables.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        words = [form for form in reading.text.forms if form[0] != FIELD]
        if len(words) < least_words:
            return
        letters = sum(map(len, words))
        index = 4.71 * letters / len(words) + 0.5 * len(words) / len(reading.text.sentences) - 21.43
        if index > most:
            yield Hit(0, 0, "", round(index, 1), most)

    return look
