"""Engine and training framework say the same with the shipped adapter. Needs the extra `train`: `poe parity`."""

from difflib import SequenceMatcher
from pathlib import Path

import pytest
import torch

from pipeline.domain import Ask
from pipeline.errors import EmptyReply
from pipeline.models import catalogue
from pipeline.models.client import open_at
from pipeline.models.fetch import adapter, pull
from pipeline.models.serving import serve
from pipeline.prompting import piece
from training.check import Pair
from training.export import read
from training.split import pairs, split
from training.tune import base, head_of

pytestmark = pytest.mark.train
MODEL = catalogue.load()[catalogue.DEFAULT]
SOME = [pair for pair in split(pairs())[1] if pair.task in ("hook", "soften", "who")][:12]


def engine_says(file: Path | None) -> list[str]:
    """The engine's surest sentences."""
    with serve(pull(MODEL), adapter=file) as endpoint, open_at(endpoint, MODEL) as ask:
        return [_asked(ask, pair) for pair in SOME]


def _asked(ask: Ask, pair: Pair) -> str:
    """One sentence; nothing where the model does not come to an end."""
    try:
        return ask(piece(pair.task, pair.input)).text.strip()
    except EmptyReply:
        return ""


def framework_says(weights: dict) -> list[str]:
    """The same from transformers, the adapter's weights added to the base's."""
    model, tokenizer = base()
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, b in weights.items():
            if ".lora_B." in name:
                a = weights[name.replace(".lora_B.", ".lora_A.")]
                own[name.replace(".lora_B.weight", ".weight")] += 2 * torch.tensor(b @ a)
    return [_greedy(model, tokenizer, pair) for pair in SOME]


def _greedy(model, tokenizer, pair: Pair) -> str:
    ids = torch.tensor([tokenizer.encode(head_of(pair), add_special_tokens=False)])
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    made = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=72, do_sample=False, eos_token_id=end
    )
    return tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True).strip()


def alike(one: list[str], other: list[str]) -> float:
    """How alike two lists of sentences are, 0 to 1, by their words."""
    shares = [SequenceMatcher(None, a.split(), b.split()).ratio() for a, b in zip(one, other, strict=True)]
    return sum(shares) / len(shares)


def test_engine_and_framework_agree() -> None:
    """With the exported adapter both write nearly the same; without it the engine writes something else."""
    file = adapter(MODEL)
    assert file
    tuned = framework_says(read(file))
    assert alike(engine_says(file), tuned) > 0.8
    assert alike(engine_says(None), tuned) < 0.5
