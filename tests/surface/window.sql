-- kmeans_fit as a window function: what it returns for a frame is what it returns for the frame's
-- rows in a query of their own.

.nullvalue NULL

-- Rows with NULL are among them: they enter frames and leave them.
CREATE TABLE series(t INTEGER PRIMARY KEY, part TEXT, x, y);
INSERT INTO series VALUES (1, 'a', 1, 1), (2, 'a', 2, 9), (3, 'b', NULL, 2), (4, 'a', 7, 1),
  (5, 'b', 3, 8), (6, 'b', 5, NULL), (7, 'b', 2, 2), (8, 'a', NULL, NULL), (9, 'a', 7, 8),
  (10, 'b', 4, 4), (11, 'a', 9, 9), (12, 'b', 0, 5);

.print -- one pass, no join: a label for every row
SELECT t, kmeans_predict(kmeans_fit(2, x, y) OVER (), x, y) AS cluster FROM series;

.print -- the same labels as kmeans gives
SELECT count(*), sum(w.cluster IS k.cluster)
FROM (SELECT t, kmeans_predict(kmeans_fit(2, x, y) OVER (), x, y) AS cluster FROM series) w
JOIN kmeans(2, 'SELECT t AS id, x, y FROM series') k ON k.id = w.t;

.print -- PARTITION BY: one model per part
SELECT part, t, m -> 'n', m -> 'skipped', kmeans_predict(m, x, y)
FROM (SELECT *, kmeans_fit(2, x, y) OVER (PARTITION BY part) AS m FROM series) ORDER BY part, t;

SELECT count(*), sum(m = (SELECT kmeans_fit(2, x, y) FROM series s WHERE s.part = w.part))
FROM (SELECT *, kmeans_fit(2, x, y) OVER (PARTITION BY part) AS m FROM series) w;

-- From here on the aggregate over the rows of the frame, by a correlated subquery, is compared with
-- the window function: n rows, of which so many are the same. clamp, since a frame may have a
-- single point. The rows of a frame enter the aggregate in the order of the frame.

.print -- ROWS BETWEEN 2 PRECEDING AND CURRENT ROW: rows enter and leave
SELECT t, m -> 'n', m -> 'skipped', m -> 'centroids'
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW));

SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t - 2 AND o.t ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)) o;

.print -- within partitions
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT * FROM (SELECT * FROM series s WHERE s.part = o.part AND s.t <= o.t ORDER BY s.t DESC LIMIT 3)
    ORDER BY t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (PARTITION BY part ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)) o;

.print -- a frame around the row; one before it, empty at first; one behind it, empty at last
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t - 2 AND o.t + 3 ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 2 PRECEDING AND 3 FOLLOWING)) o;

SELECT count(*), sum(m IS NULL), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t - 3 AND o.t - 1 ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)) o;

SELECT count(*), sum(m IS NULL), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t + 1 AND o.t + 2 ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING)) o;

.print -- a frame of one row: NULL for a row that takes no part
SELECT t, m -> 'centroids'
FROM (SELECT *, kmeans_fit(1, x, y) OVER (ORDER BY t ROWS CURRENT ROW) AS m FROM series)
WHERE t IN (1, 3, 8, 9);

.print -- frames that only grow, by ORDER BY alone, and that only shrink
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t <= o.t ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER (ORDER BY t) AS m FROM series) o;

SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t >= o.t ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) o;

.print -- RANGE and GROUPS, where several rows come and go at once
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t / 3 BETWEEN o.t / 3 - 1 AND o.t / 3 ORDER BY s.t / 3)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t / 3 RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)) o;

SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t / 3 BETWEEN o.t / 3 - 1 AND o.t / 3 + 1 ORDER BY s.t / 3)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t / 3 GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING)) o;

.print -- EXCLUDE CURRENT ROW: a point and the model of its neighbours only
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t - 2 AND o.t + 2 AND s.t <> o.t ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW)) o;

.print -- EXCLUDE GROUP and EXCLUDE TIES
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t / 3 <> o.t / 3 ORDER BY s.t / 3)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t / 3 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP)) o;

SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t / 3 <> o.t / 3 OR s.t = o.t ORDER BY s.t / 3)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) OVER w AS m FROM series
  WINDOW w AS (ORDER BY t / 3 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES)) o;

.print -- FILTER in a window
SELECT count(*), sum(m IS (SELECT kmeans_fit('{"k": 2, "clamp": true}', x, y)
  FROM (SELECT x, y FROM series s WHERE s.t BETWEEN o.t - 4 AND o.t AND s.part = 'b' ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 2, "clamp": true}', x, y) FILTER (WHERE part = 'b') OVER w AS m
  FROM series WINDOW w AS (ORDER BY t ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)) o;

.print -- a longer series, 400 rows of which some are NULL, frames of 25
CREATE TABLE long AS
WITH RECURSIVE r(t) AS (SELECT 1 UNION ALL SELECT t + 1 FROM r LIMIT 400)
SELECT t, iif(t % 11 IN (3, 4, 5), NULL, t * t % 89) AS x, iif(t % 7 = 2, NULL, t * t * t % 97 / 7.0) AS y
FROM r;
SELECT count(*), sum(m = (SELECT kmeans_fit('{"k": 4, "clamp": true}', x, y)
  FROM (SELECT x, y FROM long s WHERE s.t BETWEEN o.t - 24 AND o.t ORDER BY s.t)))
FROM (SELECT *, kmeans_fit('{"k": 4, "clamp": true}', x, y) OVER w AS m FROM long
  WINDOW w AS (ORDER BY t ROWS BETWEEN 24 PRECEDING AND CURRENT ROW)) o
WHERE m IS NOT NULL;

.print -- k must suit every frame: the first has one point
SELECT t, kmeans_fit(2, x, y) OVER (ORDER BY t) FROM series;

.print -- nulls: error holds for a window, too
SELECT count(m) FROM (SELECT kmeans_fit('{"k": 1, "nulls": "error"}', x, y) OVER (ORDER BY t) AS m FROM series);

.print -- a bad coordinate is named by the number of its row among those that came, left or not
SELECT count(m) FROM (SELECT kmeans_fit(1, iif(t = 9, 'nine', t)) OVER (ORDER BY t ROWS 2 PRECEDING) AS m
  FROM series);
SELECT count(m) FROM (SELECT kmeans_fit(1, x, y) OVER (ORDER BY t ROWS BETWEEN 5 FOLLOWING AND 6 FOLLOWING) AS m
  FROM (SELECT t, x, iif(t = 9, x'00', y) AS y FROM series));

.print -- the first argument must be the same in the whole partition
SELECT t, kmeans_fit(t, x, y) OVER () FROM series;

.print -- two windows at once
SELECT t, kmeans_fit(1, x) OVER (PARTITION BY part) -> 'centroids',
  kmeans_fit(1, y) OVER () -> 'centroids'
FROM series WHERE t < 6 ORDER BY t;
