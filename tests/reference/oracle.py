"""What the makers of reference figures share: the data, scales, starts and a plain Lloyd's algorithm.

Starts are rows floor(j*n/k) + shift, with the least shift (0, 1, ...) that leaves no cluster empty
on the way and meets no tie (1e-9 of the largest distance) that rounding would decide.
"""

import csv
import os

os.environ["OMP_NUM_THREADS"] = "1"  # the order of scikit-learn's sums depends on the threads

import numpy as np  # noqa: E402
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler  # noqa: E402

COLUMNS = {
    "iris": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
    "faithful": ["eruptions", "waiting"],
    "s1": ["x", "y"],
    "s3": ["x", "y"],
    "r15": ["x", "y"],
    "d31": ["x", "y"],
    "unbalance": ["x", "y"],
}
SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}


def read(dataset):
    """The rows of a file of tests/data, as text by column."""
    with open(f"tests/data/{dataset}.csv", newline="") as file:
        return list(csv.DictReader(file))


def read_points(dataset, columns=None):
    """Its columns of numbers, or those named, as an n x d array."""
    names = columns or COLUMNS[dataset]
    return np.array([[float(row[name]) for name in names] for row in read(dataset)])


def unit(rows):
    return rows / np.sqrt((rows**2).sum(axis=1))[:, None]


def lloyd(points, start, sphere, weights):
    """Labels, centroids, inertia and iterations; None where a cluster is empty or a tie is met."""
    centroids = start.copy()
    labels = None
    for iterations in range(1, 301):
        squared = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
        ordered = np.sort(squared, axis=1)
        if (ordered[:, 1] - ordered[:, 0]).min() < 1e-9 * squared.max():
            return None
        now = squared.argmin(axis=1)
        if np.bincount(now, minlength=len(start)).min() == 0:
            return None
        centroids = np.array(
            [
                np.average(points[now == c], axis=0, weights=weights[now == c])
                for c in range(len(start))
            ]
        )
        if sphere:
            centroids = unit(centroids)
        if labels is not None and (now == labels).all():
            inertia = (weights[:, None] * (points - centroids[labels]) ** 2).sum()
            return labels, centroids, inertia, iterations
        labels = now
    return None


def first_fit(points, k, sphere=False, weights=None):
    """The numbers of the rows that are the start, and what lloyd makes of it."""
    n = len(points)
    weights = np.ones(n) if weights is None else weights
    for shift in range(n):
        rows = [min(j * n // k + shift, n - 1) for j in range(k)]
        if len(np.unique(points[rows], axis=0)) == k:
            found = lloyd(points, points[rows], sphere, weights)
            if found:
                return rows, found
    raise ValueError("every start meets a tie or an empty cluster")


def write(path, lines):
    """A CSV file of dictionaries that have the same keys."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
