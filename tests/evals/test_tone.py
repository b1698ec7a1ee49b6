"""Tone: small words counted, merge fields left out, and the lists known by a digest."""

import pytest

from pipeline.evals.tone import MEASURES, lexicon, tone


@pytest.mark.parametrize(
    ("measure", "less", "more"),
    [
        ("warmth", "Send me the list.", "Thank you for the list, I enjoyed it."),
        ("pressure", "Reply when it suits you.", "Reply asap, I am still waiting for your answer."),
        ("self-focus", "You wrote about your looms.", "I wrote about my looms, and we sell ours."),
        ("hedges", "May I ask one thing?", "I was just wondering if maybe I might ask one thing?"),
        ("exclamation", "Good work.", "Good work!!!"),
        ("formal-wording", "Hey, it's awesome stuff.", "I would like to request your assistance regarding the matter."),
        ("formal-frame", "Hey Ana, which clay? Cheers, Bo", "Dear Ms Silva, which clay? Yours sincerely, Bo Lind"),
    ],
)
def test_each_measure_moves_with_its_words(measure: str, less: str, more: str) -> None:
    """The second text has more of it than the first."""
    assert tone(less)[measure] < tone(more)[measure]


def test_merge_fields_say_nothing() -> None:
    """The words inside a field are not the sender's."""
    assert tone("Hi {{thanks_urgent_i}}, which clay?")["warmth"] == 0
    assert set(tone("Hi")) == set(MEASURES)


def test_the_lists_are_lower_case_and_known_by_digest() -> None:
    """A word with a capital would never be found; the digest is of the file."""
    lists = [getattr(lexicon(), name) for name in ("warmth", "pressure", "hedges", "formal_words", "casual_words")]
    assert all(word == word.casefold() for words in lists for word in words)
    assert all(len(set(words)) == len(words) for words in lists)
    assert len(lexicon().hash) == 12
