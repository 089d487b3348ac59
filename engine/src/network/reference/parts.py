"""Prints the constants of the tests of the modules: fusion, layers, interaction, decoders, encoder blocks, auxiliary head."""

import torch
import torch.nn.functional as F
from waves import Parameters, conv, inputs, norm, report, show, wave

# The gated spectral unit, one 1x1 convolution a gate, written as in Eqs. 7-11.
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
layer = torch.nn.BatchNorm2d(2, eps=1e-3, momentum=0.1)
layer.weight.data, layer.bias.data = wave((2,), 0.5), wave((2,), 1.5)
x = wave((2, 2, 1, 3), 0.2).requires_grad_()
trained = layer(x)
(trained * wave((2, 2, 1, 3), 0.4)).sum().backward()
layer(wave((2, 2, 1, 3), 2.0) * 3)
layer.eval()
show("norm output", trained)
show("norm gradient", x.grad)
show("norm running mean", layer.running_mean)
show("norm running variance", layer.running_var)
show("norm inference", layer(x))

# Bilinear resizing up and down, sizes that do not divide.
x = wave((1, 1, 3, 2), 0.6).requires_grad_()
large = F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=False)
(large * wave((1, 1, 4, 5), 0.7)).sum().backward()
show("resize up", large)
show("resize gradient", x.grad)
show("resize down", F.interpolate(wave((1, 1, 5, 7), 0.8), size=(2, 3), mode="bilinear", align_corners=False))


# Squeeze-and-excitation: 4 channels, 2 in the middle.
def squeeze_excite(x, p, squeezed):
    channels = x.shape[1]
    reduced = F.silu(conv(x.mean((2, 3), keepdim=True), p(squeezed, channels, 1, 1), p(squeezed)))
    return x * torch.sigmoid(conv(reduced, p(channels, squeezed, 1, 1), p(channels)))


p, maps = Parameters(), inputs((2, 4, 1, 3))
report("squeeze", [squeeze_excite(*maps, p, 2)], maps, p.all)


# MBConv: TensorFlow's "SAME" padding puts the odd zero last.
def mbconv(x, p, inner, output, kernel, stride, dilation, activation, squeezed):
    channels = x.shape[1]
    x1 = activation(norm(conv(x, p(inner, channels, 1, 1)), p(inner), p(inner), 1e-3))
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    weight = p(inner, 1, kernel, kernel)
    x2 = F.conv2d(F.pad(x1, pads), weight, stride=stride, dilation=dilation, groups=inner)
    x2 = activation(norm(x2, p(inner), p(inner), 1e-3))
    if squeezed:
        x2 = squeeze_excite(x2, p, squeezed)
    x3 = norm(conv(x2, p(output, inner, 1, 1)), p(output), p(output), 1e-3)
    return x3 + x if stride == 1 and channels == output else x3


p, maps = Parameters(), inputs((2, 2, 2, 3))
report("mbconv b3", [mbconv(*maps, p, 4, 2, 3, 1, 2, F.silu, 1)], maps, p.all)
# Large scales, so that the upper bound of ReLU6 is met.
p, maps = Parameters(4.0), inputs((2, 2, 4, 3))
report("mbconv lite", [mbconv(*maps, p, 5, 3, 5, 2, 1, F.relu6, 0)], maps, p.all)


# The pyramid and the decoder of DeepLabV3+.
def unit(x, p, output):
    return F.relu(norm(conv(x, p(output, x.shape[1], 1, 1)), p(output), p(output)))


def separable(x, p, output, dilation):
    return unit(conv(x, p(x.shape[1], 1, 3, 3), dilation=dilation, groups=x.shape[1]), p, output)


def pyramid(x, p, output, rates):
    branches = [unit(x, p, output)] + [separable(x, p, output, rate) for rate in rates]
    branches.append(unit(x.mean((2, 3), keepdim=True), p, output).expand(-1, -1, *x.shape[2:]))
    return unit(torch.cat(branches, 1), p, output)


def decoder(stage2, stage5, p, channels, skip, rates, classes):
    deep = separable(pyramid(stage5, p, channels, rates), p, channels, 1)
    deep = F.interpolate(deep, size=stage2.shape[2:], mode="bilinear", align_corners=False)
    joined = separable(torch.cat([deep, unit(stage2, p, skip)], 1), p, channels, 1)
    return conv(joined, p(classes, channels, 1, 1), p(classes))


p, maps = Parameters(), inputs((2, 2, 2, 3))
report("pyramid", [pyramid(*maps, p, 2, (1, 2))], maps, p.all)
p, maps = Parameters(), inputs((2, 2, 2, 3), (2, 3, 1, 2))
report("decoder", [decoder(*maps, p, 8, 4, (1, 2), 2)], maps, p.all)


# The projection head on stages 2 and 5 of two sensors; the norm sees both sensors.
def embed(maps, p_hidden, p_output):
    weight, gamma, beta = p_hidden
    hidden = F.relu(norm(conv(torch.cat(maps, 0), weight), gamma, beta))
    return F.normalize(conv(hidden, *p_output), dim=1).chunk(len(maps), 0)


p, maps = Parameters(), inputs((1, 2, 1, 2), (1, 3, 1, 2), (1, 2, 1, 2), (1, 3, 1, 2))
adapters = [(p(8, 2, 1, 1), p(8)), (p(8, 3, 1, 1), p(8))]
hidden, output = (p(8, 8, 1, 1), p(8), p(8)), (p(8, 8, 1, 1), p(8))
stages = [[conv(maps[stage + 2 * sensor], *adapters[stage]) for sensor in (0, 1)] for stage in (0, 1)]
report("projection", [map for stage in stages for map in embed(stage, hidden, output)], maps, p.all)

# Concatenation, second sensor first, as in the gates above.
p, maps = Parameters(), inputs((1, 2, 1, 3), (1, 2, 1, 3))
report("concat", [conv(torch.cat(maps[::-1], 1), p(2, 4, 1, 1), p(2))], maps, p.all)

# Channel exchange of two scaled maps: where a scale is under the threshold, the other sensor's channel.
maps = inputs((1, 4, 1, 2), (1, 4, 1, 2))
scales = [torch.tensor(values).reshape(1, 4, 1, 1) for values in ([0.5, 0.01, -0.4, -0.01], [0.3, -0.015, 0.01, -0.2])]
scaled = [scale * map for scale, map in zip(scales, maps)]
report("channels", [torch.where(scales[k].abs() < 0.02, scaled[1 - k], scaled[k]) for k in (0, 1)], maps)

# Spatial exchange of the odd columns.
maps = inputs((1, 2, 1, 5), (1, 2, 1, 5))
odd = torch.arange(5) % 2 == 1
report("columns", [torch.where(odd, maps[1 - k], maps[k]) for k in (0, 1)], maps)

# The auxiliary head on stage 4.
p, maps = Parameters(), inputs((2, 3, 1, 2))
report("auxiliary", [conv(*maps, p(2, 3, 1, 1), p(2))], maps, p.all)
