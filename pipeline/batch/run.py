"""Volumes come in, rows go out in the order of the library, while threads work on the templates behind them.

A volume is handed to the writer when its last row is known. Only a window of templates is under way at any time, so
that a library of any size takes the memory of its largest file.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from pipeline.batch.asking import Meter
from pipeline.batch.choice import Part
from pipeline.batch.nouns import Outcome, Row, Task
from pipeline.library import Change, Fault, Volume

AHEAD = 8
"""Templates under way for each thread: one that takes long does not keep the others waiting."""


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


_Step: TypeAlias = tuple[_Open, Future[Row] | None]
"""A template under way, or, without one, the end of its volume."""


def rows(
    parts: Iterable[Part | Fault], work: Callable[[Task], Row], writer: Writer, meter: Meter, *, jobs: int = 4
) -> Iterator[Row | Fault]:
    """Every row and fault of a run, in order. What ends the run is raised when the threads have stopped."""
    pool = ThreadPoolExecutor(jobs, "batch")
    waiting: deque[Fault | _Step] = deque()
    ended = False
    try:
        for step in _steps(parts, work, writer, pool):
            waiting.append(step)
            while len(waiting) > jobs * AHEAD:
                yield from _ended(waiting.popleft(), writer)
        while waiting:
            yield from _ended(waiting.popleft(), writer)
        ended = True
    finally:
        if not ended:
            meter.stop("the run was ended", close=True)
        pool.shutdown(cancel_futures=True)


def _steps(
    parts: Iterable[Part | Fault], work: Callable[[Task], Row], writer: Writer, pool: ThreadPoolExecutor
) -> Iterator[Fault | _Step]:
    """Each volume's faults and templates, and its end behind them."""
    for part in parts:
        if isinstance(part, Fault):
            yield part
        elif fault := writer.wary(part.volume):
            yield fault
        else:
            yield from part.volume.faults
            begun = _Open(part.volume)
            for template in part.templates:
                yield begun, pool.submit(work, Task(part.volume.path, template))
            yield begun, None


def _ended(step: Fault | _Step, writer: Writer) -> Iterator[Row | Fault]:
    """What a step comes to, once it is there."""
    if isinstance(step, Fault):
        yield step
        return
    begun, future = step
    if future:
        yield from begun.take(future.result())
    elif begun.ready:
        yield from writer.write(begun.volume, begun.changes)
