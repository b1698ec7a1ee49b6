"""What is noted of a reader, as it is told to that reader."""

import pytest

from pipeline.revise.facts import fact_of

HOUSE = "Fennimart"


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("Fennimart paid for a zebra crossing in Ludbrook", "Fennimart paid for a zebra crossing in Ludbrook"),
        ("her school cut lunch waste by a third", "your school cut lunch waste by a third"),
        ("team moved from paper to an app in 2023", "your team moved from paper to an app in 2023"),
        ("the office restores village schools", "your office restores village schools"),
        ("The council wants the market off plastic", "the council wants the market off plastic"),
        ("his 2021 paper on snails used 4,300 shells", "your 2021 paper on snails used 4,300 shells"),
    ],
)
def test_what_a_house_did_is_said_as_it_is_noted(note: str, told: str) -> None:
    """The reader is not its subject, but what is theirs is."""
    fact = fact_of(note, "Deepika Ramsaran", HOUSE)
    assert fact
    assert (fact.shape, fact.words) == ("that", told)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("said on local radio that she cannot find seniors", "said on local radio that you cannot find seniors"),
        ("Wrote that he only backs those who drive", "wrote that you only back those who drive"),
        ("posted that sales fell after she began it all", "posted that sales fell after you began it all"),
    ],
)
def test_what_readers_say_of_themselves_is_said_to_them(note: str, told: str) -> None:
    """The verb goes with "you"."""
    fact = fact_of(note)
    assert fact
    assert (fact.shape, fact.words) == ("did", told)


def test_a_piece_of_work_stays_one() -> None:
    """A clause behind "why" is no verb of what stands before it."""
    fact = fact_of("his podcast on why mutation tests matter")
    assert fact
    assert (fact.shape, fact.words) == ("work", "podcast on why mutation tests matter")


@pytest.mark.parametrize(
    "note",
    [
        "Fennimart closed two stores in March",
        "her brewery is for sale",
        "wrote that her father and he built boats",
        "Fennimart",
        "the new store",
        "told us that she likes it",
        "started as an usher there in 1998",
    ],
)
def test_what_is_hard_or_unsure_is_said_to_nobody(note: str) -> None:
    """A loss of the house, another person's deed, no sentence, something about the sender."""
    assert fact_of(note, house=HOUSE) is None
