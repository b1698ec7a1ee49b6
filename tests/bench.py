"""Speed beside peers, in one run: `poe bench`. Prints ratios; exits 1 where a bar is missed.

Bars: `check` on one note, cold, at most 0.25 s and at most 3 times `python -c "import typer"`; 1,000 files of about 70
words at least 5 times as many files a second as proselint and as unslopify, whole processes, all rules on.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 5
DRAFTS = sorted((Path(__file__).parent.parent / "evals" / "drafts").glob("*.md"))


def seconds(command: Sequence[str]) -> float:
    """The median wall time of a command over RUNS runs, after one that does not count."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def library(folder: Path, files: int = 1000, words: int = 70) -> None:
    """Write files of about 70 words each, cut from the forty drafts' sentences, no two alike."""
    pool = " ".join(path.read_text("utf-8").split("\n---\n", 1)[1] for path in DRAFTS).split()
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
        typer = seconds([sys.executable, "-c", "import typer"])
        cold = seconds([tool("tactful"), "check", str(note)])
        print(
            f"check one note, cold      {cold:.3f} s; import typer {typer:.3f} s; ratio {cold / typer:.2f} (bars 0.25 s and 3.0)"
        )
        bars += [cold <= 0.25, cold <= 3 * typer]
        files = folder / "library"
        files.mkdir()
        library(files)
        ours = seconds([tool("tactful"), "check", "--quiet", str(files)])
        print(f"1,000 files, tactful      {ours:.2f} s, {1000 / ours:.0f} files a second")
        for peer, command in (("proselint", ["check", str(files)]), ("unslopify", [str(files)])):
            theirs = seconds([tool(peer), *command])
            print(
                f"1,000 files, {peer:12} {theirs:.2f} s, {1000 / theirs:.0f} files a second; ratio {theirs / ours:.2f} (bar 5.0)"
            )
            bars.append(theirs >= 5 * ours)
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
