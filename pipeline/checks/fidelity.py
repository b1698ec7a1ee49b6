"""Whether a rewrite says only what the sender and the brief said. Reading in, Hits out; nothing on a draft of the user's.

A sentence that stands in the user's own draft, letter by letter, is never questioned.
"""

from collections.abc import Iterator
from functools import cache

from pipeline.acts import Labelled, Reading, content, lexicon, read
from pipeline.domain import Act, Draft, Hit, Look
from pipeline.fields import blank, changes
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Text, is_link, parse, stem

NUMBERS = "two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred thousand million half dozen".split()


@cache
def _source(text: str) -> Text:
    return parse(blank(text))


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(form) for form in _source(text).forms)


@cache
def _origin(draft: Draft) -> Reading:
    return read(draft)


def _own(reading: Reading) -> tuple[Labelled, ...]:
    """The sentences of a rewrite that do not stand in the user's draft as they are."""
    first = reading.draft.first
    return tuple(line for line in reading.labelled if reading.says(line).rstrip(".!? ") not in first.text)


def _hit(reading: Reading, line: Labelled, value: str = "") -> Hit:
    return Hit(line.sentence.start, line.sentence.end, reading.says(line), value)


def invented(*, what: str) -> Look:
    """A "number", "link" or "name" (a capitalised word inside a sentence) that neither draft nor brief holds."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = _source(reading.draft.source)
        for text, part in ((reading.text, "body"), (reading.subject, "subject")):
            for i in _strange(text, known, what):
                yield Hit(text.starts[i], text.ends[i], text.written(i), part="subject" if part == "subject" else "body")

    return look


def _strange(text: Text, known: Text, what: str) -> Iterator[int]:
    forms = frozenset(known.forms)
    stems, digits = _stems(known.raw), {_digits(form) for form in forms}
    opening = {sentence.first for sentence in text.sentences}
    for i, form in enumerate(text.forms):
        if form[0] == FIELD or form in forms:
            continue
        if what == "link" and is_link(form):
            yield i
        elif what == "number" and not is_link(form) and (any(map(str.isdigit, form)) and _digits(form) not in digits or form in NUMBERS):
            yield i
        elif what == "name" and i not in opening and text.capital(i) and not form[0].isdigit() and not is_link(form):
            if stem(form) not in stems and form not in lexicon()["innocent"] and form not in lexicon()["sign"]:
                yield i


def _digits(form: str) -> str:
    return "".join(char for char in form if char.isdigit())


def claims(*, most: int, most_in_question: int, feelings: list[str]) -> Look:
    """A sentence of the rewrite with more than `most` words of meaning that come from nowhere: not from the draft, the
    brief or the courteous vocabulary (lexicon "courteous"), compared by stem; or one that fits a pattern of `feelings`
    (what the sender likes, follows, has used) that no sentence of the draft fits."""
    felt = Phrases({"": feelings}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = _stems(reading.draft.source) | _courteous()
        emotional = {match.sentence: match for match in felt.find(reading.text)}
        if emotional and any(True for _ in felt.find(_source(reading.draft.first.text))):
            emotional = {}
        own = set(map(id, _own(reading)))
        for number, line in enumerate(reading.labelled):
            if id(line) not in own:
                continue
            new = content(reading.text, line.sentence.first, line.sentence.last) - known
            bound = most_in_question if reading.says(line).endswith("?") else most
            if len(new) > bound or number in emotional:
                yield _hit(reading, line, ", ".join(sorted(new)))

    return look


@cache
def _courteous() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon()["courteous"] | lexicon()["sign"] | lexicon()["greet"])


def offers() -> Look:
    """The rewrite offers something, and neither the draft nor the brief does."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None or reading.draft.brief.sender.offer or reading.draft.brief.benefit:
            return
        if _origin(reading.draft.first).having(Act.VALUE):
            return
        for line in _own(reading):
            if Act.VALUE in line.acts and not reading.says(line).endswith("?"):
                yield _hit(reading, line)

    return look


def turned(*, what: str) -> Look:
    """A sentence that turns one of the draft round: "polarity" (not, no, yes) or "roles" (what I do becomes what you do)."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        origin = _origin(reading.draft.first)
        for line in _own(reading):
            twin = _twin(reading, line, origin)
            if twin is not None and (_polarity(reading, line) != _polarity(origin, twin) if what == "polarity" else _swapped(reading, line, origin, twin)):
                yield _hit(reading, line, origin.says(twin))
            elif what == "roles" and _takes_the_reader_part(reading, line):
                yield _hit(reading, line)

    return look


def _twin(reading: Reading, line: Labelled, origin: Reading) -> Labelled | None:
    """The statement of the draft that shares most words of meaning with a sentence, at least two and half of them."""
    said = content(reading.text, line.sentence.first, line.sentence.last)
    best, most = None, 1
    for other in origin.labelled:
        there = content(origin.text, other.sentence.first, other.sentence.last)
        shared = len(said & there)
        if shared > most and 2 * shared >= min(len(said), len(there)) and (other.asks == line.asks or not line.asks):
            best, most = other, shared
    return best


def _polarity(reading: Reading, line: Labelled) -> bool:
    forms = reading.text.forms[line.sentence.first : line.sentence.last]
    return sum(form in lexicon()["no"] for form in forms) % 2 == 1


def _persons(reading: Reading, line: Labelled) -> tuple[bool, bool]:
    forms = reading.text.forms[line.sentence.first : line.sentence.last]
    return not lexicon()["me"].isdisjoint(forms), not lexicon()["you"].isdisjoint(forms)


def _swapped(reading: Reading, line: Labelled, origin: Reading, twin: Labelled) -> bool:
    now, before = _persons(reading, line), _persons(origin, twin)
    return now != before and now in {(True, False), (False, True)} and before in {(True, False), (False, True)}


def _takes_the_reader_part(reading: Reading, line: Labelled) -> bool:
    """A sentence about the sender alone whose words come from the reader's facts and not from the sender's."""
    brief = reading.draft.brief
    theirs = content(_source("\n".join(brief.to.facts))) - content(_source(brief.sender.words + reading.draft.first.text))
    said = content(reading.text, line.sentence.first, line.sentence.last)
    return _persons(reading, line) == (True, False) and len(said & theirs) >= 2


def lost(*, what: str) -> Look:
    """Numbers, links or a plain yes or no of the draft that the rewrite no longer has. what "figures": those outside
    asks, pressure and filler; what "answers": all of them, for replies."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        origin = _origin(reading.draft.first)
        kept = frozenset(reading.text.forms)
        digits = {_digits(form) for form in kept}
        idle = {Act.PRESSURE, Act.FILLER} | ({Act.ASK} if what == "figures" else set())
        for line in origin.labelled:
            if line.acts & idle and not (what == "answers" and Act.ASK in line.acts):
                continue
            for i in range(line.sentence.first, line.sentence.last):
                form = origin.text.forms[i]
                gone = is_link(form) and form not in kept or form[0].isdigit() and _digits(form) not in digits
                if gone or (what == "answers" and form in {"yes", "no"} and form not in kept and i == line.sentence.first):
                    yield Hit(0, 0, origin.text.written(i))

    return look


def merge_fields() -> Look:
    """A merge field of the draft that is lost, changed, doubled or moved out of its block, or one that is new."""

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        for change in changes(reading.draft.first.message, reading.draft.message):
            yield Hit(0, 0, change.raw, change.kind)

    return look
