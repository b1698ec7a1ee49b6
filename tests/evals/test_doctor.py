"""The doctor: each fault that can be planted in a suite is found, and a sound suite has none."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline import rulebook
from pipeline.evals import baseline, cases, running
from pipeline.evals.doctor import examine
from pipeline.models import DEFAULT, load

EVALS = Path(__file__).parents[2] / "evals"
BOOK = rulebook.load()
MODELS = load()
TODAY = date(2026, 11, 22)
KEY = "sk-" + "a" * 20
NAMES = ("museum-registrar-early-call", "wetlands-good-note")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A small suite: two cases with their recordings and baseline."""
    for name in NAMES:
        for place in (f"cases/{name}.toml", f"cassettes/{DEFAULT}/{name}.yaml"):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(EVALS / place, tmp_path / place)
    suite = running.Suite(BOOK, tmp_path / "cassettes", TODAY, DEFAULT)
    done = [running.replay(case, MODELS[DEFAULT], suite).result for case in cases.load(tmp_path / "cases", BOOK)]
    baseline.save(baseline.blessed(baseline.Baseline(), done, NAMES), tmp_path / "baseline.json")
    return tmp_path


def found(home: Path, today: date = TODAY) -> list[str]:
    """What the doctor says of a suite, a line a fault, notes left out."""
    suite = running.Suite(BOOK, home / "cassettes", today, DEFAULT)
    known = cases.load(home / "cases", BOOK)
    troubles = examine(known, MODELS, MODELS[DEFAULT], suite, baseline.load(home / "baseline.json"))
    return [str(one) for one in troubles if not one.note]


def tape(home: Path) -> Path:
    """The recording that holds answers."""
    return home / "cassettes" / DEFAULT / f"{NAMES[0]}.yaml"


def put(old: str, new: str) -> Callable[[Path], None]:
    """An edit of the recording."""

    def edit(home: Path) -> None:
        text = tape(home).read_text("utf-8")
        assert old in text
        tape(home).write_text(text.replace(old, new, 1), "utf-8")

    return edit


def stray(place: str) -> Callable[[Path], None]:
    """A copy of the recording where none belongs."""

    def copy(home: Path) -> None:
        (home / place).parent.mkdir(exist_ok=True)
        shutil.copy(tape(home), home / place)

    return copy


def doubled(home: Path) -> None:
    """The last exchange once more."""
    text = tape(home).read_text("utf-8")
    last = text.rindex("- method: POST")
    tape(home).write_text(text + text[last:].replace("seed: 102", "seed: 999"), "utf-8")


def test_a_sound_suite_has_no_fault(home: Path) -> None:
    """Nothing to say of two cases that were just recorded."""
    assert found(home) == []


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (
            put("  path: /v1", f"  headers:\n    authorization: Bearer {KEY}\n  path: /v1"),
            "carries a key",
        ),
        (put("engine: xllamacpp", f"engine: {KEY}"), "looks like a key"),
        (put("engine: xllamacpp", "engine: 127.0.0.1:8080"), "address of a machine"),
        (put("engine: xllamacpp", "engine: /home/ana/models/"), "folder of somebody's machine"),
        (stray(f"cassettes/{DEFAULT}/no-such-case.yaml"), "no-such-case.yaml: belongs to no case and model"),
        (stray(f"cassettes/other/{NAMES[0]}.yaml"), "belongs to no case and model"),
        (lambda home: tape(home).unlink(), f"cases/{NAMES[0]}.toml: has no cassette"),
        (doubled, "1 of 4 recorded answers are never asked for"),
        (put("recorded: 2026-", "recorded: 2025-"), "recorded 365 days ago"),
        (put("recorded: 2026-", "recorded: 2027-"), "recorded in the future"),
        (put("seed: 101", "seed: 777"), "stale: the request differs: recorded 'seed = 777', now 'seed = 101'"),
        (put("content: Could we please", 'content: "I\\nwould\\nlike'), "cannot be read"),
        (put("engine: xllamacpp", 'engine: "a\\nb\\nc" #'), "one escaped line"),
        (put(f"case: {NAMES[0]}", "case: another"), "was recorded as"),
        (lambda home: (home / "baseline.json").unlink(), "baseline.json: there is none"),
        (lambda home: (home / "cases" / f"{NAMES[1]}.toml").unlink(), f"holds {DEFAULT}/{NAMES[1]}, which is no case"),
    ],
)
def test_each_planted_fault_is_found(home: Path, plant: Callable[[Path], None], said: str) -> None:
    """The fault is told, with its place and a remedy."""
    plant(home)
    told = [line for line in found(home) if said in line]
    assert told
    assert all(line.startswith("fault  ") and line.count(": ") >= 2 for line in told)


def test_a_case_that_is_not_accepted_is_told(home: Path) -> None:
    """A recording without its row in the baseline."""
    empty = baseline.load(home / "baseline.json")
    del empty.models[DEFAULT][NAMES[0]]
    baseline.save(empty, home / "baseline.json")
    assert found(home) == [f"fault  baseline.json: does not hold {DEFAULT}/{NAMES[0]}: tactful eval --bless"]


def test_an_old_fingerprint_is_a_note(home: Path) -> None:
    """Something changed that no request shows: told, and no fault."""
    put("page ask: ", "page of old: ")(home)
    suite = running.Suite(BOOK, home / "cassettes", TODAY, DEFAULT)
    known = cases.load(home / "cases", BOOK)
    told = list(examine(known, MODELS, MODELS[DEFAULT], suite, baseline.load(home / "baseline.json")))
    assert all(one.note for one in told)
    assert any(one.place == "1 cassettes" and "page of old" in one.what for one in told)


def test_age_is_counted_in_days(home: Path) -> None:
    """180 days are not too old, 181 are."""
    assert found(home, TODAY + timedelta(days=180)) == []
    assert len(found(home, TODAY + timedelta(days=181))) == len(NAMES)
