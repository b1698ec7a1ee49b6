"""One template comes in, its row goes out: known from the ledger, or reviewed, improved and kept there.

The bench stands where the ledger is; a hand may be elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.batch import drafting
from pipeline.batch.asking import Asking, Memory, Meter, Source, Stopped
from pipeline.batch.claims import Claims
from pipeline.batch.keys import Recipe
from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Decision, Message, Outcome, Place, Result, Row, Task, Used
from pipeline.batch.rows import Attempt
from pipeline.desk import Desk
from pipeline.domain import Draft, Review, Rewrite
from pipeline.errors import BriefError, DraftError, ModelError
from pipeline.improve import improver, run
from pipeline.library import Change, Fault, Template
from pipeline.models import Model
from pipeline.review import review

NOTHING = Used()


@dataclass(frozen=True, slots=True)
class Job:
    """A task that is to be worked on: its draft, the key that decides what comes of it, and its place in the ledger.

    `accepted`: somebody read this very message and let it stand.
    """

    task: Task
    draft: Draft
    key: str
    place: Place
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a job: its result and what is known by that of its new text; `used` was paid for it now.

    No result: the run takes no more calls.
    """

    result: Result | None = None
    also: Result | None = None
    used: Used = NOTHING


@dataclass(frozen=True, slots=True)
class Hand:
    """What makes something of a job, on this computer or another: it needs a memory of past calls, and no ledger."""

    desk: Desk
    recipe: Recipe
    memory: Memory
    meter: Meter
    source: Source

    def make(self, job: Job) -> Made:
        """What comes of a job, reviewed and improved."""
        rules = self.recipe.rules(job.draft)
        asking = Asking(self.source, self.recipe, self.memory, self.meter, job.key, rules)
        first, error = review(job.draft, self.desk.book), ""
        rewrite = Rewrite((first,))
        if not (first.settled or job.accepted):
            walk = improver(self.desk.book, asking, self.recipe.model.way, **self.recipe.walk)
            try:
                rewrite = run(walk, job.draft)
            except ModelError as failure:
                error = str(failure)
                self.meter.failed()
            except Stopped:
                return Made(used=asking.used)
        rewrite = self._placeable(job.task, rewrite)
        result = _result(job.key, rules, rewrite, self.recipe.model, asking.whole, error)
        return Made(result, self._also(job, result), asking.used)

    def _placeable(self, task: Task, rewrite: Rewrite) -> Rewrite:
        """The rewrite as it can be written: without a new subject, where the template has no place for one."""
        draft, best = rewrite.original.draft, rewrite.best.draft
        if task.template.has_subject or best.subject == draft.subject:
            return rewrite
        return Rewrite((rewrite.original, review(replace(best, subject=draft.subject), self.desk.book)))

    def _also(self, job: Job, result: Result) -> Result | None:
        """What is known of the new text by that: once it is written, it is not worked on again."""
        new = change(job.task.template, result)
        if new is None:
            return None
        try:
            draft = drafting.drafted(self.desk, job.task.path, drafting.changed(job.task.template, new))
        except (DraftError, BriefError):
            return None
        return replace(
            result,
            key=self.recipe.key(draft),
            outcome=Outcome.CLEAN if result.clean else Outcome.UNCHANGED,
            before=result.after,
            score_before=result.score_after,
            found=result.left,
            way="",
            used=Used(),
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """All that work on the templates of a run needs; one serves every thread of it."""

    desk: Desk
    recipe: Recipe
    ledger: Ledger
    claims: Claims
    meter: Meter
    source: Source

    def work(self, task: Task) -> Row:
        """The row of a task. What the user must mend is a row; NoModel and LedgerError end the run."""
        job = self.look(task)
        if isinstance(job, Row):
            return job
        with self.claims.held(job.key):
            return self.known(job) or self.kept(job, self._hand.make(job))

    def look(self, task: Task) -> Job | Row:
        """What there is to do for a task, or its row where there is nothing: known, left, or not to be read."""
        try:
            draft = drafting.drafted(self.desk, task.path, task.template)
        except (DraftError, BriefError) as error:
            return Row(task, fault=Fault.of(error))
        place = Place(placed(task.path, self.ledger.home), task.template.id)
        job = Job(task, draft, self.recipe.key(draft), place)
        return self.known(job) or replace(job, accepted=self.ledger.accepted(Message(draft.text, draft.subject)))

    def known(self, job: Job) -> Row | None:
        """The row of a job that the ledger knows, or that is left since the run begins nothing more."""
        known = self.ledger.result(job.key)
        if known is None:
            return Row(job.task) if self.meter.draining else None
        self.ledger.see(job.place, job.key)
        decision = self.ledger.decision(job.key)
        return Row(job.task, known, decision, change=change(job.task.template, known, decision))

    @property
    def _hand(self) -> Hand:
        return Hand(self.desk, self.recipe, self.ledger, self.meter, self.source)

    def kept(self, job: Job, made: Made, calls: Sequence[Attempt] = ()) -> Row:
        """The row of a job that was worked on, kept in the ledger with those calls that are not there yet."""
        if made.result is None:
            return Row(job.task, used=made.used)
        self.ledger.keep(made.result, job.place, made.also, calls)
        return Row(job.task, made.result, change=change(job.task.template, made.result), fresh=True, used=made.used)


def placed(path: Path, home: Path) -> str:
    """A file as the ledger of a folder names it: from there, or whole if it lies elsewhere."""
    whole = path.resolve()
    return (whole.relative_to(home) if whole.is_relative_to(home) else whole).as_posix()


def _result(key: str, rules: str, rewrite: Rewrite, model: Model, used: Used, error: str) -> Result:
    before, best = rewrite.original, rewrite.best
    return Result(
        key=key,
        outcome=Outcome.FAILED if error else _outcome(rewrite),
        kind=best.draft.kind.name,
        purpose=best.draft.brief.purpose,
        before=_message(before),
        after=_message(best),
        score_before=before.score,
        score_after=best.score,
        found=_ids(before),
        left=_ids(best),
        clean=best.clean,
        rules=rules,
        model=model.name,
        way="" if before.settled else model.way,
        used=used,
        error=error,
    )


def _outcome(rewrite: Rewrite) -> Outcome:
    best = rewrite.best
    if best.verdict:
        return Outcome.HELD
    if rewrite.original.clean:
        return Outcome.CLEAN
    if not best.passes:
        return Outcome.REFUSED
    return Outcome.IMPROVED if rewrite.changed else Outcome.UNCHANGED


def _message(review: Review) -> Message:
    return Message(review.draft.text, review.draft.subject)


def _ids(review: Review) -> tuple[str, ...]:
    return tuple(finding.rule.id for finding in review.findings)


def change(template: Template, result: Result, decision: Decision | None = None) -> Change | None:
    """What a result writes: a message that became better and may go out, as it was decided on if it was."""
    if result.outcome is not Outcome.IMPROVED or (decision and not decision.accepted):
        return None
    return drafting.change(template, decision.after if decision else result.after)
