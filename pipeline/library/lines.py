"""A file of JSON lines comes in; a Volume goes out that reads each line again when its template is asked for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.library import tree
from pipeline.library.encoding import page
from pipeline.library.json import parse
from pipeline.library.mapping import Columns
from pipeline.library.rows import Packed, collected
from pipeline.library.template import Entry, Volume
from pipeline.library.tree import Record

SUFFIXES = frozenset({".jsonl", ".ndjson"})
END = re.compile(rb"\r\n|\r|\n")


class _Line(NamedTuple):
    """Where a line stands in the data, and its number."""

    start: int
    end: int
    number: int


def read(path: Path, data: bytes, columns: Columns) -> Volume:
    """An object, or a text, a line; a broken line is one fault."""
    leaf = page(data)

    def spot(line: _Line) -> str:
        return f"{path}:{line.number}"

    def entry(line: _Line) -> Entry:
        node = parse(leaf.data, line.start, line.end)
        return tree.entry(Record(node, line.number), columns, spot(line), lambda _: line.number)

    return tree.told_once(collected(path, leaf, _lines(leaf.data), entry, spot, Packed(_Line, 3)))


def _lines(data: bytes) -> Iterator[_Line]:
    number, start = 0, 0
    while start < len(data):
        ending = END.search(data, start)
        end, following = ending.span() if ending else (len(data), len(data))
        number += 1
        if data[start:end].strip():
            yield _Line(start, end, number)
        start = following
