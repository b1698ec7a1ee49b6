"""What `batch` is worth beside a loop over `tactful improve FILE`, with the embedded model.

Bar: at least 5 times as many messages an hour, each side a whole process or one a message, in turn; the median of the
turns' ratios counts. Where the texts differ, it says so: the engine's sums depend on what else it works on at the time,
and a sentence that it writes otherwise may be judged otherwise.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.tokens import READINGS

TURNS = 3
SETS = ("six", "seven")
"""The newest readings: 80 templates, where a team's library holds 50 and more. On 30 a run's start weighs double."""
BAR = 5
TACTFUL = [sys.executable, "-m", "pipeline"]
ROOT = Path(__file__).parents[2]


def called(*words: str | Path, cwd: Path) -> str:
    """What the command prints; its exit status says what is left to do, not that it failed."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*TACTFUL, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False).stdout


def turn(home: Path) -> tuple[float, float, list[str]]:
    """Seconds a message of the batch and of the loop, and the templates that came out otherwise."""
    library = home / "library"
    library.mkdir()
    for path in (path for name in SETS for path in (READINGS / name).glob("*.md")):
        shutil.copyfile(path, library / f"{path.parent.name}-{path.name}")
    start = time.perf_counter()
    done = json.loads(called("batch", "library", "--out", "better", "--json", cwd=home))["templates"]
    middle = time.perf_counter()
    alone = {path.name: called("improve", path, "--quiet", cwd=home) for path in sorted(library.glob("*.md"))}
    end = time.perf_counter()
    together = {Path(row["path"]).name: row["after"]["text"] for row in done}
    other = [name for name, text in alone.items() if not text.rstrip().endswith(together[name])]
    return (middle - start) / len(alone), (end - middle) / len(alone), other


def bars() -> Iterator[bool]:
    """The batch and the loop, in turn."""
    turns = []
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as home:
            turns.append(turn(Path(home)))
    together, alone = (statistics.median(3600 / one[side] for one in turns) for side in (0, 1))
    ratio = statistics.median(one[1] / one[0] for one in turns)
    other = sorted({name for *_, names in turns for name in names})
    differ = f"{len(other)} other texts: {', '.join(other)}" if other else "the same texts"
    rates = f"{together:,.0f} an hour, a loop over improve {alone:,.0f}"
    print(f"messages, batch        {rates}; ratio {ratio:.1f}, bar {BAR}; {differ}")
    yield ratio >= BAR
