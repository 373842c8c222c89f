"""From a file to a table of labels, as one does it with scikit-learn: job.py FILE K N_INIT double|single

The points are the columns but the first, or one column of BLOBs of float32."""
import sqlite3
import sys

import numpy
from sklearn.cluster import KMeans

path, k, n_init = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = sqlite3.connect(path)
rows = connection.execute("SELECT * FROM pts").fetchall()
if isinstance(rows[0][1], bytes):
    points = numpy.array([numpy.frombuffer(row[1], numpy.float32) for row in rows])
else:
    points = numpy.array(rows)[:, 1:]
if sys.argv[4] == "double":
    points = points.astype(numpy.float64)
fit = KMeans(n_clusters=k, n_init=n_init, init="k-means++", random_state=0).fit(points)
connection.execute("CREATE TABLE labels(id INTEGER, cluster INTEGER)")
connection.executemany(
    "INSERT INTO labels VALUES (?, ?)",
    zip((row[0] for row in rows), fit.labels_.tolist()),
)
connection.commit()
