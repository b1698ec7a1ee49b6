"""The commands: parse, call, report, exit. Errors become exit codes here, and heavy imports happen here only."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

from pipeline import (
    __version__,
    batch_commands,
    check_commands,
    drafts,
    eval_commands,
    options,
    report,
    review_commands,
    rule_commands,
    server_commands,
    terminal,
)
from pipeline.domain import Draft, Rewrite, Rulebook
from pipeline.errors import DraftError, PipelineError, SettingsError
from pipeline.options import (
    BriefOption,
    CandidatesOption,
    KindOption,
    ModelOption,
    PurposeOption,
    RoundsOption,
    SeedOption,
    TierOption,
    UrlOption,
    WayOption,
    catalogue,
    fetching,
    given,
    past,
    people,
    project,
    settings_here,
)
from pipeline.review import review
from pipeline.terminal import examples

if TYPE_CHECKING:
    from pipeline.models import Model


app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Rewrites cold messages so that the person who receives them is glad to answer. "
    "Nothing leaves this computer unless you name a remote model.",
    epilog=examples("improve note.md", "check templates/", "rules guilt"),
)
models_app = typer.Typer(rich_markup_mode=None)
app.add_typer(models_app, name="models", epilog=examples("models", "models show openai", "models pull"))
app.add_typer(eval_commands.app, name="eval")
app.add_typer(rule_commands.app, name="rules")
batch_commands.add(app)
review_commands.add(app)
check_commands.add(app)
server_commands.add(app)

TextArgument = Annotated[
    str, typer.Argument(metavar="[TEXT|FILE|-]", help="The message, a file that holds it, or - for stdin.")
]
ModelArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="A name from `tactful models`.")]
ToOption = Annotated[str, typer.Option("--to", help="The reader: 'Name, role, company'.")]
FromOption = Annotated[str, typer.Option("--from", help="You: 'Name, role, company'.")]
FactOption = Annotated[
    list[str] | None, typer.Option("--fact", help="Something you know of the reader; may be given again.")
]
GoalOption = Annotated[str, typer.Option("--goal", help="What you want; completes 'I would like to ...'.")]
OfferOption = Annotated[str, typer.Option("--offer", help="What you can really offer.")]
SubjectOption = Annotated[str, typer.Option("--subject", help="The subject line, for an InMail or e-mail.")]
ProfileOption = Annotated[Path | None, typer.Option("--profile", help="A text file with the reader's profile, pasted.")]
HistoryOption = Annotated[
    list[str] | None,
    typer.Option("--history", help="What came before: sent=1, days_since=9, met=..., applied=true."),
]
FilledOption = Annotated[bool, typer.Option("--filled", help="A finished message: merge fields in it are faults.")]
AskOption = Annotated[
    bool, typer.Option("--ask", help="Ask for what is missing, on the terminal, and go on with the answers.")
]
GapsOption = Annotated[bool, typer.Option("--gaps", help="Mark what is missing with a bracket to fill by hand.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="Show the change word by word.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout (schema in the README).")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="The message alone, no talk.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False) -> None:
    """Options of every command."""
    if version:
        typer.echo(f"tactful {__version__}")
        raise typer.Exit


@app.command(
    epilog=examples(
        "improve note.md",
        "improve 'Hi, I came across your profile ...' --to 'Marta Ruiz, head of planning, Nordfreight'",
        "improve note.md --fact 'wrote a post on route forecasts' --diff",
        "improve - --kind connection-note --purpose advice < note.txt",
    )
)
def improve(
    text: TextArgument = "-",
    *,
    kind: KindOption = "",
    tier: TierOption = "",
    purpose: PurposeOption = "",
    to: ToOption = "",
    sender: FromOption = "",
    fact: FactOption = None,
    goal: GoalOption = "",
    offer: OfferOption = "",
    subject: SubjectOption = "",
    brief: BriefOption = None,
    profile: ProfileOption = None,
    history: HistoryOption = None,
    filled: FilledOption = False,
    model: ModelOption = "",
    base_url: UrlOption = "",
    way: WayOption = "",
    candidates: CandidatesOption = 1,
    rounds: RoundsOption = 3,
    seed: SeedOption = 0,
    ask: AskOption = False,
    gaps: GapsOption = False,
    diff: DiffOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rewrite one message: the better message on stdout, what changed and why beside it.

    Exit 0 good, 1 faults remain, 2 input or set-up, 3 model.
    """
    from pipeline.rewriting import meant, rewritten

    said = given(kind=kind, tier=tier, purpose=purpose, subject=subject, filled=filled, goal=goal)
    said |= people(to, fact, profile, sender, offer) | given(history=dict(map(past, history or ())))
    desk = options.desk(said, brief)
    book, model_chosen = desk.book, meant(desk.settings, model, base_url, way)
    name, data = _input(text, ask=ask)
    draft = desk.draft(drafts.decode(data, name), name)
    walk = {"rounds": rounds, "candidates": candidates, "seed": seed}
    if model_chosen.remote and not review(draft, book).settled:
        where = f"{model_chosen.name} at {model_chosen.base_url}"
        typer.echo(f"asking {where}: the draft and its brief leave this computer", err=True)
    progress = None if quiet else fetching(model_chosen.label)
    rewrite, used = rewritten(_asked(draft, book) if ask else draft, desk, model_chosen, walk, progress)
    shown = _marked(rewrite) if gaps else rewrite.best.draft
    if as_json:
        _print_json("rewrites", [report.rewrite_json(rewrite, shown, name, used)])
    else:
        _show(rewrite, shown, data, book, diff=diff, quiet=quiet)
    raise typer.Exit(0 if _acceptable(rewrite) else 1)


