"""Prints the constants that the losses' tests compare with. Needs PyTorch only: python3 losses.py

Written from the papers' formulas, independently of the Rust code; numbers come from torch's own functions where it has them.
"""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
IGNORE = 255


def wave(*shape, phase):
    count = math.prod(shape)
    values = [2.0 * math.sin(1.7 * index + phase) for index in range(count)]
    return torch.tensor(values).to(torch.float32).to(torch.float64).reshape(shape)


LOGITS = wave(2, 4, 2, 3, phase=0.3)
TEACHER = wave(2, 4, 2, 3, phase=2.1)
LABELS = torch.tensor([0, 1, 2, 2, 255, 0, 1, 1, 0, 255, 2, 2]).reshape(2, 2, 3)


def cross_entropy():
    return F.cross_entropy(LOGITS, LABELS, ignore_index=IGNORE)


def dice():
    probabilities = LOGITS.softmax(1).permute(1, 0, 2, 3).reshape(4, -1)
    labels = LABELS.reshape(-1)
    kept = labels != IGNORE
    losses = []
    for k in range(4):
        p, y = probabilities[k][kept], (labels[kept] == k).to(probabilities.dtype)
        score = 2 * (p * y).sum() / (p.sum() + y.sum()).clamp_min(1e-7)
        losses.append((1 - score) * (y.sum() > 0))
    return torch.stack(losses).mean()


def relation(softmax):
    rows = lambda x: (x.softmax(1) if softmax else x).permute(0, 2, 3, 1).reshape(-1, 4)[LABELS.reshape(-1) != IGNORE]
    student, teacher = rows(LOGITS), rows(TEACHER)

    def pearson(a, b):
        return F.cosine_similarity(a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True), dim=1, eps=1e-8).mean()

    return (1 - pearson(student, teacher)) + (1 - pearson(student.t(), teacher.t()))


def divergence(kind, temperature):
    total = 0
    for student, teacher, labels in zip(LOGITS, TEACHER, LABELS):
        kept = labels.reshape(-1) != IGNORE
        student, teacher = (x.reshape(4, -1)[:, kept] / temperature for x in (student, teacher))
        axis = 0 if kind == "kl" else 1
        total += F.kl_div(student.log_softmax(axis), teacher.softmax(axis), reduction="sum")
    return total * temperature**2 / ((LABELS != IGNORE).sum() if kind == "kl" else 8)


def feature(reduction, ignored=()):
    """`ignored` are places of a 2 x 4 x 4 label map, which is brought to each map's size by nearest neighbour."""
    shapes = [(2, 3, 2, 2), (2, 5, 1, 2), (2, 2, 4, 3)]
    counts = torch.ones(2 * 4 * 4)
    counts[list(ignored)] = 0
    errors = []
    for i, s in enumerate(shapes):
        mask = F.interpolate(counts.reshape(2, 1, 4, 4), size=s[2:], mode="nearest").expand(s).bool()
        student, teacher = wave(*s, phase=0.3 + i / 2), wave(*s, phase=2.1 + i / 2)
        errors.append(F.mse_loss(student[mask], teacher[mask]))
    total = sum(errors)
    return total / 3 if reduction == "mean" else total


CONTRAST_LABELS = [0, 0, 1, 1, 0, 2, 255, 1]


def contrast(fraction):
    """Every counted pixel of both sensors is an anchor."""
    maps = [F.normalize(wave(2, 3, 2, 2, phase=phase), dim=1) for phase in (0.3, 2.1)]
    return info_nce(torch.cat([m.permute(0, 2, 3, 1).reshape(-1, 3) for m in maps]), torch.tensor(CONTRAST_LABELS * 2), fraction)


def pooled_contrast(fraction):
    """The same with a second stage of 2 x 1 x 2 pixels a sensor in the same pool."""
    maps = [F.normalize(wave(2, 3, 2, 2, phase=phase), dim=1) for phase in (0.3, 2.1)]
    maps += [F.normalize(wave(2, 3, 1, 2, phase=phase), dim=1) for phase in (1.0, 4.0)]
    small = F.interpolate(torch.tensor(CONTRAST_LABELS).reshape(2, 1, 2, 2).float(), size=(1, 2), mode="nearest")
    labels = torch.cat([torch.tensor(CONTRAST_LABELS * 2), small.flatten().long().repeat(2)])
    return info_nce(torch.cat([m.permute(0, 2, 3, 1).reshape(-1, 3) for m in maps]), labels, fraction)


def info_nce(embedded, labels, fraction, temperature=0.1):
    """`fraction` of each anchor's positives and negatives is kept, hardest first."""
    embedded, labels = embedded[labels != IGNORE], labels[labels != IGNORE]
    similarity = embedded @ embedded.t()
    anchors = []
    for i in range(len(labels)):
        others = torch.arange(len(labels)) != i
        positives = similarity[i][(labels == labels[i]) & others].sort().values
        negatives = similarity[i][labels != labels[i]].sort(descending=True).values
        positives = positives[: math.ceil(fraction * len(positives))]
        negatives = negatives[: math.ceil(fraction * len(negatives))]
        if len(positives) and len(negatives):
            r = lambda x: (x / temperature).exp()
            anchors.append(-(r(positives) / (r(positives) + r(negatives).sum())).log().mean())
    return torch.stack(anchors).mean()


if __name__ == "__main__":
    for name, value in [
        ("cross_entropy", cross_entropy()),
        ("dice", dice()),
        ("relation softmax", relation(True)),
        ("relation logits", relation(False)),
        ("divergence kl, T = 1", divergence("kl", 1)),
        ("divergence kl, T = 4", divergence("kl", 4)),
        ("divergence cwd, T = 1", divergence("cwd", 1)),
        ("divergence cwd, T = 4", divergence("cwd", 4)),
        ("feature mean", feature("mean")),
        ("feature sum", feature("sum")),
        ("feature mean, in part ignored", feature("mean", [*range(8), 13, 27])),
        ("feature sum, in part ignored", feature("sum", [*range(8), 13, 27])),
        ("contrast semi-hard, one pool", pooled_contrast(0.5)),
        ("contrast semi-hard, half kept", contrast(0.5)),
        ("contrast all against all", contrast(1.0)),
    ]:
        print(f"{name:32} {value.item():.8f}")
