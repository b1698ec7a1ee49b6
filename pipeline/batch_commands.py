"""`tactful batch` and `tactful ledger`: parse, call, report, exit. Heavy imports happen inside the commands."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import options, report, terminal
from pipeline.errors import DraftError, SettingsError
from pipeline.terminal import examples

if TYPE_CHECKING:
    from pipeline.batch.asking import Meter
    from pipeline.batch.choice import Choice
    from pipeline.batch.claims import Claims
    from pipeline.batch.drafting import Desk
    from pipeline.batch.keys import Recipe
    from pipeline.batch.run import Writer
    from pipeline.batch.tally import Tally
    from pipeline.domain import Ask
    from pipeline.models import Model

RootArgument = Annotated[Path, typer.Argument(metavar="PATH", help="A folder of templates, or one file of them.")]
PlaceArgument = Annotated[Path, typer.Argument(metavar="[PATH]", help="The library, where no tactful.toml stands.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write the whole library to this folder (or file).")]
InPlaceOption = Annotated[bool, typer.Option("--in-place", help="Write each file over itself.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="A patch on stdout, for `git apply` or `patch -p1`.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Findings only, no model.")]
OnlyOption = Annotated[str, typer.Option("--only", help="Only files whose name or path is like this: 'sales/*.md'.")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="At most so many templates; 0 for all.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=256, help="Templates at a time.")]
EstimateOption = Annotated[bool, typer.Option("--estimate", help="Say what it would take, and stop.")]
TokensOption = Annotated[int, typer.Option("--budget-tokens", min=0, help="Stop at so many tokens; 0 for no limit.")]
DollarsOption = Annotated[float, typer.Option("--budget-usd", min=0, help="Stop at so many US dollars; 0: no limit.")]
FailuresOption = Annotated[
    int, typer.Option("--max-failures", min=0, help="Stop when the model failed on so many templates; 0 never.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Only what remains to be done, no summary.")]
OutcomeOption = Annotated[
    str, typer.Option("--outcome", help="Only improved, unchanged, clean, held, refused or failed templates.")
]
LikeOption = Annotated[str, typer.Option("--path", help="Only files whose path from the project is like this.")]


def add(app: typer.Typer) -> None:
    """Give the commands to the program."""
    app.command(
        epilog=examples(
            "batch templates/ --diff > better.patch",
            "batch templates/ --in-place --budget-tokens 200000",
            "batch library.csv --out better.csv --only '*.csv' --limit 20",
            "batch templates/ --out better/ --estimate",
        )
    )(batch)
    app.command(epilog=examples("ledger", "ledger --outcome refused", "ledger --path 'sales/*' --json"))(ledger)


def batch(
    path: RootArgument,
    *,
    out: OutOption = None,
    in_place: InPlaceOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    only: OnlyOption = "",
    limit: LimitOption = 0,
    jobs: JobsOption = 4,
    estimate: EstimateOption = False,
    budget_tokens: TokensOption = 0,
    budget_usd: DollarsOption = 0.0,
    max_failures: FailuresOption = 20,
    kind: options.KindOption = "",
    tier: options.TierOption = "",
    purpose: options.PurposeOption = "",
    brief: options.BriefOption = None,
    model: options.ModelOption = "",
    base_url: options.UrlOption = "",
    way: options.WayOption = "",
    candidates: options.CandidatesOption = 1,
    rounds: options.RoundsOption = 3,
    seed: options.SeedOption = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rewrite a library of templates that need it; the rest of each file stays as it was, byte for byte.

    What came of each template is kept in `.tactful/ledger.db`: a second run asks nothing twice, a run that was stopped
    goes on. Exit 0 good, 1 findings, refusals or faults remain, 2 set-up or usage, 3 model.
    """
    _one_of(out, in_place=in_place, diff=diff, check=check, estimate=estimate)
    if diff and as_json:
        raise SettingsError("--diff and --json both write to stdout: choose one")
    from pipeline.batch import drafting, keys
    from pipeline.batch.asking import Meter
    from pipeline.batch.choice import Choice
    from pipeline.library import columns

    chosen, book = options.project()
    over, under = options.layers(options.given(kind=kind, tier=tier, purpose=purpose), brief, chosen, book)
    desk = drafting.Desk(chosen, book, over, under)
    choice = Choice(_there(path), columns(chosen.library, chosen.file), only, limit)
    screen = _Screen(as_json=as_json, quiet=quiet, err=diff)
    if check:
        raise typer.Exit(_check(choice, desk, screen))
    meant = options.model_meant(chosen, model, base_url, way)
    meter = Meter(budget_tokens, budget_usd, (meant.price_in, meant.price_out), max_failures)
    _afford(meant, meter)
    recipe = keys.recipe(book, meant, {"rounds": rounds, "candidates": candidates, "seed": seed})
    if estimate:
        raise typer.Exit(_estimate(choice, desk, recipe, meter, screen, jobs))
    target = out if out else "in place" if in_place else "diff"
    raise typer.Exit(_run(choice, desk, recipe, meter, screen, target, jobs))


