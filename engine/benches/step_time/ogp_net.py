"""OGP-Net and its student losses in plain PyTorch: the peer of the engine's own, asked by `pytorch.py`.

The network and the losses are those of the engine's student phase (shared convolutions, batch norms per sensor, channel
and spatial exchange, two DeepLabV3+ decoders, GSU, auxiliary head, relation and feature distillation from a frozen
one-sensor teacher, pixel contrast within a stage). Written for comparison, idiomatic rather than tuned.
"""

import torch
import torch.nn.functional as F
from torch import nn

SENSORS = 2


class Norms(nn.Module):
    """One batch norm a sensor over a tensor whose batch axis stacks the sensors."""

    def __init__(self, channels, sensors, eps, momentum):
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels, eps, momentum) for _ in range(sensors))

    def forward(self, x):
        return torch.cat([norm(part) for norm, part in zip(self.norms, x.chunk(len(self.norms)))])


def exchange_channels(x, norms, threshold=0.02):
    """OGP-Net's channel exchange: a channel with a small scale takes the other sensor's values."""
    if len(norms.norms) != 2:
        return x
    first, second = x.chunk(2)
    keep = [(norm.weight.detach().abs() >= threshold).float().view(1, -1, 1, 1) for norm in norms.norms]
    return torch.cat([keep[0] * first + (1 - keep[0]) * second, keep[1] * second + (1 - keep[1]) * first])


def exchange_columns(x, sensors):
    """OGP-Net Eq. 2: odd columns change places."""
    if sensors != 2:
        return x
    first, second = x.chunk(2)
    mask = (torch.arange(x.shape[-1]) % 2).float()
    return torch.cat([(1 - mask) * first + mask * second, (1 - mask) * second + mask * first])


class SameConv(nn.Conv2d):
    """TensorFlow's SAME padding."""

    def forward(self, x):
        pads = []
        for size, kernel, stride, dilation in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], self.dilation[::-1]):
            total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class SqueezeExcite(nn.Module):
    """A gate per channel from the channel means."""

    def __init__(self, channels, squeezed):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.expand(F.silu(self.reduce(x.mean((2, 3), keepdim=True)))))


