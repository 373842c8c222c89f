-- The option "metric": with "cosine", points are directions. The figures: tests/reference/spaces.sql.

.nullvalue NULL

CREATE TABLE docs(id INTEGER PRIMARY KEY, a REAL, b REAL, c REAL);
INSERT INTO docs VALUES (1, 3, 4, 0), (2, 30, 41, 1), (3, 0.3, 0.39, 0), (4, 0, 5, 12), (5, 0, 50, 119),
  (6, -0.1, 0.5, 1.2), (7, NULL, 1, 1);

.print -- long and short vectors of one direction are together
SELECT id, cluster, round(distance, 9), point, neighbor, round(silhouette, 6)
FROM kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs');
SELECT id, cluster FROM kmeans('{"k": 2, "metric": "euclidean"}', 'SELECT * FROM docs');

.print -- centroids have length 1; inertia is the sum of the distances, radius the largest
SELECT cluster, size, round(inertia, 9), round(radius, 9),
  abs((SELECT sum(value * value) FROM json_each(centroid)) - 1) < 1e-15 AS length
FROM kmeans_centroids('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs');
SELECT cluster, count(*), round(sum(distance), 9), round(max(distance), 9)
FROM kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs') WHERE cluster IS NOT NULL GROUP BY cluster;

.print -- the distance is 1 - cos: of opposite, perpendicular, like directions
SELECT kmeans_transform('{"centroids": [[-2, 0], [0, 5], [3, 0], [1, 1]], "metric": "cosine"}', 7, 0);
SELECT max(abs(distance - (1 - (a * (centroid ->> 0) + b * (centroid ->> 1) + c * (centroid ->> 2)) / sqrt(a * a + b * b + c * c)))) < 1e-15
FROM docs JOIN kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs') USING (id);

.print -- rows times any factor are the same points
SELECT f.key, sum(k.cluster IS p.cluster), max(abs(k.distance - p.distance)) < 1e-15
FROM json_each('[1e-280, 0.25, 3, 1e280]') f, kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs') p,
  kmeans('{"k": 2, "metric": "cosine"}', 'SELECT id, a * :f * id AS a, b * :f * id AS b, c * :f * id AS c FROM docs',
    json_object('params', json_object('f', f.value))) k
WHERE k.id = p.id GROUP BY f.key;

.print -- the model says so, and predicts what the fit found
CREATE TABLE models AS SELECT kmeans_fit('{"k": 2, "metric": "cosine"}', a, b, c) AS model FROM docs;
SELECT model ->> 'metric', model ->> 'k', model -> 'sizes', model ->> 'n', model ->> 'skipped' FROM models;
SELECT d.id, k.cluster = kmeans_predict(model, d.a, d.b, d.c), k.distance = kmeans_distance(model, d.a, d.b, d.c),
  k.distance = kmeans_transform(model, d.a, d.b, d.c) ->> k.cluster, a.cluster = k.cluster AND a.distance = k.distance
FROM models, docs d, kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs') k, kmeans(model, 'SELECT * FROM docs') a
WHERE k.id = d.id AND a.id = d.id;
SELECT kmeans_fit(model, a, b, c) = model OR kmeans_fit(model, a, b, c) ->> 'inertia' = model ->> 'inertia',
  kmeans_fit(model, a, b, c) ->> 'metric', kmeans_fit(model, a, b, c) -> 'centroids' = model -> 'centroids'
FROM models, docs;

.print -- initial centroids are brought to length 1
SELECT cluster, size FROM kmeans_centroids('{"init": [[0, 1, 2], [400, 500, 0]], "metric": "cosine"}', 'SELECT * FROM docs');

.print -- written by hand: any length
SELECT kmeans_predict('{"centroids": [[100, 1], [0.1, 0.1]], "metric": "cosine"}', 5, 1);
SELECT kmeans_predict('{"centroids": [[100, 1], [0.1, 0.1]]}', 5, 1);
SELECT cluster, centroid FROM kmeans_centroids('{"centroids": [[3, 4]], "metric": "cosine"}');
SELECT cluster, distance, centroid FROM kmeans('{"centroids": [[3, 4]], "metric": "cosine"}', 'VALUES (6, 8), (-8, 6), (-3, -4)');

.print -- vectors: float32 stays float32, and comes back as it was
CREATE TABLE vectors(id INTEGER PRIMARY KEY, blob BLOB, json TEXT, x REAL, y REAL);
INSERT INTO vectors VALUES
  (1, x'0000803f0000c842', '[1, 100]', 1, 100), (2, x'0000004000004843', '[2, 200]', 2, 200),
  (3, x'000040400000c842', '[3, 100]', 3, 100), (4, NULL, NULL, NULL, NULL),
  (5, x'0000c04000000000', '[6, 0]', 6, 0), (6, x'0000e0400000803f', '[7, 1]', 7, 1);
