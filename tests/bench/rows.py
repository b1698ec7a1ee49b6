"""What `batch` takes for a list of 100,000 messages: memory beside 1,000, and the last rows' speed beside the first's.

Bars: the most memory that 100,000 rows take is within 150 MB of that of 1,000; the last tenth of the rows goes at 0.8
of the speed of the first tenth, or faster; and all of it takes less than half an hour. Whole processes, `--model none`:
one message in fifty is rewritten by code, the others have nothing to mend.
"""

import csv
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipeline.batch.ledger import FOLDER, NAME

FEW, MANY = 1_000, 100_000
APART = 150
"""MB between the two at most."""
FLAT = 0.8
LONGEST = 1800.0
"""Seconds."""
RUN = """
import atexit, pathlib, sys
from pipeline.cli import main
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: sys.stderr.write(next(one for one in status.read_text().splitlines() if "VmHWM" in one)))
main()
"""
"""The command, which says at its end how much memory it took at most."""
TOPICS = "tides rivers bridges harbours orchards looms kilns glaciers quarries lanterns ferries meadows".split()
DEEDS = "charted mended drew weighed planned lit counted heated cleaned painted".split()
PLACES = "Porto Bergen Turku Cork Gdansk Trieste Malmo Split Leith Brest Vigo Bremen".split()
ASKS = (
    "What would you do differently today?",
    "Which part took you longest?",
    "What did you learn from it first?",
    "How did you choose where to begin?",
)


def table(path: Path, rows: int) -> None:
    """Write a list of so many messages, no two alike."""
    pick = random.Random(rows).choice
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "to.name", "text"])
        for number in range(rows):
            one, two, three = (f"{pick(TOPICS)} {pick(PLACES)}{number % 7919 + turn}" for turn in range(3))
            text = (
                f"Hi Ana, your post on the {one} changed how I {pick(DEEDS)} the {two} and {pick(DEEDS)} the {three}. "
                f"I run a small {pick(TOPICS)} desk in {pick(PLACES)}. {pick(ASKS)}\n\n"
                "Thank you for your time,\nRui"
            )
            if number % 50 == 49:
                text = f"Hi Ana, I came across your profile and the {one}. {text[8:]}"
            lines.writerow([f"m{number}", "Ana", text])


def measured(rows: int) -> tuple[float, float, list[float]]:
    """MB and seconds that a run over so many rows takes, and when each row was done, in whole seconds."""
    with tempfile.TemporaryDirectory() as home:
        table(Path(home, "list.csv"), rows)
        start = time.perf_counter()
        words = ["batch", "list.csv", "--out", "better.csv", "--model", "none", "--quiet"]
        done = subprocess.run([sys.executable, "-c", RUN, *words], cwd=home, capture_output=True, text=True, check=True)
        taken = time.perf_counter() - start
        with sqlite3.connect(Path(home, FOLDER, NAME)) as book:
            at = sorted(datetime.fromisoformat(row[0]).timestamp() for row in book.execute("SELECT at FROM result"))
        return int(done.stderr.split()[-2]) / 1024, taken, at


def bars() -> Iterator[bool]:
    """Few rows, then many."""
    few, _, _ = measured(FEW)
    many, taken, at = measured(MANY)
    print(f"100,000 rows, memory   {many:.0f} MB, 1,000 rows {few:.0f} MB; {many - few:.0f} MB apart, bar {APART}")
    yield many - few <= APART
    tenth = len(at) // 10
    first, last = at[tenth] - at[0], at[-1] - at[-1 - tenth]
    ratio = first / max(last, 1.0)
    pace = f"{taken:.0f} s, {MANY / taken:.0f} a second, bar {LONGEST:.0f} s"
    print(f"100,000 rows, speed    {pace}; last tenth beside the first {ratio:.2f}, bar {FLAT}")
    yield ratio >= FLAT
    yield taken <= LONGEST
