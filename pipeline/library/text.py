"""A file that is one message comes in, with or without front matter; a Volume of one template goes out."""

from functools import partial
from pathlib import Path

from pipeline import drafts
from pipeline.errors import LibraryError
from pipeline.library import front
from pipeline.library.body import LINE_END, Body, unfit
from pipeline.library.encoding import decode, encode, page
from pipeline.library.mapping import Columns
from pipeline.library.template import Entry, Slot, Template, Volume

SUFFIXES = drafts.ENDINGS


def read(path: Path, data: bytes, _columns: Columns) -> Volume:
    """As `message`: one message has no columns."""
    return message(path, data)


def message(path: Path, data: bytes) -> Volume:
    """The message below the front matter; a subject is that of the front matter, or the one above the text.

    LibraryError, BriefError: the file cannot be used.
    """
    if len(data) > drafts.LARGEST:
        raise LibraryError(f"over the limit of {drafts.LARGEST:,} bytes: give one message")
    leaf = page(data, latin=True)
    text = decode(leaf.data, leaf.codec)
    header, _, line = drafts.split(LINE_END.sub("\n", text), str(path))
    start = _offset(text, line)
    body = Body.of(text[start:], own="subject" in header)
    if wrong := unfit(body.text):
        raise LibraryError(wrong)
    subject = header.get("subject", body.subject)
    table = {key: value for key, value in header.items() if key != "subject" or not isinstance(value, str)}
    above = len(LINE_END.findall(body.before + (body.subject or "") + body.gap))
    place = front.subject(text[:start]) if isinstance(header.get("subject"), str) and leaf.codec == "utf-8" else None
    has = place is not None or body.subject is not None
    template = Template("", body.text, subject if isinstance(subject, str) else "", table, line + above, has)
    first = len(text[:start].encode(leaf.codec))
    slot = Slot(first, len(leaf.data), partial(_written, codec=leaf.codec, open_front=not header))
    return Volume(path, leaf, (Entry(template, body, str(path), slot, place),), {"": 0})


def _written(value: str, codec: str, open_front: bool) -> bytes:
    if open_front and (drafts.FRONT.match(value) or drafts.UNCLOSED.match(value)):
        raise LibraryError("the new text would be read as front matter: begin it with the message")
    return encode(value, codec)


def _offset(text: str, line: int) -> int:
    """Where a line, from 1, begins."""
    ends = LINE_END.finditer(text)
    return next((end.end() for number, end in enumerate(ends, 2) if number == line), 0 if line == 1 else len(text))
