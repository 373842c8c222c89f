-- Data at the edges: far from the origin, very large and very small, all equal, one row, k = n, k = 1,
-- one column, very many columns, duplicates.

.nullvalue NULL

-- Four groups of 25, with centres 10 apart and spread 1, and the clusters they are.
CREATE TABLE base AS
WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM t LIMIT 100)
SELECT i AS id, i % 2 * 10 + i * 37 % 128 / 128.0 AS x, i / 2 % 2 * 10 + i * 29 % 128 / 128.0 AS y,
  i % 2 * 2 + i / 2 % 2 AS truth FROM t;
CREATE TABLE plain AS SELECT id, cluster, distance FROM kmeans(4, 'SELECT id, x, y FROM base');

.print -- as they are: the four groups, numbered by x and then y
SELECT cluster, count(*), min(truth), max(truth) FROM plain JOIN base USING (id) GROUP BY cluster;

-- Steps of 1/128 are exact there; the centroids are not, so distances differ by what a number of that
-- size can't express.
.print -- 1e9 further, the same clusters: timestamps, projected coordinates, both signs
SELECT shift.value, sum(k.cluster = p.cluster), sum(abs(k.distance - p.distance) < abs(shift.value) * 1e-15)
FROM json_each('[1000000000, -1000000000, 1700000000, 1000000, 4503599627370]') shift,
  kmeans(4, 'SELECT id, x + :shift AS x, y - :shift AS y FROM base',
    json_object('params', json_object('shift', shift.value))) k, plain p
WHERE p.id = k.id GROUP BY shift.value ORDER BY shift.key;
SELECT cluster, size, printf('%.9f', inertia) FROM kmeans_centroids(4, 'SELECT x, y FROM base');
SELECT cluster, size, printf('%.9f', inertia) FROM kmeans_centroids(4, 'SELECT x + 1e9, y - 1e9 FROM base');

.print -- one column far away, the other near the origin
SELECT sum(k.cluster = p.cluster), sum(abs(k.distance - p.distance) < 1e-3)
FROM kmeans(4, 'SELECT id, x + 1e12 AS x, y FROM base') k JOIN plain p USING (id);

.print -- the aggregate, the sliding window and kmeans_predict there, too
SELECT sum(kmeans_predict(m, x + 1e9, y - 1e9) = cluster)
FROM base JOIN plain USING (id), (SELECT kmeans_fit(4, x + 1e9, y - 1e9) AS m FROM base);
SELECT count(*), sum(abs((m ->> 'inertia') - (m0 ->> 'inertia')) < 1e-9)
FROM (SELECT kmeans_fit(2, x + 1e9) OVER w AS m, kmeans_fit(2, x) OVER w AS m0 FROM base
  WINDOW w AS (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING));

-- The inertia may leave the range of numbers: it is 0 or infinity then.
.print -- from 1e-300 to 1e300, the same clusters at every size
SELECT scale.value, sum(k.cluster = p.cluster), sum(abs(k.distance / scale.value - p.distance) < 1e-9)
FROM json_each('[1e-300, 1e-200, 1e-100, 1e-20, 1e20, 1e100, 1e200, 1e298]') scale,
  kmeans(4, 'SELECT id, x * :scale AS x, y * :scale AS y FROM base',
    json_object('params', json_object('scale', scale.value))) k, plain p
WHERE p.id = k.id GROUP BY scale.value ORDER BY scale.key;
SELECT inertia = 0, inertia = 9e999, radius > 0 AND radius < 9e999 FROM kmeans_centroids(1, 'SELECT x * 1e-300 FROM base')
UNION ALL
SELECT inertia = 0, inertia = 9e999, radius > 0 AND radius < 9e999 FROM kmeans_centroids(1, 'SELECT x * 1e298 FROM base');

.print -- a model with an infinite inertia is a model: it can be stored and read
SELECT cluster, size, inertia = 9e999 FROM kmeans_centroids((SELECT kmeans_fit(2, x * 1e298) FROM base));
SELECT m -> 'inertia', kmeans_predict(m, 0), kmeans_predict(m, 1e299) FROM (SELECT kmeans_fit(2, x * 1e298) AS m FROM base);

.print -- both in one column: the small ones are one point beside the large one
SELECT id, cluster FROM kmeans(2, 'VALUES (1e-300), (2e-300), (1e300), (0), (-1e-300)');
SELECT id, cluster FROM kmeans(3, 'VALUES (1e300), (-1e300), (0)');

.print -- and in two columns
SELECT cluster, size FROM kmeans_centroids(2, 'VALUES (1e300, 1e-300), (1e300, 2e-300), (-1e300, 5)');

.print -- denormal numbers
SELECT id, cluster FROM kmeans(2, 'VALUES (5e-324), (0), (5e-324), (0)');

.print -- the ends of the range
SELECT id, cluster, distance FROM kmeans(2, 'VALUES (1e300), (-1e300)');
SELECT centroid FROM kmeans_centroids(1, 'VALUES (1e300), (-1e300)');
SELECT centroid FROM kmeans_centroids(1, 'VALUES (1e300), (1e300), (1e300)');

