"""Writes tiny.pth, the whole PyTorch file that the tests of pretrained/file.rs damage."""

import torch

weight = torch.arange(4, dtype=torch.float32).reshape(2, 2)
torch.save({"conv_stem.weight": weight, "bn1.bias": torch.tensor([1.5])}, "tiny.pth")
