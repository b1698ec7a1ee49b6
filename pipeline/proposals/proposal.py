"""A library and its ledger come in; what a run made of each template goes out, with what was decided on it since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.batch.choice import Choice
from pipeline.batch.ledger import Ledger
from pipeline.batch.nouns import Decision, Message, Outcome, Place, Result, Row, Task
from pipeline.batch.work import change, placed
from pipeline.library import Fault


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run made of a template that stands in the library as it was, or as it was to become (`written`)."""

    task: Task
    place: Place
    result: Result
    decision: Decision | None = None
    written: bool = False

    def open(self, *, again: bool = False) -> bool:
        """Whether it is to be read: it would change the library, and nothing was decided yet (`again`: or it was)."""
        waits = self.result.outcome is Outcome.IMPROVED and not self.written
        return waits and (again or self.decision is None)

    @property
    def after(self) -> Message:
        """The new message, as it was decided on if it was."""
        return self.decision.after if self.decision and self.decision.accepted else self.result.after


def proposals(choice: Choice, ledger: Ledger) -> Iterator[Proposal | Task | Fault]:
    """Every template of a library in order, as a Task where no run has come to it as it stands now; and every fault."""
    for part in choice.parts():
        if isinstance(part, Fault):
            yield part
            continue
        yield from part.volume.faults
        for template in part.templates:
            task = Task(part.volume.path, template)
            yield proposal(task, ledger) or task


def proposal(task: Task, ledger: Ledger) -> Proposal | None:
    """What the ledger holds for a template; None where it was changed since, or never worked on."""
    found = ledger.at(Place(placed(task.path, ledger.home), task.template.id))
    if not found:
        return None
    now = Message(task.template.text, task.template.subject)
    one = Proposal(task, *found)
    written = now == _written(task, one.after)
    if not written and now != _written(task, one.result.before):
        return None
    return replace(one, written=written)


def _written(task: Task, message: Message) -> Message:
    """A message as the template can hold it: a subject only where there is a place for one."""
    return message if task.template.has_subject else Message(message.text)


@dataclass(frozen=True, slots=True)
class Decided:
    """An Engine that writes what was accepted and nothing else: no model, no new result."""

    ledger: Ledger

    def __call__(self, tasks: Iterator[Task]) -> Iterator[Row]:
        """The rows of the tasks."""
        for task in tasks:
            one = proposal(task, self.ledger)
            if one and one.decision and not one.written:
                yield Row(task, one.result, one.decision, change=change(task.template, one.result, one.decision))
            else:
                yield Row(task)
