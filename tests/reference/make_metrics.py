"""Reference figures for the quality of clusterings and the agreement of labelings.

To repeat (Python 3.11, NumPy 1.24.2, scikit-learn 1.2.1), at the root of the repository:

    python3 tests/reference/make_metrics.py      # writes metrics.csv, labels.csv

The figures are frozen: a change of one is a change of the contract. Each line of metrics.csv is one
clustering, from given centroids, so that it is the same everywhere:

    dataset            a file of tests/data, without .csv
    columns            the columns clustered, as SQL
    options            of the extension: scale, metric
    k                  number of clusters
    init               the initial centroids, k rows of the data as the columns give them, as JSON
    silhouette         silhouette_score, by Euclidean distance or 1 - cos
    calinski_harabasz  calinski_harabasz_score; with cosine, of rows of length 1
    davies_bouldin     davies_bouldin_score; likewise

Where the columns have an offset added, the figures are those of the columns without it: scikit-learn's
distances lose digits there. The data are such that adding it rounds nothing off.

Each line of labels.csv is a labeling, whoever made it, or two:

    dataset            as above; i is the number of a row, from 1
    first              the labels, as SQL
    second             the other labels, as SQL; or empty
    columns            the points, where there is no other labeling
    figure             silhouette_score of the labels, or adjusted_rand_score of both

Starts are those of oracle.py.
"""

import json
import warnings

# Before NumPy: it sets the threads.
from oracle import COLUMNS, SCALERS, first_fit, read, read_points, unit, write

import numpy as np
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

warnings.filterwarnings("ignore")
CASES = (
    [(d, {}, k, 0) for d in ("iris", "faithful") for k in (2, 3, 5, 11)]
    + [(d, {}, k, 0) for d, k in (("s1", 15), ("r15", 8), ("r15", 15), ("d31", 31), ("unbalance", 8))]
    + [(d, {"scale": scale}, k, 0) for scale in SCALERS for d in ("iris", "faithful") for k in (2, 4)]
    + [("iris", {"metric": "cosine"}, k, 0) for k in (2, 3, 6)]
    + [("s1", {}, 9, 1e6), ("s1", {}, 15, 1700000000.0), ("unbalance", {}, 5, 1700000000.0)]
)
LABELS = [
    ("iris", "species", ""),
    ("iris", "i % 3", ""),
    ("iris", "i > 50", ""),
    ("faithful", "waiting > 68", ""),
    ("s1", "i / 350", ""),
    ("unbalance", "x > 300000", ""),
    ("iris", "species", "petal_width > 1.5"),
    ("iris", "species", "i % 3"),
    ("iris", "species", "i / 50"),
    ("iris", "i", "species"),
    ("faithful", "waiting > 68", "eruptions > 3"),
    ("s1", "i / 350", "x > 500000"),
    ("s1", "i / 350", "i / 7"),
    ("d31", "i / 100", "i % 31"),
    ("unbalance", "i > 6000", "i / 2000"),
]


def measure(dataset, options, k, offset):
    original = read_points(dataset)
    sphere = options.get("metric") == "cosine"
    scaler = SCALERS[options["scale"]]().fit(original) if "scale" in options else None
    points = scaler.transform(original) if scaler else original
    points = unit(points) if sphere else points
    rows, (labels, *_) = first_fit(points, k, sphere)
    columns = [f"{name} + {offset!r} AS {name}" if offset else name for name in COLUMNS[dataset]]
    assert ((original + offset) - offset == original).all()
    return {
        "dataset": dataset,
        "columns": ",".join(columns),
        "options": json.dumps(options),
        "k": k,
        "init": json.dumps((original[rows] + offset).tolist()),
        "silhouette": "%.17g" % silhouette_score(points, labels, metric="cosine" if sphere else "euclidean"),
        "calinski_harabasz": "%.17g" % calinski_harabasz_score(points, labels),
        "davies_bouldin": "%.17g" % davies_bouldin_score(points, labels),
    }


def label(dataset, expression):
    """Evaluates SQL that is also Python, but for whole division."""
    labels = []
    for i, row in enumerate(read(dataset), 1):
        names = {name: float(row[name]) for name in COLUMNS[dataset]}
        labels.append(eval(expression.replace("/", "//"), {"i": i, "species": row.get("species"), **names}))
    return np.unique(labels, return_inverse=True)[1]


def figure(dataset, first, second):
    a = label(dataset, first)
    if second:
        value = adjusted_rand_score(a, label(dataset, second))
    else:
        value = silhouette_score(read_points(dataset), a)
    return {
        "dataset": dataset,
        "first": first,
        "second": second,
        "columns": "" if second else ",".join(COLUMNS[dataset]),
        "figure": "%.17g" % value,
    }


write("tests/reference/metrics.csv", [measure(*case) for case in CASES])
write("tests/reference/labels.csv", [figure(*case) for case in LABELS])
