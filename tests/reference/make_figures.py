"""Reference figures for k-means from explicit initial centroids: the scikit-learn half.

To repeat (Python 3.11, NumPy 1.24.2, scikit-learn 1.2.1, R 4.2.2), at the root of the repository:

    python3 tests/reference/make_figures.py      # writes figures.csv, scikit-learn's lines
    Rscript tests/reference/make_figures.R       # adds R's lines, checks them against these

Both are deterministic. The figures are frozen: a change of one is a change of the contract.

Each line of figures.csv is one fit:

    source      scikit-learn or R
    dataset     a file of tests/data, without .csv
    columns     the columns clustered, comma separated
    k           number of clusters
    start       how the initial centroids were chosen, see below
    init        the initial centroids, k rows of the data, as a JSON array of arrays
    inertia     sum of squared distances to the nearest centroid, %.17g
    iterations  assignment passes, the last, which changes nothing, included; empty for R
    sizes       rows per cluster, as a JSON array: cluster i grew from init[i]

Every k of every data set has two starts. "even" takes k rows evenly spaced in the file, rows
floor(j*n/k) + shift for j = 0..k-1; "seed s" takes random.Random(s).sample(range(n), k). Of each,
the first candidate is kept (shift = 0, 1, ...; s = 1, 2, ...) whose run of Lloyd's algorithm

  - starts from k distinct points,
  - leaves no cluster empty on the way: there is no common rule for what happens then (R stops with
    an error, scikit-learn moves the centroid to the farthest point), and
  - meets no tie: no row is ever so near to equally far from its two nearest centroids (1e-10 of the
    largest squared distance) that rounding, which differs between correct programs, decides. It
    does: for iris, k = 8, even+1, scikit-learn takes 12 iterations to where the naive Lloyd and R
    arrive in 13. (The rows of iris lie on a grid of 0.1: centroids that are rows make ties.)

Candidates passed over are printed. The figures are compared with a naive Lloyd in double precision
(all differences, squared, summed, argmin; until no label changes): labels and iterations must be
equal, the inertia must agree to 1e-12 relative.
"""

import csv
import json
import random

# Before NumPy: it sets the threads.
from oracle import COLUMNS, read_points

import numpy as np
from sklearn import __version__ as sklearn_version
from sklearn.cluster import KMeans

CASES = {
    "iris": [2, 3, 5, 8],
    "faithful": [2, 3, 6],
    "s1": [5, 15, 20],
    "s3": [5, 15, 25],
    "r15": [8, 15, 30],
}
MAX_ITER = 300
TIE = 1e-10
TOLERANCE = 1e-12
OUTPUT = "tests/reference/figures.csv"


def naive_lloyd(points, centroids):
    """Labels, inertia, iterations and why the run is unfit as a reference (None when it is fit)."""
    labels = None
    unfit = None
    for iteration in range(1, MAX_ITER + 1):
        squares = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
        nearest_two = np.sort(squares, axis=1)[:, :2]
        if (nearest_two[:, 1] - nearest_two[:, 0] < TIE * squares.max()).any():
            unfit = unfit or f"a tie in iteration {iteration}"
        before, labels = labels, squares.argmin(axis=1)
        if before is not None and (before == labels).all():
            return labels, squares.min(axis=1).sum(), iteration, unfit
        if (np.bincount(labels, minlength=len(centroids)) == 0).any():
            return labels, None, iteration, f"an empty cluster in iteration {iteration}"
        centroids = np.array([points[labels == j].mean(axis=0) for j in range(len(centroids))])
    return labels, None, MAX_ITER, "no convergence"


def candidates(n, k):
    """For each of the two starts, an endless list of (name, row numbers)."""
    yield ((f"even+{s}" if s else "even", [j * n // k + s for j in range(k)]) for s in range(n))
    yield ((f"seed {s}", random.Random(s).sample(range(n), k)) for s in range(1, n))


def figure(points, k, start, rows):
    """One line's init, inertia, iterations and sizes; or None, when the start is passed over."""
    init = points[rows]
    if len(np.unique(init, axis=0)) < k:
        return None, "duplicate rows"
    labels, inertia, iterations, unfit = naive_lloyd(points, init)
    if unfit:
        return None, unfit
    fit = KMeans(n_clusters=k, init=init, n_init=1, max_iter=MAX_ITER, tol=0, algorithm="lloyd")
    fit.fit(points)
    assert (fit.labels_ == labels).all(), "labels differ from naive Lloyd"
    assert fit.n_iter_ == iterations, "iterations differ from naive Lloyd"
    assert abs(fit.inertia_ / inertia - 1) < TOLERANCE, "inertia differs from naive Lloyd"
    sizes = np.bincount(fit.labels_, minlength=k)
    return (shortest(init), "%.17g" % fit.inertia_, fit.n_iter_, shortest(sizes)), None


def shortest(array):
    """JSON in the fewest digits that are the same numbers, whole numbers without a point."""
    return json.dumps(array.tolist(), separators=(",", ":")).replace(".0,", ",").replace(".0]", "]")


def main():
    print("scikit-learn", sklearn_version, "NumPy", np.__version__)
    with open(OUTPUT, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("source dataset columns k start init inertia iterations sizes".split())
        for dataset, ks in CASES.items():
            points = read_points(dataset)
            columns = ",".join(COLUMNS[dataset])
            for k in ks:
                for starts in candidates(len(points), k):
                    for start, rows in starts:
                        line, why = figure(points, k, start, rows)
                        if line:
                            break
                        print(f"passed over: {dataset}, k = {k}, {start}: {why}")
                    out.writerow(["scikit-learn", dataset, columns, k, start, *line])
                    print(f"{dataset}, k = {k}, {start}: inertia {line[1]}, {line[2]} iterations")


if __name__ == "__main__":
    main()
