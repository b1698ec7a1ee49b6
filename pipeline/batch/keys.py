"""A draft and what a run holds fixed come in; digests go out: equal digests mean equal results, so none is made twice.

The key of a template covers its text, kind, brief, the rules that speak of its kind and purpose, the prompt templates,
the model and the sampling. A rule that is edited changes the keys of those templates alone that it speaks of.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pipeline import prompting
from pipeline.domain import Draft, Prompt, Rulebook
from pipeline.models import Model

EDITION = 1
"""Rises when the program makes something else of the same draft, rules, model and sampling."""
HEAD = 2**22
"""Bytes of a model file of the user's that are read to tell it from another, besides its size."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What every template of a run has in common: the rules, the model, and how the walk goes."""

    book: Rulebook
    model: Model
    walk: Mapping[str, int]
    fixed: str
    asked: str
    spoken: dict[tuple[str, str], str] = field(default_factory=dict)

    def key(self, draft: Draft) -> str:
        """The digest of all that decides what comes of a draft."""
        about = [draft.text, draft.subject, draft.kind.name, draft.tier, draft.filled, draft.brief]
        ignored = sorted({one.rule for one in draft.ignores})
        return digest([self.fixed, self.rules(draft), about, *([ignored] if ignored else [])])

    def rules(self, draft: Draft) -> str:
        """The digest of the rules that speak of a draft's kind and purpose, of the kind itself and the word lists."""
        kind, purpose = draft.kind.name, draft.brief.purpose
        if (kind, purpose) not in self.spoken:
            prints = self.book.prints
            spoken = {one.id: prints[one.id] for one in self.book.rules.values() if one.speaks_of(kind, purpose)}
            self.spoken[kind, purpose] = digest([spoken, prints[f"kind {kind}"], prints["lexicon"]])
        return self.spoken[kind, purpose]

    def prompt(self, prompt: Prompt) -> str:
        """The digest of one question to this model: the same question has the same answer."""
        sampled = [prompt.grammar, prompt.most_tokens, prompt.temperature, prompt.seed]
        return digest([self.asked, prompt.system, prompt.user, sampled])


def recipe(book: Rulebook, model: Model, walk: Mapping[str, int]) -> Recipe:
    """The recipe of a run; `walk` holds rounds, candidates and seed. The prompt templates are read here."""
    templates = {name: prompting.read(name) or "" for name in prompting.templates(model.way)}
    asked = digest([model.name, _file(model), model.base_url, model.id, dict(model.extra), model.grammar])
    fixed = digest([EDITION, asked, model.token_limit, model.steerable, model.way, templates, dict(walk)])
    return Recipe(book, model, walk, fixed, asked)


def digest(value: object) -> str:
    """The first 32 hexadecimal digits of a value's SHA-256, its keys in order: enough for any number of templates."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:32]


def _file(model: Model) -> str:
    """What tells the model's file from another: the hash that the catalogue has, or its size and how it begins."""
    place = Path(model.path).expanduser()
    if model.digest or not model.path or not place.is_file():
        return model.digest
    with place.open("rb") as file:
        return f"{place.stat().st_size} {hashlib.sha256(file.read(HEAD)).hexdigest()}"
