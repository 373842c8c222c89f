-- The option "scale": columns of different units weigh the same. The figures: tests/reference/spaces.sql.

.nullvalue NULL

CREATE TABLE people(id INTEGER PRIMARY KEY, age REAL, income REAL);
INSERT INTO people(age, income) VALUES (20, 30000), (22, 52000), (24, 41000), (21, NULL),
  (60, 31000), (62, 53000), (64, 40000), (NULL, 45000);

.print -- without a scale the larger numbers decide; with one, both columns count
SELECT cluster, size, centroid FROM kmeans_centroids(2, 'SELECT age, income FROM people');
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "scale": "standard"}', 'SELECT age, income FROM people');
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "scale": "minmax"}', 'SELECT age, income FROM people');
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "scale": "robust"}', 'SELECT age, income FROM people');
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "scale": "none"}', 'SELECT age, income FROM people');

.print -- points and centroids are in the units of the input, distances are not
SELECT id, cluster, round(distance, 6), point, centroid, neighbor, round(silhouette, 6)
FROM kmeans('{"k": 2, "scale": "minmax"}', 'SELECT * FROM people');

.print -- (20 - 22) / (64 - 20), (30000 - 41000) / (53000 - 30000); sums of squares of such
SELECT round(sqrt(4 / 44.0 / 44 + 11 * 11 / 23.0 / 23), 6),
  round(2 * (4 / 44.0 / 44) + (11 * 11 + 11 * 11) / 23.0 / 23, 6);
SELECT cluster, round(inertia, 6), round(radius, 6)
FROM kmeans_centroids('{"k": 2, "scale": "minmax"}', 'SELECT * FROM people WHERE income IS NOT NULL AND age IS NOT NULL');

.print -- the model carries the scale; NULL rows take no part in it
CREATE TABLE models AS
SELECT value AS method, kmeans_fit(json_object('k', 2, 'scale', value), age, income) AS model
FROM people, json_each('["none", "standard", "minmax", "robust"]') GROUP BY value;
SELECT method, model -> 'scale', model -> 'centroids', model -> 'skipped' FROM models;

.print -- and so predicts, transforms, is applied and written again with it
SELECT method,
  sum(k.cluster = kmeans_predict(model, p.age, p.income)),
  sum(k.distance = kmeans_distance(model, p.age, p.income)),
  sum(k.distance = kmeans_transform(model, p.age, p.income) ->> k.cluster),
  sum(a.cluster = k.cluster AND a.distance = k.distance AND a.centroid = k.centroid)
FROM models, people p, kmeans(json_object('k', 2, 'scale', method), 'SELECT * FROM people') k,
  kmeans(model, 'SELECT * FROM people') a
WHERE k.id = p.id AND a.id = p.id GROUP BY method;
SELECT method, kmeans_fit(model, age, income) -> 'scale' = model -> 'scale',
  kmeans_fit(model, age, income) -> 'centroids' = model -> 'centroids',
  kmeans_fit(model, age, income) ->> 'inertia' = model ->> 'inertia'
FROM models, people WHERE method <> 'none' GROUP BY method;
SELECT method, (SELECT group_concat(centroid, ' ') FROM kmeans_centroids(model)) FROM models;

.print -- initial centroids are in the units of the input, given as numbers or as a model of another scale
SELECT cluster, size, centroid FROM kmeans_centroids('{"scale": "standard", "init": [[60, 40000], [20, 40000]]}', 'SELECT * FROM people');
SELECT method, (SELECT group_concat(c.size || ' ' || c.centroid, '  ')
  FROM kmeans_centroids('{"scale": "robust", "init": ' || model || '}', 'SELECT * FROM people') c) FROM models;

.print -- a column without spread counts for nothing, and its values come back
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "scale": "standard"}', 'SELECT age, 0.1 AS same FROM people');
SELECT kmeans_fit('{"k": 2, "scale": "robust"}', age, 0.1) -> 'scale' FROM people;
SELECT kmeans_fit('{"k": 1, "scale": "minmax"}', 7, 8) FROM people LIMIT 1;

.print -- one column, solved exactly, whatever its unit
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 3, "scale": "standard"}', 'SELECT income FROM people');

.print -- units do not matter: metres or millimetres, an offset or none
CREATE TABLE plain AS SELECT id, cluster, distance FROM kmeans('{"k": 2, "scale": "standard"}', 'SELECT * FROM people');
SELECT f.value, sum(k.cluster IS p.cluster), sum(abs(k.distance - p.distance) < 1e-9)
FROM json_each('[1e-250, 0.001, 1000, 1e250]') f,
  kmeans('{"k": 2, "scale": "standard"}', 'SELECT id, age * :f AS age, income + 1e9 AS income FROM people',
    json_object('params', json_object('f', f.value))) k, plain p
WHERE p.id = k.id GROUP BY f.key;

.print -- vectors, of both kinds, have one scale for each of their numbers
CREATE TABLE vectors(id INTEGER PRIMARY KEY, blob BLOB, json TEXT, x REAL, y REAL);
INSERT INTO vectors VALUES
  (1, x'0000803f0000c842', '[1, 100]', 1, 100), (2, x'0000004000004843', '[2, 200]', 2, 200),
  (3, x'000040400000c842', '[3, 100]', 3, 100), (4, NULL, NULL, NULL, NULL),
  (5, x'0000c04000001644', '[6, 600]', 6, 600), (6, x'0000e04000001644', '[7, 600]', 7, 600);
SELECT id, b.cluster, b.distance = c.distance AND j.distance = c.distance, hex(b.point), j.point, b.centroid = c.centroid
FROM kmeans('{"k": 2, "scale": "standard"}', 'SELECT id, blob FROM vectors') b
  JOIN kmeans('{"k": 2, "scale": "standard"}', 'SELECT id, json FROM vectors') j USING (id)
  JOIN kmeans('{"k": 2, "scale": "standard"}', 'SELECT id, x, y FROM vectors') c USING (id);
SELECT group_concat(kmeans_predict(m, blob) || kmeans_predict(m, json) || kmeans_predict(m, x, y))
FROM (SELECT kmeans_fit('{"k": 2, "scale": "standard"}', blob) AS m FROM vectors), vectors;

.print -- a window has the scale of its frame
SELECT id, kmeans_fit('{"k": 1, "scale": "minmax"}', age) OVER (ORDER BY id ROWS 1 PRECEDING) -> 'scale' AS scale FROM people;

.print -- written by hand: a method is not needed
SELECT kmeans_predict('{"centroids": [[0, 0], [10, 1]], "scale": {"shift": [0, 0], "factor": [1, 100]}}', 9, 0.1),
  kmeans_predict('{"centroids": [[0, 0], [10, 1]]}', 9, 0.1),
  kmeans_distance('{"centroids": [[0, 0], [10, 1]], "scale": {"shift": [5, 5], "factor": [1, 100], "note": "mine"}}', 3, 0.04);
SELECT kmeans_fit('{"centroids": [[0], [10]], "scale": {"shift": [5], "factor": [0.5]}}', age) FROM people;
SELECT * FROM kmeans('{"centroids": [[0, 0], [10, 1]], "scale": {"shift": [0, 0], "factor": [1, 100]}}', 'VALUES (9, 0.1), (9, 0.9)');

.print -- beyond 1e300 after scaling, a coordinate counts as 1e300
SELECT kmeans_distance('{"centroids": [[0], [1]], "scale": {"shift": [0], "factor": [1e10]}}', 1e299);
