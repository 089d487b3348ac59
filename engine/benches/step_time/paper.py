"""Networks of presets at the sizes of papers in plain PyTorch, under `pytorch.py`: the baselines of two sensors and of one, SMMCL,
AMDANet and cross-spectral adaptation. Those of OGP-Net and Any2Seg are in `ogp_net.py` and `segformer.py`.
"""

from torch import nn

import decoders
import demos
import encoders
import ogp_net
import segformer

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


class Taught(demos.Taught):
    """Cross-entropy and Dice on every head."""

    def __init__(self, family, classes, compiled):
        super().__init__(Baseline(family, classes), compiled)

    def loss(self, images, labels):
        return sum(ogp_net.segmentation(head, labels) for head in self.network(images))


def smmcl(classes, compiled):
    """On SegNeXt-B, whose head reads the three deeper levels."""
    widths, channels = encoders.MscanB.widths, 512
    decoder, head = decoders.Hamburger(widths[1:], channels), nn.Conv2d(channels, classes, 1)
    pair = [encoders.MscanB() for _ in range(2)]
    return demos.Smmcl(demos.Coefficients(pair, widths, decoder, head, reads=(1, 2, 3), embedding=256), compiled, smallest=5)


def amdanet(classes, compiled):
    """On MiT-B4."""
    (widths, depths), channels = segformer.B4, 512
    decoder, head = demos.Mlp(widths, channels, demos.mrfs_norm), nn.Conv2d(channels, classes, 1)
    pair = [segformer.Mit(widths, depths) for _ in range(2)]
    return demos.Amdanet(demos.Aligned(pair, widths, decoder, head, demos.FusionImage(widths, 16), reduction=8, as_coded=True), compiled)


def cross_spectral(classes, compiled):
    """On ResNet-50, with RTFNet's decoder for one sensor after the other: its map is what the third of five stages gives."""
    decoder, head = decoders.rtfnet(2048, 1024, 512, 256), decoders.rtfnet(256, 128, classes)
    pair = [encoders.ResNet50() for _ in range(2)]
    return demos.CrossSpectral(demos.Averaging(pair, [decoder] * 2, [head] * 2, reads=(3,)), compiled, as_coded=True)


TAUGHT = {"preset:smmcl": smmcl, "preset:amdanet": amdanet, "preset:cross-spectral-uda": cross_spectral}
