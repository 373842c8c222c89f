"""From a file to a table of labels, as one does it with scikit-learn: job.py FILE K N_INIT"""
import sqlite3
import sys

import numpy
from sklearn.cluster import KMeans

path, k, n_init = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = sqlite3.connect(path)
rows = connection.execute("SELECT * FROM pts").fetchall()
points = numpy.array(rows)[:, 1:]
fit = KMeans(n_clusters=k, n_init=n_init, init="k-means++", random_state=0).fit(points)
connection.execute("CREATE TABLE labels(id INTEGER, cluster INTEGER)")
connection.executemany(
    "INSERT INTO labels VALUES (?, ?)",
    zip((row[0] for row in rows), fit.labels_.tolist()),
)
connection.commit()