SELECT id, b.cluster, b.distance = c.distance AND j.distance = c.distance, hex(b.point), j.point, b.centroid = c.centroid
FROM kmeans('{"k": 2, "metric": "cosine"}', 'SELECT id, blob FROM vectors') b
  JOIN kmeans('{"k": 2, "metric": "cosine"}', 'SELECT id, json FROM vectors') j USING (id)
  JOIN kmeans('{"k": 2, "metric": "cosine"}', 'SELECT id, x, y FROM vectors') c USING (id);
SELECT group_concat(kmeans_predict(m, blob) || kmeans_predict(m, json) || kmeans_predict(m, x, y))
FROM (SELECT kmeans_fit('{"k": 2, "metric": "cosine"}', blob) AS m FROM vectors), vectors;

.print -- one column: two directions, and never the exact solution for numbers
SELECT cluster, size, inertia, centroid FROM kmeans_centroids('{"k": 2, "metric": "cosine"}', 'VALUES (1), (2), (70), (-1), (-8)');

.print -- many columns, many rows: all algorithms give the same
CREATE TABLE wide AS
WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t LIMIT 600)
SELECT i AS id, i * 7 % 13 + 1 AS a, i * 11 % 17 AS b, i * i % 19 AS c, i * 3 % 23 AS d, i * i * i % 29 AS e,
  i * 5 % 31 AS f, i * i % 37 AS g FROM t;
SELECT value, sum(a.cluster = b.cluster), sum(a.distance = b.distance)
FROM json_each('["lloyd", "dense", "bounds", "tree"]') x
  CROSS JOIN kmeans(json_object('k', 9, 'metric', 'cosine', 'algorithm', x.value), 'SELECT * FROM wide') b
  CROSS JOIN kmeans('{"k": 9, "metric": "cosine"}', 'SELECT * FROM wide') a
WHERE a.id = b.id GROUP BY x.key;
SELECT sum(kmeans_predict(m, a, b, c, d, e, f, g) = cluster) FROM wide
  JOIN kmeans('{"k": 9, "metric": "cosine"}', 'SELECT * FROM wide') USING (id),
  (SELECT kmeans_fit('{"k": 9, "metric": "cosine"}', a, b, c, d, e, f, g) AS m FROM wide);

.print -- refine leaves poor optima, on the sphere too
SELECT sum(a.inertia) < sum(b.inertia) * 1.000001
FROM kmeans_centroids('{"k": 9, "metric": "cosine"}', 'SELECT * FROM wide') a
  JOIN kmeans_centroids('{"k": 9, "metric": "cosine", "refine": "none"}', 'SELECT * FROM wide') b USING (cluster);

.print -- a row of zeros has no direction: an error, or left out where nulls says so
INSERT INTO docs VALUES (8, 0, 0, 0), (9, -0.0, 1e-301, 0);
SELECT * FROM kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs');
SELECT * FROM kmeans('{"k": 2, "metric": "cosine", "nulls": "error"}', 'SELECT * FROM docs WHERE id <> 7');
SELECT * FROM kmeans((SELECT model FROM models), 'SELECT * FROM docs');
SELECT id, cluster, point FROM kmeans('{"k": 2, "metric": "cosine", "nulls": "skip"}', 'SELECT * FROM docs');
SELECT id, cluster FROM kmeans((SELECT model FROM models), 'SELECT * FROM docs', '{"nulls": "skip"}');
SELECT kmeans_fit('{"k": 2, "metric": "cosine"}', a, b, c) FROM docs;
SELECT kmeans_fit('{"k": 2, "metric": "cosine", "nulls": "skip"}', a, b, c) ->> 'skipped' FROM docs;
SELECT kmeans_predict((SELECT model FROM models), 0, 0, 0);
SELECT kmeans_distance((SELECT model FROM models), zeroblob(12));
SELECT * FROM kmeans('{"k": 1, "metric": "cosine"}', 'SELECT zeroblob(8)');
SELECT * FROM kmeans('{"k": 1, "metric": "cosine"}', 'SELECT ''[0, 0]''');
SELECT * FROM kmeans('{"k": 1, "metric": "cosine", "nulls": "skip"}', 'SELECT zeroblob(8) AS v UNION ALL SELECT x''0000803f00000000''');
SELECT kmeans_fit('{"k": 1, "metric": "cosine", "nulls": "skip"}', v) ->> 'skipped' FROM (SELECT zeroblob(8) AS v UNION ALL SELECT x'0000803f00000000');
SELECT kmeans_fit('{"k": 1, "metric": "cosine", "nulls": "skip"}', 0, 0);

