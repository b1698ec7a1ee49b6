"""A folder or a file comes in; the files in it that hold templates go out in sorted order, with what cannot be used."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.library.template import Fault
from pipeline.library.volume import SUFFIXES

NOT_ENTERED = frozenset({"node_modules", "__pycache__"})
"""Folders, besides the hidden ones, that hold other people's files."""


def find(root: Path) -> Iterator[Path | Fault]:
    """Every file of a folder that holds templates, or the one file; a Fault for each that must not be used.

    Those are links that lead out of the folder, names that differ in case only, and what may not be read or is not
    there. Hidden folders are not entered. A link to a file or folder inside is passed by: it is found where it is.
    """
    if not root.is_dir():
        yield root if root.is_file() else Fault(str(root), "no such file or folder: check its name")
        return
    home = _real(root)
    unread: list[Fault] = []
    files = sorted(_files(root, home, unread))
    names = Counter(str(path).casefold() for path in files)
    own = {_real(path) for path in files if not path.is_symlink()}
    yield from unread
    for path in files:
        if not path.is_symlink() or _real(path) not in own:
            yield _judged(path, home, twin=names[str(path).casefold()] > 1)


def _files(root: Path, home: Path, unread: list[Fault]) -> Iterator[Path]:
    def told(error: OSError) -> None:
        unread.append(Fault(str(error.filename), f"{error.strerror}: allow reading this folder"))

    for folder, inner, names in os.walk(root, onerror=told):
        links = [Path(folder, name) for name in inner if Path(folder, name).is_symlink()]
        unread += (_outside(link) for link in links if not _real(link).is_relative_to(home))
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in NOT_ENTERED)
        yield from (Path(folder, name) for name in names if _holds(name))


def _real(path: Path) -> Path:
    """Where links lead; unlike `Path.resolve` it takes a link onto itself."""
    return Path(os.path.realpath(path))


def _holds(name: str) -> bool:
    return not name.startswith((".", "~$")) and Path(name).suffix.lower() in SUFFIXES


def _judged(path: Path, home: Path, *, twin: bool) -> Path | Fault:
    target = _real(path)
    if not path.exists():
        return Fault(str(path), "a link to nothing: remove it")
    if not target.is_relative_to(home):
        return _outside(path)
    if path.is_symlink():
        return Fault(str(path), f"a link to {target.relative_to(home)}, which is not searched: name that file itself")
    if twin:
        return Fault(str(path), "another file differs from it in case only: rename one of the two")
    if not path.is_file() or not os.access(path, os.R_OK):
        return Fault(str(path), "cannot be read: allow reading it")
    return path


def _outside(path: Path) -> Fault:
    return Fault(str(path), "a link that leads out of the folder: copy the file into it, or name the file itself")
