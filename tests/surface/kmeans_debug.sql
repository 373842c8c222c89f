-- kmeans_debug(): what a report of a fault should have: version, compiler, kernels, threads, SQLite;
-- one line each. What varies is masked.

CREATE TABLE line AS
WITH RECURSIVE split(number, line, rest) AS (
  SELECT 0, NULL, kmeans_debug() || char(10)
  UNION ALL
  SELECT number + 1, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
  FROM split WHERE rest <> '')
SELECT number, line FROM split WHERE number > 0;

SELECT number, substr(line, 1, instr(line, ' ') - 1) AS name, substr(line, instr(line, ' ') + 1) <> ''
FROM line;

-- Each value is what it says.
SELECT line = 'kmeans ' || kmeans_version() FROM line WHERE number = 1;
SELECT line GLOB 'compiler gcc [0-9]*' OR line GLOB 'compiler *clang [0-9]*' FROM line WHERE number = 2;
SELECT line GLOB 'kernels [a-z]*' FROM line WHERE number = 3;
SELECT line GLOB 'threads [1-9]*' FROM line WHERE number = 4;
SELECT line = 'SQLite ' || sqlite_version() FROM line WHERE number = 5;

-- It may stand in a view of a schema that is not trusted, but in no index or generated column: what it
-- returns depends on the machine. (The message is SQLite's own.)
PRAGMA trusted_schema = OFF;
CREATE VIEW v AS SELECT length(kmeans_debug()) > 0 AS some;
SELECT some FROM v;
CREATE TABLE t(x, d AS (kmeans_debug()) STORED);
