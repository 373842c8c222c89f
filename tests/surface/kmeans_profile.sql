-- kmeans_profile(what [, query [, options]]): what sets each cluster apart.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y, c);
INSERT INTO pts VALUES (1, 1, 100, 7), (2, 2, 100, 7), (3, 3, 100, 7), (4, 7, 800, 7), (5, 8, 800, 7),
  (6, 9, 800, 7), (7, 1, 800, 7), (8, 1, 1000, 7), (9, NULL, 5, 7);

.print -- a row per cluster and feature, the most telling feature first; a constant column tells nothing
SELECT cluster, feature, value, round(overall, 6) AS overall, round(z, 6) AS z
FROM kmeans_profile(2, 'SELECT id, x, y, c FROM pts');
SELECT typeof(cluster), typeof(feature), typeof(value), typeof(overall), typeof(z)
FROM kmeans_profile(2, 'SELECT id, x, y, c FROM pts') LIMIT 1;

.print -- overall and z by hand
WITH p AS (SELECT x, y FROM pts WHERE x IS NOT NULL),
  mean AS (SELECT avg(x) AS x, avg(y) AS y FROM p),
  variance AS (SELECT avg((p.x - mean.x) * (p.x - mean.x)) AS x, avg((p.y - mean.y) * (p.y - mean.y)) AS y
    FROM p, mean)
SELECT count(*), sum(abs(k.overall - iif(feature = 'x', mean.x, mean.y)) < 1e-12) AS means,
  sum(abs(k.z * k.z * iif(feature = 'x', variance.x, variance.y) / (k.value - k.overall) / (k.value - k.overall) - 1) < 1e-12) AS z
FROM mean, variance, kmeans_profile(3, 'SELECT x, y FROM pts') k;

.print -- the values are the centroids
SELECT count(*), sum(value IS centroid ->> iif(feature = 'x', 0, 1))
FROM kmeans_profile(3, 'SELECT x, y FROM pts') JOIN kmeans_centroids(3, 'SELECT x, y FROM pts') USING (cluster);

.print -- a model alone: it knows the means and deviations of its points; its columns may have names
CREATE TABLE models AS SELECT kmeans_fit(2, x, y, c) AS model FROM pts;
SELECT model -> 'means', model -> 'deviations' FROM models;
SELECT cluster, feature, value, round(overall, 6) AS overall, round(z, 6) AS z
FROM kmeans_profile((SELECT model FROM models));
UPDATE models SET model = json_set(model, '$.columns', json_array('ex', 'why', 'const'));
SELECT cluster, feature, value, round(overall, 6) AS overall, round(z, 6) AS z
FROM kmeans_profile((SELECT model FROM models));

.print -- a model and a query: overall and z are about its rows, by the names of the model
SELECT cluster, feature, value, overall, z FROM kmeans_profile((SELECT model FROM models), 'SELECT x, y, c FROM pts WHERE id IN (1, 3)');
SELECT cluster, feature, overall, z FROM kmeans_profile('{"centroids": [[1, 2], [3, 4]]}', 'SELECT 1 AS a, 2 AS b');

.print -- a model and a query without rows; no rows, no clusters
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]]}', 'SELECT 1 AS a, 2 AS b WHERE 0');
SELECT count(*) FROM kmeans_profile(2, 'SELECT 1 AS a, 2 AS b WHERE 0');
SELECT count(*) FROM kmeans_profile(2, 'SELECT NULL AS a');

.print -- hand-written models: with sizes, with means only, with nothing; sizes that are all 0
SELECT * FROM kmeans_profile('{"centroids": [[0, 10], [3, 40]], "sizes": [1, 2]}');
SELECT * FROM kmeans_profile('{"centroids": [[0, 10], [3, 40]], "means": [1, 5]}');
SELECT * FROM kmeans_profile('{"centroids": [[0, 10], [3, 40]]}');
SELECT * FROM kmeans_profile('{"centroids": [[0, 10]], "sizes": [0]}');
SELECT * FROM kmeans_profile('{"centroids": [[0, 10]], "deviations": [1, 2], "sizes": [5], "columns": ["a", "b"]}');
SELECT * FROM kmeans_profile('{"centroids": [[0, 9]], "deviations": [2, 3], "means": [5, 3]}');
SELECT overall = 5e299 FROM kmeans_profile('{"centroids": [[1e300], [0]], "sizes": [1000000000, 1000000000]}');

.print -- large offsets and extreme magnitudes
SELECT cluster, feature, value, overall, round(z, 9) FROM kmeans_profile(2, 'SELECT 1.7e9 + x AS t FROM pts WHERE y <> 100');
SELECT feature, round(z, 6) FROM kmeans_profile(1, 'SELECT 1e300 AS a, 1e-300 AS b UNION ALL SELECT -1e300, 3e-300');
SELECT count(*) AS n, sum(round(z, 6) <> 0) FROM kmeans_profile(1, 'SELECT x * 1e299 AS a, x * 1e-200 AS b FROM pts');

.print -- one column; the same deviation keeps the order of the columns
SELECT cluster, feature, round(z, 6) FROM kmeans_profile(2, 'SELECT x FROM pts');
SELECT cluster, feature, round(z, 6) FROM kmeans_profile(2, 'SELECT x AS b, x AS a, -x AS c FROM pts');

