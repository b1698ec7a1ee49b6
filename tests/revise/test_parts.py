"""What is left of a sentence is a sentence, and a sentence begins as its place asks for."""

import pytest

from pipeline.domain import Act
from pipeline.revise.parts import Part, after, complete

GREETING = Part("Hi Ana,", "", frozenset({Act.GREETING}))


@pytest.mark.parametrize(
    "text",
    [
        "If you do not mind, and only if it is not trouble.",
        "If I don't hear from you this week.",
        "As only complete sets can be used.",
        "If you would look over my folder (62 pages, link), and 7.",
        "I am writing to you.",
        "This is now the fourth time I am writing to you.",
        "I was wondering, and please do say no.",
    ],
)
def test_a_condition_alone_is_no_sentence(text: str) -> None:
    """Nor is the frame of a request that is gone."""
    assert not complete(text)


@pytest.mark.parametrize(
    "text",
    [
        "If you like, I can send it.",
        "I was wondering whether you could help.",
        "Because of your paper I began to read our wells.",
        "As a miller I know that noise.",
        "I am asking for the way to the mill.",
        "If so, when?",
        "Since 2012 I make bells.",
    ],
)
def test_a_main_clause_is_one(text: str) -> None:
    """With or without a condition before it."""
    assert complete(text)


@pytest.mark.parametrize(
    ("text", "gap", "begins"),
    [
        ("Your film cost me an hour.", " ", "your"),
        ("I saw your film.", " ", "I"),
        ("Marta sent me.", " ", "Marta"),
        ("your film cost me an hour.", "\n\n", "Your"),
    ],
)
def test_how_a_sentence_begins_behind_a_greeting(text: str, gap: str, begins: str) -> None:
    """In small letters on its line, unless it is a name or "I"."""
    assert after(text, [GREETING], gap).split()[0] == begins
