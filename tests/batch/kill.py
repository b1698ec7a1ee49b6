"""A run that is killed at random moments and goes on must come to what an undisturbed run comes to.

`python -m tests.batch.kill 200` kills two hundred times and prints what it saw; it ends with an error where anything is
lost, half written, or paid twice beyond what was in flight.
"""

import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.ledger import FOLDER, NAME
from pipeline.domain import Prompt, Reply
from tests.batch.yard import answer, go, library, texts

JOBS = 4
SIZE = 24
FORK = multiprocessing.get_context("fork")
COLUMNS = "key, outcome, text, subject, score_before, score_after, findings_before, findings_after, calls, tokens_in"


@dataclass(frozen=True)
class Told:
    """A scripted model that takes a moment and leaves a line in a file for each call that has ended."""

    log: Path

    def __call__(self, prompt: Prompt) -> Reply:
        """Answer after a moment, and say so."""
        time.sleep(0.004)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{hash((prompt.user, prompt.seed))}\n")
        return answer(prompt)

    @property
    def calls(self) -> Counter[str]:
        """How often each question was answered."""
        return Counter(self.log.read_text("utf-8").split()) if self.log.exists() else Counter()


def work(folder: Path, log: Path) -> None:
    """One run, to its end."""
    go(folder, Told(log), jobs=JOBS)


def results(folder: Path) -> list[tuple[object, ...]]:
    """What the ledger knows, but for times; an error where the file is not sound."""
    with sqlite3.connect(folder / FOLDER / NAME) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = db.execute(f"SELECT {COLUMNS} FROM result ORDER BY key").fetchall()
    db.close()
    return found


def undisturbed(room: Path) -> tuple[dict[str, bytes], list[tuple[object, ...]], int, float]:
    """The texts, the results, the number of calls and the seconds of a run that nobody kills."""
    folder = library(room / "calm", SIZE)
    work(folder, room / "warm.log")
    folder = library(room / "calm-again", SIZE)
    start = time.monotonic()
    work(folder, room / "calm.log")
    return texts(folder), results(folder), Told(room / "calm.log").calls.total(), time.monotonic() - start


def killed(process: "multiprocessing.process.BaseProcess", after: float) -> bool:
    """Kill a process after some seconds; whether it was still at work."""
    process.start()
    process.join(after)
    assert process.pid
    if process.exitcode is not None:
        assert process.exitcode == 0, process.exitcode
        return False
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


def episode(room: Path, number: int, most: int, dice: random.Random) -> tuple[int, int]:
    """A library whose run is killed until it comes to its end; how often it was, and how many calls were paid twice."""
    wanted, known, calls, seconds = CALM[0]
    folder, log = library(room / f"library-{number}", SIZE), room / f"{number}.log"
    before, kills = texts(folder), 0
    while kills < most and killed(FORK.Process(target=work, args=(folder, log)), dice.uniform(0, seconds * 0.7)):
        kills += 1
        whole = {name: text for name, text in texts(folder).items() if not name.endswith(".part")}
        assert set(whole) == set(before)
        assert all(text in (before[name], wanted[name]) for name, text in whole.items()), "a file is half written"
        if (folder / FOLDER / NAME).exists():
            with sqlite3.connect(folder / FOLDER / NAME) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            db.close()
    work(folder, log)
    assert texts(folder) == wanted, "another text than undisturbed"
    assert results(folder) == known, "another result than undisturbed"
    paid = Told(log).calls
    twice = paid.total() - len(paid)
    assert len(paid) == calls, (len(paid), calls)
    assert twice <= kills * JOBS, (twice, kills)
    return kills, twice


CALM: list[tuple[dict[str, bytes], list[tuple[object, ...]], int, float]] = []


def main(times: int) -> str:
    """Kill so often, and say what was seen."""
    dice, kills, twice, episodes = random.Random(times), 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        CALM.append(undisturbed(Path(name)))
        while kills < times:
            more, again = episode(Path(name), episodes, times - kills, dice)
            kills, twice, episodes = kills + more, twice + again, episodes + 1
    calls = CALM[0][2]
    return f"{kills} kills over {episodes} libraries of {calls} calls each: {twice} calls paid twice, all in flight"


def two() -> str:
    """Two runs at once over one library and one ledger: together they ask what one would."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        wanted, known, calls, _ = undisturbed(room)
        folder, log = library(room / "both", SIZE), room / "both.log"
        both = [FORK.Process(target=work, args=(folder, log)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert [one.exitcode for one in both] == [0, 0]
        assert texts(folder) == wanted
        assert results(folder) == known
        paid = Told(log).calls
        assert (paid.total(), len(paid)) == (calls, calls), (paid.total(), len(paid), calls)
        return f"two runs at once: {calls} calls, none paid twice"


if __name__ == "__main__":
    print(two() if sys.argv[1:] == ["two"] else main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
