"""A path, the bytes of a file and its new bytes come in; its part of a unified patch goes out."""

import difflib
import os
from pathlib import Path

QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
"""How git writes the characters of a name that would end it."""


def diff(path: Path, old: bytes, new: bytes) -> bytes:
    """A file's part of a unified patch, byte for byte; b"" where nothing differs."""
    here = Path.cwd()
    whole = Path(os.path.abspath(path))  # noqa: PTH100  a link's own name, not where it leads
    name = (whole.relative_to(here) if whole.is_relative_to(here) else Path(whole.name)).as_posix()
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(old), _lines(new), _header(f"a/{name}"), _header(f"b/{name}"), lineterm=b"\n"
    )
    return b"".join(one if one.endswith(b"\n") else one + b"\n\\ No newline at end of file\n" for one in lines)


def _lines(data: bytes) -> list[bytes]:
    """Lines as patches have them: a CR belongs to its line."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _header(name: str) -> bytes:
    """A name in the head of a patch: quoted where it holds marks, with a tab behind it where it holds spaces."""
    if any(letter in QUOTED or not letter.isprintable() for letter in name):
        name = '"' + "".join(QUOTED.get(letter, letter) for letter in name) + '"'
    return os.fsencode(name + ("\t" if " " in name else ""))
