"""Pairs come in, a LoRA adapter goes out: `python -m training.tune --out DIR`, on two CPU cores.

The base is the GGUF that users have, dequantised, so that the adapter learns to sit on those very weights. Loss counts
on the target only. Training stops when the develop split gets no better; the best epoch is kept, not the last.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from pipeline.models import catalogue
from pipeline.models.fetch import pull
from pipeline.prompting import piece
from training.check import Pair
from training.split import pairs, split

LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What decides the outcome; the defaults are what the shipped adapter was tuned with."""

    rank: int = 16
    rate: float = 5e-4
    epochs: int = 2
    batch: int = 16
    pairs: int = 0
    tasks: str = ""
    seed: int = 1


def main() -> None:
    """Tune as the command line says; the adapter and log.json land in --out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    for name, default in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    args = vars(parser.parse_args())
    tune(args.pop("out"), Recipe(**args))


def tune(out: Path, recipe: Recipe) -> None:
    """Train by a recipe; every epoch's figures are logged, and the weights of the best one saved."""
    torch.manual_seed(recipe.seed)
    model, tokenizer = base()
    train, develop = split([pair for pair in pairs() if pair.task in (recipe.tasks or pair.task).split(",")])
    train = train[: recipe.pairs or None]
    examples, held = [encode(pair, tokenizer) for pair in train], [encode(pair, tokenizer) for pair in develop]
    by_task = {
        task: [one for one, pair in zip(held, develop, strict=True) if pair.task == task]
        for task in sorted({p.task for p in develop})
    }
    tuned = get_peft_model(
        model,
        LoraConfig(r=recipe.rank, lora_alpha=2 * recipe.rank, lora_dropout=0.0, target_modules=list(LAYERS)),
    )
    weights = [weight for weight in tuned.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.01)
    steps = recipe.epochs * math.ceil(len(examples) / recipe.batch)
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
    out.mkdir(parents=True, exist_ok=True)
    log: dict[str, Any] = {"recipe": asdict(recipe), "train": len(train), "develop": len(develop), "epochs": []}
    best = loss_of(tuned, held, recipe.batch)
    log["before"] = round(best, 4)
    print(f"{len(train)} pairs to train, {len(develop)} to develop; develop loss {best:.3f} before", flush=True)
    for epoch in range(1, recipe.epochs + 1):
        start, total, count, done = time.perf_counter(), 0.0, 0, 0
        for batch in batches(examples, recipe.batch, random.Random(recipe.seed * 1000 + epoch)):
            loss, tokens = forward(tuned, batch)
            (loss / tokens).backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            pace.step()
            optimizer.zero_grad()
            total, count, done = total + loss.item(), count + tokens, done + 1
            if done % 25 == 0:
                print(f"  step {done} of {steps}: {total / count:.3f}, {time.perf_counter() - start:.0f} s", flush=True)
        developed = loss_of(tuned, held, recipe.batch)
        seconds = time.perf_counter() - start
        log["epochs"].append(
            {
                "train": round(total / count, 4),
                "develop": round(developed, 4),
                "by task": {task: round(loss_of(tuned, own, recipe.batch), 3) for task, own in by_task.items()},
                "seconds": round(seconds),
            }
        )
        print(f"epoch {epoch}: train {total / count:.3f}, develop {developed:.3f}, {seconds:.0f} s", flush=True)
        if developed >= best:
            break
        best = developed
        save_file(
            {name: w.contiguous() for name, w in get_peft_model_state_dict(tuned, save_embedding_layers=False).items()},
            out / "adapter.safetensors",
        )
        (out / "log.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")
    (out / "log.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")


def base() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The embedded model's own weights, dequantised, and its tokenizer."""
    path = pull(catalogue.load()[catalogue.DEFAULT])
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    return model, tokenizer


def _pace(step: int, steps: int) -> float:
    """The learning rate's share at a step: fifteen to warm up, then a cosine down to a twentieth."""
    if step < 15:
        return (step + 1) / 15
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - 15) / max(1, steps - 15)))


Example = tuple[list[int], int]
"""Token ids of prompt and target, and how many of them are the prompt's."""


def head_of(pair: Pair) -> str:
    """What stands before the target: the engine's chat template around the prompt of the piece."""
    prompt = piece(pair.task, pair.input)
    talk = (("system", prompt.system), ("user", prompt.user))
    return "".join(f"<|im_start|>{who}\n{said}<|im_end|>\n" for who, said in talk) + "<|im_start|>assistant\n"


def encode(pair: Pair, tokenizer: PreTrainedTokenizerBase) -> Example:
    """A pair as the engine will show it, then the target and its end."""
    before = tokenizer.encode(head_of(pair), add_special_tokens=False)
    return [*before, *tokenizer.encode(f"{pair.target}<|im_end|>", add_special_tokens=False)], len(before)


def batches(examples: Sequence[Example], size: int, shuffle: random.Random) -> Iterator[list[Example]]:
    """All examples once, in batches of like length (padding costs as much as words), the batches in random order."""
    order = sorted(examples, key=lambda example: (len(example[0]), shuffle.random()))
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    shuffle.shuffle(groups)
    yield from groups


def forward(model: PeftModel, batch: Sequence[Example]) -> tuple[torch.Tensor, int]:
    """The summed loss of a batch's targets and their tokens."""
    losses, rows = token_losses(model, batch)
    return losses.sum(), len(rows)


def token_losses(model: PeftModel, batch: Sequence[Example]) -> tuple[torch.Tensor, list[int]]:
    """The loss of each token of a batch's targets, and the number of its example; nothing else is scored."""
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row, _ in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row, _ in batch])
    causal = model.get_base_model()
    hidden = causal.model(input_ids=ids, attention_mask=mask).last_hidden_state
    rows = [number for number, (row, head) in enumerate(batch) for _ in range(head, len(row))]
    places = [place for row, head in batch for place in range(head, len(row))]
    wanted = torch.tensor([row[place] for row, head in batch for place in range(head, len(row))])
    logits = causal.lm_head(hidden[rows, [place - 1 for place in places]])
    return torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="none"), rows


def loss_of(model: PeftModel, examples: Sequence[Example], size: int) -> float:
    """The mean loss per target token of examples that are not trained on."""
    with torch.no_grad():
        found = [forward(model, batch) for batch in batches(examples, size, random.Random(0))]
    return float(sum(loss.item() for loss, _ in found) / sum(tokens for _, tokens in found))


if __name__ == "__main__":
    main()
