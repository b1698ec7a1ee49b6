"""`tactful eval` and what stands under it: parse, call, report, exit. Heavy imports happen inside the commands."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline import terminal
from pipeline.errors import CaseError, SettingsError
from pipeline.terminal import examples

RUN = "run"
HOME = Path("evals/cases")
"""Where the cases lie if nobody says otherwise."""


app = typer.Typer(
    cls=terminal.group(RUN), rich_markup_mode=None, help="Do messages get better or worse? Replays recorded answers."
)

CasesOption = Annotated[
    Path, typer.Option("--cases", help="A folder of cases; cassettes/ and baseline.json lie beside it.")
]
RulesOption = Annotated[
    list[Path] | None, typer.Option("--rules", help="Pages of rules of yours, or a folder of them, over ours.")
]
PromptsOption = Annotated[Path | None, typer.Option("--prompts", help="Templates of yours, laid out like prompts/.")]
ModelOption = Annotated[str, typer.Option("--model", help="A name from `tactful models`; if left out, all recorded.")]
NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[CASE]...", help="Cases, or how their names begin.")
]
RecordOption = Annotated[bool, typer.Option("--record", help="Ask the model and write cassettes anew.")]
StaleOption = Annotated[bool, typer.Option("--stale", help="Only name stale cassettes; with --record: only these.")]
LiveOption = Annotated[bool, typer.Option("--live", help="Ask the model, record nothing.")]
RescoreOption = Annotated[
    bool, typer.Option("--rescore", help="Judge recorded messages by today's rules; ask nothing.")
]
BlessOption = Annotated[bool, typer.Option("--bless", help="Accept what was replayed or recorded as the baseline.")]
RepeatOption = Annotated[
    int, typer.Option("--repeat", min=1, max=50, help="With --live: runs a case, each with its own seeds.")
]
KindsOption = Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; may be given again.")]
PurposesOption = Annotated[list[str] | None, typer.Option("--purpose", help="Only this purpose; may be given again.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
JunitOption = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.")]
MarkdownOption = Annotated[Path | None, typer.Option("--markdown", help="Write Markdown for a pull request here.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write one HTML page here.")]
AgeOption = Annotated[int, typer.Option("--max-age", min=1, help="Days after which a recording is too old.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it.")]


@app.command(
    RUN,
    hidden=True,
    epilog=examples(
        "eval",
        "eval --html evals.html --markdown comment.md",
        "eval --stale",
        "eval --record --stale",
        "eval --record museum-registrar-early-call",
        "eval --live --repeat 3 --kind reply --model openai",
        above=(
            "Also: tactful eval doctor   are the recordings sound?",
            "      tactful eval init     write a small suite of your own",
        ),
    ),
)
def run(
    names: NamesArgument = None,
    *,
    record: RecordOption = False,
    stale: StaleOption = False,
    live: LiveOption = False,
    rescore: RescoreOption = False,
    bless: BlessOption = False,
    repeat: RepeatOption = 1,
    model: ModelOption = "",
    kind: KindsOption = None,
    purpose: PurposesOption = None,
    cases: CasesOption = HOME,
    rules: RulesOption = None,
    prompts: PromptsOption = None,
    as_json: JsonOption = False,
    junit: JunitOption = None,
    markdown: MarkdownOption = None,
    html: HtmlOption = None,
) -> None:
    """Hold rules, prompts and model to account: every case, its figures, and a verdict against the baseline.

    Replays what was recorded: no model, no network. Exit 0 nothing fell, 1 a figure fell, 2 set-up or usage, 3 model,
    4 stale recordings.
    """
    _check(record=record, stale=stale, live=live, rescore=rescore, bless=bless, repeat=repeat)
    from pipeline.evals import junit as xml
    from pipeline.evals import markdown as comment
    from pipeline.evals import reports
    from pipeline.evals.outcome import STALE
    from pipeline.evals.session import open_session
    from pipeline.files import write

    session = open_session(cases, rules or (), prompts, model)
    some = session.chosen(names or (), kind or (), purpose or ())
    if session.model.remote and (record or live):
        _tell(f"asking {session.model.name} at {session.model.base_url}: the cases leave this computer")
    if record:
        outcome = session.recorded(some, _tell, only_stale=stale)
    elif live:
        outcome = session.live(some, repeat, _tell)
    else:
        outcome = session.rescored(some) if rescore else session.replayed(some)
    if stale and not record:
        for line in list(reports.stale_lines(outcome, terminal.paint())) or ["nothing is stale"]:
            typer.echo(line)
        raise typer.Exit(STALE if outcome.stale else 0)
    for place, made in ((junit, xml.junit), (markdown, comment.markdown), (html, reports.html)):
        if place:
            write(place, made(outcome))
    shown = [json.dumps(reports.document(outcome), ensure_ascii=False, indent=1)] if as_json else None
    for line in shown or reports.lines(outcome, terminal.paint()):
        typer.echo(line)
    if bless:
        accepted = session.bless(outcome)
        for line in (*(f"accepted  {one}" for one in accepted), f"{session.baseline}: {len(accepted)} cases changed"):
            typer.echo(line, err=as_json)
        raise typer.Exit(STALE if outcome.stale else 0)
    raise typer.Exit(outcome.exit_code)


@app.command(epilog=examples("eval doctor", "eval doctor --max-age 90"))
def doctor(
    *, max_age: AgeOption = 180, cases: CasesOption = HOME, rules: RulesOption = None, prompts: PromptsOption = None
) -> None:
    """Look after the recordings: secrets, orphans, unplayed answers, unreadable bodies, age, missing cassettes.

    Exit 0 nothing is wrong (notes may be told), 1 faults, 2 set-up.
    """
    from pipeline.evals.session import open_session

    session = open_session(cases, rules or (), prompts, "")
    troubles = list(session.troubles(max_age))
    for trouble in troubles:
        typer.echo(str(trouble))
    faults = sum(not trouble.note for trouble in troubles)
    typer.echo(f"{len(session.cases)} cases: {faults} faults, {len(troubles) - faults} notes")
    raise typer.Exit(1 if faults else 0)


@app.command(epilog=examples("eval init", "eval init ours"))
def init(folder: FolderArgument = Path("evals")) -> None:
    """Write a small suite that works: two cases, a page of rules, and a README that says how to go on."""
    from pipeline.evals.example import init as write_example

    for place in write_example(folder):
        typer.echo(str(place))


def _check(*, record: bool, stale: bool, live: bool, rescore: bool, bless: bool, repeat: int) -> None:
    """Refuse options that say two things at once."""
    if record + live + rescore > 1 or (stale and (live or rescore)):
        raise CaseError("choose one of --record, --live and --rescore; --stale goes alone or with --record")
    if bless and (live or rescore):
        what = "--live" if live else "--rescore"
        raise SettingsError(f"--bless does not go with {what}: later replays are held against it: bless a replay")
    if repeat > 1 and not live:
        raise CaseError("--repeat goes with --live: a recording says the same every time")


def _tell(line: str) -> None:
    typer.echo(line, err=True)
