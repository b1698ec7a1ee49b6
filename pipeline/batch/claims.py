"""A key comes in, the right to work on it goes out: to one thread of one process at a time, and free when that is gone.

Between processes the claim is a lock on one byte of a file beside the ledger: the system lets go of it however a
process ends, so that nobody waits for the dead. Where a system has no such locks, two processes may do a thing twice.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NAME = "claims.lock"
PAUSE = 0.05
"""Seconds between two looks at what another process holds."""
BYTES = 2**62
"""Places in the file that a key may fall on; no byte of it is ever written."""


class Claims:
    """The claims of one process; use it as a context."""

    def __init__(self, folder: Path) -> None:
        """Claims on the ledger of a folder that is there already."""
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        self._held: set[str] = set()
        self._freed = threading.Condition()

    def __enter__(self) -> "Claims":
        """The claims themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of everything."""
        os.close(self._file)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Wait until nobody else works on a key, and keep it while the context lasts."""
        with self._freed:
            self._freed.wait_for(lambda: key not in self._held)
            self._held.add(key)
        try:
            while not self._lock(key):  # waiting in the system would look like a deadlock to it
                time.sleep(PAUSE)
            yield
        finally:
            self.let_go(key)

    def taken(self, key: str) -> bool:
        """Take a key without waiting, until it is let go; False where somebody else works on it."""
        with self._freed:
            if key in self._held or not self._lock(key):
                return False
            self._held.add(key)
        return True

    def let_go(self, key: str) -> None:
        """Leave a key to others."""
        if fcntl is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _byte(key))
        with self._freed:
            self._held.discard(key)
            self._freed.notify_all()

    def _lock(self, key: str) -> bool:
        if fcntl is not None:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _byte(key))
            except (BlockingIOError, PermissionError):
                return False
        return True


def _byte(key: str) -> int:
    return int(key[:16], 16) % BYTES
