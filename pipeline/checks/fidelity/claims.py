"""The ledger of a rewrite: every word of meaning comes from draft, brief or closed vocabulary. Reading in, Hits out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Reading
from pipeline.checks.fidelity.beyond import CIVIL, bare, known_as, owned, promised
from pipeline.checks.fidelity.clauses import means
from pipeline.checks.fidelity.sources import new_lines, sentence_hit, source_of, stems_of
from pipeline.checks.fidelity.vocabulary import sayable, spoken, vocabulary
from pipeline.domain import Act, Hit, Look
from pipeline.text import Wording

MOST, MOST_CIVIL = 0, 1
"""Everyday words of its own that a statement may have, and a courteous sentence."""


def claims(*, most: int, most_in_question: int) -> Look:
    """A sentence with more than `most` words of meaning that come from nowhere.

    That is neither from the draft, nor from the brief, nor from the closed vocabulary; words are compared by stem.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        source = source_of(reading.origin)
        for line in new_lines(reading):
            new = _new(line.sentence.wording, line.acts, source)
            if len(new) > (most_in_question if line.sentence.wording.raw.endswith("?") else most):
                yield sentence_hit(reading, line, ", ".join(sorted(new)))

    return look


@lru_cache(1 << 9)
def _new(words: Wording, acts: frozenset[Act], source: str) -> frozenset[str]:
    """The words of a sentence that come from nowhere, and everyday words where they make a statement of their own."""
    own, everyday, stems = spoken(source), vocabulary().everyday, stems_of(source)
    courteous = civil(words, acts)
    known = sayable(source, courteous)
    forms = _claiming(words.forms)
    new = {form for form in forms if means(form) and not known_as(form, known, stems)}
    strange = {form for form in new if not known_as(form, everyday, frozenset())}
    if strange or len(new) > (MOST_CIVIL if courteous else MOST):
        return frozenset(strange or new)
    framed = not acts.isdisjoint({Act.GREETING, Act.SIGNATURE})
    return frozenset((not framed and bare(words, own, stems)) or owned(forms, own, stems) or promised(forms, stems))


def civil(words: Wording, acts: frozenset[Act]) -> bool:
    """Whether a sentence does not state, but greets, asks, thanks, wishes or leaves free."""
    return (
        not acts.isdisjoint({Act.GREETING, Act.SIGNATURE, Act.ASK, Act.THANKS, Act.CLOSE})
        or words.raw.endswith("?")
        or not CIVIL.isdisjoint(words.forms)
    )


def _claiming(forms: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a sentence up to "wish you ...", and without the measure behind "how": these claim nothing."""
    ends = (i for i in range(1, len(forms)) if forms[i] == "you" and forms[i - 1] in {"wish", "wishing"})
    return tuple(form for i, form in enumerate(forms[: next(ends, len(forms))]) if not _idly(forms, i))


def _idly(forms: tuple[str, ...], i: int) -> bool:
    """Whether a word is the measure behind "how", or the "free" of "free to say no"."""
    return (i > 0 and forms[i - 1] == "how") or forms[i : i + 2] == ("free", "to")
