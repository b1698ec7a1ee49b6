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


@dataclass(frozen=True, slots=True)
class Choice:
    """Which templates a run is about: those below `root`, in files whose name or path is like `only`, `limit` at most.

    `only` "" takes every file, `limit` 0 every template.
    """

    root: Path
    columns: Columns
    only: str = ""
    limit: int = 0

    def parts(self) -> Iterator[Part | Fault]:
        """The files with their templates, and what cannot be used."""
        left = self.limit
        for path in find(self.root):
            if isinstance(path, Fault):
                yield path
            elif self._meant(path):
                volume = open_volume(path, self.columns)
                part = Part(volume, volume.templates[:left] if self.limit else volume.templates)
                yield part
                left -= len(part.templates)
                if self.limit and left <= 0:
                    return

    def count(self) -> int:
        """How many templates there are."""
        return sum(len(part.templates) for part in self.parts() if isinstance(part, Part))

    def _meant(self, path: Path) -> bool:
        if not self.only:
            return True
        inside = path.relative_to(self.root).as_posix() if path != self.root else path.name
        return fnmatchcase(inside, self.only) or fnmatchcase(path.name, self.only)
