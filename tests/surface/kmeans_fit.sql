-- kmeans_fit(what, c1, c2, ...): the contract of the name, as an aggregate. As a window function:
-- window.sql.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, region TEXT, x REAL, y REAL);
INSERT INTO pts VALUES (1, 'n', 20, 0), (2, 'n', 0, 0), (3, 's', 23, 0), (4, 's', 0, 4),
  (5, 's', 17, 0), (6, 'n', 20, 4);

.print -- the model: JSON, all members, in this order
SELECT kmeans_fit(2, x, y) FROM pts;

.print -- its type, its subtype (json_object does not quote it), and that SQLite takes it for JSON
SELECT typeof(m), json_valid(m) FROM (SELECT kmeans_fit(1, x) AS m FROM pts);
SELECT json_type(json_object('model', kmeans_fit(1, x)), '$.model') FROM pts;

.print -- every member, with its type
SELECT key, type FROM json_each((SELECT kmeans_fit(2, x, y) FROM pts));

.print -- what as options; seed and tolerance as given, iterations and convergence as they came
SELECT m ->> 'seed', m ->> 'iterations', m ->> 'converged', m -> 'converged'
FROM (SELECT kmeans_fit('{"k": 2, "seed": -5}', x, y) AS m FROM pts);
SELECT m ->> 'iterations', m -> 'converged', m -> 'centroids'
FROM (SELECT kmeans_fit('{"init": [[0], [1]], "max_iter": 1, "tol": 0}', value) AS m
  FROM json_each('[0, 1, 2, 3, 20]'));
SELECT m ->> 'iterations', m -> 'converged', m -> 'centroids'
FROM (SELECT kmeans_fit('{"init": [[0], [1]], "tol": 0}', value) AS m
  FROM json_each('[0, 1, 2, 3, 20]'));

.print -- the same as kmeans_centroids over the same rows, to the last bit
SELECT count(*), sum(m.centroid = q.centroid AND m.size = q.size AND m.inertia = q.inertia
  AND m.radius = q.radius)
FROM kmeans_centroids((SELECT kmeans_fit(3, x / 7, y / 3) FROM pts)) m
JOIN kmeans_centroids(3, 'SELECT x / 7 AS x, y / 3 AS y FROM pts') q USING (cluster);

.print -- totals: inertia is the sum of inertias, n that of sizes
SELECT m ->> 'inertia' = (SELECT sum(value) FROM json_each(m, '$.inertias')),
  m ->> 'n' = (SELECT sum(value) FROM json_each(m, '$.sizes'))
FROM (SELECT kmeans_fit(2, x, y) AS m FROM pts);

.print -- a model per group
SELECT region, m -> 'centroids', m -> 'sizes', m ->> 'n'
FROM (SELECT region, kmeans_fit(2, x, y) AS m FROM pts GROUP BY region) ORDER BY region;

.print -- what may differ between groups, but not within one
SELECT region, m -> 'k', m -> 'centroids'
FROM (SELECT region, kmeans_fit(CASE region WHEN 'n' THEN 1 ELSE 2 END, x) AS m FROM pts
  GROUP BY region) ORDER BY region;
SELECT kmeans_fit(id, x) FROM pts;
SELECT kmeans_fit(CASE id WHEN 5 THEN '2' ELSE 2 END, x) FROM pts;

.print -- HAVING, on the model and beside it
SELECT region, count(*) FROM pts GROUP BY region
HAVING kmeans_fit(1, x, y) ->> 'inertia' > 290 ORDER BY region;

.print -- FILTER leaves rows out before they are seen: they are not skipped
SELECT m -> 'centroids', m -> 'n', m -> 'skipped'
FROM (SELECT kmeans_fit(2, x, y) FILTER (WHERE region = 's') AS m FROM pts);
SELECT kmeans_fit(2, x, y) FILTER (WHERE region = 'w') FROM pts;

.print -- weights of one: every row counts, repeated ones too. Over distinct rows: a subquery
-- (DISTINCT itself is for aggregates of one argument, says SQLite.)
SELECT m -> 'centroids', m -> 'sizes'
FROM (SELECT kmeans_fit(1, column1) AS m FROM (VALUES (0), (0), (0), (8)));
SELECT m -> 'centroids', m -> 'sizes'
FROM (SELECT kmeans_fit(1, column1) AS m FROM (SELECT DISTINCT * FROM (VALUES (0), (0), (0), (8))));

.print -- a row with a NULL coordinate takes no part, and is counted
SELECT m -> 'centroids', m -> 'n', m -> 'skipped'
FROM (SELECT kmeans_fit(1, column1, column2) AS m
  FROM (VALUES (1, 1), (NULL, 5), (3, 3), (5, NULL), (NULL, NULL)));

