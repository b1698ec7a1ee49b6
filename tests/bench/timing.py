"""Commands come in, the wall times that they take go out; ours and the peers' stand beside this Python."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 5


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


def tool(name: str) -> str:
    """The path of a command beside this Python."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name
