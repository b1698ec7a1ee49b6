"""Every recorded case, replayed: one test a case and model. No socket is opened: the recording answers."""

from datetime import date
from pathlib import Path

import pytest
from pytest_socket import disable_socket

from pipeline import rulebook
from pipeline.evals import baseline, cases, running
from pipeline.evals.figures import FIGURES, fallen
from pipeline.evals.scores import Score
from pipeline.models import DEFAULT, load

EVALS = Path(__file__).parents[2] / "evals"
BOOK = rulebook.load()
SUITE = running.Suite(BOOK, EVALS / "cassettes", date(2026, 11, 22), DEFAULT)
CASES = {case.name: case for case in cases.load(EVALS / "cases", BOOK)}
ACCEPTED = baseline.load(EVALS / "baseline.json")
MODELS = load()
HARD = [name for name, figure in FIGURES.items() if figure.hard]
PAIRS = [(model, case) for model, rows in ACCEPTED.models.items() for case in rows]


@pytest.mark.parametrize(("model", "case"), PAIRS, ids=["/".join(pair) for pair in PAIRS])
def test_the_case_replays_and_no_hard_figure_falls(model: str, case: str) -> None:
    """What was recorded is asked for again to the letter, and nothing hard is worse than what was accepted."""
    disable_socket()
    done = running.replay(CASES[case], MODELS[model], SUITE)
    assert isinstance(done.result, Score), done.result
    assert done.unplayed == 0
    was, now = ACCEPTED.models[model][case].figures, done.result.values
    assert [name for name in HARD if name in was and fallen(name, was[name], now[name])] == []


def test_every_case_is_accepted() -> None:
    """The embedded model's recordings cover every case; the second model's at least forty."""
    counts = {model: len(rows) for model, rows in ACCEPTED.models.items()}
    assert counts.pop(DEFAULT) == len(CASES)
    assert max(counts.values()) >= 40
