"""Prints the parameters that the optimiser's tests compare with. Needs PyTorch only: python3 optimisers.py

Least squares on a 2×3 matrix and a vector of 2, in two groups (the vector is not decayed), five steps at falling rates.
"""

import math

import torch


def wave(*shape, phase):
    values = [math.sin(1.7 * index + phase) for index in range(math.prod(shape))]
    return torch.tensor(values).reshape(shape)


def run(make, clip=None):
    weight = wave(2, 3, phase=0.3).requires_grad_()
    bias = wave(2, phase=2.1).requires_grad_()
    inputs, wanted = wave(4, 3, phase=1.0), wave(4, 2, phase=4.0)
    optimiser = make([{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}])
    norms = []
    for step in range(5):
        for group in optimiser.param_groups:
            group["lr"] = 0.1 / (step + 1)
        optimiser.zero_grad()
        (inputs @ weight.t() + bias - wanted).square().sum().backward()
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_([weight, bias], clip).item())
        optimiser.step()
    return weight.flatten().tolist() + bias.tolist(), norms


if __name__ == "__main__":
    for name, make, clip in [
        ("sgd momentum", lambda g: torch.optim.SGD(g, lr=0.1, momentum=0.9), None),
        ("sgd nesterov", lambda g: torch.optim.SGD(g, lr=0.1, momentum=0.9, nesterov=True), None),
        ("sgd plain", lambda g: torch.optim.SGD(g, lr=0.1), None),
        ("sgd nesterov, clipped", lambda g: torch.optim.SGD(g, lr=0.1, momentum=0.9, nesterov=True), 1.0),
        ("adamw", lambda g: torch.optim.AdamW(g, lr=0.1, betas=(0.9, 0.999), eps=1e-8), None),
    ]:
        values, norms = run(make, clip)
        print(name, ", ".join(f"{value:.7}" for value in values))
        if norms:
            print("  norms", ", ".join(f"{norm:.7}" for norm in norms))
