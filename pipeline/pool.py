"""Work on many items in several processes: for work that holds the interpreter, where a start of processes pays."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")
Work = Callable[[Sequence[Item]], Iterable[Done]]

TASK: list[Work[Any, Any]] = []
"""What a forked process has to do: it finds it here with all that it refers to, in memory shared with its parent."""


def spread(work: Work[Item, Done], items: Sequence[Item], chunk: int) -> Iterator[Done]:
    """What `work` makes of the items, `chunk` of them at a time, in as many processes as this one may use cores.

    The results come in the order of the items; they alone are sent between processes. Where a system cannot fork, one
    process does it all.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from work(items)
        return
    chunks = [items[start : start + chunk] for start in range(0, len(items), chunk)]
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), fork, _begin, (work,)) as pool:
        try:  # not `pool.map`: it takes back what its own thread may just be about to fill
            under_way = deque(pool.submit(_chunk, chunk) for chunk in chunks)
            while under_way:
                yield from under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(work: Work[Any, Any]) -> None:
    """Ctrl-C ends a helping process at once and without a word: the first process answers it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    TASK.append(work)


def _chunk(items: Sequence[Any]) -> list[Any]:
    (work,) = TASK
    return list(work(items))
