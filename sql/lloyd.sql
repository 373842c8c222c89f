-- Lloyd's algorithm in plain SQL, and the same from the extension in one call.
--
-- The first half uses nothing but SQLite: k-means as an UPDATE that labels, an UPDATE that averages
-- and a trigger that repeats them. It is slow and obvious, and that is what it is for: the oracle
-- that the extension must agree with. The second half makes the same fit with kmeans and compares.
--
-- Chapter 3 of the tutorial, and an example of its own. Runs at the root of the repository, with the
-- extension loaded.

.read sql/faithful.sql
.read sql/tutorial/prepare.sql
.mode column
.headers on

.print "BY HAND: k-means in plain SQL, on the eruptions of Old Faithful."
.print

-- The points: eruptions of Old Faithful, how long each lasted (x) and the wait for the next (y), in
-- minutes. A label is the number of a cluster; label_before is the label of the step before.
CREATE TEMP TABLE point(
  id INTEGER PRIMARY KEY, x REAL, y REAL, label INTEGER, label_before INTEGER
);
INSERT INTO point(id, x, y) SELECT id, eruptions, waiting FROM faithful;

-- The initial centroids: two rows drawn at random. A trigger moves them on, so the start is kept apart.
CREATE TEMP TABLE start(cluster INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO start
SELECT row_number() OVER (ORDER BY d.n) - 1, p.x, p.y
FROM dice d JOIN point p ON p.id = 1 + CAST(d.u * (SELECT count(*) FROM point) AS INTEGER) WHERE d.n IN (77, 78);
CREATE TEMP TABLE centroid(cluster INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO centroid SELECT * FROM start;

.print "Two rows drawn at random, to start from:"
.print
SELECT * FROM start;

-- What each step did: points that changed their label, and the inertia, the sum of the squared
-- distances to the centroids that the points were given to.
CREATE TEMP TABLE step(iteration INTEGER PRIMARY KEY, moved INTEGER, inertia REAL);

CREATE TEMP VIEW squared_distance AS
SELECT p.id, p.label, c.cluster,
  (p.x - c.x) * (p.x - c.x) + (p.y - c.y) * (p.y - c.y) AS value
FROM point p, centroid c;

-- One step. The last statement inserts the next step, which fires the trigger again, for as long as
-- a point moved. The step in which none does is counted, as scikit-learn and R count it.
PRAGMA recursive_triggers = on;

CREATE TEMP TRIGGER lloyd AFTER INSERT ON step BEGIN
  -- Every point goes to the nearest centroid; on a tie, to the one with the lowest number.
  UPDATE point SET
    label_before = label,
    label = (
      SELECT d.cluster FROM squared_distance d WHERE d.id = point.id
      ORDER BY d.value, d.cluster LIMIT 1
    );

  UPDATE step SET
    moved = (SELECT count(*) FROM point WHERE label IS NOT label_before),
    inertia = (SELECT sum(value) FROM squared_distance WHERE cluster = label)
  WHERE iteration = new.iteration;

  -- Every centroid goes to the mean of its points. (A cluster that lost all of its points would get
  -- NULL here: plain Lloyd has no answer to that. From this start none does.)
  UPDATE centroid SET
    x = (SELECT avg(p.x) FROM point p WHERE p.label = centroid.cluster),
    y = (SELECT avg(p.y) FROM point p WHERE p.label = centroid.cluster);

  INSERT INTO step(iteration)
  SELECT iteration + 1 FROM step WHERE iteration = new.iteration AND moved > 0;
END;

INSERT INTO step(iteration) VALUES (1);

PRAGMA recursive_triggers = off;

.print
.print "Every point to the nearest centroid, every centroid to the mean of its points, until nothing changes:"
.print
SELECT iteration, moved, format('%.6f', inertia) AS inertia FROM step ORDER BY iteration;

-- What they ended in.
CREATE TEMP VIEW by_hand AS
SELECT c.cluster, c.x, c.y, count(*) AS size, sum(d.value) AS inertia
FROM centroid c JOIN squared_distance d ON d.cluster = c.cluster AND d.label = c.cluster
GROUP BY c.cluster;

.print
SELECT cluster, format('%.6f', x) AS x, format('%.6f', y) AS y, size,
  format('%.6f', inertia) AS inertia
FROM by_hand ORDER BY cluster;

-- The same in one call. With "tol": 0 the fit runs until no label changes, as above; with initial
-- centroids given, cluster i is the one that grew from centroid i, so the numbers are the same too.
CREATE TEMP TABLE fit AS
SELECT kmeans_fit(json_object('init', (SELECT json_group_array(json_array(x, y)) FROM start), 'tol', 0), x, y) AS model
FROM point;

.print
.print "The same in one call:"
.print
SELECT cluster, format('%.6f', centroid ->> 0) AS x, format('%.6f', centroid ->> 1) AS y, size,
  format('%.6f', inertia) AS inertia
FROM kmeans_centroids((SELECT model FROM fit)) ORDER BY cluster;

-- And step by step. A step by hand takes the inertia before it moves the centroids, kmeans_trace after.
CREATE TEMP TABLE trace AS
SELECT iteration, sum(inertia) AS inertia, sum(moved) AS moved
FROM kmeans_trace(json_object('init', (SELECT json_group_array(json_array(x, y)) FROM start), 'tol', 0),
                  'SELECT x, y FROM point')
GROUP BY iteration;

-- Equal: every label, the number of steps, the points that moved in each, the sizes; and the centroids and
-- inertias to 12 digits, as sums in another order round differently in the last one or two.
CREATE TEMP VIEW difference AS
SELECT
  (SELECT count(*) FROM point, fit WHERE label IS NOT kmeans_predict(model, x, y)) AS labels,
  (SELECT max(iteration) FROM step) - (SELECT model ->> '$.iterations' FROM fit) AS iterations,
  (SELECT sum(s.moved <> t.moved OR abs(t.inertia / s.inertia - 1) > 1e-12)
    FROM step s LEFT JOIN trace t ON t.iteration = s.iteration - 1) AS traced,
  (SELECT sum(abs(h.size - (model -> '$.sizes' ->> h.cluster))) FROM by_hand h, fit) AS sizes,
  (SELECT max(
      max(abs((model -> '$.centroids' -> h.cluster ->> 0) / h.x - 1)),
      max(abs((model -> '$.centroids' -> h.cluster ->> 1) / h.y - 1)),
      max(abs((model -> '$.inertias' ->> h.cluster) / h.inertia - 1)))
    FROM by_hand h, fit) AS relative;

.print
.headers off
.mode list
SELECT iif(labels = 0 AND iterations = 0 AND traced = 0 AND sizes = 0 AND relative < 1e-12,
  'Plain SQL and kmeans are equal: labels, steps, sizes; centroids and inertias to 12 digits.',
  format('Plain SQL and kmeans differ: %d labels, %d steps, %d traced, %d in size, %g in value.',
    labels, iterations, traced, sizes, relative))
FROM difference;
