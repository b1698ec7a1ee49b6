"""The same as `checking.check`, in several processes: for the many files where their start pays."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from pipeline import checking
from pipeline.checking import Job, Outcome
from pipeline.domain import Rulebook

CHUNK = 125
"""Files that a process takes at a time: small enough that no process is left with the long ones."""
TASK: list[tuple[Job, Rulebook]] = []
"""What a forked process has to do: it finds the rulebook here, read once by its parent, whose memory it shares."""


def check(names: Sequence[str], job: Job, book: Rulebook) -> Iterator[Outcome]:
    """Look at each file, in as many processes as this one may use cores; the outcomes come in the order of the names.

    Where a system cannot fork, one process does it all.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from checking.check(names, job, book)
        return
    chunks = [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), fork, _begin, (job, book)) as pool:
        try:
            for outcomes in pool.map(_chunk, chunks):
                yield from outcomes
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(job: Job, book: Rulebook) -> None:
    """Ctrl-C ends a helping process at once and without a word: the first process answers it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    TASK.append((job, book))


def _chunk(names: Sequence[str]) -> list[Outcome]:
    ((job, book),) = TASK
    return list(checking.check(names, job, book))
