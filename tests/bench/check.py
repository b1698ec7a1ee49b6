"""The speed of `check`: one note, cold, and a library beside other linters.

Bars: one note at most 0.25 s and at most 3 times `python -c "import typer"`; 1,000 files of about 70 words at least 5
times as many files a second as proselint and as unslopify, whole processes, all rules on.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tomli

from tests.bench.timing import seconds, tool

PEERS = {"proselint": ["check"], "unslopify": []}
"""The peers' commands, and the words before the folder."""
CASES = sorted((Path(__file__).parents[2] / "evals" / "cases").glob("*.toml"))


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


def bars() -> Iterator[bool]:
    """One note, cold; then the library, beside each peer."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        note = folder / "note.md"
        note.write_text("Hi, I came across your profile and would like to connect.\n", "utf-8")
        typer, cold = seconds([sys.executable, "-c", "import typer"], [tool("tactful"), "check", str(note)])
        ratio = f"`import typer` {typer:.3f} s; ratio {cold / typer:.2f}, bar 3"
        print(f"check one note, cold   {cold:.3f} s, bar 0.25; {ratio}")
        yield cold <= 0.25
        yield cold <= 3 * typer
        files = folder / "library"
        files.mkdir()
        library(files)
        peers = [[tool(peer), *words, str(files)] for peer, words in PEERS.items()]
        ours, *theirs = seconds([tool("tactful"), "check", "--quiet", str(files)], *peers)
        print(f"1,000 files, tactful   {ours:.2f} s, {1000 / ours:.0f} files a second, all rules on")
        for peer, taken in zip(PEERS, theirs, strict=True):
            ratio = f"ratio {taken / ours:.2f}, bar 5"
            print(f"1,000 files, {peer:9} {taken:.2f} s, {1000 / taken:.0f} files a second; {ratio}")
            yield taken >= 5 * ours
