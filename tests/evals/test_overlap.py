"""Overlap: SARI and chrF give the values of their authors' own programs; edits count words."""

import pytest

from pipeline.evals.overlap import chrf, edits, sari

SOURCE = "About 95 species are currently accepted ."
REFERENCES = [
    "About 95 species are currently known .",
    "About 95 species are now accepted .",
    "95 species are now accepted .",
]


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("About 95 you now get in .", 26.8278),
        ("About 95 species are now agreed .", 58.9),
        ("About 95 species are currently agreed .", 50.7161),
    ],
)
def test_sari_is_that_of_its_authors(output: str, value: float) -> None:
    """The example in the reference program of Xu et al. (2016), to four digits."""
    assert sari(SOURCE, output, REFERENCES) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("output", "reference", "value"),
    [
        ("The cat sat on the mat", "The cat is on the mat", 64.57794),
        (
            "I read your note on lacquer, and I have one question.",
            "Your note on lacquer made me ask one question.",
            65.72700,
        ),
        ("abc", "abc", 100.0),
        ("x", "abc", 0.0),
    ],
)
def test_chrf_is_that_of_sacrebleu(output: str, reference: str, value: float) -> None:
    """Sacrebleu 2.6, chrF2 of a sentence, to four digits."""
    assert chrf(output, [reference]) == pytest.approx(value, abs=1e-3)


def test_edits_count_words_both_ways() -> None:
    """Nothing, everything, and one word of four exchanged."""
    assert edits("a b c d", "a b c d") == 0
    assert edits("a b", "c d") == 100
    assert edits("a b c d", "a b c e") == 25
    assert edits("", "") == 0
