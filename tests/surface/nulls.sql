-- The option "nulls": what becomes of a row with a NULL coordinate. The figures of "mean":
-- tests/reference/spaces.sql.

.nullvalue NULL

CREATE TABLE people(id INTEGER PRIMARY KEY, age REAL, height REAL);
INSERT INTO people(age, height) VALUES (2, 85), (NULL, 90), (4, 104), (30, 175), (34, NULL), (32, 181), (NULL, NULL);

.print -- skip, the default: left out
SELECT * FROM kmeans(2, 'SELECT * FROM people');
SELECT * FROM kmeans('{"k": 2, "nulls": "skip"}', 'SELECT * FROM people');

.print -- error
SELECT * FROM kmeans('{"k": 2, "nulls": "error"}', 'SELECT * FROM people');

.print -- mean: filled in; the point shows null. (2 + 4 + 30 + 34 + 32) / 5, (85 + 90 + 104 + 175 + 181) / 5
SELECT id, cluster, round(distance, 6), point, centroid FROM kmeans('{"k": 2, "nulls": "mean"}', 'SELECT * FROM people');
SELECT cluster, size, round(inertia, 6), centroid FROM kmeans_centroids('{"k": 2, "nulls": "mean"}', 'SELECT * FROM people');
SELECT avg(age), avg(height) FROM people;

.print -- as if somebody had written the means
SELECT sum(a.cluster = b.cluster AND a.distance = b.distance AND a.centroid = b.centroid)
FROM kmeans('{"k": 2, "nulls": "mean"}', 'SELECT * FROM people') a
  JOIN kmeans(2, 'SELECT id, ifnull(age, 20.4) AS age, ifnull(height, 127) AS height FROM people') b USING (id);
SELECT sum(a.cluster = b.cluster AND a.distance = b.distance AND a.centroid = b.centroid)
FROM kmeans('{"k": 2, "nulls": "mean", "scale": "robust"}', 'SELECT * FROM people') a
  JOIN kmeans('{"k": 2, "scale": "robust"}', 'SELECT id, ifnull(age, 20.4) AS age, ifnull(height, 127) AS height FROM people') b USING (id);

.print -- the model carries the means and counts the rows
CREATE TABLE models AS SELECT kmeans_fit('{"k": 2, "nulls": "mean", "scale": "minmax"}', age, height) AS model FROM people;
SELECT model FROM models;
SELECT kmeans_fit('{"k": 2}', age, height) -> 'skipped', kmeans_fit('{"k": 2}', age, height) -> 'imputed' FROM people;
SELECT kmeans_fit('{"k": 2, "nulls": "mean"}', age, height) -> 'skipped', kmeans_fit('{"k": 2, "nulls": "mean"}', age, height) -> 'imputed' FROM people WHERE age + height > 0;

.print -- and so fills in the same wherever it is applied
SELECT p.id, k.cluster = kmeans_predict(model, p.age, p.height), k.distance = kmeans_distance(model, p.age, p.height),
  k.distance = kmeans_transform(model, p.age, p.height) ->> k.cluster, a.cluster = k.cluster AND a.distance = k.distance, a.point
FROM models, people p, kmeans('{"k": 2, "nulls": "mean", "scale": "minmax"}', 'SELECT * FROM people') k, kmeans(model, 'SELECT * FROM people') a
WHERE k.id = p.id AND a.id = p.id;
SELECT kmeans_fit(model, age, height) = model OR kmeans_fit(model, age, height) ->> 'inertia' = model ->> 'inertia',
  kmeans_fit(model, age, height) -> 'impute', kmeans_fit(model, age, height) -> 'imputed' FROM models, people;
SELECT kmeans_predict(model, NULL, NULL), kmeans_predict(model, NULL) FROM models;

.print -- unless the query says otherwise
SELECT id, cluster FROM kmeans((SELECT model FROM models), 'SELECT * FROM people', '{"nulls": "skip"}') WHERE cluster IS NULL;
SELECT id, cluster FROM kmeans((SELECT model FROM models), 'SELECT * FROM people', '{"nulls": "error"}');
SELECT count(cluster) FROM kmeans((SELECT model FROM models), 'SELECT * FROM people', '{"nulls": "mean"}');
SELECT * FROM kmeans('{"centroids": [[0, 0]]}', 'SELECT * FROM people', '{"nulls": "mean"}');

.print -- written by hand: any number can stand for NULL
SELECT kmeans_predict('{"centroids": [[0, 0], [10, 10]], "impute": [0, 9]}', 8, NULL),
  kmeans_predict('{"centroids": [[0, 0], [10, 10]], "impute": [0, 9]}', NULL, 1),
  kmeans_predict('{"centroids": [[0, 0], [10, 10]]}', NULL, 1);

