"""A YAML file comes in; its tree and a Volume go out: comments, anchors, order and the styles of the rest stay."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import LibraryError
from pipeline.library import scalars, tree
from pipeline.library.body import LINE_END
from pipeline.library.encoding import decode, page
from pipeline.library.mapping import Columns
from pipeline.library.rows import collected
from pipeline.library.scalars import Scalar
from pipeline.library.template import Slot, Volume
from pipeline.library.tree import Leaf, Lines, Node, Record, Wrong

if TYPE_CHECKING:
    import yaml

SUFFIXES = frozenset({".yaml", ".yml"})
SHARED = Wrong("this text is used in several places by an anchor (&): write it out in each")
BLANK = " \t\r\n\x85\u2028\u2029"
"""What YAML takes for blank behind a string: no-break spaces belong to it."""
STEP = 1024
DEEPEST = 100
"""Levels of lists and objects inside each other; a template needs three."""
TEXT, MERGE, NULL, BOOL, INT, FLOAT = (f"tag:yaml.org,2002:{name}" for name in "str merge null bool int float".split())
DATE = "tag:yaml.org,2002:timestamp"


def read(path: Path, data: bytes, columns: Columns) -> Volume:
    """A list of objects or texts, an object of them, or one object a document. LibraryError: it is none of it."""
    leaf = page(data)
    documents = parse(decode(leaf.data, leaf.codec))
    if not documents:
        raise LibraryError("no templates: write a list of objects, or an object of id and text")
    root = documents[0][0] if len(documents) == 1 else [node for node, _ in documents]
    starts = documents[0][1] if len(documents) == 1 else [line for _, lines in documents for line in lines[:1]]
    lines = Lines(leaf.data)
    found = [
        record._replace(line=line) for record, line in zip(tree.records(root, columns), starts or [1], strict=False)
    ]

    def spot(record: Record) -> str:
        return f"{path}:{record.line}"

    volume = collected(path, leaf, found, lambda one: tree.entry(one, columns, spot(one), lines.of), spot, [])
    return tree.told_once(volume)


def parse(text: str, shift: int = 0) -> list[tuple[Node, list[int]]]:
    """The tree of each document, and the lines of its items; places are bytes in UTF-8, counted from `shift`.

    LibraryError: the text is no YAML.
    """
    import yaml  # noqa: PLC0415  30 ms that most runs do not need

    try:
        _check_depth(text)
        found = list(yaml.compose_all(text, Loader=scalars.loader()))
        return [(_Tree(text, shift).node(node), _starts(node)) for node in found if node]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LibraryError(f"broken YAML: {error.problem} (line {line}): quote text that holds ': ' or '#'") from error
    except yaml.reader.ReaderError as error:
        line = len(LINE_END.findall(text[: int(error.position)])) + 1
        sign = error.character if isinstance(error.character, int) else ord(error.character[:1] or b"\0")
        raise LibraryError(f"broken YAML: a control character (U+{sign:04X}, line {line}): remove it") from error


def _check_depth(text: str) -> None:
    """LibraryError: more levels than the compiled composer takes: it would end the program."""
    import yaml  # noqa: PLC0415

    depth = 0
    for event in yaml.parse(text, Loader=scalars.loader()):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise LibraryError("too many brackets inside each other: write a list of plain objects")


def _starts(node: yaml.Node) -> list[int]:
    """The line of each item of a list, or of each key of an object."""
    if not isinstance(node.value, list):
        return [node.start_mark.line + 1]
    items = [one[0] if isinstance(one, tuple) else one for one in node.value]
    return [item.start_mark.line + 1 for item in items]


class _Tree:
    """Makes our tree of PyYAML's nodes, each node once, however often an alias leads to it."""

    def __init__(self, text: str, shift: int) -> None:
        self.text = text
        self.bytes_before = [shift]
        for at in range(0, len(text), STEP):
            self.bytes_before.append(self.bytes_before[-1] + len(text[at : at + STEP].encode()))
        ends = LINE_END.search(text)
        self.ends = ends[0] if ends else "\n"
        self.done: dict[int, Node] = {}
        self.uses: Counter[int] = Counter()

    def node(self, root: yaml.Node) -> Node:
        self._count(root)
        return self._made(root, 0, flow=False, shared=False)

    def _count(self, node: yaml.Node) -> None:
        self.uses[id(node)] += 1
        if self.uses[id(node)] == 1 and isinstance(node.value, list):
            for one in node.value:
                for inner in one if isinstance(one, tuple) else (one,):
                    self._count(inner)

    def _made(self, node: Any, indent: int, *, flow: bool, shared: bool) -> Node:  # noqa: ANN401  PyYAML has no types
        if id(node) in self.done:
            return self.done[id(node)]
        shared = shared or self.uses[id(node)] > 1
        if not isinstance(node.value, list):
            self.done[id(node)] = self._scalar(node, indent, flow=flow, shared=shared)
            return self.done[id(node)]
        flow = flow or bool(node.flow_style)
        if node.value and isinstance(node.value[0], tuple):
            nodes: dict[str, Node] = {}
            self.done[id(node)] = nodes
            self._fill(nodes, node, flow=flow, shared=shared)
            return nodes
        items: list[Node] = []
        self.done[id(node)] = items
        for one in node.value:
            items.append(self._made(one, node.start_mark.column, flow=flow, shared=shared))  # noqa: PERF401  may hold itself
        return items

    def _fill(self, nodes: dict[str, Node], node: Any, *, flow: bool, shared: bool) -> None:  # noqa: ANN401
        merged: dict[str, Node] = {}
        for key, value in node.value:
            made = self._made(value, key.start_mark.column, flow=flow, shared=shared or key.tag == MERGE)
            if key.tag == MERGE:
                for one in made if isinstance(made, list) else [made]:
                    merged.update(one if isinstance(one, dict) else {})
            elif isinstance(key.value, str):
                nodes[key.value] = tree.TWICE if key.value in nodes else made
        nodes.update({key: value for key, value in merged.items() if key not in nodes})

    def _scalar(self, node: Any, indent: int, *, flow: bool, shared: bool) -> Node:  # noqa: ANN401
        value = str(node.value)
        if node.tag == NULL:
            return None
        if node.tag == BOOL:
            return value.lower() in {"yes", "true", "on"}
        if node.tag in {INT, FLOAT, DATE}:
            return int(value) if value.isdecimal() and len(value) < 10 else value
        if node.tag != TEXT:
            return Wrong(f"a value of the type {node.tag!r}: write plain text")
        if shared:
            return Wrong(SHARED.why, value)
        return self._leaf(node, indent, flow=flow)

    def _leaf(self, node: Any, indent: int, *, flow: bool) -> Leaf:  # noqa: ANN401
        start, end = node.start_mark.index, node.end_mark.index
        before = scalars.PROPERTIES.match(self.text, start, end)
        start = before.end() if before else start
        raw = self.text[start:end].rstrip(BLANK)
        old = Scalar(raw, node.value, indent, flow, self.ends)
        place = Slot(self._byte(start), self._byte(start + len(raw)), partial(scalars.written, old=old))
        return Leaf(node.value, place)

    def _byte(self, index: int) -> int:
        step = index // STEP
        return self.bytes_before[step] + len(self.text[step * STEP : index].encode())
