"""`tactful rules`: the rules that hold here; one in full; a new one; whether anybody's keep their own examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from pipeline import files, options, report, rulebook, terminal
from pipeline.errors import RulebookError, SettingsError
from pipeline.rulebook import packs
from pipeline.terminal import examples

app = typer.Typer(cls=terminal.group("show"), rich_markup_mode=None, help="The rules, yours among them.")

CoverageOption = Annotated[bool, typer.Option("--coverage", help="Every statement of the guides, and who carries it.")]
RuleArgument = Annotated[str, typer.Argument(metavar="[ID]", help="One rule in full: what, why, source, bad, good.")]
NewArgument = Annotated[str, typer.Argument(metavar="ID", help="The rule's id: lower-case words with hyphens.")]
ToOption = Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of pages to put it in.")]
PlacesArgument = Annotated[
    list[Path] | None, typer.Argument(metavar="[DIR|FILE]...", help="Packs or pages; all rules that hold here if none.")
]
PagesArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write them to.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Write nothing; fail where a page is not current.")]
SKELETON = """# {id}: one rule. Put your words into it, then run: tactful rules test {folder}

[{id}]
source   = "own"                # or statements of the guides: tactful rules --coverage
severity = "warning"            # hint, warning or error
advice   = "Say in one sentence what a good message does; the model is told it, too."
why      = "Say in one sentence what the reader feels where it does not."
message  = "'{{found}}' is what was found"
check.phrases.any_of = ["words|phrases that tell"]
bad = [
  "Hi Ana, this message holds words that tell.",
  "Hi Ana, here are phrases that tell of it.",
  "Dear Ms Sato, the words that tell stand here.",
]
good = [
  "Hi Ana, your talk on bees was a joy. Which hive came first?",
  "Dear Ms Sato, how do you keep your ink?",
  "Hi Ana, the words tell nothing here.",
]
"""


@app.command(
    "show",
    hidden=True,
    epilog=examples(
        "rules",
        "rules guilt",
        "rules --coverage",
        above=(
            "Also: tactful rules new ID        write a new rule with examples to fill in",
            "      tactful rules test [DIR]    do rules find their bad examples and pass their good ones?",
            "      tactful rules pages DIR     a page of Markdown for each rule",
        ),
    ),
)
def show(rule: RuleArgument = "", *, coverage: CoverageOption = False) -> None:
    """List the rules, show one, or show what the guides ask and who carries it."""
    _, book = options.project()
    if coverage:
        lines: Iterator[str] = report.coverage_lines(book)
    elif rule:
        if rule not in book.rules:
            raise rulebook.unknown_rule(rule, book)
        lines = report.rule_lines(book.rules[rule], book, terminal.paint())
    else:
        lines = report.rule_list(book)
    for line in lines:
        typer.echo(line)


@app.command(epilog=examples("rules new no-exclaiming", "rules new no-jargon --to style/"))
def new(rule: NewArgument, *, to: ToOption = Path("rules")) -> None:
    """Write a page with one rule, its examples and where to change them; it works as it stands."""
    chosen, book = options.project()
    place = to / f"{rule}.toml"
    if not rulebook.IDENTIFIER.fullmatch(rule):
        raise RulebookError(f"{rule!r}: an id is kebab-case: lower-case words with hyphens between")
    if rule in book.rules or place.exists():
        raise RulebookError(f"{rule}: there is such a rule already: choose another id, or change it in tactful.toml")
    files.write(place, SKELETON.format(id=rule, folder=to), parents=True)
    typer.echo(f"{place}: a rule to fill in; `tactful rules test {to}` runs its examples", err=True)
    if to.resolve() not in {one.resolve() for one in (*chosen.rule_pages, *chosen.folders)}:
        typer.echo(f'To use it here, write into tactful.toml: pages = ["{to.as_posix()}"]', err=True)


@app.command("test", epilog=examples("rules test", "rules test style/"))
def run_examples(places: PlacesArgument = None) -> None:
    """Run the examples of rules: each bad one must be found, each good one must pass.

    Exit 0 all do, 1 some do not, 2 a page is not sound.
    """
    from pipeline.trials import failures

    chosen, book = options.project()
    rules = tuple(book.rules.values())
    if places:
        packed = [one for one in places if one.is_dir()]
        single = [one for one in places if not one.is_dir()]
        book = rulebook.load((*chosen.rule_pages, *single), chosen.rules, (*chosen.folders, *packed))
        own = (*single, *(page for folder in packed for page in packs.read(folder).pages))
        names = {name for page in own for name in packs.table(page)}
        rules = tuple(one for one in book.rules.values() if one.id in names)
    found = list(failures(rules, book))
    for one in found:
        typer.echo(str(one))
    count = sum(len(rule.bad) + len(rule.good) for rule in rules)
    typer.echo(f"{len(rules)} rules, {count} examples, {len(found)} failures", err=True)
    raise typer.Exit(1 if found else 0)


@app.command(epilog=examples("rules pages docs/rules", "rules pages docs/rules --check"))
def pages(to: PagesArgument, *, check: CheckOption = False) -> None:
    """Write a page of Markdown for each rule that holds here: what, why, source, examples, precision, switching off.

    Exit 0 written or current, 1 with --check: some are not.
    """
    from pipeline.formats import handbook

    _, book = options.project()
    made = handbook.pages(book)
    stale = [name for name, text in made.items() if not _holds(to / name, text)]
    gone = [one for one in sorted(to.glob("*.md")) if one.name not in made] if to.is_dir() else []
    if check:
        for name in (*stale, *(one.name for one in gone)):
            typer.echo(f"{to / name}: not current: run `tactful rules pages {to}`")
        raise typer.Exit(1 if stale or gone else 0)
    if gone:
        raise SettingsError(f"{gone[0]}: no page of a rule: name a folder for these pages alone, or delete it")
    for name in stale:
        files.write(to / name, made[name], parents=True)
    typer.echo(f"{to}: {len(made)} pages, {len(stale)} written", err=True)


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
