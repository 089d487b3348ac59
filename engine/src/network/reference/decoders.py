"""Prints the constants of the tests of decoders: group norm, doubling, RTFNet's blocks, DeepLabV3, the Hamburger head."""

import torch
import torch.nn.functional as F
from waves import Parameters, conv, inputs, norm, report

p, maps = Parameters(), inputs((2, 4, 1, 3))
report("group norm", [F.group_norm(*maps, 2, p(4), p(4))], maps, p.all)

p, maps = Parameters(), inputs((2, 3, 1, 2))
report("doubling", [F.conv_transpose2d(*maps, p(3, 2, 2, 2), stride=2)], maps, p.all)


def normed(p, *shape, channels=None):
    """A convolution's weight and its norm, in the order of the fields."""
    return p(*shape), p(channels or shape[0]), p(channels or shape[0])


def trans_bottleneck(x, p, output, doubles):
    channels = x.shape[1]
    first, second = normed(p, output, channels, 1, 1), normed(p, output, output, 3, 3)
    third = normed(p, output, output, *((2, 2) if doubles else (3, 3)))
    beside = x
    if doubles:
        weight, gamma, beta = normed(p, channels, output, 2, 2, channels=output)
        beside = norm(F.conv_transpose2d(x, weight, stride=2), gamma, beta)
    y = F.relu(norm(conv(x, first[0]), *first[1:]))
    y = F.relu(norm(conv(y, second[0]), *second[1:]))
    y = F.conv_transpose2d(y, third[0], stride=2) if doubles else conv(y, third[0])
    return F.relu(norm(y, *third[1:]) + beside)


p, maps = Parameters(), inputs((2, 3, 2, 3))
report("keeping", [trans_bottleneck(*maps, p, 3, False)], maps, p.all)
p, maps = Parameters(), inputs((2, 3, 2, 2))
report("rising", [trans_bottleneck(*maps, p, 2, True)], maps, p.all)


def unit(x, weight, gamma, beta, dilation=1):
    return F.relu(norm(conv(x, weight, dilation=dilation), gamma, beta))


def deeplab_v3(x, p, channels, rates, classes):
    width = x.shape[1]
    branches = [unit(x, *normed(p, channels, width, 1, 1))]
    branches += [unit(x, *normed(p, channels, width, 3, 3), dilation=rate) for rate in rates]
    branches += [unit(x.mean((2, 3), keepdim=True), *normed(p, channels, width, 1, 1)).expand(-1, -1, *x.shape[2:])]
    y = unit(torch.cat(branches, 1), *normed(p, channels, len(branches) * channels, 1, 1))
    y = unit(y, *normed(p, channels, channels, 3, 3))
    return conv(y, p(classes, channels, 1, 1), p(classes))


p, maps = Parameters(), inputs((2, 3, 2, 3))
report("v3", [deeplab_v3(*maps, p, 8, (1, 2), 2)], maps, p.all)


# The bases of inference as decoders/factors.rs draws them: 8 channels, 3 bases.
BASES = [
    0.42857727, 0.133036, 0.38598886, 0.5269235, 0.3860885, 0.17297134,
    0.6078704, 0.30138424, 0.1972299, 0.06638546, 0.035493612, 0.25432768,
    0.1763075, 0.17409419, 0.5571687, 0.31943983, 0.22795464, 0.108274184,
    0.17573951, 0.43824887, 0.43977392, 0.027372535, 0.6832354, 0.4493884,
]


def factored(x, bases, steps):
    flat = x.flatten(2)
    shares = torch.softmax(flat.mT @ bases, -1)
    for _ in range(steps):
        shares = shares * (flat.mT @ bases) / (shares @ (bases.mT @ bases) + 1e-6)
        bases = bases * (flat @ shares) / (bases @ (shares.mT @ shares) + 1e-6)
    shares = shares * (flat.mT @ bases) / (shares @ (bases.mT @ bases) + 1e-6)
    return (bases @ shares.mT).reshape(x.shape)


def hamburger(levels, p, channels, classes, steps):
    levels = [F.interpolate(level, size=levels[0].shape[2:], mode="bilinear", align_corners=False) for level in levels]
    joined = torch.cat(levels, 1)

    def grouped(x, gamma, beta):
        return F.group_norm(x, channels, gamma, beta)

    squeeze = normed(p, channels, joined.shape[1], 1, 1)
    enter = p(channels, channels, 1, 1), p(channels)
    leave, align = normed(p, channels, channels, 1, 1), normed(p, channels, channels, 1, 1)
    x = F.relu(grouped(conv(joined, squeeze[0]), *squeeze[1:]))
    bases = torch.tensor(BASES).reshape(1, channels, 3).expand(len(x), -1, -1)
    low = factored(F.relu(conv(x, *enter)), bases, steps)
    x = F.relu(x + grouped(conv(low, leave[0]), *leave[1:]))
    x = F.relu(grouped(conv(x, align[0]), *align[1:]))
    return conv(x, p(classes, channels, 1, 1), p(classes))


p, maps = Parameters(), inputs((2, 2, 3, 4), (2, 3, 2, 2), (2, 2, 1, 1))
report("hamburger", [hamburger(maps, p, 8, 2, 6)], maps, p.all)
