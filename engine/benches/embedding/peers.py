"""scikit-learn's and openTSNE's side of the comparison.

Usage: peers.py digits OUT
       peers.py sklearn|openTSNE-bh|openTSNE-fft POINTS START LAYOUT ITERATIONS PERPLEXITY THREADS
"""

import sys
import time

import numpy as np


def digits(out):
    from sklearn.datasets import load_digits

    np.save(out, load_digits().data.astype(np.float32))


def fit(which, points, start, layout, iterations, perplexity, threads):
    points, start = np.load(points), np.load(start)
    iterations, perplexity, threads = int(iterations), float(perplexity), int(threads)
    if which == "sklearn":
        from sklearn.manifold import TSNE

        # No early stop, as with the others.
        tsne = TSNE(perplexity=perplexity, max_iter=iterations, init=start, method="barnes_hut",
                    n_iter_without_progress=10**9, min_grad_norm=0.0, n_jobs=threads, random_state=0)
        began = time.perf_counter()
        places = tsne.fit_transform(points)
    else:
        from openTSNE import TSNE

        began = time.perf_counter()
        places = TSNE(perplexity=perplexity, early_exaggeration_iter=250, n_iter=iterations - 250,
                      negative_gradient_method=which.split("-")[1], initialization=start.astype(np.float64),
                      n_jobs=threads, random_state=0).fit(points)
    print(f"fit_s={time.perf_counter() - began:.3f}")
    np.save(layout, np.asarray(places, np.float32))


digits(sys.argv[2]) if sys.argv[1] == "digits" else fit(*sys.argv[1:])
