"""Training pairs come in, every fault of them goes out: `python -m training.check`.

A pair teaches the tiny model exactly what it says, so a target may say nothing that its input does not: a single
invented name in three thousand would be learnt as a licence to invent.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from pipeline.acts import lexicon
from pipeline.checks.fidelity.vocabulary import vocabulary
from pipeline.checks.figures import value
from pipeline.fields import blank, scan
from pipeline.text import FIELD, parse, stem

HERE = Path(__file__).parent
CASES = HERE.parent / "evals" / "cases"
Task = Literal["hook", "question", "soften", "shorten", "who", "value", "decline"]
LONGEST = 220
"""Characters of a target: one sentence."""
OPENING, SHARE = 3, 0.03
"""Words of an opening, and the share of a task's targets that may begin alike."""
ALIKE = 0.8
"""The share of words in common from which on two targets are nearly the same."""
RUN = 7
"""Words in a row that no pair may share with an eval case."""


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input and its target."""

    task: Task
    input: str
    target: str


def load(path: Path) -> Iterator[tuple[str, Pair]]:
    """The pairs of a file, each with its place; ValueError names the line that is none."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        place = f"{path.name}:{number}"
        try:
            yield place, msgspec.json.decode(line, type=Pair)
        except msgspec.DecodeError as error:
            raise ValueError(f"{place}: {error}") from error


def faults(pairs: Sequence[tuple[str, Pair]]) -> Iterator[str]:
    """Everything that is wrong, a line each: pair by pair, then with the pairs among each other."""
    cases = _case_runs()
    for place, pair in pairs:
        yield from (f"{place}: {fault}: {pair.target}" for fault in _faults(pair, cases))
    for task in get_args(Task):
        own = [(place, pair.target) for place, pair in pairs if pair.task == task]
        yield from _alike(own)
        yield from _openings(task, [target for _, target in own])


def _faults(pair: Pair, cases: frozenset[str]) -> Iterator[str]:
    source, target = pair.input, pair.target
    unknown = sorted(word for word in _stems(target) - _stems(source) - _allowed() if len(word) > 2)
    if unknown:
        yield f"not in the input: {', '.join(unknown)}"
    if numbers := _numbers(target) - _numbers(source):
        yield f"numbers that the input lacks: {', '.join(sorted(numbers))}"
    if names := [
        name for name in re.findall(r"(?<=[a-z,;] )[A-Z][\w'-]+", target) if name not in source and name[0] != "I"
    ]:
        yield f"names that the input lacks: {', '.join(names)}"
    if strange := [field for field in _fields(target) if field not in source]:
        yield f"merge fields that the input lacks: {', '.join(strange)}"
    yield from _unlike_the_sentence(pair)
    if not target.endswith("?" if pair.task == "question" else (".", "?", "…")):
        yield "the wrong mark at its end"
    if "!" in target:
        yield "an exclamation mark"
    if len(target) > LONGEST:
        yield f"{len(target)} characters, at most {LONGEST}"
    if shared := _runs(f"{source} {target}") & cases:
        yield f"words of an eval case: {min(shared)}"


def _unlike_the_sentence(pair: Pair) -> Iterator[str]:
    """For the tasks that mend a sentence: fields of it that are gone, words beyond the number that is allowed."""
    if pair.task in ("soften", "shorten"):
        lost = [field for field in _fields(pair.input.partition("sentence: ")[2]) if field not in pair.target]
        if lost:
            yield f"merge fields lost: {', '.join(lost)}"
    if pair.task == "shorten":
        most = re.match(r"at most (\d+) words\n", pair.input)
        if not most or len(pair.target.split()) > int(most[1]):
            yield "longer than the input's 'at most N words'"


def _alike(targets: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Targets of one task that share nearly all their words; only those that share a rare word are compared."""
    known: list[tuple[str, frozenset[str]]] = []
    by_word: dict[str, list[int]] = {}
    for place, target in targets:
        words = _stems(target)
        near = {number for word in words if len(by_word.get(word, ())) < 60 for number in by_word.get(word, ())}
        for number in near:
            other, theirs = known[number]
            if len(words & theirs) >= ALIKE * len(words | theirs):
                yield f"{place}: nearly the same as {other}: {target}"
        for word in words:
            by_word.setdefault(word, []).append(len(known))
        known.append((place, words))


def _openings(task: str, targets: Sequence[str]) -> Iterator[str]:
    heads = Counter(" ".join(re.findall(r"[\w']+", target.casefold())[:OPENING]) for target in targets)
    for head, count in heads.items():
        if count > max(3, SHARE * len(targets)):
            yield f"{task}: {count} of {len(targets)} targets begin with {head!r}"


def _stems(text: str) -> frozenset[str]:
    forms = (form for form in parse(blank(text)).forms if form[0] != FIELD)
    return frozenset(stem(part) for form in forms for part in (form, *form.split("-")) if part[:1].isalpha())


def _numbers(text: str) -> set[str]:
    return {value(form) for form in parse(blank(text)).forms} - {"", "1"}


def _fields(text: str) -> Iterable[str]:
    return [field.raw for field in scan(text).fields]


@cache
def _allowed() -> frozenset[str]:
    return vocabulary().courteous | frozenset(map(stem, lexicon()["common"] | lexicon()["courteous"]))


@cache
def _case_runs() -> frozenset[str]:
    return frozenset().union(*(_runs(path.read_text("utf-8")) for path in CASES.glob("*.toml")))


def _runs(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def main() -> int:
    """Check the files that are named, or all pairs."""
    paths = [Path(word) for word in sys.argv[1:]] or sorted((HERE / "pairs").glob("*.jsonl"))
    pairs = [pair for path in paths for pair in load(path)]
    found = list(faults(pairs))
    for line in found:
        print(line)
    tasks = Counter(pair.task for _, pair in pairs)
    print(f"{len(pairs)} pairs ({', '.join(f'{task} {count}' for task, count in tasks.items())}), {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