class InvertedResidual(nn.Module):
    """MBConv; with squeeze-and-excitation in EfficientNet, without it in EfficientNet-Lite."""

    def __init__(self, inner, outer, kernel, stride, dilation, expand, squeezes, activation, sensors):
        super().__init__()
        hidden = inner * expand
        norm = lambda channels: Norms(channels, sensors, 1e-3, 0.01)
        self.expand = nn.Sequential(nn.Conv2d(inner, hidden, 1, bias=False), norm(hidden), activation()) if expand > 1 else nn.Identity()
        self.depthwise = SameConv(hidden, hidden, kernel, stride, dilation=dilation, groups=hidden, bias=False)
        self.depthwise_norm, self.activation = norm(hidden), activation()
        self.excite = SqueezeExcite(hidden, max(1, inner // 4)) if squeezes else nn.Identity()
        self.project = nn.Sequential(nn.Conv2d(hidden, outer, 1, bias=False), norm(outer))
        self.residual = stride == 1 and inner == outer

    def forward(self, x):
        y = self.depthwise_norm(self.depthwise(self.expand(x)))
        y = self.project(self.excite(self.activation(exchange_channels(y, self.depthwise_norm))))
        return x + y if self.residual else y


class EfficientNet(nn.Module):
    """Seven runs of blocks (repeats, kernel, stride, expansion, width), cut into five stages, the last one dilated."""

    def __init__(self, sensors):
        super().__init__()
        self.sensors = sensors
        inner = self.widths[0]
        self.stem = nn.Sequential(SameConv(3, inner, 3, 2, bias=False), Norms(inner, sensors, 1e-3, 0.01), self.activation())
        groups = []
        for index, (repeats, kernel, stride, expand, outer) in enumerate(self.runs):
            blocks = []
            for block in range(repeats):
                dilated = index >= 5
                step = stride if block == 0 and not dilated else 1
                blocks.append(InvertedResidual(inner, outer, kernel, step, 2 if dilated else 1, expand, self.squeezes, self.activation, sensors))
                inner = outer
            groups.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList([nn.Sequential(groups[0], groups[1]), groups[2], nn.Sequential(groups[3], groups[4]), nn.Sequential(groups[5], groups[6])])

    def forward(self, x):
        features = [self.stem(x)]
        for index, stage in enumerate(self.stages):
            x = stage(features[-1])
            features.append(exchange_columns(x, self.sensors) if index >= 2 else x)
        return features


class Lite0(EfficientNet):
    """EfficientNet-Lite0."""

    widths, activation, squeezes = [32, 24, 40, 112, 320], nn.ReLU6, False
    runs = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]


class B3(EfficientNet):
    """EfficientNet-B3."""

    widths, activation, squeezes = [40, 32, 48, 136, 384], nn.SiLU, True
    runs = [(2, 3, 1, 1, 24), (3, 3, 2, 6, 32), (3, 5, 2, 6, 48), (5, 3, 2, 6, 96), (5, 5, 1, 6, 136), (6, 5, 2, 6, 232), (2, 3, 1, 6, 384)]


class NanoBlock(nn.Module):
    """A full 3x3 convolution and a 1x1 projection, each normalised per sensor."""

    def __init__(self, inner, outer, stride, dilation, sensors):
        super().__init__()
        self.spread = SameConv(inner, outer, 3, stride, dilation=dilation, bias=False)
        self.spread_norm, self.project_norm = (Norms(outer, sensors, 1e-5, 0.1) for _ in range(2))
        self.project = nn.Conv2d(outer, outer, 1, bias=False)
        self.residual = stride == 1 and inner == outer

    def forward(self, x):
        y = F.relu(exchange_channels(self.spread_norm(self.spread(x)), self.spread_norm))
        y = self.project_norm(self.project(y))
        return F.relu(x + y if self.residual else y)


class Nano(nn.Module):
    """The engine's demonstration encoder."""

    widths = [16, 24, 32, 48, 64]

    def __init__(self, sensors):
        super().__init__()
        self.sensors = sensors
        self.stem, self.stem_norm = SameConv(3, 16, 3, 2, bias=False), Norms(16, sensors, 1e-5, 0.1)
        block = lambda *shape: NanoBlock(*shape, sensors)
        self.stages = nn.ModuleList([
            nn.Sequential(block(16, 24, 2, 1)),
            nn.Sequential(block(24, 32, 2, 1), block(32, 32, 1, 1)),
            nn.Sequential(block(32, 48, 2, 1), block(48, 48, 1, 1)),
            nn.Sequential(block(48, 64, 1, 2), block(64, 64, 1, 2))])

    def begin(self, x):
        return F.relu(exchange_channels(self.stem_norm(self.stem(x)), self.stem_norm))

    def forward(self, x):
        features = [self.begin(x)]
        for index, stage in enumerate(self.stages):
            x = stage(features[-1])
            features.append(exchange_columns(x, self.sensors) if index >= 2 else x)
        return features


def separable(inner, outer, dilation=1):
    return nn.Sequential(
        nn.Conv2d(inner, inner, 3, padding=dilation, dilation=dilation, groups=inner, bias=False),
        nn.Conv2d(inner, outer, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())


class PoolNorm(nn.BatchNorm2d):
    """Batch norm that takes a lone number a channel, which is what pooling leaves of one image."""

    def forward(self, x):
        if self.training and x.numel() == x.shape[1]:
            # Its variance is 0, where `torch.compile` would divide by the count less one.
            return (x - x.mean(0, keepdim=True)) / self.eps**0.5 * self.weight[:, None, None] + self.bias[:, None, None]
        return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, self.training, self.momentum, self.eps, True)


class Decoder(nn.Module):
    """DeepLabV3+."""

    def __init__(self, deep, skip, channels, skip_channels, rates):
        super().__init__()
        point = lambda inner, outer: nn.Sequential(nn.Conv2d(inner, outer, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU())
        self.branches = nn.ModuleList([point(deep, channels)] + [separable(deep, channels, rate) for rate in rates])
        self.pool = nn.Sequential(nn.Conv2d(deep, channels, 1, bias=False), PoolNorm(channels), nn.ReLU())
        self.project = point(channels * (len(rates) + 2), channels)
        self.after = separable(channels, channels)
        self.skip = point(skip, skip_channels)
        self.fuse = separable(channels + skip_channels, channels)

    def forward(self, skip, deep):
        pooled = self.pool(deep.mean((2, 3), keepdim=True)).expand(-1, -1, *deep.shape[2:])
        y = self.after(self.project(torch.cat([branch(deep) for branch in self.branches] + [pooled], 1)))
        y = F.interpolate(y, skip.shape[2:], mode="bilinear", align_corners=False)
        return self.fuse(torch.cat([y, self.skip(skip)], 1))


class Gsu(nn.Module):
    """OGP-Net Eqs. 7 to 11."""

    def __init__(self, channels, classes):
        super().__init__()
        self.views = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(3))
        self.gates = nn.ModuleList(nn.Conv2d(3 * channels, channels, 1) for _ in range(3))
        self.head = nn.Conv2d(channels, classes, 1)

    def forward(self, optical, infrared):
        parts = [infrared, optical, infrared + optical]
        joined = torch.cat(parts, 1)
        return self.head(sum(torch.sigmoid(gate(joined)) * torch.tanh(view(part)) for gate, view, part in zip(self.gates, self.views, parts)))


class OgpNet(nn.Module):
    def __init__(self, encoder, sensors, classes, channels, skip_channels, rates, contrast_stages, contrast_width):
        super().__init__()
        self.encoder, self.sensors, self.contrast_stages = encoder(sensors), sensors, contrast_stages
        widths = encoder.widths
        self.decoders = nn.ModuleList(Decoder(widths[4], widths[1], channels, skip_channels, rates) for _ in range(sensors))
        self.heads = nn.ModuleList(nn.Conv2d(channels, classes, 1) for _ in range(sensors))
        self.auxiliary = nn.Conv2d(widths[3], classes, 1)
        if sensors == 2:
            self.gsu = Gsu(channels, classes)
            self.adapters = nn.ModuleList(nn.Conv2d(widths[stage - 1], contrast_width, 1) for stage in contrast_stages)
            self.projection = nn.Sequential(
                nn.Conv2d(contrast_width, contrast_width, 1, bias=False), nn.BatchNorm2d(contrast_width), nn.ReLU(), nn.Conv2d(contrast_width, contrast_width, 1))

    def forward(self, images):
        size = images[0].shape[2:]
        up = lambda x: F.interpolate(x, size, mode="bilinear", align_corners=False)
        stages = self.encoder(torch.cat(images))
        per_sensor = [stage.chunk(self.sensors) for stage in stages]
        decoded = [decoder(per_sensor[1][index], per_sensor[4][index]) for index, decoder in enumerate(self.decoders)]
        heads = [up(head(map_)) for head, map_ in zip(self.heads, decoded)]
        if self.sensors == 2:
            heads.insert(0, up(self.gsu(decoded[0], decoded[1])))
        embeddings = []
        if self.sensors == 2 and self.training:
            embeddings = [F.normalize(self.projection(adapter(stages[stage - 1])), dim=1) for adapter, stage in zip(self.adapters, self.contrast_stages)]
        auxiliary = [self.auxiliary(map_) for map_ in per_sensor[3]]
        return heads, auxiliary, [per_sensor[3][0], per_sensor[4][0], decoded[0]], embeddings


def segmentation(logits, labels, weight=1):
    """Cross-entropy plus multi-class Dice, which has the weight."""
    classes = logits.shape[1]
    valid = (labels != 255).unsqueeze(1)
    truth = F.one_hot(labels.clamp(max=classes - 1), classes).permute(0, 3, 1, 2) * valid
    probability = logits.softmax(1) * valid
    overlap, total = (probability * truth).sum((0, 2, 3)), (probability + truth).sum((0, 2, 3))
    dice = (1 - 2 * overlap / total.clamp(min=1e-7)) * (truth.sum((0, 2, 3)) > 0)
    return F.cross_entropy(logits, labels, ignore_index=255) + weight * dice.mean()


def relation(student, teacher):
    """DIST."""
    rows = [x.softmax(1).permute(0, 2, 3, 1).flatten(0, 2) for x in (student, teacher)]
    correlate = lambda a, b: F.cosine_similarity(a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True), eps=1e-8).mean()
    return 2 - correlate(*rows) - correlate(rows[0].T, rows[1].T)


