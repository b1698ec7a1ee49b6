"""`tactful batch` and `tactful ledger`: parse, call, report, exit. Heavy imports happen inside the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import batch_running, options
from pipeline.batch_running import Engines
from pipeline.errors import SettingsError
from pipeline.terminal import examples

if TYPE_CHECKING:
    from pipeline.batch.asking import Meter
    from pipeline.models import Model

PlaceArgument = Annotated[Path, typer.Argument(metavar="[PATH]", help="The library, where no tactful.toml stands.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write the whole library to this folder (or file).")]
InPlaceOption = Annotated[bool, typer.Option("--in-place", help="Write each file over itself.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="A patch on stdout, for `git apply` or `patch -p1`.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Findings only, no model.")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="At most so many templates; 0 for all.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=256, help="Templates at a time.")]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", help="Write a row for each template to this .jsonl or .parquet file.")
]
EstimateOption = Annotated[bool, typer.Option("--estimate", help="Say what it would take, and stop.")]
TokensOption = Annotated[int, typer.Option("--budget-tokens", min=0, help="Stop at so many tokens; 0 for no limit.")]
DollarsOption = Annotated[float, typer.Option("--budget-usd", min=0, help="Stop at so many US dollars; 0: no limit.")]
FailuresOption = Annotated[
    int, typer.Option("--max-failures", min=0, help="Stop when the model failed on so many templates; 0 never.")
]
EngineOption = Annotated[
    Engines,
    typer.Option("--engine", help="ray: over a cluster; batch-api: a remote model's Batch API, half the price, a day."),
]
RequestsOption = Annotated[
    int | None, typer.Option("--rpm", min=0, help="Requests to the model in a minute; 0 for no limit.")
]
RateOption = Annotated[int | None, typer.Option("--tpm", min=0, help="Tokens in a minute; 0 for no limit.")]
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
    path: options.RootArgument,
    *,
    out: OutOption = None,
    in_place: InPlaceOption = False,
    diff: DiffOption = False,
    check: CheckOption = False,
    only: options.OnlyOption = "",
    limit: LimitOption = 0,
    jobs: JobsOption = 4,
    engine: EngineOption = Engines.THREADS,
    rpm: RequestsOption = None,
    tpm: RateOption = None,
    results: ResultsOption = None,
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
    from pipeline.batch import keys
    from pipeline.batch.asking import Meter
    from pipeline.batch.choice import Choice
    from pipeline.library import columns
    from pipeline.rewriting import meant

    desk = options.desk(options.given(kind=kind, tier=tier, purpose=purpose), brief)
    chosen, book = desk.settings, desk.book
    choice = Choice(options.there(path), columns(chosen.library, chosen.file), only, limit)
    screen = batch_running.Screen(as_json=as_json, quiet=quiet, err=diff)
    if check:
        raise typer.Exit(batch_running.check(choice, desk, screen))
    chosen_model = _paced(meant(chosen, model, base_url, way), rpm, tpm)
    meter = Meter(budget_tokens, budget_usd, _price(chosen_model, engine), max_failures)
    _afford(chosen_model, meter)
    recipe = keys.recipe(book, chosen_model, {"rounds": rounds, "candidates": candidates, "seed": seed})
    if estimate:
        at_a_time = 0 if engine is Engines.BATCH_API else jobs
        raise typer.Exit(batch_running.estimate(choice, desk, recipe, meter, screen, at_a_time))
    target = out if out else "in place" if in_place else "diff"
    raise typer.Exit(batch_running.run_all(choice, desk, recipe, meter, screen, target, engine, jobs, results))


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
    from pipeline.batch.ledger import Ledger
    from pipeline.batch.nouns import Outcome
    from pipeline.report import document

    if outcome and outcome not in set(Outcome):
        raise SettingsError(f"--outcome {outcome!r} is not known; known: {', '.join(Outcome)}")
    with Ledger(session.begun(options.settings_here(), options.there(path))) as book:
        found = book.results(outcome, like)
        if as_json:
            rows = [lines.placed_json(one) for one in found]
            typer.echo(json.dumps(document("templates", rows), ensure_ascii=False, indent=2))
        else:
            for one in found:
                typer.echo(lines.ledger_line(one))


# ── What is meant ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _one_of(out: Path | None, *, in_place: bool, diff: bool, check: bool, estimate: bool) -> None:
    """Refuse none or several ways of handing back; an estimate hands back nothing."""
    ways = bool(out) + in_place + diff + check
    if ways > 1 or (not ways and not estimate) or (check and estimate):
        raise SettingsError("give exactly one of --out, --in-place, --diff and --check, or --estimate")


def _paced(model: Model, rpm: int | None, tpm: int | None) -> Model:
    """The model with its limits a minute; the flags win over its table."""
    from msgspec.structs import replace

    said = {"requests_per_minute": rpm, "tokens_per_minute": tpm}
    return replace(model, **{key: value for key, value in said.items() if value is not None})


def _price(model: Model, engine: Engines) -> tuple[float, float]:
    """US dollars a million tokens in and out, as the engine pays them. SettingsError: it cannot ask this model."""
    if engine is not Engines.BATCH_API:
        return model.price_in, model.price_out
    if not model.base_url:
        raise SettingsError(f"--engine {engine}: {model.name} has no Batch API: name a remote --model, or leave it out")
    from pipeline.batch.engines.post import SHARE

    return model.price_in * SHARE, model.price_out * SHARE


def _afford(model: Model, meter: Meter) -> None:
    if meter.dollars and not any(meter.price):
        raise SettingsError(
            f"--budget-usd: {model.name} has no price: write price_in and price_out, US dollars a million tokens, under"
            f" [models.{model.name}] in tactful.toml, or use --budget-tokens"
        )