.print -- and they leave a window as they entered it
CREATE TABLE more AS SELECT * FROM docs UNION ALL SELECT id + 10, c, a, b FROM docs;
SELECT id, m ->> 'n', m ->> 'skipped', round(m ->> 'inertia', 9) = round((SELECT sum(inertia)
    FROM kmeans_centroids('{"k": 1, "metric": "cosine", "nulls": "skip"}', 'SELECT * FROM more WHERE id BETWEEN :a AND :b',
      json_object('params', json_object('a', id - 2, 'b', id)))), 9)
FROM (SELECT id, kmeans_fit('{"k": 1, "metric": "cosine", "nulls": "skip"}', a, b, c) OVER (ORDER BY id ROWS 2 PRECEDING) AS m
  FROM more);

.print -- means are those of the points divided by their lengths, be they vectors or numbers
SELECT kmeans_fit('{"k": 1, "metric": "cosine"}', blob) -> 'means' AS blobs, kmeans_fit('{"k": 1, "metric": "cosine"}', json) -> 'means' AS arrays
FROM (SELECT x'0000404000008040' AS blob, '[3, 4]' AS json UNION ALL SELECT x'000040400000803F', '[3, 1]');
SELECT kmeans_fit('{"k": 1, "metric": "cosine", "nulls": "mean"}', column1, column2) -> 'means' AS means FROM (VALUES (3, 4), (3, NULL), (3, 2));

.print -- a profile compares directions: their means in the cluster and over all, by their spread
CREATE TABLE unit AS SELECT id, a / sqrt(a*a + b*b + c*c) AS a, b / sqrt(a*a + b*b + c*c) AS b,
  c / sqrt(a*a + b*b + c*c) AS c FROM docs WHERE id < 7;
CREATE TABLE coordinates AS SELECT id, 'a' AS feature, a AS x FROM unit UNION ALL SELECT id, 'b', b FROM unit
  UNION ALL SELECT id, 'c', c FROM unit;
WITH overall AS (SELECT feature, avg(x) AS mean, sqrt(avg(x * x) - avg(x) * avg(x)) AS deviation FROM coordinates GROUP BY 1),
  means AS (SELECT cluster, feature, avg(x) AS value
    FROM coordinates JOIN kmeans('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs WHERE id < 8') USING (id) GROUP BY 1, 2),
  profile AS (SELECT 'query' AS source, * FROM kmeans_profile('{"k": 2, "metric": "cosine"}', 'SELECT * FROM docs WHERE id < 8')
    UNION ALL SELECT 'model and query', * FROM kmeans_profile((SELECT model FROM models), 'SELECT * FROM docs WHERE id < 8')
    UNION ALL SELECT 'model', cluster, char(96 + feature), value, overall, z FROM kmeans_profile((SELECT model FROM models)))
SELECT source, cluster, count(*), sum(abs(p.value - m.value) < 1e-12) AS value, sum(abs(overall - mean) < 1e-12) AS overall,
  sum(abs(z - (m.value - mean) / deviation) < 1e-6) AS z
FROM profile p JOIN means m USING (cluster, feature) JOIN overall USING (feature) GROUP BY 1, 2;
SELECT cluster, feature, round(abs(value - overall), 12), round(abs(z), 9)
FROM kmeans_profile('{"k": 1, "metric": "cosine"}', 'SELECT * FROM docs WHERE id < 8') ORDER BY feature;

.print -- what all directions share tells nothing, be it equal but for rounding
SELECT cluster, feature, round(value, 9) AS value, round(overall, 9) AS overall, round(z, 9) AS z
FROM kmeans_profile('{"k": 2, "metric": "cosine"}',
  'VALUES (3, 4), (6, 8), (3, -4), (6, -8), (21, 28), (.3, .4), (.3, -.4), (9, -12)');
SELECT * FROM kmeans_profile('{"centroids": [[-1]], "metric": "cosine"}', 'VALUES (49), (1), (3)');
SELECT kmeans_fit('{"k": 1, "metric": "cosine"}', column1, column2) ->> 'deviations'
FROM (VALUES (1, 3), (3, 9), (7, 21), (0.1, 0.3));

.print -- models: with what it takes to know the means of their clusters, and without; a cluster without points
SELECT * FROM kmeans_profile('{"centroids": [[3, 4], [0, 2]], "sizes": [1, 2], "metric": "cosine"}');
SELECT * FROM kmeans_profile('{"centroids": [[3, 4], [0, 2]], "means": [0.2, 0.6], "deviations": [0.5, 1], "metric": "cosine"}');
SELECT * FROM kmeans_profile('{"centroids": [[3, 4], [0, 2]], "means": [0.2, 0.6], "deviations": [0.5, 1], "sizes": [1, 2],
  "inertias": [0, 1], "metric": "cosine"}');
SELECT * FROM kmeans_profile('{"centroids": [[3, 4], [-3, 4]], "metric": "cosine"}', 'VALUES (3, 4), (6, 8)');
