-- kmeans in statements with other tables: the examples of the README, and joins of every kind. That
-- none of them fits twice is tested in C: here, that they are right.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, region TEXT, x REAL, y REAL, label INTEGER);
INSERT INTO pts(id, region, x, y) VALUES (1, 'n', 20, 0), (2, 'n', 0, 0), (3, 's', 23, 0),
  (4, 's', 0, 4), (5, 's', 17, 0), (6, 'n', 20, 4), (7, 'w', NULL, 2);

.print -- a table clustered
SELECT * FROM kmeans(2, 'SELECT x, y FROM pts WHERE id <> 6');

.print -- the labels joined to the table
SELECT p.*, c.cluster FROM pts p JOIN kmeans(2, 'SELECT id, x, y FROM pts') c ON c.id = p.id;

.print -- the other way round, and with USING, NATURAL and a comma
SELECT p.*, c.cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') c JOIN pts p ON c.id = p.id
ORDER BY p.id;
SELECT id, region, cluster FROM pts JOIN kmeans(2, 'SELECT id, x, y FROM pts') USING (id) WHERE id < 3;
SELECT id, region, cluster FROM pts NATURAL JOIN kmeans(2, 'SELECT id, x, y FROM pts') WHERE id < 3;
SELECT p.id, cluster FROM pts p, kmeans(2, 'SELECT id, x, y FROM pts') c WHERE p.id = c.id AND p.id < 3;

.print -- in the given order of the tables, and in the other one (CROSS JOIN does not reorder)
SELECT count(*), sum(c.cluster) FROM pts p CROSS JOIN kmeans(2, 'SELECT id, x, y FROM pts') c WHERE c.id = p.id;
SELECT count(*), sum(c.cluster) FROM kmeans(2, 'SELECT id, x, y FROM pts') c CROSS JOIN pts p WHERE c.id = p.id;

.print -- LEFT JOIN: rows that are not in the query have NULL
SELECT p.id, c.cluster, c.id FROM pts p
LEFT JOIN kmeans(2, 'SELECT id, x, y FROM pts WHERE region <> ''n''') c ON c.id = p.id;

.print -- LEFT JOIN from kmeans
SELECT c.id, c.cluster, p.region FROM kmeans(2, 'SELECT id + 2 AS id, x FROM pts WHERE x > 1') c
LEFT JOIN pts p ON p.id = c.id ORDER BY c.id;

.print -- a cross join: every row with every centroid
SELECT p.id, m.cluster, abs(p.x - (m.centroid ->> 0)) AS dx
FROM pts p, kmeans_centroids(2, 'SELECT x, y FROM pts') m WHERE p.id IN (1, 4, 7) ORDER BY 1, 2;
SELECT count(*) FROM pts a, kmeans(2, 'SELECT id, x, y FROM pts') b, kmeans(3, 'SELECT id, x, y FROM pts') c;

.print -- one id, a list of ids, ids from a query, a range
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id = 4;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id IN (4, 1, 99, 4, NULL) ORDER BY id;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts')
WHERE id IN (SELECT id FROM pts WHERE region = 's') ORDER BY id;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id BETWEEN 2 AND 4;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id = NULL;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id IS NULL;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id NOT IN (1, 2, 3) AND cluster = 1;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id = 4 AND id = 5;

.print -- OR, which SQLite takes apart
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE id = 4 OR id = 5 OR cluster IS NULL;
SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE cluster = 0 OR distance = 3;
SELECT cluster, size FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts') WHERE cluster = 0 OR size = 4;
SELECT p.id, c.cluster FROM pts p JOIN kmeans(2, 'SELECT id, x, y FROM pts') c ON c.id = p.id OR c.id = p.x
WHERE p.id < 3 ORDER BY p.id;

.print -- row numbers are looked up, too
SELECT id, point FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id = 2;
SELECT id, point FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id IN (0, 2.0, 2.5, '3', 'two', -1, 8, 7, 1e30);
SELECT id FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id = 2.0;
SELECT id FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id = 2.5;
SELECT id FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id = 1e300 OR id = -1e300;
SELECT id FROM kmeans(2, 'SELECT x, y FROM pts') WHERE id = '2' OR id = x'32' OR id = '2.5';

