"""The ledger of a rewrite: every word of meaning comes from draft, brief or closed vocabulary. Reading in, Hits out."""

from collections.abc import Iterator
from functools import cache

from pipeline.acts import Labelled, Reading, lexicon
from pipeline.checks.fidelity.clauses import clauses
from pipeline.checks.fidelity.sources import forms_of, new_lines, plain, sentence_hit, source_of, stems_of
from pipeline.checks.fidelity.vocabulary import spoken, vocabulary
from pipeline.checks.fidelity.words import LEAST, kin, variants
from pipeline.checks.figures import is_date, value
from pipeline.domain import Act, Hit, Look
from pipeline.text import FIELD, is_link, stem

CIVIL = frozenset(
    "please would could glad happy pleased grateful curious interested wonder wondering welcome sorry hope wish if let"
    " thank thanks understand fine appreciate like kind enough plenty whenever afraid luck sound sounds ask asking"
    " question write writing gladly happily unsure".split()
)
"""A sentence with one of these asks, thanks, wishes or leaves free, and may use the words of courtesy."""

MOST, MOST_CIVIL = 0, 1
"""Everyday words of its own that a statement may have, and a courteous sentence."""

IDLE = (
    "send something anything little new news no yes search greetings wishes free reading moment fit suit answer reply none"
    " better otherwise course all-right alright ok okay right worry rush hurry matter bit back here there always time"
)
"""A clause of these alone claims nothing: "but you are free to say no", "a yes or a no is enough"."""


def claims(*, most: int, most_in_question: int) -> Look:
    """A sentence with more than `most` words of meaning that come from nowhere.

    That is neither from the draft, nor from the brief, nor from the closed vocabulary; words are compared by stem.
    """

    def look(reading: Reading) -> Iterator[Hit]:
        if reading.draft.origin is None:
            return
        source = source_of(reading.draft.first)
        for line in new_lines(reading):
            new = _new(reading, line, source)
            if len(new) > (most_in_question if reading.says(line).endswith("?") else most):
                yield sentence_hit(reading, line, ", ".join(sorted(new)))

    return look


def _new(reading: Reading, line: Labelled, source: str) -> set[str]:
    """The words of a sentence that come from nowhere, and everyday words where they make a statement of their own."""
    own, words, stems = spoken(source), vocabulary(), stems_of(source)
    courteous = civil(reading, line)
    known = own | (words.courteous if courteous else words.anywhere)
    forms = _claiming(forms_of(reading, line))
    new = {form for form in forms if _means(form) and not _known(form, known, stems)}
    strange = {form for form in new if not _known(form, words.everyday, frozenset())}
    if strange or len(new) > (MOST_CIVIL if courteous else MOST):
        return strange or new
    return set() if reading.says(line).endswith("?") else _bare(reading, line, own, stems)


def _bare(reading: Reading, line: Labelled, own: frozenset[str], stems: frozenset[str]) -> set[str]:
    """The words of a clause of which no word stands in the source, unless it thanks, greets or sends."""
    if not line.acts.isdisjoint({Act.GREETING, Act.SIGNATURE}):
        return set()
    for clause in clauses(reading.text, line.sentence):
        forms = [reading.text.forms[i] for i in clause]
        words = {form for form in forms if _means(form) and stem(form) not in _idle()}
        if words and CIVIL.isdisjoint(forms) and FIELD not in forms and not any(_known(form, own, stems) for form in forms if _means(form)):
            return words
    return set()


@cache
def _idle() -> frozenset[str]:
    return frozenset(map(stem, (*IDLE.split(), *lexicon()["courteous"], *lexicon()["sign"])))


def civil(reading: Reading, line: Labelled) -> bool:
    """Whether a sentence does not state, but greets, asks, thanks, wishes or leaves free."""
    return (
        not line.acts.isdisjoint({Act.GREETING, Act.SIGNATURE, Act.ASK, Act.THANKS, Act.CLOSE})
        or reading.says(line).endswith("?")
        or not CIVIL.isdisjoint(forms_of(reading, line))
    )


def _claiming(forms: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a sentence up to "wish you ...", and without the measure behind "how": these claim nothing."""
    ends = (i for i in range(1, len(forms)) if forms[i] == "you" and forms[i - 1] in {"wish", "wishing"})
    return tuple(form for i, form in enumerate(forms[: next(ends, len(forms))]) if not _idly(forms, i))


def _idly(forms: tuple[str, ...], i: int) -> bool:
    """Whether a word is the measure behind "how", or the "free" of "free to say no"."""
    return (i > 0 and forms[i - 1] == "how") or forms[i : i + 2] == ("free", "to")


def _means(form: str) -> bool:
    return (
        len(form) > 2
        and form[0] != FIELD
        and form not in lexicon()["common"]
        and not (value(form) or is_link(form) or is_date(form))
    )


def _known(form: str, known: frozenset[str], source: frozenset[str]) -> bool:
    """Whether a word, its parts between hyphens, its two halves or a word of its family are known."""
    word = stem(plain(form))
    return (
        word in known
        or ("-" in form and all(len(part) < 3 or stem(part) in known for part in plain(form).split("-")))
        or any(word[:i] in known and word[i:] in known for i in range(LEAST, len(word) - LEAST + 1))
        or not known.isdisjoint(variants(plain(form)))
        or (len(word) >= LEAST and any(kin(word, other) for other in source))
    )
