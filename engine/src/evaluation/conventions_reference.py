"""Reference values for `conventions.rs`, computed from lists of pixels with exact fractions.

It shares nothing with the program but the definitions: it never builds a confusion matrix. Run it without arguments;
it prints the constants that the tests in `conventions.rs` hold.
"""

from fractions import Fraction

# (truth, prediction): pixels. Class 3 is in the truth and never predicted, class 4 is predicted and never true,
# class 5 is nowhere.
PIXELS = (
    [(0, 0)] * 50 + [(0, 1)] * 7 + [(0, 2)] * 3 + [(0, 4)] * 2
    + [(1, 1)] * 20 + [(1, 0)] * 4 + [(1, 2)] * 1
    + [(2, 2)] * 9 + [(2, 0)] * 5 + [(2, 1)] * 2
    + [(3, 0)] * 3 + [(3, 1)] * 1
    + [(1, 4)] * 1
)
CLASSES = 6


def iou(pixels, k):
    both = sum(1 for t, p in pixels if t == k and p == k)
    either = sum(1 for t, p in pixels if t == k or p == k)
    return Fraction(both, either) if either else None


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


all_ious = [iou(PIXELS, k) for k in range(CLASSES)]
seen = [v for v in all_ious if v is not None]
print("nanmean      ", float(mean(seen)))
print("nan-as-zero  ", float(mean(Fraction(0) if v is None else v for v in all_ious)))
print("nan-as-one   ", float(mean(Fraction(1) if v is None else v for v in all_ious)))
print("no-background", float(mean(v for v in all_ious[1:] if v is not None)))

# MFNet's tool: a pixel that is 0 in truth or in prediction belongs to no union; class 0 stays 0, as do classes
# without a union, and all are in the mean.
foreground = [(t, p) for t, p in PIXELS if t != 0 and p != 0]
mfnet = [Fraction(0)]
for k in range(1, CLASSES):
    both = sum(1 for t, p in PIXELS if t == k and p == k)
    # The truth's row without column 0, and the prediction's column without row 0.
    either = sum(1 for t, p in foreground if t == k or p == k)
    mfnet.append(Fraction(both, either) if either else Fraction(0))
print("mfnet        ", float(mean(mfnet)))

# HeatNet: pixels with truth 0 are removed altogether; classes 1, 2 and 3.
labelled = [(t, p) for t, p in PIXELS if t != 0]
print("heatnet      ", float(mean(iou(labelled, k) for k in (1, 2, 3))))


def figures(pixels, k):
    """Class accuracy and F1 over a list of pixels, None where a figure is undefined."""
    true = sum(1 for t, _ in pixels if t == k)
    found = sum(1 for _, p in pixels if p == k)
    both = sum(1 for t, p in pixels if t == k and p == k)
    return Fraction(both, true) if true else None, Fraction(2 * both, true + found) if true + found else None


def filled(values, by):
    return [by if v is None else v for v in values if v is not None or by is not None]


for name, pixels, classes, by in [
    ("nanmean", PIXELS, range(CLASSES), None),
    ("nan-as-zero", PIXELS, range(CLASSES), Fraction(0)),
    ("nan-as-one", PIXELS, range(CLASSES), Fraction(1)),
    ("no-background", PIXELS, range(1, CLASSES), None),
    # Class 0 has no pixels in this list, so it scores 0.
    ("mfnet", foreground, range(CLASSES), Fraction(0)),
    ("heatnet", labelled, (1, 2, 3), None),
]:
    both = [figures(pixels, k) for k in classes]
    accuracy, f1 = (float(mean(filled([pair[at] for pair in both], by))) for at in (0, 1))
    print(f"{name:13} accuracy {accuracy!r} F1 {f1!r}")

rows = [sum(1 for t, _ in PIXELS if t == k) for k in range(CLASSES)]
columns = [sum(1 for _, p in PIXELS if p == k) for k in range(CLASSES)]
right = [sum(1 for t, p in PIXELS if t == p == k) for k in range(CLASSES)]
print("pixel acc    ", float(Fraction(sum(right), len(PIXELS))))
print("fw IoU       ", float(sum(Fraction(rows[k], len(PIXELS)) * all_ious[k] for k in range(CLASSES) if rows[k])))
print("counts       ", [sum(1 for q in PIXELS if q == (t, p)) for t in range(CLASSES) for p in range(CLASSES)])
