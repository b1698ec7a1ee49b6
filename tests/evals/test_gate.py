"""The gate: what is called better, same, worse or too few, and on what grounds."""

import math

import pytest

from pipeline.evals.figures import FIGURES
from pipeline.evals.gate import Verdict, Word, compare, interval, sign_test

CASES = [f"c{number}" for number in range(40)]


def verdict(figure: str, old: list[float], new: list[float]) -> Verdict:
    """The verdict on one figure of as many cases."""
    (one,) = compare(
        {case: {figure: value} for case, value in zip(CASES, old, strict=False)},
        {case: {figure: value} for case, value in zip(CASES, new, strict=False)},
    )
    return one


def test_the_sign_test_is_exact() -> None:
    """Of n fair coins: the tail of the binomial, by its textbook values."""
    assert sign_test(5, 0) == 1 / 32
    assert math.isclose(sign_test(8, 2), 56 / 1024)
    assert sign_test(0, 0) == 1
    assert math.isclose(sign_test(3, 0) + sign_test(1, 2), 1 / 8 + 7 / 8)


def test_the_bootstrap_says_the_same_every_time() -> None:
    """Its seed is fixed; it spans the mean; of nothing that moves it is nothing."""
    moves = [0.0] * 30 + [1.0] * 10
    low, high = interval(moves)
    assert interval(moves) == (low, high)
    assert 0.1 <= low < 0.25 < high <= 0.4
    assert interval([0.0] * 9) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("figure", "old", "new", "word"),
    [
        ("score", [80] * 20, [80] * 20, Word.SAME),
        ("score", [80] * 20, [70] * 20, Word.WORSE),
        ("score", [80] * 20, [90] * 20, Word.BETTER),
        ("left", [1] * 20, [2] * 20, Word.WORSE),
        ("left", [2] * 20, [1] * 20, Word.BETTER),
        ("score", [80] * 4, [40] * 4, Word.TOO_FEW),
        ("score", [80] * 20, [40] * 4 + [80] * 16, Word.TOO_FEW),
        ("score", [80] * 20, [70, 90] * 10, Word.TOO_FEW),
        ("score", [80.0] * 20, [79.9] * 20, Word.SAME),
        ("score", [80] * 20, [70] * 6 + [80] * 14, Word.WORSE),
    ],
)
def test_a_soft_figure_needs_size_and_number(figure: str, old: list[float], new: list[float], word: Word) -> None:
    """Four falls are too few, however deep; many tiny ones are the same; a tie that swings cannot be told."""
    assert verdict(figure, old, new).word is word


def test_a_hard_figure_tolerates_no_single_fall() -> None:
    """One lost fact among forty cases fails, even where others gained; and the case is named."""
    one = verdict("facts-lost", [0] * 38 + [1, 1], [0] * 37 + [1, 0, 0])
    assert one.word is Word.WORSE
    assert one.cases == ("c37",)
    assert verdict("facts-lost", [1] * 3, [0] * 3).word is Word.BETTER


def test_a_case_that_is_new_is_held_against_what_is_faultless() -> None:
    """Its soft figures wait for the baseline; its hard ones do not."""
    (one,) = compare({}, {"new": {"score": 10.0, "fields": 1.0}})
    assert (one.figure, one.word, one.cases) == ("fields", Word.WORSE, ("new",))


def test_what_is_only_shown_is_never_judged() -> None:
    """Figures without a better direction have no verdict."""
    shown = [name for name, figure in FIGURES.items() if not figure.better]
    assert {"sari", "chrf", "tokens", "seconds", "edits", "length"} == set(shown)
    row = dict.fromkeys(shown, 1.0)
    assert list(compare({"a": row}, {"a": dict.fromkeys(shown, 9.0)})) == []
