"""A volume and its changes come in; a file is written whole or not at all, or a patch goes out."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.batch.claims import Claims
from pipeline.batch.keys import digest
from pipeline.errors import LibraryError
from pipeline.library import Change, Fault, Volume
from pipeline.library.patch import diff


@dataclass(slots=True)
class InPlace:
    """Each file over itself, where it still holds what was read."""

    claims: Claims
    verb: str = "written"
    written: int = 0

    def wary(self, volume: Volume) -> Fault | None:
        """A file that is read-only is not worked on."""
        if volume.path.stat().st_mode & 0o222 and os.access(volume.path, os.W_OK):
            return None
        return Fault(str(volume.path), "read-only: make the file writable, or use --out or --diff")

    def write(self, volume: Volume, changes: Mapping[str, Change]) -> Iterator[Fault]:
        """Write a file that changes."""
        made = _made(volume, changes)
        if isinstance(made, Fault):
            yield made
            return
        old, new = made
        try:
            if volume.path.read_bytes() == new:
                return
            put = _put(self.claims, volume.path.resolve(), new, volume.path.stat().st_mode, still=old)
        except OSError as error:
            yield _told(volume.path, error)
            return
        self.written += put
        if not put:
            yield Fault(str(volume.path), "changed while the run went on: run again; finished work is kept")


@dataclass(slots=True)
class Out:
    """Each file to its place in another folder, whether it changes or not; `target` names that place."""

    claims: Claims
    target: Callable[[Path], Path]
    inside: Path
    verb: str = "written"
    written: int = 0

    def wary(self, volume: Volume) -> Fault | None:
        """A place that leads out of the folder, through a link that lies there, is not written to."""
        place = self.target(volume.path)
        if place.resolve().is_relative_to(self.inside.resolve()):
            return None
        return Fault(str(place), "leads out of the folder that --out names: remove the link")

    def write(self, volume: Volume, changes: Mapping[str, Change]) -> Iterator[Fault]:
        """Write the file, unless the place holds it already."""
        made, place = _made(volume, changes), self.target(volume.path)
        if isinstance(made, Fault):
            yield made
            return
        try:
            if place.is_file() and place.read_bytes() == made[1]:
                return
            place.parent.mkdir(parents=True, exist_ok=True)
            _put(self.claims, place, made[1], volume.path.stat().st_mode)
        except OSError as error:
            yield _told(place, error)
            return
        self.written += 1


@dataclass(slots=True)
class Diff:
    """A unified patch of what changes, for `git apply` or `patch -p1` in the folder where it was made."""

    send: Callable[[bytes], object]
    verb: str = "in the patch"
    written: int = 0

    def wary(self, volume: Volume) -> Fault | None:
        """Nothing stands against showing."""
        del volume
        return None

    def write(self, volume: Volume, changes: Mapping[str, Change]) -> Iterator[Fault]:
        """Send the file's part of the patch."""
        if not changes:
            return
        made = _made(volume, changes)
        if isinstance(made, Fault):
            yield made
        elif any(b"\0" in data for data in made):
            yield Fault(str(volume.path), "has no patch, its bytes are not lines of text: use --out or --in-place")
        elif patch := diff(volume.path, *made):
            self.send(patch)
            self.written += 1


def _made(volume: Volume, changes: Mapping[str, Change]) -> tuple[bytes, bytes] | Fault:
    """The bytes that were read and those to write, or why there are none."""
    try:
        return volume.rewritten({}), volume.rewritten(changes)
    except LibraryError as error:
        return Fault.of(error)


def _put(claims: Claims, place: Path, data: bytes, mode: int, *, still: bytes | None = None) -> bool:
    """Write beside the place, wait until it is on disk, then put it over the place, with the mode bits given.

    The name beside it is always the same, so that the next run takes away what a killed one left there; the claim keeps
    two runs apart. `still`: what the place must hold until then; False where it holds something else, but for the very
    data, which another run has put there.
    """
    part = place.with_name(f".{place.name}.part")
    with claims.held(digest(str(place.resolve()))):
        if still is not None and (now := place.read_bytes()) != still:
            return now == data
        files.put(place, data, part, mode)
    return True


def _told(path: Path, error: OSError) -> Fault:
    return Fault(str(path), f"cannot be written: {error.strerror}: mend that and run again; finished work is kept")
