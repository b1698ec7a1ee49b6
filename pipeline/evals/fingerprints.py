"""What an answer depended on comes in, digests of it go out: they say why a case is stale, not whether.

A case is stale when the walk asks something that its cassette does not hold, or when another model file would answer.
"""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from pipeline import prompting
from pipeline.domain import Draft, Rulebook
from pipeline.evals.tone import lexicon
from pipeline.models import Model
from pipeline.rulebook import digest

Prints = Mapping[str, str]
"""Digest by the name of what it is of: "page ask", "template whole/user.j2", "model", "sampling" ..."""


def prints(draft: Draft, book: Rulebook, model: Model, walk: Mapping[str, int]) -> Prints:
    """Digests of the rules that speak of this draft's kind and purpose, page by page, and of all else that counts."""
    pages: dict[str, dict[str, str]] = {}
    for rule in book.rules.values():
        if rule.speaks_of(draft.kind.name, draft.brief.purpose):
            pages.setdefault(rule.page, {})[rule.id] = book.prints[rule.id]
    return {
        **{f"page {page}": digest(rules) for page, rules in sorted(pages.items())},
        "kind": book.prints[f"kind {draft.kind.name}"],
        "lexicon": book.prints["lexicon"],
        **{f"template {name}": _sha(prompting.read(name) or "") for name in prompting.templates(model.way)},
        "case": digest([draft.text, draft.subject, draft.tier, draft.filled, draft.brief]),
        "sampling": digest([model.extra, model.token_limit, model.steerable, model.grammar, dict(walk)]),
    }


def tone_lists() -> str:
    """Version and digest of the lexicon of tone, for the head of a baseline."""
    return f"{lexicon().version} {lexicon().hash}"


def engine(model: Model) -> str:
    """The program that answers, with its version where it is ours to know."""
    if not model.embedded:
        return "server"
    try:
        return f"xllamacpp {version('xllamacpp')}"
    except PackageNotFoundError:
        return "xllamacpp"


def changed(old: Prints, new: Prints) -> Iterator[str]:
    """The names whose digests differ, or that only one side has."""
    return (name for name in sorted({*old, *new}) if old.get(name) != new.get(name))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
