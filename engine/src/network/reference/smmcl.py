"""Prints the constants of the tests of SMMCL's modules: coefficients and projector."""

import torch
import torch.nn.functional as F
from waves import Parameters, conv, inputs, norm, report


# Eqs. 1-2 with Table 1: one module of a level, both coefficients, the factor 0.5 of the code.
def three_layers(x, p):
    weights = [(p(*shape, 1, 1), p(shape[0])) for shape in p.shapes]
    for weight, bias in weights[:-1]:
        x = F.gelu(conv(x, weight, bias))
    return torch.sigmoid(conv(x, *weights[-1]))


def coefficients(first, second, p, factor):
    channels = first.shape[1]
    joined = torch.cat([first, second], 1)
    p.shapes = [(2 * channels, 2 * channels)] * 2 + [(1, 2 * channels)]
    spatial = three_layers(joined, p)
    p.shapes = [(4 * channels, 4 * channels)] * 2 + [(channels, 4 * channels)]
    channel = three_layers(torch.cat([F.adaptive_avg_pool2d(joined, 1), F.adaptive_max_pool2d(joined, 1)], 1), p)
    update = lambda one, other: one + factor * spatial * other + factor * channel * other
    return update(first, second), update(second, first)


p, maps = Parameters(), inputs((2, 2, 2, 3), (2, 2, 2, 3))
report("coefficients", coefficients(*maps, p, 0.5), maps, p.all)


# The parameters of all convolutions first, then those of the norms, as the fields of the Rust module lie.
p, maps = Parameters(), inputs((2, 3, 2, 2))
convs = [(p(3, 3, 1, 1), p(3)) for _ in range(2)]
norms = [(p(3), p(3)) for _ in range(2)]
x = maps[0]
for (weight, bias), affine in zip(convs, norms):
    x = norm(F.gelu(conv(x, weight, bias)), *affine)
report("projector", [conv(x, p(2, 3, 1, 1), p(2))], maps, p.all)
