"""Rows, results and plans come in; lines for a terminal and JSON values go out. Nothing here decides anything."""

from collections.abc import Iterator
from typing import Any

from pipeline.batch.across import Note
from pipeline.batch.drafting import shown, spot
from pipeline.batch.nouns import Decision, Outcome, Result, Row
from pipeline.batch.plan import Plan
from pipeline.batch.rows import Placed
from pipeline.batch.tally import clock, plural
from pipeline.library import Fault

TELLS = {
    Outcome.UNCHANGED: "no rewrite was better; left",
    Outcome.HELD: "left as it is",
    Outcome.REFUSED: "not written; left",
}
"""What is said before the rules of an outcome."""
MOST = 4
"""Rules, or places, that a line names."""


def row_lines(row: Row | Fault) -> Iterator[str]:
    """What the user has to see of a row: a fault, a failure, or what rewriting did not mend."""
    if isinstance(row, Fault):
        yield f"{shown(row.spot) if len(row.spot) > 400 else row.spot}: fault: {row.message}"
    elif row.fault:
        yield f"{row.fault.spot}: fault: {row.fault.message}"
    elif row.result and not row.result.good:
        yield f"{spot(row.task.path, row.task.template)}: {_said(row.result)}"


def _said(result: Result) -> str:
    if result.outcome is Outcome.FAILED:
        return f"failed: {result.error}"
    return f"{result.outcome}: {TELLS[result.outcome]}: {_rules(result)}"


def _rules(result: Result) -> str:
    """The rules that are left, the worst ones by name."""
    rules = list(dict.fromkeys(result.left))
    more = f" and {len(rules) - MOST} more" if len(rules) > MOST else ""
    return ", ".join(rules[:MOST]) + more


def row_json(row: Row | Fault) -> dict[str, Any]:
    """A row as JSON values; one that cannot be read has a place and a fault alone."""
    fault = row if isinstance(row, Fault) else row.fault
    if isinstance(row, Fault) or fault:
        return {"spot": fault.spot if fault else "", "fault": fault.message if fault else ""}
    template = row.task.template
    one: dict[str, Any] = {"path": row.task.path.as_posix(), "id": template.id, "line": template.line}
    if row.result:
        one |= result_json(row.result) | decision_json(row.decision) | {"known": not row.fresh}
    return one | {"outcome": str(row.outcome)}


def note_line(note: Note) -> str:
    """A note on the library: how much it matters, what, the first of its places, and the remedy."""
    grade = "error" if note.remains else "hint"
    more = f" and {len(note.places) - MOST:,} more" if len(note.places) > MOST else ""
    return f"library: {grade} {note.law}: {note.message}, at {', '.join(note.places[:MOST])}{more}: {note.remedy}"


def note_json(note: Note) -> dict[str, Any]:
    """A note as JSON values, with all of its places."""
    said = {"law": str(note.law), "message": note.message, "remedy": note.remedy}
    return {**said, "places": list(note.places), "remains": note.remains}


def result_json(result: Result) -> dict[str, Any]:
    """A result as JSON values."""
    return {
        "key": result.key,
        "outcome": str(result.outcome),
        "kind": result.kind,
        "purpose": result.purpose,
        "before": {"text": result.before.text, "subject": result.before.subject},
        "after": {"text": result.after.text, "subject": result.after.subject},
        "score": {"before": result.score_before, "after": result.score_after},
        "findings": {"before": list(result.found), "after": list(result.left)},
        "model": result.model,
        **result.used.json,
        "error": result.error,
        "at": result.at,
    }


def placed_json(one: Placed) -> dict[str, Any]:
    """A place of the ledger as JSON values, with what was decided on it."""
    return {"path": one.place.path, "id": one.place.id, **result_json(one.result), **decision_json(one.decision)}


def decision_json(decision: Decision | None) -> dict[str, Any]:
    """A decision as JSON values; `decision` is null where there is none."""
    if decision is None:
        return {"decision": None}
    said = {"accepted": decision.accepted, "text": decision.after.text, "subject": decision.after.subject}
    return {"decision": {**said, "at": decision.at}}


def ledger_line(one: Placed) -> str:
    """A line of the ledger: where, what came of it and what was decided, scores, tokens, and what is left."""
    place, result = one.place, one.result
    name = f"{place.path} {shown(place.id)}" if place.id else place.path
    left = result.error if result.outcome is Outcome.FAILED else _rules(result)
    said = {None: "", True: "accepted", False: "rejected"}[one.decision.accepted if one.decision else None]
    notes = "; ".join(filter(None, (said, left)))
    scores = f"{result.score_before:3} -> {result.score_after:3}"
    return f"{result.outcome:9} {scores}  {result.used.tokens:6,} tokens  {name}" + (f"  ({notes})" if notes else "")


def plan_lines(plan: Plan, model: str, price: tuple[float, float], jobs: int) -> Iterator[str]:
    """An estimate, for a reader; `jobs` templates at a time, 0 for batches of a provider."""
    yield (
        f"{plural(plan.files, 'file')}, {plural(plan.templates, 'template')}: {plan.known} known from the ledger, "
        f"{plan.settled} settled without a model, {plan.to_do} to improve; {plural(plan.faults, 'fault')}"
    )
    used = plan.expected
    money = f", {used.cost(price):.2f} US dollars" if any(price) else ""
    source = "by the ledger's past" if plan.measured else "by our recorded cases: a rough guess"
    time = f"{clock(used.seconds / jobs)} with {jobs} templates at a time" if jobs else "in batches of up to 24 hours"
    yield (
        f"{model}: about {plural(used.calls, 'call')}, {used.tokens_in:,} tokens in, {used.tokens_out:,} out{money}, "
        f"{time} ({source})"
    )


def plan_json(plan: Plan, price: tuple[float, float]) -> dict[str, Any]:
    """An estimate as JSON values; `usd` is null where the model has no price."""
    counts = {name: getattr(plan, name) for name in ("files", "templates", "known", "settled", "to_do", "faults")}
    usd = round(plan.expected.cost(price), 4) if any(price) else None
    return {**counts, **plan.expected.json, "usd": usd, "measured": plan.measured}
