"""Prints what AMDANet's modules are compared with: SCI, FDAM local and global, the fusion-image head.

Written from the paper's equations. Needs PyTorch only: python3 amdanet.py > amdanet.txt
"""

import torch
import torch.nn.functional as F

THRESHOLD = -0.38


def wave(shape, offset):
    count = torch.Size(shape).numel()
    return torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + offset).float().double().reshape(shape)


def draws(shape, seed):
    """Numbers of -1 to 1 by a linear congruential generator."""
    state, values = seed, []
    for _ in range(torch.Size(shape).numel()):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**30 - 1)
    return torch.tensor(values, dtype=torch.float64).float().double().reshape(shape)


class Parameters:
    """Hands out the parameters of a module in the order of its fields: the k-th is drawn with seed 1000 + k."""

    def __init__(self, scale):
        self.all, self.scale = [], scale

    def __call__(self, *shape):
        tensor = (draws(shape, 1000 + len(self.all)) * self.scale).requires_grad_()
        self.all.append(tensor)
        return tensor


def inputs(*shapes):
    return [draws(shape, 1 + index).requires_grad_() for index, shape in enumerate(shapes)]


def report(name, outputs, maps, p):
    """Values, gradients of the inputs, and the slope of every parameter along a wave, of a sum weighed by waves."""
    sum((output * wave(output.shape, 0.3 + index)).sum() for index, output in enumerate(outputs)).backward()
    slopes = [(tensor.grad * wave(tensor.shape, 0.6)).sum() for tensor in p.all if tensor.grad is not None]
    for what, tensors in [("outputs", outputs), ("inputs", [m.grad for m in maps]), ("parameters", slopes)]:
        values = [value for tensor in tensors for value in tensor.flatten().tolist()]
        print(name, what, " ".join(f"{value:.7g}" for value in values))


def linear(x, weight, bias=None):
    """A linear layer over the channels of a map."""
    x = torch.einsum("bchw,oc->bohw", x, weight)
    return x if bias is None else x + bias.reshape(1, -1, 1, 1)


def perceptron(p, sizes):
    (w1, b1), (w2, b2) = [(p(o, i, 1, 1), p(o)) for i, o in zip(sizes, sizes[1:])]
    return lambda x: linear(F.relu(linear(x, w1[:, :, 0, 0], b1)), w2[:, :, 0, 0], b2)


# Semantic consistency inference on two samples, one of them similar enough to be left as it is.
p, (vi, inf) = Parameters(1.0), inputs((2, 4, 1, 3), (2, 4, 1, 3))
cosine = F.cosine_similarity(vi, inf, dim=1).mean((1, 2))
print("similarity", *cosine.tolist())
mlp = perceptron(p, [8, 4, 1])
lam = p(1)
mask = mlp(torch.cat([inf, vi], 1)).sigmoid()
p_in, p_vi = inf * (1 - mask) + vi * mask, vi * (1 - mask) + inf * mask
out_vi, out_in = vi - lam * (vi - p_vi), inf - lam * (inf - p_in)
gate = (cosine.detach() < THRESHOLD).double().reshape(2, 1, 1, 1)
report("sci", [gate * out_vi + (1 - gate) * vi, gate * out_in + (1 - gate) * inf], [vi, inf], p)


# Local alignment, AMDANet's code: width 4.
def pooled(x):
    return x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)


def flattened(x):
    return torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)


p, (x1, x2) = Parameters(1.0), inputs((2, 4, 2, 3), (2, 4, 2, 3))
gate, channel, spatial = perceptron(p, [8, 2, 4]), perceptron(p, [8, 2, 8]), perceptron(p, [4, 16, 2])
both = torch.cat([x1, x2], 1)
g = gate(both).sigmoid()
mean, top = pooled(both)
ch = (channel(mean) + channel(top)).sigmoid()
sp = spatial(torch.cat([flattened(x1), flattened(x2)], 1)).sigmoid()
a1, a2 = (g * ch[:, 4 * k : 4 * k + 4] * sp[:, k : k + 1] for k in range(2))
y1, y2 = x1 + a1 * x2, x2 + a2 * x1
report("joint", [(y * a - y).sigmoid() * y + y * a for y, a in ((y1, a1), (y2, a2))], [x1, x2], p)

