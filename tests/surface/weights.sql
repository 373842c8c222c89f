-- The option "weight": a column of the query, or a value of the aggregate, says how much a row counts.
.headers on
CREATE TABLE places(id INTEGER PRIMARY KEY, x, y, people);
INSERT INTO places VALUES (1, 1, 1, 10), (2, 2, 1, 1), (3, 8, 8, 2.5), (4, 9, 8, '1'), (5, 5, 5, 0), (6, NULL, 1, 3);

.print -- weights are no coordinates; a row of weight 0 has a cluster, one without a point has none
SELECT * FROM kmeans('{"k": 2, "weight": "people"}', 'SELECT * FROM places');
SELECT * FROM kmeans(2, 'SELECT People, x, y FROM places WHERE id < 3', '{"weight": "pEOPLE"}');
SELECT *, weight FROM kmeans_centroids('{"k": 2, "weight": "people"}', 'SELECT * FROM places');
SELECT size, weight FROM kmeans_centroids(2, 'SELECT x, y FROM places');

.print -- the aggregate, with the weight in any place
SELECT kmeans_fit('{"k": 2, "weight": 3}', x, y, people) AS model FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 1}', people, x, y) = kmeans_fit('{"k": 2, "weight": 2}', x, people, y) AS same FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 2}', x, people) -> 'centroids' AS x, kmeans_fit('{"k": 2, "weight": 1}', people, x) -> 'centroids' AS x FROM places;

.print -- a model applied: what is known of the model, and of the rows
CREATE TABLE model AS SELECT kmeans_fit('{"k": 2, "weight": 3}', x, y, people) AS model FROM places;
SELECT *, weight FROM kmeans_centroids((SELECT model FROM model));
SELECT *, weight FROM kmeans_centroids((SELECT model FROM model), 'SELECT * FROM places WHERE id > 2', '{"weight": "people"}');
SELECT cluster, size, weight FROM kmeans_centroids((SELECT model FROM model), 'SELECT x, y FROM places');
SELECT weight FROM kmeans_centroids('{"centroids": [[1], [2]], "sizes": [3, 4]}');
SELECT weight FROM kmeans_centroids('{"centroids": [[1], [2]]}');
SELECT size, weight, radius FROM kmeans_centroids('{"centroids": [[5, 5]]}', 'SELECT x, y, 0 AS w FROM places', '{"weight": "w"}');

.print -- vectors
SELECT id, cluster FROM kmeans('{"k": 2, "weight": "people"}', 'SELECT people, json_array(x, y) AS v, id FROM places WHERE id < 6');
SELECT kmeans_fit('{"k": 2, "weight": 2}', json_array(x, y), people) -> 'centroids' AS centroids FROM places WHERE id < 6;
SELECT kmeans_fit('{"k": 1, "weight": 1}', people, x'0000803F00000040') -> 'centroids' AS centroids FROM places;

.print -- as many copies: the same centroids, inertia and iterations
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 80),
  points(i, x, y, m) AS (SELECT i, i * 37 % 101, i * 53 % 89, i % 4 FROM n),
  copies AS MATERIALIZED (SELECT x, y FROM points JOIN n AS c ON c.i <= m ORDER BY points.i)
SELECT key, a.value = b.value AS same
FROM json_each((SELECT kmeans_fit('{"k": 5, "refine": "none", "weight": 3}', x, y, m) FROM points)) AS a
JOIN json_each((SELECT kmeans_fit('{"k": 5, "refine": "none"}', x, y) FROM copies)) AS b USING (key)
WHERE key IN ('centroids', 'inertias', 'inertia', 'radii', 'iterations');

.print -- windows: the weight leaves the frame with its row
SELECT id, kmeans_fit('{"k": 1, "weight": 3}', x, y, people) OVER (ORDER BY id ROWS 1 PRECEDING) -> 'centroids' AS centroids,
  kmeans_fit('{"k": 1, "weight": 3}', x, y, people) OVER (ORDER BY id ROWS 1 PRECEDING) -> 'weights' AS weights
