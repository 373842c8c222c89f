-- kmeans_predict(model, c1, c2, ...): the contract of the name, point by point.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y);
INSERT INTO pts VALUES (1, 1, 1), (2, 2, 9), (3, NULL, 2), (4, 7, 1), (5, 3, 8), (6, 5, NULL),
  (7, 2, 2), (8, NULL, NULL), (9, 7, 8), (10, '4', ' 4.0 '), (11, 9, 9), (12, 0, 5);

.print -- the number of the nearest centroid, INTEGER
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', 4, 4),
  typeof(kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', 4, 4));

.print -- the lowest number on a tie, whatever the order of the centroids
SELECT kmeans_predict('{"centroids": [[0], [2]]}', 1), kmeans_predict('{"centroids": [[2], [0]]}', 1),
  kmeans_predict('{"centroids": [[9], [2], [0], [2], [0]]}', 1);

.print -- NULL for a NULL coordinate, and for a NULL model, whatever the coordinates
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', 4, NULL),
  kmeans_predict(NULL, 4, 4), kmeans_predict(NULL, 'abc'),
  kmeans_predict((SELECT kmeans_fit(2, x, y) FROM pts WHERE 0), 1, 1);

.print -- INTEGER, REAL, and TEXT that is a number
SELECT kmeans_predict('{"centroids": [[0], [5]]}', 4), kmeans_predict('{"centroids": [[0], [5]]}', 4.0),
  kmeans_predict('{"centroids": [[0], [5]]}', '4'), kmeans_predict('{"centroids": [[0], [5]]}', ' 40e-1 ');

.print -- the labels of kmeans on the same rows
SELECT count(*), sum(cluster IS kmeans_predict(model, x, y))
FROM pts JOIN kmeans(3, 'SELECT id, x, y FROM pts') USING (id),
  (SELECT kmeans_fit(3, x, y) AS model FROM pts);

.print -- also when the fit was stopped early, by max_iter or by tol; 500 rows, 9 clusters
CREATE TABLE many AS
WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t LIMIT 500)
SELECT i AS id, i * i % 83 / 7.0 AS x, i * i * i % 97 / 3.0 AS y FROM t;

CREATE TABLE fits(what TEXT);
INSERT INTO fits VALUES ('{"k": 9, "max_iter": 1}'), ('{"k": 9, "max_iter": 2, "init": "random"}'),
  ('{"k": 9, "tol": 1000}'), ('{"k": 9}'), ('{"k": 9, "tol": 0}');
SELECT m.what, count(*), sum(cluster = kmeans_predict(model, x, y)), count(DISTINCT cluster)
FROM (SELECT f.what, kmeans_fit(f.what, x, y) AS model FROM fits f, many GROUP BY f.what) m
JOIN kmeans(m.what, 'SELECT id, x, y FROM many') k
JOIN many p ON p.id = k.id
GROUP BY m.what ORDER BY m.what;

.print -- and kmeans with the model assigns the same
SELECT count(*), sum(cluster = kmeans_predict(model, x, y))
FROM (SELECT kmeans_fit(9, x, y) AS model FROM many) m
JOIN kmeans(model, 'SELECT id, x, y FROM many')
JOIN many USING (id);

.print -- a model stored as text; as JSON; from a column that differs from row to row
CREATE TABLE models(name TEXT PRIMARY KEY, model TEXT);
INSERT INTO models VALUES ('up', '{"centroids": [[0, 0], [5, 5]]}'),
  ('down', '{"centroids": [[5, 5], [0, 0]]}'), ('one', '{"centroids": [[5, 5]]}'), ('none', NULL),
  ('far', '{"centroids": [[50, 50], [51, 51], [52, 52]]}'), ('up again', '{"centroids": [[0, 0], [5, 5]]}'),
  ('blank', ' { "centroids" : [ [ 0 , 0 ] , [ 5 , 5 ] ] } ');
SELECT name, kmeans_predict(model, 1, 1), kmeans_predict(model, 9, 9) FROM models ORDER BY name;
SELECT kmeans_predict(json_object('centroids', json_array(json_array(0), json_array(5))), 9);

.print -- more models than are kept at once, in turns
WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM t LIMIT 30)
SELECT count(*), sum(kmeans_predict(printf('{"centroids": [[%d], [%d]]}', i % 7, i % 7 + 10), i % 7 + 9)),
  sum(kmeans_predict(printf('{"centroids": [[%d], [%d]]}', i % 7 + 10, i % 7), i % 7 + 9))
FROM t;

.print -- two models of one statement, one of them constant
SELECT sum(kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x, y)
  <> kmeans_predict((SELECT model FROM models WHERE name = 'down'), x, y)), count(*)
FROM pts WHERE x + y NOT IN (5) AND x + y IS NOT NULL;

.print -- a hand-written model may say more, and what it adds is left alone
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]], "note": "by hand", "names": ["low", "high"]}', 4, 4);
SELECT kmeans_predict('{"type": "kmeans", "version": 1, "k": 2, "dims": 1, "columns": ["a"],
  "metric": "euclidean", "scale": null, "centroids": [[0], [5]], "sizes": [0, 4], "inertias": [0, 2.5],
  "radii": [0, 1e0], "inertia": 2.5, "iterations": 0, "converged": false, "n": 4, "skipped": 1, "seed": 3}', 4);

.print -- a scale of null: nothing was scaled
SELECT kmeans_predict('{"centroids": [[0], [5]], "scale": null}', 4);

.print -- numbers in every form that JSON has
SELECT kmeans_predict('{"centroids": [[-0], [1e2], [-1E+2], [0.5e-3], [10000000000000000000000]]}', column1)
FROM (VALUES (99), (-99), (0.0005), (1e21), (1e22), (0));

.print -- far from the origin, the difference counts
SELECT kmeans_predict('{"centroids": [[1000000000.25], [1000000000.75]]}', 1000000000.4999),
  kmeans_predict('{"centroids": [[1000000000.25], [1000000000.75]]}', 1000000000.5001);

.print -- twenty coordinates
SELECT kmeans_predict('{"centroids": [[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0], [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]]}',
  0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1,1,1);

.print -- rows by the number of their cluster
SELECT kmeans_predict(model, x, y) AS cluster, count(*), group_concat(id)
FROM pts, (SELECT kmeans_fit(2, x, y) AS model FROM pts) GROUP BY cluster ORDER BY cluster;
