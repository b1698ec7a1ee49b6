"""The command, run in this process: what tests of the command line and of checks share."""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli import main

COMMAND = (sys.executable, "-c", "from pipeline.cli import main; main()")
"""The command in a process of its own."""


@dataclass
class Told:
    """What a command said and how it ended."""

    code: object
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a home and a cache of its own, and no variable that says anything to us."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in list(os.environ):
        if name.upper().startswith(("TACTFUL_", "OPENAI_", "LANG", "PIP_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TACTFUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return work


@pytest.fixture
def tactful(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command, run in this process from `main` on, so that errors and exits are the real ones."""

    def call(*args: str | Path, stdin: str | bytes = b"") -> Told:
        monkeypatch.setattr(sys, "argv", ["tactful", *map(str, args)])
        monkeypatch.setattr(
            sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode()))
        )
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        return Told(stop.value.code, *capsys.readouterr())

    return call