def contrast(embeddings, labels, anchors, temperature=0.1, fraction=0.1):
    """Semi-hard InfoNCE over anchors drawn from both sensors."""
    total = 0
    for map_ in embeddings:
        small = F.interpolate(labels[:, None].float(), map_.shape[2:], mode="nearest")[:, 0].long()
        ids = torch.cat([small] * SENSORS).flatten()
        chosen = torch.randperm(ids.numel())[:anchors]
        points, ids = map_.permute(0, 2, 3, 1).flatten(0, 2)[chosen], ids[chosen]
        cosine = points @ points.T
        same = ids[:, None] == ids[None]
        positive, negative = same & ~torch.eye(len(ids), dtype=torch.bool), ~same
        keep = min(max(1, int(fraction * anchors)), len(ids))
        hard_negative = cosine.detach().masked_fill(~negative, -9).topk(keep, 1).values[:, -1:]
        hard_positive = cosine.detach().masked_fill(~positive, 9).topk(keep, 1, largest=False).values[:, -1:]
        negative = negative & (cosine.detach() >= hard_negative)
        positive = positive & (cosine.detach() <= hard_positive)
        r = (cosine / temperature).exp()
        against = (r * negative).sum(1, keepdim=True)
        loss = -(r / (r + against)).log() * positive
        total = total + (loss.sum(1) / positive.sum(1).clamp(min=1)).mean()
    return total / len(embeddings)


