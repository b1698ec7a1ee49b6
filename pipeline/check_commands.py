"""`tactful check`: what the rules find in messages, mended, left out or written in the form that a platform reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from pipeline import checking, options, terminal
from pipeline.checking import baseline
from pipeline.errors import SettingsError
from pipeline.options import BriefOption, KindOption, PurposeOption, TierOption
from pipeline.terminal import examples

if TYPE_CHECKING:
    from pipeline.checking.touched import Touched
    from pipeline.desk import Desk
    from pipeline.domain import Draft
    from pipeline.formats.results import FileResult
    from pipeline.settings import Settings

MANY = 200
"""Files from which on several processes are taken: for fewer, their start costs more than it brings."""
CHUNK = 125
"""Files that a process takes at a time: small enough that no process is left with the long ones."""
LINES = get_args(checking.Form)[:2]
"""The forms for people; the others are `formats.FORMATS`."""

PathsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[FILES|DIR|-]...", help="Files, folders, or - for stdin.")
]
FilledOption = Annotated[bool, typer.Option("--filled", help="Finished messages: merge fields in them are faults.")]
IgnoreOption = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="RULE", help="Say nothing of this rule; may be given again.")
]
FormatOption = Annotated[
    str,
    typer.Option("--format", help="full, brief, json, jsonl, sarif, github, gitlab, rdjson, checkstyle or junit."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="The same as --format brief: one line a finding.")]
StatisticsOption = Annotated[bool, typer.Option("--statistics", help="How often each rule is broken, and no more.")]
FixOption = Annotated[bool, typer.Option("--fix", help="Mend what a program can mend alone, in the files.")]
UnsafeOption = Annotated[
    bool, typer.Option("--unsafe-fixes", help="With --fix: rewrite as `improve` does, with the project's model.")
]
DiffOption = Annotated[bool, typer.Option("--diff", help="Show what --fix would change as a patch; write nothing.")]
DiffBaseOption = Annotated[
    str, typer.Option("--diff-base", metavar="REV", help="Only findings in lines changed since this git revision.")
]
AddBaselineOption = Annotated[
    bool, typer.Option("--add-baseline", help="Accept what is found now: from then on only new findings are told.")
]
NoBaselineOption = Annotated[bool, typer.Option("--no-baseline", help="Tell accepted findings, too.")]


def add(app: typer.Typer) -> None:
    """Give the command to the program."""
    app.command(
        epilog=examples(
            "check note.md",
            "check templates/ --kind email --purpose sales --quiet",
            "check templates/ --fix --diff",
            "check templates/ --format sarif > tactful.sarif",
            "check - --json < note.txt",
        )
    )(check)


def check(
    paths: PathsArgument = None,
    *,
    kind: KindOption = "",
    tier: TierOption = "",
    purpose: PurposeOption = "",
    brief: BriefOption = None,
    filled: FilledOption = False,
    ignore: IgnoreOption = None,
    form: FormatOption = "full",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    statistics: StatisticsOption = False,
    fix: FixOption = False,
    unsafe: UnsafeOption = False,
    diff: DiffOption = False,
    diff_base: DiffBaseOption = "",
    add_baseline: AddBaselineOption = False,
    no_baseline: NoBaselineOption = False,
) -> None:
    """Look at messages without a model and without network.

    Exit 0 nothing worse than a hint, 1 findings, 2 input that cannot be read.
    """
    said = options.given(kind=kind, tier=tier, purpose=purpose, filled=filled, ignore=ignore)
    form = "json" if as_json else "brief" if quiet else form
    _agree(form, fix=fix, unsafe=unsafe, diff=diff, statistics=statistics)
    if add_baseline and (fix or diff or diff_base or no_baseline):
        raise SettingsError("--add-baseline accepts all that is found: give it without --fix, --diff and --diff-base")
    names = list(checking.sources(paths or ["-"]))
    if "-" in names:
        terminal.say_what_is_expected()
    desk = options.desk(said, brief)
    accepted = None if no_baseline else _accepted(desk.settings, new=add_baseline)
    with ExitStack() as models:
        job = checking.Job(
            desk,
            _shown(form, statistics=statistics),
            terminal.paint(),
            _mender(desk, models, unsafe=unsafe) if fix or diff else None,
            diff,
            _touched(diff_base, names) if diff_base else None,
            accepted,
        )
        at_once = len(names) >= MANY and "-" not in names and not unsafe
        told = _Telling(form, desk, statistics=statistics)
        told.tell(_many(names, job) if at_once else checking.check(names, job))
    if add_baseline and accepted:
        typer.echo(f"{accepted.place}: {accepted.write(told.keys)} findings accepted", err=True)
        raise typer.Exit(2 if told.broken else 0)
    raise typer.Exit(told.status)


# ── What is meant ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _agree(form: str, *, fix: bool, unsafe: bool, diff: bool, statistics: bool) -> None:
    if form not in LINES:
        from pipeline.formats.table import FORMATS
        from pipeline.tables import near

        if form not in FORMATS:
            raise SettingsError(f"--format {form!r} is not known{near(form, (*LINES, *FORMATS))}")
    if unsafe and not (fix or diff):
        raise SettingsError("--unsafe-fixes says which fixes --fix makes: give both")
    if diff and (form not in LINES or statistics):
        raise SettingsError("--diff writes a patch to stdout: give it without --format and --statistics")


def _shown(form: str, *, statistics: bool) -> checking.Form:
    if statistics:
        return "result"
    return "full" if form == "full" else "brief" if form == "brief" else "result"


def _accepted(settings: Settings, *, new: bool) -> baseline.Baseline | None:
    """The baseline of the project, if there is one or one is to be made."""
    place = settings.home / (settings.baseline or baseline.NAME)
    return baseline.read(place, new=new) if new or settings.baseline or place.is_file() else None


def _touched(revision: str, names: list[str]) -> Touched:
    from pipeline.checking.touched import since

    return since(revision, names)


def _mender(desk: Desk, models: ExitStack, *, unsafe: bool) -> Callable[[Draft], Draft]:
    """What mends a draft: the safe fixes alone, or the walk of `improve` with the project's model."""
    from pipeline.fixing import fixed

    if not unsafe:
        return lambda draft: fixed(draft, desk.book)
    from pipeline.improve import improver, run
    from pipeline.models.client import open_model
    from pipeline.rewriting import meant

    model = meant(desk.settings)
    if model.remote:
        typer.echo(f"asking {model.name} at {model.base_url}: drafts and briefs leave this computer", err=True)
    ask = models.enter_context(open_model(model, way=model.way, on_progress=options.fetching(model.label)))
    walk = improver(desk.book, ask, model.way)
    return lambda draft: run(walk, draft).best.draft


