"""Yes and no, done and not done: draft and rewrite come in, what says the opposite goes out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Labelled, Reading, lexicon
from pipeline.checks.fidelity.answers import answer_turned, answers
from pipeline.checks.fidelity.sources import TALK, content_of, new_lines, parsed, sentence_hit, source_of
from pipeline.checks.figures import value
from pipeline.domain import Act, Hit
from pipeline.phrases import Phrases
from pipeline.text import FIELD, Sentence, Text, stem

HALVED = frozenset(["less", "fewer", "below", "under", "unless", "until", "till", "without", "before"])
"""In a clause with "not", these turn it half back: nobody can say what "not for less than 27" denies."""
WEAK = frozenset(["no", "none", "without", "unable", "decline", "unfortunately"])
"""Denials that often praise or soften, "no small thing": they count where the draft says the contrary."""
SHORT = 4
"""Words up to which all of a clause with a "not" is denied: "floor not included"."""


def polarity_turned(reading: Reading, origin: Reading, harmless: Phrases) -> Iterator[Hit]:
    """Sentences that deny what the draft affirms, or affirm what it denies; `harmless` patterns deny nothing."""
    before, after = _said(origin, harmless), _said(reading, harmless)
    fresh = set(map(id, new_lines(reading)))
    for number, line in enumerate(reading.labelled):
        if id(line) not in fresh or line.acts & {Act.GREETING, Act.SIGNATURE}:
            continue
        twins = [
            i
            for i, other in enumerate(origin.labelled)
            if len(content_of(reading, line) & content_of(origin, other)) >= 2 or _short(reading, line, origin, other)
        ]
        there = {pair for i in twins for pair in before[i]}
        for word, denied in sorted(after[number]):
            counted = any(map(str.isdigit, word)) and not denied
            if (word, not denied) in there and (word, denied) not in there and not counted:
                yield sentence_hit(reading, line, word)
                break
    yield from _newly_denied(reading, harmless)
    yield from answer_turned(reading, origin, before, after)


def _newly_denied(reading: Reading, harmless: Phrases) -> Iterator[Hit]:
    """Statements that deny something of which draft and brief speak, and never with a denial.

    A reply that says no may deny what it likes.
    """
    if "no" in answers(reading.origin):
        return
    fresh, text = set(map(id, new_lines(reading))), reading.text
    denying, plain_words = _told(source_of(reading.draft.first))
    quiet = {i for match in harmless.find(text) for i in range(match.first, match.last)}
    for line in reading.labelled:
        if id(line) not in fresh or line.acts & {Act.GREETING, Act.SIGNATURE, Act.ASK, Act.CLOSE}:
            continue
        for clause in _clauses(text, line.sentence):
            said = {stem(text.forms[i]) for i in clause if _means(text.forms[i])}
            denied = any(i not in quiet and text.forms[i] in lexicon()["no"] - WEAK for i in clause)
            if denied and len(said & plain_words) >= 2 and not said & denying:
                yield sentence_hit(reading, line, text.written[clause[0]])
                break


@lru_cache(64)
def _told(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a source's sentences with a denial, and those of its sentences without one."""
    text = parsed(source)
    sides: tuple[set[str], set[str]] = set(), set()
    for sentence in text.sentences:
        words = range(sentence.first, sentence.last)
        side = sides[not any(_denies(text, i) for i in words)]
        side.update(stem(text.forms[i]) for i in words if _means(text.forms[i]))
    return frozenset(sides[0]), frozenset(sides[1])


def _short(reading: Reading, line: Labelled, origin: Reading, other: Labelled) -> bool:
    said, there = content_of(reading, line), content_of(origin, other)
    return len(said & there) == 1 and min(len(said), len(there)) <= 2


@lru_cache(16)
def _said(reading: Reading, harmless: Phrases) -> list[set[tuple[str, bool]]]:
    """For each sentence its words of meaning and numbers, each with whether it is denied.

    In a clause with a "not" that is the first word behind it; its other words are left out, for nobody can say.
    """
    text, rows = reading.text, []
    quiet = {i for match in harmless.find(text) for i in range(match.first, match.last)}
    for line in reading.labelled:
        pairs: set[tuple[str, bool]] = set()
        for clause in _clauses(text, line.sentence):
            denials = [i for i in clause if i not in quiet and _denies(text, i)]
            words = [i for i in clause if _means(text.forms[i])]
            if any(text.forms[i] not in HALVED for i in denials) and not HALVED.isdisjoint(
                text.forms[i] for i in clause
            ):
                continue
            if denials and len(clause) <= SHORT:
                pairs |= {(_sense(text.forms[i]), True) for i in words}
            elif denials:
                behind = [next((i for i in words if at < i <= at + 5), -1) for at in denials]
                pairs |= {(_sense(text.forms[i]), True) for i in behind if i >= 0}
            else:
                pairs |= {(_sense(text.forms[i]), False) for i in words}
        rows.append({(word, denied) for word, denied in pairs if word not in TALK})
    return rows


def _clauses(text: Text, sentence: Sentence) -> Iterator[list[int]]:
    clause: list[int] = []
    for i in range(sentence.first, sentence.last):
        gap = text.raw[text.end(i - 1) : text.start(i)] if i > sentence.first else ""
        if clause and (
            any(mark in gap for mark in ",.;:–—(") or text.forms[i] in {"but", "and", "because", "so", "as", "since"}
        ):
            yield clause
            clause = []
        clause.append(i)
    yield clause


def _denies(text: Text, i: int) -> bool:
    form, before = text.forms[i], text.forms[i - 1] if i else ""
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
