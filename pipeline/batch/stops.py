"""Ctrl-C comes in: the first time what is under way is finished and nothing new begun, the second time all ends."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.batch.asking import Meter

INTERRUPTED = 130
"""The exit status that shells give to a program ended by Ctrl-C."""


@contextmanager
def heeded(meter: Meter, tell: Callable[[str], None]) -> Iterator[None]:
    """While the context lasts, Ctrl-C drains the run. A second one ends the program: what it finished is kept."""

    def answer(_signal: int, _frame: FrameType | None) -> None:
        if meter.interrupted:
            os._exit(INTERRUPTED)
        meter.interrupt()
        tell("finishing what is under way; press Ctrl-C again to end at once")

    before = signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
