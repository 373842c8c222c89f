-- Chapter 1 of the tutorial: two groups of points, one step of the algorithm at a time; then all of it in one call.
.read sql/tutorial/prepare.sql
.headers on
.mode column

.print "FIRST STEPS: 100 points, half of them in the square from -0.5 to 0.5, half in the one from 0.5 to 1.5."
.print
CREATE TABLE squares(id INTEGER PRIMARY KEY, x REAL, y REAL, square INTEGER);
INSERT INTO squares
SELECT a.n / 2 + 1, round(a.u - 0.5 + (a.n >= 100), 3), round(b.u - 0.5 + (a.n >= 100), 3), a.n >= 100
FROM dice a JOIN dice b ON b.n = a.n + 1 WHERE a.n < 200 AND a.n % 2 = 0;

SELECT square, count(*) AS points, min(x), max(x), min(y), max(y) FROM squares GROUP BY square;

.print
.print "k-means wants to start somewhere: at two of the points, drawn at random. Both happen to lie in one square."
.print
CREATE TABLE start AS
SELECT row_number() OVER (ORDER BY s.x, s.y) - 1 AS cluster, s.x, s.y, square
FROM dice d JOIN squares s ON s.id = 1 + CAST(100 * u AS INTEGER) WHERE d.n IN (307, 308);
CREATE VIEW start_model AS
SELECT json_object('centroids', json_group_array(json_array(x, y))) AS model
FROM (SELECT * FROM start ORDER BY cluster);
SELECT * FROM start;

.print
.print "Distances from each point to the two (here those of five points), and which is nearer:"
.print
SELECT id, x, y, round(distances ->> 0, 3) AS "to 0", round(distances ->> 1, 3) AS "to 1", nearest
FROM (
  SELECT *, kmeans_transform(model, x, y) AS distances, kmeans_predict(model, x, y) AS nearest FROM squares, start_model
)
WHERE id % 20 = 7;

INSERT INTO picture(title, svg)
SELECT 'The first assignment: every point to the nearer of two', kmeans_svg(model, x, y) FROM squares, start_model;

.print
.print "That is the first assignment. The first update moves each centroid to the mean of its points:"
.print
CREATE TABLE updated AS
SELECT kmeans_predict(model, x, y) AS cluster, count(*) AS points, avg(x) AS x, avg(y) AS y
FROM squares, start_model GROUP BY 1;
SELECT cluster, points, round(x, 4) AS x, round(y, 4) AS y FROM updated;

INSERT INTO picture(title, svg)
SELECT 'The first update: the two are where the means are, and some points have changed sides',
       kmeans_svg((SELECT json_object('centroids', json_group_array(json_array(x, y))) FROM updated), x, y)
FROM squares;

.print
.print "And so on, until no point changes sides. kmeans_trace shows every step; its step 0 is the start, step 1 is the"
.print "update above. Inertia is the sum of the squared distances:"
.print
CREATE TABLE steps AS
SELECT * FROM kmeans_trace('{"init": ' || (SELECT model -> 'centroids' FROM start_model) || '}',
                           'SELECT x, y FROM squares');
SELECT iteration, cluster, size, round(inertia, 3) AS inertia, round(shift, 4) AS shift, moved,
       round(centroid ->> 0, 4) AS x, round(centroid ->> 1, 4) AS y
FROM steps;

SELECT iif(max(abs((s.centroid ->> 0) - u.x) + abs((s.centroid ->> 1) - u.y)) < 1e-12,
           'step 1 is the update above', 'step 1 is NOT the update above') AS checked
FROM updated u JOIN steps s USING (cluster) WHERE iteration = 1;

INSERT INTO picture(title, svg)
SELECT 'And so on: all steps',
       kmeans_svg((SELECT json_object('init', model -> 'centroids', 'animate', json('true')) FROM start_model), x, y)
FROM squares;

.print
.print "All of it in one call, from a start of its own choice:"
.print
.print "   SELECT * FROM kmeans_centroids(2, 'SELECT x, y FROM squares');"
.print
SELECT cluster, size, round(inertia, 3) AS inertia, round(centroid ->> 0, 4) AS x, round(centroid ->> 1, 4) AS y
FROM kmeans_centroids(2, 'SELECT x, y FROM squares');

.print
.print "Does it find the squares, which it was not told of?"
.print
SELECT square, cluster, count(*) AS points FROM squares JOIN kmeans(2, 'SELECT id, x, y FROM squares') USING (id)
GROUP BY square, cluster;

.print
.print "A fit can be kept, and asked about points that it has not seen:"
.print
CREATE TABLE fitted AS SELECT kmeans_fit(2, x, y) AS model FROM squares;
WITH new(x, y) AS (VALUES (0, 0), (1, 1), (0.4, 0.5), (0.6, 0.5), (7, -2))
SELECT x, y, kmeans_predict(model, x, y) AS cluster, round(kmeans_distance(model, x, y), 3) AS distance
FROM new, fitted;

.print
.print "Three dimensions and three groups, cubes at 0, 1 and 2: nothing changes but the query and the number."
.print
CREATE TABLE cubes(id INTEGER PRIMARY KEY, x REAL, y REAL, z REAL, cube INTEGER);
INSERT INTO cubes
SELECT a.n / 3 + 1, a.u - 0.5 + a.n / 150, b.u - 0.5 + a.n / 150, c.u - 0.5 + a.n / 150, a.n / 150
FROM dice a JOIN dice b ON b.n = a.n + 1 JOIN dice c ON c.n = a.n + 2 WHERE a.n < 450 AND a.n % 3 = 0;
SELECT cluster, size, round(centroid ->> 0, 3) AS x, round(centroid ->> 1, 3) AS y, round(centroid ->> 2, 3) AS z
FROM kmeans_centroids(3, 'SELECT x, y, z FROM cubes');
SELECT cube, cluster, count(*) AS points FROM cubes JOIN kmeans(3, 'SELECT id, x, y, z FROM cubes') USING (id)
GROUP BY cube, cluster;

INSERT INTO picture(title, svg)
SELECT 'Three dimensions, seen from where they differ most', kmeans_svg(3, x, y, z) FROM cubes;
