"""Hopes told as facts: draft and rewrite come in, doings that the draft wishes and the rewrite does go out."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline.acts import Reading
from pipeline.checks.fidelity.clauses import clauses, telling
from pipeline.checks.fidelity.sources import TALK, new_lines, parsed, sentence_hit, source_of
from pipeline.checks.fidelity.vocabulary import with_alike
from pipeline.domain import Act, Hit
from pipeline.phrases import Phrases
from pipeline.text import Sentence, Text, stem

HEDGES = frozenset(
    "want wants wanted like love hope hopes hoping wish plan plans planning think thinking thought could may might"
    " would try trying tried i'd we'd you'd if whether unless should can perhaps maybe believe suspect guess dream"
    " consider considering keen eager glad happy ready possible possibly probably please cannot can't not never toying"
    " moving apply applied ask asking how what which when let".split()
)
"""Before one of these in a clause, nothing is told as done."""
GOING = frozenset("am are be i'm we're was were".split())
SURE = frozenset("now will i'll we'll".split())
"""Behind one of these, something is told as done or settled: behind the first where it ends in "-ing"."""
TO = frozenset("to could may might would should of i'd we'd can".split())
"""What stands between a hope and what is hoped for."""
WHO = frozenset("i i'm i'll we we're we'll and now".split())
WANTS = frozenset("want like love hope wish plan thinking would could hoping wanted".split())
TRIES = frozenset(map(stem, "trying hoping thinking wondering looking hope think wonder be like love".split()))
NEAR = 6


def hopes_hardened(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Statements of what the sender does or will do, which the source only speaks of as open."""
    wished, told = _doings(source_of(origin))
    hopes = _hopes(origin.draft.text)
    for line in new_lines(reading):
        if reading.says(line).endswith("?") or line.acts & {Act.GREETING, Act.SIGNATURE}:
            continue
        text = reading.text
        for i in _told(text, line.sentence):
            word = stem(text.forms[i])
            if word not in TALK | TRIES and (
                (word in wished and word not in told) or _of_hopes(line.sentence, i, hopes)
            ):
                yield sentence_hit(reading, line, text.forms[i])
                break


def _of_hopes(sentence: Sentence, at: int, hopes: frozenset[str]) -> bool:
    """Whether a doing is done to what the draft only speaks of in its hopes."""
    words, here = sentence.wording, at - sentence.first
    clause = next(clause for clause in clauses(words) if here in clause)
    return any(stem(words.forms[i]) in hopes for i in clause if i > here and telling(words.forms[i]))


@lru_cache(64)
def _hopes(draft: str) -> frozenset[str]:
    """The words that stand in no sentence of a draft but those that hope."""
    sides: tuple[set[str], set[str]] = set(), set()
    for sentence in parsed(draft).sentences:
        for clause in clauses(sentence.wording):
            forms = [sentence.wording.forms[i] for i in clause]
            sides[WANTS.isdisjoint(forms)].update(map(stem, forms))
    return frozenset(sides[0] - sides[1])


def _told(text: Text, sentence: Sentence) -> Iterator[int]:
    """The places of doings that "I" or "we" is said to be at, or to do now or soon."""
    for i in range(sentence.first + 1, sentence.last):
        form, before = text.forms[i], text.forms[i - 1]
        ahead = text.forms[max(sentence.first, i - 4) : i]
        going = form.endswith("ing") and before in GOING
        if (going or before in SURE) and len(form) > 3 and not WHO.isdisjoint(ahead) and HEDGES.isdisjoint(ahead):
            yield i


@lru_cache(64)
def _doings(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that stand behind a hedge somewhere in a source, and those that stand without one, with near ones."""
    text = parsed(source)
    wished: set[str] = set()
    told: set[str] = set()
    for sentence in text.sentences:
        for i in range(sentence.first, sentence.last):
            before = text.forms[max(sentence.first, i - NEAR) : i]
            if HEDGES.isdisjoint(before):
                told.add(stem(text.forms[i]))
            elif before[-1] in TO:
                wished.add(stem(text.forms[i]))
    return frozenset(wished), with_alike(frozenset(told))
