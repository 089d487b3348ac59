"""Writes the numbers that the tests of cross-spectral adaptation compare with. Needs PyTorch only: python3 uda.py > uda.txt

Written from Eqs. 2 to 7 of "Boosting Cross-spectral Unsupervised Domain Adaptation for Thermal Semantic Segmentation" (ICRA 2025),
independently of the Rust code. Every line is `name shape numbers`; inputs are rounded to what is written before they are used.
"""

import torch
import torch.nn.functional as F

from drawn import IGNORE, drawn, labels, show


def kl(student, target, weight=1.0):
    """KL(target || student) of each pixel from logits, the target detached: [B, H, W]."""
    return (weight * F.kl_div(student.log_softmax(1), target.detach().softmax(1), reduction="none")).sum(1)


def mutual(case, colour, thermal, ids):
    """Eqs. 4 to 6. Pixels without a label have no say."""
    losses = [F.cross_entropy(z, ids, ignore_index=IGNORE, reduction="none").detach()[:, None] for z in (colour, thermal)]
    stacked = torch.softmax(torch.cat([-losses[0], -losses[1]], 1), 1)
    inter = [stacked[:, :1], stacked[:, 1:]]
    intra = [2 * (1 - torch.sigmoid(loss)) for loss in losses]
    both = [a * b for a, b in zip(inter, intra)]
    for name, maps in (("loss", losses), ("inter", inter), ("intra", intra), ("both", both)):
        for sensor, values in zip("rt", maps):
            show(f"{case}.mutual.{name}.{sensor}", values)
    counted = ids != IGNORE
    ones = [torch.ones_like(loss) for loss in losses]
    for name, masks in (("none", ones), ("intra", intra), ("inter", inter), ("both", both)):
        for mode in ("logits", "loss-weight"):
            pair = [colour.clone().requires_grad_(), thermal.clone().requires_grad_()]
            if mode == "logits":
                each = [kl(pair[0] * masks[1], pair[1] * masks[1]), kl(pair[1] * masks[0], pair[0] * masks[0])]
            else:
                each = [kl(pair[0], pair[1], masks[1]), kl(pair[1], pair[0], masks[0])]
            each = [one[counted].mean() for one in each]
            slopes = torch.autograd.grad(sum(each), pair)
            for sensor, value, slope in zip("rt", each, slopes):
                show(f"{case}.mutual.{name}.{mode}.{sensor}", value)
                show(f"{case}.mutual.{name}.{mode}.{sensor}.slope", slope)


def class_means(feature, logits, ids, confidence):
    """Eq. 2 of one sensor: means [K, C] (zeros where nothing is selected) and which classes have any."""
    classes = logits.shape[1]
    size = feature.shape[2:]
    chosen = F.interpolate((logits.softmax(1).amax(1, keepdim=True) > confidence).double(), size=size)[:, 0]
    small = F.interpolate(ids[:, None].double(), size=size)[:, 0]
    means, found = [], []
    for k in range(classes):
        mask = (small == k) & (chosen > 0)
        pixels = feature.permute(0, 2, 3, 1)[mask]
        found.append(len(pixels) > 0)
        means.append(pixels.mean(0) if len(pixels) else torch.zeros(feature.shape[1]))
    return torch.stack(means), torch.tensor(found)


def cosines(feature, prototypes, seen):
    cosine = F.cosine_similarity(feature[:, None], prototypes[None, :, :, None, None], dim=2, eps=1e-12)
    cosine[:, ~seen] = -1
    return cosine


def prototypes(case, features, logits, ids):
    """Eqs. 2 and 3 with the moving average, over two batches: the second is the first with its scenes exchanged and halved."""
    confidence = 0.5
    of_sensors = [class_means(f, z, ids, confidence) for f, z in zip(features, logits)]
    weights = torch.stack([found for _, found in of_sensors]).double()[:, :, None]
    joined = (torch.stack([means for means, _ in of_sensors]) * weights).sum(0) / weights.sum(0).clamp_min(1)
    seen = weights.sum(0)[:, 0] > 0
    show(f"{case}.prototype.batch", joined)
    show(f"{case}.prototype.seen", seen.double())
    previous = drawn(f"{case}.prototype.previous", *joined.shape)
    show(f"{case}.prototype.keep", torch.where(seen[:, None], 0.9 * previous + 0.1 * joined, previous))
    show(f"{case}.prototype.shrink", 0.9 * previous + 0.1 * joined)
    for sensor, feature in zip("rt", features):
        feature = feature.clone().requires_grad_()
        cosine = cosines(feature, joined, seen)
        large = F.interpolate(cosine, size=ids.shape[1:])
        value = F.cross_entropy(large / 0.1, ids, ignore_index=IGNORE)
        show(f"{case}.prototype.loss.{sensor}", value)
        show(f"{case}.prototype.loss.{sensor}.slope", torch.autograd.grad(value, feature)[0])
    return joined, seen


def self_supervision(case, feature, logits, vectors, seen):
    """Eq. 7 with the presence mask."""
    for name in ("double", "single"):
        feature = feature.detach().clone().requires_grad_()
        large = F.interpolate(cosines(feature, vectors, seen), size=logits.shape[2:], mode="bilinear", align_corners=False)
        student, target = large.softmax(1), logits.detach().softmax(1)
        presence = torch.zeros(logits.shape[:2])
        for scene, ids in enumerate(logits.argmax(1)):
            presence[scene, ids.unique()] = 1
        presence = presence[:, :, None, None]
        student, target = student * presence, target * presence
        if name == "double":
            student, target = student.softmax(1), target.softmax(1)
        else:
            student, target = student / student.sum(1, keepdim=True), target / target.sum(1, keepdim=True)
        terms = torch.where(target > 0, target * (target / student.clamp_min(1e-300)).log(), torch.zeros(()))
        value = terms.sum(1).mean()
        show(f"{case}.psl.{name}", value)
        show(f"{case}.psl.{name}.slope", torch.autograd.grad(value, feature)[0])


if __name__ == "__main__":
    for case, (batch, classes, channels, height, width, absent) in enumerate([(2, 4, 3, 4, 4, 3), (1, 5, 4, 4, 6, 0), (2, 3, 5, 4, 4, 1)]):
        torch.manual_seed(40 + case)
        name = f"case{case}"
        show(f"{name}.absent", absent)
        ids = labels(f"{name}.labels", classes, absent, batch, height, width)
        logits = [drawn(f"{name}.logits.{sensor}", batch, classes, height, width) for sensor in "rt"]
        features = [drawn(f"{name}.features.{sensor}", batch, channels, height // 2, width // 2) for sensor in "rt"]
        mutual(name, *logits, ids)
        vectors, seen = prototypes(name, features, logits, ids)
        # As by night: the decoder misses a class altogether.
        night = logits[1].clone()
        night[:, absent] -= 20
        show(f"{name}.night", night)
        self_supervision(name, features[1], night, vectors, seen)