.print -- an id that occurs more than once: all its rows, in their order
SELECT id, point FROM kmeans(2, 'SELECT region AS id, x, y FROM pts') WHERE id = 'n';

.print -- ids compare as columns do: 1 = 1.0, and a number is no text
CREATE TABLE keys(id, x);
INSERT INTO keys VALUES (1, 0), ('1', 1), (1.0, 2), ('1.0', 3), ('one', 4), (x'31', 5), (NULL, 6),
  (9007199254740993, 7), (9007199254740992.0, 8), (0.1, 9), ('0.1', 10), (0, 11), (0.0, 12), ('', 13);
CREATE TABLE probe(value);
INSERT INTO probe SELECT id FROM keys UNION ALL VALUES (9007199254740992), (2), ('ONE'), (1.5), (x'');
SELECT iif(typeof(p.value) = 'real', printf('%.1f', p.value), quote(p.value)) AS value, group_concat(c.point) FROM probe p
JOIN kmeans(1, 'SELECT id, x FROM keys') c ON c.id = p.value GROUP BY p.rowid;

.print -- exactly the rows that = finds without the lookup (+ forbids it)
SELECT count(*) FROM (
  SELECT p.rowid, c.rowid FROM probe p JOIN kmeans(1, 'SELECT id, x FROM keys') c ON c.id = p.value
  EXCEPT SELECT p.rowid, c.rowid FROM probe p JOIN kmeans(1, 'SELECT id, x FROM keys') c ON +c.id = p.value);
SELECT count(*) FROM (
  SELECT p.rowid, c.rowid FROM probe p JOIN kmeans(1, 'SELECT id, x FROM keys') c ON +c.id = p.value
  EXCEPT SELECT p.rowid, c.rowid FROM probe p JOIN kmeans(1, 'SELECT id, x FROM keys') c ON c.id = p.value);

.print -- an INTEGER column takes text for its number, and so does the join: affinity counts on both sides
CREATE TABLE typed(i INTEGER, r REAL, t TEXT, n NUMERIC, b BLOB);
INSERT INTO typed VALUES (1, 1, 1, 1, 1);
SELECT group_concat(c.point) FROM typed, kmeans(1, 'SELECT id, x FROM keys') c WHERE c.id = i;
SELECT group_concat(c.point) FROM typed, kmeans(1, 'SELECT id, x FROM keys') c WHERE c.id = r;
SELECT group_concat(c.point) FROM typed, kmeans(1, 'SELECT id, x FROM keys') c WHERE c.id = t;
SELECT group_concat(c.point) FROM typed, kmeans(1, 'SELECT id, x FROM keys') c WHERE c.id = n;
SELECT group_concat(c.point) FROM typed, kmeans(1, 'SELECT id, x FROM keys') c WHERE c.id = b;
SELECT count(*) FROM (
  SELECT c.rowid, t.column FROM kmeans(1, 'SELECT id, x FROM keys') c JOIN
    (SELECT 1 AS "column", i AS v FROM typed UNION ALL SELECT 2, r FROM typed) t ON c.id = t.v
  EXCEPT SELECT c.rowid, t.column FROM kmeans(1, 'SELECT id, x FROM keys') c JOIN
    (SELECT 1 AS "column", i AS v FROM typed UNION ALL SELECT 2, r FROM typed) t ON +c.id = t.v);

.print -- and with all of its 19 digits
CREATE TABLE wide(i INTEGER);
INSERT INTO wide SELECT 1234567890123456789 + 97 * column1 FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7));
SELECT count(*) FROM wide JOIN kmeans(1, 'SELECT CAST(i AS TEXT) AS id, 1 AS x FROM wide') c ON c.id = wide.i;

.print -- IN as on a table: text that is the number, where the list comes from an INTEGER column
CREATE TABLE copy AS SELECT id FROM kmeans(1, 'SELECT id, x FROM keys');
SELECT group_concat(point) FROM kmeans(1, 'SELECT id, x FROM keys') WHERE id IN (SELECT i FROM typed);
SELECT count(*) FROM copy WHERE id IN (SELECT i FROM typed);
SELECT group_concat(point) FROM kmeans(1, 'SELECT id, x FROM keys') WHERE id IN (SELECT t FROM typed);
SELECT group_concat(point) FROM kmeans(1, 'SELECT id, x FROM keys') WHERE id IN (1, '1', x'');