def _many(names: list[str], job: checking.Job) -> Iterator[checking.Outcome]:
    from pipeline import pool

    return pool.spread(lambda some: checking.check(some, job), names, CHUNK)


# ── What is told ──────────────────────────────────────────────────────────────────────────────────────────────────────


class _Telling:
    """Outcomes come in; what they say goes to stdout, what is wrong to stderr; what they come to is kept."""

    def __init__(self, form: str, desk: Desk, *, statistics: bool) -> None:
        self.form, self.desk, self.statistics = form, desk, statistics
        self.clean, self.broken, self.mended = True, False, 0
        self.keys: list[baseline.Key] = []

    @property
    def status(self) -> int:
        """The exit status of the command."""
        return 2 if self.broken else 0 if self.clean else 1

    def tell(self, outcomes: Iterator[checking.Outcome]) -> None:
        """Write all of them."""
        results = self._results(outcomes)
        if self.statistics:
            from pipeline.formats.statistics import statistics

            sys.stdout.writelines(f"{line}\n" for line in statistics(results))
        elif self.form in LINES:
            for _ in results:
                pass
        else:
            from pipeline.formats.table import FORMATS

            sys.stdout.writelines(FORMATS[self.form](results, self.desk.book))
        if self.mended:
            typer.echo(f"{self.mended} files mended", err=True)

    def _results(self, outcomes: Iterator[checking.Outcome]) -> Iterator[FileResult]:
        for one in outcomes:
            self.clean, self.broken = self.clean and one.clean, self.broken or bool(one.error)
            self.mended += one.mended
            self.keys += one.keys
            if one.error:
                terminal.complain(one.error)
            if one.out:
                sys.stdout.flush()
                sys.stdout.buffer.write(one.out)
            elif one.result:
                yield one.result
            (sys.stderr if one.out else sys.stdout).write(one.text)