@app.command(epilog=examples("config", "config --schema > tactful.schema.json"))
def config(
    *,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON Schema of the settings, for editors.")] = False,
) -> None:
    """Show each setting that holds here, its value, and where it was said."""
    chosen, book = project()
    if schema:
        from pipeline.schemas import settings_schema

        typer.echo(json.dumps(settings_schema(book), ensure_ascii=False, indent=2))
        return
    typer.echo(f"file = {json.dumps(chosen.file)}")
    for key, value, origin in options.origins():
        typer.echo(f"{key} = {json.dumps(msgspec.to_builtins(value), ensure_ascii=False)}  # {origin}")


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the models that can rewrite: the embedded default, named servers, and your own from tactful.toml."""
    if context.invoked_subcommand is None:
        from pipeline.models import DEFAULT

        for name, model in catalogue(settings_here()).items():
            default = "  (default)" if name == DEFAULT else ""
            typer.echo(f"{name:20} {model.way:7} {_state(model):16} {model.label}{default}")


@models_app.command(epilog=examples("models pull"))
def pull(name: ModelArgument = "") -> None:
    """Fetch the embedded model ahead of its first use (93 MB, once)."""
    from pipeline.models import choose
    from pipeline.models import pull as fetch

    model = choose(catalogue(settings_here()), name)
    if not model.file:
        raise SettingsError(f"{model.name} has no file to fetch: it answers at {model.base_url or model.path}")
    typer.echo(str(fetch(model, fetching(model.label))))


@models_app.command(epilog=examples("models show", "models show openai"))
def show(name: ModelArgument = "") -> None:
    """Show one model: what it is, what it is good for, where it runs."""
    from pipeline.models import choose, path

    model = choose(catalogue(settings_here()), name)
    remote = "  (remote)" if model.remote else ""
    for line in (
        f"{model.name}: {model.label}",
        f"way      {model.way}",
        f"licence  {model.licence or 'see its provider'}",
        *([f"file     {path(model)}"] if model.embedded else []),
        *([f"address  {model.base_url}{remote}"] if model.base_url else []),
        *([f"adapter  {one.name}, {one.bytes:,} bytes, SHA-256 {one.sha256}"] if (one := model.tuned) else []),
        "",
        model.card.strip(),
    ):
        typer.echo(line)


# ── What the user says ────────────────────────────────────────────────────────────────────────────────────────────────


def _input(text: str, *, ask: bool) -> tuple[str, bytes]:
    """The name and the bytes of the one message: stdin, a file, or the argument itself."""
    if ask and (text == "-" or not sys.stdin.isatty()):
        raise DraftError("--ask asks on a terminal: give the message as a text or a file, not through stdin")
    if text == "-":
        terminal.say_what_is_expected()
        return "stdin", sys.stdin.buffer.read(drafts.LARGEST + 1)
    if _names_a_file(text):
        return text, drafts.read_bytes(Path(text))
    return "text", os.fsencode(text)


def _names_a_file(text: str) -> bool:
    """Whether an argument is a file's name: one that exists, or one word that looks like a path."""
    if "\n" in text or not text.strip():
        return False
    one_word = " " not in text and ("/" in text or Path(text).suffix in drafts.ENDINGS)
    return one_word or os.path.lexists(text)  # Path.exists raises where a name is too long