.print -- text ids without regard to case: COLLATE NOCASE, on either side
CREATE TABLE names(name TEXT COLLATE NOCASE PRIMARY KEY, x REAL);
INSERT INTO names VALUES ('Ann', 1), ('bob', 2), ('CARL', 9);
SELECT n.name, c.id, c.cluster FROM names n
JOIN kmeans(2, 'SELECT upper(name) AS id, x FROM names') c ON n.name = c.id ORDER BY n.name;
SELECT n.name, c.id, c.cluster FROM names n
JOIN kmeans(2, 'SELECT upper(name) AS id, x FROM names') c ON c.id = n.name COLLATE NOCASE ORDER BY n.name;
SELECT n.name, c.id FROM names n
JOIN kmeans(2, 'SELECT upper(name) AS id, x FROM names') c ON c.id = n.name ORDER BY n.name;
SELECT id FROM kmeans(2, 'SELECT name AS id, x FROM names') WHERE id = 'ANN ' COLLATE RTRIM OR id = 'bob  ' COLLATE RTRIM;

.print -- UPDATE … FROM
UPDATE pts SET label = c.cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') c WHERE c.id = pts.id;
SELECT id, label FROM pts;

.print -- UPDATE by a subquery, correlated and not
UPDATE pts SET label = NULL;
UPDATE pts SET label = (SELECT c.cluster + 10 FROM kmeans(2, 'SELECT id, x, y FROM pts') c WHERE c.id = pts.id);
SELECT id, label FROM pts;
UPDATE pts SET label = 0 WHERE id IN (SELECT id FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE cluster = 1);
SELECT group_concat(label) FROM (SELECT label FROM pts ORDER BY id);

.print -- subqueries: correlated and uncorrelated, in SELECT, WHERE and EXISTS
SELECT id, (SELECT cluster FROM kmeans(2, 'SELECT id, x, y FROM pts') c WHERE c.id = p.id) AS cluster
FROM pts p ORDER BY id;
SELECT id, (SELECT max(size) FROM kmeans_centroids(2, 'SELECT x, y FROM pts')) AS largest FROM pts WHERE id < 3;
SELECT id FROM pts p
WHERE EXISTS (SELECT 1 FROM kmeans(2, 'SELECT id, x, y FROM pts') c WHERE c.id = p.id AND c.cluster = 1);
SELECT id FROM pts WHERE id IN (SELECT id FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE distance > 3);

.print -- a CTE used twice
WITH c AS MATERIALIZED (SELECT * FROM kmeans(2, 'SELECT id, x, y FROM pts'))
SELECT a.id, b.id FROM c a JOIN c b ON a.cluster = b.cluster AND a.id < b.id ORDER BY 1, 2;

.print -- twice in a statement, with other arguments: two ways to cluster, against each other
SELECT a.cluster, b.cluster, count(*) FROM kmeans(2, 'SELECT id, x, y FROM pts') a
JOIN kmeans(3, 'SELECT id, x, y FROM pts') b USING (id) GROUP BY 1, 2 ORDER BY 1, 2;

.print -- one fit per row of the outer table: k from a table, or a query from it
SELECT value AS k, count(DISTINCT cluster) FROM json_each('[1, 2, 3]'), kmeans(value, 'SELECT id, x, y FROM pts')
GROUP BY k ORDER BY k;
SELECT name, (SELECT count(*) FROM kmeans_centroids(2, 'SELECT x FROM ' || name))
FROM (SELECT 'pts' AS name UNION ALL SELECT 'keys' UNION ALL SELECT 'names') ORDER BY name;

.print -- a lateral join: the rows of each group clustered by themselves
SELECT r.region, c.id, c.cluster
FROM (SELECT DISTINCT region FROM pts WHERE region <> 'w') r,
  kmeans(2, 'SELECT id, x, y FROM pts WHERE region = :region',
    json_object('params', json_object('region', r.region))) c
ORDER BY r.region, c.id;

