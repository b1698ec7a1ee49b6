"""`tactful review`: what runs proposed for a library, read by a person, decided and written. No model is asked here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import options, terminal
from pipeline.errors import SettingsError
from pipeline.terminal import examples

if TYPE_CHECKING:
    from pipeline.batch.choice import Choice
    from pipeline.batch.ledger import Ledger
    from pipeline.domain import Rulebook

HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write one HTML page to look at and decide on.")]
DecisionsOption = Annotated[
    Path | None, typer.Option("--decisions", help="Take the decisions that the page saved to this file.")
]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Write what was accepted to the library's files.")]
AgainOption = Annotated[bool, typer.Option("--again", help="Walk through what was decided before, too.")]


def add(app: typer.Typer) -> None:
    """Give the command to the program."""
    app.command(
        epilog=examples(
            "review templates/",
            "review templates/ --html review.html",
            "review templates/ --decisions decisions.json",
            "review templates/ --apply",
        )
    )(review)


def review(
    path: options.RootArgument,
    *,
    html: HtmlOption = None,
    decisions: DecisionsOption = None,
    apply: ApplyOption = False,
    again: AgainOption = False,
    only: options.OnlyOption = "",
) -> None:
    """Read what `tactful batch` proposed: accept, edit or reject each message, on the terminal or on a page.

    Decisions are kept in the ledger, and every later run holds to them. `--apply` writes what was accepted.
    Exit 0 good, 1 something could not be taken or written, 2 set-up or usage.
    """
    if bool(html) + bool(decisions) + apply > 1:
        raise SettingsError("give at most one of --html, --decisions and --apply")
    from pipeline.batch import session
    from pipeline.batch.choice import Choice
    from pipeline.batch.ledger import Ledger
    from pipeline.library import columns

    chosen, book = options.project()
    choice = Choice(options.there(path), columns(chosen.library, chosen.file), only)
    with Ledger(session.begun(chosen, choice.root)) as ledger:
        if html:
            _page(choice, ledger, book, html)
        elif decisions:
            _take(decisions, ledger)
        elif apply:
            _apply(choice, ledger)
        else:
            _walk(choice, ledger, book, again=again)


def _page(choice: Choice, ledger: Ledger, book: Rulebook, place: Path) -> None:
    from pipeline import files, pages
    from pipeline.proposals.page import page_json
    from pipeline.proposals.proposal import proposals

    data = page_json(choice.root.resolve().name, proposals(choice, ledger), book)
    files.write(place, pages.render("review", data))
    typer.echo(f"{place}: {len(data['templates'])} templates", err=True)


def _take(place: Path, ledger: Ledger) -> None:
    from pipeline.library import Fault
    from pipeline.proposals import decisions

    taken, faults = 0, 0
    for one in decisions.read(place, ledger):
        if isinstance(one, Fault):
            faults += 1
            typer.echo(str(one))
        else:
            ledger.decide(one)
            taken += 1
    typer.echo(f"{taken} decisions taken, {faults} not: `tactful review --apply` writes what was accepted", err=True)
    raise typer.Exit(1 if faults else 0)


def _apply(choice: Choice, ledger: Ledger) -> None:
    from pipeline.batch import run
    from pipeline.batch.claims import Claims
    from pipeline.batch.write import InPlace
    from pipeline.library import Fault
    from pipeline.proposals.proposal import Decided

    with Claims(ledger.path.parent) as claims:
        writer = InPlace(claims)
        messages, faults = 0, 0
        for row in run.rows(choice.parts(), Decided(ledger), writer):
            if isinstance(row, Fault):
                faults += 1
                typer.echo(f"{row.spot}: fault: {row.message}")
            else:
                messages += bool(row.change)
    typer.echo(f"{messages} messages accepted, {writer.written} files written, {faults} faults", err=True)
    raise typer.Exit(1 if faults else 0)


def _walk(choice: Choice, ledger: Ledger, book: Rulebook, *, again: bool) -> None:
    from pipeline.proposals.proposal import Proposal, proposals
    from pipeline.proposals.walk import Walk

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise SettingsError("review asks on a terminal: use --html for a page, and --decisions for what it saves")
    some = [one for one in proposals(choice, ledger) if isinstance(one, Proposal) and one.open(again=again)]
    made = Walk(book, typer.echo, typer.getchar, terminal.edited, ledger.decide, terminal.paint()).through(some)
    typer.echo(f"{made} of {len(some)} decided; `tactful review {choice.root} --apply` writes what was accepted")