FROM places;

.print -- where nothing has weight there is nothing to fit
.nullvalue NULL
SELECT kmeans_fit('{"k": 2, "weight": 3}', x, y, 0) AS model FROM places;
SELECT kmeans_fit('{"k": 1, "weight": 3}', x, y, people) OVER (ORDER BY id ROWS CURRENT ROW) IS NULL AS is_null FROM places WHERE id > 3;
SELECT * FROM kmeans('{"k": 2, "weight": "w"}', 'SELECT id, x, 0 AS w FROM places WHERE id < 3');
SELECT count(*) FROM kmeans_centroids('{"k": 2, "weight": "w"}', 'SELECT x, 0 AS w FROM places');
SELECT count(*) FROM kmeans('{"k": 2, "weight": "w"}', 'SELECT 1 AS x, 0 AS w WHERE 0');

.print -- distinct points are those that have weight
SELECT cluster FROM kmeans('{"k": 2, "weight": "column2"}', 'VALUES (1, 1), (2, 0)');
SELECT cluster FROM kmeans('{"k": 2, "weight": "column2", "clamp": true}', 'VALUES (1, 1), (2, 0)');

.print -- what is no weight, by row and column
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, 2 - id AS w FROM places');
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, NULL AS w FROM places');
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, ''many'' AS w FROM places');
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, x''00'' AS w FROM places');
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, 9e999 AS w FROM places');
SELECT * FROM kmeans('{"k": 1, "weight": "w"}', 'SELECT id, x, 1e301 AS w FROM places');
SELECT kmeans_fit('{"k": 2, "weight": 3}', x, y, 3 - id) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 1}', NULL, x, y) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 2}', json_array(x, y), 'many') FROM places;

.print -- the option
SELECT * FROM kmeans('{"k": 2, "weight": "nosuch"}', 'SELECT * FROM places');
SELECT * FROM kmeans('{"k": 2, "weight": "ID"}', 'SELECT * FROM places');
SELECT * FROM kmeans('{"k": 2, "weight": 3}', 'SELECT * FROM places');
SELECT * FROM kmeans('{"k": 2, "weight": "x"}', 'SELECT id, x FROM places');
SELECT * FROM kmeans('{"k": 2, "weight": "x"}', 'SELECT x FROM places');
SELECT * FROM kmeans('{"k": 2, "weight": "x"}', 'SELECT y, x, y AS X FROM places');
SELECT kmeans_fit('{"k": 2, "weight": 0}', x, y) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 3}', x, y) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 1}', x) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": "people"}', x, y, people) FROM places;
SELECT * FROM kmeans_centroids(2, 'SELECT * FROM places', '{}', 'people');

.print -- a model whose weights make no sense
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]], "weights": [1]}');
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]], "weights": [1, -1]}');
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]], "weights": 3}');
SELECT * FROM kmeans_centroids('{"centroids": [[1], [2]], "sizes": [1, 0], "weights": [1, 0.5]}');

.print -- the model's columns may be named: the weight is none of them
SELECT id, cluster FROM kmeans('{"centroids": [[1, 1], [8, 8]], "columns": ["x", "y"]}', 'SELECT x, people, id, y FROM places', '{"weight": "people"}');
SELECT id, cluster FROM kmeans('{"centroids": [[1, 1], [8, 8]], "columns": ["x", "y"]}', 'SELECT y, people, id, x FROM places', '{"weight": "people"}');

