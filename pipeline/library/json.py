"""A JSON file comes in; its tree and a Volume go out: only the literals of changed strings are written anew."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import LibraryError
from pipeline.library import tree
from pipeline.library.encoding import page
from pipeline.library.mapping import Columns
from pipeline.library.rows import collected
from pipeline.library.template import Slot, Volume
from pipeline.library.tree import Leaf, Lines, Node, Record, Wrong

_scanstring: Callable[[str, int], tuple[str, int]] = vars(json.decoder)["scanstring"]
"""Where a string ends: in no stub, but older than any of them."""
SUFFIXES = frozenset({".json"})
SPACE = re.compile(r"[ \t\r\n]*")
ATOM = re.compile(r"-?[0-9.eE+-]+|true|false|null")


def read(path: Path, data: bytes, columns: Columns) -> Volume:
    """A list of objects or texts, or an object of them. LibraryError: it is no JSON, or holds no templates."""
    leaf = page(data)
    lines = Lines(leaf.data)
    found = [record._replace(line=_line(record.node, lines)) for record in tree.records(parse(leaf.data), columns)]

    def spot(record: Record) -> str:
        return f"{path}:{record.line}" if record.line else f"{path} row {record.number}"

    volume = collected(path, leaf, found, lambda one: tree.entry(one, columns, spot(one), lines.of), spot, [])
    return tree.told_once(volume)


def _line(node: Node, lines: Lines) -> int:
    """The line of the first string of a record; 0 where it has none."""
    if isinstance(node, (dict, list)):
        inner = node.values() if isinstance(node, dict) else node
        return next((line for line in (_line(one, lines) for one in inner) if line), 0)
    return lines.of(node.slot.start) if isinstance(node, Leaf) else 0


def parse(data: bytes, start: int = 0, end: int | None = None) -> Node:
    """The tree of a JSON text in UTF-8, places in bytes. LibraryError: it is none, with the place."""
    text = data[start:end].decode("latin-1")  # a character a byte, so that places are those of the bytes
    try:
        return _Reader(text, data, start).whole()
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise LibraryError(f"broken JSON: {what} (line {error.lineno}, column {error.colno}): mend it") from error
    except RecursionError as error:
        raise LibraryError("too many brackets inside each other: write a list of plain objects") from error


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


class _Reader:
    """Reads one text; `shift` is where it begins in the data."""

    def __init__(self, text: str, data: bytes, shift: int) -> None:
        self.text, self.data, self.shift = text, data, shift

    def whole(self) -> Node:
        """The one value of the text. JSONDecodeError: where it is none."""
        node, at = self.node(_skip(self.text, 0))
        at = _skip(self.text, at)
        if at < len(self.text):
            raise json.JSONDecodeError("something behind the end", self.text, at)
        return node

    def node(self, at: int) -> tuple[Node, int]:
        sign = self.text[at : at + 1]
        if sign == '"':
            return self.string(at)
        if sign == "{":
            return self.object(at + 1)
        if sign == "[":
            return self.list(at + 1)
        found = ATOM.match(self.text, at)
        if not found:
            raise json.JSONDecodeError("a value is missing", self.text, at)
        try:
            value: Node = json.loads(found[0])
        except ValueError as error:  # a number that is none, or has more digits than Python reads
            raise json.JSONDecodeError("this is no number", self.text, at) from error
        return value, found.end()

    def string(self, at: int) -> tuple[Node, int]:
        _, end = _scanstring(self.text, at + 1)
        literal = self.data[self.shift + at : self.shift + end]
        try:
            value = json.loads(literal.decode())
        except UnicodeDecodeError as error:
            bad = literal[error.start]
            return Wrong(f"not UTF-8 (byte 0x{bad:02x}): save the whole file as UTF-8"), end
        return Leaf(value, Slot(self.shift + at, self.shift + end, lambda new: written(new, literal))), end

    def list(self, at: int) -> tuple[Node, int]:
        nodes: list[Node] = []
        at = _skip(self.text, at)
        while self.text[at : at + 1] != "]":
            node, at = self.node(at)
            nodes.append(node)
            at = self.following(at, "]")
        return nodes, at + 1

    def object(self, at: int) -> tuple[Node, int]:
        nodes: dict[str, Node] = {}
        at = _skip(self.text, at)
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] != '"':
                raise json.JSONDecodeError("a key in double quotes is missing", self.text, at)
            name, at = self.string(at)
            key = name.value if isinstance(name, Leaf) else f"?{at}"
            at = _skip(self.text, at)
            if self.text[at : at + 1] != ":":
                raise json.JSONDecodeError("a colon is missing", self.text, at)
            node, at = self.node(_skip(self.text, at + 1))
            nodes[key] = tree.TWICE if key in nodes else node
            at = self.following(at, "}")
        return nodes, at + 1

    def following(self, at: int, closing: str) -> int:
        """Where the next item begins, or the bracket stands."""
        at = _skip(self.text, at)
        if self.text[at : at + 1] == ",":
            at = _skip(self.text, at + 1)
            if self.text[at : at + 1] != closing:
                return at
        elif self.text[at : at + 1] == closing:
            return at
        raise json.JSONDecodeError("a comma or closing bracket is missing", self.text, at)


def written(new: str, old: bytes) -> bytes:
    """A string literal, its characters escaped where those of the old literal were."""
    escaped = old.isascii() and b"\\u" in old
    literal = json.dumps(new, ensure_ascii=escaped)
    return (literal.replace("/", "\\/") if b"\\/" in old else literal).encode()
