-- kmeans_sweep(k_min, k_max, query [, options]): the contract of the name, point by point.

.headers on
.nullvalue NULL
CREATE TABLE iris(sepal_length REAL, sepal_width REAL, petal_length REAL, petal_width REAL, species TEXT);
.import --csv --skip 1 tests/data/iris.csv iris
CREATE TABLE blobs AS
WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r LIMIT 120)
SELECT i AS id, 10 * (i % 4) + (i * 37 % 11) / 5.0 AS x, 10 * (i % 2) + (i * 53 % 13) / 5.0 AS y, 1 + i % 3 AS w FROM r;

.print -- all columns
SELECT k, round(inertia, 6) AS inertia, round(silhouette, 6) AS silhouette, round(calinski_harabasz, 4) AS calinski_harabasz,
  round(davies_bouldin, 6) AS davies_bouldin, round(gap, 6) AS gap, round(gap_error, 6) AS gap_error, round(f_k, 6) AS f_k, best
FROM kmeans_sweep(1, 6, 'SELECT id, x, y FROM blobs');

.print -- the types of the columns
SELECT DISTINCT k > 1, typeof(k), typeof(inertia), typeof(silhouette), typeof(calinski_harabasz), typeof(davies_bouldin),
  typeof(gap), typeof(gap_error), typeof(f_k), typeof(best)
FROM kmeans_sweep(1, 3, 'SELECT id, x, y FROM blobs');

.print -- the arguments can be read back
SELECT k, k_min, k_max, query, options FROM kmeans_sweep(2, 2, 'SELECT x FROM blobs', '{"seed": 1}');

.print -- a column says the same whichever others are named, and best is the product of silhouette and correlation ratio
CREATE TABLE every AS SELECT * FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs');
SELECT count(*) AS lines, sum(e.inertia = i.inertia) AS inertia, sum(e.silhouette = s.silhouette) AS silhouette,
  sum(e.davies_bouldin = d.davies_bouldin) AS davies_bouldin, sum(e.gap = g.gap) AS gap, sum(e.f_k = f.f_k) AS f_k, sum(e.best = b.best) AS best
FROM every e
JOIN (SELECT k, inertia FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) i USING (k)
JOIN (SELECT k, silhouette FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) s USING (k)
JOIN (SELECT k, davies_bouldin FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) d USING (k)
JOIN (SELECT k, gap FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) g USING (k)
JOIN (SELECT k, f_k FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) f USING (k)
JOIN (SELECT k, best FROM kmeans_sweep(2, 12, 'SELECT id, x, y FROM blobs')) b USING (k);
SELECT group_concat(k) FILTER (WHERE best) AS best, sum(best) AS one,
  (SELECT k FROM every ORDER BY silhouette * sqrt(1 - inertia / (SELECT inertia FROM kmeans_sweep(1, 1, 'SELECT id, x, y FROM blobs'))) DESC LIMIT 1) AS rule
FROM every;

.print -- inertia never rises, and is no more than that of a fit
SELECT count(*) AS lines, sum(inertia <= before) AS falls, sum(inertia <= fit * (1 + 1e-14)) AS good FROM (
  SELECT k, inertia, ifnull(lag(inertia) OVER (ORDER BY k), inertia) AS before,
    (SELECT sum(c.inertia) FROM kmeans_centroids(s.k, 'SELECT x, y FROM blobs', '{"refine": "none", "seed": 5}') c) AS fit
  FROM kmeans_sweep(1, 30, 'SELECT id, x, y FROM blobs', '{"refine": "none", "seed": 5}') s);

.print -- f_k by its recursion
WITH RECURSIVE lines AS MATERIALIZED (SELECT k, inertia, f_k FROM kmeans_sweep(1, 12, 'SELECT id, x, y FROM blobs')),
  f(k, a) AS (SELECT 2, 1 - 3 / (4 * 2.0) UNION ALL SELECT k + 1, a + (1 - a) / 6 FROM f WHERE k < 12)
