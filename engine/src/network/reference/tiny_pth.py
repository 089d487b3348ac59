"""Writes the whole PyTorch files that the tests of pretrained/file.rs read and damage."""

import torch

weight = torch.arange(4, dtype=torch.float32).reshape(2, 2)
tensors = {"conv_stem.weight": weight, "bn1.bias": torch.tensor([1.5])}
torch.save(tensors, "tiny.pth")
torch.save(tensors, "tiny_legacy.pth", _use_new_zipfile_serialization=False)
values = torch.tensor([-1.5, 0.25, 3.0])
floats = {"half": values.half(), "brain": values.bfloat16(), "double": values.double()}
torch.save({"state_dict": floats, "epoch": 3}, "tiny_floats.pth")
