"""Scenes a second of a PyTorch DataLoader with Pillow: what the engine's loader does, written as papers' code does it.

    python3 pytorch.py FOLDER WORKERS BATCH WIDTH HEIGHT

FOLDER holds `colour`, `thermal` and `label`. Prints `scenes_s=` and the scenes a second from the first batch of a pass to
its last.
"""

import os
import random
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter
from torch.utils.data import DataLoader, Dataset

BINOMIAL = ImageFilter.Kernel((3, 3), [1, 2, 1, 2, 4, 2, 1, 2, 1])
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
IGNORE = 255


class Scenes(Dataset):
    def __init__(self, folder, width, height):
        self.folder, self.width, self.height = folder, width, height
        self.names = sorted(os.listdir(os.path.join(folder, "colour")))

    def __len__(self):
        return len(self.names)

    def __getitem__(self, place):
        name = self.names[place]
        colour, thermal, label = (Image.open(os.path.join(self.folder, kind, name)) for kind in ("colour", "thermal", "label"))
        colour, thermal = colour.convert("RGB"), thermal.convert("L")
        scale = random.uniform(0.5, 2.0)
        size = max(1, round(colour.width * scale)), max(1, round(colour.height * scale))
        colour, thermal = (image.resize(size, Image.BILINEAR) for image in (colour, thermal))
        label = label.resize(size, Image.NEAREST)
        if random.random() < 0.5:
            colour, thermal, label = (image.transpose(Image.FLIP_LEFT_RIGHT) for image in (colour, thermal, label))
        left, top = (self.begin(side, target) for side, target in zip(size, (self.width, self.height)))
        colour, thermal = self.cut(colour, left, top, 0), self.cut(thermal, left, top, 0)
        label = self.cut(label, left, top, IGNORE)
        if random.random() < 0.5:
            for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
                colour = kind(colour).enhance(random.uniform(0.5, 1.5))
        if random.random() < 0.5:
            colour = colour.filter(BINOMIAL)
        colour = torch.from_numpy(np.array(colour)).permute(2, 0, 1).float().div_(255)
        thermal = torch.from_numpy(np.array(thermal)).float().div_(255).expand(3, -1, -1)
        images = [((image - MEAN) / STD) for image in (colour, thermal)]
        return images[0], images[1], torch.from_numpy(np.array(label)).long()

    @staticmethod
    def begin(side, target):
        room = side - target
        return random.randint(0, room) if room >= 0 else -random.randint(0, -room)

    def cut(self, image, left, top, fill):
        if left >= 0 and top >= 0 and left + self.width <= image.width and top + self.height <= image.height:
            return image.crop((left, top, left + self.width, top + self.height))
        whole = Image.new(image.mode, (self.width, self.height), (fill,) * 3 if image.mode == "RGB" else fill)
        whole.paste(image, (-left, -top))
        return whole


def main():
    folder, (workers, batch, width, height) = sys.argv[1], map(int, sys.argv[2:6])
    torch.set_num_threads(1)
    scenes = Scenes(folder, width, height)
    loader = DataLoader(scenes, batch_size=batch, shuffle=True, num_workers=workers, drop_last=True)
    batches = iter(loader)
    next(batches)
    began = time.perf_counter()
    count = sum(colour.shape[0] for colour, _, _ in batches)
    print(f"scenes_s={count / (time.perf_counter() - began):.3f}")


if __name__ == "__main__":
    main()