# Local alignment, the paper's reading: width 8, reduced to 2, a 7x7 convolution.
p, maps = Parameters(1.0), inputs((1, 8, 2, 3), (1, 8, 2, 3))


def lone(x):
    mlp, weight, bias = perceptron(p, [8, 2, 8]), p(1, 2, 7, 7), p(1)
    mean, top = pooled(x)
    channel = (mlp(mean) + mlp(top)).sigmoid()
    spatial = F.conv2d(flattened(x), weight, bias, padding=3).sigmoid()
    return sum((a * x - x).sigmoid() * x + x for a in (channel, spatial))


report("separate", [lone(x) for x in maps], maps, p)


# Global alignment: width 4 with 2 heads and a reduction of 4 (the second level's), on maps of 5 x 9.
def attention(p, width, heads, reduction):
    q, k, v = (p(width, width, 1, 1)[:, :, 0, 0] for _ in range(3))
    reduce = (p(width, width, reduction, reduction), p(width)) if reduction > 1 else None
    norm = (p(width), p(width)) if reduction > 1 else None

    def attend(x, z):
        if reduce:
            z = F.conv2d(z, *reduce, stride=reduction)
            z = F.layer_norm(z.permute(0, 2, 3, 1), (width,), *norm).permute(0, 3, 1, 2)
        split = lambda t: t.flatten(2).unflatten(1, (heads, width // heads)).transpose(2, 3)
        weights = (split(linear(x, q)) @ split(linear(z, k)).transpose(2, 3) / (width // heads) ** 0.5).softmax(-1)
        return (weights @ split(linear(z, v))).transpose(2, 3).reshape(x.shape), weights

    return attend


def step(p, *shape):
    attend, weight, bias = attention(p, *shape), p(shape[0], shape[0], 1, 1), p(shape[0])
    return lambda x, z: linear(attend(x, z)[0] + x, weight[:, :, 0, 0], bias)


for name, shape, size in [("global.reduced", (4, 2, 4), (5, 9)), ("global", (8, 8, 1), (1, 3))]:
    p, (x1, x2) = Parameters(0.8), inputs((1, shape[0], *size), (1, shape[0], *size))
    steps = [step(p, *shape) for _ in range(4)]
    weight, bias = p(shape[0], shape[0], 1, 1), p(shape[0])
    e1, e2 = steps[0](x1, x1), steps[1](x2, x2)
    c1 = steps[2](e1, e2)
    c2 = steps[3](e2, c1)
    report(name, [linear(c2, weight[:, :, 0, 0], bias)], [x1, x2], p)

# Attention of a map to another: values and the weights of one place.
p, (x, z) = Parameters(1.0), inputs((1, 4, 1, 2), (1, 4, 1, 3))
report("attention", list(attention(p, 4, 2, 1)(x, z)), [x, z], p)


# The fusion-image head: two sensors, two levels of 2 and 3 channels, 2 channels in the middle.
def point(p, input, output, kernel):
    weight, bias, gamma, beta = p(output, input, kernel, kernel), p(output), p(output), p(output)
    conv = lambda x: F.conv2d(x, weight, bias, padding=kernel // 2)
    return lambda x: F.relu(F.batch_norm(conv(x), None, None, gamma, beta, training=True, eps=1e-2))


p = Parameters(1.0)
maps = inputs((2, 2, 2, 3), (2, 3, 1, 2), (2, 2, 2, 3), (2, 3, 1, 2), (2, 3, 3, 4), (2, 3, 3, 4))
points, join = [point(p, width, 2, 1) for width in (2, 3, 2, 3)], point(p, 4 * 2 + 6, 2, 3)
weight, bias = p(3, 2, 1, 1), p(3)
up = lambda x: F.interpolate(x, size=(3, 4), mode="bilinear", align_corners=False)
joined = torch.cat([up(each(x)) for each, x in zip(points, maps)] + maps[4:], 1)
report("image", [F.conv2d(join(joined), weight, bias).sigmoid()], maps, p)
