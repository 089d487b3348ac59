"""PyTorch's side of the methods' own modules and losses; the words are those of `methods.rs`."""

import torch
import torch.nn.functional as F
from torch import nn

import ogp_net


def perceptron(*widths):
    layers = []
    for inner, outer in zip(widths, widths[1:]):
        layers += [nn.Conv2d(inner, outer, 1), nn.GELU()]
    return nn.Sequential(*layers[:-1], nn.Sigmoid())


class Coefficients(nn.Module):
    """SMMCL's module of one level; the pair comes and goes along the channels."""

    def __init__(self, channels):
        super().__init__()
        self.spatial = perceptron(2 * channels, 2 * channels, 2 * channels, 1)
        self.channel = perceptron(4 * channels, 4 * channels, 4 * channels, channels)

    def forward(self, joined):
        first, second = joined.chunk(2, 1)
        pooled = torch.cat([F.adaptive_avg_pool2d(joined, 1), F.adaptive_max_pool2d(joined, 1)], 1)
        spatial, channel = self.spatial(joined), self.channel(pooled)
        update = lambda one, other: one + 0.5 * spatial * other + 0.5 * channel * other
        return torch.cat([update(first, second), update(second, first)], 1)


def mff(x, sensors, previous=None):
    """Modality-agnostic fusion of maps that lie one after the other, and of the map of the step before."""
    maps = x.unflatten(0, (sensors, -1))
    anchor = maps.mean(0)
    if previous is not None:
        anchor = (anchor + previous) / 2
    weights = F.cosine_similarity(maps.flatten(2), anchor.flatten(1)[None], dim=2)
    balanced = (maps * weights[:, :, None, None, None]).mean(0)
    with torch.no_grad():
        index = F.cosine_similarity(maps, balanced[None], dim=2).argmax(0)
    return balanced + maps.gather(0, index[None, :, None].expand(1, -1, maps.shape[2], -1, -1))[0]


def info_nce(anchors, others, classes, temperature=0.1):
    """All pairs at once; the diagonal is no pair."""
    same = classes[:, None] == classes[None]
    positive = same & ~torch.eye(len(classes), dtype=torch.bool, device=classes.device)
    r = (anchors @ others.T / temperature).exp()
    against = (r * ~same).sum(1, keepdim=True)
    losses = -(r / (r + against)).log() * positive
    return (losses.sum(1) / positive.sum(1).clamp(min=1)).mean()


class Attention(nn.Module):
    """AMDANet's step: attention with spatial reduction, then a projection of the sum; tokens lie channels last."""

    def __init__(self, channels, heads, reduction):
        super().__init__()
        self.heads, self.reduction = heads, reduction
        self.query, self.key_value = nn.Linear(channels, channels, bias=False), nn.Linear(channels, 2 * channels, bias=False)
        self.projection = nn.Linear(channels, channels)
        if reduction > 1:
            self.reduce = nn.Conv2d(channels, channels, reduction, reduction)
            self.norm = nn.LayerNorm(channels)

    def forward(self, asking, asked):
        tokens = lambda map_: map_.flatten(2).transpose(1, 2)
        split = lambda x: x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        query, source = tokens(asking), tokens(self.reduce(asked) if self.reduction > 1 else asked)
        key, value = self.key_value(self.norm(source) if self.reduction > 1 else source).chunk(2, 2)
        gathered = F.scaled_dot_product_attention(split(self.query(query)), split(key), split(value))
        return self.projection(gathered.transpose(1, 2).flatten(2) + query).transpose(1, 2).unflatten(2, asking.shape[2:])


class Fdam(nn.Module):
    """AMDANet's local and global alignment of one level; the pair comes along the channels.

    At the first level keys and values stand for `reduction` places of a side, at each deeper one for half of it."""

    def __init__(self, level, channels, reduction=8):
        super().__init__()
        most, reduction = [1, 2, 5, 8][level - 1], max(1, reduction >> (level - 1))
        heads = next(heads for heads in range(most, 0, -1) if channels % heads == 0)
        mlp = lambda inner, middle, outer: nn.Sequential(nn.Conv2d(inner, middle, 1), nn.ReLU(), nn.Conv2d(middle, outer, 1))
        self.gate = mlp(2 * channels, channels // 2, channels)
        self.channel = mlp(2 * channels, channels // 2, 2 * channels)
        self.spatial = mlp(4, 16, 2)
        self.steps = nn.ModuleList(Attention(channels, heads, reduction) for _ in range(4))
        self.output = nn.Conv2d(channels, channels, 1)

    def align(self, joined):
        x1, x2 = joined.chunk(2, 1)
        gate = self.gate(joined).sigmoid()
        pooled = self.channel(F.adaptive_avg_pool2d(joined, 1)) + self.channel(F.adaptive_max_pool2d(joined, 1))
        flat = [part for x in (x1, x2) for part in (x.mean(1, keepdim=True), x.amax(1, keepdim=True))]
        channel, spatial = pooled.sigmoid().chunk(2, 1), self.spatial(torch.cat(flat, 1)).sigmoid().chunk(2, 1)
        a1, a2 = (gate * (c * s) for c, s in zip(channel, spatial))
        y1, y2 = x1 + a1 * x2, x2 + a2 * x1
        return [(y * a - y).sigmoid() * y + y * a for y, a in ((y1, a1), (y2, a2))]

    def fuse(self, x1, x2):
        e1, e2 = self.steps[0](x1, x1), self.steps[1](x2, x2)
        return self.output(self.steps[3](e2, self.steps[2](e1, e2)))

    def forward(self, joined):
        return self.fuse(*self.align(joined))


def prepare(kind, sizes, mapping, losing, made_up_labels):
    """A pass of the part that the words say, by `mapping` or `losing` of `pytorch.py`; `None` where there is none."""
    if kind == "coefficients":
        batch, channels, height, width = sizes
        return mapping(torch.randn(batch, 2 * channels, height, width, requires_grad=True), Coefficients(channels))
    if kind == "contrast":
        batch, width, anchors, height, columns = sizes
        labels = made_up_labels(batch, height, columns)
        loss = lambda maps: ogp_net.contrast([F.normalize(maps, dim=1)], labels, anchors)
        return losing(torch.randn(2 * batch, width, height, columns, requires_grad=True), loss)
    if kind == "fdam":
        level, batch, channels, height, width = sizes
        return mapping(torch.randn(batch, 2 * channels, height, width, requires_grad=True), Fdam(level, channels))
    if kind == "multimodal":
        entries, pixels, width = sizes
        classes = torch.arange(entries).repeat_interleave(pixels) % 8

        def loss(maps):
            first, second = F.normalize(maps, dim=2)
            pairs = [(first, second), (first, first), (second, second)]
            return sum(info_nce(*pair, classes) for pair in pairs)

        return losing(torch.randn(2, entries * pixels, width, requires_grad=True), loss)
    return None
