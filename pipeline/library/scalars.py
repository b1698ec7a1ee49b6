"""A YAML string as it is written and a new text come in; the new text goes out, written in the same style if it can be.

Every result is read again by the YAML reader before it is used.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.errors import LibraryError
from pipeline.library.body import LINE_END

PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)*")
"""Anchor and tag before a value: they stay."""
HEADER = re.compile(r"(?P<style>[|>])(?P<signs>[-+0-9]*)(?P<rest>[^\r\n]*)")
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
WIDEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string as it stands: `raw` is without the space behind it; `indent`: the column of its parent's keys.

    `flow`: it stands between brackets. `ends`: the line end of the file.
    """

    raw: str
    value: str
    indent: int
    flow: bool
    ends: str = "\n"


def loader() -> Any:  # noqa: ANN401  a class of PyYAML's, the compiled one where it is there
    """PyYAML's safe loader."""
    import yaml  # noqa: PLC0415  30 ms that most runs do not need

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def written(new: str, old: Scalar) -> bytes:
    """The bytes of another string in the place of the old. LibraryError: this place can hold none such."""
    for way in _ways(old):
        text = way(new, old)
        if text is not None and _says(text, old) == (new.rstrip() if text[:1] in "|>" else new):
            return LINE_END.sub(old.ends, text).encode()
    raise LibraryError("this text cannot be written in its place: put the old one in double quotes")


def _ways(old: Scalar) -> Iterator[Callable[[str, Scalar], str | None]]:
    """The style of the old string first, then those that hold any text."""
    sign = old.raw[:1]
    if sign == ">":
        yield _folded
    if sign in {"|", ">"}:
        yield _literal
    if sign == "'":
        yield _single
    if sign not in {"|", ">", "'", '"'}:
        yield _bare
        yield _fresh
    yield _double


def _says(text: str, old: Scalar) -> str | None:
    """What a string reads as in such a place; None where it is none."""
    import yaml  # noqa: PLC0415

    space = " " * old.indent
    whole = f"[{text}, x]" if old.flow else f"{space}k: {text}\n{space}z: x\n"
    try:
        found = yaml.load(whole, loader())
    except (yaml.YAMLError, ValueError):
        return None
    value = found[0] if isinstance(found, list) else found.get("k") if isinstance(found, dict) else None
    if not isinstance(value, str) or len(found) != 2:
        return None
    return value.rstrip() if text[:1] in "|>" else value


def _bare(new: str, old: Scalar) -> str | None:
    return None if re.search(r"[\r\n]", new) or (old.flow and re.search(r"[\[\]{},]", new)) else new


def _single(new: str, _: Scalar) -> str | None:
    return None if re.search(r"[\r\n]", new) else "'" + new.replace("'", "''") + "'"


def _double(new: str, _: Scalar) -> str | None:
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(new, ensure_ascii=False))


def _fresh(new: str, old: Scalar) -> str | None:
    """Several lines in the place of one: the literal style, which is read most easily."""
    if old.flow or "\n" not in new or new != new.rstrip():
        return None
    return "|-\n" + _indented(new.split("\n"), old.indent + 2)


def _literal(new: str, old: Scalar) -> str | None:
    head = HEADER.match(old.raw)
    return head and _block(new.rstrip().split("\n"), old, head, "|")


def _folded(new: str, old: Scalar) -> str | None:
    """Folded by PyYAML at the width that the old lines had."""
    import yaml  # noqa: PLC0415

    head = HEADER.match(old.raw)
    lines = LINE_END.split(old.raw)[1:]
    width = max(map(len, lines), default=80) if len(lines) > 1 else WIDEST
    made = yaml.dump(new.rstrip(), default_style=">", allow_unicode=True, width=max(width - old.indent, 40))
    if not head or not made.startswith(">"):
        return None
    return _block([line.removeprefix("  ") for line in made.rstrip("\n").split("\n")[1:]], old, head, ">")


def _block(lines: list[str], old: Scalar, head: re.Match[str], style: str) -> str:
    """Lines under the old header, as deep as the old ones."""
    first = next((line for line in LINE_END.split(old.raw)[1:] if line.strip()), "")
    told = re.search(r"\d", head["signs"])
    depth = old.indent + int(told[0]) if told else len(first) - len(first.lstrip(" ")) or old.indent + 2
    signs = head["signs"]
    if not told and next((line for line in lines if line), "").startswith((" ", "\t")):
        signs = f"{depth - old.indent}{signs}"
    return f"{style}{signs}{head['rest']}\n{_indented(lines, depth)}"


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join(f"{' ' * depth}{line}" if line else "" for line in lines)
