-- kmeans_centroids(what [, query [, options]]): the contract of the name, point by point.

.headers on
.nullvalue NULL

-- Two groups, of 2 and 3 points: all figures come out even.
CREATE TABLE pts(id INTEGER PRIMARY KEY, x REAL, y REAL);
INSERT INTO pts VALUES (1, 20, 0), (2, 0, 0), (3, 23, 0), (4, 0, 4), (5, 17, 0);

.print -- one row per cluster: size, sum of squared distances, largest distance, centroid
SELECT * FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts');

.print -- the types of the columns
SELECT DISTINCT typeof(cluster), typeof(size), typeof(inertia), typeof(radius), typeof(centroid),
  json_type(centroid)
FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts');

.print -- the arguments can be read back
SELECT cluster, what, query, options
FROM kmeans_centroids(1, 'SELECT x FROM pts', '{"seed": 1}');
SELECT cluster, what, query, options FROM kmeans_centroids('{"centroids": [[5]]}');
SELECT cluster, excess FROM kmeans_centroids('{"centroids": [[5]]}', 'VALUES (5)');
SELECT cluster, excess FROM kmeans_centroids('{"centroids": [[5]]}');

.print -- a centroid that is too long for a value
.limit length 300
SELECT cluster, length(centroid) FROM kmeans_centroids(1, 'VALUES (''[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]'')');
SELECT cluster, length(centroid) FROM kmeans_centroids(1, 'VALUES (''[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]''), (''[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]''), (''[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]'')');
.limit length 1000000000

.print -- they agree with kmeans, row by row
SELECT c.cluster, c.size = count(*) AS size, abs(c.inertia - sum(k.distance * k.distance)) < 1e-9 AS inertia,
  c.radius = max(k.distance) AS radius, c.centroid = max(k.centroid) AS centroid
FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts') c
JOIN kmeans(2, 'SELECT id, x, y FROM pts') k ON k.cluster = c.cluster
GROUP BY c.cluster;

.print -- what as options, and options as the third argument
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "init": [[20, 0], [0, 0]]}',
  'SELECT x, y FROM pts');
SELECT cluster, size, centroid FROM kmeans_centroids(2, 'SELECT x, y FROM pts',
  '{"init": [[20, 0], [0, 0]]}');
SELECT cluster, size, centroid FROM kmeans_centroids(2, 'SELECT x, y FROM pts WHERE x >= ?',
  '{"params": [17]}');

.print -- a model that a fit returned: its own sizes, inertias and radii
SELECT * FROM kmeans_centroids((SELECT kmeans_fit(2, x, y) FROM pts));

.print -- they are those of the query that fitted it, exactly
SELECT count(*) AS clusters, sum(q.size = m.size AND q.inertia = m.inertia AND q.radius = m.radius
  AND q.centroid = m.centroid) AS equal
FROM kmeans_centroids(3, 'SELECT x / 7 AS x, y / 3 AS y FROM pts') q
JOIN kmeans_centroids((SELECT kmeans_fit(3, x / 7, y / 3) FROM pts)) m USING (cluster);

.print -- a hand-written model has what it has: the rest is NULL
SELECT * FROM kmeans_centroids('{"centroids": [[0, 0], [5, 5]]}');
SELECT * FROM kmeans_centroids('{"centroids": [[1.5]], "sizes": [7]}');
SELECT * FROM kmeans_centroids('{"centroids": [[1.5]], "inertias": [0.25], "radii": [0.5], "name": "mine"}');

.print -- a model keeps its order: nothing is sorted
SELECT cluster, centroid FROM kmeans_centroids('{"centroids": [[9, 9], [-1, 0], [5, 5], [5, 5]]}');

.print -- a query that is NULL was meant to be one: an error, with a model too
SELECT cluster, centroid FROM kmeans_centroids('{"centroids": [[9, 9]]}', NULL);

.print -- a model and a query: the figures are those of the query's rows; a cluster may have none
SELECT * FROM kmeans_centroids('{"centroids": [[0, 1], [20, 0], [99, 99]], "sizes": [1, 1, 1]}',
  'SELECT x, y FROM pts');

.print -- and so they are in the model that kmeans_fit makes of them
SELECT * FROM kmeans_centroids((SELECT kmeans_fit('{"centroids": [[0, 1], [20, 0], [99, 99]]}', x, y) FROM pts));

.print -- a model and rows without a point, or no rows
SELECT * FROM kmeans_centroids('{"centroids": [[0, 1]], "sizes": [1]}', 'SELECT NULL, 1');
SELECT * FROM kmeans_centroids('{"centroids": [[0, 1]], "sizes": [1]}',
  'SELECT x, y FROM pts WHERE 0');

.print -- no rows, or none with a point: no clusters
SELECT count(*) AS clusters FROM kmeans_centroids(3, 'SELECT x, y FROM pts WHERE 0');
SELECT count(*) AS clusters FROM kmeans_centroids(3, 'SELECT NULL AS x, y FROM pts');

.print -- rows with a NULL are not counted
SELECT cluster, size, centroid
FROM kmeans_centroids(2, 'SELECT x, y FROM pts UNION ALL VALUES (NULL, 1), (20, NULL)');

.print -- clamp: fewer clusters than asked for, none of them twice
SELECT cluster, size, centroid
FROM kmeans_centroids(4, 'VALUES (1), (1), (3), (1)', '{"clamp": true}');

.print -- k = 1: the mean, the total sum of squares
SELECT cluster, size, inertia, radius, centroid FROM kmeans_centroids(1, 'VALUES (1), (3), (8)');

.print -- numbers survive: a centroid of a model is written as it was read
SELECT centroid FROM kmeans_centroids(
  '{"centroids": [[0.1, 0.30000000000000004, 1e-300, 123456789012345680, -0.0, 5]]}');

.print -- a model in a table, one row of clusters for each model
CREATE TABLE models(name TEXT, model TEXT);
INSERT INTO models SELECT 'far', kmeans_fit(2, x, y) FROM pts;
INSERT INTO models VALUES ('none', NULL), ('hand', '{"centroids": [[0, 0]]}');
SELECT name, cluster, centroid FROM models, kmeans_centroids(model)
WHERE model IS NOT NULL ORDER BY name, cluster;

.print -- as JSON: the subtype is kept
SELECT json_group_array(json_object('size', size, 'centroid', centroid)) AS json
FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts');

.print -- rowid is the number of the cluster
SELECT rowid, cluster FROM kmeans_centroids(2, 'SELECT id, x, y FROM pts') WHERE rowid = 1;

.print -- inertia falls as k rises
SELECT value AS k, (SELECT round(sum(inertia), 6)
  FROM kmeans_centroids(value, 'SELECT id, x, y FROM pts')) AS inertia
FROM json_each('[1, 2, 3, 4, 5]');
