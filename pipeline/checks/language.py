"""Patterns, marks and capitals: what a message says and how loudly. Reading in, Hits out."""

import re
from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import lexicon
from pipeline.phrases import EVERYDAY, Phrases
from pipeline.text import Text, is_link

EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\U0001f1e6-\U0001f1ff])\ufe0f?(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*"
)

ENDING = re.compile(r".{3,}(?:ED|INGS?|LY|EST|TIONS?|OUS|ABLE|LESS|MENTS?|FUL|NESS)")
"""How long plain words end."""


def phrases(
    *,
    any_of: list[str],
    unless: list[str] | None = None,
    acts: list[str] | None = None,
    without: list[str] | None = None,
    hosts: list[str] | None = None,
    nowhere: list[str] | None = None,
    absent: bool = False,
) -> Look:
    """The places where a pattern fits; the hit is the longest match of a sentence's first place.

    Not in a sentence that fits `unless`, only in sentences that perform one of `acts`, and none that performs one of
    `without`; none at all where a pattern of `nowhere` fits anywhere in the message. `hosts` are parts of web addresses
    ("calendly"): a link that holds one is a hit too. With `absent`, the hit is that nothing fits.
    """
    wanted, spared = Phrases({"": any_of}, lexicon()), Phrases({"": unless or []}, lexicon())
    redeeming = Phrases({"": nowhere or []}, lexicon())
    performing = frozenset(Act(act) for act in acts or ())
    clear_of = frozenset(Act(act) for act in without or ())

    def look(reading: Reading) -> Iterator[Hit]:
        if not absent:
            yield from _places(reading)
            yield from _linked(reading.text, hosts or [])
        elif not any(_places(reading)):
            yield Hit(0, 0)

    def _places(reading: Reading) -> Iterator[Hit]:
        text, seen = reading.text, -1
        if any(redeeming.find(text)):
            return
        found = sorted(wanted.find(text), key=lambda match: (match.sentence, match.first, -match.last))
        excused = {match.sentence for match in spared.find(text)} if found else set()
        for match in found:
            line = reading.labelled[match.sentence]
            if match.sentence == seen or match.sentence in excused or clear_of & line.acts:
                continue
            if performing and not performing & line.acts:
                continue
            seen = match.sentence
            start, end = text.start(match.first), text.end(match.last - 1)
            yield Hit(start, end, reading.draft.text[start:end])

    return look


LOUD = re.compile(r"[^\W\d_a-z]{3}")


def _linked(text: Text, hosts: list[str]) -> Iterator[Hit]:
    for i, form in enumerate(text.forms) if hosts else ():
        if is_link(form) and any(host in form for host in hosts):
            yield Hit(text.start(i), text.end(i), text.written[i])


def marks(*, mark: str, most: int) -> Look:
    """More than `most` of a punctuation mark in the message; the hit is the first one too many."""

    def look(reading: Reading) -> Iterator[Hit]:
        places = [match.start() for match in re.finditer(re.escape(mark), reading.text.raw)]
        if len(places) > most:
            yield Hit(places[most], places[most] + len(mark), mark, len(places), most)

    return look


def capitals(*, most: int, least_letters: int = 4) -> Look:
    """More than `most` words of at least `least_letters` letters in capitals that the brief does not write so."""

    def look(reading: Reading) -> Iterator[Hit]:
        text = reading.text
        if LOUD.search(text.raw):
            known = reading.draft.brief.facts
            loud = [
                i
                for i in range(len(text.forms))
                if shouts(text.written[i], least_letters) and text.written[i] not in known
            ]
            if len(loud) > most:
                i = loud[0]
                yield Hit(text.start(i), text.end(i), text.written[i], len(loud), most)

    return look


def shouts(word: str, least_letters: int) -> bool:
    """Whether a word in capitals is a plain one: others abbreviate ("QGIS") or name ("OCEANOS")."""
    if len(word) < least_letters or not word.isupper():
        return False
    known = EVERYDAY | lexicon()["common"] | lexicon()["plain"]
    return word.lower().replace("’", "'") in known or ENDING.fullmatch(word) is not None


def emoji(*, most: int) -> Look:
    """More than `most` emoji, each joined sequence counted once."""

    def look(reading: Reading) -> Iterator[Hit]:
        raw = reading.draft.text
        places = [] if raw.isascii() else list(EMOJI.finditer(raw))
        if len(places) > most:
            place = places[most]
            yield Hit(place.start(), place.end(), place.group(), len(places), most)

    return look


def foreign() -> Look:
    """A message in another language than English; the hit is the whole of it."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.foreign:
            yield Hit(0, 0)

    return look
