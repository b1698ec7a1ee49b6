"""One template comes in, its row goes out: known from the ledger, or reviewed, improved and kept there."""

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.batch import drafting
from pipeline.batch.asking import Asking, Meter, Source, Stopped
from pipeline.batch.claims import Claims
from pipeline.batch.keys import Recipe
from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Decision, Message, Outcome, Place, Result, Row, Task, Used
from pipeline.domain import Draft, Review, Rewrite
from pipeline.errors import BriefError, DraftError, ModelError
from pipeline.improve import improver, run
from pipeline.library import Change, Fault, Template
from pipeline.models import Model
from pipeline.review import review


@dataclass(frozen=True, slots=True)
class Bench:
    """All that work on a template needs; one serves every thread of a run."""

    desk: drafting.Desk
    recipe: Recipe
    ledger: Ledger
    claims: Claims
    meter: Meter
    source: Source

    def work(self, task: Task) -> Row:
        """The row of a task. What the user must mend is a row; NoModel and LedgerError end the run."""
        try:
            draft = self.desk.draft(task.path, task.template)
        except (DraftError, BriefError) as error:
            return Row(task, fault=Fault.of(error))
        key, place = self.recipe.key(draft), Place(placed(task.path, self.ledger.home), task.template.id)
        known = self.ledger.result(key)
        if known is None and not self.meter.draining:
            with self.claims.held(key):
                known = self.ledger.result(key)
                if known is None and not self.meter.draining:
                    return self._made(task, draft, key, place)
        if known is None:
            return Row(task)
        self.ledger.see(place, key)
        decision = self.ledger.decision(key)
        return Row(task, known, decision, change=change(task.template, known, decision))

    def _made(self, task: Task, draft: Draft, key: str, place: Place) -> Row:
        """A row made now, and kept."""
        rules = self.recipe.rules(draft)
        asking = Asking(self.source, self.recipe, self.ledger, self.meter, key, rules)
        first, error = review(draft, self.desk.book), ""
        rewrite = Rewrite((first,))
        if not (first.settled or self.ledger.accepted(_message(first))):
            walk = improver(self.desk.book, asking, self.recipe.model.way, **self.recipe.walk)
            try:
                rewrite = run(walk, draft)
            except ModelError as failure:
                error = str(failure)
                self.meter.failed()
            except Stopped:
                return Row(task, used=asking.used)
        rewrite = self._placeable(task, rewrite)
        result = _result(key, rules, rewrite, self.recipe.model, asking.whole, error)
        new = change(task.template, result)
        self.ledger.keep(result, place, self._also(task, new, result))
        return Row(task, result, change=new, fresh=True, used=asking.used)

    def _placeable(self, task: Task, rewrite: Rewrite) -> Rewrite:
        """The rewrite as it can be written: without a new subject, where the template has no place for one."""
        draft, best = rewrite.original.draft, rewrite.best.draft
        if task.template.has_subject or best.subject == draft.subject:
            return rewrite
        return Rewrite((rewrite.original, review(replace(best, subject=draft.subject), self.desk.book)))

    def _also(self, task: Task, change: Change | None, result: Result) -> Result | None:
        """What is known of the new text by that: once it is written, it is not worked on again."""
        if change is None:
            return None
        try:
            draft = self.desk.draft(task.path, drafting.changed(task.template, change))
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
