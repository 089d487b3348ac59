"""Decoders of papers beside DeepLabV3+ and SegFormer's in plain PyTorch, under `pytorch.py`."""

import torch
import torch.nn.functional as F
from torch import nn


class Hamburger(nn.Module):
    """SegNeXt's light Hamburger head: a matrix factorisation, unrolled, between two 1x1 convolutions, beside a shortcut."""

    def __init__(self, widths, channels, rank=64, steps=6):
        super().__init__()
        point = lambda inner: nn.Sequential(nn.Conv2d(inner, channels, 1, bias=False), nn.GroupNorm(32, channels))
        self.squeeze, self.leave, self.align = point(sum(widths)), point(channels), point(channels)
        self.enter = nn.Conv2d(channels, channels, 1)
        self.rank, self.steps = rank, steps

    def factored(self, x):
        """A map, not negative, as random bases make it up after some multiplicative updates."""
        flat = x.flatten(2)
        bases = F.normalize(torch.rand(*flat.shape[:2], self.rank, device=x.device), dim=1)
        shared = lambda shares, bases: shares * (flat.mT @ bases) / (shares @ (bases.mT @ bases) + 1e-6)
        shares = (flat.mT @ bases).softmax(2)
        for _ in range(self.steps):
            shares = shared(shares, bases)
            bases = bases * (flat @ shares) / (bases @ (shares.mT @ shares) + 1e-6)
        return (bases @ shared(shares, bases).mT).unflatten(2, x.shape[2:])

    def forward(self, *levels):
        maps = [levels[0], *(F.interpolate(level, levels[0].shape[2:], mode="bilinear", align_corners=False) for level in levels[1:])]
        x = F.relu(self.squeeze(torch.cat(maps, 1)))
        x = F.relu(x + self.leave(self.factored(F.relu(self.enter(x)))))
        return F.relu(self.align(x))


class TransBottleneck(nn.Module):
    """A block that keeps its input's shape, or doubles the sides and changes the channels."""

    def __init__(self, inner, outer, doubles):
        super().__init__()
        double = lambda inner: nn.ConvTranspose2d(inner, outer, 2, 2, bias=False)
        conv = lambda inner, kernel: nn.Conv2d(inner, outer, kernel, padding=kernel // 2, bias=False)
        norm = lambda: nn.BatchNorm2d(outer)
        self.body = nn.Sequential(
            conv(inner, 1), norm(), nn.ReLU(), conv(outer, 3), norm(), nn.ReLU(), double(outer) if doubles else conv(outer, 3), norm())
        self.beside = nn.Sequential(double(inner), norm()) if doubles else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.beside(x))


def rtfnet(*widths):
    """Stages of RTFNet's decoder, each from one of these widths to the next at twice the size."""
    stages = [[TransBottleneck(inner, inner, False), TransBottleneck(inner, outer, True)] for inner, outer in zip(widths, widths[1:])]
    return nn.Sequential(*sum(stages, []))
