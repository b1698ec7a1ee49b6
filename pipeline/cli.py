"""The commands: parse, call, report, exit. The only place where errors become exit codes and where heavy imports happen."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pipeline import __version__, checking, drafts, report, rulebook, settings
from pipeline.checking import Job
from pipeline.domain import Draft, Review, Rewrite, Rulebook
from pipeline.errors import BriefError, PipelineError, SettingsError
from pipeline.review import review

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Rewrites cold messages so that the person who receives them is glad to answer. Nothing leaves this computer unless you name a remote model.",
)
models_app = typer.Typer(rich_markup_mode=None, help="The models that can rewrite: list them, fetch the embedded one, show one.")
app.add_typer(models_app, name="models")

KindOption = Annotated[str, typer.Option("--kind", help="connection-note, message, inmail, follow-up, reply, comment, intro-request or email.")]
TierOption = Annotated[str, typer.Option("--tier", help="Account tier: free or premium (connection notes).")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="networking, advice, job-search, recruiting, partnership or sales.")]
BriefOption = Annotated[Path | None, typer.Option("--brief", help="A TOML or YAML file with what you know: to, from, goal, history ...")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout (schema in the README).")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False) -> None:
    """Options of every command."""
    if version:
        typer.echo(f"tactful {__version__}")
        raise typer.Exit


@app.command(
    epilog="Examples:  tactful improve note.md   |   tactful improve 'Hi, I came across your profile ...' --kind connection-note "
    "--to 'Marta Ruiz, head of planning, Nordfreight' --fact 'wrote a post on route forecasts'   |   pbpaste | tactful improve - --purpose advice"
)
def improve(
    text: Annotated[str, typer.Argument(metavar="[TEXT|FILE|-]", help="The message, a file that holds it, or - for stdin.")] = "-",
    kind: KindOption = "",
    tier: TierOption = "",
    purpose: PurposeOption = "",
    to: Annotated[str, typer.Option("--to", help="The reader: 'Name, role, company'.")] = "",
    sender: Annotated[str, typer.Option("--from", help="You: 'Name, role, company'.")] = "",
    fact: Annotated[list[str] | None, typer.Option("--fact", help="Something you know of the reader; may be given again.")] = None,
    goal: Annotated[str, typer.Option("--goal", help="What you want; completes 'I would like to ...'.")] = "",
    offer: Annotated[str, typer.Option("--offer", help="What you can really offer.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="The subject line, for an InMail or e-mail.")] = "",
    brief: BriefOption = None,
    profile: Annotated[Path | None, typer.Option("--profile", help="A text file with the reader's profile, pasted.")] = None,
    history: Annotated[list[str] | None, typer.Option("--history", help="What came before: sent=1, days_since=9, met=..., applied=true.")] = None,
    filled: Annotated[bool, typer.Option("--filled", help="A finished message: merge fields in it are faults.")] = False,
    model: Annotated[str, typer.Option("--model", help="A name from `tactful models`, a .gguf file, or a name at --base-url.")] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")] = "",
    way: Annotated[str, typer.Option("--way", help="whole or pieces; the catalogue says which suits a model.")] = "",
    candidates: Annotated[int, typer.Option("--candidates", min=1, max=16, help="Samples a round; the best by score is kept.")] = 1,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=8, help="Revisions at most.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sampling.")] = 0,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for what is missing, on the terminal, and go on with the answers.")] = False,
    gaps: Annotated[bool, typer.Option("--gaps", help="Mark what is missing with a bracket to fill by hand.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show the change word by word.")] = False,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="The message alone, no talk.")] = False,
) -> None:
    """Rewrite one message: the better message on stdout, what changed and why beside it. Exit 0 good, 1 faults remain, 2 input or set-up, 3 model."""
    chosen, book = _book()
    flags = _flags(kind, tier, purpose, subject, filled, goal)
    flags["to"] = _person("to", to) | ({"facts": fact} if fact else {}) | ({"profile": drafts.read_text(profile, BriefError)} if profile else {})
    flags["from"] = _person("from", sender) | ({"offer": offer} if offer else {})
    flags["history"] = dict(_history(one) for one in history or ())
    name, raw = _input(text)
    table = drafts.read_brief(brief) if brief else {}
    draft = chosen.marked(drafts.draft(raw, name, book, flags=flags, brief=table))
    if ask:
        draft = _asked(draft, book)
    rewrite, used = _rewrite(draft, book, chosen, model or chosen.model, base_url or chosen.base_url, way or chosen.way, (rounds, candidates, seed), quiet)
    best = rewrite.best
    if gaps:
        from pipeline.revise.pieces import mark_gaps

        best = mark_gaps(best)
    _show(rewrite, best, name, used, book, diff=diff, as_json=as_json, quiet=quiet)
    raise typer.Exit(0 if best.passes and not best.verdict else 1)


@app.command(epilog="Examples:  tactful check note.md   |   tactful check templates/ --kind email --purpose sales   |   tactful check - --json < note.txt")
def check(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[FILES|DIR|-]...", help="Files, folders, or - for stdin.")] = None,
    kind: KindOption = "",
    tier: TierOption = "",
    purpose: PurposeOption = "",
    brief: BriefOption = None,
    filled: Annotated[bool, typer.Option("--filled", help="Finished messages: merge fields in them are faults.")] = False,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line a finding.")] = False,
) -> None:
    """Look at messages without a model and without network. Exit 0 nothing worse than a hint, 1 findings, 2 input that cannot be read."""
    chosen, book = _book()
    flags = _flags(kind, tier, purpose, "", filled, "")
    table = drafts.read_brief(brief) if brief else {}
    paint = typer.style if sys.stdout.isatty() else report.plain
    job = Job(chosen, flags, table, "json" if as_json else "brief" if quiet else "full", paint)
    rows, clean, broken = [], True, False
    for outcome in checking.check(list(checking.sources(paths or ["-"])), job, book):
        clean, broken = clean and outcome.clean, broken or bool(outcome.error)
        if outcome.error:
            typer.echo(f"tactful: {outcome.error}", err=True)
        elif outcome.row is not None:
            rows.append(outcome.row)
        sys.stdout.write(outcome.text)
    if as_json:
        typer.echo(json.dumps(report.document("files", rows), ensure_ascii=False, indent=2))
    raise typer.Exit(2 if broken else 0 if clean else 1)


@app.command(epilog="Examples:  tactful rules   |   tactful rules guilt   |   tactful rules --coverage")
def rules(
    rule: Annotated[str, typer.Argument(metavar="[ID]", help="One rule in full: what, why, source, bad, good.")] = "",
    coverage: Annotated[bool, typer.Option("--coverage", help="Every statement of the guides, and who carries it.")] = False,
) -> None:
    """List the rules, show one, or show what the guides ask and who carries it."""
    _, book = _book()
    paint = typer.style if sys.stdout.isatty() else report.plain
    if coverage:
        lines: Iterator[str] = report.coverage_lines(book)
    elif rule:
        if rule not in book.rules:
            raise rulebook.unknown_rule(rule, book)
        lines = report.rule_lines(book.rules[rule], book, paint)
    else:
        lines = (f"{one.id:26} {one.severity.name.lower():8} {one.page:9} {one.advice}" for one in book.rules.values())
    for line in lines:
        typer.echo(line)


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the models of the catalogue: the embedded default, named servers, and your own from tactful.toml."""
    if context.invoked_subcommand is None:
        from pipeline.models import DEFAULT, ready

        for name, model in _catalogue(settings.load(Path.cwd(), os.environ)).items():
            state = ("fetched" if ready(model) else "not fetched yet") if model.file else "on this computer" if not model.remote else "remote"
            typer.echo(f"{name:20} {model.way:7} {state:16} {model.label}{'  (default)' if name == DEFAULT else ''}")


