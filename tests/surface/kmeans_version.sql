-- kmeans_version(): the version, three numbers, and nothing that changes from call to call.

SELECT typeof(kmeans_version()), kmeans_version() GLOB '[0-9]*.[0-9]*.[0-9]*',
  kmeans_version() NOT GLOB '*[^0-9.]*';

-- kmeans_debug() begins with it.
SELECT kmeans_debug() LIKE 'kmeans ' || kmeans_version() || char(10) || '%';

-- Deterministic and innocuous: it may stand in a generated column, and in a view of a schema that is
-- not trusted.
PRAGMA trusted_schema = OFF;
CREATE TABLE t(x, v AS (kmeans_version()) STORED);
CREATE INDEX i ON t(kmeans_version() || x);
INSERT INTO t(x) VALUES (1);
CREATE VIEW w AS SELECT kmeans_version() = v AS same FROM t;
SELECT same FROM w;
