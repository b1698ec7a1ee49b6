"""What `tactful batch` does once it is known what is meant: look, estimate or run, and show it as it goes."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pipeline import options, report, terminal
from pipeline.errors import DraftError, SettingsError

if TYPE_CHECKING:
    from pipeline.batch.across import Across, Note
    from pipeline.batch.asking import Meter
    from pipeline.batch.choice import Choice
    from pipeline.batch.claims import Claims
    from pipeline.batch.keys import Recipe
    from pipeline.batch.run import Engine, Writer
    from pipeline.batch.tally import Tally
    from pipeline.batch.work import Bench
    from pipeline.desk import Desk
    from pipeline.domain import Ask
    from pipeline.models.fetch import Progress


class Engines(StrEnum):
    """What works on the templates of a run."""

    THREADS = "threads"
    RAY = "ray"
    BATCH_API = "batch-api"


def check(choice: Choice, desk: Desk, screen: Screen) -> int:
    """Findings only; 1 if something worse than a hint was found, or something could not be read."""
    from pipeline.batch import lines
    from pipeline.batch.across import Across
    from pipeline.batch.looking import findings

    good, number, across = True, 0, Across()
    for one in findings(choice, desk):
        good, number = good and one.good, number + 1
        one.compare(across)
        screen.show(one.lines(terminal.paint()), one.json)
    _found(number, choice)
    notes = screen.notes(across)
    screen.end({"notes": [lines.note_json(note) for note in notes]}, [])
    return 0 if good and not any(note.remains for note in notes) else 1


def estimate(choice: Choice, desk: Desk, recipe: Recipe, meter: Meter, screen: Screen, jobs: int) -> int:
    """What a run would take; 1 if something cannot be read."""
    from pipeline.batch import lines, session
    from pipeline.batch.ledger import Ledger
    from pipeline.batch.plan import plan

    with Ledger(session.home(desk.settings, choice.root)) as ledger:
        made = plan(choice.parts(), desk, recipe, ledger)
    _found(made.templates + made.faults, choice)
    screen.end({"estimate": lines.plan_json(made, meter.price)}, [])
    for line in () if screen.as_json else lines.plan_lines(made, recipe.model.name, meter.price, jobs):
        typer.echo(line)
    return 1 if made.faults else 0


def run_all(
    choice: Choice,
    desk: Desk,
    recipe: Recipe,
    meter: Meter,
    screen: Screen,
    target: Path | str,
    engine: Engines,
    jobs: int,
    results: Path | None,
) -> int:
    """The run itself, shown as it goes."""
    from pipeline.batch import lines, run, session, stops
    from pipeline.batch.across import Across
    from pipeline.batch.asking import NoModel
    from pipeline.batch.drafting import spot
    from pipeline.batch.nouns import Row
    from pipeline.batch.results import kept
    from pipeline.batch.tally import Tally

    if recipe.model.remote:
        typer.echo(f"asking {recipe.model.name} at {recipe.model.base_url}: templates leave this computer", err=True)
    tally, across = Tally(meter, choice.count() if screen.live else 0), Across()
    with (
        stops.heeded(meter, _tell),
        session.bench(
            desk, recipe, session.home(desk.settings, choice.root), meter, screen.opened(recipe, meter)
        ) as bench,
        kept(results, choice.root) as keep,
        ExitStack() as stack,
    ):
        writer = _writer(target, choice.root, bench.claims)
        try:
            for row in run.rows(choice.parts(), _engine(engine, bench, screen, jobs, stack), writer):
                tally.take(row)
                if isinstance(row, Row) and not row.fault:
                    across.take(spot(row.task.path, row.task.template), row.task.template.text, row.text)
                screen.show(lines.row_lines(row), lines.row_json(row) if screen.as_json else {})
                keep(row)
                screen.progress(tally)
        except NoModel as error:
            raise error.error from error
    _found(tally.outcomes.total() + tally.faults, choice)
    notes = screen.notes(across)
    for note in notes:
        tally.note(note)
    told = {"notes": [lines.note_json(note) for note in notes], "summary": tally.json(writer.written)}
    screen.end(told, tally.lines(writer.written, writer.verb))
    return stops.INTERRUPTED if meter.interrupted else tally.exit_code


def _engine(name: Engines, bench: Bench, screen: Screen, jobs: int, stack: ExitStack) -> Engine:
    """What works on the templates; what it opens is closed with the stack."""
    if name is Engines.BATCH_API:
        return _by_post(bench, screen, stack)
    model = bench.recipe.model
    if left := bench.ledger.batches(model.name, model.base_url):
        names = ", ".join(one.id or one.name for one in left)
        _tell(f"still under way at {model.name}: {names}; --engine {Engines.BATCH_API} collects what is paid for")
    if name is Engines.RAY:
        return _over_ray(bench, jobs, screen)
    from pipeline.batch.engines.threads import Threads

    return Threads(bench.work, bench.meter, jobs)


def _by_post(bench: Bench, screen: Screen, stack: ExitStack) -> Engine:
    """The engine of a provider's Batch API, which is not touched before a template needs it."""
    from pipeline.batch.engines.post import Post
    from pipeline.batch.engines.rounds import Rounds
    from pipeline.models.jobs import Jobs, open_jobs

    @cache
    def opened() -> Jobs:
        return stack.enter_context(open_jobs(bench.recipe.model, screen.waits(bench.meter)))

    post = Post(bench.recipe, bench.ledger, bench.claims, bench.meter, opened, _tell)
    return Rounds(replace(bench, source=post).work, post, bench.meter)


