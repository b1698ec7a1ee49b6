"""Files come in, one outcome each goes out, in the same order: the work of `check`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import drafts, report, rulebook
from pipeline.domain import Rulebook
from pipeline.errors import BriefError, DraftError
from pipeline.review import review
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """What every file of a run has in common: the settings, what is said over and under each draft, and the form."""

    settings: Settings
    over: drafts.Layer
    under: tuple[drafts.Layer, ...]
    form: str
    paint: report.Paint = report.plain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: its lines or its JSON row, whether it is clean, or why it could not be read."""

    text: str = ""
    row: dict[str, Any] | None = None
    clean: bool = True
    error: str = ""


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


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name too long to be one
        return False


def check(names: Sequence[str], job: Job, book: Rulebook) -> Iterator[Outcome]:
    """Look at each file; one that cannot be read is an outcome with an error, and the others go on."""
    return (_look(name, job, book) for name in names)


def book(settings: Settings) -> Rulebook:
    """The rulebook of a project: ours with its pages and changes."""
    return rulebook.load(settings.rule_pages, settings.rules)


def _look(name: str, job: Job, book: Rulebook) -> Outcome:
    shown = "stdin" if name == "-" else name
    try:
        draft = drafts.draft(drafts.decode(_read(name), shown), shown, book, over=job.over, under=job.under)
    except (DraftError, BriefError) as error:
        return Outcome(error=str(error))
    one = review(job.settings.marked(draft), book)
    if job.form == "json":
        return Outcome(row=report.review_json(one, shown), clean=one.clean)
    if job.form == "brief":
        lines = report.brief_lines(one, shown, job.paint)
    else:
        lines = report.review_lines(one, shown, book, job.paint)
    return Outcome("".join(f"{line}\n" for line in lines), clean=one.clean)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(drafts.LARGEST + 1)
    if _is_folder(name):
        raise DraftError(
            f"{name}: no message in this folder: a message file ends in {', '.join(sorted(drafts.ENDINGS))}"
        )
    return drafts.read_bytes(Path(name))