.print -- one column of numbers, NULL first
SELECT * FROM kmeans('{"k": 2, "nulls": "mean"}', 'VALUES (NULL), (1), (2), (12), (''13'')');
SELECT m -> 'impute', m -> 'imputed', kmeans_predict(m, NULL), kmeans_predict(m, 1)
FROM (SELECT kmeans_fit('{"k": 2, "nulls": "mean"}', column1) AS m FROM (VALUES (NULL), (1), (2), (12), ('13')));
SELECT * FROM kmeans('{"centroids": [[1], [5]], "impute": [4]}', 'VALUES (NULL), (2)');

.print -- a column without a value has no mean
SELECT * FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT id, age, NULL AS height FROM people');
SELECT kmeans_fit('{"k": 1, "nulls": "mean"}', NULL) FROM people;
SELECT kmeans_fit('{"k": 1, "nulls": "mean"}', age, height) FROM people WHERE id = 0;
SELECT * FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT * FROM people WHERE id = 0');

.print -- vectors: nothing is filled in, so mean is refused
SELECT * FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT x''0000803f''');
SELECT * FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT NULL UNION ALL SELECT ''[1, 2]''');
SELECT kmeans_fit('{"k": 1, "nulls": "mean"}', '[1, 2]');
SELECT * FROM kmeans('{"nulls": "mean", "init": [[1, 2]]}', 'SELECT 1');

.print -- but a model that fills in columns is applied to them, and leaves NULL out
SELECT id, cluster, point FROM kmeans((SELECT model FROM models), 'SELECT NULL UNION ALL SELECT ''[3, 90]''');
SELECT kmeans_predict(model, NULL), kmeans_predict(model, '[3, 90]') FROM models;

.print -- other values are refused as ever
SELECT * FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT NULL AS x, 1 AS y UNION ALL SELECT 1, ''word''');

.print -- with cosine: filled in first, then of length 1
SELECT id, cluster, round(distance, 6), point FROM kmeans('{"k": 2, "nulls": "mean", "metric": "cosine"}', 'SELECT * FROM people');
SELECT * FROM kmeans('{"k": 1, "nulls": "mean", "metric": "cosine"}', 'VALUES (0, 1), (0, -1), (0, NULL)');
SELECT * FROM kmeans('{"k": 1, "nulls": "mean", "metric": "cosine"}', 'VALUES (0, 1), (0, 0), (0, NULL)');

.print -- a window fills in the means of its frame
SELECT id, m -> 'impute', m -> 'n', m -> 'imputed', m -> 'skipped'
FROM (SELECT id, kmeans_fit('{"k": 1, "nulls": "mean"}', age, height) OVER (ORDER BY id ROWS 3 PRECEDING) AS m FROM people);
SELECT id, m -> 'impute', m -> 'n', m -> 'imputed'
FROM (SELECT id, kmeans_fit('{"k": 1, "nulls": "mean"}', age) OVER (ORDER BY id ROWS 2 PRECEDING) AS m FROM people);

.print -- the log says how many: (28) is a warning
.log stdout
SELECT count(*) FROM kmeans(1, 'SELECT * FROM people');
SELECT count(*) FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT * FROM people');
SELECT count(*) FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT * FROM people WHERE id > 5');
SELECT count(*) FROM kmeans('{"k": 1, "nulls": "skip", "metric": "cosine"}', 'VALUES (1, 0), (0, 0)');
SELECT count(*) FROM kmeans('{"k": 1, "nulls": "mean"}', 'SELECT * FROM people WHERE id = 1');

.print -- where no row is left it says so, too
SELECT count(*), count(cluster) FROM kmeans(1, 'SELECT id, NULL AS x FROM people');
SELECT count(*) FROM kmeans_centroids('{"k": 1, "metric": "cosine", "nulls": "skip"}', 'SELECT 0 AS x, 0 AS y');
SELECT count(*) FROM kmeans_trace(1, 'SELECT id, NULL AS x FROM people');
SELECT count(*) FROM kmeans_sweep(1, 2, 'SELECT id, NULL AS x FROM people');
SELECT kmeans_fit(1, NULL) FROM people;
SELECT count(m) FROM (SELECT kmeans_fit(1, NULL) OVER () AS m FROM people);
SELECT kmeans_svg(1, NULL, 1) FROM people;
SELECT count(*) FROM kmeans(1, 'SELECT id, NULL AS x FROM people WHERE 0');
.log off
