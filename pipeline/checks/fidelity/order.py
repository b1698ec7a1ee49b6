"""Words that change places: draft and rewrite come in, sentences that swap what stands from and to go out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import TALK, new_lines, parsed, sentence_hit, source_of
from pipeline.domain import Hit
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Wording, stem

HINGES = {
    **{word: word for word in "from to between than with without for before after under over below above by".split()},
    **{"into": "to", "in": "in", "at": "in", "on": "in", "of": "of", "beneath": "under", "within": "in"},
}
"""Small words that say how a word hangs on the rest; those that say the same under one name."""
NEAR = 4


def order_turned(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Sentences in which two words have swapped their hinges: "from Japanese into English", the other way about."""
    before = _hinged(source_of(origin))
    for line in new_lines(reading):
        now = _hung(line.sentence.wording)
        for there in before:
            both = sorted(now.keys() & there.keys())
            if any(_swapped(now[one], now[other], there[one], there[other]) for one, other in combinations(both, 2)):
                yield sentence_hit(reading, line)
                break


def _swapped(one: str, other: str, one_then: str, other_then: str) -> bool:
    return one != other and one == other_then and other == one_then


@lru_cache(64)
def _hinged(source: str) -> tuple[Mapping[str, str], ...]:
    hung = (_hung(sentence.wording) for sentence in parsed(source).sentences)
    return tuple(found for found in hung if len(found) >= 2)


@lru_cache(1 << 9)
def _hung(words: Wording) -> Mapping[str, str]:
    """Each word of meaning with the hinge that stands before it, no other word of meaning between."""
    found: dict[str, str] = {}
    hinge, since = "", 0
    for i, form in enumerate(words.forms):
        if i and words.raw[words.spans[i - 1][1] : words.spans[i][0]].strip():
            hinge = ""
        if form in HINGES:
            hinge, since = HINGES[form], i
        elif len(form) > 2 and form[0] != FIELD and form not in lexicon()["common"] and stem(form) not in TALK:
            if hinge and i - since <= NEAR:
                found.setdefault(stem(form), hinge)
            hinge = ""
    return found
