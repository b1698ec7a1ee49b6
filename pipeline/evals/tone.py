"""A text comes in, its measures of tone go out: counts of small words by lexicons of ours, per hundred words.

Only the direction of a change is read from them, never a level: there is no score here to maximise.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec
import tomli

from pipeline.fields import blank

FRAME = 8
"""Words at the head and at the end of a message that hold its greeting and its close."""
SELF = frozenset(["i", "i'm", "i've", "i'd", "i'll", "me", "my", "mine", "myself", "we", "us", "our", "ours"])
READER = frozenset(["you", "you're", "you've", "you'd", "you'll", "your", "yours", "yourself"])


class Lexicon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The word lists of tone.toml; `hash` is a digest of the file, so that figures say which lists they are of."""

    version: int
    warmth: tuple[str, ...]
    pressure: tuple[str, ...]
    hedges: tuple[str, ...]
    formal_words: tuple[str, ...]
    casual_words: tuple[str, ...]
    formal_frame: tuple[str, ...]
    casual_frame: tuple[str, ...]
    hash: str = ""


@cache
def lexicon() -> Lexicon:
    """The lists, read once."""
    data = (files(__package__) / "tone.toml").read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:12]
    return msgspec.convert(tomli.loads(data.decode()) | {"hash": digest}, Lexicon)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A list as one pattern of whole words, longest first."""
    words = sorted(getattr(lexicon(), name), key=len, reverse=True)
    return re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, words))})(?![\w'])")


def _count(name: str, text: str) -> int:
    return len(_pattern(name).findall(text))


def _share(name: str) -> Callable[[str, Sequence[str]], float]:
    return lambda text, words: 100 * _count(name, text) / max(1, len(words))


def _self_focus(_: str, words: Sequence[str]) -> float:
    """Words about the sender, of all words about the two: 50 is a talk between equals."""
    own, other = sum(word in SELF for word in words), sum(word in READER for word in words)
    return 100 * own / (own + other) if own + other else 50.0


def _wording(text: str, words: Sequence[str]) -> float:
    short = sum("'" in word for word in words)
    return 100 * (_count("formal_words", text) - _count("casual_words", text) - short) / max(1, len(words))


def _frame(_: str, words: Sequence[str]) -> float:
    """How greeting and close sound: 1 formal, -1 casual, 0 neither or both."""
    ends = " ".join((*words[:FRAME], "|", *words[-FRAME:]))
    balance = _count("formal_frame", ends) - _count("casual_frame", ends)
    return float((balance > 0) - (balance < 0))


def _exclamation(text: str, _: Sequence[str]) -> float:
    return float(text.count("!"))


MEASURES: Mapping[str, Callable[[str, Sequence[str]], float]] = {
    "warmth": _share("warmth"),
    "pressure": _share("pressure"),
    "self-focus": _self_focus,
    "hedges": _share("hedges"),
    "exclamation": _exclamation,
    "formal-wording": _wording,
    "formal-frame": _frame,
}
"""Measure of tone by name: per hundred words, but for self-focus (a share of 100), exclamation marks and the frame."""


def tone(message: str) -> dict[str, float]:
    """Every measure of a message, merge fields left out."""
    text = " ".join(blank(message).casefold().replace("\u2019", "'").split())
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text)
    return {name: round(measure(text, words), 2) for name, measure in MEASURES.items()}
