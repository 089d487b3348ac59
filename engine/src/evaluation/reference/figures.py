"""Prints what `oracle_tests.rs` compares all figures of an evaluation with. python3 figures.py > figures.txt

IoU, class accuracy, F1, pixel accuracy and average precision by scikit-learn, the expected calibration error and the
frequency-weighted IoU by torchmetrics, contours by SciPy's erosion as the boundary-iou authors' code uses OpenCV's (with
which it was compared: the same pixels). Made with scikit-learn 1.5.2, torchmetrics 1.4.3, SciPy 1.11.4, PyTorch 1.13.1.
A figure that is not defined is printed as `nan`.
"""

import numpy as np
import torch
from scipy.ndimage import binary_erosion
from sklearn import metrics
from torchmetrics.functional.classification import multiclass_calibration_error, multiclass_jaccard_index

CLASSES, IGNORE = 6, 255
# Height and width; the third is ignored as a whole. Class 4 is in no truth but is predicted, class 5 is nowhere.
SCENES = [(24, 30), (40, 52), (12, 16), (17, 90), (75, 100)]

state = 20


def draw(levels):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return state * levels // 2**31


def scene(index, height, width):
    """Truth and probabilities [classes, height, width], in the order in which the Rust test draws them."""
    blocks = [[draw(5) % 4 for _ in range(width // 8 + 1)] for _ in range(height // 7 + 1)]
    truth = np.full((height, width), IGNORE, np.uint8)
    weights = np.ones((CLASSES, height, width), np.float32)
    for y in range(height):
        for x in range(width):
            label = blocks[y // 7][x // 8]
            seen = blocks[y // 7][(x + 2) % width // 8]
            ignored = draw(20) == 0
            if not ignored and not (y < 5 and x > width - 7) and index != 2:
                truth[y, x] = label
            for k in range(CLASSES - 1):
                # Not below 1, so that all probabilities are positive; class 5 stays the least of all.
                weights[k, y, x] = (draw(40) + (30 if k == seen else 1)) ** 3
    # Whole numbers below 2²⁴: their sum and quotient are the same in any arithmetic of single precision.
    return truth, weights / weights.sum(0, dtype=np.float32)


def near_contour(mask):
    height, width = mask.shape
    reach = max(1, round(0.02 * (height**2 + width**2) ** 0.5))
    return mask & ~binary_erosion(mask, np.ones((3, 3)), iterations=reach, border_value=0)


scenes = [scene(index, *size) for index, size in enumerate(SCENES)]
truth = np.concatenate([truth.ravel() for truth, _ in scenes])
scores = np.concatenate([scores.reshape(CLASSES, -1) for _, scores in scenes], 1)
ids = scores.argmax(0)
kept = truth != IGNORE
y, p, s = truth[kept], ids[kept], scores[:, kept]
labels = list(range(CLASSES))
nan = float("nan")


def line(name, *values):
    print(name, *(f"{float(value):.12g}" for value in values))


in_truth, in_either = np.isin(labels, y), np.isin(labels, np.concatenate([y, p]))
each = dict(labels=labels, average=None, zero_division=0)
line("iou", *np.where(in_either, metrics.jaccard_score(y, p, **each), nan))
line("accuracy", *np.where(in_truth, metrics.recall_score(y, p, **each), nan))
line("f1", *np.where(in_either, metrics.f1_score(y, p, **each), nan))
line("mean_accuracy", metrics.recall_score(y, p, labels=np.flatnonzero(in_truth), average="macro"))
line("pixel_accuracy", metrics.accuracy_score(y, p))
whole = torch.from_numpy(truth.astype(np.int64)), torch.from_numpy(ids)
line("weighted_iou", multiclass_jaccard_index(whole[1], whole[0], CLASSES, average="weighted", ignore_index=IGNORE))
print("confusion", *metrics.confusion_matrix(y, p, labels=labels).ravel())

both, either = np.zeros(CLASSES), np.zeros(CLASSES)
for true, probabilities in scenes:
    labelled, predicted = true != IGNORE, probabilities.argmax(0)
    for k in labels:
        first, second = near_contour((true == k) & labelled), near_contour((predicted == k) & labelled)
        both[k] += (first & second).sum()
        either[k] += (first | second).sum()
line("boundary_iou", *(b / e if e else nan for b, e in zip(both, either)))

probabilities = torch.from_numpy(scores.astype(np.float64).T.copy())
line("calibration", multiclass_calibration_error(probabilities, whole[0], CLASSES, n_bins=15, norm="l1", ignore_index=IGNORE))
line("precision", *(metrics.average_precision_score(y == k, s[k]) if in_truth[k] else nan for k in labels))


def binned(score):
    """The bin that `precision.rs` ranks a probability by, from its definition: 64 equal parts of each power of two."""
    rest = np.where(score < 0.5, score, 1 - score.astype(np.float64))
    power = np.floor(np.log2(np.maximum(rest, 2.0**-40)))
    part = np.floor((np.maximum(rest, 2.0**-40) / 2.0**power - 1) * 64)
    depth = np.where(score < 0.5, 63 - 64 * (power + 2) - part, -64 * (power + 1) - part)
    return np.where(score < 0.5, -1 - np.minimum(depth, 1023), np.minimum(depth, 1023))


line("binned_precision", *(metrics.average_precision_score(y == k, binned(s[k])) if in_truth[k] else nan for k in labels))
