"""What the draft says and the rewrite no longer does. Reading in, Hits out."""

import re
from collections.abc import Iterator

from pipeline.acts import Labelled, Reading
from pipeline.checks.fidelity.answers import answers
from pipeline.checks.fidelity.sources import parsed
from pipeline.checks.figures import dates, figures, value
from pipeline.domain import Act, Hit, Look
from pipeline.lexicon import content, lexicon
from pipeline.text import FIELD, is_link, plain


def lost(*, what: str) -> Look:
    """What the draft says and the rewrite no longer does, as one hit.

    "answers" (figures, dates, links and the yes that answer the message received), "figures" (those of what is
    offered), "name" (the sender's, where it was signed) or "message" (nearly all of it).
    """
    find = {"answers": _lost_answers, "figures": _lost_figures, "name": _lost_name, "message": _lost_message}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        gone = list(dict.fromkeys(find(reading, reading.origin))) if reading.draft.origin is not None else []
        if gone:
            yield Hit(0, 0, ", ".join(gone))

    return look


def _missing(reading: Reading, origin: Reading, line: Labelled) -> Iterator[str]:
    """The figures, dates and links of a sentence of the draft that stand nowhere in the rewrite."""
    text, now = origin.text, reading.text
    kept, days = {value(form) for form in now.forms}, set(dates(now).values())
    within = range(line.sentence.first, line.sentence.last)
    yield from (
        text.written[f.index]
        for f in figures(text)
        if f.index in within and f.value not in kept and _written(text.forms[f.index])
    )
    yield from (text.written[i] for i, name in dates(text).items() if i in within and name not in days)
    yield from (text.written[i] for i in within if is_link(text.forms[i]) and text.forms[i] not in now.vocabulary)


def _written(form: str) -> bool:
    """Whether a number is one, and no name that ends in a figure ("text2")."""
    return form.isalpha() or not form[0].isalpha()


def _lost_answers(reading: Reading, origin: Reading) -> Iterator[str]:
    brief = reading.draft.brief
    received = {value(form) for form in parsed(brief.history.received).forms} - {""}
    asked = content(parsed(f"{brief.history.received}\n{brief.goal}"))
    for line in origin.labelled:
        forms = line.forms
        story = not lexicon()["past"].isdisjoint(forms) and not lexicon()["me"].isdisjoint(forms)
        dated = any(line.sentence.first <= i < line.sentence.last for i in dates(origin.text))
        money = any(
            f.unit in {"€", "$", "£", "cedi", "pln", "kes", "sek", "czk"}
            for f in figures(origin.text)
            if line.sentence.first <= f.index < line.sentence.last
        )
        if (line.acts & {Act.PRESSURE, Act.SIGNATURE} and not dated) or story:
            continue
        if (
            dated
            or money
            or asked & line.content
            or not lexicon()["you"].isdisjoint(forms)
            or (line.sentence.last - line.sentence.first > 2 and lexicon()["me"].isdisjoint(forms))
        ):
            yield from (
                gone
                for gone in _missing(reading, origin, line)
                if value(gone.lower()) not in received and not _year(gone, dated)
            )
    if (
        (plain := answers(origin))
        and not answers(reading)
        and plain == {"yes"}
        and {"glad", "gladly", "happy", "pleased", "welcome", "course", "love"}.isdisjoint(reading.text.vocabulary)
    ):
        yield "yes"


def _year(written: str, dated: bool) -> bool:
    return not dated and re.fullmatch(r"(?:19|20)\d\d", written) is not None


def _lost_figures(reading: Reading, origin: Reading) -> Iterator[str]:
    for line in origin.labelled:
        brags = not lexicon()["brag"].isdisjoint(line.forms)
        if Act.VALUE in line.acts and not brags and not line.acts & {Act.PRESSURE, Act.FILLER}:
            yield from (gone for gone in _missing(reading, origin, line) if not _year(gone, dated=False))


def _lost_name(reading: Reading, origin: Reading) -> Iterator[str]:
    name = frozenset(parsed(plain(reading.draft.brief.sender.name)).forms)
    signed = frozenset(
        form for line in origin.having(Act.SIGNATURE) for form in line.forms if form[0] != FIELD and form.isalpha()
    )
    signed -= lexicon()["sign"] | lexicon()["common"]
    there = name.intersection(map(plain, origin.text.vocabulary)) or signed
    if there and there.isdisjoint(map(plain, reading.text.vocabulary)):
        yield " ".join(word.capitalize() for word in sorted(there))


def _lost_message(reading: Reading, origin: Reading) -> Iterator[str]:
    idle = {Act.FILLER, Act.PRESSURE, Act.ASK, Act.THANKS, Act.CLOSE}
    before = frozenset().union(*(line.content for line in origin.body if not line.acts & idle))
    kept = (content(origin.text) | content(parsed(reading.draft.brief.goal))) & content(reading.text)
    emptied = len(before) >= 4 and len(kept) < 2
    if emptied or (len(origin.text.forms) >= 12 and len(reading.text.forms) < 5):
        yield " ".join(origin.draft.text.split()[:12])
