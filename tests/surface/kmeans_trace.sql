-- kmeans_trace(what, query [, options]): the contract of the name, point by point.

.headers on
.nullvalue NULL
.read sql/faithful.sql

.print -- each iteration, from given centroids: their numbers stay
SELECT iteration, cluster, size, round(inertia, 6) AS inertia, round(shift, 6) AS shift, moved, centroid
FROM kmeans_trace(2, 'SELECT eruptions, waiting FROM faithful', '{"init": [[4.7, 88], [3.6, 79]]}');

.print -- the types of the columns
SELECT DISTINCT iteration > 0 AS later, typeof(iteration), typeof(cluster), typeof(size), typeof(inertia), typeof(shift),
  typeof(moved), typeof(centroid), json_type(centroid), typeof(weight)
FROM kmeans_trace(2, 'SELECT eruptions, waiting FROM faithful');

.print -- the arguments can be read back
SELECT iteration, cluster, what, query, options FROM kmeans_trace('{"k": 1}', 'SELECT eruptions FROM faithful', '{"seed": 1}');
SELECT rowid, iteration, cluster, excess FROM kmeans_trace('{"k": 2}', 'VALUES (0), (1), (2), (9)');

.print -- by hand: seeds 0 and 1; {0} and {1, 2, 9}; {0, 1, 2} and {9}, since 2 is halfway between 0 and 4; then nobody moves
SELECT * FROM kmeans_trace('{"init": [[0], [1]]}', 'VALUES (0), (1), (2), (9)');

.print -- the shift is the distance from the centroid before; who has moved is in another cluster than before
SELECT count(*) AS rows, sum(abs(t.shift - kmeans_distance(json_object('centroids', json_array(json(b.centroid))), t.centroid)) < 1e-9) AS shift
FROM kmeans_trace(4, 'SELECT eruptions, waiting FROM faithful') t
JOIN kmeans_trace(4, 'SELECT eruptions, waiting FROM faithful') b ON b.iteration = t.iteration - 1 AND b.cluster = t.cluster;

-- Whether the last iteration is the fit with "refine": "none": the clusters, whatever their numbers.
CREATE TABLE cases(name TEXT, fit TEXT, rows TEXT);
INSERT INTO cases VALUES
  ('k', '{"k": 3}', 'SELECT eruptions, waiting FROM faithful'),
  ('seed', '{"k": 5, "seed": 4}', 'SELECT eruptions, waiting FROM faithful'),
  ('n_init', '{"k": 9, "n_init": 7}', 'SELECT eruptions, waiting FROM faithful'),
  ('random', '{"k": 6, "init": "random", "tol": 0}', 'SELECT eruptions, waiting FROM faithful'),
  ('one column', '{"k": 4}', 'SELECT waiting FROM faithful'),
  ('max_iter', '{"k": 7, "max_iter": 2}', 'SELECT eruptions, waiting FROM faithful'),
  ('max_iter 1', '{"k": 7, "max_iter": 1}', 'SELECT eruptions, waiting FROM faithful'),
  ('tol', '{"k": 7, "tol": 0.1}', 'SELECT eruptions, waiting FROM faithful'),
  ('scale', '{"k": 5, "scale": "standard"}', 'SELECT eruptions, waiting FROM faithful'),
  ('cosine', '{"k": 5, "metric": "cosine"}', 'SELECT eruptions, waiting FROM faithful'),
  ('weight', '{"k": 5, "weight": "w"}', 'SELECT eruptions, waiting, id % 3 AS w FROM faithful'),
  ('nulls', '{"k": 5, "nulls": "mean"}', 'SELECT eruptions, nullif(waiting, 80) AS waiting FROM faithful'),
  ('id', '{"k": 5, "id": "name"}', 'SELECT id || ''.'' AS name, eruptions, waiting FROM faithful'),
  ('params', '{"k": 2, "params": [100]}', 'SELECT eruptions, waiting FROM faithful WHERE id < ?'),
  ('clamp', '{"k": 9, "clamp": true}', 'VALUES (1, 1), (2, 2), (1, 1), (5, 5)'),
  ('threads', '{"k": 5, "threads": 3, "algorithm": "tree"}', 'SELECT eruptions, waiting FROM faithful'),
  ('dense', '{"k": 5, "algorithm": "dense"}', 'SELECT eruptions, waiting FROM faithful'),
  ('bounds', '{"k": 5, "algorithm": "bounds"}', 'SELECT eruptions, waiting FROM faithful'),
  ('kernels', '{"k": 5, "kernels": "scalar"}', 'SELECT eruptions, waiting FROM faithful'),
  ('vectors', '{"k": 3}', 'SELECT id, json_array(eruptions, waiting) FROM faithful'),
  ('init', '{"init": [[2, 50], [2, 51], [5, 90]]}', 'SELECT eruptions, waiting FROM faithful'),
  ('far away', '{"init": [[2, 50], [900, 51], [901, 90], [902, 90]]}', 'SELECT eruptions, waiting FROM faithful'),
  ('ties', '{"k": 3, "init": "random"}', 'VALUES (0), (0), (1), (2), (2), (3), (4), (5), (5)');

.print -- the last iteration is the fit with the same options and refine none
SELECT name, count(DISTINCT t.cluster) AS clusters, max(iteration) AS iterations,
  count(DISTINCT t.cluster) FILTER (WHERE iteration = last AND t.size = c.size AND t.inertia = c.inertia
    AND t.weight = c.weight AND t.centroid = c.centroid) AS equal
FROM cases, kmeans_trace(fit, rows) t
JOIN (SELECT name, max(iteration) AS last FROM cases, kmeans_trace(fit, rows) GROUP BY name) USING (name)
LEFT JOIN kmeans_centroids(fit, rows, '{"refine": "none"}') c ON c.centroid = t.centroid
GROUP BY name ORDER BY cases.rowid;

