"""Prints the constants of measures' tests: scikit-learn's figures for points and a layout that the Rust test makes too.

    python3 measures.py
"""
import numpy as np
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import NearestNeighbors

count, width = 60, 4
# Sines of whole numbers, rounded to single precision as the Rust test has them.
waves = lambda n, step, phase: np.sin(np.arange(n, dtype=np.float64) * step + phase).astype(np.float32)
points = waves(count * width, 0.7, 0.3).reshape(count, width)
layout = waves(count * 2, 1.9, 1.1).reshape(count, 2)
labels = (np.arange(count) * 7 % 11 % 3).astype(int)
# Half of the layout follows the points, so that the figures are no chance figures.
layout[::2] = points[::2, :2]

for k in (5, 12):
    print(f"trustworthiness k={k}: {trustworthiness(points, layout, n_neighbors=k):.9f}")
near = NearestNeighbors(n_neighbors=6).fit(layout).kneighbors(layout, return_distance=False)[:, 1:]
print(f"purity k=5: {(labels[near] == labels[:, None]).mean():.9f}")
samples = silhouette_samples(points, labels)
print(f"silhouette: {samples.mean():.9f}", *(f"{samples[labels == c].mean():.9f}" for c in range(3)))
