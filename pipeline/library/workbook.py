"""The parts of a workbook in XML come in; its strings and the cells of a sheet, with their places in bytes, go out."""

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from pipeline.errors import LibraryError
from pipeline.library.archive import BROKEN

TAG = re.compile(rb"<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>")
KIND = re.compile(rb"\s+t\s*=\s*(?:\"[^\"]*\"|'[^']*')")
CODE = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character that XML cannot hold."""
RAW = re.compile("[\r\ufffe\uffff]")
MOST = 32_767
"""Characters that a cell takes."""


class Cell(NamedTuple):
    """A cell: its row and column from 1, its place in the sheet's bytes, its type, what it says, and what stands in it.

    `text` is an index where `kind` is "s". `formula`: it is computed. `rich`: it is formatted in parts.
    """

    row: int
    column: int
    start: int
    end: int
    kind: str
    text: str
    formula: bool
    rich: bool


class String(NamedTuple):
    """A string that cells share."""

    text: str
    rich: bool


Attributes = dict[str, str]


def walk(
    data: bytes,
    start: Callable[[str, Attributes, int], None],
    end: Callable[[str, int], None],
    said: Callable[[str], None],
) -> None:
    """Tell the tags, by their names without prefix and their places, and the text. LibraryError: no sound XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, given: start(name.rpartition(":")[2], given, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2], parser.CurrentByteIndex)
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = _refused  # no entities: nothing is expanded, nothing is fetched
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise LibraryError(BROKEN) from error


def _refused(*_: object) -> None:
    raise LibraryError(BROKEN)


def tags(data: bytes, name: str) -> list[Attributes]:
    """The attributes of every tag of this name."""
    found: list[Attributes] = []
    walk(data, lambda tag, given, _: found.append(given) if tag == name else None, lambda *_: None, lambda _: None)
    return found


def strings(data: bytes) -> list[String]:
    """The strings that cells share, by their index; how words are spoken is left out."""
    found: list[String] = []
    parts: list[str] = []
    open_tags: list[str] = []

    def start(name: str, _: Attributes, __: int) -> None:
        open_tags.append(name)
        if name == "si":
            parts.clear()
            found.append(String("", rich=False))
        elif name == "r" and found:
            found[-1] = found[-1]._replace(rich=True)

    def end(name: str, _: int) -> None:
        open_tags.pop()
        if name == "si":
            found[-1] = found[-1]._replace(text=_plain("".join(parts)))

    def said(text: str) -> None:
        if open_tags[-1] == "t" and "rPh" not in open_tags:
            parts.append(text)

    walk(data, start, end, said)
    return found


class Sheet:
    """Gathers the cells of one sheet."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.cells: list[Cell] = []
        self.row = self.column = 0
        self.open: list[str] = []
        self.given: Attributes = {}
        self.parts: list[str] = []
        self.at = 0
        self.seen: set[str] = set()
        walk(data, self._start, self._end, self._said)

    def _start(self, name: str, given: Attributes, at: int) -> None:
        self.open.append(name)
        self.seen.add(name)
        if name == "row":
            self.row, self.column = int(given.get("r", self.row + 1)), 0
        elif name == "c":
            self.column = _column(given["r"]) if "r" in given else self.column + 1
            self.given, self.at, self.parts, self.seen = given, at, [], set()

    def _said(self, text: str) -> None:
        if self.open[-1] == "v" or (self.open[-1] == "t" and "is" in self.open and "rPh" not in self.open):
            self.parts.append(text)

    def _end(self, name: str, at: int) -> None:
        self.open.pop()
        if name != "c":
            return
        kind, text = self.given.get("t", "n"), "".join(self.parts)
        tag = TAG.match(self.data, self.at)
        if tag and not tag[0].endswith(b"/>"):
            tag = TAG.match(self.data, at)
        end = tag.end() if tag else at
        text = _plain(text) if kind in {"inlineStr", "str"} else text
        formula, rich = "f" in self.seen, "r" in self.seen
        self.cells.append(Cell(self.row, self.column, self.at, end, kind, text, formula, rich))


def _column(name: str) -> int:
    """The number of a column, from 1: "AB12" is 28."""
    number = 0
    for letter in name.rstrip("0123456789").replace("$", ""):
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _plain(text: str) -> str:
    return CODE.sub(lambda found: chr(int(found[1], 16)), text)


def written(new: str, old: bytes, *, rich: bool = False) -> bytes:
    """A cell with a string of its own in it, its style kept; never a formula. LibraryError: it cannot hold it."""
    if rich:
        raise LibraryError("the cell is formatted in parts, which a new text would lose: clear its formatting")
    if len(new.encode("utf-16-le")) // 2 > MOST:
        raise LibraryError(f"a cell takes {MOST:,} characters: shorten the text")
    found = TAG.match(old)
    tag = KIND.sub(b"", found[0] if found else old).rstrip(b">").rstrip(b"/").rstrip()
    name = tag[1:].split(None, 1)[0]
    prefix = name[: name.rfind(b":") + 1].decode()
    text = RAW.sub(lambda sign: f"_x{ord(sign[0]):04X}_", CODE.sub(lambda code: f"_x005F{code[0]}", new))
    inner = f'<{prefix}is><{prefix}t xml:space="preserve">{escape(text)}</{prefix}t></{prefix}is>'
    return tag + b' t="inlineStr">' + inner.encode() + b"</" + name + b">"
