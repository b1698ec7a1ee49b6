"""A sentence in its message comes in; the acts that it likely performs go out: a linear model of its words.

Patterns say what a sentence surely does; a rule that something is missing needs to know what it might do. The model is
one weight for each feature and act (lexicon/likely.json), a logistic regression that `python -m training.acts` fits to
the labelled sentences of evals/labelled; nothing but the sum of weights is computed here, and only where patterns found
no such act.
"""

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import msgspec

from pipeline.acts import Labelled, Reading, known_of_reader, known_stems
from pipeline.domain import Act
from pipeline.lexicon import lexicon
from pipeline.text import FIELD

WEIGHTS = Path(__file__).parent / "lexicon" / "likely.json"
SHORT, MIDDLING, LONG = 3, 7, 14
"""Words of a sentence at which its length counts as another."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights by feature for one act, and the share of certainty from which on it is taken for likely."""

    least: float
    weights: dict[str, float]


@cache
def models() -> dict[Act, Model]:
    """The model of each act that has one."""
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=dict[Act, Model])


@lru_cache(maxsize=32)
def likely(reading: Reading, act: Act) -> tuple[Labelled, ...]:
    """The sentences between greeting and signature that likely perform an act; none where no model of it was fitted."""
    model = models().get(act)
    if model is None:
        return ()
    seen = zip(reading.body, _seen(reading), strict=True)
    return tuple(line for line, found in seen if certainty(model, found) >= model.least)


@lru_cache(maxsize=8)
def _seen(reading: Reading) -> tuple[list[str], ...]:
    return tuple(list(features(reading, line)) for line in reading.body)


def certainty(model: Model, found: list[str]) -> float:
    """How sure the model is, 0 to 1."""
    total = sum(model.weights.get(name, 0.0) for name in ("bias", *found))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(reading: Reading, line: Labelled) -> Iterator[str]:
    """What the model sees: words, pairs of words, how it begins and ends, where it stands, whom it speaks of."""
    forms = [_folded(form) for form in line.forms]
    said = reading.says(line).rstrip("\"')”’ \n")
    yield from (f"w:{form}" for form in sorted(set(forms)))
    yield from (f"b:{one} {other}" for one, other in pairwise(forms))
    yield from (f"{number}:{' '.join(forms[:number])}" for number in (1, 2) if len(forms) >= number)
    yield from (f"act:{act}" for act in sorted(line.acts))
    yield from (f"ends:{mark}" for mark in "?!" if said.endswith(mark))
    yield from _place(reading, line)
    speaks = f"me{not lexicon()['me'].isdisjoint(line.forms):d}you{not lexicon()['you'].isdisjoint(line.forms):d}"
    yield from (speaks, f"{speaks}{said.endswith('?'):d}")
    yield from _briefed(reading, line)
    yield f"length:{sum(len(forms) > bound for bound in (SHORT, MIDDLING, LONG))}"


def _folded(form: str) -> str:
    if form.startswith(FIELD):
        return "<field>"
    return "<number>" if any(map(str.isdigit, form)) else form


def _place(reading: Reading, line: Labelled) -> Iterator[str]:
    body = reading.body
    at = next((i for i, one in enumerate(body) if one is line), -1)
    if at in {0, 1}:
        yield f"place:{at}"
    if at == len(body) - 1:
        yield "place:last"


def _briefed(reading: Reading, line: Labelled) -> Iterator[str]:
    """How many words it shares with what the brief knows of the reader, and whether any with what it says of us."""
    sender = reading.draft.brief.sender
    own = known_stems("\n".join((sender.role, sender.company, sender.offer, *sender.facts)))
    shared = len(line.content & known_of_reader(reading.draft))
    yield from (f"known:{number}" for number in (1, 2) if shared >= number)
    if line.content & own:
        yield "own"
