"""Random inputs that are written before they are used, rounded to what is written: `name shape numbers`, one tensor a line."""

import torch

torch.set_default_dtype(torch.float64)
IGNORE = 255


def show(name, tensor):
    tensor = torch.as_tensor(tensor, dtype=torch.float64).detach()
    shape = "x".join(str(side) for side in tensor.shape) or "1"
    print(name, shape, " ".join(f"{value:.6g}" for value in tensor.flatten().tolist()))


def drawn(name, *shape, scale=2.0):
    tensor = (torch.randn(shape) * scale * 1e4).round() / 1e4
    show(name, tensor)
    return tensor


def labels(name, classes, absent, batch, height, width):
    """Random ids without class `absent`, a fifth of the pixels ignored."""
    ids = torch.randint(0, classes, (batch, height, width))
    ids[ids == absent] = (absent + 1) % classes
    ids[torch.rand(ids.shape) < 0.2] = IGNORE
    show(name, ids)
    return ids
