"""Prints the constants of the tests of modality-agnostic feature fusion, written from Any2Seg section 3.3, place by place."""

import torch
import torch.nn.functional as F
from waves import inputs, report, wave


def mff(maps, previous, rule, balance, added, reweight=True, selection=True, residual=True, rounds=1):
    batch, channels, height, width = maps[0].shape
    mean = torch.stack(maps).mean(0)
    state = previous
    for _ in range(rounds):
        anchor = mean if state is None else state if rule == "previous" else (state + mean) / 2
        weights = torch.stack([F.cosine_similarity(m.flatten(1), anchor.flatten(1), dim=1) for m in maps], 1)
        weighted = [m * weights[:, k, None, None, None] for k, m in enumerate(maps)]
        balanced = mean if not reweight else torch.stack(weighted).mean(0) if balance == "average" else sum(weighted)
        rows = []
        for scene in range(batch):
            for y in range(height):
                for x in range(width):
                    towards = balanced[scene, :, y, x]
                    found = [F.cosine_similarity(m[scene, :, y, x], towards, dim=0) for m in maps]
                    rows.append(maps[int(torch.stack(found).argmax())][scene, :, y, x])
        selected = torch.stack(rows).reshape(batch, height, width, channels).permute(0, 3, 1, 2)
        base = balanced if added == "balanced" else mean
        if selection:
            state = base + selected if residual else selected
        else:
            state = balanced + mean if residual else balanced
    return [state, weights[:, :, None, None]]


maps = inputs((2, 3, 2, 2), (2, 3, 2, 2))
report("no state", mff(maps, None, "averaged", "average", "balanced"), maps)
maps = inputs(*[(1, 4, 2, 2)] * 3)
report("previous", mff(maps, wave((1, 4, 2, 2), 0.9), "previous", "average", "balanced"), maps)
maps = inputs(*[(2, 2, 1, 3)] * 4)
report("code", mff(maps, wave((2, 2, 1, 3), 2.0), "averaged", "sum", "mean"), maps)
maps = inputs(*[(1, 3, 1, 2)] * 3)
report("three rounds", mff(maps, None, "averaged", "average", "balanced", rounds=3), maps)