SELECT count(*) AS lines, sum(abs(l.f_k * (a * b.inertia) / l.inertia - 1) < 1e-12) AS good
FROM f JOIN lines l USING (k) JOIN lines b ON b.k = f.k - 1;
.print -- the same where the sweep begins later
SELECT sum(abs(a.f_k - b.f_k) < 1e-9) AS good FROM kmeans_sweep(1, 6, 'SELECT id, x, y FROM blobs') a
JOIN kmeans_sweep(4, 6, 'SELECT id, x, y FROM blobs') b USING (k);

.print -- what is undefined is NULL: one cluster, as many as points, one point, one column
SELECT k, inertia, silhouette, calinski_harabasz, davies_bouldin, gap IS NULL AS no_gap, f_k, best
FROM kmeans_sweep(1, 4, 'VALUES (1, 1), (2, 2), (3, 1), (9, 9)');
SELECT * FROM kmeans_sweep(1, 1, 'SELECT 1, 2');
SELECT k, inertia, f_k FROM kmeans_sweep(1, 3, 'VALUES (1), (2), (3), (9)');
.print -- a column that is constant: the reference points are as narrow
SELECT k, round(gap, 4) AS gap, round(gap_error, 4) AS gap_error FROM kmeans_sweep(1, 3, 'SELECT x, 7 FROM blobs');

.print -- rows come as they are computed: the first two of many, in order without a sort
SELECT k, round(inertia, 3) FROM kmeans_sweep(1, 100, 'SELECT x, y FROM blobs') LIMIT 2;
EXPLAIN QUERY PLAN SELECT k FROM kmeans_sweep(1, 100, 'SELECT x, y FROM blobs') ORDER BY k;
EXPLAIN QUERY PLAN SELECT k FROM kmeans_sweep(1, 100, 'SELECT x, y FROM blobs') ORDER BY k DESC;
SELECT k FROM kmeans_sweep(1, 5, 'SELECT x, y FROM blobs') ORDER BY k DESC;
SELECT rowid, k, excess FROM kmeans_sweep(2, 4, 'SELECT x, y FROM blobs') ORDER BY k;

.print -- rows without a point have no part, neither have those of weight 0; no rows, no lines
SELECT a.k, a.inertia = b.inertia, a.silhouette = b.silhouette, a.gap = b.gap
FROM kmeans_sweep(2, 3, 'SELECT x, y FROM blobs UNION ALL SELECT 99, NULL') a
JOIN kmeans_sweep(2, 3, 'SELECT x, y FROM blobs') b USING (k);
SELECT a.k, a.inertia = b.inertia, a.silhouette = b.silhouette, a.gap = b.gap
FROM kmeans_sweep(2, 3, 'SELECT x, y, w FROM blobs UNION ALL SELECT 99, 0, 0', '{"weight": "w"}') a
JOIN kmeans_sweep(2, 3, 'SELECT x, y, w FROM blobs', '{"weight": "w"}') b USING (k);
SELECT count(*) FROM kmeans_sweep(1, 5, 'SELECT 1, 2 WHERE false');
SELECT count(*) FROM kmeans_sweep(1, 5, 'SELECT NULL');
SELECT count(*) FROM kmeans_sweep(1, 5, 'SELECT 1, 0 AS w', '{"weight": "w"}');

.print -- whole weights are copies, but for the reference sets
SELECT a.k, abs(a.silhouette - b.silhouette) < 1e-12, abs(a.calinski_harabasz / b.calinski_harabasz - 1) < 1e-12,
  abs(a.davies_bouldin - b.davies_bouldin) < 1e-12
FROM kmeans_sweep(2, 5, 'SELECT x, y, w FROM blobs', '{"weight": "w"}') a
JOIN kmeans_sweep(2, 5, 'SELECT x, y FROM blobs JOIN (SELECT 1 AS copy UNION ALL SELECT 2 UNION ALL SELECT 3) ON copy <= w') b USING (k);

.print -- the query is read to its end first: this terminates
CREATE TABLE history AS SELECT 1 AS x UNION ALL SELECT 3;
INSERT INTO history SELECT 10 * k FROM kmeans_sweep(1, 2, 'SELECT x FROM history');
SELECT group_concat(x) FROM history;

