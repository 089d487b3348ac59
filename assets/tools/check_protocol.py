"""Counts the figures of a robustness protocol anew, from the label maps that Fusionscope wrote.

    fusionscope evaluate RUN --protocol emm --predictions DIR
    python3 check_protocol.py DIR

Reads DIR/report.json for what was asked in which order, and the label maps for everything else: confusion matrices,
mean IoU, and what EMM, RMM, NM, subsets and severities make of it, after the definitions of Liao et al., CVPR 2025
workshops (arXiv 2503.18445), written down here from the paper and sharing no code with the program. Prints both sides,
and ends with 1 where any figure differs by more than rounding. Knows the conventions nanmean, nan-as-zero, nan-as-one
and no-background.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

TOLERANCE = 1e-9


def confusion(folder, truth, classes):
    """Rows are truth, columns predictions; pixels whose truth is no class are left out."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    for path in sorted(truth.glob("**/*.png")):
        true = np.asarray(Image.open(path)).astype(np.int64).ravel()
        predicted = np.asarray(Image.open(folder / path.relative_to(truth))).astype(np.int64).ravel()
        kept = (true < classes) & (predicted < classes)
        counts += np.bincount(true[kept] * classes + predicted[kept], minlength=classes**2).reshape(classes, classes)
    return counts


def miou(counts, convention):
    hits = np.diag(counts).astype(float)
    unions = counts.sum(0) + counts.sum(1) - np.diag(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        ious = hits / unions
    if convention == "no-background":
        ious = ious[1:]
    elif convention == "nan-as-zero":
        ious = np.nan_to_num(ious, nan=0.0)
    elif convention == "nan-as-one":
        ious = np.nan_to_num(ious, nan=1.0)
    elif convention != "nanmean":
        sys.exit(f"the convention `{convention}` is not known here")
    return float(np.nanmean(ious))


def average(by_set):
    return sum(by_set.values()) / len(by_set)


def expected(by_set, sensors, p):
    """The expectation where each sensor fails with probability p, all failing left out."""
    weights = {failing: p ** len(failing) * (1 - p) ** (len(sensors) - len(failing)) for failing in by_set}
    return sum(weights[failing] * value for failing, value in by_set.items()) / sum(weights.values())


def area(points):
    """By trapezoids over severity, divided by the width."""
    points = sorted(points)
    total = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))
    return total / (points[-1][0] - points[0][0])


def figures(report, values):
    """What the protocol prints, by name; `values` holds a mean IoU a trial, the clean one first."""
    trials, sensors, clean = [scored["trial"] for scored in report["trials"]], report["sensors"], values[0]
    protocol, found = report["protocol"], {}
    if protocol in ("subsets", "emm"):
        by_set = {frozenset(): clean}
        for trial, value in zip(trials, values):
            if "missing" in trial:
                by_set[frozenset(trial["missing"]["sensors"])] = value
        assert len(by_set) == 2 ** len(sensors) - 1, "a combination is missing"
        found["avg"] = average(by_set)
        if protocol == "emm":
            found.update({f"E({p})": expected(by_set, sensors, p) for p in (0.2, 0.1, 0.05)})
    elif protocol == "rmm":
        for share in (0.25, 0.5, 0.75):
            by_set = {frozenset(): clean}
            for trial, value in zip(trials, values):
                if "holed" in trial and trial["holed"]["share"] == share:
                    by_set[frozenset(trial["holed"]["sensors"])] = value
            assert len(by_set) == 2 ** len(sensors) - 1, "a combination is missing"
            found[f"{share} avg"] = average(by_set)
            found.update({f"{share} E({p})": expected(by_set, sensors, p) for p in (0.2, 0.1, 0.05)})
    elif protocol == "nm":
        found.update({trial["noisy"]: value for trial, value in zip(trials, values) if "noisy" in trial})
    elif protocol == "severity":
        curves = {}
        for trial, value in zip(trials, values):
            if "degraded" in trial:
                one = trial["degraded"]
                name = f"{one['sensor']} {one['kind']}"
                # Severities are kept as the shortest decimals of 32-bit numbers.
                curves.setdefault(name, [(0.0, clean)]).append((float(np.float32(one["severity"])), value))
        found.update({name: area(points) for name, points in curves.items()})
        found["avg"] = sum(found.values()) / len(found)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what --predictions named")
    folder = parser.parse_args().folder
    report = json.loads((folder / "report.json").read_text())
    convention, classes = report["convention"].split(",")[0], len(report["classes"])
    whole = [scored for scored in report["trials"] if not scored["scores"]["tag"] and scored["trial"] != "pseudo-labels"]
    worst, values = 0.0, []

    def line(name, here, there):
        nonlocal worst
        worst = max(worst, abs(here - there))
        print(f"{name:40}  {100 * here:9.4f}  {100 * there:9.4f}")

    print(f"{'mIoU, per cent':40}  {'here':>9}  {'report':>9}")
    for place, scored in enumerate(whole):
        value = miou(confusion(folder / f"{place:04}", folder / "truth", classes), convention)
        values.append(value)
        line(json.dumps(scored["trial"])[:40], value, scored["scores"]["miou"])
    printed = {figure["name"]: figure["miou"] for figure in report["figures"]}
    for name, value in figures(report, values).items():
        line(name, value, printed[name])
    print(f"largest difference: {worst:.2e}")
    sys.exit(int(worst > TOLERANCE))


if __name__ == "__main__":
    main()
