-- kmeans_rand_index(a, b): the contract of the name, point by point.

.nullvalue NULL
CREATE TABLE iris(sepal_length REAL, sepal_width REAL, petal_length REAL, petal_width REAL, species TEXT);
.import --csv --skip 1 tests/data/iris.csv iris

.print -- the examples of scikit-learn's documentation: 0.571428..., 1, 0
SELECT round(kmeans_rand_index(column1, column2), 12) FROM (VALUES (0, 0), (0, 0), (1, 1), (1, 2));
SELECT kmeans_rand_index(column1, column2) FROM (VALUES (0, 1), (0, 1), (1, 0), (1, 0));
SELECT kmeans_rand_index(column1, column2) FROM (VALUES (0, 0), (0, 1), (0, 2), (0, 3));
.print -- worse than chance
SELECT kmeans_rand_index(column1, column2) FROM (VALUES (0, 0), (0, 1), (1, 0), (1, 1));

.print -- the clusters of kmeans and the species; the names of the clusters do not matter, nor the order of the arguments
SELECT round(kmeans_rand_index(c.cluster, i.species), 12), round(kmeans_rand_index(i.species, 'c' || c.cluster), 12)
FROM kmeans(3, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM iris') c JOIN iris i ON i.rowid = c.id;

.print -- labels of any type: the same where GROUP BY has them in one group
SELECT kmeans_rand_index(column1, column2) FROM (VALUES (1, 'a'), (1.0, 'a'), ('1', 'b'), (x'31', x'61'), (0.5, 'A'), (0.5, 'A'));

.print -- rows with NULL are left out; no rows: NULL; one row, all in one, all alone: 1
SELECT round(kmeans_rand_index(column1, column2), 12) FROM (VALUES (0, 0), (NULL, 0), (0, 0), (1, 1), (1, NULL), (1, 2));
SELECT kmeans_rand_index(1, 2) WHERE false;
SELECT kmeans_rand_index(NULL, column1) FROM (VALUES (1), (2));
SELECT kmeans_rand_index(1, 2);
SELECT kmeans_rand_index(1, 2) FROM iris;
SELECT kmeans_rand_index(rowid, -rowid) FROM iris;

.print -- groups, FILTER, and a view that is not trusted
PRAGMA trusted_schema = OFF;
CREATE VIEW agreed AS SELECT petal_width > 1 AS large, round(kmeans_rand_index(species, petal_length > 4), 6) AS agreement FROM iris GROUP BY 1;
SELECT * FROM agreed;
SELECT round(kmeans_rand_index(species, petal_length > 5) FILTER (WHERE species <> 'setosa'), 6) FROM iris;

.print -- a window: each frame as if there were no other rows
CREATE TABLE series AS
WITH RECURSIVE r(t) AS (SELECT 1 UNION ALL SELECT t + 1 FROM r LIMIT 300)
SELECT t, iif(t % 11 = 3, NULL, t * t % 5) AS a, iif(t % 7 = 2, NULL, t * t * t % 97 / 20.0) AS b FROM r;
SELECT count(*), sum(r IS (SELECT kmeans_rand_index(a, b) FROM series s WHERE s.t BETWEEN o.t - 19 AND o.t))
FROM (SELECT t, kmeans_rand_index(a, b) OVER (ORDER BY t ROWS 19 PRECEDING) AS r FROM series) o;

.print -- a frame that is empty at first
SELECT t, kmeans_rand_index(a, b) OVER (ORDER BY t ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM series LIMIT 4;

.print -- labels in TEXT: each as it is written, also where it reads as a number that others are
SELECT kmeans_rand_index(column1, column2) FROM (VALUES ('12', 0), (12, 1), ('+12', 2), ('1.2e1', 3), ('+', 4), ('', 5));
SELECT kmeans_rand_index(column1, column2) FROM (VALUES ('-12', 0), (-12, 1), ('-12', 0), (-12, 1), ('-12.0', 2), (-12.0, 1));
SELECT kmeans_rand_index(column1, column2) FROM (VALUES ('9223372036854775808', 0), ('9223372036854775808', 0), ('9223372036854775809', 1), ('99999999999999999999', 2));

.print -- many labels: by the formula, from the counts
CREATE TABLE pairs AS
WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r LIMIT 20000)
SELECT i * i % 7919 AS a, 'label ' || (i % 3000) AS b FROM r;
WITH n(both, first, second, n) AS (SELECT
  (SELECT sum(c * (c - 1) / 2) FROM (SELECT count(*) AS c FROM pairs GROUP BY a, b)),
  (SELECT sum(c * (c - 1) / 2) FROM (SELECT count(*) AS c FROM pairs GROUP BY a)),
  (SELECT sum(c * (c - 1) / 2) FROM (SELECT count(*) AS c FROM pairs GROUP BY b)),
  (SELECT count(*) * (count(*) - 1) / 2 FROM pairs))
SELECT abs((SELECT kmeans_rand_index(a, b) FROM pairs) - (both - 1.0 * first * second / n) / ((first + second) / 2.0 - 1.0 * first * second / n)) < 1e-12 FROM n;

.print -- two arguments, no fewer and no more
SELECT kmeans_rand_index(1);
SELECT kmeans_rand_index(1, 2, 3);
