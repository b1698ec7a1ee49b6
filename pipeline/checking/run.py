"""Files come in, one outcome each goes out, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline import drafts, files, report
from pipeline.checking.baseline import Baseline, Key
from pipeline.checking.marks import marked
from pipeline.checking.sources import read
from pipeline.desk import Desk
from pipeline.domain import Draft, Review
from pipeline.errors import BriefError, DraftError, LibraryError
from pipeline.formats.results import FileResult, result
from pipeline.review import review

if TYPE_CHECKING:
    from pipeline.checking.touched import Touched

Form = Literal["full", "brief", "result"]
"""What an outcome holds: the lines for a terminal, a line a finding, or plain values for a format."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every file of a run has in common.

    `mend` makes a better draft of one (None: nothing is changed), `show` gives its patch in place of writing it.
    `touched` and `baseline` leave out what is old.
    """

    desk: Desk
    form: Form = "full"
    paint: report.Paint = report.plain
    mend: Callable[[Draft], Draft] | None = None
    show: bool = False
    touched: Touched | None = None
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: its lines, values, patch or new text; what it found; or why it could not be read."""

    text: str = ""
    result: FileResult | None = None
    keys: tuple[Key, ...] = ()
    clean: bool = True
    mended: int = 0
    out: bytes = b""
    error: str = ""


def check(names: Sequence[str], job: Job) -> Iterator[Outcome]:
    """Look at each file; one that cannot be read is an outcome with an error, and the others go on."""
    return (_look(name, job) for name in names)


def _look(name: str, job: Job) -> Outcome:
    shown = "stdin" if name == "-" else name
    try:
        data = read(name)
        draft = job.desk.draft(drafts.decode(data, shown), shown)
        made = found(draft, shown, job.desk, job.touched, job.baseline)
        return _mended(made, data, name, job) if job.mend else _told(made, shown, job)
    except (DraftError, BriefError, LibraryError) as error:
        return Outcome(error=str(error))


def found(draft: Draft, name: str, desk: Desk, touched: Touched | None = None, known: Baseline | None = None) -> Review:
    """The review of a draft, with what its marks deserve and without what is old."""
    made = review(draft, desk.book)
    if draft.ignores:
        made = marked(made, desk.book, reasons=desk.settings.require_reason)
    if touched:
        made = touched.only(made, name)
    return known.new(made, name) if known else made


def _told(made: Review, name: str, job: Job) -> Outcome:
    keys = tuple(job.baseline.key(name, one, made) for one in made.findings) if job.baseline else ()
    if job.form == "result":
        return Outcome(result=result(made, name), keys=keys, clean=made.clean)
    if job.form == "brief":
        lines = report.brief_lines(made, name, job.paint)
    else:
        lines = report.review_lines(made, name, job.desk.book, job.paint)
    return Outcome("".join(f"{line}\n" for line in lines), keys=keys, clean=made.clean)


# ── Mending ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _mended(made: Review, data: bytes, name: str, job: Job) -> Outcome:
    """The outcome after mending: the file is written, or its patch or text comes out; then what is left in it."""
    shown = "stdin" if name == "-" else name
    after = job.mend(made.draft) if job.mend else made.draft
    if after.message == made.draft.message:
        told = _told(made, shown, job)
        return replace(told, out=data) if name == "-" and not job.show else told
    new = written(after, name, data)
    again = found(job.desk.draft(drafts.decode(new, shown), shown), shown, job.desk, job.touched, job.baseline)
    told = replace(_told(again, shown, job), mended=1)
    if job.show:
        from pipeline.library.patch import diff  # noqa: PLC0415

        return replace(told, out=diff(Path(shown), data, new))
    if name == "-":
        return replace(told, out=new)
    _write(Path(name), data, new)
    return told


def written(draft: Draft, name: str, data: bytes) -> bytes:
    """The bytes of a message file with a new text, and a new subject if it has a place for one."""
    from pipeline.library import Change, message  # noqa: PLC0415  30 ms that a mere check does not need

    volume = message(Path(name), data)
    place = volume.templates[0].has_subject
    return volume.rewritten({"": Change(draft.text, draft.subject if place else None)})


def _write(path: Path, old: bytes, new: bytes) -> None:
    """A file over itself, whole or not at all, where it still holds what was read. DraftError: why it cannot be."""
    try:
        place = path.resolve()
        if place.read_bytes() != old:
            raise DraftError(f"{path}: changed while it was mended: run again")
        files.put(place, new, place.with_name(f".{place.name}.part"), place.stat().st_mode)
    except OSError as error:
        raise DraftError(
            f"{path}: cannot be written: {error.strerror}: make the file and its folder writable"
        ) from error
