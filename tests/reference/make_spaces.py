"""Reference figures for k-means in other spaces than the input's: scaled, on the sphere, filled in,
with categories one-hot encoded; and with weights, by which the scale is learnt, too.

To repeat (Python 3.11, NumPy 1.24.2, scikit-learn 1.2.1), at the root of the repository:

    python3 tests/reference/make_spaces.py       # writes spaces.csv

The figures are frozen: a change of one is a change of the contract. Each line is one fit:

    dataset     a file of tests/data, without .csv
    columns     the columns clustered, as SQL: with "nulls", every seventh cell is NULL
    options     of the extension: scale, metric, nulls, categorical, weight
    k           number of clusters
    init        the initial centroids, k rows of the data in its own units, as JSON
    inertia     in the space of the clustering, %.17g: sum of squared distances; of 1 - cos
    iterations  assignment passes, the last, which changes nothing, included
    sizes       rows per cluster: cluster i grew from init[i]
    centroids   in the units of the input; with cosine, of length 1

With "weight", rows weigh 0.5, 1.5, 2.5, 3.5 by turns: sample_weight of scaler and fit. Categories
are OneHotEncoder's, times the root of 1/2.

Scales are scikit-learn's StandardScaler, MinMaxScaler and RobustScaler, the fit its KMeans with
tol=0, and the centroids come back by inverse_transform. NULL is filled in by SimpleImputer. On the
sphere there is no scikit-learn: the oracle is the plain spherical k-means of oracle.py (Dhillon &
Modha 2001), with every mean divided by its length.

Starts are those of oracle.py.
"""

import json

# Before NumPy: it sets the threads.
from oracle import COLUMNS, SCALERS, first_fit, read, read_points, unit, write

import numpy as np
from sklearn.cluster import KMeans
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

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
        {"weight": "w", "scale": "standard"},
    )
    for dataset, ks in (("iris", (2, 3, 5)), ("faithful", (2, 3, 6)))
    for k in ks
] + [
    ("iris", options, k)
    for options in (
        {"categorical": ["species"]},
        {"categorical": ["species"], "scale": "standard"},
        {"categorical": ["species"], "scale": "standard", "weight": "w"},
    )
    for k in (2, 3, 5)
]


class Categories:
    """The last column of iris, species, beside the two of the petals."""

    columns = ["petal_length", "petal_width"]

    def __init__(self):
        self.values = [row["species"] for row in read("iris")]
        self.encoder = OneHotEncoder(sparse_output=False).fit([[v] for v in self.values])
        self.codes = self.encoder.transform([[v] for v in self.values])
        self.numbers = read_points("iris", self.columns)

    def row(self, i):
        return self.numbers[i].tolist() + [self.values[i]]

    def centroid(self, numbers, codes):
        shares = dict(zip(self.encoder.categories_[0].tolist(), (codes / np.sqrt(0.5)).tolist()))
        return numbers.tolist() + [shares]


def fit(dataset, options, k):
    mixed = Categories() if "categorical" in options else None
    names = mixed.columns if mixed else COLUMNS[dataset]
    original = mixed.numbers if mixed else read_points(dataset)
    columns = ",".join(names) + (",species" if mixed else "")
    if "nulls" in options:
        dims = original.shape[1]
        holes = (np.arange(original.size) + 1).reshape(original.shape) % 7 == 0
        original[holes] = np.nan
        columns = ",".join(
            f"iif(((rowid - 1) * {dims} + {j + 1}) % 7 = 0, NULL, {name}) AS {name}"
            for j, name in enumerate(names)
        )
        original = SimpleImputer().fit_transform(original)
    n = len(original)
    weights = np.ones(n)
    if "weight" in options:
        weights = np.arange(n) % 4 + 0.5
        columns += ",(rowid - 1) % 4 + 0.5 AS w"
    sphere = options.get("metric") == "cosine"
    scaler = None
    if "scale" in options:
        scaler = SCALERS[options["scale"]]()
        scaler.fit(original, **({"sample_weight": weights} if "weight" in options else {}))
    points = scaler.transform(original) if scaler else original
    points = unit(points) if sphere else points
    points = np.hstack([points, mixed.codes * np.sqrt(0.5)]) if mixed else points
    rows, (labels, centroids, inertia, iterations) = first_fit(points, k, sphere, weights)
    if sphere:
        inertia /= 2
    else:
        model = KMeans(k, init=points[rows], n_init=1, tol=0, algorithm="lloyd")
        model.fit(points, sample_weight=weights)
        assert (model.labels_ == labels).all() and model.n_iter_ == iterations
        assert abs(model.inertia_ / inertia - 1) < 1e-12
        centroids, inertia = model.cluster_centers_, model.inertia_
    codes = centroids[:, original.shape[1] :]
    centroids = centroids[:, : original.shape[1]]
    if scaler:
        centroids = scaler.inverse_transform(centroids)
    init = original[rows].tolist()
    centroids_json = centroids.tolist()
    if mixed:
        init = [mixed.row(i) for i in rows]
        centroids_json = [mixed.centroid(centroids[c], codes[c]) for c in range(k)]
    return {
        "dataset": dataset,
        "columns": columns,
        "options": json.dumps(options),
        "k": k,
        "init": json.dumps(init),
        "inertia": "%.17g" % inertia,
        "iterations": iterations,
        "sizes": json.dumps(np.bincount(labels).tolist(), separators=(",", ":")),
        "centroids": json.dumps(centroids_json),
    }


write("tests/reference/spaces.csv", [fit(*case) for case in CASES])
