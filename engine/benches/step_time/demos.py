"""The networks and losses of the methods in plain PyTorch, under `pytorch.py`, and the demo presets made of them: all but
OGP-Net's, which is in `ogp_net.py`. `paper.py` makes the same of larger parts.

What is taught has the network as `trained` and a `loss(images, labels)`. Encoders of demos are the engine's nano, one a sensor or
shared.
"""

import random

import torch
import torch.nn.functional as F
from torch import nn

import methods
import ogp_net

WIDTHS, CHANNELS, IGNORE = ogp_net.Nano.widths[1:], 32, 255


class Taught:
    """A network that learns, and the same as it is run; each method adds its `loss`."""

    def __init__(self, trained, compiled):
        self.trained = trained
        self.network = torch.compile(trained) if compiled else trained


def resized(x, size):
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="bilinear", align_corners=False)


def encode(encoders, images, inside=lambda level, maps: maps, after=lambda level, maps: maps):
    """Levels of all sensors, `[level][sensor]`, and what each was before the sensors met after it."""
    maps = [encoder.begin(image) for encoder, image in zip(encoders, images)]
    levels, raw = [], []
    for level in range(4):
        for index in range(len(encoders[0].stages[level])):
            maps = [encoder.stages[level][index](map_) for encoder, map_ in zip(encoders, maps)]
            if index == 0:
                maps = inside(level, maps)
        raw.append(maps)
        maps = after(level, maps)
        levels.append(maps)
    return levels, raw


def nanos(count):
    return [ogp_net.Nano(1) for _ in range(count)]


def deeplab():
    return ogp_net.Decoder(WIDTHS[3], WIDTHS[0], CHANNELS, 16, [2, 4, 6])


def classifier(classes):
    return nn.Conv2d(CHANNELS, classes, 1)


def cross_entropy(logits, labels):
    return F.cross_entropy(logits, labels, ignore_index=IGNORE)


class Averaging(nn.Module):
    """A branch a sensor, the mean of their scores beside them; of one sensor the branch alone.

    A lone decoder takes all sensors as one batch; one that is there once for each takes them in turn."""

    def __init__(self, encoders, decoders, heads, reads=(0, 3)):
        super().__init__()
        self.encoders, self.decoders, self.heads = map(nn.ModuleList, (encoders, decoders, heads))
        self.reads = reads

    def forward(self, images):
        levels, _ = encode(self.encoders, images)
        read = [levels[level] for level in self.reads]
        if len(self.decoders) == 1:
            decoded = list(self.decoders[0](*(torch.cat(maps) for maps in read)).chunk(len(images)))
            scores = [self.heads[0](map_) for map_ in decoded]
        else:
            decoded = [decoder(*maps) for decoder, *maps in zip(self.decoders, *read)]
            scores = [head(map_) for head, map_ in zip(self.heads, decoded)]
        if len(scores) > 1:
            scores = [sum(scores) / len(scores), *scores]
        return [resized(score, images[0].shape[2:]) for score in scores], decoded


class Plain(Taught):
    """A single sensor's, and the baseline's: cross-entropy and Dice on every head."""

    def loss(self, images, labels):
        return sum(ogp_net.segmentation(head, labels) for head in self.network(images)[0])


class SharedMff(nn.Module):
    """One branch for any number of sensors, whose scores are fused by MFF."""

    def __init__(self, classes):
        super().__init__()
        self.encoder, self.decoder, self.head = ogp_net.Nano(1), deeplab(), classifier(classes)
        self.previous = None

    def forward(self, images):
        levels, _ = encode([self.encoder], [torch.cat(images)])
        fused = methods.mff(self.head(self.decoder(levels[0][0], levels[3][0])), len(images), self.previous)
        self.previous = fused.detach()
        return fused


