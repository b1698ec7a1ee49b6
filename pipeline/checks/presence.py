"""Acts that are missing, late, doubled or out of balance.

Reading in, Hits out; a missing thing is a hit at the start.
"""

from collections.abc import Iterator
from itertools import chain, islice

from pipeline.acts import Labelled, Reading
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import lexicon
from pipeline.likely import likely
from pipeline.phrases import Phrases

SIGNED = 12
"""Words at the end of a message within which a sender's name signs it, address and trade included."""


def _performs(line: Labelled, names: frozenset[str]) -> bool:
    return any(act in names for act in line.acts) or any(f"ask.{of}" in names for of in line.asks)


def _quote(reading: Reading, line: Labelled, tag: str = "") -> Hit:
    match = line.match(tag) if tag else None
    if match is None:
        return Hit(line.sentence.start, line.sentence.end, reading.says(line))
    start, end = reading.text.start(match.first), reading.text.end(match.last - 1)
    return Hit(start, end, reading.draft.text[start:end])


def missing(
    *,
    any_of: list[str],
    anywhere: bool = False,
    signed: int = 0,
    unless: list[str] | None = None,
    asking: list[str] | None = None,
    surely: bool = False,
) -> Look:
    """No sentence performs any of these acts ("hook", "ask", "ask.call"); greeting and signature count if `anywhere`.

    Where patterns find none, a sentence that likely performs one by its words will do, but not if `surely`.
    With `signed`, a signature of at least so many words (name, trade, place; not "best regards") counts as well.
    Nothing is missing where a pattern of `unless` fits, or where none of the things of `asking` ("call") is asked for.
    """
    spared = Phrases({"": unless or []}, lexicon())
    names, acts = frozenset(any_of), [act for act in Act if act in any_of and not surely]

    def look(reading: Reading) -> Iterator[Hit]:
        lines = reading.labelled if anywhere else reading.body
        if (signed and _signature_words(reading) >= signed) or spared.find(reading.text):
            return
        if asking and not any(reading.asking(of) for of in asking):
            return
        if Act.SIGNATURE in names and _ends_with_sender(reading):
            return
        if not any(
            _performs(line, names) or (anywhere and any(match.tag in names for match in line.matches)) for line in lines
        ) and not any(_likely(reading, act) for act in acts):
            yield Hit(0, 0)

    return look


def _likely(reading: Reading, act: Act) -> bool:
    """Whether a sentence likely performs an act; what offers or presses says neither who writes nor farewell."""
    other = frozenset() if act is Act.ASK else {Act.VALUE, Act.PRESSURE}
    return any(not line.acts & other for line in likely(reading, act))


def _ends_with_sender(reading: Reading) -> bool:
    """Whether the sender's name stands in the last lines: "Kind regards, and thank you for the map, Ana Ruiz"."""
    name = reading.draft.brief.sender.name.lower().split()
    return bool(name) and name[-1] in reading.text.forms[-SIGNED:]


def _signature_words(reading: Reading) -> int:
    forms, closing = reading.text.forms, lexicon()["sign"]
    lines = [line.sentence for line in reading.labelled if Act.SIGNATURE in line.acts]
    return sum(form not in closing for sentence in lines for form in forms[sentence.first : sentence.last])


def late(*, act: str, by_sentence: int, or_any: list[str] | None = None) -> Look:
    """The first sentence that performs an act, or one of `or_any`, has `by_sentence` or more before it on the sender.

    Those speak of the sender alone; a sentence that likely performs such an act by its words ends the count.
    """
    names = frozenset([act, *(or_any or [])])
    acts = [one for one in Act if one in names]
    me, you = lexicon()["me"], lexicon()["you"]

    def look(reading: Reading) -> Iterator[Hit]:
        own = 0
        for number, line in enumerate(reading.body, 1):
            if _performs(line, names):
                if own >= by_sentence:
                    hit = _quote(reading, line, act)
                    yield Hit(hit.start, hit.end, hit.found, number, by_sentence)
                return
            if own < by_sentence and any(line in likely(reading, one) for one in acts):
                return
            own += not me.isdisjoint(line.forms) and you.isdisjoint(line.forms)

    return look


def asks(*, of: list[str], unless: list[str] | None = None) -> Look:
    """Sentences that ask for one of these things ("call", "referral", "job" ...), unless they fit a pattern."""
    spared = Phrases({"": unless or []}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        excused = {match.sentence for match in spared.find(reading.text)}
        for number, line in enumerate(reading.labelled):
            target = next((name for name in of if name in line.asks), "")
            if target and number not in excused and not line.acts & {Act.GREETING, Act.SIGNATURE}:
                yield _quote(reading, line, f"ask.{target}")

    return look


def kinds_of_ask(*, of: list[str], most: int, demands: list[str], most_demands: int) -> Look:
    """More than `most` different things asked for, among those named, or more than `most_demands` demands."""
    demanding = Phrases({"": demands}, lexicon())

    def look(reading: Reading) -> Iterator[Hit]:
        yield from islice(chain(_different(reading), _demanded(reading)), 1)

    def _different(reading: Reading) -> Iterator[Hit]:
        seen: list[str] = []
        for line in reading.body:
            asked = [name for name in of if name in line.asks and Act.VALUE not in line.acts]
            new = [name for name in asked if name not in seen and (name != "favour" or asked == ["favour"])]
            seen += new
            if new and len(seen) > most:
                hit = _quote(reading, line, f"ask.{new[0]}")
                yield Hit(
                    hit.start, hit.end, hit.found, len({n for row in reading.body for n in of if n in row.asks}), most
                )

    def _demanded(reading: Reading) -> Iterator[Hit]:
        places, last = [], -1
        for match in sorted(demanding.find(reading.text), key=lambda match: (match.first, -match.last)):
            if match.first >= last and reading.labelled[match.sentence] in reading.body:
                places.append(match)
                last = match.last
        if len(places) > most_demands:
            place = places[most_demands]
            start, end = reading.text.start(place.first), reading.text.end(place.last - 1)
            yield Hit(start, end, reading.draft.text[start:end], len(places), most_demands)

    return look


def questions(*, most: int) -> Look:
    """More than `most` question marks that end a sentence."""

    def look(reading: Reading) -> Iterator[Hit]:
        asking = [line for line in reading.body if "?" in reading.says(line)[-3:]]
        if len(asking) > most:
            hit = _quote(reading, asking[most])
            yield Hit(hit.start, hit.end, hit.found, len(asking), most)

    return look


def closed_questions(*, openers: list[str]) -> Look:
    """Every question of the message starts with a word that invites yes or no."""
    heads = frozenset(openers)

    def look(reading: Reading) -> Iterator[Hit]:
        asking = [line for line in reading.body if reading.says(line).endswith("?")]
        if asking and all(reading.text.forms[line.sentence.first] in heads for line in asking):
            yield _quote(reading, asking[-1])

    return look


def self_share(*, most: float, least_sentences: int) -> Look:
    """More than the share `most` of at least `least_sentences` sentences speaks of the sender and not of the reader."""
    me, you = lexicon()["me"], lexicon()["you"]

    def look(reading: Reading) -> Iterator[Hit]:
        body = reading.body
        told = [line for line in body if not reading.says(line).endswith("?")]
        own = [line for line in told if not me.isdisjoint(line.forms) and you.isdisjoint(line.forms)]
        if len(body) >= least_sentences and len(own) > most * len(body):
            hit = _quote(reading, own[0])
            yield Hit(hit.start, hit.end, hit.found, len(own), len(body))

    return look
