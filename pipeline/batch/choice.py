"""A folder or file comes in; the files of the library that a run is about go out, read one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.library import Columns, Fault, Template, Volume, find, open_volume


@dataclass(frozen=True, slots=True)
class Part:
    """A volume, and those of its templates that the run is about."""

    volume: Volume
    templates: Sequence[Template]


def parts(root: Path, columns: Columns, only: str = "", limit: int = 0) -> Iterator[Part | Fault]:
    """The files of a library with what cannot be read.

    `only` is a pattern of names, or of paths from the root; `limit` the most templates that come out, 0 for all.
    """
    left = limit
    for path in find(root):
        if isinstance(path, Fault):
            yield path
            continue
        inside = path.relative_to(root).as_posix() if path != root else path.name
        if only and not (fnmatchcase(inside, only) or fnmatchcase(path.name, only)):
            continue
        volume = open_volume(path, columns)
        templates = volume.templates[:left] if limit else volume.templates
        yield Part(volume, templates)
        left -= len(templates)
        if limit and left <= 0:
            return
