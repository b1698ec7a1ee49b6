"""A path comes in; the file there goes out as a Volume, read by the reader of its ending."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import BriefError, LibraryError
from pipeline.library import delimited, json, lines, sheet, text, yaml
from pipeline.library.mapping import Columns
from pipeline.library.template import Fault, Page, Volume

HEAVIEST = 500_000_000
"""Bytes of the largest library that is read."""
Reader: TypeAlias = Callable[[Path, bytes, Columns], Volume]
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(text.SUFFIXES, text.read),
    **dict.fromkeys(delimited.SUFFIXES, delimited.read),
    **dict.fromkeys(lines.SUFFIXES, lines.read),
    **dict.fromkeys(json.SUFFIXES, json.read),
    **dict.fromkeys(yaml.SUFFIXES, yaml.read),
    **dict.fromkeys(sheet.SUFFIXES, sheet.read),
}
SUFFIXES = frozenset(READERS)
"""The endings of files that hold templates."""


def open_volume(path: Path, mapping: Columns) -> Volume:
    """One file with all its templates; what cannot be read is in `faults`, and nothing is raised."""
    reader = READERS.get(path.suffix.lower())
    if not reader:
        return _faulty(path, f"not a library: the file's name must end in {', '.join(sorted(SUFFIXES))}")
    try:
        with path.open("rb") as file:
            data = file.read(HEAVIEST + 1)
    except OSError as error:
        return _faulty(path, f"{error.strerror}: name a file that you may read")
    if len(data) > HEAVIEST:
        return _faulty(path, f"over the limit of {HEAVIEST:,} bytes: split the file")
    try:
        return reader(path, data, mapping)
    except BriefError as error:  # front matter: the message begins with the place
        return Volume(path, Page(data), faults=(Fault.of(error),))
    except LibraryError as error:
        return Volume(path, Page(data), faults=(Fault(str(path), str(error)),))


def _faulty(path: Path, message: str) -> Volume:
    return Volume(path, faults=(Fault(str(path), message),))
