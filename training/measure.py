"""The engine's sentences for the develop split go out, counted and, on request, printed: `python -m training.measure`.

What the program itself would ask and refuse: the prompts of `prompts/pieces/`, the demands of `pipeline/revise/gate.py`.
`--adapter FILE` takes an exported adapter, `--adapter none` the bare base; without it the shipped one is measured.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.domain import Ask
from pipeline.errors import EmptyReply
from pipeline.models import catalogue
from pipeline.models.client import open_at
from pipeline.models.fetch import pull
from pipeline.models.serving import SLOTS, serve
from pipeline.prompting import piece
from pipeline.revise import gate
from training.check import Pair
from training.split import pairs, split

SAMPLES = 3
"""Sentences asked for each pair: the first greedy, the others sampled."""


def main() -> None:
    """Measure as the command line says; a line of JSON, and with --print every sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default="")
    parser.add_argument("--print", action="store_true", dest="show")
    parser.add_argument("--most", type=int, default=0, help="pairs to ask for, 0 for all of the develop split")
    args = parser.parse_args()
    held = split(pairs())[1][: args.most or None]
    model = catalogue.load()[catalogue.DEFAULT]
    adapter = None if args.adapter == "none" else Path(args.adapter)
    with serve(pull(model), adapter=adapter) as endpoint, open_at(endpoint, model) as ask:
        with ThreadPoolExecutor(SLOTS["pieces"]) as pool:
            answers = list(pool.map(lambda pair: _answers(pair, ask), held))
    if args.show:
        for pair, said in zip(held, answers, strict=True):
            print(f"{pair.task}: {pair.input!r}\n    wanted {pair.target}")
            for sentence in said:
                print(f"    {'; '.join(gate.faults(pair.task, pair.input, sentence)) or 'ok':30} {sentence}")
    print(json.dumps(_counted(held, answers)))


def _answers(pair: Pair, ask: Ask) -> list[str]:
    said = []
    for number in range(SAMPLES):
        try:
            said.append(ask(piece(pair.task, pair.input, seed=number, temperature=0.7 if number else 0.0)).text)
        except EmptyReply:
            said.append("")
    return said


def _counted(held: Sequence[Pair], answers: Sequence[Sequence[str]]) -> dict[str, dict[str, float]]:
    """By task and in all: the share of pairs whose greedy sentence may stand, and whose best of SAMPLES may."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair, said in zip(held, answers, strict=True):
        sound = [bool(one) and not any(gate.faults(pair.task, pair.input, one)) for one in said]
        for task in (pair.task, "all"):
            counts[task, "pairs"] += 1
            counts[task, "greedy"] += sound[0]
            counts[task, "any"] += any(sound)
    tasks = sorted({task for task, _ in counts})
    return {
        task: {
            "pairs": counts[task, "pairs"],
            "greedy": round(counts[task, "greedy"] / counts[task, "pairs"], 3),
            "any": round(counts[task, "any"] / counts[task, "pairs"], 3),
        }
        for task in tasks
    }


if __name__ == "__main__":
    main()
