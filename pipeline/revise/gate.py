"""A piece and a sentence come in; what the sentence may not say goes out, nothing if it may stand.

The training pairs keep the same demands (training/check.py): the tiny model learns nothing that is refused here.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import tomli

from pipeline.acts import lexicon
from pipeline.checks.figures import value
from pipeline.fields import blank, scan
from pipeline.text import FIELD, parse, stem

LONGEST = 220
"""Characters of a piece: one sentence."""
NAMES = re.compile(r"(?<=[a-z,;] )[A-Z][\w'-]+")
"""Words with a capital that no sentence begins with."""
MOST = re.compile(r"at most (\d+) words\n")


def faults(task: str, words: str, sentence: str) -> Iterator[str]:
    """What a sentence has that its words lack, and what else it does wrong, a line each."""
    unknown = sorted(word for word in stems(sentence) - stems(words) - _allowed() if len(word) > 2)
    if unknown:
        yield f"not in the input: {', '.join(unknown)}"
    if numbers := _numbers(sentence) - _numbers(words):
        yield f"numbers that the input lacks: {', '.join(sorted(numbers))}"
    if names := [name for name in NAMES.findall(sentence) if name not in words and name[0] != "I"]:
        yield f"names that the input lacks: {', '.join(names)}"
    if strange := [field for field in _fields(sentence) if field not in words]:
        yield f"merge fields that the input lacks: {', '.join(strange)}"
    yield from _unlike_the_sentence(task, words, sentence)
    if not sentence.endswith("?" if task == "question" else (".", "?", "…")):
        yield "the wrong mark at its end"
    if "!" in sentence:
        yield "an exclamation mark"
    if len(sentence) > LONGEST:
        yield f"{len(sentence)} characters, at most {LONGEST}"


def _unlike_the_sentence(task: str, words: str, sentence: str) -> Iterator[str]:
    """For the tasks that mend a sentence: fields of it that are gone, words beyond the number that is allowed."""
    if task in ("soften", "shorten"):
        lost = [field for field in _fields(words.partition("sentence: ")[2]) if field not in sentence]
        if lost:
            yield f"merge fields lost: {', '.join(lost)}"
    if task == "shorten":
        most = MOST.match(words)
        if not most or len(sentence.split()) > int(most[1]):
            yield "longer than the input's 'at most N words'"


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, merge fields and figures aside."""
    forms = (form for form in parse(blank(text)).forms if form[0] != FIELD)
    return frozenset(stem(part) for form in forms for part in (form, *form.split("-")) if part[:1].isalpha())


def _numbers(text: str) -> set[str]:
    return {value(form) for form in parse(blank(text)).forms} - {"", "1"}


def _fields(text: str) -> Iterable[str]:
    return [field.raw for field in scan(text).fields]


@cache
def _allowed() -> frozenset[str]:
    own = tomli.loads((Path(__file__).parents[2] / "training" / "vocabulary.toml").read_text("utf-8"))["words"]
    listed = (word for name in ("greet", "sign", "thank", "common", "courteous") for word in lexicon()[name])
    return frozenset(map(stem, (*own, *listed)))
