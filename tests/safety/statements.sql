-- The query of kmeans and kmeans_centroids: which statements are accepted, and which are not; that it
-- can't come from a schema; how deep queries nest.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO pts VALUES (1, 1, 1), (2, 2, 1), (3, 9, 9);
CREATE TABLE log(what TEXT);

.print -- refused 1: nothing
SELECT * FROM kmeans(1, '');
.print -- refused 2: white space only
SELECT * FROM kmeans(1, '  
	 ');
.print -- refused 3: a comment only
SELECT * FROM kmeans(1, '-- SELECT x FROM pts');
.print -- refused 4: a comment in stars only, not closed
SELECT * FROM kmeans(1, '/* SELECT x FROM pts');
.print -- refused 5: a semicolon only
SELECT * FROM kmeans(1, ';');
.print -- refused 6: NULL
SELECT * FROM kmeans(1, NULL);
.print -- refused 7: a number
SELECT * FROM kmeans(1, 1);
.print -- refused 8: a BLOB
SELECT * FROM kmeans(1, x'53454c4543542031');
.print -- refused 9: a NUL character, behind which something could hide
SELECT * FROM kmeans(1, 'SELECT x FROM pts' || char(0) || '; DROP TABLE pts');
.print -- refused 10: the name of a table
SELECT * FROM kmeans(1, 'pts');
.print -- refused 11: BEGIN
SELECT * FROM kmeans(1, 'BEGIN');
.print -- refused 12: COMMIT
SELECT * FROM kmeans(1, 'COMMIT');
.print -- refused 13: ROLLBACK
SELECT * FROM kmeans(1, 'ROLLBACK');
.print -- refused 14: SAVEPOINT
SELECT * FROM kmeans(1, 'SAVEPOINT s');
.print -- refused 15: RELEASE
SELECT * FROM kmeans(1, 'RELEASE s');
.print -- refused 16: ATTACH
SELECT * FROM kmeans(1, 'ATTACH '':memory:'' AS other');
.print -- refused 17: DETACH
SELECT * FROM kmeans(1, 'DETACH main');
.print -- refused 18: PRAGMA that reads
SELECT * FROM kmeans(1, 'PRAGMA page_count');
.print -- refused 19: PRAGMA that writes
SELECT * FROM kmeans(1, 'PRAGMA user_version = 7');
.print -- refused 20: EXPLAIN
SELECT * FROM kmeans(1, 'EXPLAIN SELECT x FROM pts');
.print -- refused 21: EXPLAIN QUERY PLAN
SELECT * FROM kmeans(1, 'EXPLAIN QUERY PLAN SELECT x FROM pts');
.print -- refused 22: INSERT
SELECT * FROM kmeans(1, 'INSERT INTO log VALUES (1)');
.print -- refused 23: INSERT … RETURNING, which returns columns
SELECT * FROM kmeans(1, 'INSERT INTO log VALUES (1) RETURNING what');
.print -- refused 24: UPDATE … RETURNING
SELECT * FROM kmeans(1, 'UPDATE pts SET x = 0 RETURNING x');
.print -- refused 25: DELETE … RETURNING
SELECT * FROM kmeans(1, 'DELETE FROM pts RETURNING x');
.print -- refused 26: WITH … INSERT
SELECT * FROM kmeans(1, 'WITH t AS (SELECT 1) INSERT INTO log SELECT * FROM t');
.print -- refused 27: WITH … INSERT … RETURNING
SELECT * FROM kmeans(1, 'WITH t AS (SELECT 1) INSERT INTO log SELECT * FROM t RETURNING 1');
.print -- refused 28: WITH … UPDATE … RETURNING
SELECT * FROM kmeans(1, 'WITH t AS (SELECT 1) UPDATE pts SET x = 0 RETURNING x');
.print -- refused 29: WITH … DELETE … RETURNING
SELECT * FROM kmeans(1, 'WITH t AS (SELECT 1) DELETE FROM pts RETURNING x');
.print -- refused 30: REPLACE
SELECT * FROM kmeans(1, 'REPLACE INTO log VALUES (1)');
.print -- refused 31: CREATE TABLE
SELECT * FROM kmeans(1, 'CREATE TABLE t(x)');
.print -- refused 32: CREATE TEMP TABLE … AS SELECT
SELECT * FROM kmeans(1, 'CREATE TEMP TABLE t AS SELECT 1');
.print -- refused 33: DROP TABLE
SELECT * FROM kmeans(1, 'DROP TABLE pts');
.print -- refused 34: ALTER TABLE
SELECT * FROM kmeans(1, 'ALTER TABLE pts ADD COLUMN z');
.print -- refused 35: VACUUM
SELECT * FROM kmeans(1, 'VACUUM');
.print -- refused 36: VACUUM INTO, which writes a file
SELECT * FROM kmeans(1, 'VACUUM INTO ''stolen.db''');
.print -- refused 37: REINDEX
SELECT * FROM kmeans(1, 'REINDEX');
.print -- refused 38: ANALYZE
SELECT * FROM kmeans(1, 'ANALYZE');
.print -- refused 39: two statements
SELECT * FROM kmeans(1, 'SELECT x FROM pts; SELECT y FROM pts');
.print -- refused 40: a SELECT, and then something that writes
SELECT * FROM kmeans(1, 'SELECT x FROM pts; DROP TABLE pts');
.print -- refused 41: the same without white space, and with a comment between
SELECT * FROM kmeans(1, 'SELECT x FROM pts;/* */DELETE FROM pts');
.print -- refused 42: what follows is no SQL
SELECT * FROM kmeans(1, 'SELECT x FROM pts; )');
.print -- refused 43: a SELECT in brackets
SELECT * FROM kmeans(1, '(SELECT x FROM pts)');
.print -- refused 44: a semicolon first
SELECT * FROM kmeans(1, ';SELECT x FROM pts');
.print -- refused 45: a word that begins as SELECT does
SELECT * FROM kmeans(1, 'SELECTED x FROM pts');
.print -- refused 46: SELECT as a quoted name
SELECT * FROM kmeans(1, '"SELECT" x FROM pts');
.print -- refused 47: a dot-command of the shell
SELECT * FROM kmeans(1, '.tables');
.print -- refused 48: a SELECT that is not complete (the message behind "query:" is SQLite's)
SELECT * FROM kmeans(1, 'SELECT x FROM');
.print -- refused 49: a table that is not there
SELECT * FROM kmeans(1, 'SELECT x FROM nosuch');
.print -- refused 50: a column that is not there
SELECT * FROM kmeans(1, 'SELECT nosuch FROM pts');
.print -- refused 51: no column but the id
SELECT * FROM kmeans(1, 'SELECT id FROM pts');
.print -- refused 52: two columns that are called id
SELECT * FROM kmeans(1, 'SELECT a.id, b.ID, a.x FROM pts a, pts b');
.print -- refused 53: the column that the option id names is not there, or there twice
SELECT * FROM kmeans(1, 'SELECT x, y FROM pts', '{"id": "name"}');
SELECT * FROM kmeans(1, 'SELECT x AS name, y AS name, 1 AS z FROM pts', '{"id": "name"}');
.print -- refused 54: an error while the query runs (the message is SQLite's)
SELECT * FROM kmeans(1, 'SELECT abs(-9223372036854775808) AS x');
.print -- refused 55: a statement behind a byte order mark and comments
SELECT * FROM kmeans(1, char(65279) || '/* SELECT */ -- SELECT
  DROP TABLE pts');
.print -- refused 56: a long word is cut short
SELECT * FROM kmeans(1, 'x234567890x234567890x234567890x234567890x234567890');

.print -- kmeans_centroids refuses the same
SELECT * FROM kmeans_centroids(1, 'INSERT INTO log VALUES (1) RETURNING what');
SELECT * FROM kmeans_centroids(1, 'EXPLAIN SELECT x FROM pts');
SELECT * FROM kmeans_centroids(1, 'SELECT x FROM pts; DROP TABLE pts');
SELECT * FROM kmeans_centroids('{"centroids": [[1]]}', 'DELETE FROM pts RETURNING x');
SELECT * FROM kmeans_trace(1, 'SELECT x FROM pts; DROP TABLE pts');

.print -- nothing has been changed
SELECT count(*), sum(x), (SELECT count(*) FROM log), (SELECT group_concat(name) FROM sqlite_schema) FROM pts;

.print -- accepted 1: SELECT
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts');
.print -- accepted 2: in any case
SELECT count(*) FROM kmeans(1, 'sElEcT x from PTS');
.print -- accepted 3: with white space of every kind before it
SELECT count(*) FROM kmeans(1, char(32, 9, 10, 12, 13) || 'SELECT x FROM pts');
.print -- accepted 4: with comments before it
SELECT count(*) FROM kmeans(1, '/* points */ -- all of them
  SELECT x FROM pts');
.print -- accepted 5: with a semicolon, several, white space and comments after it
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts;');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts ;; ; ');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts; -- the end');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts -- the end');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts /* the end */ ; /* really');
.print -- accepted 6: with a byte order mark
SELECT count(*) FROM kmeans(1, char(65279) || 'SELECT x FROM pts');
.print -- accepted 7: without a space after the word
SELECT count(*) FROM kmeans(1, 'SELECT(x)FROM pts');
SELECT count(*) FROM kmeans(1, 'SELECT/**/x FROM pts');
SELECT count(*) FROM kmeans(1, 'SELECT"x"FROM pts');
.print -- accepted 8: VALUES
SELECT count(*) FROM kmeans(1, 'VALUES (1, 2), (3, 4)');
SELECT count(*) FROM kmeans(1, 'values(1),(2)');
.print -- accepted 9: WITH
SELECT count(*) FROM kmeans(1, 'WITH t(x) AS (SELECT x FROM pts) SELECT x FROM t');
.print -- accepted 10: WITH RECURSIVE
SELECT count(*) FROM kmeans(1, 'WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t LIMIT 5) SELECT x FROM t');
.print -- accepted 11: UNION, INTERSECT, EXCEPT
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts UNION SELECT y FROM pts');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts EXCEPT SELECT y FROM pts');
.print -- accepted 12: joins, GROUP BY, HAVING, ORDER BY, LIMIT
SELECT count(*) FROM kmeans(1, 'SELECT a.id, sum(b.x) AS s FROM pts a JOIN pts b ON b.id <= a.id GROUP BY a.id HAVING s > 1 ORDER BY s LIMIT 2');
.print -- accepted 13: window functions
SELECT count(*) FROM kmeans(1, 'SELECT x, avg(y) OVER (ORDER BY id) FROM pts');
.print -- accepted 14: subqueries
SELECT count(*) FROM kmeans(1, 'SELECT x, (SELECT max(y) FROM pts b WHERE b.id <= a.id) FROM pts a');
.print -- accepted 15: table-valued functions
SELECT count(*) FROM kmeans(1, 'SELECT value FROM json_each(''[1, 2, 3]'')');
.print -- accepted 16: PRAGMA as a table-valued function, which reads
SELECT count(*) > 0 FROM kmeans(1, 'SELECT cid FROM pragma_table_info(''pts'')');
.print -- accepted 17: a view
CREATE VIEW v AS SELECT id, x FROM pts;
SELECT count(*) FROM kmeans(1, 'SELECT * FROM v');
.print -- accepted 18: a temp table, a temp view, another database
CREATE TEMP TABLE tt AS SELECT x FROM pts;
CREATE TEMP VIEW tv AS SELECT x FROM tt;
ATTACH ':memory:' AS other;
CREATE TABLE other.pts AS SELECT x + 100 AS x FROM main.pts;
SELECT count(*) FROM kmeans(1, 'SELECT x FROM temp.tt UNION ALL SELECT x FROM tv UNION ALL SELECT x FROM other.pts');
.print -- accepted 19: semicolons, SELECT and DROP inside of strings and names
SELECT count(*) FROM kmeans(1, 'SELECT length(''; DROP TABLE pts'') AS "; DROP" FROM pts');
.print -- accepted 20: no rows
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts WHERE 0');
.print -- accepted 21: parameters
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts WHERE x > ?', '{"params": [1]}');
.print -- accepted 22: the schema tables, by number
SELECT count(*) > 0 FROM kmeans(1, 'SELECT rootpage FROM sqlite_schema');

.print -- DIRECTONLY: not in a view or a trigger of the schema (the message is SQLite's)
CREATE VIEW clusters AS SELECT * FROM kmeans(1, 'SELECT x FROM pts');
SELECT * FROM clusters;
CREATE VIEW centroids AS SELECT * FROM kmeans_centroids(1, 'SELECT x FROM pts');
SELECT * FROM centroids;
CREATE TRIGGER t AFTER INSERT ON pts BEGIN
  INSERT INTO log SELECT cluster FROM kmeans(1, 'SELECT x FROM pts');
END;
INSERT INTO pts VALUES (4, 4, 4);
DROP TRIGGER t;
SELECT count(*) FROM pts;

.print -- nor by the query of another kmeans, through such a view
SELECT * FROM kmeans(1, 'SELECT cluster FROM clusters');

.print -- a TEMP view is the caller's own: it may
CREATE TEMP VIEW mine AS SELECT * FROM kmeans(2, 'SELECT id, x FROM pts');
SELECT id, cluster FROM mine;

.print -- a table of the result is what a schema can have instead
CREATE TABLE kept AS SELECT id, cluster FROM kmeans(2, 'SELECT id, x FROM pts');
SELECT * FROM kept;

.print -- a TEMP view that reads itself through kmeans: an error, not a crash
CREATE TEMP VIEW self AS SELECT cluster FROM kmeans(1, 'SELECT cluster FROM self');
SELECT * FROM self;
CREATE TEMP VIEW ping AS SELECT cluster FROM kmeans_centroids(1, 'SELECT * FROM pong');
CREATE TEMP VIEW pong AS SELECT cluster FROM kmeans(1, 'SELECT * FROM ping');
SELECT * FROM ping;

-- Queries within queries: level n calls kmeans over level n - 1. The text of each is made from that
-- of the one before it.
CREATE TABLE nest(depth INTEGER PRIMARY KEY, sql TEXT);
INSERT INTO nest
WITH RECURSIVE n(depth, sql) AS (
  SELECT 0, 'SELECT x FROM pts'
  UNION ALL
  SELECT depth + 1, 'SELECT cluster AS x FROM kmeans(1, ' || quote(sql) || ')' FROM n WHERE depth < 5)
SELECT * FROM n;
.print -- four deep: accepted
SELECT id, cluster FROM kmeans(1, (SELECT sql FROM nest WHERE depth = 3));
.print -- five deep: refused, and after that four are accepted again
SELECT id, cluster FROM kmeans(1, (SELECT sql FROM nest WHERE depth = 4));
SELECT count(*) FROM kmeans(1, (SELECT sql FROM nest WHERE depth = 3));
.print -- side by side is not deep
SELECT count(*) FROM kmeans(1, 'SELECT a.cluster, b.cluster, c.cluster, d.cluster, e.cluster
  FROM kmeans(1, ''VALUES (1)'') a, kmeans(1, ''VALUES (1)'') b, kmeans(1, ''VALUES (1)'') c,
    kmeans(1, ''VALUES (1)'') d, kmeans(1, ''VALUES (1)'') e');

.print -- functions that read no SQL do not count
SELECT kmeans_fit(1, cluster) -> 'centroids' FROM kmeans(1, (SELECT sql FROM nest WHERE depth = 3));

.print -- in a transaction: it sees what is not committed, and ends nothing
BEGIN;
DELETE FROM pts WHERE id = 1;
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts');
ROLLBACK;
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts');
