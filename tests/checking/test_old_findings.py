"""What is old is left out: by a baseline that was accepted, and by the lines that git knows."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands import Call

OLD = "Hi Ana, your loaf of rye kept us alive in Oulu. I need an answer ASAP! Which flour is it?\n"


def git(folder: Path, *words: str) -> None:
    """A git command in a folder, with a name to commit by."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_accepted_findings_are_told_no_more(folder: Path, tactful: Call) -> None:
    """Also where their line has moved; a second one in a line, and any other, is new."""
    place = folder / "a.md"
    place.write_text(OLD)
    told = tactful("check", "--add-baseline", "a.md")
    assert told.code == 0
    assert "findings accepted" in told.err
    rows = [json.loads(line) for line in (folder / ".tactful-baseline.jsonl").read_text().splitlines()]
    assert {row["rule"] for row in rows} >= {"pressure"}
    assert rows == sorted(rows, key=lambda row: (row["file"], row["rule"], row["quote"]))
    assert tactful("check", "-q", "a.md").out == ""
    assert tactful("check", "-q", "a.md").code == 0
    place.write_text("---\nkind: message\n---\n" + OLD)
    assert tactful("check", "-q", "a.md").out == ""
    place.write_text(OLD + "\nCould we have a call?\n")
    told_now = [line.split()[2] for line in tactful("check", "-q", "a.md").out.splitlines()]
    assert told_now == ["premature-call:", "nothing-offered:"]
    assert " pressure:" in tactful("check", "-q", "--no-baseline", "a.md").out
    (folder / "b.md").write_text(OLD)
    assert " pressure:" in tactful("check", "-q", "b.md").out


def test_a_broken_baseline_is_told(folder: Path, tactful: Call) -> None:
    """File, line and remedy; a baseline that is named must be there."""
    (folder / "a.md").write_text(OLD)
    (folder / ".tactful-baseline.jsonl").write_text('{"file":"a.md","rule":"boast","quote":""}\n{"file":1}\n')
    told = tactful("check", "a.md")
    assert told.code == 2
    assert ".tactful-baseline.jsonl:2: Expected `str`, got `int`" in told.err
    (folder / "tactful.toml").write_text('baseline = "old.jsonl"\n')
    assert "old.jsonl: No such file or directory: write it with" in tactful("check", "a.md").err


def test_only_touched_lines_are_told(folder: Path, tactful: Call) -> None:
    """Changed lines, and new files whole; what is about a whole message is told if any line of it is touched."""
    for name in ("a.md", "b.md"):
        (folder / name).write_text(OLD)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "old")
    assert tactful("check", "-q", "--diff-base", "HEAD", ".").out == ""
    (folder / "a.md").write_text(OLD + "\nCould we have a call on Thursday?\n")
    (folder / "ü c.md").write_text(OLD)
    told = tactful("check", "-q", "--diff-base", "HEAD", ".").out
    assert "a.md:3:1: error premature-call" in told
    assert "a.md:1:5" not in told
    assert "b.md" not in told
    assert "ü c.md:1:" in told
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "new")
    assert tactful("check", "-q", "--diff-base", "HEAD", ".").out == ""
    assert "premature-call" in tactful("check", "-q", "--diff-base", "HEAD~1", ".").out


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--diff-base", "nowhere", "a.md"], "name a revision of this repository"),
        (["--diff-base", "--output=x", "a.md"], "name a revision of this repository"),
        (["--diff-base", "HEAD", "-"], "stdin has no history"),
    ],
)
def test_a_bad_revision_is_told(words: list[str], fault: str, folder: Path, tactful: Call) -> None:
    """With the remedy, and nothing written."""
    git(folder, "init", "-q")
    (folder / "a.md").write_text(OLD)
    told = tactful("check", *words)
    assert told.code == 2
    assert fault in told.err
    assert not (folder / "x").exists()