.print -- what the log has to say: rows without a point, too few points, no convergence
.log stdout
SELECT k FROM kmeans_sweep(1, 4, 'VALUES (1), (2), (NULL), (3)', '{"clamp": true}');
SELECT k FROM kmeans_sweep(5, 5, 'SELECT x, y FROM blobs', '{"init": "random", "refine": "none", "max_iter": 1, "tol": 0}');
.log off

.print -- a sample: other figures, the same clusters
SELECT a.k, a.inertia = b.inertia, a.silhouette <> b.silhouette, abs(a.silhouette - b.silhouette) < 0.1, a.davies_bouldin = b.davies_bouldin
FROM kmeans_sweep(2, 4, 'SELECT x, y FROM blobs', '{"sample": 40}') a JOIN kmeans_sweep(2, 4, 'SELECT x, y FROM blobs') b USING (k);
SELECT a.k, a.silhouette = b.silhouette
FROM kmeans_sweep(2, 4, 'SELECT x, y FROM blobs', '{"sample": 120}') a JOIN kmeans_sweep(2, 4, 'SELECT x, y FROM blobs') b USING (k);

.print -- the same for any number of threads; with vectors; with a scale that changes nothing
SELECT a.k, a.silhouette = b.silhouette, a.gap = b.gap, a.silhouette = c.silhouette, a.silhouette = d.silhouette
FROM kmeans_sweep(2, 4, 'SELECT x, y FROM blobs') a
JOIN kmeans_sweep(2, 4, 'SELECT x, y FROM blobs', '{"threads": 3}') b USING (k)
JOIN kmeans_sweep(2, 4, 'SELECT json_array(x, y) FROM blobs') c USING (k)
JOIN kmeans_sweep(2, 4, 'SELECT 4 * x AS x, 4 * y AS y FROM blobs', '{"params": []}') d USING (k);

.print -- cosine: the reference points are directions, too
CREATE TABLE directions AS
WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r LIMIT 90)
SELECT (1 + i % 7) * (15 * (i % 3 = 0) - 5) AS x, (1 + i % 7) * (9 * (i % 3 = 1) - 9 * (i % 3 = 2) + i % 5 / 2.0) AS y FROM r;
SELECT k, round(inertia, 9) AS inertia, round(silhouette, 6) AS silhouette, gap > 1 AS gap, gap_error BETWEEN 0 AND 0.2 AS gap_error, best
FROM kmeans_sweep(1, 5, 'SELECT x, y FROM directions', '{"metric": "cosine"}');

