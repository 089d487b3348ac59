"""Prints the constants of encoders/block/tests.rs: the strided bottleneck of ResNets."""

import torch
import torch.nn.functional as F
from waves import Parameters, conv, inputs, norm, report


def bottleneck(x, p, inner, output, stride, projects):
    """Parameters in the order of the fields: reduction, 3x3, expansion, shortcut, each with its norm."""
    channels = x.shape[1]
    weights = [(p(inner, channels, 1, 1), p(inner), p(inner)), (p(inner, inner, 3, 3), p(inner), p(inner))]
    weights += [(p(output, inner, 1, 1), p(output), p(output))]
    beside = x
    if projects:
        weight, gamma, beta = p(output, channels, 1, 1), p(output), p(output)
        beside = norm(F.conv2d(x, weight, stride=stride), gamma, beta)
    y = F.relu(norm(conv(x, weights[0][0]), *weights[0][1:]))
    y = F.conv2d(y, weights[1][0], stride=stride, padding=1)
    y = F.relu(norm(y, *weights[1][1:]))
    return F.relu(norm(conv(y, weights[2][0]), *weights[2][1:]) + beside)


p, maps = Parameters(), inputs((2, 2, 4, 3))
report("bottleneck", [bottleneck(*maps, p, 2, 4, 2, True)], maps, p.all)
