-- CREATE VIRTUAL TABLE temp.name USING kmeans(what, 'query' [, options]): clusters as a table.

.nullvalue NULL
CREATE TABLE pts(id INTEGER PRIMARY KEY, x REAL, y, name TEXT);
INSERT INTO pts(x, y, name) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 1, 'c'), (7, 8, 'd'), (8, 8, 'e'), (9, 8, 'f'),
  (1, 8, 'g'), (1, ' 10 ', 'h'), (NULL, 5, 'i');

.print -- the columns of the query, as they come, and what is added; values as the query gave them
CREATE VIRTUAL TABLE temp.seg USING kmeans(3, 'SELECT id, x, y FROM pts');
SELECT * FROM seg;
SELECT typeof(id), typeof(x), typeof(y), typeof(cluster), typeof(distance) FROM seg WHERE id IN (1, 8, 9);
SELECT id, centroid, neighbor, round(silhouette, 6) FROM seg WHERE cluster = 0;
SELECT name, type, hidden FROM pragma_table_xinfo('seg');

.print -- the rows of the function
SELECT count(*), sum(s.cluster IS k.cluster AND s.distance IS k.distance AND s.neighbor IS k.neighbor AND s.centroid IS k.centroid)
FROM temp.seg s JOIN kmeans(3, 'SELECT id, x, y FROM pts') k USING (id);

.print -- id = ? is a lookup; joins; rowid; comparisons by the affinity of the columns
SELECT id, y, cluster FROM seg WHERE id = '4';
EXPLAIN QUERY PLAN SELECT * FROM seg WHERE id = 4;
SELECT p.name, s.cluster FROM pts p JOIN seg s ON s.id = p.id WHERE p.name < 'd';
SELECT p.name, (SELECT cluster FROM seg WHERE seg.id = p.id) FROM pts p WHERE p.id > 6;
SELECT rowid, id FROM seg WHERE x = '7';
SELECT cluster, count(*), avg(x) FROM seg GROUP BY cluster;

.print -- it is live
INSERT INTO pts(x, y, name) VALUES (100, 100, 'far'), (101, 100, 'far');
SELECT id, x, cluster FROM seg WHERE id > 7;
BEGIN;
DELETE FROM pts WHERE name = 'far';
SELECT max(id), count(DISTINCT cluster) FROM seg;
ROLLBACK;
SELECT max(id), count(DISTINCT cluster) FROM seg;
INSERT INTO pts(x, y, name) SELECT x + 1, y, 'copy' FROM seg WHERE cluster = 2;
SELECT count(*), sum(cluster = 2) FROM seg;
DELETE FROM pts WHERE name IN ('far', 'copy');

.print -- TEMP views and triggers may use it; nothing may be written to it
CREATE TEMP VIEW sizes AS SELECT cluster, count(*) AS size FROM seg GROUP BY cluster;
SELECT * FROM sizes;
INSERT INTO seg(id) VALUES (1);
DELETE FROM seg;
CREATE INDEX temp.i ON seg(cluster);

.print -- rename and drop
DROP VIEW sizes;
ALTER TABLE seg RENAME TO segments;
SELECT count(*) FROM segments;
DROP TABLE segments;
SELECT count(*) FROM segments;

