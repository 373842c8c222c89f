-- kmeans_silhouette(cluster, c1, c2, ...): the contract of the name, point by point.

.nullvalue NULL
CREATE TABLE iris(sepal_length REAL, sepal_width REAL, petal_length REAL, petal_width REAL, species TEXT);
.import --csv --skip 1 tests/data/iris.csv iris

.print -- by hand: a = 1, b = 9 or 8, and 0 for the one that is alone
SELECT kmeans_silhouette(column1, column2), (8 / 9.0 + 7 / 8.0 + 0) / 3 FROM (VALUES (0, 0), (0, 1), (1, 9));

.print -- clusters of any type: the same where GROUP BY has them in one group
SELECT round(kmeans_silhouette(species, sepal_length, sepal_width, petal_length, petal_width), 12) FROM iris;
SELECT kmeans_silhouette(column1, column2) = (8 / 9.0 + 7 / 8.0 + 0) / 3 FROM (VALUES (1, 0), (1.0, 1), ('1', 9));
SELECT kmeans_silhouette(column1, column2) = (8 / 9.0 + 7 / 8.0 + 0) / 3 FROM (VALUES (x'00', 0), (x'00', 1), ('', 9));
SELECT kmeans_silhouette(column1, column2) = (8 / 9.0 + 7 / 8.0 + 0) / 3 FROM (VALUES (9007199254740993, 0), (9007199254740993, 1), (9007199254740992.0, 9));

.print -- the clusters of kmeans
SELECT kmeans_silhouette(c.cluster, i.petal_length, i.petal_width) = s.silhouette
FROM kmeans(3, 'SELECT petal_length, petal_width FROM iris') c JOIN iris i ON i.rowid = c.id,
  kmeans_sweep(3, 3, 'SELECT petal_length, petal_width FROM iris') s;

.print -- vectors: JSON and BLOBs; numbers as TEXT
SELECT kmeans_silhouette(species, json_array(petal_length, petal_width)) = kmeans_silhouette(species, petal_length, petal_width),
  kmeans_silhouette(species, petal_length || '', petal_width || '') = kmeans_silhouette(species, petal_length, petal_width) FROM iris;
SELECT round(kmeans_silhouette(column1, column2), 9) FROM (VALUES (0, x'00000000'), (0, x'0000803f'), (1, x'00001041'));

.print -- rows with NULL are left out; no rows, one cluster, as many as rows: NULL
SELECT kmeans_silhouette(column1, column2, column3) = (8 / 9.0 + 7 / 8.0 + 0) / 3
FROM (VALUES (0, 0, 0), (NULL, 3, 0), (0, 1, 0), (0, NULL, 0), (1, 9, 0), (2, 1, NULL));
SELECT kmeans_silhouette(1, 2, 3) WHERE false;
SELECT kmeans_silhouette(NULL, column1) FROM (VALUES (1), (2));
SELECT kmeans_silhouette(1, column1) FROM (VALUES (1), (2));
SELECT kmeans_silhouette(column1, column1) FROM (VALUES (1), (2));

.print -- offsets and magnitudes
SELECT kmeans_silhouette(column1, column2 + 1.7e9) = (8 / 9.0 + 7 / 8.0 + 0) / 3, round(kmeans_silhouette(column1, column2 * 1e299), 12),
  round(kmeans_silhouette(column1, column2 * 1e-300), 12) FROM (VALUES (0, 0), (0, 1), (1, 9));

.print -- groups, FILTER, and a view that is not trusted
PRAGMA trusted_schema = OFF;
CREATE VIEW judged AS SELECT petal_width > 1 AS large, count(*) AS n, round(kmeans_silhouette(species, petal_length, petal_width), 6) AS silhouette FROM iris GROUP BY 1;
SELECT * FROM judged;
SELECT round(kmeans_silhouette(species, petal_length) FILTER (WHERE species <> 'setosa'), 6) FROM iris;

.print -- a window: each frame as if there were no other rows, but for the order of sums
CREATE TABLE series AS
WITH RECURSIVE r(t) AS (SELECT 1 UNION ALL SELECT t + 1 FROM r LIMIT 60)
SELECT t, iif(t % 11 = 3, NULL, t * t % 3) AS label, iif(t % 7 = 2, NULL, t * t * t % 97) AS x, t * t % 31 AS y FROM r;
SELECT count(*), sum(round(s, 12) IS (SELECT round(kmeans_silhouette(label, x, y), 12) FROM (SELECT * FROM series s WHERE s.t BETWEEN o.t - 9 AND o.t ORDER BY t)))
FROM (SELECT t, kmeans_silhouette(label, x, y) OVER (ORDER BY t ROWS 9 PRECEDING) AS s FROM series) o;
SELECT count(*), sum(round(s, 12) IS (SELECT round(kmeans_silhouette(label, json_array(x, y)), 12) FROM (SELECT * FROM series s WHERE s.t >= o.t AND x IS NOT NULL ORDER BY t)))
FROM (SELECT t, kmeans_silhouette(label, iif(x IS NULL, NULL, json_array(x, y))) OVER (ORDER BY t ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS s FROM series) o;

.print -- a frame that is empty at first
SELECT t, kmeans_silhouette(label, y) OVER (ORDER BY t ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) IS NULL FROM series WHERE t > 4 LIMIT 4;

.print -- what cannot be: the row is named
SELECT kmeans_silhouette() FROM iris;
SELECT kmeans_silhouette(species) FROM iris;
SELECT kmeans_silhouette(column1, column2, column3) FROM (VALUES (0, 1, 2), (0, 1, 'abc'));
SELECT kmeans_silhouette(column1, column2, column3) FROM (VALUES (0, 1, 2), (0, 9e999, 1));
SELECT kmeans_silhouette(column1, column2) FROM (VALUES (0, '[1, 2]'), (0, '[1]'));
SELECT kmeans_silhouette(column1, column2) FROM (VALUES (0, '[1, 2]'), (0, 3));
SELECT kmeans_silhouette(column1, column2) FROM (VALUES (0, x'00'));
