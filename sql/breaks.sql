-- Natural breaks: classes for the values of a map, such as population density by district.
--
-- Map makers want few classes whose values are close together, and class limits where there are gaps
-- (Jenks 1967). That is k-means in one dimension, which kmeans solves exactly: no seed, no luck.
.headers on
.mode column
CREATE TABLE district(name TEXT PRIMARY KEY, density REAL);
-- The districts of an invented country, inhabitants per square kilometre.
INSERT INTO district VALUES
  ('Alder', 12), ('Birch', 15), ('Cedar', 18), ('Dogwood', 21), ('Elm', 24), ('Fir', 95), ('Gorse', 101),
  ('Hazel', 110), ('Ivy', 118), ('Juniper', 131), ('Larch', 420), ('Maple', 455), ('Oak', 480),
  ('Pine', 1900), ('Rowan', 2300), ('Spruce', 9800);

.print The classes of the map, their limits and districts:
.print
SELECT cluster + 1 AS class, min(density) AS "from", max(density) AS "to", count(*) AS districts,
       group_concat(id, ' ') AS names
FROM kmeans(4, 'SELECT name AS id, density FROM district') JOIN district ON name = id
GROUP BY cluster;

.print
.print How well k classes fit (goodness of variance fit, 1 is perfect), to choose their number:
.print
WITH total AS (
  SELECT sum(inertia) AS inertia FROM kmeans_centroids(1, 'SELECT density FROM district')
)
SELECT value AS k, round(1 - sum(c.inertia) / total.inertia, 4) AS fit
FROM total, generate_series(1, 7), kmeans_centroids(value, 'SELECT density FROM district') c
GROUP BY value;