.print -- options; other keys and no key; a model; parameters
CREATE VIRTUAL TABLE temp.a USING kmeans('{"k": 2, "id": "name"}', 'SELECT x, name, y FROM pts', '{"seed": 7}');
SELECT * FROM a WHERE name = 'd';
CREATE VIRTUAL TABLE temp.b USING kmeans( 2 , 'SELECT x FROM pts -- of all
', NULL);
SELECT rowid, * FROM b WHERE x > 7;
SELECT rowid, * FROM b WHERE rowid = 2;
CREATE VIRTUAL TABLE temp.plus USING kmeans(+1, 'SELECT x FROM pts');
SELECT count(*) FROM plus WHERE cluster = 0;
DROP TABLE plus;
CREATE VIRTUAL TABLE temp.c USING KMeans('{"centroids": [[0, 0], [9, 9]]}', 'SELECT x AS "it''s", y FROM pts WHERE x > :low', '{"params": {"low": 2}}');
SELECT * FROM c;
DROP TABLE a;
DROP TABLE b;
DROP TABLE c;

.print -- vectors come back as they came
CREATE VIRTUAL TABLE temp.v USING kmeans(2, 'SELECT NULL AS v UNION ALL VALUES (x''0000803F00000040''), (NULL), (x''0000C03F00000040''), (x''0000404100002041'')');
SELECT hex(v), typeof(v), cluster FROM v;
CREATE VIRTUAL TABLE temp.j USING kmeans(2, 'SELECT id, ''[ '' || x || '', 1]'' AS v FROM pts');
SELECT * FROM j WHERE id > 6;
DROP TABLE v;
DROP TABLE j;

.print -- odd names; types by their affinity, and no other words of theirs
CREATE TABLE odd("a b" INT, "say ""so""" VARCHAR(9), "select" "DOUBLE HIDDEN, z", "ä'[]`" DECIMAL(3, 1), """" BLOB);
INSERT INTO odd VALUES (1, 2, 3, 4, 5), (6, 7, 8, 9, 10);
CREATE VIRTUAL TABLE temp.o USING kmeans(2, 'SELECT *, 1 AS "", 2 AS "
" FROM odd');
SELECT * FROM o;
SELECT name, type, hidden FROM pragma_table_xinfo('o') LIMIT 7;
DROP TABLE o;

.print -- names that are taken, twice or by the table
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT x, y, x AS Y FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT a.*, b.x FROM pts a, pts b');
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT x, y AS Cluster FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT x AS distance FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT id, x AS neighbor FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(2, 'SELECT x AS centroid, y AS silhouette FROM pts');

.print -- bad arguments: said when the table is made
CREATE VIRTUAL TABLE temp.t USING kmeans;
CREATE VIRTUAL TABLE temp.t USING kmeans();
CREATE VIRTUAL TABLE temp.t USING kmeans(3);
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts', '{}', 4);
CREATE VIRTUAL TABLE temp.t USING kmeans(3, SELECT x FROM pts);
CREATE VIRTUAL TABLE temp.t USING kmeans(3, "SELECT x FROM pts");
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x' || ' FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts' 'more');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts' COLLATE BINARY);
CREATE VIRTUAL TABLE temp.t USING kmeans(3, ');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, ');
CREATE VIRTUAL TABLE temp.t USING kmeans('', '');
CREATE VIRTUAL TABLE temp.t USING kmeans(3x, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(1 + 2, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(?, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(0, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(-3, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3.0, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(99999999999999999999, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, NULL);
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'DELETE FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts; DROP TABLE pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM nowhere');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT id FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts WHERE x > :low');
CREATE VIRTUAL TABLE temp.t USING kmeans('{"centroids": [[1]]}', 'SELECT x, y FROM pts');
CREATE VIRTUAL TABLE temp.t USING kmeans(3, 'SELECT x FROM pts', '{"sed": 1}');
SELECT count(*) FROM sqlite_temp_schema;

.print -- the table that reads itself: when it is made, and through a view
CREATE VIRTUAL TABLE temp.self USING kmeans(1, 'SELECT x FROM self');
CREATE TEMP VIEW loop AS SELECT x FROM self;
CREATE VIRTUAL TABLE temp.self USING kmeans(1, 'SELECT x FROM loop');
CREATE VIRTUAL TABLE temp.self USING kmeans(1, 'SELECT distance AS d FROM kmeans(1, ''SELECT d FROM self'')');
SELECT * FROM self;
DROP TABLE self;
DROP VIEW loop;
CREATE TABLE loop AS SELECT 1 AS x;
CREATE VIRTUAL TABLE temp.self USING kmeans(1, 'SELECT x FROM loop');
SELECT * FROM self;
CREATE TEMP VIEW loop AS SELECT x FROM self;
SELECT * FROM self;
DROP VIEW temp.loop;
SELECT * FROM self;
DROP TABLE self;

.print -- the query's tables change: other columns, other names, another type, no table
CREATE TABLE base(id INTEGER PRIMARY KEY, x);
INSERT INTO base VALUES (1, 1), (2, 5);
CREATE VIRTUAL TABLE temp.s USING kmeans(2, 'SELECT * FROM base');
.headers on
SELECT * FROM s;
ALTER TABLE base ADD COLUMN y DEFAULT 7;
SELECT * FROM s;
ALTER TABLE base RENAME COLUMN y TO z;
SELECT * FROM s WHERE z = 7 AND id = 1;
ALTER TABLE base ADD COLUMN note DEFAULT 'none';
SELECT * FROM s;
ALTER TABLE base DROP COLUMN note;
SELECT * FROM s WHERE id = 1;
.headers off
UPDATE base SET x = 'word' WHERE id = 2;
SELECT * FROM s;
DELETE FROM base;
SELECT * FROM s;
DROP TABLE base;
SELECT * FROM s;
CREATE TABLE base AS SELECT 4 AS id, 9 AS x, 2 AS z UNION SELECT 6, 8, 3;
SELECT * FROM s;
DROP TABLE base;
CREATE TABLE base AS SELECT 4 AS id, 9 AS x UNION SELECT 6, 8;
SELECT * FROM s;
DROP TABLE base;
CREATE VIEW base AS SELECT 4 AS id, 9 AS x, 2 AS Z UNION SELECT 6, 8, 3;
SELECT * FROM s;
DROP TABLE s;

.print -- only in the temp schema, and in no view of the schema either
CREATE VIRTUAL TABLE seg USING kmeans(2, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE main.seg USING kmeans(2, 'SELECT x FROM pts');
ATTACH ':memory:' AS other;
CREATE VIRTUAL TABLE other.seg USING kmeans(2, 'SELECT x FROM pts');
CREATE VIRTUAL TABLE temp.seg USING kmeans(2, 'SELECT x FROM pts');
CREATE VIEW unsafe AS SELECT * FROM seg;
SELECT * FROM unsafe;
CREATE VIEW unsafe_too AS SELECT * FROM temp.seg;
CREATE TRIGGER unsafe_three AFTER DELETE ON pts BEGIN UPDATE pts SET x = (SELECT max(cluster) FROM seg); END;
DELETE FROM pts WHERE id = 1;
DROP TRIGGER unsafe_three;

.print -- a file that somebody made has it in its schema
.open stranger.db
CREATE TABLE secrets AS SELECT 1 AS x;
CREATE VIEW v AS SELECT * FROM evil;
PRAGMA writable_schema = ON;
INSERT INTO sqlite_schema VALUES
  ('table', 'evil', 'evil', 0, 'CREATE VIRTUAL TABLE evil USING kmeans(1, ''SELECT x FROM secrets'')'),
  ('table', 'kmeans', 'kmeans', 0, 'CREATE VIRTUAL TABLE kmeans USING kmeans'),
  ('view', 'w', 'w', 0, 'CREATE VIEW w AS SELECT * FROM kmeans(1, ''SELECT x FROM secrets'')');
.open stranger.db
.load ./kmeans
SELECT * FROM evil;
SELECT * FROM v;
SELECT * FROM w;
DROP TABLE evil;
SELECT cluster FROM kmeans(1, 'SELECT x FROM secrets');
SELECT x FROM secrets;

.print -- zero vectors are no points, and values all the same
CREATE TABLE zeros(id INTEGER PRIMARY KEY, v BLOB);
INSERT INTO zeros VALUES (1, x'0000803f00000000'), (2, x'0000000000000000'), (3, NULL), (4, x'000000000000803f'), (5, x'0000008000000000');
CREATE VIRTUAL TABLE temp.turned USING kmeans('{"k": 1, "metric": "cosine", "nulls": "skip"}', 'SELECT id, v FROM zeros');
SELECT z.id, t.v IS z.v, t.cluster FROM turned t JOIN zeros z USING (id);
DROP TABLE turned;
