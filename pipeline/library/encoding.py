"""A file's bytes come in; a Page goes out whose data is ASCII-compatible text, whatever the file's own encoding."""

import codecs
import re

from pipeline.errors import LibraryError
from pipeline.library.template import Page

WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MANY = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of several bytes in UTF-8: a file with one is meant as UTF-8, even where other rows are not."""
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""The bytes that Windows-1252 does not define."""
STEP = 1 << 20


def page(data: bytes, *, latin: bool = False) -> Page:
    """The page of a file in UTF-8, with or without BOM, or UTF-16 with one; with `latin` also in Windows-1252.

    Rows of a UTF-8 page may still hold other bytes: `decode` tells. LibraryError: UTF-16 that is none.
    """
    if data.startswith(codecs.BOM_UTF8):
        return Page(data[3:], "utf-8", lambda inner: codecs.BOM_UTF8 + inner)
    bom = data[:2]
    if bom in WIDE:
        codec = WIDE[bom]
        try:
            inner = data[2:].decode(codec).encode()
        except UnicodeDecodeError as error:
            raise LibraryError(f"broken UTF-16 at byte offset {error.start + 2}: save the file as UTF-8") from error
        return Page(inner, "utf-8", lambda inner: bom + inner.decode().encode(codec))
    if latin and not MANY.search(data) and not UNDEFINED.search(data) and not _is_utf8(data):
        return Page(data, "cp1252")
    return Page(data)


def _is_utf8(data: bytes) -> bool:
    """Whether all of it is UTF-8, tried by the megabyte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), STEP):
            decoder.decode(data[at : at + STEP])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, codec: str) -> str:
    """Some of a page's data as text. LibraryError: the byte that is not of its encoding."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        bad = data[error.start]
        raise LibraryError(f"not {codec.upper()} (byte 0x{bad:02x}): save the whole file as UTF-8") from error


def encode(text: str, codec: str) -> bytes:
    """A new text in a page's encoding. LibraryError: it has no such character, or they would be read as UTF-8."""
    try:
        data = text.encode(codec)
    except UnicodeEncodeError as error:
        bad = error.object[error.start]
        raise LibraryError(
            f"the encoding of this file has no {bad!r} (U+{ord(bad):04X}): save the file as UTF-8"
        ) from error
    if codec != "utf-8" and MANY.search(data):
        raise LibraryError("the file would be taken for UTF-8 with these characters: save it as UTF-8")
    return data
