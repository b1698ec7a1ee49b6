"""Where a signature begins: the line above the name that takes leave, and the line below it, belong to it."""

import pytest

from pipeline import rulebook
from pipeline.acts import read
from pipeline.domain import Act, Draft

KIND = rulebook.load().kinds["message"]


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("Hi Ana,\n\nHow do you cut it?\n\nThanking you,\nPradeep", "Thanking you,"),
        ("Hi Ana,\n\nHow do you cut it?\n\nWith high esteem,\nFerenc Balogh", "With high esteem,"),
        ("Hi Ana,\n\nHow do you cut it?\n\nRodrigo Antimán\nSecond captain", "Rodrigo Antimán"),
        ("Hi Ana, how do you cut it?\n\nPip xx", "Pip xx"),
    ],
)
def test_where_it_begins(text: str, signed: str) -> None:
    """The first sentence that is labelled as signature."""
    reading = read(Draft(text, KIND))
    assert reading.says(reading.having(Act.SIGNATURE)[0]) == signed


def test_a_short_line_without_a_name_below_is_none() -> None:
    """A comma alone takes no leave."""
    reading = read(Draft("Hi Ana,\n\nAs you know,\nwe cut it by hand. How do you cut it?", KIND))
    assert not reading.having(Act.SIGNATURE)


@pytest.mark.parametrize("text", ["Mr. Brandl, we buy clay.", "Distinguished Professor Lindqvist,\n\nwe buy clay."])
def test_a_title_with_a_name_greets(text: str) -> None:
    """And so nothing is put before it."""
    assert read(Draft(text, KIND)).having(Act.GREETING)
