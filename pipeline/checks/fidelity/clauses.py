"""Clauses: a text comes in, its parts between marks and joining words go out, and the parts of its source."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import lexicon
from pipeline.checks.fidelity.sources import parsed, plain
from pipeline.checks.fidelity.vocabulary import vocabulary, with_alike
from pipeline.checks.fidelity.words import LEAST, kin, variants
from pipeline.checks.figures import is_date, value
from pipeline.domain import Draft
from pipeline.text import FIELD, Sentence, Text, is_link, stem

JOINERS = frozenset("and but because so as since that which who where when if while though or than with".split())
FINER = JOINERS | frozenset("i i'm i've i'd i'll we we're we've we'd we'll my our your".split())
"""One of these begins a clause, and so does a mark."""
GIVES = "send share show give offer lend tell pass forward bring explain swap have attach can"
"""What one does with the thing that one offers."""


def clauses(text: Text, sentence: Sentence, joiners: frozenset[str] = JOINERS) -> Iterator[list[int]]:
    """The words of a sentence, clause by clause."""
    clause: list[int] = []
    for i in range(sentence.first, sentence.last):
        gap = text.raw[text.end(i - 1) : text.start(i)] if i > sentence.first else ""
        if clause and (text.forms[i] in joiners or (gap != " " and any(mark in gap for mark in ",;:–—()"))):
            yield clause
            clause = []
        clause.append(i)
    yield clause


@lru_cache(1 << 14)
def means(form: str) -> bool:
    """Whether a word carries meaning: no small word, no field, number, link or date."""
    return (
        len(form) > 2
        and form[0] != FIELD
        and form not in lexicon()["common"]
        and not (value(form) or is_link(form) or is_date(form))
    )


@lru_cache(1 << 14)
def telling(form: str) -> bool:
    """Whether a word tells more than words that any letter may use."""
    known = vocabulary().courteous
    return (
        means(form)
        and stem(plain(form)) not in known
        and not all(stem(part) in known or len(part) < 3 for part in form.replace("'", "-").split("-"))
    )


def parts_of(draft: Draft) -> tuple[frozenset[str], ...]:
    """The stems of each sentence of the draft and of each fact of the brief with whose it is, and near ones."""
    brief, past = draft.brief, draft.brief.history
    mine = (brief.sender.name, brief.sender.role, brief.sender.company, *brief.sender.facts, brief.sender.profile)
    own = _line(" ".join((*mine, brief.sender.offer, GIVES, brief.benefit, *brief.shared, brief.goal)))
    other = f"{brief.to.name} {brief.to.role} {brief.to.company}"
    of_you = (_line(f"{other} {fact}") for fact in (*brief.to.facts, *brief.to.profile.splitlines(), ""))
    alone = (draft.first.subject, past.earlier, past.received, f"we met meet {past.met}")
    return _parts((*alone, own, *of_you), draft.first.text, own)


def _line(text: str) -> str:
    """Without full stops and line ends: one sentence."""
    return " ".join(re.sub(r"[.!?]+(?=\s|$)", " ", text).split())


@lru_cache(64)
def _parts(texts: tuple[str, ...], draft: str, own: str) -> tuple[frozenset[str], ...]:
    title = _near(frozenset(_read(own).forms))
    found = [(text.forms[one.first : one.last]) for text in map(_read, texts) for one in text.sentences]
    said = [_read(draft).forms[one.first : one.last] for one in _read(draft).sentences]
    return tuple(_near(frozenset(forms)) for forms in dict.fromkeys(found)) + tuple(
        _near(frozenset(forms)) | title for forms in dict.fromkeys(said)
    )


def _read(text: str) -> Text:
    return parsed(plain(text))


def _near(forms: frozenset[str]) -> frozenset[str]:
    parts = {part for form in forms for part in (form, *form.replace("'", "-").split("-"))}
    return with_alike(frozenset(map(stem, parts)) | {root for part in parts for root in variants(part)})


@lru_cache(1 << 12)
def held(form: str, part: frozenset[str]) -> bool:
    """Whether a part of the source has a word, one of its kin, or the parts between its hyphens."""
    word = stem(plain(form))
    return (
        word in part
        or not part.isdisjoint(variants(plain(form)))
        or ("-" in form and all(len(one) < 3 or stem(one) in part for one in plain(form).split("-")))
        or (len(word) >= LEAST and any(kin(word, other) for other in part))
    )
