"""Merge fields left open, and links. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.domain import Hit, Look
from pipeline.fields import Role, scan
from pipeline.text import is_link


def fields(*, state: str) -> Look:
    """Merge fields that a reader would see raw.

    The state is "unfilled" (any field, in a finished message), "forgotten" (a bracket to fill by hand in a message to
    somebody whose name is known, or among fields that a program fills), or "to-do" (an instruction left in brackets).
    """

    def look(reading: Reading) -> Iterator[Hit]:
        mixed = any(not field.by_hand for field in reading.scan.fields)
        meant = mixed or bool(reading.draft.brief.to.name)
        for field in reading.scan.fields:
            todo = field.role is Role.TODO
            if (
                (state == "unfilled" and reading.draft.filled)
                or (state == "to-do" and todo)
                or (state == "forgotten" and field.by_hand and not todo and meant)
            ):
                yield Hit(field.start, field.end, field.raw)
        if reading.draft.filled and state == "unfilled":
            for field in scan(reading.draft.subject).fields:
                yield Hit(field.start, field.end, field.raw, part="subject")

    return look


def links(*, most: int) -> Look:
    """More than `most` web or mail addresses outside the signature; the hit is the first one too many."""

    def look(reading: Reading) -> Iterator[Hit]:
        text = reading.text
        found = [
            i for line in reading.body for i in range(line.sentence.first, line.sentence.last) if is_link(text.forms[i])
        ]
        if len(found) > most:
            i = found[most]
            yield Hit(text.start(i), text.end(i), text.written[i], len(found), most)

    return look
