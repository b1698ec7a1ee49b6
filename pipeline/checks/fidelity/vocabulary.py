"""The closed vocabulary (lexicon/vocabulary.toml): a source comes in, the stems that a rewrite may use go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import tomli

from pipeline.acts import LEXICON, lexicon
from pipeline.checks.fidelity.sources import plain, stems_of
from pipeline.text import stem


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Stems that claim nothing, anywhere and in a courteous sentence; `alike`: each stem's rows of near synonyms."""

    version: int
    anywhere: frozenset[str]
    courteous: frozenset[str]
    alike: Mapping[str, frozenset[str]]


@cache
def vocabulary() -> Vocabulary:
    """The closed vocabulary, and with it the words that greet, sign and thank."""
    table = tomli.loads((LEXICON / "vocabulary.toml").read_text("utf-8"))
    anywhere = _stemmed(*table["plain"], *table["doings"])
    civil = _stemmed(*table["courtesy"], *(word for name in ("greet", "sign", "thank") for word in lexicon()[name]))
    rows = [_stemmed(*row.split()) for row in table["alike"] + table["family"]]
    alike = {word: frozenset().union(*(row for row in rows if word in row)) for word in frozenset().union(*rows)}
    return Vocabulary(table["version"], anywhere, anywhere | civil, alike)


def _stemmed(*words: str) -> frozenset[str]:
    return frozenset(stem(plain(part)) for word in words for part in (word, *word.split("-")))


@lru_cache(64)
def sayable(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems that a statement may use whose source this is, and those that a courteous sentence may use."""
    said, words = with_alike(stems_of(source)), vocabulary()
    return said | words.anywhere, said | words.courteous


def with_alike(stems: frozenset[str]) -> frozenset[str]:
    """Some stems, and those of all words that say nearly the same as one of them."""
    alike = vocabulary().alike
    return stems.union(*(alike[word] for word in stems & alike.keys()))
