"""The engine of a provider's Batch API: templates wait for their answers together, round after round.

A walk asks one question after the other. Each template is walked as far as the ledger has answers; what it asks then
goes out with the others' questions, and when the answers are there it is walked again, from the ledger.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from pipeline.batch.asking import Meter, NoModel, Stopped
from pipeline.batch.engines.post import REQUESTS, Post
from pipeline.batch.nouns import Outcome, Row, Task
from pipeline.errors import ModelError


@dataclass(slots=True)
class _Under:
    """A template under way, and its row as soon as there is one."""

    task: Task
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Rounds:
    """An Engine over a post, as many templates under way as one batch takes; `work` gets its answers from the post."""

    work: Callable[[Task], Row]
    post: Post
    meter: Meter

    def __call__(self, tasks: Iterator[Task]) -> Iterator[Row]:
        """The rows of the tasks."""
        window: deque[_Under] = deque()
        while True:
            window.extend(_Under(task) for task in islice(tasks, REQUESTS - len(window)))
            if not window:
                return
            for one in window:
                one.row = one.row or self._worked(one.task)
            while window and (row := window[0].row):
                window.popleft()
                yield row
            if window:
                self._round()

    def _worked(self, task: Task) -> Row | None:
        """The row of a task; None while it waits for an answer."""
        row = self.work(task)
        return None if row.outcome is Outcome.LEFT and not self.meter.draining else row

    def _round(self) -> None:
        with suppress(Stopped):
            try:
                self.post.round()
            except ModelError as error:
                raise NoModel(error) from error
        if self.meter.draining and (left := self.post.under_way):
            names = ", ".join(one.id or one.name for one in left)
            self.post.tell(f"still under way at {self.post.recipe.model.name}: {names}; run again to collect it")
