"""The outcome of a run comes in; lines for a terminal, JSON and one HTML page go out. Nothing is decided here."""

from collections.abc import Iterator
from typing import Any

import msgspec

from pipeline import __version__, pages
from pipeline.evals.figures import FIGURES
from pipeline.evals.gate import Verdict, Word
from pipeline.evals.outcome import Outcome, Tally, shown, tallies
from pipeline.evals.scores import Score
from pipeline.report import Paint, plain

SCHEMA = 1
"""Number of the JSON form; it rises when a key changes its meaning or goes away, not when one is added."""
COLOURS = {Word.WORSE: "red", Word.BETTER: "green", Word.TOO_FEW: "yellow", Word.SAME: "white"}
COLUMNS = ("cases", "improved", "unchanged", "untouched", "held", "failed", "score", "fixed", "left", "new", "facts")


# ── Terminal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(outcome: Outcome, paint: Paint = plain) -> Iterator[str]:
    """The outcome for a terminal: kinds and verdicts by model, then what is stale."""
    for model in outcome.models:
        yield paint(model, bold=True)
        yield from _table(outcome, model)
        yield ""
        yield from _verdict_lines(outcome, model, paint)
        yield ""
    yield from stale_lines(outcome, paint)
    yield from (paint(f"note: {note}", fg="yellow") for note in outcome.notes)
    yield verdict_line(outcome)


def stale_lines(outcome: Outcome, paint: Paint = plain) -> Iterator[str]:
    """The stale cases, one a line, and how to record them again."""
    for one in outcome.stale:
        yield f"{paint('stale', fg='magenta')}  {one}"
    for model in dict.fromkeys(one.model for one in outcome.stale):
        count = sum(one.model == model for one in outcome.stale)
        yield f"{count} to record again: tactful eval --record --stale --model {model}"


def verdict_line(outcome: Outcome) -> str:
    """The whole outcome on a line."""
    worse = [verdict for verdicts in outcome.verdicts.values() for verdict in verdicts if verdict.worse]
    said = f"{len(worse)} figures are worse" if worse else "nothing fell"
    return f"{len(outcome.scores)} cases, {len(outcome.stale)} stale: {said}"


def _table(outcome: Outcome, model: str) -> Iterator[str]:
    yield f"  {'kind':16}" + "".join(f"{name:>12}" for name in COLUMNS)
    for kind, one in tallies(outcome.of(model)):
        yield f"  {kind:16}" + "".join(f"{cell:>12}" for cell in cells(one))


def cells(one: Tally) -> tuple[str, ...]:
    """The numbers of some cases, under COLUMNS."""
    return (
        str(one.cases),
        *map(str, one.outcomes.values()),
        f"{one.score_before:.0f} -> {one.score_after:.0f}",
        *map(str, (one.fixed, one.left, one.introduced, one.facts)),
    )


def _verdict_lines(outcome: Outcome, model: str, paint: Paint) -> Iterator[str]:
    verdicts = outcome.verdicts[model]
    for one in verdicts:
        if one.word is not Word.SAME:
            yield f"  {paint(f'{one.word:22}', fg=COLOURS[one.word])} {figure_line(one)}"
            yield from (f"{'':25} {case}: {_reason(outcome, model, case, one)}" for case in one.cases[:5] if one.worse)
    same = sum(one.word is Word.SAME for one in verdicts)
    yield f"  {'same':22} {same} of {len(verdicts)} figures"


def figure_line(one: Verdict) -> str:
    """A verdict's figure on a line: before, now, how many rose and fell, and how sure that is."""
    figure = FIGURES[one.figure]
    was, now = shown(one.figure, one.old), shown(one.figure, one.new)
    sure = "no fall is tolerated" if figure.hard else f"p = {one.p:.3f}, 95 % {one.low:+.2f} to {one.high:+.2f}"
    return f"{figure.label}: {was} -> {now} {figure.unit} ({one.rose} rose, {one.fell} fell of {one.pairs}; {sure})"


def _reason(outcome: Outcome, model: str, case: str, verdict: Verdict) -> str:
    score = next(one for one in outcome.of(model) if one.case == case)
    return score.figures[verdict.figure].why


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON values: per case every figure with its reason, per model every verdict."""
    return {
        "schema": SCHEMA,
        "program": "tactful eval",
        "version": __version__,
        "exit": outcome.exit_code,
        "figures": {name: msgspec.structs.asdict(one) for name, one in FIGURES.items()},
        "models": {
            model: {
                "kinds": {
                    kind: dict(zip(COLUMNS, cells(one), strict=True)) for kind, one in tallies(outcome.of(model))
                },
                "verdicts": [_verdict_json(one) for one in outcome.verdicts[model]],
                "cases": [_score_json(one, outcome) for one in outcome.of(model)],
            }
            for model in outcome.models
        },
        "stale": [one._asdict() for one in outcome.stale],
        "notes": list(outcome.notes),
    }


def _verdict_json(one: Verdict) -> dict[str, Any]:
    return {
        "figure": one.figure,
        "verdict": str(one.word),
        "pairs": one.pairs,
        "old": round(one.old, 4),
        "new": round(one.new, 4),
        "rose": one.rose,
        "fell": one.fell,
        "interval": [round(one.low, 4), round(one.high, 4)],
        "p": round(one.p, 6),
        "cases": list(one.cases),
    }


def _score_json(one: Score, outcome: Outcome) -> dict[str, Any]:
    return {
        "case": one.case,
        "kind": one.kind,
        "purpose": one.purpose,
        "about": one.about,
        "outcome": one.outcome,
        "error": one.error,
        "rounds": one.rounds,
        "before": one.before,
        "after": one.after,
        "attempt": one.attempt,
        "accepted": outcome.accepted(one),
        "fixed": list(one.fixed),
        "left": list(one.left),
        "introduced": list(one.introduced),
        "fell": outcome.fallen(one),
        "figures": {name: {"value": measured.value, "why": measured.why} for name, measured in one.figures.items()},
    }


# ── HTML ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def html(outcome: Outcome) -> str:
    """One page that needs nothing else: filters, small charts, every case with its messages and figures."""
    return pages.render("evals", document(outcome))
