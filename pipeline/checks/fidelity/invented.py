"""Numbers, dates, links and names of a rewrite that stand neither in draft nor brief. Reading in, Hits out."""

import re
from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.checks.fidelity.names import signed_by_another, strange_names
from pipeline.checks.fidelity.numbers import strange_numbers
from pipeline.checks.fidelity.reasons import reasons
from pipeline.checks.fidelity.sources import parsed, source_of, word_hit
from pipeline.checks.figures import dates
from pipeline.domain import Hit, Look
from pipeline.text import INNER_DOT, Text, is_link

SITE = re.compile(r"\b[\w-]{2,}(?:\.[\w-]{2,})*\.[a-z]{2,8}\b(?:/[\w/-]+)?")
"""Whatever is written like the address of a site."""


def invented(*, what: str) -> Look:
    """A "number" (or one that counts something else there), "date", "link", "name" or "reason" from nowhere."""
    if what == "reason":
        return lambda reading: reasons(reading) if reading.draft.origin is not None else iter(())
    strange = {"number": strange_numbers, "date": _dates, "link": _links, "name": strange_names}[what]

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        known = parsed(source_of(reading.origin))
        for text, part in ((reading.text, "body"), (reading.subject, "subject")):
            for i in strange(text, known):
                yield word_hit(text, i, part)
        if what == "name":
            yield from signed_by_another(reading)

    return look


def _dates(text: Text, known: Text) -> Iterator[int]:
    there = set(dates(known).values())
    return (i for i, name in dates(text).items() if name not in there)


def _links(text: Text, known: Text) -> Iterator[int]:
    links = [i for i, form in enumerate(text.forms) if is_link(form)]
    there = {_bare(form) for form in known.forms if is_link(form)} if links else set()
    yield from (i for i in links if _bare(text.forms[i]) not in there)
    sites = list(SITE.finditer(text.raw)) if INNER_DOT.search(text.raw) else []
    given = known.raw.lower() if sites else ""
    strange = [found.start() for found in sites if _bare(found.group().lower()) not in given]
    for at in strange:
        i = next((i for i in range(len(text.forms)) if text.start(i) <= at < text.end(i)), -1)
        if i >= 0 and not is_link(text.forms[i]):
            yield i


def _bare(link: str) -> str:
    return re.sub(r"^https?://|^www\.|^https?://www\.", "", link).rstrip("/")
