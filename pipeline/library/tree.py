"""The tree of a JSON or YAML file comes in, its strings with their places; the templates in it go out."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from pipeline.errors import LibraryError
from pipeline.library.body import Body
from pipeline.library.mapping import Columns, flat, found, table
from pipeline.library.template import Entry, Fault, Slot, Template, Volume


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string of the file, and where and how another is written in its place."""

    value: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class Wrong:
    """A string that cannot be changed, and why; `value` is what it says, for a brief."""

    why: str
    value: str | None = None


Node: TypeAlias = "dict[str, Node] | list[Node] | Leaf | Wrong | str | int | float | bool | None"
TWICE = Wrong("this key stands twice in one object: remove one of them")


class Record(NamedTuple):
    """One template to be: its node, its number from 1, its key where it stands under one, and its line."""

    node: Node
    number: int
    key: str | None = None
    line: int = 0


class Lines:
    """The line, from 1, of each offset into some data."""

    def __init__(self, data: bytes) -> None:
        sign = b"\n" if b"\n" in data else b"\r"
        self._ends = array("Q")
        at = data.find(sign)
        while at >= 0:
            self._ends.append(at)
            at = data.find(sign, at + 1)

    def of(self, offset: int) -> int:
        """The line on which an offset lies."""
        return bisect_left(self._ends, offset) + 1


def records(root: Node, columns: Columns) -> Iterator[Record]:
    """The templates of a tree: the items of a list, the values of an object, or the object itself."""
    if isinstance(root, list):
        yield from (Record(node, number) for number, node in enumerate(root, 1))
    elif isinstance(root, dict) and not _single(root, columns):
        yield from (Record(node, number, key) for number, (key, node) in enumerate(root.items(), 1))
    elif isinstance(root, dict):
        yield Record(root, 1, "")
    else:
        raise LibraryError("no templates: write a list of objects, or an object of id and text")


def _single(root: Mapping[str, Node], columns: Columns) -> bool:
    """Whether an object is one template: its text is under "text" or the settings' key, or all its keys are ours."""
    plain = flat(root)
    try:
        parts = _parts(columns, tuple(plain))
    except LibraryError:
        return False
    sure = bool(columns.text) or parts["text"].casefold() == "text" or set(parts.values()) >= set(plain)
    return sure and isinstance(plain[parts["text"]], Leaf)


def entry(record: Record, columns: Columns, spot: str, lines: Callable[[int], int]) -> Entry:
    """The template of a record. LibraryError: why it has none."""
    if isinstance(record.node, Leaf):
        parts, values = {"text": ""}, {"": record.node}
    elif isinstance(record.node, dict):
        values = flat(record.node)
        parts = _parts(columns, tuple(values))
    else:
        raise LibraryError(
            record.node.why if isinstance(record.node, Wrong) else "not an object with a text: write one"
        )
    text, subject = values[parts["text"]], values.get(parts.get("subject", ""))
    if "subject" not in parts:
        subject = None
    for node in (text, subject):
        if isinstance(node, Wrong):
            raise LibraryError(node.why)
    if not isinstance(text, Leaf):
        raise LibraryError(f"{parts['text']!r} is not text: put quotes around it")
    body = Body.of(text.value, own="subject" in parts)
    own = subject.value.strip() if isinstance(subject, Leaf) else ""
    name = _plain(values.get(parts["id"])) if "id" in parts else record.key
    said = table(parts, {key: _plain(value) for key, value in values.items()})
    message = Template(
        str(name).strip() if name is not None and str(name).strip() else _name(record),
        body.text,
        own or body.subject or "",
        said,
        lines(text.slot.start),
        isinstance(subject, Leaf) or body.subject is not None,
    )
    return Entry(message, body, spot, text.slot, subject.slot if isinstance(subject, Leaf) else None)


def _name(record: Record) -> str:
    return f"row {record.number}" if record.key is None else record.key


@lru_cache(maxsize=256)
def _parts(columns: Columns, names: tuple[str, ...]) -> dict[str, str]:
    return found(columns, names, "keys")


def _plain(node: Node) -> object:
    """A node as a brief takes it: text, a number, or a list of those."""
    if isinstance(node, (Leaf, Wrong)):
        return node.value
    if isinstance(node, list):
        return [_plain(one) for one in node if not isinstance(one, (list, dict))]
    return None if isinstance(node, dict) else node


def told_once(volume: Volume) -> Volume:
    """A file in which every row has the same fault has that fault once: nobody reads it ten thousand times."""
    messages = {fault.message for fault in volume.faults}
    if volume.entries or len(volume.faults) < 2 or len(messages) > 1:
        return volume
    return replace(volume, faults=(Fault(str(volume.path), messages.pop()),))
