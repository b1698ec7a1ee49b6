"""The bytes of a delimited file come in; its dialect and the places of its cells go out, so that one can be changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import LibraryError
from pipeline.library.encoding import encode

DELIMITERS = (",", ";", "\t", "|")
FORMULA = tuple("=+-@")
"""What a spreadsheet takes for the start of a formula."""
SEPARATOR = re.compile(rb"sep=([\t -~])(?:\r\n|\r|\n)", re.IGNORECASE)
"""The line above the header in which a spreadsheet is told the delimiter."""
ENDS = "\r\n"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted, quoted and escaped; "" where a file has no such sign. `start`: where the header begins."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    start: int = 0


class Cell(NamedTuple):
    """One cell: where it stands in the data with its quotes, and what is in it, still escaped, in bytes."""

    start: int
    end: int
    inner: bytes
    quoted: bool
    broken: bool


@lru_cache(maxsize=64)
def _pattern(dialect: Dialect) -> re.Pattern[bytes]:
    part, quote, escape = (re.escape(sign) for sign in (dialect.delimiter, dialect.quote, dialect.escape))
    stop = rf"[{part}\r\n]"
    bare = rf"((?:{escape}.|[^{part}{escape}\r\n]|{escape})*+)" if escape else rf"([^{stop[1:]}*+)"
    inner = (
        rf"(?:[^{quote}{escape}]++|{escape}.|{quote}{quote})*+"
        if escape
        else f"[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+"
    )
    whole = rf"(?:[ ]*{quote}({inner}){quote}([^{stop[1:]}*)|{bare})" if quote else rf"(?:(?!)()()|{bare})"
    return re.compile(rf"(?s){whole}({part + '|' if part else ''}\r\n|\r|\n|\Z)".encode())


def row(data: bytes, at: int, dialect: Dialect) -> tuple[list[Cell], int]:
    """The cells of the row that begins here, and where the next begins."""
    match, quote = _pattern(dialect).match, dialect.quote.encode()
    cells: list[Cell] = []
    while True:
        found = match(data, at)
        if not found:  # never: a bare cell may be empty and ends at the latest with the data
            raise LibraryError("a cell without an end")
        inner, junk, bare, end = found.groups()
        following = found.end()
        if inner is None:
            cells.append(Cell(at, following - len(end), bare, quoted=False, broken=_opens(bare, quote)))
        else:
            cells.append(Cell(at, following - len(end), inner, quoted=True, broken=bool(junk.strip())))
        at = following
        if not end or end in b"\r\n":
            return cells, at


def _opens(inner: bytes, quote: bytes) -> bool:
    """A bare cell with a quote where one would be opened: one was never closed, or quotes are none in this file."""
    sign = inner.strip()
    if quote:
        return sign.startswith(quote)
    return len(sign) > 1 and sign[:1] == sign[-1:] == b'"'


def rows(data: bytes, dialect: Dialect) -> Iterator[tuple[int, list[Cell]]]:
    """Where each row begins, and its cells."""
    at = dialect.start
    while at < len(data):
        cells, following = row(data, at, dialect)
        yield at, cells
        at = following


def value(cell: Cell, dialect: Dialect, codec: str) -> str:
    """What a cell says. UnicodeDecodeError where it is of another encoding."""
    text = cell.inner.decode(codec)
    quote, escape = re.escape(dialect.quote), re.escape(dialect.escape)
    if cell.quoted and not escape:
        return text.replace(2 * dialect.quote, dialect.quote)
    if escape:
        return re.sub(rf"(?s){escape}(.)|{quote}({quote})" if cell.quoted else rf"(?s){escape}(.)()", r"\1\2", text)
    return text


def written(new: str, old: str, cell: Cell, dialect: Dialect, codec: str) -> bytes:
    """A cell's bytes with something else in it, quoted if the old was or if it must be. LibraryError: it cannot be.

    What a spreadsheet would take for a formula is refused where the old was none.
    """
    if new.lstrip().startswith(FORMULA) and not old.lstrip().startswith(FORMULA):
        raise LibraryError(f"a spreadsheet would take {new.lstrip()[:20]!r} for a formula: begin it with a letter")
    quote, escape = dialect.quote, dialect.escape
    signs = {dialect.delimiter or ",", quote, escape, *ENDS} - {""}
    if not dialect.delimiter:
        signs |= set(DELIMITERS)
    special = any(sign in new for sign in signs) or not new.strip() or new != new.strip()
    if not quote:
        if any(sign in new for sign in (dialect.delimiter, *ENDS) if sign) or new.lstrip().startswith('"'):
            raise LibraryError("the cells of this file have no quotes: write one line without its delimiter")
        return encode(new, codec)
    if not cell.quoted and not special:
        return encode(new, codec)
    doubled = escape + quote if escape else 2 * quote
    inner = (new.replace(escape, 2 * escape) if escape else new).replace(quote, doubled)
    return encode(f"{quote}{inner}{quote}", codec)


# ── The dialect ───────────────────────────────────────────────────────────────────────────────────────────────────────


def headers(data: bytes, first: str) -> list[tuple[Dialect, list[bytes]]]:
    """The header under each delimiter, the most columns first; `first` is the likeliest delimiter.

    Only the header decides on delimiter and quote, so that no text of a row can change how the file is read.
    """
    if told := SEPARATOR.match(data):
        delimiters: Sequence[str] = (told[1].decode("latin-1"),)
    else:
        delimiters = (first, *(sign for sign in DELIMITERS if sign != first))
    start = told.end() if told else 0
    quote = "'" if data[start:].lstrip(b" ")[:1] == b"'" else '"'
    read = []
    for sign in delimiters:
        one = Dialect(sign, quote, start=start)
        read.append((one, [cell.inner for cell in row(data, start, one)[0]]))
    read.sort(key=lambda pair: -len(pair[1]))
    if len(read[0][1]) == 1 and not told:
        one = Dialect("", quote, start=start)
        return [(one, [cell.inner for cell in row(data, start, one)[0]])]
    return read


def settled(data: bytes, dialect: Dialect, width: int) -> Dialect:
    """The dialect with escapes, or without quotes, where fewer rows are broken that way."""
    found = [dialect]
    if dialect.quote and f"\\{dialect.quote}".encode() in data:
        found.append(replace(dialect, escape="\\"))
    if dialect.quote == '"' and dialect.delimiter == "\t":
        found.append(replace(dialect, quote=""))
    if len(found) == 1:
        return dialect
    return min(found, key=lambda one: sum(bool(flaw(cells, width)) for _, cells in rows(data, one)))


def flaw(cells: Sequence[Cell], width: int) -> str:
    """What is wrong with a row of a file that is so many cells wide, with the remedy; "" if nothing."""
    if any(cell.broken for cell in cells):
        return "a quote that is not closed, or text behind a closed one: double the quotes inside a text"
    if len(cells) < width:
        return f"{len(cells)} cells where the header has {width}: add the missing ones"
    if any(cell.inner.strip() for cell in cells[width:]):
        return f"{len(cells)} cells where the header has {width}: put quotes around a text that holds the delimiter"
    return ""
