"""What an evaluated case leaves behind, as plain data: figures with reasons, the message before and after, findings."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from pipeline.domain import Draft
from pipeline.evals.figures import mean, measure
from pipeline.evals.run import Measured, Run
from pipeline.report import message


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One case with one model; `was` is the draft's score of 100."""

    case: str
    model: str
    kind: str
    purpose: str
    about: str
    outcome: str
    before: str
    after: str
    attempt: str = ""
    error: str = ""
    rounds: int = 0
    was: int = 0
    fixed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    introduced: tuple[str, ...] = ()
    figures: dict[str, Measured]

    @property
    def values(self) -> dict[str, float]:
        """The figures without their reasons."""
        return {name: one.value for name, one in self.figures.items()}


class Stale(NamedTuple):
    """A case that its cassette can no longer answer, and why; `changed` names what is not as it was recorded."""

    case: str
    model: str
    why: str
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """On one line."""
        return f"{self.model}/{self.case}: {self.why}" + (
            f" (changed: {', '.join(self.changed)})" if self.changed else ""
        )


def score(run: Run, model: str) -> Score:
    """A run as plain data."""
    draft, result, rewrite = run.case.draft, run.result, run.rewrite
    return Score(
        case=run.case.name,
        model=model,
        kind=draft.kind.name,
        purpose=draft.brief.purpose,
        about=run.case.about,
        outcome=run.outcome,
        before=message(draft),
        after=message(result.draft),
        attempt=_attempt(run, result.draft),
        error=run.error,
        rounds=len(rewrite.attempts) if rewrite else 0,
        was=run.draft.score,
        fixed=run.fixed,
        left=run.left,
        introduced=run.introduced,
        figures=measure(run),
    )


def _attempt(run: Run, result: Draft) -> str:
    """The model's first attempt, where it is neither the draft nor the result."""
    tried = run.attempt.draft if run.attempt else result
    return "" if tried.message in (result.message, run.case.draft.message) else message(tried)


def together(scores: list[Score]) -> Score:
    """Several runs of one case as one: the first run's messages, the means of the figures, and their values as why."""
    if len(scores) == 1:
        return scores[0]
    names = dict.fromkeys(name for one in scores for name in one.figures)
    figures: dict[str, Measured] = {}
    for name in names:
        values = [one.figures[name].value for one in scores if name in one.figures]
        spread = ", ".join(f"{value:g}" for value in values)
        figures[name] = Measured(round(mean(values), 3), f"{len(values)} runs: {spread}")
    return msgspec.structs.replace(scores[0], figures=figures)


def by_kind(scores: Iterable[Score]) -> Mapping[str, list[Score]]:
    """The scores under their kinds of message."""
    kinds: dict[str, list[Score]] = {}
    for one in scores:
        kinds.setdefault(one.kind, []).append(one)
    return kinds