.print -- every point comes once, at the seeding; all are in some cluster at every iteration; inertia never rises
SELECT name, sum(moved) FILTER (WHERE iteration = 0) = max(points) AS come, min(points) = max(points) AS kept, max(rise) < 1e-9 AS falls
FROM (
  SELECT name, iteration, sum(moved) AS moved, sum(size) AS points,
    ifnull(sum(inertia) / nullif(lag(sum(inertia)) OVER (PARTITION BY name ORDER BY iteration), 0) - 1, 0) AS rise
  FROM cases, kmeans_trace(fit, rows) WHERE name <> 'far away' GROUP BY name, iteration
)
GROUP BY name HAVING NOT (come AND kept AND falls);

.print -- a cluster may be empty on the way, never at the end
SELECT iteration, group_concat(size) AS sizes, group_concat(moved) AS moved
FROM kmeans_trace('{"init": [[2, 50], [900, 51], [901, 90], [902, 90]]}', 'SELECT eruptions, waiting FROM faithful')
GROUP BY iteration;

.print -- clusters are numbered by their seeds, which come in order
SELECT count(*) FROM (
  SELECT cluster, centroid ->> 0 AS x, lag(centroid ->> 0) OVER (PARTITION BY name ORDER BY cluster) AS before
  FROM cases, kmeans_trace(fit, rows) WHERE iteration = 0 AND fit NOT LIKE '{"init"%'
) WHERE x < before;

.print -- centroids are in the units of the input, inertia and shift in the space of the clustering
SELECT iteration, cluster, round(inertia, 3) AS inertia, round(shift, 3) AS shift, centroid
FROM kmeans_trace('{"init": [[0, 0], [100, 10]], "scale": "minmax"}', 'VALUES (0, 0), (10, 0), (90, 10), (100, 10)');

.print -- rows are numbered from 0
SELECT rowid, iteration, cluster FROM kmeans_trace(2, 'VALUES (1), (2), (9)');

.print -- rows have their order, so that nothing is sorted
EXPLAIN QUERY PLAN SELECT * FROM kmeans_trace(2, 'SELECT 1') ORDER BY iteration, cluster;
EXPLAIN QUERY PLAN SELECT iteration, sum(moved) FROM kmeans_trace(2, 'SELECT 1') GROUP BY iteration;
EXPLAIN QUERY PLAN SELECT * FROM kmeans_trace(2, 'SELECT 1') ORDER BY iteration DESC;
EXPLAIN QUERY PLAN SELECT * FROM kmeans_trace(2, 'SELECT 1') ORDER BY cluster;
SELECT iteration, cluster FROM kmeans_trace(2, 'VALUES (1), (2), (9)') ORDER BY iteration DESC, cluster;
SELECT DISTINCT cluster FROM kmeans_trace(2, 'VALUES (1), (2), (9)') ORDER BY cluster DESC;

.print -- the query is closed before the first row goes out: this ends
CREATE TABLE history AS SELECT 1.0 AS x UNION ALL SELECT 5.0;
INSERT INTO history SELECT centroid ->> 0 FROM kmeans_trace(2, 'SELECT x FROM history');
SELECT count(*), max(x) FROM history;

.print -- nothing to trace: no rows, no point with a weight
SELECT * FROM kmeans_trace(3, 'SELECT 1 WHERE 0');
SELECT * FROM kmeans_trace(3, 'SELECT NULL AS x');
SELECT * FROM kmeans_trace('{"k": 2, "weight": "w"}', 'SELECT 1 AS x, 0 AS w UNION ALL SELECT 2, 0');

.print -- categories, given centroids among them
SELECT iteration, cluster, size, round(shift, 6) AS shift, centroid
FROM kmeans_trace('{"categorical": ["column2"], "init": [[1, "a"], [3, {"b": 1}]]}', 'VALUES (1, ''a''), (2, ''a''), (3, ''b''), (5, ''b'')');

.print -- what the log says
.log stdout
SELECT iteration, cluster, size FROM kmeans_trace(2, 'VALUES (1), (2), (NULL), (9)', '{"max_iter": 1}');
SELECT count(*) FROM kmeans_trace('{"k": 9, "clamp": true}', 'VALUES (1), (2)');
SELECT iteration, cluster, size FROM kmeans_trace('{"k": 2, "nulls": "mean"}', 'VALUES (1), (2), (NULL), (9)') LIMIT 1;
.log off

.print -- errors
SELECT * FROM kmeans_trace;
SELECT * FROM kmeans_trace(2);
SELECT * FROM kmeans_trace(2, 'SELECT 1', '{}', 4);
SELECT * FROM kmeans_trace(2, NULL);
SELECT * FROM kmeans_trace('{"centroids": [[1], [2]]}', 'SELECT 1');
SELECT * FROM kmeans_trace('{"k": 2, "refine": "auto"}', 'SELECT 1');
SELECT * FROM kmeans_trace(2, 'SELECT 1', '{"refine": "auto"}');
SELECT * FROM kmeans_trace(3, 'VALUES (1), (2)');
SELECT * FROM kmeans_trace(3, 'DELETE FROM history');
SELECT * FROM kmeans_trace(2, 'VALUES (1), (''word'')');
SELECT * FROM kmeans_trace('{"k": 2, "seeds": 1}', 'SELECT 1');
SELECT * FROM kmeans_trace('{"k": 2, "metric": "cosine"}', 'VALUES (0, 0), (1, 1)');
CREATE VIEW stored AS SELECT * FROM kmeans_trace(2, 'VALUES (1), (2)');
SELECT * FROM stored;
