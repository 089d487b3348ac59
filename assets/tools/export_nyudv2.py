"""Writes NYUDv2's labelled scenes out of their one file as a folder that Fusionscope opens: the folders of CMX.

    pip install h5py pillow numpy scipy
    python3 export_nyudv2.py nyu_depth_v2_labeled.mat --out nyudv2 --splits splits.mat --classes classMapping40.mat

`nyu_depth_v2_labeled.mat` (version 7.3, which is HDF5) and `splits.mat` come from the data set's page; the classes of
`classMapping40.mat` are those of Gupta et al. (CVPR 2013, `rcnn-depth/support/labels`), without which the 894 classes of
the file cannot be joined to 40.

    nyudv2/RGB/0.png      colour
    nyudv2/Depth/0.png    in-painted depth, 16 bits, millimetres (with --raw what was measured, holes stored as 0)
    nyudv2/Label/0.png    1 to 40, and 0 for void
    nyudv2/train.txt, test.txt

For HHA in place of depth write `fusionscope dataset manifest nyudv2 > nyudv2/dataset.toml` and give the depth sensor, in
place of its `low` and `high`, the colour camera's

    hha = { fx = 518.857901, fy = 519.469611, cx = 325.582449, cy = 253.736166 }
"""

import argparse
import os

import numpy as np


def mapping(path):
    """From the file's ids, 0 to 894, to 0 (void) to 40."""
    from scipy.io import loadmat

    joined = loadmat(path)["mapClass"].ravel().astype(np.int64)
    if joined.min() < 1 or joined.max() > 40:
        raise SystemExit(f"expected class ids 1 to 40, found {joined.min()} to {joined.max()}: {path}")
    return np.concatenate([[0], joined]).astype(np.uint8)


def splits(path):
    """Places of the scenes to train with and to test on, from 0."""
    from scipy.io import loadmat

    found = loadmat(path)
    return {name: found[key].ravel().astype(np.int64) - 1 for name, key in [("train", "trainNdxs"), ("test", "testNdxs")]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mat")
    parser.add_argument("--out", required=True)
    parser.add_argument("--splits", help="splits.mat; without it all scenes are `test`")
    parser.add_argument("--classes", help="classMapping40.mat; without it no labels are written")
    parser.add_argument("--raw", action="store_true", help="depth as it was measured, with holes")
    arguments = parser.parse_args()

    import h5py
    from PIL import Image

    joined = mapping(arguments.classes) if arguments.classes else None
    for folder in ["RGB", "Depth"] + (["Label"] if arguments.classes else []):
        os.makedirs(os.path.join(arguments.out, folder), exist_ok=True)
    with h5py.File(arguments.mat, "r") as file:
        images, labels = file["images"], file["labels"]
        depths = file["rawDepths" if arguments.raw else "depths"]
        count = images.shape[0]
        for scene in range(count):
            save = lambda folder, picture: Image.fromarray(picture).save(os.path.join(arguments.out, folder, f"{scene}.png"))
            # MATLAB stores columns first: [channels, width, height].
            save("RGB", np.ascontiguousarray(images[scene].transpose(2, 1, 0)))
            metres = depths[scene].T.astype(np.float64)
            millimetres = np.where(np.isfinite(metres), np.round(metres * 1000.0), 0.0)
            save("Depth", np.clip(millimetres, 0, 65535).astype(np.uint16))
            if joined is not None:
                stored = labels[scene].T.astype(np.int64)
                if stored.max() >= len(joined):
                    raise SystemExit(f"scene {scene}: expected label ids below {len(joined)}, found {stored.max()}")
                save("Label", joined[stored])
            if scene % 100 == 0:
                print(f"{scene} of {count} scenes", flush=True)
    lists = splits(arguments.splits) if arguments.splits else {"test": range(count)}
    for name, places in lists.items():
        with open(os.path.join(arguments.out, f"{name}.txt"), "w") as text:
            text.writelines(f"{place}\n" for place in places)


if __name__ == "__main__":
    main()
