"""`--engine ray` on real clusters of two workers on this computer: the same as threads, also where one is killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.batch.kill import results
from tests.batch.test_cluster import calls
from tests.batch.yard import Served, library, scripted, texts
from tests.commands import COMMAND, Call

RAY = ("--engine", "ray", "--jobs", "2")
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""Addresses as /proc/net has them."""
LISTENS = "0A"


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """The scripted model, which takes a moment."""
    with scripted(pause=0.05) as one:
        yield one


def asking(served: Served) -> tuple[str, ...]:
    """The flags of a run that asks it."""
    return ("--in-place", "--model", "scripted", "--base-url", served.model.base_url)


@pytest.fixture
def alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The place of temporary files of the clusters, which is empty when they are gone; no cluster is named."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as name:  # the names of sockets may not be long
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def below(pid: int) -> list[int]:
    """The processes that a process has begun, and those that they have."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found = list(parents.get(pid, []))
    for one in found:
        found += parents.get(one, [])
    return found


def titled(pids: list[int], title: str) -> list[int]:
    """Those of some processes whose command line begins with a title."""
    return [one for one in pids if Path(f"/proc/{one}/cmdline").read_bytes().startswith(title.encode())]


def listening(pids: list[int]) -> set[str]:
    """The addresses that some processes listen on."""
    sockets = {str(fd.readlink()) for one in pids for fd in Path(f"/proc/{one}/fd").iterdir() if fd.is_symlink()}
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {one[1].partition(":")[0] for one in lines if one[3] == LISTENS and f"socket:[{one[9]}]" in sockets}


def during(served: Served, act: Callable[[int], None], after: int) -> tuple[int, str]:
    """A run over `lib` in which something is done when so many questions were asked: exit status, and what it said."""
    command = [*COMMAND, "batch", "lib", *asking(served), *RAY]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as run:
        until = time.monotonic() + 120
        while len(served.asked) < after and time.monotonic() < until and run.poll() is None:
            time.sleep(0.02)
        if run.poll() is None:
            act(run.pid)
        told, _ = run.communicate(timeout=120)
    return run.returncode, told


def test_a_hundred_templates_as_threads_have_them(tactful: Call, folder: Path, alone: Path) -> None:
    """Byte for byte, and the rows too; then the ledger knows it all, and no cluster is begun. Nothing is left."""
    tables = []
    for name, engine in (("threads", ()), ("ray", RAY)):
        library(folder / name, 100)
        command = [*COMMAND, "batch", name, "--in-place", "--model", "none", "--json", *engine]
        run = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert (run.returncode, run.stderr) == (0, "")
        tables.append(json.loads(run.stdout))
    assert texts(folder / "ray") == texts(folder / "threads")
    assert results(folder / "ray") == results(folder / "threads")
    one, two = ([row["after"] for row in table["templates"]] for table in tables)
    assert one == two
    assert len(one) == 100
    assert list(alone.iterdir()) == []
    begun = time.monotonic()
    again = json.loads(tactful("batch", "ray", "--in-place", "--model", "none", "--json", *RAY).out)
    assert again["summary"]["known"] == 100
    assert "ray" not in sys.modules
    assert time.monotonic() - begun < 60


def test_a_killed_worker_costs_a_retry_and_no_row(tactful: Call, folder: Path, served: Served, alone: Path) -> None:
    """One of two workers gets SIGKILL in mid-run; nobody outside this computer could have spoken to the cluster."""
    library(folder / "calm", 60)
    tactful("batch", "calm", *asking(served))
    whole = len(served.asked)
    served.asked.clear()
    library(folder / "lib", 60)
    seen: list[set[str]] = []

    def kill(pid: int) -> None:
        pids = below(pid)
        seen.append(listening(pids))
        os.kill(titled(pids, "ray::MapWorker")[0], signal.SIGKILL)

    code, told = during(served, kill, whole // 3)
    assert code == 0, told
    assert "60 templates: 48 improved, 12 clean; 0 faults" in told
    assert seen[0]
    assert seen[0] <= LOOPBACK
    assert "raylet" not in told
    assert texts(folder / "lib") == texts(folder / "calm")
    assert results(folder / "lib") == results(folder / "calm")
    assert calls(folder / "lib") == calls(folder / "calm")
    assert whole <= len(served.asked) <= whole + 8


def test_ctrl_c_drains(tactful: Call, folder: Path, served: Served, alone: Path) -> None:
    """As a terminal sends it, to every process: what is under way is kept, and the threads go on with the rest."""
    library(folder / "calm", 60)
    tactful("batch", "calm", *asking(served))
    whole = len(served.asked)
    served.asked.clear()
    library(folder / "lib", 60)
    code, told = during(served, lambda pid: os.killpg(pid, signal.SIGINT), whole // 3)
    assert code == 130, told
    assert "press Ctrl-C again" in told
    assert " left; " in told
    assert len(served.asked) < whole
    tactful("batch", "lib", *asking(served))
    assert len(served.asked) == whole
    assert texts(folder / "lib") == texts(folder / "calm")
    assert calls(folder / "lib") == calls(folder / "calm")
    assert list(alone.iterdir()) == []