.print -- a table keeps the weights as they came; profiles compare with the mean by weight
CREATE VIRTUAL TABLE temp.kept USING kmeans('{"k": 2, "weight": "people"}', 'SELECT id, x, y, people FROM places');
SELECT * FROM kept;
CREATE VIRTUAL TABLE temp.vectors USING kmeans('{"k": 2, "weight": "w"}', 'SELECT id AS w, CASE id WHEN 1 THEN x''0000803F'' ELSE x''00004040'' END AS v FROM places');
SELECT w, hex(v), cluster FROM vectors;
SELECT * FROM kmeans_profile('{"k": 2, "weight": "people"}', 'SELECT * FROM places WHERE id < 4');
SELECT overall FROM kmeans_profile('{"centroids": [[0], [4]], "sizes": [1, 1], "weights": [3, 1]}') LIMIT 1;
SELECT overall FROM kmeans_profile('{"k": 1, "weight": "w"}', 'SELECT x, 0 AS w FROM places');

.print -- what is learnt of the data is learnt by weight, to the last bit as of copies
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 80),
  points(i, x, y, m) AS (SELECT i, i * 37 % 101 / 7.0, nullif(i * 53 % 89, i % 4 * 3), i % 4 FROM n),
  copies AS MATERIALIZED (SELECT x, y FROM points JOIN n AS c ON c.i <= m ORDER BY points.i),
  options(o) AS (VALUES ('{"scale": "standard"}'), ('{"scale": "minmax"}'), ('{"scale": "robust"}'), ('{"nulls": "mean"}'), ('{"nulls": "mean", "scale": "robust"}')),
  fits AS (SELECT o, json_patch('{"k": 5, "refine": "none"}', o) AS what FROM options)
SELECT o AS options, group_concat(key, ' ') AS same FROM (
  SELECT o, a.key FROM fits, json_each((SELECT kmeans_fit(json_set(what, '$.weight', 3), x, y, m) FROM points)) AS a
  JOIN json_each((SELECT kmeans_fit(what, x, y) FROM copies)) AS b USING (key)
  WHERE key IN ('scale', 'impute', 'centroids', 'inertias', 'iterations', 'means', 'deviations') AND a.value = b.value)
GROUP BY 1;
SELECT value AS factor FROM json_each((SELECT kmeans_fit('{"k": 1, "weight": 3, "scale": "robust"}', x, y, 0.1) FROM places) -> '$.scale.factor')
EXCEPT SELECT value FROM json_each((SELECT kmeans_fit('{"k": 1, "scale": "robust"}', x, y) FROM places) -> '$.scale.factor');
SELECT kmeans_fit('{"k": 1, "weight": 2, "scale": "robust"}', x, w) -> 'scale' AS scale FROM (SELECT 1 AS x, 0.3 AS w UNION ALL SELECT 2, 0.6 UNION ALL SELECT 5, 0 UNION ALL SELECT 4, 0.3);
SELECT * FROM kmeans('{"k": 2, "weight": "people", "scale": "standard"}', 'SELECT * FROM places');
SELECT kmeans_fit('{"k": 2, "weight": 1, "nulls": "mean"}', people, x, y) -> 'impute' AS impute FROM places;
SELECT count(model) AS models FROM (SELECT kmeans_fit('{"k": 2, "weight": 3, "nulls": "mean", "scale": "robust"}', x, y, 0) AS model FROM places);
SELECT kmeans_fit('{"k": 2, "weight": 1, "nulls": "mean"}', people, x, NULL) FROM places;
SELECT kmeans_fit('{"k": 2, "weight": 2, "nulls": "mean"}', iif(people = 0, x, NULL), people, y) FROM places;
SELECT * FROM kmeans('{"k": 2, "weight": "people", "nulls": "mean"}', 'SELECT people, iif(people = 0, x, NULL) AS x FROM places');

.print -- directions
SELECT id, cluster FROM kmeans('{"k": 2, "weight": "people", "metric": "cosine"}', 'SELECT id, x, y, people FROM places');
SELECT size, weight FROM kmeans_centroids('{"centroids": [[1, 1], [8, 8]], "scale": {"shift": [0, 0], "factor": [1, 2]}}', 'SELECT x, y, people FROM places', '{"weight": "people"}');