.print -- all equal: one cluster, exactly there; two are an error
SELECT cluster, size, inertia, radius, centroid FROM kmeans_centroids(1, 'SELECT 0.1, 1e9 + 0.1 FROM base');
SELECT * FROM kmeans(2, 'SELECT 0.1 FROM base');
SELECT cluster, size, inertia, centroid FROM kmeans_centroids(2, 'SELECT 0.1 FROM base', '{"clamp": true}');
SELECT cluster, size, inertia, centroid FROM kmeans_centroids(2, 'SELECT 0.0 UNION ALL SELECT -0.0 UNION ALL SELECT 0', '{"clamp": true}');

.print -- nearly equal: neighbours among the numbers are two points
SELECT count(*), sum(distance) FROM kmeans(2, 'VALUES (0.3), (0.1 + 0.2)');

.print -- one row
SELECT * FROM kmeans(1, 'VALUES (5)');
SELECT * FROM kmeans(2, 'VALUES (5)');
SELECT kmeans_fit(1, 5);

.print -- k = n: every point its own cluster, whatever the way to begin
SELECT count(DISTINCT cluster), sum(distance) FROM kmeans(100, 'SELECT id, x, y FROM base');
SELECT count(DISTINCT cluster), sum(distance) FROM kmeans('{"k": 100, "init": "random", "seed": 3}', 'SELECT id, x, y FROM base');
SELECT m ->> 'k', m ->> 'inertia', (SELECT sum(value) FROM json_each(m, '$.radii')) FROM (SELECT kmeans_fit(100, x, y) AS m FROM base);

.print -- k distinct points give k clusters, however often they occur
SELECT count(DISTINCT cluster), sum(distance), count(*) FROM kmeans(5, 'SELECT id % 5 AS x, id % 5 * 7 AS y FROM base');
SELECT cluster, size, centroid FROM kmeans_centroids(3, 'SELECT 1 FROM base UNION ALL VALUES (2), (3)');

.print -- k far beyond n
SELECT count(*) FROM kmeans(4294967294, 'VALUES (1), (2)', '{"clamp": true}');
SELECT * FROM kmeans(4294967294, 'VALUES (1), (2)');

.print -- k = 1: the mean
SELECT size, printf('%.9f', inertia), centroid FROM kmeans_centroids(1, 'VALUES (1, 10), (2, 20), (6, 60)');

.print -- initial centroids that are equal, or far from all points: still no cluster is empty
SELECT count(*), min(size) > 0, count(DISTINCT centroid) FROM kmeans_centroids('{"init": [[5, 5], [5, 5], [5, 5], [5, 5]]}', 'SELECT x, y FROM base');
SELECT count(*), min(size) > 0 FROM kmeans_centroids('{"init": [[1e9, 1e9], [0, 0], [-1e300, 1e300], [7, 7]]}', 'SELECT x, y FROM base');
SELECT count(*), min(size) > 0 FROM kmeans_centroids('{"init": [[1e9, 1e9], [0, 0], [-1e300, 1e300], [7, 7]], "max_iter": 1}', 'SELECT x, y FROM base');

.print -- one column
SELECT id, cluster FROM kmeans(3, 'VALUES (1), (100), (2), (50), (101), (51)');

.print -- 2,000 columns: SQLite's own limit; rows of two kinds
CREATE TABLE wide(sql);
INSERT INTO wide
WITH RECURSIVE c(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM c LIMIT 2000)
SELECT 'WITH r(i) AS (VALUES (1), (2), (3), (4), (5), (6)) SELECT '
  || group_concat('i % 2 * ' || j || ' + i AS c' || j) || ' FROM r' FROM c;
SELECT id, cluster, json_array_length(point), point ->> 1999 FROM kmeans(2, (SELECT sql FROM wide));
SELECT cluster, size, json_array_length(centroid), printf('%.6g', inertia) FROM kmeans_centroids(2, (SELECT sql FROM wide));

.print -- 1,999 of them, and an id
SELECT id, cluster, json_array_length(point) FROM kmeans(2, (SELECT replace(sql, 'c2000', 'id') FROM wide)) LIMIT 2;

.print -- long ids: a megabyte of text, and of BLOB
SELECT length(id), typeof(id), cluster FROM kmeans(1, 'SELECT printf(''%1000000s'', ''x'') AS id, 1 AS x UNION ALL SELECT zeroblob(1000000), 1');

.print -- 200,000 rows in four groups; twice the same, to the last bit
CREATE VIEW large AS
WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM t LIMIT 2000)
SELECT x + i / 1e4 AS x, y - i / 1e5 AS y FROM base, t;
CREATE TABLE twice AS SELECT * FROM kmeans_centroids(4, 'SELECT * FROM large');
SELECT count(*), sum(a.size), sum(a.inertia = b.inertia AND a.radius = b.radius AND a.centroid = b.centroid)
FROM twice a JOIN kmeans_centroids(4, 'SELECT * FROM large') b USING (cluster);
