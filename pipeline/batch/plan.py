"""A library and what the ledger knows come in; what a run would take goes out, before anything is sent."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.batch.choice import Part
from pipeline.batch.drafting import drafted
from pipeline.batch.keys import Recipe
from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Used
from pipeline.desk import Desk
from pipeline.errors import BriefError, DraftError
from pipeline.library import Fault
from pipeline.review import review

TYPICAL = {"pieces": Used(5, 270, 42, 2.2), "whole": Used(2, 1560, 180, 19.0)}
"""What a template takes where the ledger has no past: the means of our recorded cases, on two cores, by way."""
ENOUGH = 10
"""Templates from which on the ledger's own past is believed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do.

    `templates` of all `files`: `known` from the ledger, `settled` without a model, `to_do` with one; `faults` cannot be
    read. `expected` is what `to_do` takes, in seconds of calls, one after the other; `measured`: by the ledger's past.
    """

    files: int
    templates: int
    known: int
    settled: int
    faults: int
    to_do: int
    expected: Used
    measured: bool


def plan(some: Iterable[Part | Fault], desk: Desk, recipe: Recipe, ledger: Ledger) -> Plan:
    """The plan of a run; every template is read, those that are not known are reviewed, and no model is opened."""
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for part in some:
        if isinstance(part, Fault):
            counts["fault"] += 1
            continue
        counts["file"] += 1
        counts["fault"] += len(part.volume.faults)
        for template in part.templates:
            try:
                draft = drafted(desk, part.volume.path, template)
            except (DraftError, BriefError):
                counts["fault"] += 1
                continue
            key = recipe.key(draft)
            if key in seen or ledger.result(key):
                counts["known"] += 1
            else:
                counts["settled" if review(draft, desk.book).settled else "to do"] += 1
            seen.add(key)
    expected, measured = _expected(counts["to do"], recipe, ledger)
    return Plan(
        files=counts["file"],
        templates=counts["known"] + counts["settled"] + counts["to do"],
        known=counts["known"],
        settled=counts["settled"],
        faults=counts["fault"],
        to_do=counts["to do"],
        expected=expected,
        measured=measured,
    )


def _expected(number: int, recipe: Recipe, ledger: Ledger) -> tuple[Used, bool]:
    """What so many templates take, and whether by the ledger's own past."""
    if recipe.model.silent:
        return Used(), True
    times, past = ledger.past(recipe.model.way, recipe.model.name)
    measured = times >= ENOUGH
    mean, share = (past, number / times) if measured else (TYPICAL[recipe.model.way], float(number))
    used = Used(
        round(mean.calls * share), round(mean.tokens_in * share), round(mean.tokens_out * share), mean.seconds * share
    )
    return used, measured
