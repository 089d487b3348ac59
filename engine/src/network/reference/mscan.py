"""Prints the constants of encoders/mscan/tests.rs: SegNeXt's attention and block, written from the paper's equations."""

import torch.nn.functional as F
from waves import Parameters, inputs, norm, report


def attention(x, p):
    width = x.shape[1]

    def strip(x, weight, bias):
        rows, columns = weight.shape[2:]
        return F.conv2d(x, weight, bias, padding=(rows // 2, columns // 2), groups=width)

    def taken(rows, columns):
        return p(width, 1, rows, columns), p(width)

    enter, local = (p(width, width, 1, 1), p(width)), taken(5, 5)
    strips = [(taken(1, size), taken(size, 1)) for size in (7, 11, 21)]
    mix, leave = ((p(width, width, 1, 1), p(width)) for _ in range(2))
    entered = F.gelu(F.conv2d(x, *enter))
    places = strip(entered, *local)
    total = places + sum(strip(strip(places, *row), *column) for row, column in strips)
    return F.conv2d(F.conv2d(total, *mix) * entered, *leave) + x


def feed_forward(x, p, inner):
    width = x.shape[1]
    x = F.conv2d(x, p(inner, width, 1, 1), p(inner))
    x = F.gelu(F.conv2d(x, p(inner, 1, 3, 3), p(inner), padding=1, groups=inner))
    return F.conv2d(x, p(width, inner, 1, 1), p(width))


def block(x, p, inner):
    width = x.shape[1]
    y = attention(norm(x, p(width), p(width)), p)
    x = x + p(width).reshape(1, -1, 1, 1) * y
    y = feed_forward(norm(x, p(width), p(width)), p, inner)
    return x + p(width).reshape(1, -1, 1, 1) * y


p, maps = Parameters(0.5), inputs((1, 2, 3, 5))
report("attention", [attention(*maps, p)], maps, p.all)
p, maps = Parameters(0.5), inputs((2, 2, 2, 3))
report("block", [block(*maps, p, 4)], maps, p.all)
