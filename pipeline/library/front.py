"""The front matter of a message file comes in; the place of its subject goes out, so that it can be written anew."""

import json
import re

from pipeline.library import yaml
from pipeline.library.body import LINE_END
from pipeline.library.template import Slot
from pipeline.library.tree import Leaf

TOML = re.compile(
    r"""^subject[ \t]*=[ \t]*(?P<raw>"(?:[^"\\\r\n]|\\.)*"|'[^'\r\n]*')(?=[ \t]*(?:\#|\r|$))""", re.MULTILINE
)
TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def subject(front: str) -> Slot | None:
    """Where the subject stands in front matter with its fences, in bytes of UTF-8; None where it has no such place."""
    first = LINE_END.search(front)
    if not first:
        return None
    inner, shift = front[first.end() :], len(front[: first.end()].encode())
    if front.startswith("+++"):
        return _toml(inner, shift)
    ((root, _), *_) = yaml.parse(inner, shift)
    found = root.get("subject") if isinstance(root, dict) else None
    return found.slot if isinstance(found, Leaf) else None


def _toml(inner: str, shift: int) -> Slot | None:
    tables = TABLE.search(inner)
    found = TOML.search(inner, 0, tables.start() if tables else len(inner))
    if not found:
        return None
    start = shift + len(inner[: found.start("raw")].encode())
    return Slot(start, start + len(found["raw"].encode()), _quoted)


def _quoted(new: str) -> bytes:
    return json.dumps(new, ensure_ascii=False).encode()  # such a string is one of TOML's too