.print -- no rows, or none that takes part: NULL; whatever k is
SELECT kmeans_fit(3, x, y) FROM pts WHERE 0;
SELECT kmeans_fit(3, x, NULL) FROM pts;
SELECT region, kmeans_fit(3, x, y) FROM pts WHERE 0 GROUP BY region;

.print -- fewer distinct points than clusters: an error, or clamp
SELECT kmeans_fit(3, y) FROM pts;
SELECT m -> 'k', m -> 'centroids' FROM (SELECT kmeans_fit('{"k": 3, "clamp": true}', y) AS m FROM pts);

.print -- coordinates in TEXT that is a number
SELECT kmeans_fit(1, column1, column2) -> 'centroids' FROM (VALUES ('1', ' 2e0 '), (3, '4.0'));

.print -- canonical numbering: by the centroids; whatever the seed and the way to begin
SELECT count(DISTINCT m -> 'centroids'), count(DISTINCT m -> 'sizes'), max(m -> 'centroids')
FROM (SELECT s.value, kmeans_fit(json_object('k', 3, 'seed', s.value, 'init', i.value), x, y) AS m
  FROM json_each('[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]') s, json_each('["k-means++", "random"]') i, pts
  WHERE pts.id <> 1 GROUP BY s.value, i.value HAVING m ->> 'inertia' < 30);

.print -- init by array: cluster i grew from centroid i
SELECT kmeans_fit('{"init": [[20, 0], [0, 0]]}', x, y) -> 'centroids' FROM pts;

.print -- init by model: a refit keeps its ids, and what else the model says does not matter
SELECT kmeans_fit(json_object('init', json((SELECT kmeans_fit('{"init": [[20, 0], [0, 0]]}', x, y) FROM pts))),
  x, y) -> 'centroids' FROM pts WHERE region = 's';
SELECT kmeans_fit((SELECT json_object('init', kmeans_fit('{"init": [[20, 0], [0, 0]]}', x, y)) FROM pts),
  x, y) -> 'centroids' FROM pts WHERE region = 's';

.print -- a model as what: not fitted, but counted anew on these rows
SELECT kmeans_fit('{"centroids": [[20, 0], [0, 0], [50, 50]]}', x, y) FROM pts;
SELECT b.key, a.value = b.value
FROM json_each((SELECT kmeans_fit(2, x, y) FROM pts)) a
JOIN json_each((SELECT kmeans_fit((SELECT kmeans_fit(2, x, y) FROM pts), x, y) FROM pts)) b USING (key)
WHERE b.key <> 'iterations';

.print -- its columns keep their names, whatever is in them
SELECT kmeans_fit('{"centroids": [[20, 0], [0, 0]], "columns": ["x", "a \"\\ \n\u0001 é"]}', x, y) -> 'columns' AS columns FROM pts;

.print -- the model survives being stored: text is text
CREATE TABLE segments AS SELECT region, kmeans_fit(2, x / 3, y / 7) AS model FROM pts GROUP BY region;
SELECT count(*), sum(model = (SELECT kmeans_fit(2, x / 3, y / 7) FROM pts WHERE pts.region = s.region))
FROM segments s;

.print -- a table keeps a model as text, which is as good
SELECT region, kmeans_fit(json_object('init', model), x / 3, y / 7) -> 'centroids' = model -> 'centroids'
FROM segments JOIN pts USING (region) GROUP BY region;
SELECT kmeans_fit(json_object('init', '
 {"centroids": [[0, 0], [20, 0]]}'), x, y) ->> 'k' FROM pts;
SELECT kmeans_fit(json_object('init', '{"k": 2}'), x, y) FROM pts;
SELECT kmeans_fit(json_object('init', '{"centroids":'), x, y) FROM pts;
SELECT kmeans_fit(json_object('init', '[[0, 0], [1, 1]]'), x, y) FROM pts;

.print -- exactly: the centroids of a model, used as init and applied, give the same model
SELECT sum(m.model -> 'centroids' = a.model -> 'centroids' AND m.model -> 'inertias' = a.model -> 'inertias')
FROM segments m
JOIN (SELECT region, kmeans_fit((SELECT model FROM segments s WHERE s.region = pts.region), x / 3, y / 7)
  AS model FROM pts GROUP BY region) a USING (region);

.print -- and numbers with all their digits
SELECT kmeans_fit(1, column1, column2) -> 'centroids'
FROM (VALUES (0.1, 1e300), (0.1, 1e300));
SELECT (m -> 'centroids') = (SELECT json_group_array(json(centroid)) FROM kmeans_centroids(m))
FROM (SELECT kmeans_fit(3, x / 3, y / 7) AS m FROM pts);

.print -- two aggregates at once do not disturb each other
SELECT kmeans_fit(1, x) -> 'centroids', kmeans_fit(2, y) -> 'centroids', count(*) FROM pts;

.print -- as a window function without a frame: one model, for every row
SELECT id, kmeans_fit(2, x, y) OVER () -> 'centroids' FROM pts;
