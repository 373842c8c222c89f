-- The limits that SQLite recommends for databases of strangers (https://www.sqlite.org/security.html)
-- leave everything usable, whatever kmeans asks of SQLite itself: JSON, and whether it is to stop.
.limit length 1000000
.limit sql_length 100000
.limit column 100
.limit expr_depth 10
.limit compound_select 3
.limit vdbe_op 25000
.limit function_arg 8
.limit attached 0
.limit like_pattern_length 50
.limit variable_number 10
.limit trigger_depth 10

CREATE TABLE pts AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
  SELECT i AS id, i * 7919 % 10007 AS x, i * 104729 % 10009 AS y FROM n;
SELECT count(*), count(DISTINCT cluster) FROM kmeans(20, 'SELECT id, x, y FROM pts');
SELECT count(*) FROM kmeans_centroids('{"k": 20, "scale": "standard"}',
  'SELECT x, y FROM pts WHERE x > ?', '{"params": [3]}');
CREATE TABLE models AS
  SELECT json_set(kmeans_fit(20, x, y), '$.columns', json_array('x', 'y')) AS model FROM pts;
SELECT kmeans_predict(model, '[1, 2]') = kmeans_predict(model, json_object('y', 2, 'x', 1)),
  json_array_length(kmeans_transform(model, 1, 2)), kmeans_distance(model, 1, 2) > 0 FROM models;
SELECT count(*) FROM kmeans_profile(3, 'SELECT x, y FROM pts');
SELECT max(iteration) > 3 FROM kmeans_trace(3, 'SELECT x, y FROM pts');
CREATE VIRTUAL TABLE temp.seg USING kmeans(2, 'SELECT id, x, y FROM pts');
SELECT count(*) FROM seg WHERE cluster = 1 OR id = 7;
SELECT kmeans_svg(2, x, y) LIKE '<svg%' FROM pts WHERE id < 100;

.print -- an answer that is longer than a string may be is an error, and the next one is none
.limit length 10000
CREATE TABLE wide AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, i / 7.0 AS x FROM n;
SELECT kmeans_transform('{"k": 1, "centroids": [[1]]}', 1), length(kmeans_transform((SELECT kmeans_fit(90, x) FROM wide), 1)) > 1000;
SELECT kmeans_fit(600, x) FROM wide;
SELECT length(kmeans_fit(60, x)) > 1000 FROM wide;
SELECT kmeans_transform(json_object('centroids', (SELECT json_group_array(json_array(i)) FROM wide)), 1 / 7.0);
SELECT cluster, length(centroid) FROM kmeans_centroids(1, 'SELECT zeroblob(8000)');
SELECT length(centroid) FROM kmeans_centroids(1, 'SELECT CAST(replace(hex(zeroblob(1000)), ''00'', ''abcd'') AS BLOB)');
SELECT kmeans_svg(2, x, x) FROM wide;
SELECT length(kmeans_svg(2, x, x)) > 1000 FROM wide WHERE i < 20;
SELECT kmeans_elbow_svg(i, x) FROM wide;
SELECT count(*) FROM kmeans(2, 'SELECT x FROM wide');

.limit length 1000000
.print -- the shortest of limits are for the application's SQL, not for what kmeans asks of SQLite
CREATE VIEW o AS SELECT '{"k": 20, "tol": 0}' AS o, 'SELECT x, y FROM pts' AS q;
.limit vdbe_op 400
.limit expr_depth 3
.limit compound_select 1
.limit sql_length 66
SELECT kmeans_fit(9, x, y) LIKE '{"type%' FROM pts;
SELECT kmeans_fit(o, x, y) LIKE '{"type%' FROM pts, o;
SELECT count(*) FROM o, kmeans(o, q);
SELECT count(*) FROM kmeans_centroids(9, 'SELECT x FROM pts');
SELECT count(*) FROM kmeans_profile(9, 'SELECT x FROM pts');
SELECT count(*) > 9 FROM kmeans_trace(9, 'SELECT x FROM pts');
SELECT count(*) FROM kmeans_sweep(2, 3, 'SELECT x FROM pts');
SELECT count(*) FROM seg WHERE cluster = 1 OR id = 7;
SELECT 'they still hold for what the application itself has to say';
SELECT * FROM kmeans(2, 'SELECT 1 UNION ALL SELECT 2');
.limit sql_length