def settings(family):
    """The arguments of `OgpNet` and the number of contrasted pixels, as the engine's recipes have them."""
    if family == "nano":
        return dict(encoder=Nano, channels=32, skip_channels=16, rates=[2, 4, 6], contrast_stages=[4, 5], contrast_width=32), 128
    encoder = dict(zip(["efficientnet-lite0", "efficientnet-b3"], [Lite0, B3]))[family]
    return dict(encoder=encoder, channels=256, skip_channels=48, rates=[12, 24, 36], contrast_stages=[2, 3, 4, 5], contrast_width=256), 1024


def objective(output, taught, labels, anchors):
    """The sum that a student minimises."""
    (heads, auxiliary, maps, embeddings), (taught_heads, _, taught_maps, _) = output, taught
    small = labels[:, ::16, ::16]
    loss = sum(segmentation(head, labels) for head in heads)
    loss = loss + sum(segmentation(map_, small[:, : map_.shape[2], : map_.shape[3]]) for map_ in auxiliary) / len(auxiliary)
    loss = loss + relation(heads[1], taught_heads[0]) + sum(F.mse_loss(a, b) for a, b in zip(maps, taught_maps)) / len(maps)
    return loss + contrast(embeddings, labels, anchors)


class Taught:
    """The student with all its losses, and its frozen teacher of one sensor."""

    def __init__(self, family, classes, compiled):
        shape, self.anchors = settings(family)
        build = lambda sensors: OgpNet(sensors=sensors, classes=classes, **shape)
        self.trained, self.teacher = build(SENSORS), build(1).eval()
        self.network = self.trained
        if compiled:
            self.network, self.teacher = torch.compile(self.network), torch.compile(self.teacher)

    def loss(self, images, labels):
        output = self.network(images)
        with torch.no_grad():
            taught = self.teacher(images[:1])
        return objective(output, taught, labels, self.anchors)
