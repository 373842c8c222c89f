-- Chapter 4 of the tutorial: two thermometers, how many groups there are, and what k-means is the wrong tool for.
.read sql/tutorial/prepare.sql
.headers on
.mode column

.print "ROOM AND FRIDGE: 1,000 readings of two thermometers, mixed up. Each has the temperature yesterday and today; the"
.print "room is at 20 degrees, the fridge at 4, with a standard deviation of 2:"
.print
CREATE TABLE reading(id INTEGER PRIMARY KEY, yesterday REAL, today REAL, place TEXT);
INSERT INTO reading
SELECT i.n, round(iif(i.n % 2, 20, 4) + 2 * a.z, 2), round(iif(i.n % 2, 20, 4) + 2 * b.z, 2),
       iif(i.n % 2, 'room', 'fridge')
FROM bell i JOIN bell a ON a.n = 2 * i.n JOIN bell b ON b.n = 2 * i.n + 1 WHERE i.n < 1000;
SELECT id, yesterday, today FROM reading WHERE id < 5;

.print
.print "The best of ten starts; inertia is the sum of squared distances, about 2 * 2 squared for each reading:"
.print
CREATE TABLE thermometers AS SELECT kmeans_fit('{"k": 2, "n_init": 10}', yesterday, today) AS model FROM reading;
SELECT round(model ->> 'inertia', 1) AS inertia, round((model ->> 'inertia') / (model ->> 'n'), 2) AS "a reading",
       model ->> 'iterations' AS iterations, model ->> 'converged' AS converged
FROM thermometers;
SELECT cluster, size, round(centroid ->> 0, 2) AS yesterday, round(centroid ->> 1, 2) AS today
FROM thermometers, kmeans_centroids(model);

.print
.print "Which thermometer is which? All are told apart:"
.print
SELECT place, kmeans_predict(model, yesterday, today) AS cluster, count(*) AS readings
FROM reading, thermometers GROUP BY 1, 2;

INSERT INTO picture(title, svg)
SELECT 'Room and fridge', kmeans_svg(json_set(model, '$.columns', json_array('yesterday', 'today')), yesterday, today)
FROM reading, thermometers;

.print
.print "And those that come in next:"
.print
WITH new(yesterday, today) AS (VALUES (19.0, 22.1), (5.5, 3.2), (11.0, 15.0))
SELECT yesterday, today, kmeans_predict(model, yesterday, today) AS cluster,
       round(kmeans_distance(model, yesterday, today), 1) AS distance
FROM new, thermometers;

.print
.print "How many thermometers? More clusters always have less inertia; the elbow is where more of them stop helping:"
.print
CREATE TABLE sweep AS SELECT k, inertia, best FROM kmeans_sweep(1, 8, 'SELECT yesterday, today FROM reading');
SELECT k, round(inertia) AS inertia, iif(best, 'best', '') AS "",
       substr('########################################', 1, CAST(40 * inertia / max(inertia) OVER () AS INTEGER)) AS " "
FROM sweep;
INSERT INTO picture(title, svg)
SELECT 'The elbow', kmeans_elbow_svg(k, inertia, best) FROM sweep;

.print
.print "THE WRONG TOOL: k-means looks for round groups of like size. Four data sets of two groups that are plain to see:"
.print "  rings      a disc, and a ring around it"
.print "  stretched  two long strips, side by side"
.print "  slanted    the same, but at an angle"
.print "  units      two round groups, but with the column that does not tell them apart in thousandths"
.print
CREATE TABLE shape(id INTEGER PRIMARY KEY, shape TEXT, x REAL, y REAL, side INTEGER);
-- Points of a square that lie in the disc or in the ring.
INSERT INTO shape(shape, x, y, side)
SELECT 'rings', x, y, x * x + y * y > 0.3
FROM (
  SELECT 2 * a.u - 1 AS x, 2 * b.u - 1 AS y FROM dice a JOIN dice b ON b.n = a.n + 1 WHERE a.n % 2 = 0 AND a.n < 3000
)
WHERE x * x + y * y < 0.1 OR x * x + y * y BETWEEN 0.7 AND 1;
INSERT INTO shape(shape, x, y, side)
SELECT 'stretched', 20 * a.u, b.z * 0.4 + 4 * (b.n % 2), b.n % 2
FROM bell b JOIN dice a ON a.n = b.n WHERE b.n < 600;
INSERT INTO shape(shape, x, y, side)
SELECT 'slanted', 0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y, side FROM shape WHERE shape = 'stretched';
INSERT INTO shape(shape, x, y, side)
SELECT 'units', 1000 * a.z, b.z + 8 * (b.n % 2), b.n % 2
FROM bell b JOIN bell a ON a.n = b.n + 700 WHERE b.n < 600;

CREATE TABLE way(way TEXT PRIMARY KEY, query TEXT, scale TEXT);
INSERT INTO way VALUES
  ('as it is', 'SELECT id, x, y FROM shape WHERE shape = ?', 'none'),
  ('scaled', 'SELECT id, x, y FROM shape WHERE shape = ?', 'standard'),
  ('by radius', 'SELECT id, x * x + y * y AS r FROM shape WHERE shape = ?', 'none'),
  ('turned and scaled', 'SELECT id, 0.8 * x + 0.6 * y AS along, 0.8 * y - 0.6 * x AS across FROM shape WHERE shape = ?',
   'standard');

CREATE TABLE agreement AS
SELECT s.shape, w.way, kmeans_rand_index(side, cluster) AS agreement
FROM (SELECT DISTINCT shape FROM shape) s, way w
JOIN kmeans(2, w.query, json_object('params', json_array(s.shape), 'scale', w.scale)) k JOIN shape USING (id)
GROUP BY 1, 2;

.print "How well do two clusters agree with the two groups? 1 is perfect, 0 is chance (the adjusted Rand index):"
.print
SELECT shape, round(max(agreement) FILTER (WHERE way = 'as it is'), 2) AS "as it is",
       round(max(agreement) FILTER (WHERE way = 'scaled'), 2) AS scaled,
       round(max(agreement) FILTER (WHERE way = 'by radius'), 2) AS "by radius",
       round(max(agreement) FILTER (WHERE way = 'turned and scaled'), 2) AS "turned and scaled"
FROM agreement GROUP BY shape ORDER BY (SELECT min(id) FROM shape s WHERE s.shape = agreement.shape);

.print
.print "The option scale mends what comes of units, and of strips that follow an axis. It does not make a ring round, nor"
.print "turn a strip. Where you know what the groups differ by, say it in the query: SELECT x * x + y * y FROM ..."

INSERT INTO picture(title, svg)
SELECT 'Rings are cut in two', kmeans_svg(2, x, y) FROM shape WHERE shape = 'rings';
INSERT INTO picture(title, svg)
SELECT 'Strips are cut across', kmeans_svg(2, x, y) FROM shape WHERE shape = 'stretched';
INSERT INTO picture(title, svg)
SELECT 'Strips with scale', kmeans_svg('{"k": 2, "scale": "standard"}', x, y) FROM shape WHERE shape = 'stretched';
INSERT INTO picture(title, svg)
SELECT 'Slanted strips, with scale all the same', kmeans_svg('{"k": 2, "scale": "standard"}', x, y)
FROM shape WHERE shape = 'slanted';
