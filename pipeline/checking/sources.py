"""Names of files and folders come in; the message files to look at go out, and the bytes of each."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import drafts
from pipeline.errors import DraftError


def sources(paths: Sequence[str]) -> Iterator[str]:
    """The names to check: files and "-" as they are, folders as the message files in them, sorted.

    A folder without any comes out by its own name, so that its outcome can say so.
    """
    for name in paths:
        if name != "-" and _is_folder(name):
            found = sorted(one for one in Path(name).rglob("*") if one.suffix in drafts.ENDINGS and one.is_file())
            yield from map(str, found or [Path(name)])
        else:
            yield name


def read(name: str) -> bytes:
    """The bytes of a file or of stdin. DraftError: a folder without messages, or why it cannot be read."""
    if name == "-":
        return sys.stdin.buffer.read(drafts.LARGEST + 1)
    if _is_folder(name):
        raise DraftError(
            f"{name}: no message in this folder: a message file ends in {', '.join(sorted(drafts.ENDINGS))}"
        )
    return drafts.read_bytes(Path(name))


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name too long to be one
        return False
