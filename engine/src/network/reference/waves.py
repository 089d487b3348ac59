"""Numbers that scripts here and `network/testing.rs` make in the same way, and how they are printed."""

import torch
import torch.nn.functional as F


def wave(shape, offset):
    count = torch.Size(shape).numel()
    return torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + offset).float().reshape(shape)


def show(name, tensor):
    print(name, "[" + ", ".join(f"{value:.6}" for value in tensor.flatten().tolist()) + "]")


class Parameters:
    """Hands out the parameters of a module in the order of its fields: the k-th is a wave of offset 1 + k / 2."""

    def __init__(self, scale=1.0):
        self.all, self.scale = [], scale

    def __call__(self, *shape):
        tensor = (wave(shape, 1 + 0.5 * len(self.all)) * self.scale).requires_grad_()
        self.all.append(tensor)
        return tensor


def inputs(*shapes):
    """The k-th input of a module is a wave of offset 0.2 + 1.3 k."""
    return [wave(shape, 0.2 + 1.3 * index).requires_grad_() for index, shape in enumerate(shapes)]


def report(name, outputs, maps, parameters=()):
    """Values, gradients of the inputs, and the slope of every parameter along a wave, of a sum weighed by waves."""
    sum((output * wave(output.shape, 0.3 + index)).sum() for index, output in enumerate(outputs)).backward()
    show_short(f"{name} outputs", outputs)
    show_short(f"{name} inputs", [tensor.grad for tensor in maps])
    slopes = [(tensor.grad * wave(tensor.shape, 0.6)).sum() for tensor in parameters]
    show_short(f"{name} parameters", slopes)


def show_short(name, tensors):
    values = [value for tensor in tensors for value in tensor.flatten().tolist()]
    text = (f"{value:.{6 if abs(value) < 1 else 5 if abs(value) < 10 else 4 if abs(value) < 100 else 3}f}" for value in values)
    print(name, "[" + ", ".join(text) + "]")


def conv(x, weight, bias=None, dilation=1, groups=1):
    reach = dilation * (weight.shape[-1] - 1) // 2
    return F.conv2d(x, weight, bias, padding=reach, dilation=dilation, groups=groups)


def norm(x, gamma, beta, eps=1e-5):
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