@models_app.command()
def pull(name: Annotated[str, typer.Argument(help="A model of the catalogue that has a file.")] = "") -> None:
    """Fetch the embedded model ahead of its first use (93 MB, once)."""
    from pipeline.models import choose
    from pipeline.models import pull as fetch

    chosen = settings.load(Path.cwd(), os.environ)
    model = choose(_catalogue(chosen), name)
    if not model.file:
        raise SettingsError(f"{model.name} has no file to fetch: it answers at {model.base_url or model.path}")
    typer.echo(str(fetch(model, _progress(model.label))))


@models_app.command()
def show(name: Annotated[str, typer.Argument(help="A model of the catalogue.")] = "") -> None:
    """Show one model: what it is, what it is good for, where it runs."""
    from pipeline.models import choose, path

    model = choose(_catalogue(settings.load(Path.cwd(), os.environ)), name)
    where = f"file     {path(model)}" if model.embedded else f"address  {model.base_url}{'  (remote)' if model.remote else ''}"
    for line in (f"{model.name}: {model.label}", f"way      {model.way}", f"licence  {model.licence or 'see its provider'}", where, "", model.card.strip()):
        typer.echo(line)


# ── What the commands share ───────────────────────────────────────────────────────────────────────────────────────────


def _book() -> tuple[settings.Settings, Rulebook]:
    chosen = settings.load(Path.cwd(), os.environ)
    return chosen, checking.book(chosen)


