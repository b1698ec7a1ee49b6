"""A tuned adapter comes in, a GGUF that the engine loads beside the base goes out: `python -m training.export DIR FILE`."""

import re
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize
from safetensors.numpy import load_file

NAMES = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
"""The layers' names here and in a GGUF of the architecture "llama"."""
HEADS = {"q_proj": 9, "k_proj": 3}
"""Attention heads of SmolLM2-135M: GGUF keeps the rows of each in another order for the rotary embedding."""
WEIGHT = re.compile(r"layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.weight")
ALPHA = 2
"""The adapter's scale: alpha by rank, as tune.py sets it."""


def export(folder: Path, out: Path) -> None:
    """Write the adapter: A as Q8_0, B as F16, for a row of B is shorter than a block of Q8_0."""
    writer = GGUFWriter(out, "llama")
    writer.add_type("adapter")
    writer.add_name("tactful pieces")
    writer.add_license("Apache-2.0")
    writer.add_string("adapter.type", "lora")
    rank = 0
    for key, weight in load_file(folder / "adapter.safetensors").items():
        found = WEIGHT.search(key)
        if not found:
            raise ValueError(f"{key}: no weight of a LoRA adapter on the known layers")
        number, layer, side = found.groups()
        name = f"blk.{number}.{NAMES[layer]}.weight.lora_{side.lower()}"
        if side == "A":
            rank = len(weight)
            kind = GGMLQuantizationType.Q8_0
            packed = quantize(weight.astype(np.float32), kind)
            writer.add_tensor(name, packed, raw_dtype=kind)
        else:
            writer.add_tensor(name, _rotary(weight, HEADS.get(layer)).astype(np.float16))
    writer.add_float32("adapter.lora.alpha", float(ALPHA * rank))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _rotary(weight: np.ndarray, heads: int | None) -> np.ndarray:
    """Rows in the order in which GGUF keeps those of the query and key projections; other layers as they are."""
    if not heads:
        return weight
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main() -> None:
    """Export, and say what came of it: the catalogue's table takes size and hash from here."""
    folder, out = map(Path, sys.argv[1:3])
    export(folder, out)
    data = out.read_bytes()
    print(f"{out}: {len(data)} bytes, SHA-256 {sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
