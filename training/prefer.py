"""The tuned model's own sentences come in, an adapter tuned further goes out: `python -m training.prefer --out DIR`.

`--by own` learns the sentences that the gate lets stand; `--by preference` learns to prefer a target to the sentence
that the gate refused for the same input (direct preference optimisation, Rafailov et al. 2023). Both begin with an
adapter that was tuned on the pairs; what came of them is in training/README.md.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import save_file

from pipeline.domain import Ask
from pipeline.errors import EmptyReply
from pipeline.models import catalogue
from pipeline.models.client import open_at
from pipeline.models.fetch import adapter, pull
from pipeline.models.serving import SLOTS, serve
from pipeline.prompting import piece
from pipeline.revise.gate import may_stand
from pipeline.revise.write import WARMTH
from training.check import Pair
from training.export import read
from training.split import pairs, split
from training.tune import LAYERS, Example, base, batches, encode, loss_of, token_losses

TASKS = ("hook", "soften", "who")
"""What the program asks for."""
RATE = 1e-4
BETA = 0.1
"""How far the preference may lead away from the model that it began with; the paper's own value."""
BATCH = 8


class Own(msgspec.Struct, frozen=True):
    """What the model wrote for a pair's input."""

    pair: Pair
    said: str

    @property
    def stands(self) -> bool:
        """Whether the gate lets it stand."""
        return may_stand(self.pair.task, self.pair.input, self.said)


@dataclass(frozen=True)
class Choice:
    """The sentence to prefer, the one to avoid, and what the model that was begun with holds of both."""

    better: Example
    worse: Example
    before: float


def main() -> None:
    """Sample once, then tune as the command line says; samples.jsonl, the adapter and log.json land in --out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--by", choices=("own", "preference"), default="own")
    parser.add_argument("--begin", type=Path, help="an exported adapter to begin with; without it the shipped one")
    parser.add_argument("--samples", type=int, default=2, help="sentences for each pair besides the surest one")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    begin = args.begin or adapter(catalogue.load()[catalogue.DEFAULT])
    if not begin:
        raise SystemExit("the catalogue names no adapter to begin with")
    file = args.out / "samples.jsonl"
    if not file.exists():
        file.write_bytes(b"".join(msgspec.json.encode(own) + b"\n" for own in sample(begin, args.samples)))
    _tune(args.out, begin, [msgspec.json.decode(line, type=Own) for line in file.read_bytes().splitlines()], args.by)


def sample(begin: Path, warm: int) -> list[Own]:
    """What the engine writes with an adapter for the pairs to train on: the surest sentence, then sampled."""
    model = catalogue.load()[catalogue.DEFAULT]
    train = [pair for pair in split(pairs())[0] if pair.task in TASKS]
    asked = [(pair, number) for pair in train for number in range(warm + 1)]
    with (
        serve(pull(model), adapter=begin) as endpoint,
        open_at(endpoint, model) as ask,
        ThreadPoolExecutor(SLOTS["pieces"]) as pool,
    ):
        said = pool.map(lambda one: _said(ask, *one), asked)
        found = {(pair.input, text): Own(pair, text) for (pair, _), text in zip(asked, said, strict=True)}
    return [own for own in found.values() if own.said and own.said != own.pair.target]


def _said(ask: Ask, pair: Pair, number: int) -> str:
    try:
        return ask(piece(pair.task, pair.input, seed=number, temperature=WARMTH if number else 0.0)).text.strip()
    except EmptyReply:
        return ""


def _tune(out: Path, begin: Path, found: Sequence[Own], by: str) -> None:
    torch.manual_seed(1)
    model, tokenizer = base()
    tuned = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=list(LAYERS)))
    set_peft_model_state_dict(tuned, {f"base_model.model.{name}": torch.tensor(w) for name, w in read(begin).items()})
    held = [encode(pair, tokenizer) for pair in split(pairs())[1] if pair.task in TASKS]
    print(f"develop loss {loss_of(tuned, held, BATCH):.3f} before", flush=True)
    weights = [weight for weight in tuned.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=RATE, betas=(0.9, 0.98))

    def written(own: Own) -> Example:
        return encode(msgspec.structs.replace(own.pair, target=own.said), tokenizer)

    if by == "own":
        losses = _own([written(own) for own in found if own.stands], tuned)
    else:
        losses = _preference([(encode(own.pair, tokenizer), written(own)) for own in found if not own.stands], tuned)
    total = []
    for number, loss in enumerate(losses, 1):
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        total.append(loss.item())
        if number % 20 == 0:
            print(f"  step {number}: {sum(total[-20:]) / 20:.3f}", flush=True)
    log = {
        "by": by,
        "own": sum(own.stands for own in found),
        "refused": sum(not own.stands for own in found),
        "develop": round(loss_of(tuned, held, BATCH), 4),
    }
    state = get_peft_model_state_dict(tuned, save_embedding_layers=False)
    save_file({name: weight.contiguous() for name, weight in state.items()}, out / "adapter.safetensors")
    (out / "log.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")
    print(json.dumps(log))


def _own(examples: Sequence[Example], model: PeftModel) -> Iterator[torch.Tensor]:
    """The loss of the model's own sound sentences, once each."""
    for batch in batches(examples, BATCH, random.Random(1)):
        losses, _ = token_losses(model, batch)
        yield losses.mean()


def _preference(found: Sequence[tuple[Example, Example]], model: PeftModel) -> Iterator[torch.Tensor]:
    """The loss of preferring, a pair of sentences once each."""
    with torch.no_grad():
        choices = [Choice(better, worse, float(_lead(model, [better, worse]))) for better, worse in found]
    random.Random(1).shuffle(choices)
    for start in range(0, len(choices), BATCH):
        some = choices[start : start + BATCH]
        leads = [_lead(model, [choice.better, choice.worse]) - choice.before for choice in some]
        yield -torch.nn.functional.logsigmoid(BETA * torch.stack(leads)).mean()


def _lead(model: PeftModel, two: Sequence[Example]) -> torch.Tensor:
    """By how much the log-probability of the first target is above the second's."""
    losses, rows = token_losses(model, two)
    second = torch.tensor(rows, dtype=torch.bool)
    return losses[second].sum() - losses[~second].sum()


if __name__ == "__main__":
    main()
