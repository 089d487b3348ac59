"""Prints the constants of pretrained/golden.rs: whole encoders with weights that follow from the names of their releases.

Written from the papers in plain PyTorch; names are those of torchvision (ResNet) and of SegNeXt's release (MSCAN).
"""

import torch
import torch.nn.functional as F
from waves import wave


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def weights(name, *shape):
    """Numbers that look random and follow from the name; golden.rs makes the same."""
    count = torch.Size(shape).numel()
    at = torch.arange(count, dtype=torch.int64)
    unit = ((at * at % 10007 * 31 + at * 7919 + fnv1a(name) % 104729) % 2003).double() / 1001 - 1
    if len(shape) > 1:
        fan_in = torch.Size(shape[1:]).numel()
        unit = unit * (3 / fan_in) ** 0.5
    elif name.endswith("running_var"):
        unit = 1 + 0.5 * unit
    elif name.endswith("layer_scale_1") or name.endswith("layer_scale_2"):
        unit = 0.3 + 0.2 * unit
    elif name.endswith("weight"):
        unit = 0.7 + 0.3 * unit
    else:
        unit = 0.1 * unit
    return unit.float().reshape(shape)


def conv(x, name, output, kernel=1, stride=1, groups=1, dilation=1, bias=False):
    rows, columns = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    weight = weights(f"{name}.weight", output, x.shape[1] // groups, rows, columns)
    padding = (dilation * (rows - 1) // 2, dilation * (columns - 1) // 2)
    offset = weights(f"{name}.bias", output) if bias else None
    return F.conv2d(x, weight, offset, stride, padding, dilation, groups)


def norm(x, name):
    parts = [weights(f"{name}.{part}", x.shape[1]) for part in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(x, *parts, training=False)


def resnet(x, depths, dilated):
    maps = [F.relu(norm(conv(x, "conv1", 64, 7, 2), "bn1"))]
    x = F.max_pool2d(maps[0], 3, 2, 1)
    for stage, depth in enumerate(depths):
        inner = 64 << stage
        for block in range(depth):
            name = f"layer{stage + 1}.{block}"
            stride = 2 if stage and not block and not (dilated and stage == 3) else 1
            dilation = 2 if dilated and stage == 3 and block else 1
            beside = x
            if not block:
                beside = norm(conv(x, f"{name}.downsample.0", 4 * inner, 1, stride), f"{name}.downsample.1")
            y = F.relu(norm(conv(x, f"{name}.conv1", inner), f"{name}.bn1"))
            y = F.relu(norm(conv(y, f"{name}.conv2", inner, 3, stride, dilation=dilation), f"{name}.bn2"))
            x = F.relu(norm(conv(y, f"{name}.conv3", 4 * inner), f"{name}.bn3") + beside)
        maps.append(x)
    return maps


def mscan(x, widths, depths, expansions):
    maps = []
    for level, (width, depth, expansion) in enumerate(zip(widths, depths, expansions), 1):
        embed = f"patch_embed{level}"
        if level == 1:
            x = F.gelu(norm(conv(x, f"{embed}.proj.0", width // 2, 3, 2, bias=True), f"{embed}.proj.1"))
            x = norm(conv(x, f"{embed}.proj.3", width, 3, 2, bias=True), f"{embed}.proj.4")
        else:
            x = norm(conv(x, f"{embed}.proj", width, 3, 2, bias=True), f"{embed}.norm")
        for block in range(depth):
            name = f"block{level}.{block}"

            def places(x, part, kernel):
                path = f"{name}.attn.spatial_gating_unit.{part}"
                return conv(x, path, width, kernel, groups=width, bias=True)

            y = norm(x, f"{name}.norm1")
            entered = F.gelu(conv(y, f"{name}.attn.proj_1", width, bias=True))
            local = places(entered, "conv0", 5)
            total = local
            for branch, size in enumerate((7, 11, 21)):
                row = places(local, f"conv{branch}_1", (1, size))
                total = total + places(row, f"conv{branch}_2", (size, 1))
            gate = conv(total, f"{name}.attn.spatial_gating_unit.conv3", width, bias=True)
            y = conv(gate * entered, f"{name}.attn.proj_2", width, bias=True) + y
            x = x + weights(f"{name}.layer_scale_1", width).reshape(1, -1, 1, 1) * y
            y = conv(norm(x, f"{name}.norm2"), f"{name}.mlp.fc1", expansion * width, bias=True)
            y = F.gelu(conv(y, f"{name}.mlp.dwconv.dwconv", y.shape[1], 3, groups=y.shape[1], bias=True))
            y = conv(y, f"{name}.mlp.fc2", width, bias=True)
            x = x + weights(f"{name}.layer_scale_2", width).reshape(1, -1, 1, 1) * y
        gamma, beta = weights(f"norm{level}.weight", width), weights(f"norm{level}.bias", width)
        x = F.layer_norm(x.permute(0, 2, 3, 1), (width,), gamma, beta, 1e-5).permute(0, 3, 1, 2)
        maps.append(x)
    return maps


def show(name, run):
    """Seven numbers of every stage, and of the image's gradient of a weighed sum of the last."""
    image = wave((1, 3, 64, 80), 0.4).requires_grad_()
    maps = run(image)
    (maps[-1] * wave(maps[-1].shape, 0.3)).sum().backward()
    rows = []
    for tensor in [*maps, image.grad]:
        flat = tensor.detach().flatten()
        rows.append("[" + ", ".join(f"{flat[k * (len(flat) - 1) // 6].item():#.6g}" for k in range(7)) + "]")
    print(name, ", ".join(rows))


show("resnet-50", lambda image: resnet(image, (3, 4, 6, 3), False))
show("resnet-50 dilated", lambda image: resnet(image, (3, 4, 6, 3), True))
show("resnet-101", lambda image: resnet(image, (3, 4, 23, 3), False))
show("mscan-b", lambda image: mscan(image, (64, 128, 320, 512), (3, 3, 12, 3), (8, 8, 4, 4)))
