"""Reasons that nobody gave: a rewrite comes in, its sentences that join two statements by a "because" go out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import TALK, new_lines, parsed, sentence_hit, source_of
from pipeline.domain import Act, Hit
from pipeline.lexicon import content, lexicon
from pipeline.phrases import Phrases
from pipeline.text import stem

PATTERNS = (
    *("because", "which|that is why", "that's why", "hence|therefore|thus|consequently", "due to", "as a result"),
    *("thanks to your|the|our|my", "for that|this|which reason"),
)
TURNING = frozenset(
    map(
        stem,
        "turn thought think come came contact reach reaching wondered dare like love grateful glad curious".split(),
    )
)
"""Why somebody writes, asks or hopes is told in every message, and is no reason for a fact."""


@lru_cache(1)
def _causes() -> Phrases:
    return Phrases({"": PATTERNS}, lexicon())


def reasons(reading: Reading) -> Iterator[Hit]:
    """Statements with a reason of which no word has a reason in draft or brief."""
    found = {match.sentence for match in _causes().find(reading.text)}
    if not found:
        return
    given = _given(source_of(reading.origin))
    fresh = set(map(id, new_lines(reading)))
    for number in sorted(found):
        line = reading.labelled[number]
        talks = not (TALK | TURNING).isdisjoint(map(stem, line.forms))
        if id(line) in fresh and not talks and Act.ASK not in line.acts and given.isdisjoint(line.content):
            yield sentence_hit(reading, line)


@lru_cache(64)
def _given(source: str) -> frozenset[str]:
    """The words of the sentences of a source that give a reason."""
    text = parsed(source)
    lines = {text.sentences[match.sentence] for match in _any_cause().find(text)}
    return frozenset().union(*(content(line.wording) for line in lines))


@lru_cache(1)
def _any_cause() -> Phrases:
    return Phrases({"": (*PATTERNS, "since|as i|we|you|it|they|he|she|my|our|the|there", "so")}, lexicon())
