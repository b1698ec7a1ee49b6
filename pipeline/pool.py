"""The same as `checking.check`, in several processes: for the many files where their start pays."""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from pipeline import checking
from pipeline.checking import Job, Outcome

CHUNK = 1000
"""Files that a process takes at a time: each time, it reads the rulebook once."""


def check(names: Sequence[str], job: Job) -> Iterator[Outcome]:
    """Look at each file, in as many processes as there are cores to use; outcomes come in the order of the names."""
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = min(CHUNK, -(-len(names) // workers))
    chunks = [names[start : start + size] for start in range(0, len(names), size)]
    with ProcessPoolExecutor(workers, initializer=_end_quietly) as pool:
        try:
            for outcomes in pool.map(partial(_chunk, job), chunks):
                yield from outcomes
        finally:
            pool.shutdown(cancel_futures=True)


def _end_quietly() -> None:
    """Ctrl-C ends a helping process at once and without a word: the first process answers it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _chunk(job: Job, names: Sequence[str]) -> list[Outcome]:
    return list(checking.check(names, job, checking.book(job.settings)))
