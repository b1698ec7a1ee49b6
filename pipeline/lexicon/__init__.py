"""The closed lists of words that rules, acts and fidelity look up, and the stems of the words that carry meaning."""

from functools import cache, lru_cache
from pathlib import Path

import tomli

from pipeline.phrases import Lexicon
from pipeline.text import FIELD, Text, Wording, stem

LEXICON = Path(__file__).parent


@cache
def lexicon() -> Lexicon:
    """The named word classes of lexicon/words.toml."""
    table = tomli.loads((LEXICON / "words.toml").read_text("utf-8"))
    return Lexicon({name: frozenset(words) for name, words in table.items()})


@lru_cache(1 << 10)
def content(text: Text | Wording, first: int = 0, last: int | None = None) -> frozenset[str]:
    """The stems of the words that carry meaning: no function words, no fields, nothing under three letters."""
    common = lexicon()["common"]
    words = text.forms[first:last]
    return frozenset(stem(word) for word in words if len(word) > 2 and word not in common and word[0] != FIELD)
