"""What may go where a message is too long, and what stays to the last."""

from pipeline import rulebook
from pipeline.domain import Brief, Draft, Reply
from pipeline.improve import WAYS, walk

BOOK = rulebook.load()


def test_a_question_stays_though_another_sentence_sounds_like_one() -> None:
    """A note over its limit gives up what it tells before what it asks."""
    asks = "Do you go by street or by the hour people are home?"
    text = (
        'Hello {{ contact.first_name | default: "master" }}, for my thesis in Győr I follow how sweeps order the '
        f"day's houses. You posted a round of {{{{ round.houses }}}} houses by bicycle. {asks}"
    )
    brief = Brief(purpose="advice", goal="learn how chimney sweeps plan a day's round")
    draft = Draft(text, BOOK.kinds["connection-note"], brief, tier="free")
    best = walk(draft, BOOK, lambda _: Reply(""), WAYS["pieces"]).best
    assert best.passes
    assert asks in best.draft.text
