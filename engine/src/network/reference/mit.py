"""Prints the constants of encoders/mit/tests.rs, decoders/mlp.rs and pretrained/tests.rs: SegFormer's encoder and head, written
from the paper in PyTorch under the parameter names of the release; the encoders' weights follow from those names.

    python3 mit.py
"""

import torch
import torch.nn.functional as F
from torch import nn
from waves import inputs, report, wave

REDUCTIONS = (8, 4, 2, 1)
PLANS = {
    "nano": ((16, 32, 64, 128), (1, 1, 1, 1), (1, 2, 4, 8)),
    "b0": ((32, 64, 160, 256), (2, 2, 2, 2), (1, 2, 5, 8)),
    "b2": ((64, 128, 320, 512), (3, 4, 6, 3), (1, 2, 5, 8)),
    "b4": ((64, 128, 320, 512), (3, 8, 27, 3), (1, 2, 5, 8)),
}


def named_weights(module):
    """Values that follow from a parameter's name and shape: waves, scaled down by the root of the fan-in."""
    for name, parameter in module.named_parameters():
        values = wave(parameter.shape, sum(name.encode()) % 97 / 10)
        if parameter.dim() > 1:
            values = values / (parameter.numel() / parameter.shape[0]) ** 0.5
        elif name.endswith("weight"):
            values = 1 + 0.5 * values
        else:
            values = 0.1 * values
        parameter.data = values


class Patches(nn.Module):
    def __init__(self, input, width, kernel, stride):
        super().__init__()
        self.proj = nn.Conv2d(input, width, kernel, stride, kernel // 2)
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        x = self.proj(x)
        return self.norm(x.flatten(2).transpose(1, 2)), x.shape[2:]


class Attention(nn.Module):
    def __init__(self, width, heads, reduction):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)
        if reduction > 1:
            self.sr = nn.Conv2d(width, width, reduction, reduction)
            self.norm = nn.LayerNorm(width)

    def forward(self, x, size):
        batch, places, width = x.shape
        split = lambda t: t.reshape(batch, -1, self.heads, width // self.heads).transpose(1, 2)
        source = x
        if hasattr(self, "sr"):
            source = self.norm(self.sr(x.transpose(1, 2).reshape(batch, width, *size)).flatten(2).transpose(1, 2))
        key, value = self.kv(source).split(width, 2)
        met = F.scaled_dot_product_attention(split(self.q(x)), split(key), split(value))
        return self.proj(met.transpose(1, 2).reshape(batch, places, width))


class DepthWise(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 3, 1, 1, groups=width)


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.dwconv = DepthWise(4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x, size):
        x = self.fc1(x)
        batch, _, width = x.shape
        x = self.dwconv.dwconv(x.transpose(1, 2).reshape(batch, width, *size))
        return self.fc2(F.gelu(x.flatten(2).transpose(1, 2)))


class Block(nn.Module):
    def __init__(self, width, heads, reduction):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, reduction)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = FeedForward(width)

    def forward(self, x, size):
        x = x + self.attn(self.norm1(x), size)
        return x + self.mlp(self.norm2(x), size)


class Mit(nn.Module):
    def __init__(self, plan):
        super().__init__()
        widths, depths, heads = PLANS[plan]
        for level in range(4):
            patches = Patches(3, widths[0], 7, 4) if level == 0 else Patches(widths[level - 1], widths[level], 3, 2)
            blocks = [Block(widths[level], heads[level], REDUCTIONS[level]) for _ in range(depths[level])]
            setattr(self, f"patch_embed{level + 1}", patches)
            setattr(self, f"block{level + 1}", nn.ModuleList(blocks))
            setattr(self, f"norm{level + 1}", nn.LayerNorm(widths[level], eps=1e-6))

    def forward(self, x):
        levels = []
        for level in range(1, 5):
            x, size = getattr(self, f"patch_embed{level}")(x)
            for block in getattr(self, f"block{level}"):
                x = block(x, size)
            x = getattr(self, f"norm{level}")(x)
            x = x.transpose(1, 2).reshape(x.shape[0], -1, *size)
            levels.append(x)
        return levels


class Embed(nn.Module):
    def __init__(self, width, channels):
        super().__init__()
        self.proj = nn.Linear(width, channels)


class Fuse(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(4 * channels, channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(channels)


class Head(nn.Module):
    """The all-MLP head, resized before it is joined as in the paper."""

    def __init__(self, widths, channels, classes):
        super().__init__()
        for level, width in enumerate(widths):
            setattr(self, f"linear_c{level + 1}", Embed(width, channels))
        self.linear_fuse = Fuse(channels)
        self.linear_pred = nn.Conv2d(channels, classes, 1)

    def forward(self, levels):
        size = levels[0].shape[2:]
        maps = []
        for level in (4, 3, 2, 1):
            x = levels[level - 1]
            x = getattr(self, f"linear_c{level}").proj(x.flatten(2).transpose(1, 2)).transpose(1, 2)
            x = x.reshape(x.shape[0], -1, *levels[level - 1].shape[2:])
            maps.append(F.interpolate(x, size=size, mode="bilinear", align_corners=False))
        x = F.relu(self.linear_fuse.bn(self.linear_fuse.conv(torch.cat(maps, 1))))
        return self.linear_pred(x)


def numbers(name, values):
    print(name, "[" + ", ".join(f"{value:.6g}" for value in values) + "]")


def along(tensor, offset):
    return (tensor.detach().double() * wave(tensor.shape, offset).double()).sum().item()


if __name__ == "__main__":
    for plan in PLANS:
        mit = Mit(plan)
        print(plan, sum(parameter.numel() for parameter in mit.parameters()))
        if plan == "b2":
            for channels in (256, 512, 768):
                head = Head(PLANS[plan][0], channels, 25)
                print("head", channels, sum(parameter.numel() for parameter in head.parameters()))

    for plan, size in (("nano", (65, 96)), ("b0", (33, 64))):
        mit = Mit(plan)
        named_weights(mit)
        image = wave((2, 3, *size), 0.2).requires_grad_()
        levels = mit(image)
        sum((level * wave(level.shape, 0.3 + k)).sum() for k, level in enumerate(levels)).backward()
        print(plan)
        numbers("outputs along a wave", [along(level, 0.4) for level in levels])
        numbers("outputs, mean size", [level.abs().mean().item() for level in levels])
        numbers("outputs, one place", [level[1, 5, -1, 1].item() for level in levels])
        numbers("image's gradient along a wave, and its mean size", [along(image.grad, 0.6), image.grad.abs().mean().item()])
        for name, parameter in mit.named_parameters():
            if name in (
                "patch_embed1.proj.weight",
                "block1.0.attn.sr.weight",
                "block2.0.attn.kv.weight",
                "block3.0.mlp.dwconv.dwconv.weight",
                "block4.0.norm2.weight",
            ):
                print(f'("{name}", {along(parameter.grad, 0.6):.6g}),')

    head = Head((2, 1, 2, 1), 8, 2)
    for index, parameter in enumerate(head.parameters()):
        parameter.data = wave(parameter.shape, 1 + 0.5 * index)
    levels = inputs((2, 2, 2, 3), (2, 1, 1, 2), (2, 2, 1, 1), (2, 1, 1, 1))
    report("head", [head(levels)], levels, list(head.parameters()))
