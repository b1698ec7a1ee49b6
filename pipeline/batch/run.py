"""Volumes come in, rows go out in the order of the library, while an engine works on the templates behind them.

A volume is handed to the writer when its last row is known. An engine takes no more templates than it has under way, so
that a library of any size takes the memory of its largest file.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from pipeline.batch.choice import Part
from pipeline.batch.nouns import Outcome, Row, Task
from pipeline.library import Change, Fault, Volume

Engine: TypeAlias = Callable[[Iterator[Task]], Iterator[Row]]
"""What works: a row for each task, in their order. Tasks are taken in the thread that takes the rows."""


class Writer(Protocol):
    """What becomes of a volume when all of its rows are known; `verb` says what has become of those `written`."""

    verb: str
    written: int

    def wary(self, volume: Volume) -> Fault | None:
        """Why a volume could not be written, before anything is spent on it."""

    def write(self, volume: Volume, changes: Mapping[str, Change]) -> Iterator[Fault]:
        """Write a volume with its changes, and say what went wrong."""


@dataclass(slots=True)
class _Open:
    """A volume under way: what its rows change, and whether one of them keeps it from being written."""

    volume: Volume
    changes: dict[str, Change] = field(default_factory=dict)
    left: bool = False
    barred: bool = False

    def take(self, row: Row) -> Iterator[Row | Fault]:
        """Note what a row means for the volume; a change that its file cannot hold is a fault."""
        yield row
        self.left |= row.outcome is Outcome.LEFT
        self.barred |= row.outcome in {None, Outcome.REFUSED}
        if row.change:
            name = row.task.template.id
            fault = self.volume.refusal(name, row.change)
            if fault:
                yield fault
            else:
                self.changes[name] = row.change

    @property
    def ready(self) -> bool:
        """Whether it is to be written.

        A file that is one message is not with an error in it, nor one that cannot be read. One that was only begun is,
        if something in it has changed.
        """
        size = len(self.volume.templates)
        if not size or (self.barred and size == 1):
            return False
        return bool(self.changes) or not self.left


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A template of a volume under way, whose row is not there yet."""

    begun: _Open


_Step: TypeAlias = Fault | _Awaited | _Open
"""What stands next in a library: a fault, a template, or the end of a volume."""


def rows(parts: Iterable[Part | Fault], engine: Engine, writer: Writer) -> Iterator[Row | Fault]:
    """Every row and fault of a run, in the order of the library."""
    steps: deque[_Step] = deque()
    for row in engine(_tasks(parts, writer, steps)):
        yield from _passed(steps, writer)
        step = steps.popleft()
        if isinstance(step, _Awaited):
            yield from step.begun.take(row)
        yield from _passed(steps, writer)
    yield from _passed(steps, writer)


def _tasks(parts: Iterable[Part | Fault], writer: Writer, steps: deque[_Step]) -> Iterator[Task]:
    """The templates, each noted in `steps` with what stands around it before it goes out."""
    for part in parts:
        if isinstance(part, Fault):
            steps.append(part)
        elif fault := writer.wary(part.volume):
            steps.append(fault)
        else:
            steps.extend(part.volume.faults)
            begun = _Open(part.volume)
            for template in part.templates:
                steps.append(_Awaited(begun))
                yield Task(part.volume.path, template)
            steps.append(begun)


def _passed(steps: deque[_Step], writer: Writer) -> Iterator[Fault]:
    """Everything up to the next template: faults, and volumes whose rows are all known, which are written."""
    while steps and not isinstance(steps[0], _Awaited):
        step = steps.popleft()
        if isinstance(step, Fault):
            yield step
        elif isinstance(step, _Open) and step.ready:
            yield from writer.write(step.volume, step.changes)
