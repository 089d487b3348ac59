"""Writes the numbers that the tests of OGP-Net's losses compare with. Needs PyTorch only: python3 ogp_net.py > ogp_net.txt

Written from Eqs. 1 to 6 and 12 of OGP-Net (AAAI 2025) as `losses.py` is, on random cases with ignored pixels and an absent class;
gradients are those of every input that is trained.
"""

import math

import torch
import torch.nn.functional as F

from drawn import IGNORE, drawn, labels, show


def dice(logits, ids):
    kept, classes = ids != IGNORE, logits.shape[1]
    p = logits.softmax(1).permute(0, 2, 3, 1)[kept]
    y = F.one_hot(ids[kept], classes).to(p.dtype)
    score = 2 * (p * y).sum(0) / (p.sum(0) + y.sum(0)).clamp_min(1e-7)
    return ((1 - score) * (y.sum(0) > 0)).mean()


def cross_entropy(logits, ids):
    return F.cross_entropy(logits, ids, ignore_index=IGNORE)


def nearest(ids, size):
    return F.interpolate(ids[:, None].double(), size=size)[:, 0].long()


def auxiliary(logits, ids):
    """Both sensors' heads of one size, averaged, against the label at that size."""
    small = nearest(ids, logits[0].shape[2:])
    return sum(cross_entropy(own, small) + dice(own, small) for own in logits) / len(logits)


def relation(student, teacher, ids, softmax):
    rows = lambda x: (x.softmax(1) if softmax else x).permute(0, 2, 3, 1)[ids != IGNORE]
    student, teacher = rows(student), rows(teacher)
    pearson = lambda a, b: F.cosine_similarity(a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True), dim=1, eps=1e-8).mean()
    return (1 - pearson(student, teacher)) + (1 - pearson(student.t(), teacher.t()))


def feature(students, teachers, ids, reduction):
    errors = []
    for student, teacher in zip(students, teachers):
        counted = (nearest(ids, student.shape[2:]) != IGNORE)[:, None].expand_as(student)
        errors.append(F.mse_loss(student[counted], teacher[counted]))
    return sum(errors) / (len(errors) if reduction == "mean" else 1)


def contrast(maps, ids, fraction, temperature):
    """Every counted pixel of all maps is an anchor; of each one's positives and negatives the hardest share is kept."""
    rows = torch.cat([F.normalize(map, dim=1).permute(0, 2, 3, 1).flatten(0, 2) for map in maps])
    classes = torch.cat([nearest(ids, map.shape[2:]).flatten() for map in maps])
    rows, classes = rows[classes != IGNORE], classes[classes != IGNORE]
    similarity = rows @ rows.t()
    anchors = []
    for i in range(len(classes)):
        others = torch.arange(len(classes)) != i
        positives = similarity[i][(classes == classes[i]) & others].sort().values
        negatives = similarity[i][classes != classes[i]].sort(descending=True).values
        positives = positives[: math.ceil(fraction * len(positives))]
        negatives = negatives[: math.ceil(fraction * len(negatives))]
        if len(positives) and len(negatives):
            r = lambda x: (x / temperature).exp()
            anchors.append(-(r(positives) / (r(positives) + r(negatives).sum())).log().mean())
    return torch.stack(anchors).mean()


def report(name, value, inputs):
    show(name, value)
    for index, slope in enumerate(torch.autograd.grad(value, inputs)):
        show(f"{name}.slope{index}", slope)


if __name__ == "__main__":
    for case, (batch, classes, height, width, absent) in enumerate([(2, 4, 4, 4, 3), (1, 5, 4, 6, 0), (2, 3, 6, 4, 1)]):
        torch.manual_seed(80 + case)
        name = f"case{case}"
        show(f"{name}.absent", absent)
        ids = labels(f"{name}.labels", classes, absent, batch, height, width)
        logits, teacher = (drawn(f"{name}.{side}", batch, classes, height, width) for side in ("logits", "teacher"))
        logits.requires_grad_()
        report(f"{name}.cross_entropy", cross_entropy(logits, ids), [logits])
        report(f"{name}.dice", dice(logits, ids), [logits])
        for kind in ("softmax", "logits"):
            report(f"{name}.relation.{kind}", relation(logits, teacher, ids, kind == "softmax"), [logits])
        heads = [drawn(f"{name}.auxiliary{k}", batch, classes, height // 2, width // 2).requires_grad_() for k in (0, 1)]
        report(f"{name}.auxiliary", auxiliary(heads, ids), heads)
        sizes = [(3, height // 2, width // 2), (2, height // 2, width // 2), (2, height, width)]
        ours, theirs = ([drawn(f"{name}.{side}{k}", batch, *size) for k, size in enumerate(sizes)] for side in ("ours", "theirs"))
        ours = [map.requires_grad_() for map in ours]
        for reduction in ("mean", "sum"):
            report(f"{name}.feature.{reduction}", feature(ours, theirs, ids, reduction), ours)
        maps = [drawn(f"{name}.embedding{k}", batch, 3, height, width // 2).requires_grad_() for k in (0, 1)]
        for fraction in (0.1, 1.0):
            report(f"{name}.contrast.{fraction}", contrast(maps, ids, fraction, 0.1), maps)
