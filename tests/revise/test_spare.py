"""A pitch is cut down to what its brief is about; what a sender can be held to, and what readers must see, stays."""

import pytest

from pipeline.domain import Brief, Draft, History, Person, Rulebook
from pipeline.improve import WAYS, walk
from pipeline.models import choose, load
from pipeline.models.client import open_model
from pipeline.review import review
from pipeline.revise.prune import prune
from pipeline.revise.spare import spare, wordy

PITCH = (
    "Hi Ingrid, I came across your profile and was impressed. At Loomly we are the leading platform, trusted by 600 "
    "brands!! I kept 60 goats near Ngaoundéré. Our clients love us. We make linen seconds for repair shops in "
    "{{town}}. A box is 40 euros. It was a sunny day. Can we hop on a call tomorrow ASAP?\n\nBest regards,\nDovilė"
)
BRIEF = Brief(
    to=Person(name="Ingrid", facts=("runs a Saturday mending table",)),
    sender=Person(name="Dovilė"),
    goal="ask if you would sell our linen seconds in your repair shop",
    purpose="sales",
)


def drafted(book: Rulebook, kind: str = "message", brief: Brief = BRIEF) -> Draft:
    """The pitch as a draft."""
    return Draft(PITCH, book.kinds[kind], brief)


def test_only_what_serves_the_brief_stays(book: Rulebook) -> None:
    """Boasts and chatter go; greeting, goal, price, merge field, signature and what the sender did stay."""
    draft = drafted(book)
    left = " ".join(part.text for part in spare(prune(review(draft, book)), draft, book))
    for kept in ("Hi Ingrid", "60 goats", "linen seconds", "{{town}}", "40 euros", "Dovilė"):
        assert kept in left
    for gone in ("600", "clients love", "sunny day", "call tomorrow"):
        assert gone not in left


def test_the_message_asks_what_the_sender_wants(book: Rulebook) -> None:
    """Without any model: hook, what is the sender's, the goal as a question, in this order."""
    with open_model(choose(load(), "none")) as ask:
        said = walk(drafted(book), book, ask, WAYS["pieces"]).best.draft.text
    order = [said.find(part) for part in ("mending table", "linen seconds for", "Would you sell our linen seconds")]
    assert order == sorted(order), said
    assert -1 not in order, said


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("reply", {}),
        ("intro-request", {}),
        ("message", {"goal": ""}),
        ("message", {"to": Person(name="Ingrid")}),
        ("message", {"history": History(met="the fair in Riga")}),
    ],
)
def test_what_is_never_cut_down(book: Rulebook, kind: str, changes: dict[str, object]) -> None:
    """Answers, favours of friends, and drafts whose brief could not carry a message."""
    draft = drafted(book, kind).with_brief(**changes)
    assert not wordy(review(draft, book))


def test_a_good_draft_is_not_cut_down(book: Rulebook) -> None:
    """The score decides, not the length."""
    good = Draft(
        "Hi Ingrid, your mending table made me write. We weave linen in Panevėžys. Would you sell our linen seconds in "
        "your repair shop?\n\nThank you,\nDovilė",
        book.kinds["message"],
        BRIEF,
    )
    assert not wordy(review(good, book))
    assert wordy(review(drafted(book), book))
