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


def info_nce(anchors, others, classes, temperature=0.1):
    """All pairs at once; the diagonal is no pair."""
    same = classes[:, None] == classes[None]
    positive = same & ~torch.eye(len(classes), dtype=torch.bool, device=classes.device)
    r = (anchors @ others.T / temperature).exp()
    against = (r * ~same).sum(1, keepdim=True)
    losses = -(r / (r + against)).log() * positive
    return (losses.sum(1) / positive.sum(1).clamp(min=1)).mean()


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
    if kind == "multimodal":
        entries, pixels, width = sizes
        classes = torch.arange(entries).repeat_interleave(pixels) % 8

        def loss(maps):
            first, second = F.normalize(maps, dim=2)
            pairs = [(first, second), (first, first), (second, second)]
            return sum(info_nce(*pair, classes) for pair in pairs)

        return losing(torch.randn(2, entries * pixels, width, requires_grad=True), loss)
    return None
