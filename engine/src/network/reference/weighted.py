"""Prints the constants of the test of weighted fusion, in plain Python: gradients are central differences in 64 bits."""

from math import exp, sin

CHANNELS, PLACES, PRESENT, CLASSES = 2, 3, (0, 2, 3), 2


def wave(count, offset):
    return [sin(0.7 * index + offset) for index in range(count)]


def scores(maps, parameters):
    """Maps of sensors 0, 2 and 3 of four to class scores; parameters in the order of the module's fields, channels first."""
    *scorers, head, shifts = parameters
    result = [0.0] * (CLASSES * PLACES)
    for place in range(PLACES):
        at = [[values[channel * PLACES + place] for channel in range(CHANNELS)] for values in maps]
        weighing = [
            exp(sum(w * x for w, x in zip(scorers[2 * sensor], values)) + scorers[2 * sensor + 1][0])
            for sensor, values in zip(PRESENT, at)
        ]
        fused = [sum(e * values[channel] for e, values in zip(weighing, at)) / sum(weighing) for channel in range(CHANNELS)]
        for label in range(CLASSES):
            row = head[label * CHANNELS : (label + 1) * CHANNELS]
            result[label * PLACES + place] = sum(w * x for w, x in zip(row, fused)) + shifts[label]
    return result


def loss(maps, parameters):
    found = scores(maps, parameters)
    return sum(value * weight for value, weight in zip(found, wave(len(found), 0.3)))


def gradient(numbers, of):
    slopes = []
    for index, number in enumerate(numbers):
        numbers[index] = number + 1e-5
        above = of()
        numbers[index] = number - 1e-5
        slopes.append((above - of()) / 2e-5)
        numbers[index] = number
    return slopes


maps = [wave(CHANNELS * PLACES, 0.2 + 1.3 * index) for index in range(len(PRESENT))]
counts = [CHANNELS, 1] * 4 + [CLASSES * CHANNELS, CLASSES]
parameters = [wave(count, 1 + 0.5 * index) for index, count in enumerate(counts)]
slopes = [gradient(numbers, lambda: loss(maps, parameters)) for numbers in maps]
along = [
    sum(slope * weight for slope, weight in zip(gradient(numbers, lambda: loss(maps, parameters)), wave(len(numbers), 0.6)))
    for index, numbers in enumerate(parameters)
    if index // 2 != 1  # The absent sensor's get no gradient.
]
for name, values in [("outputs", scores(maps, parameters)), ("inputs", sum(slopes, [])), ("parameters", along)]:
    print(name, "[" + ", ".join(f"{value:.6f}" for value in values) + "]")
