"""A workbook comes in (.xlsx); a Volume of the rows of one sheet goes out that changes single cells of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from pipeline.errors import LibraryError
from pipeline.library import archive, workbook
from pipeline.library.body import Body
from pipeline.library.mapping import Columns, found, table
from pipeline.library.rows import collected
from pipeline.library.template import Entry, Page, Slot, Template, Volume
from pipeline.library.workbook import Cell, Sheet, String

SUFFIXES = frozenset({".xlsx"})


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet with its header: which column is what."""

    path: Path
    data: bytes
    strings: Sequence[String]
    names: dict[int, str]
    parts: dict[str, str]

    def spot(self, cells: Sequence[Cell]) -> str:
        return f"{self.path} row {cells[0].row}"

    def entry(self, cells: Sequence[Cell]) -> Entry:
        """The template of a row. LibraryError: why it has none."""
        cell_of = {self.names[cell.column]: cell for cell in cells if cell.column in self.names}
        values = {name: said(cell, self.strings) for name, cell in cell_of.items()}
        text, subject = cell_of.get(self.parts["text"]), cell_of.get(self.parts.get("subject", ""))
        if not text or not (written := self._string(text)).strip():
            raise LibraryError("no text in this row: write one, or remove the row")
        above = self._string(subject) if subject else ""
        body = Body.of(written, own="subject" in self.parts)
        name = values.get(self.parts.get("id", ""), "").strip() or f"row {cells[0].row}"
        message = Template(
            name,
            body.text,
            above.strip() or body.subject or "",
            table(self.parts, values),
            cells[0].row,
            subject is not None or body.subject is not None,
        )
        return Entry(message, body, self.spot(cells), self._slot(text), self._slot(subject) if subject else None)

    def _string(self, cell: Cell) -> str:
        """The text of a cell that is text. LibraryError: it is something else."""
        text = said(cell, self.strings)
        if cell.formula:
            raise LibraryError("a formula stands where a text is meant: paste its value")
        if text and cell.kind not in {"s", "inlineStr", "str"}:
            raise LibraryError(f"{text[:40]!r} is not text: format the cell as text")
        return text

    def _slot(self, cell: Cell) -> Slot:
        rich = self.strings[int(cell.text)].rich if cell.kind == "s" and cell.text else cell.rich
        old = self.data[cell.start : cell.end]
        return Slot(cell.start, cell.end, partial(workbook.written, old=old, rich=rich))


def said(cell: Cell, strings: Sequence[String]) -> str:
    """What a cell says."""
    if cell.kind == "s" and cell.text:
        try:
            return strings[int(cell.text)].text
        except (ValueError, IndexError) as error:
            raise LibraryError(f"the cell's string {cell.text[:20]!r} is missing: save the workbook anew") from error
    return {"1": "true", "0": "false"}.get(cell.text, cell.text) if cell.kind == "b" else cell.text


def read(path: Path, data: bytes, columns: Columns) -> Volume:
    """The rows of the first sheet whose header names a text. LibraryError: there is none, or it is no workbook."""
    zipped = archive.members(data)
    shared = "xl/sharedStrings.xml"
    strings = workbook.strings(archive.content(zipped, shared)) if shared in zipped.namelist() else []
    faults = []
    for name in _sheets(zipped):
        inner = archive.content(zipped, name)
        rows = list(_rows(Sheet(inner).cells))
        header = {cell.column: said(cell, strings).strip() for cell in rows[0]} if rows else {}
        try:
            parts = found(columns, header.values())
        except LibraryError as error:
            faults.append(error)
            continue
        sheet = _Table(path, inner, strings, header, parts)
        page = Page(inner, "utf-8", partial(_sealed, data=data, name=name, old=inner))
        return collected(path, page, rows[1:], sheet.entry, sheet.spot, [])
    raise faults[0] if faults else LibraryError(archive.BROKEN)


def _sealed(inner: bytes, data: bytes, name: str, old: bytes) -> bytes:
    return data if inner == old else archive.replaced(data, name, inner)


def _sheets(zipped: ZipFile) -> Iterator[str]:
    """The members that hold the sheets, in the order of the workbook."""
    rels = workbook.tags(archive.content(zipped, "xl/_rels/workbook.xml.rels"), "Relationship")
    targets = {one.get("Id", ""): one.get("Target", "") for one in rels}
    for sheet in workbook.tags(archive.content(zipped, "xl/workbook.xml"), "sheet"):
        key = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        target = targets.get(key, "")
        name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if name in zipped.namelist():
            yield name


def _rows(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """The cells of each row that is not blank."""
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    for row in rows.values():
        if any(cell.formula or cell.text.strip() for cell in row):
            yield row
