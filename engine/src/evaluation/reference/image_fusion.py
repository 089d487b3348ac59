"""Prints what `image_fusion.rs` is compared with: EN, SD, SF and SCD of three cases. python3 image_fusion.py > image_fusion.txt

Written from the definitions, with PyTorch's own histogram, deviation and correlation.
"""

import torch

torch.set_default_dtype(torch.float64)


def drawn(seed, height, width, levels):
    state, values = seed, []
    for _ in range(height * width):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state * levels // 2**31)
    return torch.tensor(values).double().reshape(height, width)


def figures(fused, first, second):
    share = torch.histc(fused, 256, -0.5, 255.5) / fused.numel()
    entropy = torch.special.entr(share).sum() / torch.log(torch.tensor(2.0))
    across, down = fused.diff(dim=1), fused.diff(dim=0)
    frequency = (across.square().mean() + down.square().mean()).sqrt()
    corr = lambda a, b: torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]
    return entropy, fused.std(correction=0), frequency, corr(first, fused - second) + corr(second, fused - first)


for case, size in enumerate([(7, 5, 256), (12, 9, 40), (3, 20, 200)]):
    print(*(f"{figure.item():.12g}" for figure in figures(*(drawn(10 * case + index, *size) for index in (1, 2, 3)))))