def _flags(kind: str, tier: str, purpose: str, subject: str, filled: bool, goal: str) -> dict[str, Any]:
    """The flags that were given, as a table that lies over front matter and brief file."""
    given = {"kind": kind, "tier": tier, "purpose": purpose, "subject": subject, "filled": filled, "goal": goal}
    return {key: value for key, value in given.items() if value}


def _person(flag: str, text: str) -> dict[str, Any]:
    parts = [part.strip() for part in text.split(",", 2)] if text else []
    if text and not parts[0]:
        raise BriefError(f"--{flag}: {text!r} has no name: write 'Name, role, company'")
    return {key: part for key, part in zip(("name", "role", "company"), parts, strict=False) if part}


def _history(pair: str) -> tuple[str, Any]:
    key, sign, value = pair.partition("=")
    if not sign:
        raise BriefError(f"--history {pair!r}: write key=value, such as sent=1 or met='the spring fair'")
    truth = {"true": True, "yes": True, "false": False, "no": False}
    return key.strip(), truth.get(value.lower(), int(value) if value.isdigit() and key != "met" else value)


def _input(text: str) -> tuple[str, str]:
    """The name and the text of the one message: stdin, a file, or the argument itself."""
    if text == "-":
        return "stdin", drafts.decode(sys.stdin.buffer.read(), "stdin")
    looks_like_a_path = "\n" not in text and len(text) < 250 and (Path(text).exists() or (" " not in text and ("/" in text or Path(text).suffix in checking.ENDINGS)))
    return (text, drafts.read_text(Path(text))) if looks_like_a_path else ("text", text)


def _catalogue(chosen: settings.Settings) -> dict[str, Any]:
    from pipeline.models import load

    return load(chosen.models)


def _rewrite(
    draft: Draft, book: Rulebook, chosen: settings.Settings, name: str, base_url: str, way: str, walk: tuple[int, int, int], quiet: bool
) -> tuple[Rewrite, str]:
    """The walk over one draft, and the name of the model; a draft with nothing to mend starts no model."""
    from pipeline.models import choose

    model = choose(_catalogue(chosen), name, base_url, way)
    first = review(draft, book)
    if first.settled:
        return Rewrite((first,)), ""
    from pipeline.improve import improver, run
    from pipeline.models.client import open_model

    rounds, candidates, seed = walk
    with open_model(model, way=model.way, on_progress=None if quiet else _progress(model.label)) as ask:
        return run(improver(book, ask, model.way, rounds=rounds, candidates=candidates, seed=seed), draft), model.name


def _progress(label: str) -> Any:
    """A line on stderr that counts megabytes, on a terminal; one line without counting elsewhere."""
    shown = False

    def tell(done: int, total: int) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            end = "\n" if done >= total else ""
            typer.echo(f"\rfetching {label}: {done / 1e6:.0f} of {total / 1e6:.0f} MB{end}", err=True, nl=False)
        elif not shown:
            typer.echo(f"fetching {label}, {total / 1e6:.0f} MB, once", err=True)
        shown = True

    return tell


def _asked(draft: Draft, book: Rulebook) -> Draft:
    """The draft with the sender's answers in its brief; an empty answer leaves the question open."""
    for finding in review(draft, book).findings:
        rule = finding.rule
        if rule.question and rule.answer:
            answer = typer.prompt(rule.question.replace("{reader}", draft.brief.to.name or "the reader"), default="", show_default=False, err=True)
            draft = draft.answered(rule.answer, answer) if answer.strip() else draft
    return draft


def _show(rewrite: Rewrite, best: Review, name: str, model: str, book: Rulebook, *, diff: bool, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report.document("rewrites", [report.rewrite_json(rewrite, name, model)]), ensure_ascii=False, indent=2))
        return
    terminal = sys.stdout.isatty()
    paint = typer.style if terminal else report.plain
    if not quiet:
        for line in report.verdict_lines(rewrite.original, book, paint):
            typer.echo(line, err=True)
    before, after = report.message(rewrite.original.draft), report.message(best.draft)
    typer.echo(report.diff_line(before, after, paint) if diff else after)
    if not quiet and (terminal or not best.passes):
        typer.echo("", err=True)
        for line in report.rewrite_lines(rewrite, paint):
            typer.echo(line, err=True)


def main() -> NoReturn:
    """The console command: the one place where a PipelineError becomes a line on stderr and an exit code."""
    try:
        app()
    except PipelineError as error:
        typer.echo(f"tactful: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(0)