.print -- aggregates over clusters, and window functions over them
SELECT cluster, count(*), printf('%.3f', avg(p.x)), group_concat(DISTINCT region)
FROM pts p JOIN kmeans(2, 'SELECT id, x, y FROM pts') c USING (id) GROUP BY cluster;
SELECT id, cluster, row_number() OVER (PARTITION BY cluster ORDER BY distance, id) AS nearest
FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE cluster IS NOT NULL ORDER BY id;

.print -- INSERT INTO a table FROM kmeans over the same table ends
INSERT INTO pts(id, region, x, y, label)
SELECT id + 100, 'copy', point ->> 0, point ->> 1, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts');
SELECT id, x, y, label FROM pts WHERE region = 'copy';

.print -- DELETE by cluster; the rows of the query are those from before
DELETE FROM pts WHERE id IN (SELECT id FROM kmeans(2, 'SELECT id, x, y FROM pts') WHERE cluster = 0);
SELECT id FROM pts;

.print -- each statement sees the data as it is then: nothing is stale
SELECT count(*) FROM kmeans(1, 'SELECT id FROM pts', '{"id": null}');
DELETE FROM pts WHERE id > 100;
SELECT count(*) FROM kmeans(1, 'SELECT id FROM pts', '{"id": null}');

.print -- an UPDATE of what the query reads: all rows get what was there before it
CREATE TABLE moved(id INTEGER PRIMARY KEY, x);
INSERT INTO moved VALUES (1, 0), (2, 10), (3, 20);
UPDATE moved SET x = (SELECT distance FROM kmeans(1, 'SELECT id, x FROM moved') c WHERE c.id = moved.id);
SELECT * FROM moved;

.print -- but a TEMP trigger, which runs once for each row, sees the rows before its own
CREATE TEMP TRIGGER numbered AFTER INSERT ON moved BEGIN
  UPDATE moved SET x = (SELECT size FROM kmeans_centroids(1, 'SELECT id, x FROM moved')) WHERE id = new.id;
END;
INSERT INTO moved SELECT id + 10, 0 FROM moved;
SELECT * FROM moved WHERE id > 10;

.print -- correlated with arguments that change: each row its own fit
SELECT i.value, (SELECT count(DISTINCT cluster) FROM kmeans(i.value, 'VALUES (1), (5), (10)') WHERE id > j.value)
FROM json_each('[1, 2, 3]') i, json_each('[0, 1]') j ORDER BY 1, j.value;

.print -- a table of labels, kept
CREATE TABLE labels AS SELECT id, cluster FROM kmeans(2, 'SELECT id, x, y FROM pts');
SELECT * FROM labels;

.print -- UNION of two calls, and a compound query inside
SELECT 'x', id, cluster FROM kmeans(2, 'SELECT id, x FROM pts WHERE x IS NOT NULL')
UNION ALL SELECT 'y', id, cluster FROM kmeans(2, 'SELECT id, y FROM pts UNION SELECT 99, 99');

.print -- kmeans of kmeans: the centroids of one clustered by the other
SELECT id, cluster, point FROM kmeans(2,
  'SELECT cluster AS id, centroid ->> 0 AS x FROM kmeans_centroids(3, ''VALUES (1), (2), (20)'')');

.print -- ids come back and are found whatever their size, and whatever came before and after them
CREATE TABLE ids(nr INTEGER PRIMARY KEY, id, x REAL);
INSERT INTO ids(id, x) VALUES (-1, 0), (2147483647, 1), (-2147483648, 2), (2147483648, 3), (-2147483649, 4),
  (9223372036854775807, 20), (7, 21), ('7', 22), (2.5, 23), (NULL, 24), (x'07', 25);
SELECT n, typeof(k.id), quote(k.id), cluster FROM (SELECT column1 AS n FROM (VALUES (3), (5), (7), (11))),
  kmeans(2, 'SELECT id, x FROM ids WHERE nr <= :n', json_object('params', json_object('n', n))) k;
SELECT i.nr, k.cluster FROM ids i, kmeans(2, 'SELECT id, x FROM ids WHERE nr <= 3') k WHERE k.id = i.id;
SELECT i.nr, k.cluster FROM ids i, kmeans(2, 'SELECT id, x FROM ids WHERE nr <= 7') k WHERE k.id = i.id;
SELECT i.nr, k.cluster FROM ids i, kmeans(2, 'SELECT id, x FROM ids') k WHERE k.id = i.id;
