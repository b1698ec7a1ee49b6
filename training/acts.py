"""Labelled sentences come in, weights by feature and act go out: `python -m training.acts [--confirm]`.

A logistic regression for each act of ACTS, fitted with AdaGrad and an L2 penalty to the develop half of
evals/labelled/sentences.jsonl, in plain Python and always alike. Before it writes pipeline/lexicon/likely.json it says,
by five-fold cross-validation over messages, what patterns alone and what patterns or model find; `--confirm` says the
same of the other half, which nothing was fitted to.
"""

import argparse
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline import desk
from pipeline.acts import read
from pipeline.domain import Act
from pipeline.files import write
from pipeline.likely import WEIGHTS, Model, certainty, features

ROOT = Path(__file__).parents[1]
LABELLED = ROOT / "evals" / "labelled"
ACTS = {Act.HOOK: 0.6, Act.WHO: 0.45, Act.ASK: 0.6, Act.CLOSE: 0.4}
"""The certainty from which on an act is likely, chosen by cross-validation of the rules that report it as missing."""
EPOCHS, RATE, PENALTY, FOLDS = 12, 0.15, 1e-3, 5
SMALL = 0.05
"""Weights that are not worth their place."""
OFTEN = 3
"""Sentences that a feature must stand in to be given a weight."""


class Sentence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence of a labelled message, and what it does there."""

    message: str
    half: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What the model sees of a sentence, what patterns say of it, and what it truly does."""

    message: str
    features: list[str]
    patterns: frozenset[Act]
    acts: frozenset[str]


def rows(half: str) -> list[Row]:
    """The sentences of a half between greeting and signature; those of a message that is now cut otherwise are left."""
    mine = desk.opened(ROOT, {})
    by_message: dict[str, list[Sentence]] = defaultdict(list)
    for line in (LABELLED / "sentences.jsonl").read_bytes().splitlines():
        one = msgspec.json.decode(line, type=Sentence)
        if one.half == half:
            by_message[one.message].append(one)
    found: list[Row] = []
    for name, sentences in sorted(by_message.items()):
        path = LABELLED / "messages" / f"{name}.md"
        reading = read(mine.draft(path.read_text("utf-8"), path.name))
        truth = {one.text: frozenset(one.labels) for one in sentences}
        said = ((line, " ".join(reading.says(line).split())) for line in reading.body)
        found += [Row(name, list(features(reading, line)), line.acts, truth[one]) for line, one in said if one in truth]
    return found


def fitted(some: Sequence[Row], act: Act) -> Model:
    """The model of one act; rare acts weigh more, up to twice."""
    often = Counter(name for row in some for name in row.features)
    weights: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(float)
    positive = sum(act in row.acts for row in some)
    heavy = min(4.0, max(1.0, (len(some) - positive) / max(1, positive))) ** 0.5
    shuffled, chance = list(some), random.Random(0)
    for _ in range(EPOCHS):
        chance.shuffle(shuffled)
        for row in shuffled:
            true = act in row.acts
            error = (certainty(Model(0, weights), row.features) - true) * (heavy if true else 1)
            for name in ("bias", *(name for name in row.features if often[name] >= OFTEN)):
                slope = error + PENALTY * weights[name]
                squares[name] += slope * slope
                weights[name] -= RATE * slope / math.sqrt(squares[name] + 1e-6)
    kept = {name: round(weight, 2) for name, weight in sorted(weights.items()) if abs(weight) >= SMALL}
    return Model(ACTS[act], kept)


def crossed(some: Sequence[Row], act: Act) -> Iterator[tuple[Row, bool]]:
    """Each row with what a model says of it that saw no sentence of its message."""
    names = sorted({row.message for row in some})
    random.Random(1).shuffle(names)
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        model = fitted([row for row in some if row.message not in held], act)
        yield from ((row, certainty(model, row.features) >= model.least) for row in some if row.message in held)


def compared(judged: Sequence[tuple[Row, bool]], act: Act) -> str:
    """Precision and recall of patterns, and of patterns or model."""
    truth = [act in row.acts for row, _ in judged]
    sides = {
        "patterns": [act in row.patterns for row, _ in judged],
        "model": [said for _, said in judged],
        "either": [said or act in row.patterns for row, said in judged],
    }
    return f"{act:8} {sum(truth):4} " + "   ".join(f"{name} {_shares(found, truth)}" for name, found in sides.items())


def _shares(found: Sequence[bool], truth: Sequence[bool]) -> str:
    right = sum(one and other for one, other in zip(found, truth, strict=True))
    return f"{right / max(1, sum(found)):.2f} {right / max(1, sum(truth)):.2f}"


def main() -> int:
    """Fit, compare and write."""
    parser = argparse.ArgumentParser(prog="python -m training.acts", description=__doc__)
    parser.add_argument("--confirm", action="store_true", help="compare on the half that nothing was fitted to")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the weights stand differently")
    given = parser.parse_args()
    seen = rows("develop")
    models: Mapping[Act, Model] = {act: fitted(seen, act) for act in ACTS}
    made = msgspec.json.format(msgspec.json.encode(models), indent=0).decode() + "\n"
    if given.check:
        same = WEIGHTS.read_text("utf-8") == made
        print("the weights are current" if same else "the weights differ: run `poe acts`")
        return int(not same)
    other = rows("confirm") if given.confirm else []
    print(f"{len(seen)} sentences of the develop half, crossed; precision and recall")
    for act in ACTS:
        print(compared(list(crossed(seen, act)), act))
    if other:
        print(f"{len(other)} sentences of the confirm half")
        for act, model in models.items():
            print(compared([(row, certainty(model, row.features) >= model.least) for row in other], act))
    write(WEIGHTS, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
