"""The GitHub Action: its own shell lines, run here against the installed command."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.drafts import ENDINGS

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}


def step(name: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """One step of the action in bash, as a runner starts it, with a `tactful` on its path."""
    command = home / "tactful"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n', "utf-8")
    command.chmod(0o755)
    told = {
        **os.environ,
        "PATH": f"{home}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(home),
        "GITHUB_STEP_SUMMARY": str(home / "summary.md"),
        "GITHUB_OUTPUT": str(home / "output"),
        **env,
    }
    line = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[name]["run"]]
    return subprocess.run(line, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("rules", "status"), [("", "0"), ("forbids thanks", "1"), ("no such folder", "2")], ids=["green", "fell", "set-up"]
)
def test_it_replays_reports_and_passes_the_status_on(tmp_path: Path, rules: str, status: str) -> None:
    """Summary, page and JUnit are written where there is an outcome, and the last step ends as the evals did."""
    if rules == "forbids thanks":
        (tmp_path / "rules.toml").write_text(
            '[no-thanks-please]\nsource = "B-end"\nseverity = "error"\nadvice = "a"\nwhy = "w"\nmessage = "{found}"\n'
            'kinds = ["message", "connection-note", "inmail"]\ncheck.phrases.any_of = ["thank you", "thanks"]\n',
            "utf-8",
        )
        rules = str(tmp_path / "rules.toml")
    done = step("Replay", tmp_path, CASES="evals/cases", RULES=rules, PROMPTS="")
    assert done.returncode == 0, done.stderr
    assert f"status={status}" in (tmp_path / "output").read_text("utf-8").splitlines()
    written = status != "2"
    assert (tmp_path / "evals.html").is_file() is written
    assert (tmp_path / "evals.xml").is_file() is written
    if written:
        assert "## " in (tmp_path / "summary.md").read_text("utf-8")
    assert step("Judge", tmp_path, STATUS=status).returncode == int(status)


def test_it_checks_messages_beside_their_lines(tmp_path: Path) -> None:
    """Annotations on stdout, SARIF in a file, and the status of the check."""
    (tmp_path / "a.md").write_text("Hi Ana, could we have a call?\n", "utf-8")
    done = step("Check", tmp_path, PATHS=f"{tmp_path}/a.md {ROOT}/evals/hydrology-student.md", BASE="")
    assert done.returncode == 0, done.stderr
    assert f"::error file={tmp_path}/a.md,line=1,col=" in done.stdout
    assert "status=1" in (tmp_path / "output").read_text("utf-8").splitlines()
    log = json.loads((tmp_path / "tactful.sarif").read_text("utf-8"))
    assert len(log["runs"][0]["results"]) == len(done.stdout.splitlines()) > 2
    assert step("Judge", tmp_path, STATUS="1").returncode == 1


def test_the_hooks_of_pre_commit_are_commands() -> None:
    """Each hook's entry is one that the program takes, and its files are those that a folder is searched for."""
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *hook["entry"].split()[1:], "README.md", "--help"],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Look at messages" in done.stdout
        assert {ending for ending in ENDINGS if re.search(hook["files"], f"a{ending}")} == ENDINGS
        assert not re.search(hook["files"], "a.py")


def test_nothing_of_the_event_is_put_into_a_script() -> None:
    """Inputs and the event reach the shell as variables only: a branch name is never code."""
    assert [name for name, one in STEPS.items() if "${{" in one.get("run", "")] == []


def test_every_input_is_used_and_told() -> None:
    """Each input has a default and a description, and stands in a step."""
    text = (ROOT / "action.yml").read_text("utf-8")
    for name, one in ACTION["inputs"].items():
        assert one["description"]
        assert "default" in one
        assert f"inputs.{name}" in text
