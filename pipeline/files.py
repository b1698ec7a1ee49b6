"""A path and a text come in; a file that is written whole, or not at all, stands where the path says."""

import tempfile
from pathlib import Path

from pipeline.errors import SettingsError


def write(path: Path, text: str, *, parents: bool = False) -> None:
    """Write beside the place first, then over it; `parents` makes its folders. SettingsError: why it cannot be."""
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=path.parent) as room:
            part = Path(room, path.name)
            part.write_text(text, "utf-8")
            part.replace(path)
    except OSError as error:
        remedy = "name a place in a folder that is there and that you may write"
        raise SettingsError(f"{path}: cannot be written: {error.strerror}: {remedy}") from error