.print -- iris: two or three
SELECT group_concat(k) AS best FROM kmeans_sweep(2, 20, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM iris') WHERE best;
SELECT group_concat(k) AS best FROM kmeans_sweep(1, 40, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM iris') WHERE best;

.print -- as the inner table of a join, and in a correlated subquery
SELECT o.k, s.k, round(s.inertia, 3) FROM (SELECT 2 AS k UNION ALL SELECT 3) o LEFT JOIN kmeans_sweep(1, 3, 'SELECT x, y FROM blobs') s ON s.k >= o.k;
SELECT o.k, (SELECT round(inertia, 3) FROM kmeans_sweep(o.k, o.k, 'SELECT x, y FROM blobs')) FROM (SELECT 2 AS k UNION ALL SELECT 3) o;
SELECT o.k, (SELECT group_concat(k) FROM kmeans_sweep(1, o.k, 'SELECT x, y FROM blobs')) FROM (SELECT 2 AS k UNION ALL SELECT 3) o;

.print -- fewer distinct points than k_max: an error, or with clamp a shorter sweep
SELECT k FROM kmeans_sweep(1, 4, 'VALUES (1), (2), (2), (3)');
SELECT k, inertia, best FROM kmeans_sweep(1, 4, 'VALUES (1), (2), (2), (3)', '{"clamp": true}');
SELECT k, inertia FROM kmeans_sweep(7, 9, 'VALUES (1), (2), (2), (3)', '{"clamp": true}');

.print -- given centroids are for one k; so is k itself
SELECT k, inertia FROM kmeans_sweep(2, 2, 'VALUES (1), (2), (9)', '{"init": [[1], [9]], "k": 2}');
SELECT k FROM kmeans_sweep(1, 3, 'VALUES (1), (2), (9)', '{"init": [[1], [9]]}');
SELECT k FROM kmeans_sweep(1, 1, 'VALUES (1), (2), (9)', '{"init": {"centroids": [[1], [9]]}}');
SELECT k FROM kmeans_sweep(1, 3, 'VALUES (1), (2), (9)', '{"k": 2}');
SELECT k FROM kmeans_sweep(3, 3, 'VALUES (1), (2), (9)', '{"k": 2}');
SELECT k FROM kmeans_sweep(2, 2, 'VALUES (1), (2), (9)', '{"k": 3, "init": [[1], [9]]}');

.print -- categories: as columns of their own, one for each value
CREATE TABLE shirts(colour TEXT, size REAL);
INSERT INTO shirts VALUES ('red', 1), ('red', 1.5), ('blue', 9), ('blue', 8), ('green', 5), ('green', 5.5), ('red', 2);
SELECT a.k, abs(a.silhouette - b.silhouette) < 1e-12, abs(a.davies_bouldin - b.davies_bouldin) < 1e-12, a.best
FROM kmeans_sweep(2, 4, 'SELECT * FROM shirts', '{"categorical": ["colour"]}') a
JOIN kmeans_sweep(2, 4, 'SELECT sqrt(0.5) * (colour = ''red'') AS r, sqrt(0.5) * (colour = ''blue'') AS b, sqrt(0.5) * (colour = ''green'') AS g, size FROM shirts') b USING (k);
SELECT k, round(inertia, 4) FROM kmeans_sweep(2, 2, 'SELECT * FROM shirts', '{"categorical": ["colour"], "init": [["red", 1], ["blue", 9]]}');
SELECT k FROM kmeans_sweep(1, 2, 'SELECT * FROM shirts', '{"categorical": ["colour"], "init": [["red", 1], ["blue", 9]]}');

.print -- arguments that are missing, too many, or something else
SELECT k FROM kmeans_sweep;
SELECT k FROM kmeans_sweep(2);
SELECT k FROM kmeans_sweep(2, 3);
SELECT k FROM kmeans_sweep(2, 3, 'SELECT 1', '{}', 5);
SELECT k FROM kmeans_sweep(0, 3, 'SELECT 1');
SELECT k FROM kmeans_sweep(1, 4294967295, 'SELECT 1');
SELECT k FROM kmeans_sweep(3, 2, 'SELECT 1');
SELECT k FROM kmeans_sweep('2', 3, 'SELECT 1');
SELECT k FROM kmeans_sweep(2, 3.5, 'SELECT 1');
SELECT k FROM kmeans_sweep(NULL, 3, 'SELECT 1');
SELECT k FROM kmeans_sweep(2, x'03', 'SELECT 1');
SELECT k FROM kmeans_sweep(2, 3, NULL);
SELECT k FROM kmeans_sweep(2, 3, 'DELETE FROM blobs');
SELECT k FROM kmeans_sweep(1, 1, 'SELECT 1', NULL);
SELECT k FROM kmeans_sweep(1, 1, 'SELECT 1', '[]');
SELECT k FROM kmeans_sweep(1, 1, 'SELECT 1', '{"sample": 0}');
SELECT k FROM kmeans_sweep(1, 1, 'SELECT 1', '{"samples": 9}');
SELECT k FROM kmeans_sweep(1, 1, 'SELECT ''abc'', 1');
SELECT cluster FROM kmeans(1, 'SELECT 1', '{"sample": 5}');

.print -- it runs SQL text: the schema of a database may not use it
CREATE VIEW swept AS SELECT k, inertia FROM kmeans_sweep(1, 2, 'SELECT x, y FROM blobs');
SELECT * FROM swept;

.print -- a heavy row beside light ones: the others of its cluster are what is left without it
SELECT column1, round(silhouette, 9) FROM (VALUES (1e-3), (1e-12), (1e-15), (1e-25)), kmeans_sweep(2, 2,
  'SELECT column1 AS x, column2 AS y, iif(column3, :w, 1.5) AS w FROM (VALUES (0, 0, 0), (10, 0, 0), (1, 0, 1), (11, 0, 1))',
  json_object('weight', 'w', 'params', json_object('w', column1)));
