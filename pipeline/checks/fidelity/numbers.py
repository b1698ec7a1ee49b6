"""The numbers of a rewrite and a known text come in; those that the text lacks, or has with another thing, go out."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from pipeline.checks.fidelity.swapped import swapped_numbers
from pipeline.checks.fidelity.vocabulary import with_alike
from pipeline.checks.figures import Figure, figures, value
from pipeline.lexicon import lexicon
from pipeline.text import FIELD, Text, stem

SMALL = 12
"""Up to here a number may count what the writer of a rewrite counted: "your three changes"."""
AROUND = 6
"""So many words before and behind a number are near it."""


def strange_numbers(text: Text, known: Text) -> Iterator[int]:
    """The places of numbers that stand nowhere, have another unit, or count what another number counts."""
    found = figures(text)
    if not found:
        return
    sources = figures(known)
    values, near, words = _source(known)
    for figure in found:
        same = [one for one in sources if one.value == figure.value]
        if text.forms[figure.index] in known.vocabulary and not same:
            continue
        if (
            figure.value not in values
            or _counts_another(figure, same, sources)
            or _moved(text, figure, near)
            or _of_others(figure, same, near, words)
        ):
            yield figure.index
    yield from swapped_numbers(text, known)


def _counts_another(figure: Figure, same: Sequence[Figure], sources: Sequence[Figure]) -> bool:
    others = {word for one in sources if one.value != figure.value for word in one.counts[:2]}
    counted = {word for one in same for word in one.counts}
    units = {one.unit for one in same if one.unit}
    return bool(
        (figure.unit and units and figure.unit not in units)
        or (figure.unit in {"€", "$", "£", "¥"} and not units)
        or (figure.counts and counted and figure.counts[0] not in counted and figure.counts[0] in others)
    )


def _of_others(
    figure: Figure, same: Sequence[Figure], near: Mapping[str, frozenset[str]], words: frozenset[str]
) -> bool:
    """Whether a number that counts one thing in the source now counts another of its things."""
    counts = frozenset(figure.counts)
    if figure.unit or not figure.value.isdigit() or int(figure.value) <= SMALL or 1800 < int(figure.value) < 2100:
        return False
    counted = any(one.counts for one in same)
    return (
        counted and not counts.isdisjoint(words) and counts.isdisjoint(with_alike(near.get(figure.value, frozenset())))
    )


@lru_cache(16)
def _source(known: Text) -> tuple[frozenset[str], Mapping[str, frozenset[str]], frozenset[str]]:
    """The values of all words of a text, the words near each number by its value, and the stems of all."""
    return frozenset(map(value, known.forms)), _near(known), frozenset(map(stem, known.vocabulary))


def _near(known: Text) -> Mapping[str, frozenset[str]]:
    """The words around each number of a text, within its sentence, by the number's value."""
    found: dict[str, frozenset[str]] = {}
    for one in figures(known):
        sentence = known.sentences[known.sentence_of[one.index]]
        first, last = max(sentence.first, one.index - AROUND), min(sentence.last, one.index + AROUND + 1)
        words = frozenset(stem(form) for form in known.forms[first:last] if _names(form))
        found[one.value] = found.get(one.value, frozenset()) | words
    return found


def _moved(text: Text, figure: Figure, near: Mapping[str, frozenset[str]]) -> bool:
    """Whether all that stands beside a number stood beside others, and nothing of it beside this one."""
    own = with_alike(near.get(figure.value, frozenset()))
    beside = frozenset(_beside(text, figure.index))
    others = frozenset().union(*(words for number, words in near.items() if number != figure.value))
    return bool(own and beside and beside.isdisjoint(own) and beside <= others)


def _beside(text: Text, index: int) -> Iterator[str]:
    """The nearest word of meaning on each side of a number, within the clause."""
    sentence = text.sentences[text.sentence_of[index]]
    for step in (-1, 1):
        i = index
        while sentence.first <= i + step < sentence.last and abs(i + step - index) <= AROUND:
            left, right = min(i, i + step), max(i, i + step)
            i += step
            if text.raw[text.end(left) : text.start(right)].strip(" €$£¥%") or value(text.forms[i]):
                break
            if _names(text.forms[i]):
                yield stem(text.forms[i])
                break


def _names(form: str) -> bool:
    return (
        len(form) > 2
        and form[0] != FIELD
        and form[0].isalpha()
        and (form not in lexicon()["common"] or form in {"day", "week", "year", "years", "time"})
    )
