"""Numbers that change places: a rewrite and its source come in, the numbers that stand where another stood go out."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from pipeline.checks.fidelity.sources import parsed
from pipeline.checks.fidelity.vocabulary import with_alike
from pipeline.checks.figures import UNITS, figures, value
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Sentence, Text, stem

WITHIN = 4
"""So many words before and behind a number are beside it."""


def swapped_numbers(text: Text, known: Text) -> Iterator[int]:
    """The first of two numbers that stand beside one another's words, where the source has both in one sentence."""
    now = _by_sentence(text)
    before = _of_source(known.raw) if now else []
    for here in now:
        for one, other in combinations(here, 2):
            for there in before:
                if (
                    one != other
                    and {one, other} <= there.keys()
                    and _swapped(here[one][1], here[other][1], there[one][1], there[other][1])
                ):
                    yield here[one][0]


def _swapped(one: frozenset[str], other: frozenset[str], one_then: frozenset[str], other_then: frozenset[str]) -> bool:
    mine, others, mine_then, others_then = one - other, other - one, one_then - other_then, other_then - one_then
    own = mine & mine_then or others & others_then
    return not own and bool(mine & others_then) and bool(others & mine_then)


@lru_cache(64)
def _of_source(source: str) -> list[dict[str, tuple[int, frozenset[str]]]]:
    rows = _by_sentence(parsed(source))
    return [{number: (i, with_alike(beside)) for number, (i, beside) in row.items()} for row in rows]


def _by_sentence(text: Text) -> list[dict[str, tuple[int, frozenset[str]]]]:
    """For each sentence its numbers by value, each with its place and the words beside it."""
    rows: list[dict[str, tuple[int, frozenset[str]]]] = [{} for _ in text.sentences]
    for figure in figures(text):
        if not text.forms[figure.index].isalpha() and text.forms[figure.index].strip("€$£¥%0123456789.,"):
            continue
        row = rows[text.sentence_of[figure.index]]
        sentence = text.sentences[text.sentence_of[figure.index]]
        row.setdefault(figure.value, (figure.index, _beside(text, sentence, figure.index)))
    return [row for row in rows if len(row) > 1]


def _beside(text: Text, sentence: Sentence, at: int) -> frozenset[str]:
    """The nearest words on each side of a number, up to the next number."""
    found: list[str] = []
    for step in (-1, 1):
        for i in range(at + step, at + step * (WITHIN + 1), step):
            if not sentence.first <= i < sentence.last or value(text.forms[i]):
                break
            if _names(text.forms[i]) and not (step > 0 and text.forms[i] in lexicon()["no"]):
                found.append(stem(text.forms[i]))
    return frozenset(found)


@lru_cache(1 << 14)
def _names(form: str) -> bool:
    small = lexicon()["common"] - lexicon()["no"]
    return form[0] != FIELD and form not in UNITS and form[0].isalpha() and len(form) > 1 and form not in small
