"""SegFormer-B0 with Any2Seg's fusion in plain PyTorch, under `pytorch.py`: one encoder and head for all sensors, whose logits
are fused by MFF with the map of the step before."""

import torch
import torch.nn.functional as F
from torch import nn

from methods import mff

HEADS, REDUCTIONS = (1, 2, 5, 8), (8, 4, 2, 1)
B0, B2, B4 = ((32, 64, 160, 256), (2, 2, 2, 2)), ((64, 128, 320, 512), (3, 4, 6, 3)), ((64, 128, 320, 512), (3, 8, 27, 3))
CHANNELS = 256


class Block(nn.Module):
    """Attention with spatial reduction, then a feed-forward part with a depth-wise convolution; tokens lie channels last."""

    def __init__(self, width, heads, reduction):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))
        self.query, self.key_value, self.projection = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        if reduction > 1:
            self.reduce, self.reduced_norm = nn.Conv2d(width, width, reduction, reduction), nn.LayerNorm(width)
        self.reduction = reduction
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.depth_wise = nn.Conv2d(4 * width, 4 * width, 3, padding=1, groups=4 * width)

    def attend(self, x, size):
        split = lambda t: t.unflatten(2, (self.heads, -1)).transpose(1, 2)
        source = x
        if self.reduction > 1:
            source = self.reduced_norm(self.reduce(x.transpose(1, 2).unflatten(2, size)).flatten(2).transpose(1, 2))
        key, value = self.key_value(source).chunk(2, 2)
        met = F.scaled_dot_product_attention(split(self.query(x)), split(key), split(value))
        return self.projection(met.transpose(1, 2).flatten(2))

    def feed(self, x, size):
        x = self.depth_wise(self.widen(x).transpose(1, 2).unflatten(2, size))
        return self.narrow(F.gelu(x.flatten(2).transpose(1, 2)))

    def forward(self, x, size):
        x = x + self.attend(self.norm1(x), size)
        return x + self.feed(self.norm2(x), size)


class Patches(nn.Module):
    """Overlapping patches, a norm."""

    def __init__(self, inner, width, first):
        super().__init__()
        self.patches = nn.Conv2d(inner, width, 7, 4, 3) if first else nn.Conv2d(inner, width, 3, 2, 1)
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        x = self.patches(x)
        return self.norm(x.flatten(2).transpose(1, 2)).transpose(1, 2).unflatten(2, x.shape[2:])


class Blocks(nn.Module):
    """Blocks, a norm."""

    def __init__(self, width, depth, heads, reduction):
        super().__init__()
        self.blocks, self.norm = nn.ModuleList(Block(width, heads, reduction) for _ in range(depth)), nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        size = x.shape[2:]
        x = x.flatten(2).transpose(1, 2)
        for block in self.blocks:
            x = block(x, size)
        return self.norm(x).transpose(1, 2).unflatten(2, size)


class Mit(nn.Module):
    """A Mix Transformer; maps between its parts are tokens that lie channels last."""

    def __init__(self, widths, depths):
        super().__init__()
        self.begin = nn.Identity()
        plans = zip((3, *widths), widths, depths, HEADS, REDUCTIONS)
        self.stages = nn.ModuleList(nn.Sequential(Patches(inner, plan[0], inner == 3), Blocks(*plan)) for inner, *plan in plans)

    def forward(self, x):
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels


class SegFormerMff(nn.Module):
    def __init__(self, classes, widths, depths):
        super().__init__()
        self.encoder = Mit(widths, depths)
        self.embeds = nn.ModuleList(nn.Linear(width, CHANNELS) for width in widths)
        self.fuse = nn.Sequential(nn.Conv2d(4 * CHANNELS, CHANNELS, 1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU())
        self.head = nn.Conv2d(CHANNELS, classes, 1)
        self.previous = None

    def forward(self, images):
        levels = self.encoder(torch.cat(images))
        size = levels[0].shape[2:]
        maps = [embed(level.flatten(2).transpose(1, 2)).transpose(1, 2).unflatten(2, level.shape[2:]) for embed, level in zip(self.embeds, levels)]
        maps = [F.interpolate(map_, size, mode="bilinear", align_corners=False) for map_ in maps[::-1]]
        logits = self.head(self.fuse(torch.cat(maps, 1)))
        fused = mff(logits, len(images), self.previous)
        self.previous = fused.detach()
        return F.interpolate(fused, images[0].shape[2:], mode="bilinear", align_corners=False)


class Taught:
    """Cross-entropy on the fused logits."""

    def __init__(self, plan, classes, compiled):
        self.trained = SegFormerMff(classes, *plan)
        self.network = torch.compile(self.trained) if compiled else self.trained

    def loss(self, images, labels):
        return F.cross_entropy(self.network(images), labels, ignore_index=255)