def _over_ray(bench: Bench, jobs: int, screen: Screen) -> Engine:
    """Ray's engine, which is not touched before a template needs it; the embedded model is fetched once before."""
    from pipeline.batch.engines import cluster, raydata
    from pipeline.models import pull

    if not raydata.installed():
        raise SettingsError("--engine ray: Ray is not installed: python -m pip install 'tactful[ray]'")
    named, model = raydata.address(), bench.recipe.model

    def begin() -> cluster.Pool:
        if named:
            typer.echo(f"working on the cluster at {named}: templates go to its computers", err=True)
        elif model.embedded:
            pull(model, screen.fetching(bench.recipe))
        return raydata.RayPool(cluster.Errand(bench.desk, bench.recipe), jobs, bench.meter)

    return cluster.Cluster(bench, begin, jobs)


def _found(number: int, choice: Choice) -> None:
    if not number:
        like = f" whose name is like {choice.only!r}" if choice.only else ""
        raise DraftError(f"{choice.root}: no templates in files{like}: name a folder or file that holds some")


def _tell(line: str) -> None:
    typer.echo(f"tactful: {line}", err=True)


class Screen:
    """What the user sees: rows as they come, a progress line on a terminal, a summary or one JSON table at the end."""

    def __init__(self, *, as_json: bool, quiet: bool, err: bool) -> None:
        self.as_json, self.quiet, self.err = as_json, quiet, err
        self.live = sys.stderr.isatty() and not quiet
        self.rows: list[dict[str, Any]] = []
        self.last, self.line = 0.0, ""

    def opened(self, recipe: Recipe, meter: Meter) -> Callable[[ExitStack], Ask]:
        """How the model is opened, when it is needed."""

        def enter(stack: ExitStack) -> Ask:
            from pipeline.models.client import open_model

            model, told = recipe.model, self.fetching(recipe)
            return stack.enter_context(open_model(model, way=model.way, on_progress=told, on_wait=self.waits(meter)))

        return enter

    def fetching(self, recipe: Recipe) -> Progress | None:
        """What hears of the megabytes, while the model is fetched."""
        return None if self.quiet else options.fetching(recipe.model.label)

    def waits(self, meter: Meter) -> Callable[[str], None]:
        """What is done ten times a second while the run waits: show why, and end the wait with the run."""

        def wait(why: str) -> None:
            meter.heed()
            self._live(", ".join(filter(None, (why, self.line))))

        return wait

    def show(self, lines: Iterable[str], row: dict[str, Any]) -> None:
        """A row: its lines, or what the JSON at the end holds of it."""
        if self.as_json:
            self.rows.append(row)
            return
        for line in lines:
            self._clear()
            typer.echo(line, err=self.err)

    def notes(self, across: Across) -> list[Note]:
        """What is to be said of the library as a whole, shown; of what remains alone where the user wants no more."""
        from pipeline.batch.lines import note_line

        notes = list(across.notes())
        if not self.as_json:
            self.show([note_line(note) for note in notes if note.remains or not self.quiet], {})
        return notes

    def progress(self, tally: Tally) -> None:
        """The progress line."""
        if self.live:
            self.line = tally.progress()
            self._live(self.line)

    def _live(self, line: str) -> None:
        """A line over the last one, on a terminal, ten times a second at most."""
        if self.live and time.monotonic() - self.last > 0.1:
            self.last = time.monotonic()
            typer.echo(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", err=True, nl=False)

    def end(self, table: dict[str, Any], lines: Iterable[str]) -> None:
        """The end: JSON, or the summary."""
        self._clear()
        if self.as_json:
            typer.echo(json.dumps(report.document("templates", self.rows) | table, ensure_ascii=False, indent=2))
        elif not self.quiet:
            for line in lines:
                typer.echo(line, err=self.err)

    def _clear(self) -> None:
        if self.live:
            typer.echo("\r\x1b[K", err=True, nl=False)


def _writer(target: Path | str, root: Path, claims: Claims) -> Writer:
    """What writes: a place that --out names, or one of the other ways."""
    from pipeline.batch import write

    if target == "diff":
        return write.Diff(_send)
    if isinstance(target, str):
        return write.InPlace(claims)
    if target.resolve() == root.resolve() or (root.is_dir() and target.resolve().is_relative_to(root.resolve())):
        raise SettingsError(f"--out {target} lies in the library itself: name another place, or use --in-place")
    if root.is_dir():
        if target.exists() and not target.is_dir():
            raise SettingsError(f"--out {target} is a file, and {root} is a folder: name a folder")
        return write.Out(claims, lambda path: target / path.relative_to(root), target)
    place = target / root.name if target.is_dir() else target
    return write.Out(claims, lambda _: place, place.parent)


def _send(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
