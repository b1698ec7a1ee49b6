"""Scores, stale cases and a baseline come in; the outcome of a whole run goes out: verdicts, and the exit status.

0  nothing fell         1  a figure is worse, or a hard figure of a case fell
2  set-up or usage      4  stale cases: record them again, then judge
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.evals.baseline import Baseline
from pipeline.evals.figures import FIGURES, mean
from pipeline.evals.fingerprints import tone_lists
from pipeline.evals.gate import Row, Verdict, compare
from pipeline.evals.scores import Score, Stale, by_kind

FELL, STALE = 1, 4
TONE = frozenset({"warmth", "pressure", "self-focus", "hedges", "exclamation", "wording", "frame", "attempt-loud"})
"""The figures that the lexicon of tone makes."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run, beside what was accepted before."""

    scores: tuple[Score, ...]
    stale: tuple[Stale, ...]
    baseline: Baseline

    @cached_property
    def verdicts(self) -> Mapping[str, tuple[Verdict, ...]]:
        """The verdict on every figure, by model."""
        return {model: tuple(compare(self._old(model), self._new(model))) for model in self.models}

    @property
    def models(self) -> tuple[str, ...]:
        """The models that were judged."""
        return tuple(dict.fromkeys(one.model for one in self.scores))

    def of(self, model: str) -> list[Score]:
        """The scores of one model."""
        return [one for one in self.scores if one.model == model]

    def accepted(self, score: Score) -> str | None:
        """The message that was accepted for this case, where it is another one; None for a case that is new."""
        row = self.baseline.models.get(score.model, {}).get(score.case)
        return None if row is None else row.after

    @property
    def exit_code(self) -> int:
        """As the table above says; a fall is told before stale cases."""
        if any(verdict.worse for verdicts in self.verdicts.values() for verdict in verdicts):
            return FELL
        return STALE if self.stale else 0

    @property
    def notes(self) -> Iterator[str]:
        """What a reader of the verdicts should know."""
        if not self.baseline.models:
            yield "no baseline: held against what is faultless only; `tactful eval --bless` accepts this state"
        elif self.baseline.tone != tone_lists():
            yield "the word lists of tone are not those of the baseline: its figures of tone are not compared"
        new = sum(self.accepted(one) is None for one in self.scores) if self.baseline.models else 0
        if new:
            yield f"{new} cases are not in the baseline yet: only their hard figures are judged; --bless accepts them"

    def fallen(self, score: Score) -> list[str]:
        """The figures that are worse in this case, of those that are worse in sum."""
        return [one.figure for one in self.verdicts[score.model] if one.worse and score.case in one.cases]

    def _old(self, model: str) -> Mapping[str, Row]:
        rows = {case: row.figures for case, row in self.baseline.models.get(model, {}).items()}
        if self.baseline.tone == tone_lists():
            return rows
        return {case: {name: row[name] for name in row if name not in TONE} for case, row in rows.items()}

    def _new(self, model: str) -> Mapping[str, Row]:
        return {one.case: one.values for one in self.of(model)}


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of some cases, in numbers."""

    cases: int
    outcomes: Mapping[str, int]
    fixed: int
    left: int
    introduced: int
    facts: int
    score_before: float
    score_after: float


def tally(scores: Iterable[Score]) -> Tally:
    """The numbers of some scores; `facts` counts facts and fields lost or invented."""
    rows = list(scores)
    words = ("improved", "unchanged", "untouched", "held", "failed")
    hard = ("facts-lost", "facts-invented", "fields", "leaks")
    return Tally(
        cases=len(rows),
        outcomes={word: sum(one.outcome == word for one in rows) for word in words},
        fixed=sum(len(one.fixed) for one in rows),
        left=sum(len(one.left) for one in rows),
        introduced=sum(len(one.introduced) for one in rows),
        facts=int(sum(one.values.get(name, 0) for one in rows for name in hard)),
        score_before=mean([one.was for one in rows]),
        score_after=mean([one.values["score"] for one in rows]),
    )


def tallies(scores: list[Score]) -> Iterator[tuple[str, Tally]]:
    """The numbers of each kind of message, then of all."""
    yield from ((kind, tally(rows)) for kind, rows in sorted(by_kind(scores).items()))
    yield "all", tally(scores)


def shown(name: str, value: float) -> str:
    """A figure's value as a reader wants it."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if FIGURES[name].least < 1 else f"{value:.1f}"
