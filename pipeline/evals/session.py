"""What a command was told comes in (folders, a model's name); a Session goes out, with all that the evals work with."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline import pool, prompting, rulebook, settings
from pipeline.domain import PURPOSES
from pipeline.errors import CaseError
from pipeline.evals import baseline, cases, running
from pipeline.evals.cases import Case
from pipeline.evals.doctor import Trouble, examine
from pipeline.evals.outcome import Outcome
from pipeline.evals.running import Suite
from pipeline.evals.scores import Score, Stale
from pipeline.models import Model, choose, load

CHUNK = 8
"""Cases that a process replays at a time."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Session:
    """The cases, the models and where things lie; `named`: the user named the model, so no other is replayed."""

    cases: tuple[Case, ...]
    suite: Suite
    baseline: Path
    catalogue: dict[str, Model]
    model: Model
    named: bool

    def chosen(self, names: Sequence[str], kinds: Sequence[str], purposes: Sequence[str]) -> list[Case]:
        """The cases that names and filters leave. CaseError for an unknown word, and where nothing is left."""
        for given, known in ((kinds, tuple(self.suite.book.kinds)), (purposes, PURPOSES)):
            for word in given:
                if word not in known:
                    raise CaseError(f"{word!r} is not known: choose from {', '.join(known)}")
        found = cases.chosen(self.cases, names, kinds, purposes)
        if not found:
            raise CaseError("no case fits these filters")
        return found

    def replayed(self, some: Sequence[Case]) -> Outcome:
        """Every case by its recordings, in several processes; nothing is asked."""
        return self._judged(pool.spread(lambda part: [self._replay(*one) for one in part], self._pairs(some), CHUNK))

    def rescored(self, some: Sequence[Case]) -> Outcome:
        """What was made when the cases were recorded, under the rules of today; nothing is asked."""
        return self._judged(running.rescore(case, model, self.suite) for case, model in self._pairs(some))

    def live(self, some: Sequence[Case], repeat: int, tell: Tell) -> Outcome:
        """Every case with the model itself, `repeat` times, nothing recorded."""
        with running.asking(self.model) as ask:
            done = [running.live(case, self.model, self.suite, ask, repeat) for case in _told(some, tell)]
        return self._judged(done)

    def recorded(self, some: Sequence[Case], tell: Tell, *, only_stale: bool) -> Outcome:
        """Every case with the model itself, or only those whose recordings are stale, recorded anew."""
        scores: list[Score] = []
        if only_stale:
            covered = [case for case in some if self.suite.covers(case, self.model)]
            scores = [one for case in covered if isinstance(one := self._replay(case, self.model), Score)]
            sound = {one.case for one in scores}
            some = [case for case in covered if case.name not in sound]
        if some:
            with running.asking(self.model) as ask:
                scores += [running.record(case, self.model, self.suite, ask) for case in _told(some, tell)]
        return self._judged(sorted(scores, key=lambda one: one.case))

    def troubles(self, life: int) -> Iterator[Trouble]:
        """What is wrong with the recordings; `life` in days."""
        accepted = baseline.load(self.baseline)
        return examine(self.cases, self.catalogue, self.model, self.suite, accepted, life)

    def bless(self, outcome: Outcome) -> list[str]:
        """Accept an outcome as the baseline; what that changes, a line a case."""
        new = baseline.blessed(outcome.baseline, outcome.scores, [case.name for case in self.cases])
        baseline.save(new, self.baseline)
        return list(baseline.changes(outcome.baseline, new))

    def _replay(self, case: Case, model: Model) -> Score | Stale:
        return running.replay(case, model, self.suite).result

    def _pairs(self, some: Sequence[Case]) -> list[tuple[Case, Model]]:
        """Every case with the session's model, and whatever was recorded with others if none was named."""
        others = [] if self.named else running.recorded_models(self.suite.cassettes, self.catalogue)
        models = {one.name: one for one in (self.model, *others)}
        return [(case, model) for model in models.values() for case in some if self.suite.covers(case, model)]

    def _judged(self, done: Iterable[Score | Stale]) -> Outcome:
        everything = list(done)
        scores = tuple(one for one in everything if isinstance(one, Score))
        stale = tuple(one for one in everything if isinstance(one, Stale))
        return Outcome(scores, stale, baseline.load(self.baseline))


def open_session(folder: Path, rules: Sequence[Path], prompts: Path | None, model: str) -> Session:
    """A session over a folder of cases: rules and templates of the user's over ours, and the project's settings."""
    chosen = settings.load(Path.cwd(), os.environ)
    if prompts:
        prompting.lay_over(prompts)
    book = rulebook.load((*chosen.rule_pages, *rules), chosen.rules, chosen.folders)
    catalogue = load(chosen.models)
    first = choose(catalogue, chosen.model, "", chosen.way)
    return Session(
        cases=cases.load(folder, book),
        suite=Suite(book, folder.parent / "cassettes", date.today(), first.name),
        baseline=folder.parent / "baseline.json",
        catalogue=catalogue,
        model=choose(catalogue, model, "", chosen.way) if model else first,
        named=bool(model),
    )


def _told(some: Sequence[Case], tell: Tell) -> Iterator[Case]:
    """The cases, each named before its turn."""
    for number, case in enumerate(some, 1):
        tell(f"{number} of {len(some)}  {case.name}")
        yield case
