"""The training pairs in the order of their hashes, and their two parts: to train on, and to develop by."""

from collections.abc import Sequence
from hashlib import sha256

from training.check import PAIRS, Pair, load

DEVELOP = 12
"""One pair in so many is for the develop split: never trained on."""


def pairs() -> list[Pair]:
    """All pairs, in an order that their inputs' hashes decide, so that the first thousand are a fair sample."""
    return sorted((pair for path in sorted(PAIRS.glob("*.jsonl")) for _, pair in load(path)), key=_hash)


def split(found: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The pairs to train on, and those to develop by."""
    held = [int(_hash(pair), 16) % DEVELOP == 0 for pair in found]
    return [p for p, h in zip(found, held, strict=True) if not h], [p for p, h in zip(found, held, strict=True) if h]


def _hash(pair: Pair) -> str:
    return sha256(f"{pair.task}\n{pair.input}".encode()).hexdigest()
