"""The engine of one computer: threads over one model, a window of templates under way at any time."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.batch.asking import Meter
from pipeline.batch.nouns import Row, Task

AHEAD = 8
"""Templates under way for each thread: one that takes long does not keep the others waiting."""


@dataclass(frozen=True, slots=True)
class Threads:
    """An Engine of `jobs` threads. What ends the run is raised when they have stopped."""

    work: Callable[[Task], Row]
    meter: Meter
    jobs: int = 4

    def __call__(self, tasks: Iterator[Task]) -> Iterator[Row]:
        """The rows of the tasks."""
        pool = ThreadPoolExecutor(self.jobs, "batch")
        waiting: deque[Future[Row]] = deque()
        ended = False
        try:
            for task in tasks:
                waiting.append(pool.submit(self.work, task))
                if len(waiting) > self.jobs * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
            ended = True
        finally:
            if not ended:
                self.meter.stop("the run was ended", close=True)
            pool.shutdown(cancel_futures=True)
