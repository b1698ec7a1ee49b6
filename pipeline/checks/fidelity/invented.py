"""Numbers, dates, links and names of a rewrite that stand neither in draft nor brief. Reading in, Hits out."""

import re
from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.checks.fidelity.names import signed_by_another, strange_names
from pipeline.checks.fidelity.sources import parsed, source_of, word_hit
from pipeline.checks.figures import dates, figures, value
from pipeline.domain import Hit, Look
from pipeline.text import Text, is_link


def invented(*, what: str) -> Look:
    """A "number" (also one that now counts something else), "date", "link" or "name" of neither draft nor brief."""
    strange = {"number": _numbers, "date": _dates, "link": _links, "name": strange_names}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = parsed(source_of(reading.draft.first))
        for text, part in ((reading.text, "body"), (reading.subject, "subject")):
            for i in strange(text, known):
                yield word_hit(text, i, part)
        if what == "name":
            yield from signed_by_another(reading)

    return look


def _numbers(text: Text, known: Text) -> Iterator[int]:
    sources = list(figures(known))
    values = {value(form) for form in known.forms}
    for figure in figures(text):
        same = [one for one in sources if one.value == figure.value]
        others = {word for one in sources if one.value != figure.value for word in one.counts[:2]}
        counted = {word for one in same for word in one.counts}
        units = {one.unit for one in same if one.unit}
        if text.forms[figure.index] in known.vocabulary and not same:
            continue
        if (
            figure.value not in values
            or (figure.unit and units and figure.unit not in units)
            or (figure.unit in {"€", "$", "£", "¥"} and not units)
            or (figure.counts and counted and figure.counts[0] not in counted and figure.counts[0] in others)
        ):
            yield figure.index


def _dates(text: Text, known: Text) -> Iterator[int]:
    there = set(dates(known).values())
    return (i for i, name in dates(text).items() if name not in there)


def _links(text: Text, known: Text) -> Iterator[int]:
    there = {_bare(form) for form in known.forms if is_link(form)}
    return (i for i, form in enumerate(text.forms) if is_link(form) and _bare(form) not in there)


def _bare(link: str) -> str:
    return re.sub(r"^https?://|^www\.|^https?://www\.", "", link).rstrip("/")
