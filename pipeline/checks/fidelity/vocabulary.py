"""The closed vocabulary and the kin of words (lexicon/): a source comes in, the stems that a rewrite may use go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import tomli

from pipeline.checks.fidelity.sources import parsed, stems_of
from pipeline.checks.fidelity.words import variants
from pipeline.lexicon import LEXICON, lexicon
from pipeline.text import plain, stem


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Stems that claim nothing, anywhere and in a courteous sentence; `near`: for each what may stand for it.

    `everyday` are those that may stand beside words of the source, and not many in a sentence.
    """

    version: int
    anywhere: frozenset[str]
    courteous: frozenset[str]
    everyday: frozenset[str]
    near: Mapping[str, frozenset[str]]


@cache
def vocabulary() -> Vocabulary:
    """The closed vocabulary, and with it the words that greet, sign and thank."""
    table, everyday, kin = (_table(name) for name in ("vocabulary", "everyday", "families"))
    said = _stemmed(*" ".join(everyday[name] for name in ("doings", "manner", "abstract")).split())
    anywhere = _stemmed(*table["plain"], *table["doings"])
    greets = (word for name in ("greet", "sign", "thank") for word in lexicon()[name])
    civil = _stemmed(*table["courtesy"], *everyday["courtesy"].split(), *greets)
    return Vocabulary(table["version"], anywhere, anywhere | civil, said, _near(kin))


def _near(kin: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """For each stem those that may stand for it: its own rows, and the general words for it."""
    rows = [_stemmed(*row.split()) for name in ("family", "alike") for row in kin[name].splitlines()]
    pairs = [(word, row) for row in rows for word in row]
    pairs += [
        (word, _stemmed(*general.split()))
        for general, particular in kin["broader"].items()
        for word in _stemmed(*particular.split())
    ]
    near: dict[str, set[str]] = {}
    for word, others in pairs:
        near.setdefault(word, set()).update(others)
    return {word: frozenset(others) for word, others in near.items()}


def _table(name: str) -> dict[str, Any]:
    return tomli.loads((LEXICON / f"{name}.toml").read_text("utf-8"))


def _stemmed(*words: str) -> frozenset[str]:
    return frozenset(stem(plain(part)) for word in words for part in (word, *word.split("-")))


@lru_cache(64)
def spoken(source: str) -> frozenset[str]:
    """The stems of a source, and of all words that may stand for one of its words."""
    return with_alike(stems_of(source) | derived(source))


def with_alike(stems: frozenset[str]) -> frozenset[str]:
    """The stems of a source's words, and those of all words that may stand for one of them: not the other way about."""
    near = vocabulary().near
    return stems.union(*(near[word] for word in stems & near.keys()))


@lru_cache(128)
def sayable(source: str, courteous: bool) -> frozenset[str]:
    """The stems that a statement may use whose source this is, or a courteous sentence."""
    return spoken(source) | (vocabulary().courteous if courteous else vocabulary().anywhere)


def derived(source: str) -> frozenset[str]:
    """The roots of a source's words ("applicat" of "application"), and its neighbours joined ("web site")."""
    forms = parsed(plain(source)).forms
    joined = (stem(one + other) for one, other in pairwise(forms) if min(len(one), len(other)) > 2)
    return frozenset(root for form in forms for root in variants(form)) | frozenset(joined)
