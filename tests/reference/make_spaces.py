"""Reference figures for k-means in other spaces than the input's: scaled, on the sphere, filled in.

To repeat (Python 3.11, NumPy 1.24.2, scikit-learn 1.2.1), at the root of the repository:

    python3 tests/reference/make_spaces.py       # writes spaces.csv

The figures are frozen: a change of one is a change of the contract. Each line is one fit:

    dataset     a file of tests/data, without .csv
    columns     the columns clustered, as SQL: with "nulls", every seventh cell is NULL
    options     of the extension: scale, metric, nulls
    k           number of clusters
    init        the initial centroids, k rows of the data in its own units, as JSON
    inertia     in the space of the clustering, %.17g: sum of squared distances; of 1 - cos
    iterations  assignment passes, the last, which changes nothing, included
    sizes       rows per cluster: cluster i grew from init[i]
    centroids   in the units of the input; with cosine, of length 1

Scales are scikit-learn's StandardScaler, MinMaxScaler and RobustScaler, the fit its KMeans with
tol=0, and the centroids come back by inverse_transform. NULL is filled in by SimpleImputer. On the
sphere there is no scikit-learn: the oracle is the plain spherical k-means below (Dhillon & Modha
2001), with every mean divided by its length.

Starts are rows floor(j*n/k) + shift, with the least shift (0, 1, ...) that leaves no cluster empty
on the way and meets no tie (1e-9 of the largest distance) that rounding would decide.
"""

import csv
import json
import os

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from sklearn.cluster import KMeans  # noqa: E402
from sklearn.impute import SimpleImputer  # noqa: E402
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler  # noqa: E402

DATA = {
    "iris": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
    "faithful": ["eruptions", "waiting"],
}
SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
CASES = [
    (dataset, options, k)
    for options in (
        {"scale": "standard"},
        {"scale": "minmax"},
        {"scale": "robust"},
        {"metric": "cosine"},
        {"nulls": "mean"},
        {"nulls": "mean", "scale": "standard"},
        {"nulls": "mean", "metric": "cosine"},
    )
    for dataset, ks in (("iris", (2, 3, 5)), ("faithful", (2, 3, 6)))
    for k in ks
]
OUTPUT = "tests/reference/spaces.csv"


def read(dataset):
    with open(f"tests/data/{dataset}.csv") as file:
        return np.array(
            [[float(row[name]) for name in DATA[dataset]] for row in csv.DictReader(file)]
        )


def unit(rows):
    return rows / np.sqrt((rows**2).sum(axis=1))[:, None]


def lloyd(points, start, sphere):
    """Plain Lloyd; None where a cluster is empty or a tie is met."""
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
        centroids = np.array([points[now == c].mean(axis=0) for c in range(len(start))])
        if sphere:
            centroids = unit(centroids)
        if labels is not None and (now == labels).all():
            inertia = ((points - centroids[labels]) ** 2).sum()
            return labels, centroids, inertia, iterations
        labels = now
    return None


def fit(dataset, options, k):
    original = read(dataset)
    columns = ",".join(DATA[dataset])
    if "nulls" in options:
        dims = original.shape[1]
        holes = (np.arange(original.size) + 1).reshape(original.shape) % 7 == 0
        original[holes] = np.nan
        columns = ",".join(
            f"iif(((rowid - 1) * {dims} + {j + 1}) % 7 = 0, NULL, {name}) AS {name}"
            for j, name in enumerate(DATA[dataset])
        )
        original = SimpleImputer().fit_transform(original)
    sphere = options.get("metric") == "cosine"
    scaler = SCALERS[options["scale"]]().fit(original) if "scale" in options else None
    points = scaler.transform(original) if scaler else original
    points = unit(points) if sphere else points
    n = len(points)
    for shift in range(n):
        rows = [min(j * n // k + shift, n - 1) for j in range(k)]
        start = points[rows]
        if len(np.unique(start, axis=0)) < k:
            continue
        found = lloyd(points, start, sphere)
        if found:
            break
    labels, centroids, inertia, iterations = found
    if sphere:
        inertia /= 2
    else:
        model = KMeans(k, init=start, n_init=1, tol=0, algorithm="lloyd").fit(points)
        assert (model.labels_ == labels).all() and model.n_iter_ == iterations
        assert abs(model.inertia_ / inertia - 1) < 1e-12
        centroids, inertia = model.cluster_centers_, model.inertia_
    if scaler:
        centroids = scaler.inverse_transform(centroids)
    return {
        "dataset": dataset,
        "columns": columns,
        "options": json.dumps(options),
        "k": k,
        "init": json.dumps(original[rows].tolist()),
        "inertia": "%.17g" % inertia,
        "iterations": iterations,
        "sizes": json.dumps(np.bincount(labels).tolist(), separators=(",", ":")),
        "centroids": json.dumps(centroids.tolist()),
    }


with open(OUTPUT, "w", newline="") as file:
    lines = [fit(*case) for case in CASES]
    writer = csv.DictWriter(file, lines[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
