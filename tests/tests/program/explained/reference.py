"""Grad-CAM, occlusion and modality share of an exported OGP-Net with the nano encoder, by PyTorch alone.

    python3 reference.py model.safetensors FOLDER

FOLDER holds `asked.json` and each sensor's picture as it goes into the network, `SENSOR.f32`, `[3, height, width]`. Every map is
written there as `CASE.NAME.f32`, `[height, width]`, and numbers are printed, a name and a value a line.

The network is written anew from the paper and from the recipe in the file: shared convolutions, batch norms a sensor, channels
exchanged where |γ| is small beside its norm's mean, odd columns exchanged before stages 4 and 5, two DeepLabV3+ decoders, GSU.
"""

import array
import json
import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../assets/tools"))
import read_weights

BLOCKS = [(2, 0, 2, 1), (3, 0, 2, 1), (3, 1, 1, 1), (4, 0, 2, 1), (4, 1, 1, 1), (5, 0, 1, 2), (5, 1, 1, 2)]
RATES = [2, 4, 6]


def same(x, weight, stride=1, dilation=1):
    """A convolution with TensorFlow's SAME padding."""
    pads = []
    for size, kernel in zip(x.shape[:1:-1], weight.shape[:1:-1]):
        total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), weight, None, stride, 0, dilation)


