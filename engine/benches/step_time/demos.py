"""The networks and losses of the demo presets in plain PyTorch, under `pytorch.py`: all but OGP-Net's, which is in `ogp_net.py`.

Each class has the network as `trained` and a `loss(images, labels)`. Encoders are the engine's nano, one a sensor or shared.
"""

import torch
import torch.nn.functional as F
from torch import nn

import methods
import ogp_net

WIDTHS, CHANNELS, IGNORE = ogp_net.Nano.widths[1:], 32, 255


def resized(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


def encode(encoders, images, inside=lambda level, maps: maps, after=lambda level, maps: maps):
    """Levels of all sensors, `[level][sensor]`, and what each was before the sensors met after it."""
    maps = [F.relu(encoder.stem_norm(encoder.stem(image))) for encoder, image in zip(encoders, images)]
    levels, raw = [], []
    for level in range(4):
        for index, block in enumerate(encoders[0].stages[level]):
            maps = [encoder.stages[level][index](map_) for encoder, map_ in zip(encoders, maps)]
            if index == 0:
                maps = inside(level, maps)
        raw.append(maps)
        maps = after(level, maps)
        levels.append(maps)
    return levels, raw


def nanos(count):
    return nn.ModuleList(ogp_net.Nano(1) for _ in range(count))


def deeplab():
    return ogp_net.Decoder(WIDTHS[3], WIDTHS[0], CHANNELS, 16, [2, 4, 6])


def cross_entropy(logits, labels):
    return F.cross_entropy(logits, labels, ignore_index=IGNORE)


class Averaging(nn.Module):
    """A branch a sensor, the mean of their scores beside them; of one sensor the branch alone."""

    def __init__(self, sensors, classes, shared_decoder=False):
        super().__init__()
        copies = 1 if shared_decoder else sensors
        self.encoders = nanos(sensors)
        self.decoders = nn.ModuleList(deeplab() for _ in range(copies))
        self.heads = nn.ModuleList(nn.Conv2d(CHANNELS, classes, 1) for _ in range(copies))

    def forward(self, images):
        levels, _ = encode(self.encoders, images)
        if len(self.decoders) == 1:
            decoded = list(self.decoders[0](torch.cat(levels[0]), torch.cat(levels[3])).chunk(len(images)))
            scores = [self.heads[0](map_) for map_ in decoded]
        else:
            decoded = [decoder(skip, deep) for decoder, skip, deep in zip(self.decoders, levels[0], levels[3])]
            scores = [head(map_) for head, map_ in zip(self.heads, decoded)]
        if len(scores) > 1:
            scores = [sum(scores) / len(scores), *scores]
        return [resized(score, images[0].shape[2:]) for score in scores], decoded


class Plain:
    """`single-demo` and `baseline-demo`: cross-entropy and Dice on every head."""

    def __init__(self, sensors, classes, compiled):
        self.trained = Averaging(sensors, classes)
        self.network = torch.compile(self.trained) if compiled else self.trained

    def loss(self, images, labels):
        return sum(ogp_net.segmentation(head, labels) for head in self.network(images)[0])


class SharedMff(nn.Module):
    """One branch for any number of sensors, whose scores are fused by MFF."""

    def __init__(self, classes):
        super().__init__()
        self.encoder, self.decoder, self.head = nanos(1), deeplab(), nn.Conv2d(CHANNELS, classes, 1)
        self.previous = None

    def forward(self, images):
        levels, _ = encode(self.encoder, [torch.cat(images)])
        fused = methods.mff(self.head(self.decoder(levels[0][0], levels[3][0])), len(images), self.previous)
        self.previous = fused.detach()
        return fused


class Any2Seg:
    """`any2seg-demo`: cross-entropy, and the likeness of classes that a language model sees (Any2Seg section 3.2)."""

    def __init__(self, sensors, classes, compiled):
        self.trained = SharedMff(classes)
        self.network = torch.compile(self.trained) if compiled else self.trained
        self.names = F.normalize(torch.randn(classes, 64), dim=1) @ F.normalize(torch.randn(classes, 64), dim=1).T

    def loss(self, images, labels):
        fused = resized(self.network(images), labels.shape[1:])
        present = labels.unique()
        present = present[present != IGNORE]
        means = F.normalize(torch.stack([fused.permute(0, 2, 3, 1)[labels == k].mean(0) for k in present]), dim=1)
        likeness = F.kl_div((means @ means.T).log_softmax(1), self.names[present][:, present].softmax(1), reduction="batchmean")
        return cross_entropy(fused, labels) + likeness


class Projector(nn.Sequential):
    def __init__(self, channels, width):
        square = lambda: [nn.Conv2d(channels, channels, 1), nn.GELU(), nn.BatchNorm2d(channels)]
        super().__init__(*square(), *square(), nn.Conv2d(channels, width, 1))


class Coefficients(nn.Module):
    """SMMCL's network: coefficient modules after every level, 1x1 fusion of the levels that the decoder reads."""

    def __init__(self, classes):
        super().__init__()
        self.encoders, self.decoder, self.head = nanos(2), deeplab(), nn.Conv2d(CHANNELS, classes, 1)
        self.coefficients = nn.ModuleList(methods.Coefficients(width) for width in WIDTHS)
        self.fusion = nn.ModuleList(nn.Conv2d(2 * WIDTHS[level], WIDTHS[level], 1) for level in (0, 3))
        self.projectors = nn.ModuleList(Projector(WIDTHS[3], 32) for _ in range(2))

    def forward(self, images):
        meet = lambda level, maps: list(self.coefficients[level](torch.cat(maps, 1)).chunk(2, 1))
        levels, raw = encode(self.encoders, images, after=meet)
        skip, deep = (fusion(torch.cat(levels[level], 1)) for fusion, level in zip(self.fusion, (0, 3)))
        logits = resized(self.head(self.decoder(skip, deep)), images[0].shape[2:])
        return logits, [projector(map_) for projector, map_ in zip(self.projectors, raw[3])]


class Smmcl:
    """`smmcl-demo`: cross-entropy, and contrast across both sensors and within each."""

    def __init__(self, sensors, classes, compiled):
        self.trained = Coefficients(classes)
        self.network = torch.compile(self.trained) if compiled else self.trained

    def loss(self, images, labels):
        logits, projected = self.network(images)
        small = F.interpolate(labels[:, None].float(), projected[0].shape[2:])[:, 0].long().flatten(1)
        entries = [(k, (own == k).nonzero()[:, 0] + image * own.numel()) for image, own in enumerate(small) for k in own.unique().tolist() if k != IGNORE]
        entries = [(k, places) for k, places in entries if len(places) >= 2]
        n = min(len(places) for _, places in entries)
        classes = torch.tensor([k for k, _ in entries for _ in range(n)], device=labels.device)
        drawn = lambda: torch.cat([places[torch.randperm(len(places))[:n]] for _, places in entries])
        first, second = (F.normalize(map_.permute(0, 2, 3, 1).flatten(0, 2)[drawn()], dim=1) for map_ in projected)
        pairs = [(first, second), (first, first), (second, second)]
        return cross_entropy(logits, labels) + sum(methods.info_nce(*pair, classes) for pair in pairs)


class Sci(nn.Module):
    """AMDANet section 3.1; the gate is open for samples whose mean cosine lies below the threshold."""

    def __init__(self, width):
        super().__init__()
        self.mask = nn.Sequential(nn.Conv2d(2 * width, width, 1), nn.ReLU(), nn.Conv2d(width, 1, 1), nn.Sigmoid())
        self.strength = nn.Parameter(torch.full([1], 0.5))

    def forward(self, visible, infrared):
        similarity = F.cosine_similarity(visible.detach(), infrared.detach(), dim=1).mean((1, 2))
        gate = (0.1 * similarity < 0.4).float().amax()
        change = (visible - infrared) * self.mask(torch.cat([infrared, visible], 1)) * self.strength * gate
        return [visible - change, infrared + change]


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeds = nn.ModuleList(nn.Conv2d(width, CHANNELS, 1) for width in WIDTHS)
        self.fuse = nn.Sequential(nn.Conv2d(4 * CHANNELS, CHANNELS, 1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU())

    def forward(self, levels):
        maps = [resized(embed(level), levels[0].shape[2:]) for embed, level in zip(self.embeds, levels)]
        return self.fuse(torch.cat(maps[::-1], 1))


class FusionImage(nn.Module):
    def __init__(self, channels):
        super().__init__()
        point = lambda inner, kernel: nn.Sequential(nn.Conv2d(inner, channels, kernel, padding=kernel // 2), nn.BatchNorm2d(channels, 1e-2, 1e-2), nn.ReLU())
        self.points = nn.ModuleList(point(width, 1) for width in [*WIDTHS, *WIDTHS])
        self.join, self.output = point(8 * channels + 6, 3), nn.Conv2d(channels, 3, 1)

    def forward(self, levels, images):
        maps = [map_ for sensor in range(2) for map_ in (level[sensor] for level in levels)]
        joined = [resized(point(map_), images[0].shape[2:]) for point, map_ in zip(self.points, maps)]
        return self.output(self.join(torch.cat([*joined, *images], 1))).sigmoid()


class Aligned(nn.Module):
    """AMDANet's network on nano encoders."""

    def __init__(self, classes):
        super().__init__()
        self.encoders, self.decoder, self.head, self.picture = nanos(2), Mlp(), nn.Conv2d(CHANNELS, classes, 1), FusionImage(4)
        self.sci = nn.ModuleList(Sci(width) for width in WIDTHS)
        self.fdam = nn.ModuleList(methods.Fdam(level + 1, width, reduction=4) for level, width in enumerate(WIDTHS))

    def forward(self, images):
        inside = lambda level, maps: self.sci[level](*maps)
        levels, _ = encode(self.encoders, images, inside)
        levels = [self.fdam[level].align(torch.cat(maps, 1)) for level, maps in enumerate(levels)]
        fused = [self.fdam[level].fuse(*maps) for level, maps in enumerate(levels)]
        read = lambda maps: resized(self.head(self.decoder(maps)), images[0].shape[2:])
        masked = lambda map_: map_ * (torch.rand_like(map_) < 0.5)
        logits, picture = read(fused), self.picture(levels, images)
        if torch.rand(()) < 0.5:
            return logits, read([masked(map_) for map_ in fused]), picture, picture
        return logits, logits, picture, self.picture([[masked(map_) for map_ in maps] for maps in levels], images)


class Amdanet:
    """`amdanet-demo`: segmentation, consistency of the masked pass, and the losses of the fusion image."""

    def __init__(self, sensors, classes, compiled):
        self.trained = Aligned(classes)
        self.network = torch.compile(self.trained) if compiled else self.trained
        across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        self.kernels = [kernel.repeat(3, 1, 1, 1) for kernel in (across, -across.T)]

    def of_picture(self, picture, visible, infrared):
        bright = visible.clamp(0, 1) ** 0.8
        loss = 0.5 * F.l1_loss(picture, torch.maximum(bright, infrared))
        for kernel in self.kernels:
            slope = lambda x: F.conv2d(x, kernel, padding=1, groups=3)
            loss = loss + 0.5 * F.l1_loss(slope(picture), torch.maximum(slope(bright), slope(infrared)))
        chrominance = lambda x: torch.stack([x[:, 0], x[:, 2]], 1) - torch.einsum("bchw,c->bhw", x, x.new_tensor([0.299, 0.587, 0.114]))[:, None]
        return loss + F.l1_loss(chrominance(picture), chrominance(bright))

    def loss(self, images, labels):
        logits, second, picture, masked = self.network(images)
        loss = ogp_net.segmentation(logits, labels) + ogp_net.segmentation(second, labels)
        return loss + self.of_picture(picture, *images) + self.of_picture(masked, *images)


class CrossSpectral:
    """`cross-spectral-uda-demo`, stage 1: supervision of both heads, masked mutual learning, prototypes."""

    def __init__(self, sensors, classes, compiled):
        self.trained = Averaging(2, classes, shared_decoder=True)
        self.network = torch.compile(self.trained) if compiled else self.trained
        self.prototypes = torch.zeros(classes, CHANNELS)

    def mutual(self, colour, thermal, labels):
        losses = [F.cross_entropy(z, labels, ignore_index=IGNORE, reduction="none").detach()[:, None] for z in (colour, thermal)]
        inter = torch.cat([-loss for loss in losses], 1).softmax(1).chunk(2, 1)
        masks = [a * 2 * (1 - loss.sigmoid()) for a, loss in zip(inter, losses)]
        kl = lambda student, target: F.kl_div(student.log_softmax(1), target.detach().softmax(1), reduction="none").sum(1)
        each = [kl(colour * masks[1], thermal * masks[1]), kl(thermal * masks[0], colour * masks[0])]
        return sum(one[labels != IGNORE].mean() for one in each)

    def prototypical(self, decoded, heads, labels):
        small = F.interpolate(labels[:, None].float(), decoded[0].shape[2:])
        truth = F.one_hot(small[:, 0].long().clamp(max=len(self.prototypes) - 1), len(self.prototypes)).permute(0, 3, 1, 2) * (small != IGNORE)
        with torch.no_grad():
            means = []
            for map_, logits in zip(decoded, heads):
                chosen = truth * F.interpolate((logits.softmax(1).amax(1, keepdim=True) > 0.8).float(), map_.shape[2:])
                means.append(torch.einsum("bkhw,bchw->kc", chosen, map_) / chosen.sum((0, 2, 3)).clamp(min=1)[:, None])
            self.prototypes = 0.9 * self.prototypes + 0.1 * sum(means) / len(means)
        vectors = F.normalize(self.prototypes, dim=1)
        cosines = [torch.einsum("bchw,kc->bkhw", F.normalize(map_, dim=1), vectors) for map_ in decoded]
        return sum(cross_entropy(F.interpolate(cosine, labels.shape[1:]) / 0.1, labels) for cosine in cosines)

    def loss(self, images, labels):
        (_, *heads), decoded = self.network(images)
        loss = sum(cross_entropy(head, labels) for head in heads) + self.mutual(*heads, labels)
        return loss + self.prototypical(decoded, heads, labels)


TAUGHT = {
    "single-demo": Plain, "baseline-demo": Plain, "any2seg-demo": Any2Seg, "smmcl-demo": Smmcl, "amdanet-demo": Amdanet,
    "cross-spectral-uda-demo": CrossSpectral,
}
SENSORS = {"single-demo": 1, "any2seg-demo": 4}
