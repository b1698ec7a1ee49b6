"""A tuned adapter comes in, a GGUF that the engine loads over the base goes out: `python -m training.export DIR FILE`.

A GGUF of the architecture "llama" keeps the rows of the query and key projections in another order than transformers,
for the rotary embedding; so must an adapter's.
"""

import re
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[np.float32]
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""The layers' names in transformers and in a GGUF."""
HEADS = {"attn_q": 9, "attn_k": 3}
"""Attention heads of SmolLM2-135M, by layer."""
WEIGHT = re.compile(r"layers\.(\d+)\.(\w+\.\w+)\.lora_([AB])\.weight")
ALPHA = 2
"""The adapter's scale: alpha by rank, as tune.py sets it."""


def export(folder: Path, out: Path) -> None:
    """Write the adapter of a folder: A as Q8_0, B as F16, for a row of B is shorter than a block of Q8_0."""
    writer = GGUFWriter(out, "llama")
    writer.add_type("adapter")
    writer.add_name("tactful pieces")
    writer.add_license("Apache-2.0")
    writer.add_string("adapter.type", "lora")
    rank = 0
    for key, weight in sorted(load_file(folder / "adapter.safetensors").items()):
        found = WEIGHT.search(key)
        if not found:
            raise ValueError(f"{key}: no weight of a LoRA adapter on the known layers")
        number, layer, side = found.groups()
        name = f"blk.{number}.{NAMES[layer]}.weight.lora_{side.lower()}"
        if side == "A":
            rank, kind = len(weight), GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quantize(weight.astype(np.float32), kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, _for_engine(weight, NAMES[layer]).astype(np.float16))
    writer.add_float32("adapter.lora.alpha", float(ALPHA * rank))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(path: Path) -> dict[str, Array]:
    """The weights of an exported adapter by the names that transformers has for them."""
    layers = {engine: ours for ours, engine in NAMES.items()}
    found = {}
    for tensor in GGUFReader(path).tensors:
        _, number, layer, _, side = tensor.name.split(".")
        weight = dequantize(tensor.data, tensor.tensor_type)
        weight = _from_engine(weight, layer) if side == "lora_b" else weight
        found[f"model.layers.{number}.{layers[layer]}.lora_{side[-1].upper()}.weight"] = weight
    return found


def _for_engine(weight: Array, layer: str) -> Array:
    if layer not in HEADS:
        return weight
    rows, columns = weight.shape
    return weight.reshape(HEADS[layer], 2, -1, columns).swapaxes(1, 2).reshape(rows, columns)


def _from_engine(weight: Array, layer: str) -> Array:
    if layer not in HEADS:
        return weight
    rows, columns = weight.shape
    return weight.reshape(HEADS[layer], -1, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main() -> None:
    """Export, and say what came of it: the catalogue's table takes size and hash from here."""
    folder, out = map(Path, sys.argv[1:3])
    export(folder, out)
    data = out.read_bytes()
    print(f"{out}: {len(data)} bytes, SHA-256 {sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
