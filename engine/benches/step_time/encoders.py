"""Encoders of papers whose sensors meet on the way or share a decoder, in plain PyTorch, under `pytorch.py`.

Each has `begin`, for what comes before the first of four `stages`; a stage is a sequence of parts, of which the first strides.
"""

import torch
import torch.nn.functional as F
from torch import nn


class MapNorm(nn.LayerNorm):
    """Layer norm over the channels of a map."""

    def forward(self, x):
        return super().forward(x.movedim(1, 3)).movedim(3, 1)


class MscanAttention(nn.Module):
    """SegNeXt Eqs. 1 and 2: a map weighs itself by 5x5 places and strips about them."""

    def __init__(self, width):
        super().__init__()
        spread = lambda rows, columns: nn.Conv2d(width, width, (rows, columns), padding=(rows // 2, columns // 2), groups=width)
        self.enter = nn.Sequential(nn.Conv2d(width, width, 1), nn.GELU())
        self.local = spread(5, 5)
        self.strips = nn.ModuleList(nn.Sequential(spread(1, size), spread(size, 1)) for size in (7, 11, 21))
        self.mix, self.leave = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x):
        entered = self.enter(x)
        local = self.local(entered)
        return self.leave(self.mix(local + sum(strip(local) for strip in self.strips)) * entered) + x


class MscanBlock(nn.Module):
    """Attention and a feed-forward part, each on a batch norm, scaled, beside a shortcut."""

    def __init__(self, width, expansion):
        super().__init__()
        inner = expansion * width
        self.attention = nn.Sequential(nn.BatchNorm2d(width), MscanAttention(width))
        self.feed = nn.Sequential(
            nn.BatchNorm2d(width), nn.Conv2d(width, inner, 1), nn.Conv2d(inner, inner, 3, padding=1, groups=inner), nn.GELU(), nn.Conv2d(inner, width, 1))
        self.scale1, self.scale2 = (nn.Parameter(torch.full([width], 1e-2)) for _ in range(2))

    def forward(self, x):
        x = x + self.scale1[:, None, None] * self.attention(x)
        return x + self.scale2[:, None, None] * self.feed(x)


class MscanB(nn.Module):
    """SegNeXt's MSCAN-B."""

    widths, depths, expansions = (64, 128, 320, 512), (3, 3, 12, 3), (8, 8, 4, 4)

    def __init__(self):
        super().__init__()
        half = self.widths[0] // 2
        enter = lambda inner, width: [nn.Conv2d(inner, width, 3, 2, 1), nn.BatchNorm2d(width)]
        self.begin = nn.Sequential(*enter(3, half), nn.GELU())
        plans = zip((half, *self.widths), self.widths, self.depths, self.expansions)
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Sequential(*enter(inner, width)), *(MscanBlock(width, expansion) for _ in range(depth)), MapNorm(width))
            for inner, width, depth, expansion in plans)


class Bottleneck(nn.Module):
    """The block of ResNets, with the stride in its 3x3 convolution."""

    def __init__(self, inner, width, stride):
        super().__init__()
        outer = 4 * width
        self.body = nn.Sequential(
            nn.Conv2d(inner, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, outer, 1, bias=False), nn.BatchNorm2d(outer))
        projects = stride > 1 or inner != outer
        self.beside = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer)) if projects else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.beside(x))


class ResNet50(nn.Module):
    """ResNet-50 without its classifier."""

    widths, depths = (256, 512, 1024, 2048), (3, 4, 6, 3)

    def __init__(self):
        super().__init__()
        self.begin = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        plans = zip((64, *self.widths), self.widths, self.depths, (1, 2, 2, 2))
        self.stages = nn.ModuleList(
            nn.Sequential(Bottleneck(inner, outer // 4, stride), *(Bottleneck(outer, outer // 4, 1) for _ in range(depth - 1)))
            for inner, outer, depth, stride in plans)
