"""Prints bootstrap.txt: differences of mean IoU over scenes by SciPy. A line: classes, scenes, both ends of the 95 % BCa
interval, then each scene's confusion matrix of the one run and of the other."""

import numpy as np
from scipy import stats


def mean_iou(matrix):
    """[..., classes, classes] to [...]: absent classes left out."""
    hit = np.diagonal(matrix, axis1=-2, axis2=-1)
    union = matrix.sum(-1) + matrix.sum(-2) - hit
    with np.errstate(invalid="ignore"):
        return np.nanmean(hit / union, axis=-1)


def scenes_of(random, count, classes, skill):
    """Scenes of very unequal contents, a row of each matrix spread over the classes."""
    truth = random.gamma(0.5, 400, (count, classes)).astype(int)
    right = random.beta(8 * skill, 8 * (1 - skill), (count, classes))
    matrix = np.zeros((count, classes, classes), int)
    for scene in range(count):
        for row in range(classes):
            others = (1 - right[scene, row]) * random.dirichlet(np.full(classes, 0.3))
            others[row] += right[scene, row]
            matrix[scene, row] = random.multinomial(truth[scene, row], others / others.sum())
    return matrix


random = np.random.default_rng(20261129)
for classes, count, ours, theirs in [(2, 8, 0.8, 0.7), (3, 12, 0.7, 0.7), (3, 25, 0.9, 0.8), (4, 30, 0.6, 0.62),
                                     (5, 40, 0.75, 0.7), (4, 60, 0.85, 0.84)]:
    runs = scenes_of(random, count, classes, ours), scenes_of(random, count, classes, theirs)

    def difference(places, axis):
        sums = [run[np.moveaxis(places, axis, -1).astype(int)].sum(-3) for run in runs]
        return mean_iou(sums[0]) - mean_iou(sums[1])

    found = stats.bootstrap((np.arange(count),), difference, n_resamples=200_000, batch=2000, vectorized=True,
                            method="BCa", rng=np.random.default_rng(1)).confidence_interval
    print(classes, count, repr(float(found.low)), repr(float(found.high)), *np.stack(runs).ravel())