class Any2Seg(Taught):
    """Any2Seg: cross-entropy, and the likeness of classes that a language model sees (section 3.2)."""

    def __init__(self, trained, compiled):
        super().__init__(trained, compiled)
        classes = trained.head.out_channels
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

    def __init__(self, encoders, widths, decoder, head, reads, embedding):
        super().__init__()
        self.encoders, self.decoder, self.head, self.reads = nn.ModuleList(encoders), decoder, head, reads
        self.coefficients = nn.ModuleList(methods.Coefficients(width) for width in widths)
        self.fusion = nn.ModuleList(nn.Conv2d(2 * widths[level], widths[level], 1) for level in reads)
        self.projectors = nn.ModuleList(Projector(widths[3], embedding) for _ in range(2))

    def forward(self, images):
        meet = lambda level, maps: list(self.coefficients[level](torch.cat(maps, 1)).chunk(2, 1))
        levels, raw = encode(self.encoders, images, after=meet)
        fused = [fusion(torch.cat(levels[level], 1)) for fusion, level in zip(self.fusion, self.reads)]
        logits = resized(self.head(self.decoder(*fused)), images[0].shape[2:])
        return logits, [projector(map_) for projector, map_ in zip(self.projectors, raw[3])]


class Smmcl(Taught):
    """SMMCL: cross-entropy, and contrast across both sensors and within each.

    As many pixels are drawn of each class in an image as the smallest of these has that are no smaller than `smallest`."""

    def __init__(self, trained, compiled, smallest):
        super().__init__(trained, compiled)
        self.smallest = smallest

    def contrast(self, projected, labels):
        small = F.interpolate(labels[:, None].float(), projected[0].shape[2:])[:, 0].long().flatten(1)
        entries = [(k, (own == k).nonzero()[:, 0] + image * own.numel()) for image, own in enumerate(small) for k in own.unique().tolist() if k != IGNORE]
        entries = [(k, places) for k, places in entries if len(places) >= self.smallest]
        if not entries:
            return 0
        n = max(1, min(*(len(places) for _, places in entries), 300, 4800 // len(entries)))
        device = projected[0].device
        classes = torch.tensor([k for k, _ in entries for _ in range(n)], device=device)
        drawn = lambda: torch.cat([places[torch.randperm(len(places), device="cpu")[:n]] for _, places in entries]).to(device)
        first, second = (F.normalize(map_.permute(0, 2, 3, 1).flatten(0, 2)[drawn()], dim=1) for map_ in projected)
        pairs = [(first, second), (first, first), (second, second)]
        return sum(methods.info_nce(*pair, classes) for pair in pairs)

    def loss(self, images, labels):
        # Pixels are drawn on the host: behind the network, its copy would wait for the device.
        host = labels.cpu()
        logits, projected = self.network(images)
        return cross_entropy(logits, labels) + 0.05 * self.contrast(projected, host)


class Sci(nn.Module):
    """AMDANet section 3.1; the gate is open for samples whose mean cosine lies below the threshold.

    In the authors' code it is open for all where a tenth of any one's lies below, and the strength stays as it is."""

    def __init__(self, width, as_coded):
        super().__init__()
        self.as_coded = as_coded
        self.mask = nn.Sequential(nn.Conv2d(2 * width, width, 1), nn.ReLU(), nn.Conv2d(width, 1, 1), nn.Sigmoid())
        self.strength = nn.Parameter(torch.full([1], 0.5))

    def forward(self, visible, infrared):
        similarity = F.cosine_similarity(visible.detach(), infrared.detach(), dim=1).mean((1, 2))
        gate = (0.1 * similarity < 0.4).float().amax() if self.as_coded else (similarity < 0.4).float()[:, None, None, None]
        strength = self.strength.detach() if self.as_coded else self.strength
        change = (visible - infrared) * (self.mask(torch.cat([infrared, visible], 1)) * strength * gate)
        return [visible - change, infrared + change]


class Mlp(nn.Module):
    """SegFormer's head before its classifier."""

    def __init__(self, widths, channels, norm=nn.BatchNorm2d):
        super().__init__()
        self.embeds = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in widths)
        self.fuse = nn.Sequential(nn.Conv2d(4 * channels, channels, 1, bias=False), norm(channels), nn.ReLU())

    def forward(self, levels):
        maps = [resized(embed(level), levels[0].shape[2:]) for embed, level in zip(self.embeds, levels)]
        return self.fuse(torch.cat(maps[::-1], 1))


def mrfs_norm(channels):
    """The batch norm of MRFS's and AMDANet's code."""
    return nn.BatchNorm2d(channels, 1e-2, 1e-2)


class FusionImage(nn.Module):
    """One picture out of the levels of two sensors and their images."""

    def __init__(self, widths, channels):
        super().__init__()
        point = lambda inner, kernel: nn.Sequential(nn.Conv2d(inner, channels, kernel, padding=kernel // 2), mrfs_norm(channels), nn.ReLU())
        self.points = nn.ModuleList(point(width, 1) for width in [*widths, *widths])
        self.join, self.output = point(8 * channels + 6, 3), nn.Conv2d(channels, 3, 1)

    def forward(self, levels, images):
        maps = [map_ for sensor in range(2) for map_ in (level[sensor] for level in levels)]
        joined = [resized(point(map_), images[0].shape[2:]) for point, map_ in zip(self.points, maps)]
        return self.output(self.join(torch.cat([*joined, *images], 1))).sigmoid()


class Aligned(nn.Module):
    """AMDANet's network: SCI inside every level, FDAM behind it, and a second pass over what is masked."""

    def __init__(self, encoders, widths, decoder, head, picture, reduction, as_coded=False):
        super().__init__()
        self.encoders, self.decoder, self.head, self.picture = nn.ModuleList(encoders), decoder, head, picture
        self.sci = nn.ModuleList(Sci(width, as_coded) for width in widths)
        self.fdam = nn.ModuleList(methods.Fdam(level + 1, width, reduction) for level, width in enumerate(widths))

    def forward(self, images, masks_picture):
        inside = lambda level, maps: self.sci[level](*maps)
        align = lambda level, maps: self.fdam[level].align(torch.cat(maps, 1))
        levels, _ = encode(self.encoders, images, inside, align)
        fused = [self.fdam[level].fuse(*maps) for level, maps in enumerate(levels)]
        read = lambda maps: resized(self.head(self.decoder(maps)), images[0].shape[2:])
        masked = lambda map_: map_ * (torch.rand_like(map_) < 0.85)
        logits, picture = read(fused), self.picture(levels, images)
        if masks_picture:
            # As in the authors' code, the prediction is made again all the same.
            return logits, read(fused), picture, self.picture([[masked(map_) for map_ in maps] for maps in levels], images)
        return logits, read([masked(map_) for map_ in fused]), picture, picture


class Amdanet(Taught):
    """AMDANet: segmentation, consistency of the masked pass, and the losses of the fusion image."""

    def __init__(self, trained, compiled):
        super().__init__(trained, compiled)
        self.compiles = compiled
        across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        self.kernels = [kernel.repeat(3, 1, 1, 1) for kernel in (across, -across.T)]

    def of_picture(self, picture, visible, infrared):
        bright = visible.clamp(0, 1) ** 0.8
        loss = 0.5 * F.l1_loss(picture, torch.maximum(bright, infrared))
        for kernel in self.kernels:
            slope = lambda x: F.conv2d(x, kernel, padding=1, groups=3)
            loss = loss + 0.5 * F.l1_loss(slope(picture), torch.maximum(slope(bright), slope(infrared)))
        luminance = lambda x: torch.einsum("bchw,c->bhw", x, x.new_tensor([0.299, 0.587, 0.114]))
        chrominance = lambda x: [0.713 * (x[:, 0] - luminance(x)), 0.564 * (x[:, 2] - luminance(x))]
        return loss + sum(map(F.l1_loss, chrominance(picture), chrominance(bright)))

    def loss(self, images, labels):
        masks_picture = random.random() < 0.5
        if self.compiles:
            # Both ways in the first step, so that none is compiled in a later one; these gradients are dropped.
            self.compiles = False
            self.of_way(images, labels, not masks_picture).backward()
        return self.of_way(images, labels, masks_picture)

    def of_way(self, images, labels, masks_picture):
        logits, second, picture, masked = self.network(images, masks_picture)
        loss = ogp_net.segmentation(logits, labels, 2) + 0.25 * ogp_net.segmentation(second, labels, 2)
        return loss + 0.5 * self.of_picture(picture, *images) + 0.25 * self.of_picture(masked, *images)


class CrossSpectral(Taught):
    """Cross-spectral adaptation, stage 1: supervision of both heads, masked mutual learning, prototypes.

    In the authors' code prototypes of absent classes shrink, and means are divided by the scenes that hold the class."""

    def __init__(self, trained, compiled, as_coded=False):
        super().__init__(trained, compiled)
        self.as_coded, self.prototypes = as_coded, None

    def mutual(self, colour, thermal, labels):
        losses = [F.cross_entropy(z, labels, ignore_index=IGNORE, reduction="none").detach()[:, None] for z in (colour, thermal)]
        inter = torch.cat([-loss for loss in losses], 1).softmax(1).chunk(2, 1)
        masks = [a * 2 * (1 - loss.sigmoid()) for a, loss in zip(inter, losses)]
        kl = lambda student, target: F.kl_div(student.log_softmax(1), target.detach().softmax(1), reduction="none").sum(1)
        each = [kl(colour * masks[1], thermal * masks[1]), kl(thermal * masks[0], colour * masks[0])]
        return sum(one[labels != IGNORE].mean() for one in each)

    @torch.no_grad()
    def renew(self, decoded, heads, labels):
        """Takes each class's mean over the pixels that are sure, and over the sensors that have such, into the prototypes."""
        classes = heads[0].shape[1]
        small = F.interpolate(labels[:, None].float(), decoded[0].shape[2:])
        truth = (F.one_hot(small[:, 0].long().clamp(max=classes - 1), classes).permute(0, 3, 1, 2) * (small != IGNORE)).float()
        found, batch = 0, 0
        for map_, logits in zip(decoded, heads):
            chosen = truth * (F.interpolate(logits, map_.shape[2:]).softmax(1).amax(1, keepdim=True) > 0.1)
            count = chosen.sum((0, 2, 3))[:, None]
            found = found + (count > 0).float()
            batch = batch + torch.einsum("bkhw,bchw->kc", chosen, map_).float() / count.clamp(min=1)
        batch = batch / found.clamp(min=1)
        if self.as_coded:
            batch = batch / truth.amax((2, 3)).sum(0).clamp(min=1)[:, None]
        before = torch.zeros_like(batch) if self.prototypes is None else self.prototypes
        seen = before.any(1, keepdim=True)
        mixed = torch.where(seen.any() if self.as_coded else seen, 0.9 * before + 0.1 * batch, batch)
        self.prototypes = mixed if self.as_coded else torch.where(found > 0, mixed, before)

    def prototypical(self, decoded, heads, labels):
        self.renew(decoded, heads, labels)
        vectors, seen = F.normalize(self.prototypes, dim=1), self.prototypes.any(1)[:, None, None]
        cosines = [torch.where(seen, torch.einsum("bchw,kc->bkhw", F.normalize(map_, dim=1), vectors), -1) for map_ in decoded]
        return sum(cross_entropy(F.interpolate(cosine, labels.shape[1:]) / 0.1, labels) for cosine in cosines)

    def loss(self, images, labels):
        (_, *heads), decoded = self.network(images)
        loss = sum(cross_entropy(head, labels) for head in heads) + self.mutual(*heads, labels)
        return loss + 0.2 * self.prototypical(decoded, heads, labels)


def averaging(sensors, classes, copies):
    """Branches on nano encoders, with so many decoders."""
    return Averaging(nanos(sensors), [deeplab() for _ in range(copies)], [classifier(classes) for _ in range(copies)])


def coefficients(classes):
    return Coefficients(nanos(2), WIDTHS, deeplab(), classifier(classes), reads=(0, 3), embedding=32)


def aligned(classes):
    return Aligned(nanos(2), WIDTHS, Mlp(WIDTHS, CHANNELS), classifier(classes), FusionImage(WIDTHS, 4), reduction=4)


# From classes, and whether the network is compiled.
TAUGHT = {
    "single-demo": lambda classes, compiled: Plain(averaging(1, classes, 1), compiled),
    "baseline-demo": lambda classes, compiled: Plain(averaging(2, classes, 2), compiled),
    "any2seg-demo": lambda classes, compiled: Any2Seg(SharedMff(classes), compiled),
    "smmcl-demo": lambda classes, compiled: Smmcl(coefficients(classes), compiled, smallest=2),
    "amdanet-demo": lambda classes, compiled: Amdanet(aligned(classes), compiled),
    "cross-spectral-uda-demo": lambda classes, compiled: CrossSpectral(averaging(2, classes, 1), compiled),
}
SENSORS = {"single-demo": 1, "any2seg-demo": 4}
