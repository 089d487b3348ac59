"""Prints study.txt: paired differences by SciPy. A line: mean, deviation, half the 95 % interval, then the pairs."""

import numpy as np
from scipy import stats

random = np.random.default_rng(20261129)
for count in [2, 3, 4, 5, 5, 6, 8, 10, 12, 20, 30] * 3:
    pairs = random.normal(60, random.uniform(0.1, 5), (count, 2))
    result = stats.ttest_rel(pairs[:, 0], pairs[:, 1])
    low, high = result.confidence_interval(0.95)
    differences = pairs[:, 0] - pairs[:, 1]
    print(*map(repr, map(float, [differences.mean(), differences.std(ddof=1), (high - low) / 2, *pairs.ravel()])))
