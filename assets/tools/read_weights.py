"""Reads a network that `fusionscope export RUN --out model.safetensors` wrote into PyTorch; needs nothing but torch.

    python3 read_weights.py model.safetensors

Names say where a parameter stands: `encoder.level1.block0.attention.query.weight`, `decoder.head.bias`. A second sensor's own
copy has `copy1` before the last word. Norms get PyTorch's words here; shapes are PyTorch's already.
"""

import json
import sys

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}
NORMS = {"gamma": "weight", "beta": "bias", "running_variance": "running_var"}


def read(path):
    """The tensors by name, and the card: recipe, sensors, normalisations, classes."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    card = json.loads(header.pop("__metadata__", {}).get("fusionscope", "{}"))
    weights = {}
    for name, entry in header.items():
        module, _, leaf = name.rpartition(".")
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(data[start:end], dtype=TYPES[entry["dtype"]]) if end > start else torch.empty(0)
        weights[f"{module}.{NORMS.get(leaf, leaf)}"] = flat.reshape(entry["shape"]).float()
    return weights, card


if __name__ == "__main__":
    for name, tensor in read(sys.argv[1])[0].items():
        print(name, "x".join(map(str, tensor.shape)), tensor.double().abs().sum().item())
