-- Chapter 2 of the tutorial: points without groups, groups of points, a start that goes wrong, a plane in cells.
.read sql/tutorial/prepare.sql
.headers on
.mode column

.print "BLOBS: 100 points spread evenly over a square have no groups; k-means finds as many as it is asked for, here 7:"
.print
CREATE TABLE even(id INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO even SELECT a.n / 2, a.u, b.u FROM dice a JOIN dice b ON b.n = a.n + 1 WHERE a.n < 20000 AND a.n % 2 = 0;
SELECT cluster, size, round(inertia, 3) AS inertia, round(centroid ->> 0, 3) AS x, round(centroid ->> 1, 3) AS y
FROM kmeans_centroids(7, 'SELECT x, y FROM even WHERE id < 100');

INSERT INTO picture(title, svg)
SELECT 'Seven clusters where there are none', kmeans_svg(7, x, y) FROM even WHERE id < 100;

.print
.print "200 points in three groups of different spread. Where and how wide is left to the dice; Lloyd's algorithm, from"
.print "three points drawn at random, takes seven iterations, the last of which finds nothing left to do:"
.print
CREATE TABLE three(id INTEGER PRIMARY KEY, x REAL, y REAL, blob INTEGER);
INSERT INTO three
SELECT i.n, 20 * cx.u + 2 * (0.5 + s.u) * a.z, 20 * cy.u + 2 * (0.5 + s.u) * b.z, i.n % 3
FROM bell i JOIN bell a ON a.n = 2 * i.n JOIN bell b ON b.n = 2 * i.n + 1
JOIN dice cx ON cx.n = 660 + 2 * (i.n % 3) JOIN dice cy ON cy.n = cx.n + 1 JOIN dice s ON s.n = 666 + i.n % 3
WHERE i.n < 200;
SELECT iteration, round(sum(inertia), 2) AS inertia, sum(moved) AS moved, round(max(shift), 4) AS "largest shift",
       group_concat(size, ' ') AS sizes
FROM kmeans_trace('{"k": 3, "init": "random", "seed": 17}', 'SELECT x, y FROM three') GROUP BY iteration;
SELECT blob, cluster, count(*) AS points FROM three JOIN kmeans(3, 'SELECT id, x, y FROM three') USING (id)
GROUP BY blob, cluster;

INSERT INTO picture(title, svg)
SELECT 'Three groups, in seven iterations', kmeans_svg('{"k": 3, "init": "random", "seed": 17, "animate": true}', x, y)
FROM three;

.print
.print "25 peaked groups, in five rows of five. From points drawn at random, Lloyd's algorithm gets stuck: where two"
.print "centroids share a group they cannot leave it, and elsewhere one has to do for two. How many centroids are in each"
.print "group, for the first seeds (a 1 for each is what we want):"
.print
CREATE TABLE peaked(id INTEGER PRIMARY KEY, x REAL, y REAL, blob INTEGER);
INSERT INTO peaked
SELECT i.n, 5 * (i.n % 5) + 0.5 * a.z, 5 * (i.n / 5 % 5) + 0.5 * b.z, i.n % 25
FROM bell i JOIN bell a ON a.n = 2 * i.n + 500 JOIN bell b ON b.n = 2 * i.n + 501 WHERE i.n < 500;

-- For each seed, how the centroids of a fit are spread over the groups: a centroid is in the group whose middle is
-- nearest.
CREATE TABLE seeds AS SELECT n AS seed FROM bell WHERE n BETWEEN 1 AND 40;
CREATE TABLE middles AS
SELECT json_object('centroids', json_group_array(json_array(blob % 5 * 5, blob / 5 * 5))) AS model
FROM (SELECT DISTINCT blob FROM peaked ORDER BY blob);

CREATE TABLE found AS
SELECT way, seed, kmeans_predict(model, centroid) AS blob, inertia
FROM (
  SELECT 'random, plain Lloyd' AS way, '{"k": 25, "init": "random", "refine": "none"}' AS how
  UNION ALL SELECT 'k-means++, plain Lloyd', '{"k": 25, "refine": "none"}'
  UNION ALL SELECT 'as kmeans does', '{"k": 25}'
) AS ways, seeds, middles, kmeans_centroids(how, 'SELECT x, y FROM peaked', json_object('seed', seed));

SELECT seed, group_concat(centroids, '') AS "centroids in the groups", sum(centroids > 1) AS shared,
       sum(centroids = 0) AS without, round(sum(inertia), 1) AS inertia
FROM (
  SELECT s.seed, m.blob, count(f.blob) AS centroids, sum(f.inertia) AS inertia
  FROM seeds s JOIN (SELECT DISTINCT blob FROM peaked) m
  LEFT JOIN found f ON f.seed = s.seed AND f.blob = m.blob AND f.way = 'random, plain Lloyd'
  WHERE s.seed <= 5 GROUP BY s.seed, m.blob ORDER BY s.seed, m.blob
)
GROUP BY seed;

INSERT INTO picture(title, svg)
SELECT 'Stuck: some groups have two centroids, and others none of their own',
       kmeans_svg('{"k": 25, "init": "random", "refine": "none", "seed": 1}', x, y)
FROM peaked;

.print
.print "A good start makes that rarer. kmeans also moves centroids from where they are not needed to where they are:"
.print
SELECT way, count(*) AS seeds, sum(groups = 25) AS "all found", round(min(inertia), 1) AS "least inertia",
       round(max(inertia), 1) AS "most inertia"
FROM (SELECT way, seed, count(DISTINCT blob) AS groups, sum(inertia) AS inertia FROM found GROUP BY way, seed)
GROUP BY way ORDER BY "all found";

INSERT INTO picture(title, svg)
SELECT 'As kmeans does it', kmeans_svg(25, x, y) FROM peaked;

.print
.print "10,000 points all over the square, and 12 clusters. Each part of the plane belongs to the centroid that is nearest:"
.print "the cells of a Voronoi diagram. With points everywhere they come out similar in size. A map, drawn with"
.print "kmeans_predict; the centroids are marked *:"
.print
CREATE TABLE cells AS SELECT kmeans_fit(12, x, y) AS model FROM even;
.headers off
.mode list
WITH RECURSIVE
  line(row) AS (SELECT 0 UNION ALL SELECT row + 1 FROM line WHERE row < 27),
  place(col) AS (SELECT 0 UNION ALL SELECT col + 1 FROM place WHERE col < 71),
  mark AS (
    SELECT CAST((centroid ->> 0) * 72 AS INTEGER) AS col, CAST((1 - (centroid ->> 1)) * 28 AS INTEGER) AS row
    FROM cells, kmeans_centroids(model)
  ),
  map AS (
    SELECT row, col,
           iif((row, col) IN (SELECT row, col FROM mark), '*',
               char(unicode('a') + kmeans_predict(model, (col + 0.5) / 72, 1 - (row + 0.5) / 28))) AS sign
    FROM line, place, cells
  )
SELECT group_concat(sign, '') FROM (SELECT * FROM map ORDER BY row, col) GROUP BY row;
.headers on
.mode column

.print
SELECT count(*) AS cells, min(size) AS "fewest points", max(size) AS "most points",
       round(min(radius), 3) AS "least radius", round(max(radius), 3) AS "largest radius"
FROM cells, kmeans_centroids(model);

INSERT INTO picture(title, svg)
SELECT 'A plane, cut into twelve cells', kmeans_svg(model, x, y) FROM even, cells;
