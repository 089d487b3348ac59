"""Prints the constants of the tests in fusion/gsu.rs, layers/norm.rs, layers/resize.rs and decoders/projection.rs."""

import torch
import torch.nn.functional as F


def wave(shape, offset):
    count = torch.Size(shape).numel()
    return torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + offset).float().reshape(shape)


def show(name, tensor):
    print(name, "[" + ", ".join(f"{value:.6}" for value in tensor.flatten().tolist()) + "]")


# The gated selection unit, one 1x1 convolution a gate, written as in Eqs. 7-11.
first, second = (wave((1, 2, 1, 3), offset).requires_grad_() for offset in (0.1, 0.9))
both = first + second
h1 = torch.tanh(F.conv2d(second, wave((2, 2, 1, 1), 1.0), wave((2,), 2.0)))
h2 = torch.tanh(F.conv2d(first, wave((2, 2, 1, 1), 3.0), wave((2,), 4.0)))
h3 = torch.tanh(F.conv2d(both, wave((2, 2, 1, 1), 5.0), wave((2,), 6.0)))
joined = torch.cat([second, first, both], 1)
weights, biases = wave((6, 6, 1, 1), 7.0), wave((6,), 8.0)
z1, z2, z3 = (
    torch.sigmoid(F.conv2d(joined, weights[2 * k : 2 * k + 2], biases[2 * k : 2 * k + 2])) for k in range(3)
)
fused = z1 * h1 + z2 * h2 + z3 * h3
(fused * wave((1, 2, 1, 3), 0.3)).sum().backward()
show("gsu output", fused)
show("gsu gradient first", first.grad)
show("gsu gradient second", second.grad)

# Batch norm: two training passes, then inference.
norm = torch.nn.BatchNorm2d(2, eps=1e-3, momentum=0.1)
norm.weight.data, norm.bias.data = wave((2,), 0.5), wave((2,), 1.5)
x = wave((2, 2, 1, 3), 0.2).requires_grad_()
trained = norm(x)
(trained * wave((2, 2, 1, 3), 0.4)).sum().backward()
norm(wave((2, 2, 1, 3), 2.0) * 3)
norm.eval()
show("norm output", trained)
show("norm gradient", x.grad)
show("norm running mean", norm.running_mean)
show("norm running variance", norm.running_var)
show("norm inference", norm(x))

# Bilinear resizing up and down, sizes that do not divide.
x = wave((1, 1, 3, 2), 0.6).requires_grad_()
large = F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=False)
(large * wave((1, 1, 4, 5), 0.7)).sum().backward()
show("resize up", large)
show("resize gradient", x.grad)
show("resize down", F.interpolate(wave((1, 1, 5, 7), 0.8), size=(2, 3), mode="bilinear", align_corners=False))