def _asked(draft: Draft, book: Rulebook) -> Draft:
    """The draft with the sender's answers in its brief; an empty answer leaves the question open."""
    questions: dict[str, str] = {}
    for finding in review(draft, book).findings:
        if finding.rule.answer:
            questions.setdefault(finding.rule.answer, finding.rule.question)
    for key, question in questions.items():
        typer.echo(question.replace("{reader}", draft.brief.to.name or "the reader"), err=True)
        typer.echo("> ", err=True, nl=False)
        answer = sys.stdin.readline().strip()
        draft = draft.answered(key, answer) if answer else draft
    return draft


# ── The model and the walk ────────────────────────────────────────────────────────────────────────────────────────────


def _state(model: Model) -> str:
    """Where a model is, in a word or two."""
    from pipeline.models import ready

    if not ready(model):
        return "not fetched yet" if model.file else "file is missing"
    return "remote" if model.remote else "fetched" if model.file else "on this computer"


def _marked(rewrite: Rewrite) -> Draft:
    """The best message with its gaps marked; one that is done, or better not sent, has none."""
    from pipeline.revise.pieces import mark_gaps

    return rewrite.best.draft if rewrite.best.settled else mark_gaps(rewrite.best).draft


def _acceptable(rewrite: Rewrite) -> bool:
    """Whether the user may send what came out: it is clean, or better than the draft and without errors."""
    best = rewrite.best
    return not best.verdict and (best.clean or (rewrite.changed and best.passes))


# ── What the user sees ────────────────────────────────────────────────────────────────────────────────────────────────


def _print_json(key: str, rows: list[dict[str, Any]]) -> None:
    typer.echo(json.dumps(report.document(key, rows), ensure_ascii=False, indent=2))


def _show(rewrite: Rewrite, shown: Draft, data: bytes, book: Rulebook, *, diff: bool, quiet: bool) -> None:
    """The message on stdout; the talk on stderr, on a terminal or where something is left to do."""
    seen, paint = sys.stdout.isatty(), terminal.paint()
    if not quiet:
        for line in report.verdict_lines(rewrite.original, book, paint):
            typer.echo(line, err=True)
    if diff:
        typer.echo(report.diff_line(report.message(rewrite.original.draft), report.message(shown), paint))
    elif shown.message != rewrite.original.draft.message:
        typer.echo(report.message(shown))
    else:
        _hand_back(data, shown, ends_line=seen)
    if not quiet and (seen or not _acceptable(rewrite)):
        typer.echo("", err=True)
        for line in report.rewrite_lines(rewrite, paint):
            typer.echo(line, err=True)


def _hand_back(data: bytes, draft: Draft, *, ends_line: bool) -> None:
    """An untouched message, byte for byte: what was read, less its front matter, under its subject."""
    text, lines = drafts.decode(data, ""), data.splitlines(keepends=True)
    front = drafts.FRONT.match(text)
    if front or not drafts.SUBJECT.match(text):
        typer.echo(report.heading(draft), nl=False)
    own = b"".join(lines[draft.line - 1 :] if front else lines)
    sys.stdout.flush()
    sys.stdout.buffer.write(own if own.endswith((b"\n", b"\r")) or not ends_line else own + b"\n")
    sys.stdout.buffer.flush()


def main() -> NoReturn:
    """The console command: the one place where a PipelineError becomes a line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    status: str | int | None = 0
    try:
        app()
    except PipelineError as error:
        terminal.complain(error)
        status = error.exit_code
    except SystemExit as stop:
        status = stop.code
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read us has enough: what is left goes nowhere, quietly
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
