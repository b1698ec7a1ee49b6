"""Speed beside peers, in one run: `poe bench`. Prints ratios; exits 1 where a bar is missed.

Bars: `check` on one note, cold, at most 0.25 s and at most 3 times `python -c "import typer"`; 1,000 files of about 70
words at least 5 times as many files a second as proselint and as unslopify, whole processes, all rules on; the
replay of all recorded cases at most 10 s.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import tomli

RUNS = 5
PEERS = {"proselint": ["check"], "unslopify": []}
"""The peers' commands, and the words before the folder."""
CASES = sorted((Path(__file__).parent.parent / "evals" / "cases").glob("*.toml"))


def seconds(*commands: Sequence[str]) -> list[float]:
    """The median wall times of some commands, run in turn RUNS times after once that does not count."""
    times: list[list[float]] = [[] for _ in commands]
    plain = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(RUNS + 1):
        for command, taken in zip(commands, times, strict=True):
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=plain)
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken[1:]) for taken in times]


def library(folder: Path, files: int = 1000, words: int = 70) -> None:
    """Write files of about 70 words each, cut from the sentences of the eval cases, no two alike."""
    bodies = [tomli.loads(path.read_text("utf-8"))["text"] for path in CASES]
    pool = " ".join(body for body in bodies if "{" not in body and "*|" not in body).split()
    for number in range(files):
        start = number * 37 % (len(pool) - words)
        greeting = f"Hi Ana{number},\n\n"
        (folder / f"{number:04}.md").write_text(
            greeting + " ".join(pool[start : start + words]) + "\n\nBest regards,\nIda\n", "utf-8"
        )


def tool(name: str) -> str:
    """The path of a command beside this Python."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name


def main() -> int:
    """Run the comparison and say which bars hold."""
    bars = []
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        note = folder / "note.md"
        note.write_text("Hi, I came across your profile and would like to connect.\n", "utf-8")
        typer, cold = seconds([sys.executable, "-c", "import typer"], [tool("tactful"), "check", str(note)])
        ratio = f"`import typer` {typer:.3f} s; ratio {cold / typer:.2f}, bar 3"
        print(f"check one note, cold   {cold:.3f} s, bar 0.25; {ratio}")
        bars += [cold <= 0.25, cold <= 3 * typer]
        files = folder / "library"
        files.mkdir()
        library(files)
        peers = [[tool(peer), *words, str(files)] for peer, words in PEERS.items()]
        ours, *theirs = seconds([tool("tactful"), "check", "--quiet", str(files)], *peers)
        print(f"1,000 files, tactful   {ours:.2f} s, {1000 / ours:.0f} files a second, all rules on")
        for peer, taken in zip(PEERS, theirs, strict=True):
            ratio = f"ratio {taken / ours:.2f}, bar 5"
            print(f"1,000 files, {peer:9} {taken:.2f} s, {1000 / taken:.0f} files a second; {ratio}")
            bars.append(taken >= 5 * ours)
    modules, replay = seconds(
        [sys.executable, "-c", "import openai, langchain_core.runnables, vcr"], [tool("tactful"), "eval"]
    )
    ratio = f"importing the SDK, langchain-core and vcrpy alone {modules:.2f} s; ratio {replay / modules:.1f}"
    print(f"replay of the evals    {replay:.2f} s, bar 10; {ratio}")
    bars.append(replay <= 10)
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
