"""Networks of presets at the sizes of papers in plain PyTorch, under `pytorch.py`: the baselines of two sensors and of one."""

import torch
from torch import nn

import demos
import ogp_net

ENCODERS = {"baseline-lite0": (ogp_net.Lite0, 128, 2), "nyudv2": (ogp_net.Lite0, 256, 2), "preset:baseline": (ogp_net.B3, 256, 2), "preset:single": (ogp_net.B3, 256, 1)}


class Baseline(nn.Module):
    """A branch a sensor, nothing shared, the mean of their scores beside them; of one sensor the branch alone."""

    def __init__(self, family, classes):
        super().__init__()
        encoder, channels, sensors = ENCODERS[family]
        widths = encoder.widths
        self.encoders = nn.ModuleList(encoder(1) for _ in range(sensors))
        self.decoders = nn.ModuleList(ogp_net.Decoder(widths[4], widths[1], channels, 48, [12, 24, 36]) for _ in range(sensors))
        self.heads = nn.ModuleList(nn.Conv2d(channels, classes, 1) for _ in range(sensors))

    def forward(self, images, present=None):
        """Logits by head, of all sensors or of those that are named, the one that counts first."""
        scores = []
        for sensor, image in zip(present or range(len(images)), images):
            stages = self.encoders[sensor](image)
            scores.append(self.heads[sensor](self.decoders[sensor](stages[1], stages[4])))
        if len(scores) > 1:
            scores = [sum(scores) / len(scores), *scores]
        return [demos.resized(score, images[0].shape[2:]) for score in scores]


class Taught:
    """Cross-entropy and Dice on every head."""

    def __init__(self, family, classes, compiled):
        self.trained = Baseline(family, classes)
        self.network = torch.compile(self.trained) if compiled else self.trained

    def loss(self, images, labels):
        return sum(ogp_net.segmentation(head, labels) for head in self.network(images))
