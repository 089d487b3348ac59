"""Two averaged branches on NYUDv2 in plain PyTorch: the peer of `baseline` in assets/studies/nyudv2-small.toml.

The network and its losses are those of the step bench; images are read with Pillow, the mean IoU is counted by NumPy. It
takes nothing from the engine but what `fusionscope dataset manifest` prints of the folder (the classes) and the rule by
which a tenth of the ids is held out.

    fusionscope dataset manifest nyudv2 > manifest.toml
    python3 two_branches.py nyudv2 manifest.toml efficientnet-lite0.pth --seed 1
"""

import argparse
import sys
import time
import tomllib
from pathlib import Path

import numpy
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "step_time"))
import ogp_net
import paper

IGNORE, CLASSES = 255, 13


def held_out(ids, share=0.1):
    """The ids of smallest hash: FNV-1a over 64 bits, mixed at its end."""

    def hashed(name):
        value = 0xCBF29CE484222325
        for byte in name.encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
        value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD % 2**64
        return value ^ value >> 33, name

    chosen = {name for _, name in sorted(map(hashed, ids))[: round(len(ids) * share)]}
    return [name for name in ids if name not in chosen], [name for name in ids if name in chosen]


class Folder:
    """Colour, depth as a grey picture, and the thirteen classes."""

    def __init__(self, root, manifest):
        classes = manifest["class_maps"][0]["map"]
        self.root, self.table = root, numpy.full(256, IGNORE, numpy.uint8)
        self.table[1 : 1 + len(classes)] = classes

    def scene(self, name):
        """Images as the encoder was trained on them, (value - 127) / 128, and labels."""
        read = lambda place: numpy.asarray(Image.open(self.root / place))
        colour, depth = read(f"RGB/{name}.jpg"), read(f"Depth/{name}.png")
        depth = depth if depth.ndim == 3 else numpy.repeat(depth[..., None], 3, 2)
        images = [torch.from_numpy(image.copy()).permute(2, 0, 1).float().sub(127).div(128) for image in (colour, depth)]
        return images, torch.from_numpy(self.table[read(f"Label/{name}.png")]).long()

    def batch(self, names, flips):
        scenes = [self.scene(name) for name in names]
        turn = lambda x, flip: x.flip(-1) if flip else x
        images = [torch.stack([turn(scene[0][sensor], flip) for scene, flip in zip(scenes, flips)]) for sensor in range(2)]
        return images, torch.stack([turn(scene[1], flip) for scene, flip in zip(scenes, flips)])


def load(encoder, weights):
    """The published weights under the names of the step bench's encoder, which lists the same layers in the same order."""
    source = {key: value for key, value in weights.items() if not key.startswith(("_conv_head", "_bn1", "_fc"))}
    target = encoder.state_dict()
    assert [tuple(value.shape) for value in source.values()] == [tuple(value.shape) for value in target.values()]
    encoder.load_state_dict(dict(zip(target, source.values())))


def mean_iou(counts):
    """The mean over the classes that occur in truth or prediction."""
    union = counts.sum(0) + counts.sum(1) - numpy.diag(counts)
    return numpy.nanmean(numpy.diag(counts) / numpy.where(union > 0, union, numpy.nan))


def score(network, folder, names):
    """Mean IoU with both sensors, with colour alone and with depth alone."""
    network.eval()
    counts = numpy.zeros((3, CLASSES, CLASSES))
    with torch.no_grad():
        for name in names:
            images, labels = folder.batch([name], [False])
            truth = labels.numpy().ravel()
            for index, head in enumerate(network(images)):
                predicted = head.argmax(1).numpy().ravel()
                valid = truth != IGNORE
                counts[index] += numpy.bincount(truth[valid] * CLASSES + predicted[valid], minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    return [mean_iou(matrix) for matrix in counts]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=30)
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    draw = numpy.random.default_rng(asked.seed)
    folder = Folder(asked.data, tomllib.loads(asked.manifest.read_text()))
    training, validation = held_out((asked.data / "train.txt").read_text().split())
    network = paper.Baseline("nyudv2", CLASSES)
    weights = torch.load(asked.weights, map_location="cpu", weights_only=True)
    for encoder in network.encoders:
        load(encoder, weights)
    optimiser = torch.optim.AdamW(network.parameters(), lr=asked.rate, weight_decay=1e-2)
    network.train()
    order, begun = [], time.time()
    for step in range(asked.steps):
        while len(order) < asked.batch:
            order.extend(draw.permutation(training))
        names, order = order[: asked.batch], order[asked.batch :]
        images, labels = folder.batch(names, draw.random(asked.batch) < 0.5)
        rate = asked.rate * min(1, (step + 1) / asked.warmup) * (1 - step / asked.steps) ** 0.9
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        loss = sum(ogp_net.segmentation(head, labels) for head in network(images))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        if step % 20 == 0:
            print(f"step {step} loss {loss.item():.4f} after {time.time() - begun:.0f} s", flush=True)
    both, colour, depth = score(network, folder, validation)
    print(f"seed {asked.seed}: both {both:.4f}, colour {colour:.4f}, depth {depth:.4f}; {time.time() - begun:.0f} s", flush=True)


main()
