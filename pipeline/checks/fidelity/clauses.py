"""Clauses: a text comes in, its parts between marks and joining words go out, and the parts of its source."""

import re
from functools import lru_cache
from itertools import pairwise

from pipeline.acts import Reading
from pipeline.checks.fidelity.sources import parsed
from pipeline.checks.fidelity.vocabulary import vocabulary, with_alike
from pipeline.checks.fidelity.words import LEAST, kin, variants
from pipeline.checks.figures import is_date, value
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Text, Wording, is_link, plain, stem

JOINERS = frozenset("and but because so as since that which who where when if while though or than with".split())
FINER = JOINERS | frozenset("i i'm i've i'd i'll we we're we've we'd we'll my our your".split())
MARKS = frozenset(",;:–—()")
"""One of these words begins a clause, and so does a mark before a word."""
GIVES = "send share show give offer lend tell pass forward bring explain swap have attach can"
"""What one does with the thing that one offers."""


@lru_cache(1 << 10)
def clauses(words: Wording, joiners: frozenset[str] = JOINERS, marks: frozenset[str] = MARKS) -> tuple[range, ...]:
    """The places of a sentence's words, clause by clause: one of `joiners` begins a clause, and so does a mark."""
    cuts = [
        i
        for i in range(1, len(words.forms))
        if words.forms[i] in joiners or not marks.isdisjoint(words.raw[words.spans[i - 1][1] : words.spans[i][0]])
    ]
    return tuple(range(*cut) for cut in pairwise((0, *cuts, len(words.forms))))


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


@lru_cache(16)
def parts_of(origin: Reading) -> tuple[frozenset[str], ...]:
    """The stems of each sentence of the draft and of each fact of the brief with whose it is, and near ones."""
    draft = origin.draft
    brief, past = draft.brief, draft.brief.history
    mine = (brief.sender.name, brief.sender.role, brief.sender.company, *brief.sender.facts, brief.sender.profile)
    own = _line(" ".join((*mine, brief.sender.offer, GIVES, brief.benefit, *brief.shared, brief.goal)))
    other = f"{brief.to.name} {brief.to.role} {brief.to.company}"
    of_you = (_line(f"{other} {fact}") for fact in (*brief.to.facts, *brief.to.profile.splitlines(), ""))
    alone = (draft.subject, past.earlier, past.received, f"we met meet {past.met}")
    return _parts((*alone, own, *of_you), draft.text, own)


def _line(text: str) -> str:
    """Without full stops and line ends: one sentence."""
    return " ".join(re.sub(r"[.!?]+(?=\s|$)", " ", text).split())


@lru_cache(64)
def _parts(texts: tuple[str, ...], draft: str, own: str) -> tuple[frozenset[str], ...]:
    title = _near(frozenset(_read(own).forms))
    found = [one.wording.forms for text in map(_read, texts) for one in text.sentences]
    said = [one.wording.forms for one in _read(draft).sentences]
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
