"""Writes the numbers that the tests of language-guided distillation and OHEM compare with: python3 language.py > language.txt

Written from Eqs. 1 to 5 of "Learning Modality-agnostic Representation for Semantic Segmentation from Any Modalities" (ECCV 2024),
independently of the Rust code. Every line is `name shape numbers`; inputs are rounded to what is written before they are used.
"""

import torch
import torch.nn.functional as F
from drawn import IGNORE, drawn, labels, show

torch.manual_seed(2)


def divergence(student, teacher, temperature, direction):
    """Row by row, on lists of cosines, written out."""
    total = 0
    for s, t in zip(student, teacher):
        p, q = F.softmax(t / temperature, 0), F.softmax(s / temperature, 0)
        total = total + ((p * (p / q).log()).sum() if direction == "teacher" else (q * (q / p).log()).sum())
    return total / len(student)


def report(name, loss, at):
    show(name, loss)
    show(f"{name}.slope", torch.autograd.grad(loss, at)[0])


def semantic(features, ids, names, temperature, direction, averaging):
    large = F.interpolate(features, ids.shape[1:], mode="bilinear", align_corners=False)
    groups = [(large, ids)] if averaging == "batch" else [(large[b : b + 1], ids[b : b + 1]) for b in range(len(ids))]
    losses = []
    for maps, truth in groups:
        present = [k for k in range(len(names)) if (truth == k).any()]
        if not present:
            continue
        means = torch.stack([maps.permute(0, 2, 3, 1)[truth == k].mean(0) for k in present])
        student = torch.stack([F.cosine_similarity(mean[None], means, dim=1) for mean in means])
        teacher = names[present][:, present]
        losses.append(divergence(student, teacher, temperature, direction))
    return sum(losses) / len(losses)


def ohem(logits, ids, below, share):
    losses = F.cross_entropy(logits, ids, ignore_index=IGNORE, reduction="none")[ids != IGNORE]
    fewest = int(share * losses.numel())
    hard = losses[losses > -torch.log(torch.tensor(below))]
    return (losses.topk(fewest).values if hard.numel() < fewest else hard).mean()


for index, (batch, channels, classes, sensors, small, size) in enumerate(
    [(2, 3, 4, 3, (2, 3), (5, 7)), (1, 5, 3, 2, (3, 2), (6, 4)), (3, 4, 5, 4, (2, 2), (4, 6))]
):
    case = f"case{index}"
    ids = labels(f"{case}.labels", classes, 1, batch, *size)
    if index == 2:
        ids[1] = IGNORE
        show(f"{case}.labels", ids)
    student = (drawn(f"{case}.student", batch, sensors, scale=0.5)).requires_grad_()
    teacher = drawn(f"{case}.teacher", batch, sensors, scale=0.5)
    features = drawn(f"{case}.features", batch, channels, *small).requires_grad_()
    vectors = F.normalize(torch.randn(classes, 6), dim=1)
    names = ((vectors @ vectors.T) * 1e4).round() / 1e4
    show(f"{case}.names", names)
    for temperature in (1.0, 0.1):
        for direction in ("teacher", "student"):
            key = f"{temperature:g}.{direction}"
            report(f"{case}.inter.{key}", divergence(student, teacher, temperature, direction), student)
            for averaging in ("batch", "image"):
                loss = semantic(features, ids, names, temperature, direction, averaging)
                report(f"{case}.intra.{key}.{averaging}", loss, features)
    logits = drawn(f"{case}.logits", batch, classes, *size).requires_grad_()
    report(f"{case}.ohem.threshold", ohem(logits, ids, 0.7, 1 / 16), logits)
    report(f"{case}.ohem.share", ohem(logits, ids, 0.01, 0.25), logits)
