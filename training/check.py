"""Training pairs come in, every fault of them goes out: `python -m training.check`.

A pair teaches the tiny model exactly what it says, so a target may say nothing that its input does not: a single
invented name in three thousand would be learnt as a licence to invent.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from pipeline.revise import gate

HERE = Path(__file__).parent
PAIRS = HERE / "pairs"
CASES = HERE.parent / "evals" / "cases"
Task = Literal["hook", "question", "soften", "shorten", "who", "value", "decline"]
OPENING, SHARE = 3, 0.02
"""Words of an opening, and the share of a task's targets that may begin alike."""
PHRASE = 4
"""Words of a phrase; the same share of all targets may hold it."""
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
    yield from _phrases([pair.target for _, pair in pairs])


def _faults(pair: Pair, cases: frozenset[str]) -> Iterator[str]:
    yield from gate.faults(pair.task, pair.input, pair.target)
    if shared := _runs(f"{pair.input} {pair.target}") & cases:
        yield f"words of an eval case: {min(shared)}"


def _alike(targets: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Targets of one task that share nearly all their words; only those that share a rare word are compared."""
    known: list[tuple[str, frozenset[str]]] = []
    by_word: dict[str, list[int]] = {}
    for place, target in targets:
        words = gate.stems(target)
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


def _phrases(targets: Sequence[str]) -> Iterator[str]:
    counts = Counter(phrase for target in targets for phrase in _runs(target, PHRASE))
    for phrase, count in counts.items():
        if count > max(3, SHARE * len(targets)):
            yield f"{count} of {len(targets)} targets hold {phrase!r}"


@cache
def _case_runs() -> frozenset[str]:
    return frozenset().union(*(_runs(path.read_text("utf-8")) for path in CASES.glob("*.toml")))


def _runs(text: str, length: int = RUN) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))


def main() -> int:
    """Check the files that are named, or all pairs."""
    paths = [Path(word) for word in sys.argv[1:]] or sorted(PAIRS.glob("*.jsonl"))
    pairs = [pair for path in paths for pair in load(path)]
    found = list(faults(pairs))
    for line in found:
        print(line)
    tasks = Counter(pair.task for _, pair in pairs)
    print(f"{len(pairs)} pairs ({', '.join(f'{task} {count}' for task, count in tasks.items())}), {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
