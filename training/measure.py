"""What the engine writes for the develop split goes out, counted: `python -m training.measure --adapter FILE`.

It is asked and judged as in the program: the prompts of prompts/pieces/, the surest sentence, the gate of
pipeline/revise/gate.py. `--adapter none` measures the bare base; without the option the shipped adapter is measured.
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
from pipeline.models.fetch import adapter, pull
from pipeline.models.serving import SLOTS, serve
from pipeline.prompting import piece
from pipeline.revise.gate import KEPT, faults, risks
from training.check import Pair
from training.split import pairs, split


def main() -> None:
    """Measure as the command line says; a line of JSON, and with --print every sentence before it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default="", help="an exported adapter, or none")
    parser.add_argument("--print", action="store_true", dest="show")
    parser.add_argument("--most", type=int, default=0, help="pairs to ask for, 0 for all of the develop split")
    args = parser.parse_args()
    held = split(pairs())[1][: args.most or None]
    model = catalogue.load()[catalogue.DEFAULT]
    file = Path(args.adapter) if args.adapter not in ("", "none") else None if args.adapter else adapter(model)
    with (
        serve(pull(model), adapter=file) as endpoint,
        open_at(endpoint, model) as ask,
        ThreadPoolExecutor(SLOTS["pieces"]) as pool,
    ):
        said = list(pool.map(lambda pair: _said(pair, ask), held))
    if args.show:
        for pair, text in zip(held, said, strict=True):
            print(
                f"{pair.task}: {pair.input!r}\n    wanted {pair.target}\n    {'; '.join(_doubts(pair, text)):12} {text}"
            )
    print(json.dumps(_counted(held, said)))


def _said(pair: Pair, ask: Ask) -> str:
    try:
        return ask(piece(pair.task, pair.input)).text.strip()
    except EmptyReply:
        return ""


def _doubts(pair: Pair, text: str) -> list[str]:
    if not text:
        return ["nothing"]
    return [*faults(pair.task, pair.input, text), *(risks(pair.task, pair.input, text) if pair.task in KEPT else ())]


def _counted(held: Sequence[Pair], said: Sequence[str]) -> dict[str, dict[str, float]]:
    """By task and in all: how many pairs there are, and the share of them whose sentence may stand."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair, text in zip(held, said, strict=True):
        for task in (pair.task, "all"):
            counts[task, "pairs"] += 1
            counts[task, "stand"] += not _doubts(pair, text)
    return {
        task: {"pairs": counts[task, "pairs"], "stand": round(counts[task, "stand"] / counts[task, "pairs"], 3)}
        for task in sorted({task for task, _ in counts})
    }


if __name__ == "__main__":
    main()
