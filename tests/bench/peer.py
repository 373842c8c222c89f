"""scikit-learn's side of the benchmark: a question a line, an answer a line.

usage: peer.py THREADS

    version                            the version
    points COLUMNS PATH                reads raw doubles
    initial COLUMNS PATH               the same, initial centroids
    lloyd 64|32 MAX_ITER               Lloyd alone, in double or single precision
    seeding K SEED                     greedy k-means++ alone
    default K N_INIT SEED              a whole fit with default options
    silhouette K                       its mean, row i being labelled with i modulo K
    scatter K                          Calinski-Harabasz and Davies-Bouldin of these labels, added up
    sweep K                            fits of 2 to K clusters and their silhouettes, added up

A run is answered with seconds, iterations and inertia, or the figure in place of it.
"""
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = sys.argv[1]

import numpy as np
import sklearn
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    pairwise_distances_argmin_min,
    silhouette_score,
)

warnings.filterwarnings("ignore")
points, initial, single, single_initial = None, None, None, None


def timed(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def answer_fit(model, data):
    seconds, fit = timed(lambda: model.fit(data))
    print(seconds, fit.n_iter_, float(fit.inertia_))


# Threads and libraries start before anything is timed.
KMeans(2, n_init=1).fit(np.random.default_rng(0).random((5000, 2)))

for line in sys.stdin:
    word, *rest = line.split(" ")
    if word.strip() == "version":
        print(sklearn.__version__)
    elif word == "points":
        points = np.fromfile(line.rstrip("\n").split(" ", 2)[2]).reshape(-1, int(rest[0]))
        single = None
        print("ok")
    elif word == "initial":
        initial = np.fromfile(line.rstrip("\n").split(" ", 2)[2]).reshape(-1, int(rest[0]))
        single_initial = initial.astype(np.float32)
        print("ok")
    elif word == "lloyd":
        if rest[0] == "32" and single is None:
            single = points.astype(np.float32)
        start, data = (single_initial, single) if rest[0] == "32" else (initial, points)
        answer_fit(KMeans(len(start), init=start, n_init=1, tol=0, max_iter=int(rest[1]),
                          algorithm="lloyd"), data)
    elif word == "seeding":
        k, seed = int(rest[0]), int(rest[1])
        seconds, (centres, _) = timed(lambda: kmeans_plusplus(points, k, random_state=seed))
        distances = pairwise_distances_argmin_min(points, centres, metric="sqeuclidean")[1]
        print(seconds, 0, float(distances.sum()))
    elif word == "default":
        k, n_init, seed = map(int, rest)
        answer_fit(KMeans(k, n_init=n_init, random_state=seed), points)
    elif word in ("silhouette", "scatter", "sweep"):
        k = int(rest[0])
        labels = np.arange(len(points)) % k

        def scatter():
            return calinski_harabasz_score(points, labels) + davies_bouldin_score(points, labels)

        def sweep():
            return sum(
                silhouette_score(points, KMeans(c, n_init=1, random_state=0).fit_predict(points))
                for c in range(2, k + 1)
            )

        work = {"silhouette": lambda: silhouette_score(points, labels), "scatter": scatter, "sweep": sweep}
        seconds, figure = timed(work[word])
        print(seconds, 0, float(figure))
    else:
        print("what?")
    sys.stdout.flush()
