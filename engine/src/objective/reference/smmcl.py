"""Writes the numbers that the tests of multi-modal contrast compare with. Needs PyTorch only: python3 smmcl.py > smmcl.txt

Written from Eqs. 3 to 6 of "Understanding Dark Scenes by Contrasting Multi-Modal Observations" (WACV 2024) with the sampling that
its text and its code describe, independently of the Rust code. Which pixels are drawn is written, too: both sides take the same.
"""

import torch
import torch.nn.functional as F

from drawn import IGNORE, drawn, labels, show


def sample(ids, smallest):
    """Places of each sensor and the rows' classes: as many pixels of each class of each image as the smallest such entry has."""
    area = ids[0].numel()
    entries = []
    for image, own in enumerate(ids.reshape(len(ids), -1)):
        for k in own[own != IGNORE].unique().tolist():
            places = (own == k).nonzero()[:, 0] + image * area
            if len(places) >= smallest:
                entries.append((k, places))
    n = min(len(places) for _, places in entries)
    of_sensor = lambda: torch.cat([places[torch.randperm(len(places))[:n]] for _, places in entries])
    return [of_sensor(), of_sensor()], torch.tensor([k for k, _ in entries for _ in range(n)]), len(entries), n


def contrast(anchors, others, classes, temperature):
    """Anchor by anchor, as the equations read; row i of the others is left out for anchor i."""
    terms = []
    for i, anchor in enumerate(anchors):
        r = (others @ anchor / temperature).exp()
        positive = (classes == classes[i]) & (torch.arange(len(classes)) != i)
        negatives = r[classes != classes[i]].sum()
        terms.append(-(r[positive] / (r[positive] + negatives)).log().mean())
    return torch.stack(terms).mean()


if __name__ == "__main__":
    cases = [(2, 4, 6, 4, 5, 3, 2, 0.1), (1, 5, 3, 6, 6, 0, 2, 0.5), (3, 3, 4, 4, 4, 1, 3, 0.07)]
    for case, (batch, classes, width, height, columns, absent, smallest, temperature) in enumerate(cases):
        torch.manual_seed(60 + case)
        name = f"case{case}"
        show(f"{name}.absent", absent)
        show(f"{name}.smallest", smallest)
        show(f"{name}.temperature", temperature)
        ids = labels(f"{name}.labels", classes, absent, batch, height, columns)
        maps = [drawn(f"{name}.projected.{sensor}", batch, width, height, columns).requires_grad_() for sensor in "va"]
        places, rows, entries, n = sample(ids, smallest)
        show(f"{name}.drawn", torch.tensor([entries, n]))
        show(f"{name}.classes", rows)
        pixels = [F.normalize(map.permute(0, 2, 3, 1).reshape(-1, width)[own], dim=1) for map, own in zip(maps, places)]
        for sensor, own in zip("va", places):
            show(f"{name}.places.{sensor}", own)
        terms = {
            "across": contrast(*pixels, rows, temperature),
            "visible": contrast(pixels[0], pixels[0], rows, temperature),
            "auxiliary": contrast(pixels[1], pixels[1], rows, temperature),
        }
        for term, value in terms.items():
            show(f"{name}.{term}", value)
            slopes = torch.autograd.grad(value, maps, retain_graph=True, allow_unused=True)
            for sensor, slope in zip("va", slopes):
                if slope is not None:
                    show(f"{name}.{term}.slope.{sensor}", slope)
