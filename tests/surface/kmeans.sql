-- kmeans(what, query [, options]): the contract of the name, point by point.

.headers on
.nullvalue NULL

-- Two groups of three around (1, 1) and (9, 9), in an order of rows that is not that of clusters.
CREATE TABLE pts(id INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO pts VALUES (10, 9, 9), (20, 1, 1), (30, 10, 9), (40, 0, 1), (50, 9, 12), (60, 1, 4);

.print -- the visible columns, and a number of clusters
SELECT id, cluster, printf('%.6f', distance) AS distance, point
FROM kmeans(2, 'SELECT id, x, y FROM pts');

.print -- SELECT * has the visible columns only, in this order
SELECT * FROM kmeans(1, 'VALUES (1, 2)');

.print -- their declared types: what typeof says
SELECT DISTINCT typeof(id), typeof(cluster), typeof(distance), typeof(point), json_type(point)
FROM kmeans(2, 'SELECT id, x, y FROM pts');

.print -- all hidden columns; neighbor is the second-nearest cluster
SELECT id, centroid, neighbor, printf('%.6f', silhouette) AS silhouette
FROM kmeans('{"k": 3, "init": [[0.5, 2], [9.5, 9], [9, 12]]}', 'SELECT id, x, y FROM pts');

.print -- silhouette is (b - a) / max(a, b), with a and b taken from the centroids
WITH c AS MATERIALIZED (
  SELECT id, cluster, neighbor, distance, silhouette,
    kmeans_transform('{"centroids": [[0.5, 2], [9.5, 9], [9, 12]]}', x, y) AS d
  FROM pts JOIN kmeans('{"centroids": [[0.5, 2], [9.5, 9], [9, 12]]}', 'SELECT id, x, y FROM pts')
    USING (id))
SELECT count(*) AS rows,
  sum(abs(distance - (d ->> cluster)) < 1e-12) AS a,
  sum(abs(silhouette - ((d ->> neighbor) - distance) / max(distance, d ->> neighbor)) < 1e-12) AS s
FROM c;

.print -- with one cluster there is no neighbor and no silhouette
SELECT id, cluster, neighbor, silhouette FROM kmeans(1, 'SELECT id, x, y FROM pts WHERE id < 25');

.print -- a neighbor in the same place, of a model that someone wrote: as near, and then at no distance
SELECT cluster, neighbor, distance, silhouette FROM kmeans('{"centroids": [[1], [1]]}', 'VALUES (3), (1)');

.print -- the arguments can be read back, from columns that SELECT * does not show
SELECT what, query, options FROM kmeans(1, 'VALUES (5)', '{"seed": 7}');
SELECT what, query, options FROM kmeans(1, 'VALUES (5)');
SELECT excess, excess IS NULL FROM kmeans(1, 'VALUES (5)');

.print -- arguments can also be given as constraints
SELECT id, cluster FROM kmeans WHERE what = 2 AND query = 'VALUES (1), (5), (6)';
SELECT id, cluster FROM kmeans(2) WHERE query = 'VALUES (1), (5), (6)' AND options = '{"id": null}';
SELECT id, cluster FROM kmeans(2, 'VALUES (1), (5), (6)') WHERE what > 1 AND query LIKE '%(5)%' AND options IS NULL;
SELECT id, cluster FROM kmeans(2, 'VALUES (1), (5), (6)') WHERE what > 2;
SELECT id, cluster FROM kmeans(2) WHERE query >= 'VALUES (1), (5), (6)';
SELECT id, cluster FROM kmeans(2, 'VALUES (1), (5), (6)') WHERE excess IS NOT NULL;

.print -- a row number is looked up by any value: what equals no number finds no row
WITH given(v) AS (VALUES (2), (3.0), (2.5), (0), (-1), (4), (1e300), (-1e300), ('2'), ('two'), (x'32'), (NULL))
SELECT quote(v), id, point FROM given LEFT JOIN kmeans(2, 'VALUES (1), (5), (6)') ON id = v;

.print -- JSON columns carry the JSON subtype: json_object does not quote them again
SELECT json_object('point', point, 'centroid', centroid) AS json FROM kmeans(1, 'VALUES (1, 2)');

.print -- what as options: all in one object; as options and a third argument: both are used
SELECT id, cluster FROM kmeans('{"k": 2}', 'VALUES (1), (5), (6)');
SELECT id, cluster FROM kmeans('{"k": 2}', 'VALUES (1), (5), (6)', '{"init": [[5], [1]]}');
SELECT id, cluster FROM kmeans('{"init": [[5], [1]]}', 'VALUES (1), (5), (6)', '{"k": 2}');

.print -- k may be missing where init says how many
SELECT id, cluster FROM kmeans('{"init": [[5], [1]]}', 'VALUES (1), (5), (6)');

.print -- a NULL third argument and an empty object are as none
SELECT id, cluster FROM kmeans(2, 'VALUES (1), (5), (6)', NULL);
SELECT id, cluster FROM kmeans(2, 'VALUES (1), (5), (6)', '{}');

.print -- what as a model: nothing is fitted, rows are assigned, clusters may be empty
SELECT * FROM kmeans('{"centroids": [[-3, -2], [100, 100], [10, 9]]}', 'SELECT id, x, y FROM pts')
WHERE id NOT IN (40, 50, 60);

.print -- ties go to the lowest number
SELECT id, cluster, neighbor FROM kmeans('{"centroids": [[2], [0], [2]]}', 'VALUES (1), (2)');

.print -- without an id, rows are numbered from 1; rows come in the order of the query
SELECT id, point FROM kmeans(1, 'SELECT y, x FROM pts ORDER BY x DESC, y');

.print -- id in any case, anywhere in the row, and through an alias
SELECT id, point FROM kmeans(1, 'SELECT x, ID, y FROM pts LIMIT 1');
SELECT id, point FROM kmeans(1, 'SELECT x, y, rowid AS Id FROM pts LIMIT 1');

.print -- where there is no id, the row's number is the key, as SQLite calls it
SELECT id, point FROM kmeans(1, 'SELECT x, y, rowid + 10 AS RowID FROM pts LIMIT 1');
SELECT id, point FROM kmeans(1, 'SELECT _rowid_ AS _rowid_, x, y FROM pts LIMIT 1');
SELECT id, point FROM kmeans(1, 'SELECT oid AS oid, x, y FROM pts LIMIT 1');
SELECT id, point FROM kmeans(1, 'SELECT rowid AS rowid, x, 7 AS id FROM pts LIMIT 1');
SELECT id, point FROM kmeans(1, 'SELECT rowid AS rowid, x FROM pts LIMIT 1', '{"id": null}');
SELECT id, point FROM kmeans(1, 'SELECT rowid AS rowid, x, y FROM pts LIMIT 1', '{"id": "x"}');
SELECT id, point FROM kmeans(1, 'SELECT x, 2 AS oid FROM pts LIMIT 1', '{"weight": "OID"}');
SELECT id, point FROM kmeans(1, 'SELECT x, 2 AS rowid FROM pts LIMIT 1', '{"categorical": ["rowid"]}');
SELECT id, point FROM kmeans(1, 'SELECT a.rowid AS rowid, b.rowid AS rowid, a.x FROM pts a, pts b');

.print -- the option id names another column, in any case; id is then a coordinate
SELECT id, point FROM kmeans(1, 'SELECT x AS name, y, id FROM pts LIMIT 2', '{"id": "Name"}');

.print -- null for none: id is a coordinate, and rows are numbered
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts LIMIT 2', '{"id": null}');

.print -- ids of every type come back as they were, mixed, repeated and NULL too
CREATE TABLE keys(id, x);
INSERT INTO keys VALUES (1, 0), (-9223372036854775808, 0), (9223372036854775807, 0), (1.5, 1),
  (1e300, 1), ('text', 1), ('', 1), ('1', 1), ('it''s "é"', 9), (x'00ff', 9), (x'', 9), (NULL, 9),
  (1, 9), ('text', 9);
SELECT quote(id) AS id, typeof(id) AS type, cluster FROM kmeans(2, 'SELECT id, x FROM keys');

.print -- and all of them integers, or all of them text
SELECT quote(id) AS id, cluster FROM kmeans(2, 'SELECT id, x FROM keys WHERE typeof(id) = ''integer''');
SELECT quote(id) AS id, cluster FROM kmeans(2, 'SELECT id, x FROM keys WHERE typeof(id) = ''text''');

.print -- an empty one first, and nothing but empty ones
SELECT quote(id) AS id FROM kmeans(1, 'SELECT '''' AS id, 1 AS x');
SELECT quote(id) AS id FROM kmeans(1, 'SELECT 7 AS id, 1 AS x UNION ALL SELECT x'''', 1 UNION ALL SELECT '''', 1');
SELECT quote(id) AS id FROM kmeans(1, 'SELECT '''' AS id, 1 AS x') WHERE id = '';

.print -- a text id with a NUL character inside is kept whole
SELECT hex(id) AS id FROM kmeans(1, 'SELECT char(97, 0, 98) AS id, 1 AS x');

.print -- a row with a NULL coordinate has only its id, in its place
CREATE TABLE gaps(id, x, y);
INSERT INTO gaps VALUES (1, 1, 1), (2, NULL, 1), (3, 9, 9), (4, 9, NULL), (5, NULL, NULL), (6, 8, 9);
SELECT id, cluster, distance, point, centroid, neighbor, round(silhouette, 6) AS silhouette
FROM kmeans(2, 'SELECT * FROM gaps');

.print -- the same without ids: the numbers count all rows
SELECT id, cluster FROM kmeans(2, 'SELECT x, y FROM gaps');

.print -- only such rows: nothing is fitted, and k does not matter
SELECT * FROM kmeans(3, 'SELECT id, x, y FROM gaps WHERE x IS NULL');
SELECT * FROM kmeans('{"centroids": [[1, 1]]}', 'SELECT id, x, y FROM gaps WHERE x IS NULL');

.print -- no rows in, no rows out
SELECT * FROM kmeans(3, 'SELECT x, y FROM pts WHERE 0');
SELECT * FROM kmeans('{"centroids": [[1, 1]]}', 'SELECT x, y FROM pts WHERE 0');
SELECT count(*) AS n FROM kmeans(3, 'SELECT x, y FROM pts WHERE 0');

.print -- coordinates may be INTEGER, REAL or TEXT that is a number, with or without white space
SELECT id, cluster, point FROM kmeans(2,
  'VALUES (1, ''2.5''), (''-3'', 1e3), ('' 4 '', ''+1.5E-3''), (''.5'', ''5.'')');

.print -- integers beyond 2^53 become the nearest double; truth values are 0 and 1
SELECT point FROM kmeans(1, 'SELECT 9007199254740993 AS a, 1 = 1 AS b, -9223372036854775808 AS c');

.print -- points are written so that they read back as the same number
SELECT count(*) AS n, sum(p.x / 8 = k.point ->> 0 AND p.y = k.point ->> 1) AS same
FROM pts p JOIN kmeans(2, 'SELECT id, x / 8 AS x, y FROM pts') k USING (id);
SELECT point FROM kmeans(1, 'SELECT 0.1, -0.5, 100, 1e100, 1e-100, 123456789.125, 0.1 + 0.2');

.print -- numbering is canonical: by the centroids, first coordinate to last, whatever the seed
SELECT seed.value AS seed, group_concat(cluster) AS clusters
FROM json_each('[0, 1, 2, 3, -1, 9223372036854775807]') AS seed,
  kmeans(3, 'VALUES (5, 9), (5, 1), (0, 5), (5, 1.5), (0, 5.5), (5, 9.5)',
    json_object('seed', seed.value))
GROUP BY seed.value ORDER BY seed.key;

.print -- and whichever way the initial centroids are found
SELECT init.value AS init, group_concat(cluster) AS clusters
FROM json_each('["k-means++", "random"]') AS init,
  kmeans(3, 'VALUES (5, 9), (5, 1), (0, 5), (5, 1.5), (0, 5.5), (5, 9.5)',
    json_object('init', init.value, 'n_init', 5))
GROUP BY init.value ORDER BY init.key;

.print -- with given centroids, cluster i is the one that grew from centroid i
SELECT id, cluster FROM kmeans('{"init": [[9, 9], [5, 5], [1, 1]]}',
  'VALUES (1, 1), (1, 2), (5, 5), (9, 8), (9, 9)');

.print -- so a refit from a model keeps its ids, also when the model was numbered otherwise
SELECT id, cluster
FROM kmeans((SELECT json_object('init', json('{"centroids": [[8, 8], [0, 0]], "note": "mine"}'))),
  'SELECT id, x, y FROM pts');
SELECT id, cluster
FROM kmeans(2, 'SELECT id, x, y FROM pts',
  (SELECT json_object('init', kmeans_fit('{"init": [[9, 9], [1, 1]]}', x, y)) FROM pts));

.print -- fewer distinct points than clusters is an error; clamp accepts fewer
SELECT id, cluster FROM kmeans(3, 'VALUES (1), (2), (1), (2)');
SELECT id, cluster FROM kmeans(3, 'VALUES (1), (2), (1), (2)', '{"clamp": false}');
SELECT id, cluster FROM kmeans(3, 'VALUES (1), (2), (1), (2)', '{"clamp": true}');
SELECT id, cluster FROM kmeans(3, 'VALUES (1), (2)', '{"clamp": true, "init": "random"}');
SELECT id, cluster FROM kmeans(2, 'VALUES (7), (7)', '{"clamp": true, "init": [[1], [9]]}');

.print -- max_iter: the fit stops early, and the labels are still those of the nearest centroid
SELECT count(*) AS n, sum(silhouette >= 0) AS nearest
FROM kmeans('{"k": 7, "init": "random", "max_iter": 1}',
  'WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t LIMIT 500)
   SELECT i * i % 83 AS x, i * i * i % 97 AS y FROM t');

.print -- tol: 0 goes on until no label changes; a large one stops after the first iteration
SELECT tol.value AS tol,
  (SELECT kmeans_fit(json_object('init', json('[[0], [1]]'), 'tol', tol.value), value) ->> 'iterations'
   FROM json_each('[0, 1, 2, 3, 4, 5, 6, 7, 8, 20]')) AS iterations
FROM json_each('[0, 0.0001, 1e300]') AS tol;

.print -- n_init keeps the best run: never worse than one run
SELECT sum(best.distance * best.distance) <= sum(once.distance * once.distance) AS better
FROM kmeans('{"k": 5, "init": "random", "n_init": 20}', 'SELECT value * value % 101 AS x, value % 7 AS y FROM json_each(''[3,1,4,15,9,26,5,35,8,97,93,2,38,46]'')') best
JOIN kmeans('{"k": 5, "init": "random"}', 'SELECT value * value % 101 AS x, value % 7 AS y FROM json_each(''[3,1,4,15,9,26,5,35,8,97,93,2,38,46]'')') once
USING (id);

.print -- threads and algorithm change nothing; nulls: skip is the default
SELECT group_concat(cluster) AS clusters FROM kmeans(2, 'SELECT id, x, y FROM pts',
  '{"threads": 4, "algorithm": "lloyd", "nulls": "skip"}');
SELECT group_concat(cluster) AS clusters FROM kmeans(2, 'SELECT id, x, y FROM pts',
  '{"threads": 0, "algorithm": "auto"}');

.print -- with a model, the options that read rows still count
SELECT id, point FROM kmeans('{"centroids": [[0]]}', 'SELECT x AS name FROM pts WHERE y = :y',
  '{"id": null, "params": {"y": 12}, "nulls": "error", "threads": 1, "algorithm": "auto"}');

.print -- temp tables and rows that are not committed are seen
CREATE TEMP TABLE mine(x);
INSERT INTO mine VALUES (3);
SELECT id, point FROM kmeans(1, 'SELECT x FROM mine');
BEGIN;
INSERT INTO mine VALUES (4);
SELECT id, point FROM kmeans(1, 'SELECT x FROM temp.mine');
ROLLBACK;
SELECT id, point FROM kmeans(1, 'SELECT x FROM mine');

.print -- the order of rows is the caller's to choose; LIMIT and OFFSET work
SELECT id FROM kmeans(2, 'SELECT id, x, y FROM pts') ORDER BY cluster, id DESC LIMIT 4 OFFSET 1;

.print -- rowid counts rows from 1
SELECT rowid, id FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE rowid > 4;

.print -- no row can be written
INSERT INTO kmeans(what, query) VALUES (1, 'VALUES (1)');