class Network:
    def __init__(self, weights, sensors):
        self.weights, self.sensors = weights, sensors

    def norm(self, x, name):
        return F.batch_norm(x, *(self.weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")), False, 0.0, 1e-5)

    def norm_of(self, x, name, sensor):
        return self.norm(x, f"{name}.copy{sensor}" if sensor else name)

    def exchanged(self, maps, name):
        if len(maps) < 2:
            return list(maps.values())
        kept = []
        for sensor in maps:
            gamma = self.weights[f"{name}.copy{sensor}.weight" if sensor else f"{name}.weight"].abs()
            kept.append((gamma >= 0.75 * gamma.mean()).view(1, -1, 1, 1))
        first, second = maps.values()
        return [torch.where(kept[0], first, second), torch.where(kept[1], second, first)]

    def encode(self, images, tap):
        """Levels 2 and 5 of each sensor, which is all that the decoder reads."""
        weights, sensors = self.weights, list(images)

        def normed(maps, name):
            maps = [F.relu(self.norm_of(map_, name, sensor)) for sensor, map_ in zip(sensors, maps)]
            return self.exchanged(dict(zip(sensors, maps)), name)

        maps = normed([same(images[sensor], weights["encoder.stem.weight"], 2) for sensor in sensors], "encoder.stem_norm")
        levels = {}
        for stage, block, stride, dilation in BLOCKS:
            if block == 0 and stage in (4, 5) and len(maps) == 2:
                odd = (torch.arange(maps[0].shape[-1]) % 2 == 1)
                maps = [torch.where(odd, maps[1], maps[0]), torch.where(odd, maps[0], maps[1])]
            name = f"encoder.stage{stage}.block{block}"
            inner = normed([same(map_, weights[f"{name}.depthwise.weight"], stride, dilation) for map_ in maps], f"{name}.depthwise_norm")
            outer = [self.norm_of(F.conv2d(map_, weights[f"{name}.project.weight"]), f"{name}.project_norm", sensor) for sensor, map_ in zip(sensors, inner)]
            maps = [F.relu(after + before if stride == 1 and before.shape == after.shape else after) for before, after in zip(maps, outer)]
            if not any(other == stage and later > block for other, later, *_ in BLOCKS):
                maps = [tap(f"stage{stage}", sensor, map_) for sensor, map_ in zip(sensors, maps)]
                levels[stage] = dict(zip(sensors, maps))
        return levels[2], levels[5]

    def unit(self, x, name, dilation=1):
        depthwise = self.weights.get(f"{name}.depthwise.weight")
        if depthwise is not None:
            x = F.conv2d(x, depthwise, None, 1, dilation, dilation, x.shape[1])
        return F.relu(self.norm(F.conv2d(x, self.weights[f"{name}.conv.weight"]), f"{name}.norm"))

    def decode(self, skip, deep, sensor):
        name = f"decoder.copy{sensor}" if sensor else "decoder"
        branches = [self.unit(deep, f"{name}.pyramid.point")]
        branches += [self.unit(deep, f"{name}.pyramid.atrous{index}", rate) for index, rate in enumerate(RATES)]
        branches.append(self.unit(deep.mean((2, 3), keepdim=True), f"{name}.pyramid.pool").expand_as(branches[0]))
        y = self.unit(self.unit(torch.cat(branches, 1), f"{name}.pyramid.project"), f"{name}.refine")
        y = F.interpolate(y, skip.shape[2:], mode="bilinear", align_corners=False)
        return self.unit(torch.cat([y, self.unit(skip, f"{name}.skip")], 1), f"{name}.join")

    def conv(self, x, name):
        return F.conv2d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def answer(self, images, tap=lambda site, sensor, map_: map_):
        """Logits by head of the sensors that are there, the one that counts first."""
        size = next(iter(images.values())).shape[2:]
        up = lambda scores: F.interpolate(scores, size, mode="bilinear", align_corners=False)
        skip, deep = self.encode(images, tap)
        maps = {sensor: tap("decoder", sensor, self.decode(skip[sensor], deep[sensor], sensor)) for sensor in images}
        heads = {}
        if len(maps) == 2:
            optical, thermal = maps[0], maps[1]
            parts = [thermal, optical, optical + thermal]
            gates = torch.sigmoid(self.conv(torch.cat(parts, 1), "gsu.unit.gates")).chunk(3, 1)
            views = [torch.tanh(self.conv(part, f"gsu.unit.{name}")) for part, name in zip(parts, ("second", "first", "sum"))]
            fused = tap("fused", None, sum(gate * view for gate, view in zip(gates, views)))
            heads["fused"] = up(self.conv(fused, "gsu.head"))
        for sensor, map_ in maps.items():
            heads[self.sensors[sensor]] = up(self.conv(map_, f"decoder.copy{sensor}.head" if sensor else "decoder.head"))
        return heads


def one(heads, name):
    return heads[name] if name else next(iter(heads.values()))


class Case:
    """What is asked, of which answer."""

    def __init__(self, network, images, classes, asked):
        self.network, self.images, self.asked = network, images, asked
        self.chosen = classes.index(asked["class"]) if asked["class"] else None
        logits = one(network.answer(images), asked["head"])
        self.ids = logits.argmax(1, keepdim=True)
        self.pixels = torch.ones_like(self.ids) if self.chosen is None else (self.ids == self.chosen)
        self.before = self.explained(logits.softmax(1))

    def explained(self, scores):
        return scores.gather(1, self.ids) if self.chosen is None else scores[:, self.chosen : self.chosen + 1]

    def lost(self, images):
        return self.before - self.explained(one(self.network.answer(images), self.asked["head"]).softmax(1))

    def mean(self, map_):
        return (map_ * self.pixels).sum() / self.pixels.sum()

    def grad_cam(self):
        layer, leaves = self.asked["layer"], {}

        def tap(site, sensor, map_):
            if site != layer and not (layer == "classifier" and site in ("decoder", "fused")):
                return map_
            leaves[sensor] = map_ = map_.requires_grad_() if map_.is_leaf else map_
            map_.retain_grad()
            return map_

        logits = one(self.network.answer(self.images, tap), self.asked["head"])
        (self.explained(logits) * self.pixels).sum().backward()
        for sensor, map_ in leaves.items():
            if map_.grad is None:
                continue
            cam = F.relu((map_.detach() * map_.grad.mean((2, 3), keepdim=True)).sum(1, keepdim=True))
            cam = F.interpolate(cam, logits.shape[2:], mode="bilinear", align_corners=False)
            name = "explain.gradcam." + ("fused" if sensor is None else self.network.sensors[sensor])
            yield name, (cam - cam.min()) / (cam.max() - cam.min())
            print(f"{self.asked['name']}.{name}.peak", cam.max().item())

    def without(self, sensors, top, bottom, left, right):
        images = dict(self.images)
        for sensor in sensors:
            images[sensor] = images[sensor].clone()
            images[sensor][:, :, top:bottom, left:right] = self.images[sensor].mean((2, 3), keepdim=True)
        return images

    def slide(self):
        height, width = self.before.shape[2:]
        side = -(-min(height, width) // 8)
        for sensor in self.images:
            map_ = torch.zeros(1, 1, height, width)
            for top in range(0, height, side):
                for left in range(0, width, side):
                    lost = self.lost(self.without([sensor], top, top + side, left, left + side))
                    map_[:, :, top : top + side, left : left + side] = self.mean(lost)
            yield f"explain.occlusion.{self.network.sensors[sensor]}", map_

    def region(self):
        top, bottom, left, right = self.asked["region"]
        for name, sensors in [(name, [sensor]) for sensor, name in enumerate(self.network.sensors)] + [("all", list(self.images))]:
            images = self.without(sensors, top, bottom, left, right)
            yield f"explain.region.{name}", self.lost(images)
            yield f"explain.answer.{name}", one(self.network.answer(images), self.asked["head"]).argmax(1).float()

    def reliance(self):
        lost = {sensor: self.lost({other: image for other, image in self.images.items() if other != sensor}) for sensor in self.images}
        whole = sum(map_.abs() for map_ in lost.values())
        sizes = {sensor: self.mean(map_.abs()).item() for sensor, map_ in lost.items()}
        for sensor, map_ in lost.items():
            name = self.network.sensors[sensor]
            yield f"explain.drop.{name}", map_
            yield f"explain.share.{name}", torch.where(whole > 0.01, map_.abs() / whole.clamp(min=0.01), torch.zeros(()))
            print(f"{self.asked['name']}.explain.drop.{name}", self.mean(map_).item())
            print(f"{self.asked['name']}.explain.share.{name}", sizes[sensor] / sum(sizes.values()))


def read(folder, name):
    with open(os.path.join(folder, f"{name}.f32"), "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32)


def write(folder, name, map_):
    with open(os.path.join(folder, f"{name}.f32"), "wb") as file:
        array.array("f", map_.detach().flatten().tolist()).tofile(file)


def main(model, folder):
    weights, card = read_weights.read(model)
    sensors = [sensor["name"] for sensor in card["sensors"]]
    with open(os.path.join(folder, "asked.json")) as file:
        asked = json.load(file)
    images = {place: read(folder, name).view(1, 3, asked["height"], asked["width"]) for place, name in enumerate(sensors)}
    for case in asked["cases"]:
        of = Case(Network(weights, sensors), images, card["classes"], case)
        for kind in case["kinds"]:
            for name, map_ in getattr(of, kind)():
                write(folder, f"{case['name']}.{name}", map_)


if __name__ == "__main__":
    main(*sys.argv[1:])
