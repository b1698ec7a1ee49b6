"""A delimited file of any dialect comes in (.csv, .tsv); a Volume goes out that changes single cells of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import LibraryError
from pipeline.library import cells as scan
from pipeline.library.body import Body
from pipeline.library.cells import Cell, Dialect
from pipeline.library.encoding import decode, page
from pipeline.library.mapping import Columns, found, table
from pipeline.library.rows import Packed, collected
from pipeline.library.template import Entry, Page, Slot, Template, Volume

SUFFIXES = frozenset({".csv", ".tsv"})


class _Row(NamedTuple):
    """Where a row begins in the data, its line in the file, and its number, the header's being 1."""

    start: int
    line: int
    number: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file with its dialect, the names of its columns, and which of them is what."""

    path: Path
    page: Page
    dialect: Dialect
    names: list[str]
    parts: dict[str, str]
    torn: bool
    """Whether the quotes of the file are odd in number: one of them is never closed."""

    def spot(self, row: _Row) -> str:
        return f"{self.path}:{row.line}"

    def rows(self) -> Iterator[_Row]:
        """Every row below the header that is not blank."""
        data = self.page.data
        sign = b"\n" if b"\n" in data else b"\r"
        line, last = 1, 0
        for number, (start, cells) in enumerate(scan.rows(data, self.dialect), 1):
            line, last = line + data.count(sign, last, start), start
            if number > 1 and any(cell.inner.strip() for cell in cells):
                yield _Row(start, line, number)

    def entry(self, row: _Row) -> Entry:
        """The template of a row. LibraryError: why it has none."""
        cells, _ = scan.row(self.page.data, row.start, self.dialect)
        if wrong := scan.flaw(cells, len(self.names)):
            raise LibraryError(wrong)
        cell_of = dict(zip(self.names, cells, strict=False))
        values = {name: self._value(cell_of[name]) for name in self.parts.values()}
        said = {key: values[name] for key, name in self.parts.items() if key in {"text", "subject", "id"}}
        body = Body.of(said["text"], own="subject" in said)
        subject = said.get("subject", body.subject or "").strip()
        name = said.get("id", "").strip() or f"row {row.number}"
        line = row.line + self.page.data.count(b"\n", row.start, cell_of[self.parts["text"]].start)
        has = "subject" in said or body.subject is not None
        message = Template(name, body.text, subject, table(self.parts, values), line, has)
        places = {key: self._slot(cell_of[self.parts[key]], said[key]) for key in said if key != "id"}
        return Entry(message, body, self.spot(row), places["text"], places.get("subject"))

    def _value(self, cell: Cell) -> str:
        decode(cell.inner, self.page.codec)
        return scan.value(cell, self.dialect, self.page.codec)

    def _slot(self, cell: Cell, old: str) -> Slot:
        write = partial(self._written, old=old, cell=cell)
        return Slot(cell.start, cell.end, write)

    def _written(self, new: str, old: str, cell: Cell) -> bytes:
        """A cell's new bytes. LibraryError: they have quotes, and one of the file's is open: they would close it."""
        made = scan.written(new, old, cell, self.dialect, self.page.codec)
        quote = self.dialect.quote.encode()
        if self.torn and quote and quote in made:
            raise LibraryError("a quote in this file is never closed: close it")
        return made


def read(path: Path, data: bytes, columns: Columns) -> Volume:
    """The rows below the header. LibraryError: no column is the text, or the header is of another encoding."""
    leaf = page(data, latin=True)
    headers = scan.headers(leaf.data, "\t" if path.suffix.lower() == ".tsv" else ",")
    faults = []
    for dialect, inner in headers:
        names = [decode(name, leaf.codec).strip() for name in inner]
        try:
            parts = found(columns, names)
        except LibraryError as error:
            faults.append(error)
            continue
        own = scan.settled(leaf.data, dialect, len(names))
        torn = not own.escape and bool(own.quote) and leaf.data.count(own.quote.encode()) % 2 == 1
        sheet = _Sheet(path, leaf, own, names, parts, torn)
        return collected(path, leaf, sheet.rows(), sheet.entry, sheet.spot, Packed(_Row, 3))
    raise faults[0]
