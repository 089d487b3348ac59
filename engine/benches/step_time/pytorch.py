"""PyTorch's side of the comparison; the protocol is that of `serve.rs`.

Usage: pytorch.py THREADS cpu|cuda [compiled] [channels-last] [tf32|mixed]
"""

import random
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

import demos
import methods
import ogp_net
import paper
import segformer

CLASSES, CELL = 10, 8
SEGFORMERS = {"mit-b0": segformer.B0, "preset:any2seg": segformer.B2}
OGP_NETS = {"nano": "nano", "efficientnet-lite0": "efficientnet-lite0", "efficientnet-b3": "efficientnet-b3", "preset:ogp-net": "efficientnet-b3"}
TAUGHT = demos.TAUGHT | paper.TAUGHT
FAMILIES = {*TAUGHT, *SEGFORMERS, *paper.ENCODERS, *OGP_NETS}
TURN_SECS, FEWEST, MOST = 0.1, 4, 40


def millis(run):
    """Runs something to its end on the device; its result and milliseconds."""
    start = time.perf_counter()
    result = run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return result, (time.perf_counter() - start) * 1e3


def made_up_labels(batch, height, width):
    """Labels in squares of one class."""
    cells = torch.randint(0, CLASSES, (batch, -(-height // CELL), -(-width // CELL)))
    return cells.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)[:, :height, :width].contiguous()


class Student:
    """A network of a family with its loss, and a batch."""

    def __init__(self, family, batch, height, width, compiled=False, mixed=False, channels_last=False):
        self.mixed = mixed
        sensors = demos.SENSORS.get(family, {"preset:single": 1, "preset:any2seg": 4}.get(family, ogp_net.SENSORS))
        if family in TAUGHT:
            self.taught = TAUGHT[family](CLASSES, compiled)
        elif family in SEGFORMERS:
            self.taught = segformer.Taught(SEGFORMERS[family], CLASSES, compiled)
        elif family in paper.ENCODERS:
            self.taught = paper.Taught(family, CLASSES, compiled)
        else:
            self.taught = ogp_net.Taught(OGP_NETS[family], CLASSES, compiled)
        self.network = self.taught.trained
        decay = [p for p in self.network.parameters() if p.ndim > 1]
        plain = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW([dict(params=decay, weight_decay=1e-2), dict(params=plain, weight_decay=0.0)], lr=1e-3)
        self.images = [torch.rand(batch, 3, height, width) for _ in range(sensors)]
        if channels_last:
            self.network.to(memory_format=torch.channels_last)
            self.images = [image.contiguous(memory_format=torch.channels_last) for image in self.images]
        self.labels = made_up_labels(batch, height, width)
        self.parameters = sum(p.numel() for p in self.network.parameters())

    def gradients(self):
        # bf16 has the range of fp32, so no scaling of the loss is needed.
        with torch.autocast(self.images[0].device.type, torch.bfloat16, enabled=self.mixed):
            loss = self.taught.loss(self.images, self.labels)
        self.optimiser.zero_grad()
        loss.backward()
        return loss

    def update(self):
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()

    def step(self):
        loss = self.gradients()
        self.update()
        return loss.item()


    @torch.no_grad()
    def answer(self, scenes):
        """So many scenes, each for all sensors together and for each alone; the seconds."""
        self.network.eval()
        images = [image[:1] for image in self.images]
        subsets = [list(range(len(images))), *([sensor] for sensor in range(len(images)))]

        def run():
            for _ in range(scenes):
                for present in subsets:
                    with torch.autocast(images[0].device.type, torch.bfloat16, enabled=self.mixed):
                        logits = self.taught.network([images[sensor] for sensor in present], present)[0]
                    logits.argmax(1)

        return millis(run)[1] / 1e3


def mapping(x, module):
    """A pass of a layer from map to map: milliseconds forward and backward, as `layer.rs` takes them."""
    gradient = torch.randn_like(module(x))
    parameters = [x, *module.parameters()] if isinstance(module, nn.Module) else [x]

    def run():
        for parameter in parameters:
            parameter.grad = None
        y, ahead = millis(lambda: module(x))
        loss = (y * gradient).sum()
        _, back = millis(loss.backward)
        return ahead, back

    return run


def losing(x, loss_of):
    def run():
        x.grad = None
        loss, ahead = millis(lambda: loss_of(x))
        _, back = millis(loss.backward)
        return ahead, back

    return run


def prepare(kind, *sizes):
    """The layer that the words of `layers.rs` say."""
    # From a large free on glibc keeps what is freed, as in any process that has trained for a step; before, every large
    # result is mapped and faulted in anew.
    block = torch.ones(31 << 20, dtype=torch.uint8, device="cpu")
    del block
    if kind == "conv":
        batch, inner, outer, rows, columns, stride, dilation, groups, height, width = sizes
        padding = dilation * (rows - 1) // 2, dilation * (columns - 1) // 2
        conv = nn.Conv2d(inner, outer, (rows, columns), stride, padding, dilation, groups, bias=False)
        return mapping(torch.randn(batch, inner, height, width, requires_grad=inner > 3), conv)
    if kind == "norm":
        norm = nn.Sequential(nn.BatchNorm2d(sizes[1], 1e-3, 0.01), nn.ReLU6())
        return mapping(torch.randn(sizes, requires_grad=True), norm)
    if kind in ("layer-norm", "linear"):
        # Tokens lie channels last, as in any implementation of transformers.
        batch, inner, *_, height, width = sizes
        layer = nn.LayerNorm(inner) if kind == "layer-norm" else nn.Linear(inner, sizes[2])
        return mapping(torch.randn(batch, height * width, inner, requires_grad=True), layer)
    if kind == "gelu":
        return mapping(torch.randn(sizes, requires_grad=True), F.gelu)
    if kind == "attention":
        batch, heads, depth, places, sources = sizes
        key, value = (torch.randn(batch, heads, sources, depth, requires_grad=True) for _ in range(2))
        attend = lambda query: F.scaled_dot_product_attention(query, key, value)
        return mapping(torch.randn(batch, heads, places, depth, requires_grad=True), attend)
    if kind == "resize":
        resize = lambda x: F.interpolate(x, sizes[4:], mode="bilinear", align_corners=False)
        return mapping(torch.randn(sizes[:4], requires_grad=True), resize)
    if kind == "mff":
        return mapping(torch.randn(sizes[0] * sizes[1], *sizes[2:], requires_grad=True), lambda x: methods.mff(x, sizes[0]))
    if kind == "head":
        labels = made_up_labels(sizes[0], *sizes[2:])
        return losing(torch.randn(sizes, requires_grad=True), lambda logits: ogp_net.segmentation(logits, labels))
    if kind == "relation":
        teacher = torch.randn(sizes)
        return losing(torch.randn(sizes, requires_grad=True), lambda logits: ogp_net.relation(logits, teacher))
    if kind == "adamw":
        student = Student("efficientnet-lite0", *sizes)
        student.gradients()
        return lambda: (millis(student.update)[1], 0.0)
    return methods.prepare(kind, sizes, mapping, losing, made_up_labels)


def measure(run):
    """One turn: the milliseconds of the forward pass and of both."""
    run()
    begin, passes = time.perf_counter(), []
    while len(passes) < FEWEST or (time.perf_counter() - begin < TURN_SECS and len(passes) < MOST):
        passes.append(run())
    return statistics.median(ahead for ahead, _ in passes), statistics.median(sum(both) for both in passes)


def peak_mebibytes(device):
    """The largest resident set so far, where the system keeps that figure; on CUDA also the most that was reserved there."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            peak = [int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:")]
    except OSError:
        peak = [float("nan")]
    return [*peak, torch.cuda.max_memory_reserved() / 2**20] if device == "cuda" else peak


def main():
    threads, device, *options = sys.argv[1:]
    torch.manual_seed(0)
    random.seed(0)
    torch.set_num_threads(int(threads))
    if device == "cuda":
        if not torch.cuda.is_available():
            print("absent PyTorch finds no CUDA device", flush=True)
            return
        torch.set_default_device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = "tf32" in options
        print("ready", torch.__version__, torch.cuda.get_device_name(), flush=True)
    else:
        print("ready", torch.__version__, "CPU", flush=True)
    layers, student = {}, None
    for request in sys.stdin:
        verb, *words = request.split()
        if verb == "layer":
            key = tuple(words)
            if key not in layers:
                layers[key] = prepare(words[0], *map(int, words[1:]))
            answer = measure(layers[key])
        elif verb == "build":
            family, *size = words
            ways = dict(compiled="compiled" in options, mixed="mixed" in options, channels_last="channels-last" in options)
            # What is not written here is no failure: it has no answer.
            student = Student(family, *map(int, size), **ways) if family in FAMILIES else None
            answer = [student.parameters] if student else []
        elif verb == "step":
            answer = [millis(student.step)[1]] if student else []
        elif verb == "answer":
            answer = [student.answer(int(words[0]))] if student else []
        elif verb == "peak":
            answer = peak_mebibytes(device)
        else:
            answer = []
        print(*answer, flush=True)


if __name__ == "__main__":
    main()
