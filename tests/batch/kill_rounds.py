"""A run over the Batch API that is killed at every moment, once each, must pay for nothing twice and come to the same.

`python -m tests.batch.kill_rounds [STEP]` kills before and after each request and at each statement that writes the
ledger, or at every STEP-th of these moments and around the begin of each batch, lets the next run go to its end, and
prints what it saw.
"""

import json
import multiprocessing
import os
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from pipeline.batch.ledger import FOLDER, NAME, Ledger
from tests.batch.batch_server import BatchServer, running
from tests.batch.yard import Scripted, by_post, go, library, texts

FORK = multiprocessing.get_context("fork")
SIZE = 4
STEPS = ("validating", "in_progress", "completed")
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")
COLUMNS = "key, outcome, text, subject, score_before, score_after, findings_before, findings_after, calls, tokens_in"


@dataclass(frozen=True)
class Clock:
    """Counts moments, in any process, and kills the run's process at the one that is meant; 0 kills nobody."""

    number: "Synchronized[int]"
    deadly: "Synchronized[int]"
    run: "Synchronized[int]"

    def tick(self) -> int:
        """A moment, and its number."""
        with self.number.get_lock():
            self.number.value += 1
            now = self.number.value
        if now == self.deadly.value:  # not with the lock in hand: nobody lets go of it for the dead
            os.kill(self.run.value, signal.SIGKILL)
        return now


def serve(clock: Clock, state: Path, ends: "Connection[str, str]") -> None:
    """The server, in a process of its own, until somebody says so; then what it was paid for is in the file."""
    begun: list[int] = []

    def moment(method: str, path: str, _: str) -> None:
        number = clock.tick()
        if (method, path) == ("POST", "/batches"):
            begun.extend([number, number + 1])

    server = BatchServer(steps=STEPS, moment=moment)
    with running(server):
        ends.send(server.base_url)
        ends.recv()
    server.finish()
    state.write_text(json.dumps({"paid": server.paid, "refused": server.refused, "begun": begun}))


def work(folder: Path, base_url: str, clock: Clock) -> None:
    """One run, to its end or its death."""
    clock.run.value = os.getpid()
    begin = Ledger.__init__

    def watched(self: Ledger, home: Path) -> None:
        begin(self, home)
        self._db.set_trace_callback(lambda said: clock.tick() if said.startswith(WRITES) else None)

    Ledger.__init__ = watched  # type: ignore[method-assign]
    by_post(folder, base_url)


def results(folder: Path) -> list[tuple[object, ...]]:
    """What the ledger knows, but for times and keys, which hold the server's port; nothing may be left under way."""
    with sqlite3.connect(folder / FOLDER / NAME) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM batch").fetchall() == [(0,)]
        assert db.execute("SELECT count(*) FROM question").fetchall() == [(0,)]
        columns = COLUMNS.removeprefix("key, ")
        found = db.execute(f"SELECT {columns} FROM result ORDER BY text, outcome").fetchall()
    db.close()
    return found


@dataclass(frozen=True)
class Seen:
    """What came of a run that was killed once, or was not, and gone on with; `moments` around the begin of a batch."""

    texts: dict[str, bytes]
    results: list[tuple[object, ...]]
    paid: Counter[str]
    killed: bool
    moments: list[int]


def episode(room: Path, deadly: int) -> Seen:
    """A library whose run is killed at that moment and goes on."""
    folder, state = library(room / f"library-{deadly}", SIZE), room / f"{deadly}.json"
    clock = Clock(FORK.Value("i", 0), FORK.Value("i", deadly), FORK.Value("i", 0))
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=serve, args=(clock, state, theirs))
    server.start()
    base_url, codes = ours.recv(), []
    for _ in range(2):
        run = FORK.Process(target=work, args=(folder, base_url, clock))
        run.start()
        run.join(60)
        codes.append(run.exitcode)
        if run.exitcode == 0:
            break
    ours.send("end")
    server.join()
    assert codes in ([0], [-signal.SIGKILL, 0]), (deadly, codes)
    seen = json.loads(state.read_text())
    assert seen["refused"] == [], seen
    return Seen(texts(folder), results(folder), Counter(seen["paid"]), len(codes) == 2, seen["begun"])


def main(step: int) -> str:
    """Kill at every moment, or at each so many-th, and say what was seen."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        plain = library(room / "threads", SIZE)
        go(plain, Scripted())
        calm = episode(room, 0)
        assert calm.texts == texts(plain), "another text than with threads"
        assert set(calm.paid.values()) == {1}
        kills = [number for number in range(1, 999) if number % step == 0 or number in calm.moments]
        for number, moment in enumerate(kills):
            seen = episode(room, moment)
            assert seen.texts == calm.texts, f"moment {moment}: another text than undisturbed"
            assert seen.results == calm.results, f"moment {moment}: another result than undisturbed"
            assert seen.paid.total() == len(seen.paid) == len(calm.paid), f"moment {moment}: {seen.paid}"
            if not seen.killed:
                return f"killed at {number} of {moment - 1} moments: {len(calm.paid)} requests a run, none paid twice"
        raise AssertionError("no end of moments")


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