def ledger(
    path: PlaceArgument = Path(),
    *,
    outcome: OutcomeOption = "",
    like: LikeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what came of each template: outcome, scores, tokens, and what is left.

    Exit 0 shown, 2 there is no ledger.
    """
    from pipeline.batch import lines, session
    from pipeline.batch.ledger import FOLDER, NAME, Ledger
    from pipeline.batch.nouns import Outcome
    from pipeline.report import document

    if outcome and outcome not in set(Outcome):
        raise SettingsError(f"--outcome {outcome!r} is not known; known: {', '.join(Outcome)}")
    home = session.home(options.settings_here(), _there(path))
    if not (home / FOLDER / NAME).is_file():
        raise SettingsError(f"{home / FOLDER / NAME}: no ledger yet: `tactful batch` begins one")
    with Ledger(home) as book:
        found = book.results(outcome, like)
        if as_json:
            rows = [{"path": place.path, "id": place.id, **lines.result_json(one)} for place, one in found]
            typer.echo(json.dumps(document("templates", rows), ensure_ascii=False, indent=2))
        else:
            for place, one in found:
                typer.echo(lines.ledger_line(place, one))


# ── What is meant ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _one_of(out: Path | None, *, in_place: bool, diff: bool, check: bool, estimate: bool) -> None:
    """Refuse none or several ways of handing back; an estimate hands back nothing."""
    ways = bool(out) + in_place + diff + check
    if ways > 1 or (not ways and not estimate) or (check and estimate):
        raise SettingsError("give exactly one of --out, --in-place, --diff and --check, or --estimate")


def _there(path: Path) -> Path:
    if not path.exists():
        raise DraftError(f"{path}: no such file or folder: check its name")
    return path


def _afford(model: Model, meter: Meter) -> None:
    if meter.dollars and not any(meter.price):
        raise SettingsError(
            f"--budget-usd: {model.name} has no price: write price_in and price_out, US dollars a million tokens, under"
            f" [models.{model.name}] in tactful.toml, or use --budget-tokens"
        )


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


# ── The three things to do ────────────────────────────────────────────────────────────────────────────────────────────


def _check(choice: Choice, desk: Desk, screen: _Screen) -> int:
    """Findings only; 1 if something worse than a hint was found, or something could not be read."""
    from pipeline.batch.looking import findings

    good, number = True, 0
    for one in findings(choice, desk):
        good, number = good and one.good, number + 1
        screen.show(one.lines(terminal.paint()), one.json)
    _found(number, choice)
    screen.end({}, [])
    return 0 if good else 1


def _estimate(choice: Choice, desk: Desk, recipe: Recipe, meter: Meter, screen: _Screen, jobs: int) -> int:
    from pipeline.batch import lines, session
    from pipeline.batch.ledger import Ledger
    from pipeline.batch.plan import plan

    with Ledger(session.home(desk.settings, choice.root)) as ledger:
        made = plan(choice.parts(), desk, recipe, ledger)
    _found(made.templates + made.faults, choice)
    screen.end({"estimate": lines.plan_json(made, meter.price)}, [], rows=False)
    for line in () if screen.as_json else lines.plan_lines(made, recipe.model.name, meter.price, jobs):
        typer.echo(line)
    return 1 if made.faults else 0


def _run(
    choice: Choice, desk: Desk, recipe: Recipe, meter: Meter, screen: _Screen, target: Path | str, jobs: int
) -> int:
    """The run itself, shown as it goes."""
    from pipeline.batch import lines, run, session, stops
    from pipeline.batch.asking import NoModel
    from pipeline.batch.tally import Tally

    if recipe.model.remote:
        typer.echo(f"asking {recipe.model.name} at {recipe.model.base_url}: templates leave this computer", err=True)
    tally = Tally(meter, choice.count() if screen.live else 0)
    with (
        stops.heeded(meter, _tell),
        session.bench(desk, recipe, session.home(desk.settings, choice.root), meter, screen.opened(recipe)) as bench,
    ):
        writer = _writer(target, choice.root, bench.claims)
        try:
            for row in run.rows(choice.parts(), bench.work, writer, meter, jobs=jobs):
                tally.take(row)
                screen.show(lines.row_lines(row), lines.row_json(row) if screen.as_json else {})
                screen.progress(tally)
        except NoModel as error:
            raise error.error from error
    _found(tally.outcomes.total() + tally.faults, choice)
    screen.end({"summary": tally.json(writer.written)}, tally.lines(writer.written, writer.verb))
    return stops.INTERRUPTED if meter.interrupted else tally.exit_code


def _found(number: int, choice: Choice) -> None:
    if not number:
        like = f" whose name is like {choice.only!r}" if choice.only else ""
        raise DraftError(f"{choice.root}: no templates in files{like}: name a folder or file that holds some")


def _tell(line: str) -> None:
    typer.echo(f"tactful: {line}", err=True)


class _Screen:
    """What the user sees: rows as they come, a progress line on a terminal, a summary or one JSON table at the end."""

    def __init__(self, *, as_json: bool, quiet: bool, err: bool) -> None:
        self.as_json, self.quiet, self.err = as_json, quiet, err
        self.live = sys.stderr.isatty() and not quiet
        self.rows: list[dict[str, Any]] = []
        self.last = 0.0

    def opened(self, recipe: Recipe) -> Callable[[ExitStack], Ask]:
        """How the model is opened, when it is needed."""

        def enter(stack: ExitStack) -> Ask:
            from pipeline.models.client import open_model

            told = None if self.quiet else options.fetching(recipe.model.label)
            return stack.enter_context(open_model(recipe.model, way=recipe.model.way, on_progress=told))

        return enter

    def show(self, lines: Iterable[str], row: dict[str, Any]) -> None:
        """A row: its lines, or what the JSON at the end holds of it."""
        if self.as_json:
            self.rows.append(row)
            return
        for line in lines:
            self._clear()
            typer.echo(line, err=self.err)

    def progress(self, tally: Tally) -> None:
        """The progress line, ten times a second at most."""
        if self.live and time.monotonic() - self.last > 0.1:
            self.last = time.monotonic()
            typer.echo(f"\r\x1b[K{tally.progress()[: shutil.get_terminal_size().columns - 1]}", err=True, nl=False)

    def end(self, table: dict[str, Any], lines: Iterable[str], *, rows: bool = True) -> None:
        """The end: JSON, or the summary."""
        self._clear()
        if self.as_json:
            whole = report.document("templates", self.rows) if rows else report.document("templates", [])
            typer.echo(json.dumps(whole | table, ensure_ascii=False, indent=2))
        elif not self.quiet:
            for line in lines:
                typer.echo(line, err=self.err)

    def _clear(self) -> None:
        if self.live:
            typer.echo("\r\x1b[K", err=True, nl=False)