.print -- vectors have no names; numbers in one column have one
SELECT cluster, feature, value, round(z, 6) FROM kmeans_profile(2, 'SELECT json_array(x, y) FROM pts WHERE x IS NOT NULL');
SELECT cluster, feature, value, round(z, 6) FROM kmeans_profile(2, 'SELECT x''0000803F00000040'' AS v UNION ALL SELECT x''00004040000080BF''');
SELECT kmeans_fit(1, v) -> 'means' FROM (SELECT x'0000803F00000040' AS v UNION ALL SELECT x'00004040000080BF');

.print -- what a model of long vectors leaves out, a query finds
CREATE TABLE long AS WITH n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n LIMIT 4097)
SELECT json_group_array(j % 7) AS v FROM n UNION ALL SELECT json_group_array(j % 11) FROM n;
SELECT json_type(model, '$.means') IS NULL, (SELECT count(overall) || ' ' || count(z) FROM kmeans_profile(model))
FROM (SELECT kmeans_fit(2, v) AS model FROM long);
SELECT count(*), count(z), max(abs(z)) FROM kmeans_profile(2, 'SELECT v FROM long');

.print -- the order is that of |z| within each cluster
SELECT count(*), sum(ok) FROM (SELECT abs(z) <= lag(abs(z), 1, 1e9) OVER (PARTITION BY cluster ORDER BY rowid) AS ok
  FROM kmeans_profile(2, 'SELECT v FROM long'));

.print -- hidden columns, names, joins: a profile for each model
SELECT DISTINCT what, query, options FROM kmeans_profile(2, 'SELECT x FROM pts', '{"seed": 3}');
SELECT name, cluster, feature, round(z, 3) FROM
  (SELECT y > 500 AS name, kmeans_fit(1, x, y) AS model FROM pts WHERE x IS NOT NULL GROUP BY 1), kmeans_profile(model)
ORDER BY 1, 2, 3;

.print -- kmeans_fit with a model: the means of these rows
SELECT kmeans_fit('{"centroids": [[0, 0]], "means": [9, 9], "deviations": [9, 9]}', x, y) -> 'means' FROM pts;

.print -- window frames have their own
SELECT id, kmeans_fit(1, y) OVER (ORDER BY id ROWS 1 PRECEDING) ->> '$.deviations[0]' FROM pts;

.print -- errors: no arguments, a number alone, a bad model, too many arguments
SELECT * FROM kmeans_profile;
SELECT * FROM kmeans_profile(3);
SELECT * FROM kmeans_profile(99, 'SELECT x, y FROM pts');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "means": [1]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "means": [1, 1e301]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "means": [1, "2"]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "deviations": [1, 2, 3]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "deviations": [1, -2]}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "deviations": 1}');
SELECT * FROM kmeans_profile('{"centroids": [[1, 2]], "means": [1, 2], "means": [1, 2]}');
SELECT * FROM kmeans_profile(1, 'SELECT 1', '{}', 4);

.print -- errors: the query, the options, rows that do not suit the model
SELECT * FROM kmeans_profile(NULL);
SELECT * FROM kmeans_profile(2, NULL);
SELECT * FROM kmeans_profile((SELECT model FROM models), NULL);
SELECT * FROM kmeans_profile(2, 'DELETE FROM pts');
SELECT * FROM kmeans_profile(2, 'SELECT id FROM pts');
SELECT * FROM kmeans_profile(2, 'SELECT x FROM pts', '[]');
SELECT * FROM kmeans_profile(2, 'SELECT x FROM pts', '{"sed": 1}');
SELECT * FROM kmeans_profile(2, 'SELECT x FROM pts', '{"nulls": "error"}');
SELECT * FROM kmeans_profile((SELECT model FROM models), 'SELECT x, y FROM pts');
SELECT * FROM kmeans_profile('{"centroids": [[1], [2]]}', 'SELECT 1', '{"k": 3}');
SELECT * FROM kmeans_profile(1, 'SELECT 1e308 UNION ALL SELECT -1e308');

.print -- not in the schema of a database
CREATE VIEW unsafe AS SELECT * FROM kmeans_profile(2, 'SELECT x FROM pts');
SELECT * FROM unsafe;

.print -- no row tells what the only column holds: the model has more dimensions than there are names
SELECT cluster, feature, value FROM kmeans_profile('{"centroids": [[1, 2, 3, 4, 5, 6]]}', 'SELECT NULL AS v');
SELECT count(*), group_concat(DISTINCT feature) FROM kmeans_profile('{"centroids": [[1, 2, 3], [4, 5, 6]]}', 'SELECT 1 AS v WHERE 0');
SELECT cluster, feature, value FROM kmeans_profile('{"centroids": [[1]]}', 'SELECT NULL AS v');

.print -- weights as large and as small as numbers are
SELECT cluster, value, overall FROM kmeans_profile('{"centroids": [[1], [3]], "weights": [1e308, 1e308], "sizes": [1, 1]}');
SELECT cluster, value, overall FROM kmeans_profile('{"centroids": [[1], [3]], "weights": [5e-324, 5e-324], "sizes": [1, 1]}');
