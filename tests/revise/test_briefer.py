"""A sentence is cut to its main clause and loses its asides: what stays says no more than it did."""

import pytest

from pipeline.revise.briefer import briefer

CUT = {
    "I shoe 40 horses a month near Tipperary, and we are having the same trouble with thin walls.": {
        "I shoe 40 horses a month near Tipperary."
    },
    "Does the clay vary between your pits, or is the mistake more likely mine?": {
        "Does the clay vary between your pits?"
    },
    "Please say yes, when is your next shoot and can I come?": {"Please say yes, when is your next shoot?"},
    "I shoe 40 horses a month, and your film on thin walls saved me one.": {
        "I shoe 40 horses a month.",
        "Your film on thin walls saved me one.",
    },
    "Are you taking welders for the ferries, and who I should send papers to?": {
        "Are you taking welders for the ferries?"
    },
    "I hope that the frost is over and your trees are fine.": {"I hope that the frost is over."},
    "I'm a student in Delft and for my thesis I follow how growers water in dry years.": {"I'm a student in Delft."},
    "I am Ana from Loomworks, a family workshop since 1974.": {"I am Ana from Loomworks."},
    "your column on dowels saved me in my mock exam: I had taken the wrong one.": {
        "your column on dowels saved me in my mock exam."
    },
    "We print maps (some 300 sheets) and I restore the old ones, to be honest.": {
        "We print maps and I restore the old ones.",
    },
}
WHOLE = [
    "I would gladly come, but only in May.",
    "I will send the seed unless you have enough of it.",
    "I grow leeks, onions and kale in Cork.",
    "I saw and liked it.",
    "He has said four words since his stroke.",
    "One thing: did you measure the lime?",
    "Would you try twelve bowls for a month?",
]


@pytest.mark.parametrize(("text", "shorter"), CUT.items())
def test_what_stays(text: str, shorter: set[str]) -> None:
    """A whole sentence with the mark that belongs to it."""
    assert set(briefer(text)) == shorter


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_one_thought_stays_whole(text: str) -> None:
    """Conditions, lists and short clauses: less would say something else, or nothing."""
    assert set(briefer(text)) == set()
