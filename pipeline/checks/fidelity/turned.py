"""Sentences that turn one of the draft round. Reading in, Hits out."""

from collections.abc import Iterator

from pipeline.acts import Reading
from pipeline.checks.fidelity.hedged import hopes_hardened
from pipeline.checks.fidelity.joined import words_joined
from pipeline.checks.fidelity.order import order_turned
from pipeline.checks.fidelity.polarity import polarity_turned
from pipeline.checks.fidelity.roles import roles_turned
from pipeline.domain import Hit, Look
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases

FINDS = {
    "polarity": polarity_turned,
    "roles": roles_turned,
    "order": order_turned,
    "joined": words_joined,
    "hope": hopes_hardened,
}


def turned(*, what: str, idle: list[str] | None = None) -> Look:
    """A sentence that turns one of the draft round.

    "polarity": yes and no, done and not done; `idle` are patterns such as "no rush" that deny nothing.
    "roles": what the sender did is said of the reader, or the other way about. "order": two words have changed places.
    "joined": words that the source says of different things are said together.
    "hope": what the sender only wishes is told as done.
    """
    harmless = Phrases({"": idle or []}, lexicon())
    find = FINDS[what]

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is not None:
            yield from find(reading, reading.origin, harmless)

    return look
