"""Yes and no, done and not done: draft and rewrite come in, what says the opposite goes out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Labelled, Reading
from pipeline.checks.fidelity.answers import answer_turned, answers
from pipeline.checks.fidelity.clauses import clauses
from pipeline.checks.fidelity.sources import TALK, new_lines, parsed, sentence_hit, source_of
from pipeline.checks.figures import value
from pipeline.domain import Act, Hit
from pipeline.lexicon import lexicon
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Wording, stem

HALVED = frozenset(["less", "fewer", "below", "under", "unless", "until", "till", "without", "before"])
"""In a clause with "not", these turn it half back: nobody can say what "not for less than 27" denies."""
WEAK = frozenset(["no", "none", "without", "unable", "decline", "unfortunately"])
"""Denials that often praise or soften, "no small thing": they count where the draft says the contrary."""
MARKS = frozenset(",.;:–—(")
JOINERS = frozenset(["but", "and", "because", "so", "as", "since"])
"""One of these words begins a clause here, and so does a mark before a word."""
SHORT = 4
"""Words up to which all of a clause with a "not" is denied: "floor not included"."""


def polarity_turned(reading: Reading, origin: Reading, harmless: Phrases) -> Iterator[Hit]:
    """Sentences that deny what the draft affirms, or affirm what it denies; `harmless` patterns deny nothing."""
    before, after = ([_said(line.sentence.wording, harmless) for line in one.labelled] for one in (origin, reading))
    fresh = set(map(id, new_lines(reading)))
    for number, line in enumerate(reading.labelled):
        if id(line) not in fresh or line.acts & {Act.GREETING, Act.SIGNATURE}:
            continue
        twins = [
            i
            for i, other in enumerate(origin.labelled)
            if len(line.content & other.content) >= 2 or _short(line, other)
        ]
        there = {pair for i in twins for pair in before[i]}
        for word, denied in sorted(after[number]):
            counted = any(map(str.isdigit, word)) and not denied
            if (word, not denied) in there and (word, denied) not in there and not counted:
                yield sentence_hit(reading, line, word)
                break
    yield from _newly_denied(reading, harmless)
    yield from answer_turned(reading, origin, after)


def _newly_denied(reading: Reading, harmless: Phrases) -> Iterator[Hit]:
    """Statements that deny something of which draft and brief speak, and never with a denial.

    A reply that says no may deny what it likes.
    """
    if "no" in answers(reading.origin):
        return
    fresh = set(map(id, new_lines(reading)))
    denying, plain_words = _told(source_of(reading.origin))
    for line in reading.labelled:
        if id(line) not in fresh or line.acts & {Act.GREETING, Act.SIGNATURE, Act.ASK, Act.CLOSE}:
            continue
        words = line.sentence.wording
        for clause in clauses(words, JOINERS, MARKS):
            said = {stem(words.forms[i]) for i in clause if _means(words.forms[i])}
            quiet = _quiet(words, harmless)
            denied = any(i not in quiet and words.forms[i] in lexicon()["no"] - WEAK for i in clause)
            if denied and len(said & plain_words) >= 2 and not said & denying:
                yield sentence_hit(reading, line, words.written[clause[0]])
                break


@lru_cache(64)
def _told(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a source's sentences with a denial, and those of its sentences without one."""
    sides: tuple[set[str], set[str]] = set(), set()
    for sentence in parsed(source).sentences:
        words = sentence.wording
        side = sides[not any(_denies(words, i) for i in range(len(words.forms)))]
        side.update(stem(form) for form in words.forms if _means(form))
    return frozenset(sides[0]), frozenset(sides[1])


def _short(line: Labelled, other: Labelled) -> bool:
    said, there = line.content, other.content
    return len(said & there) == 1 and min(len(said), len(there)) <= 2


@lru_cache(1 << 9)
def _said(words: Wording, harmless: Phrases) -> frozenset[tuple[str, bool]]:
    """A sentence's words of meaning and numbers, each with whether it is denied.

    In a clause with a "not" that is the first word behind it; its other words are left out, for nobody can say.
    """
    pairs: set[tuple[str, bool]] = set()
    quiet = _quiet(words, harmless)
    for clause in clauses(words, JOINERS, MARKS):
        denials = [i for i in clause if i not in quiet and _denies(words, i)]
        telling = [i for i in clause if _means(words.forms[i])]
        if any(words.forms[i] not in HALVED for i in denials) and any(words.forms[i] in HALVED for i in clause):
            continue
        if denials and len(clause) <= SHORT:
            pairs |= {(_sense(words.forms[i]), True) for i in telling}
        elif denials:
            behind = [next((i for i in telling if at < i <= at + 5), -1) for at in denials]
            pairs |= {(_sense(words.forms[i]), True) for i in behind if i >= 0}
        else:
            pairs |= {(_sense(words.forms[i]), False) for i in telling}
    return frozenset((word, denied) for word, denied in pairs if word not in TALK)


def _quiet(words: Wording, harmless: Phrases) -> frozenset[int]:
    """The words that deny nothing, whatever they look like."""
    return frozenset(i for first, last, _ in harmless.within(words) for i in range(first, last))


def _denies(words: Wording, i: int) -> bool:
    form, before = words.forms[i], words.forms[i - 1] if i else ""
    return (
        form in lexicon()["no"]
        or form in lexicon()["denies"]
        or (form == "should" and before == "why")
        or (form == "up" and before in {"give", "gave", "giving", "given"})
    )


def _means(form: str) -> bool:
    return (
        form in lexicon()["deed"]
        or bool(form != "one" and value(form))
        or (len(form) > 2 and form[0] != FIELD and form not in lexicon()["common"] and form not in lexicon()["no"])
    )


def _sense(form: str) -> str:
    return value(form) or stem(form)
