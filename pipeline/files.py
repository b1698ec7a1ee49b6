"""A path and a text come in; a file that is written whole, or not at all, stands where the path says."""

import os
import tempfile
from pathlib import Path

from pipeline.errors import SettingsError


def write(path: Path, text: str, *, parents: bool = False) -> None:
    """Write beside the place first, then over it; `parents` makes its folders. SettingsError: why it cannot be."""
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=path.parent) as room:
            put(path, text.encode(), Path(room, path.name))
    except OSError as error:
        remedy = "name a place in a folder that is there and that you may write"
        raise SettingsError(f"{path}: cannot be written: {error.strerror}: {remedy}") from error


def put(path: Path, data: bytes, part: Path, mode: int | None = None) -> None:
    """Write `part` beside the place, wait until it is on disk, then put it over the place, with the mode bits given.

    Raises OSError as it comes.
    """
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        part.chmod(mode & 0o7777)
    part.replace(path)
