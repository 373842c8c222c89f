-- kmeans_transform(model, c1, c2, ...): the contract of the name, point by point.

.nullvalue NULL

.print -- the distances to all centroids, in their order, as a JSON array
SELECT kmeans_transform('{"centroids": [[0, 0], [3, 0], [3, 4]]}', 3, 4),
  typeof(kmeans_transform('{"centroids": [[3]]}', 3));

.print -- it carries the JSON subtype
SELECT json_array(1, kmeans_transform('{"centroids": [[0], [3]]}', 1));

.print -- NULL for a NULL coordinate, and for a NULL model
SELECT kmeans_transform('{"centroids": [[0, 0]]}', 4, NULL), kmeans_transform(NULL, 4, 4);

.print -- as many as there are clusters
SELECT json_array_length(kmeans_transform(kmeans_fit(3, value), 7))
FROM json_each('[1, 2, 8, 9, 20]');

.print -- TEXT that is a number
SELECT kmeans_transform('{"centroids": [[0, 0]]}', '3', ' 4e0 ');

.print -- numbers read back as they are
SELECT json_extract(kmeans_transform('{"centroids": [[0.1], [1e-300], [1e300]]}', 0), '$[0]') = 0.1,
  kmeans_transform('{"centroids": [[0.1], [1e-300], [1e300], [0.30000000000000004]]}', 0);

.print -- no overflow from one end of the coordinates to the other
SELECT printf('%.12e', value)
FROM json_each(kmeans_transform('{"centroids": [[1e300, 1e300], [0, 0]]}', -1e300, -1e300));

.print -- soft assignment: weights that fall with the distance
SELECT key, round(1 / value / sum(1 / value) OVER (), 4)
FROM json_each(kmeans_transform('{"centroids": [[0], [4], [9]]}', 3));

.print -- as columns of a table
SELECT column1 AS x, d ->> 0 AS d0, d ->> 1 AS d1
FROM (SELECT column1, kmeans_transform('{"centroids": [[0], [4]]}', column1) AS d
  FROM (VALUES (0), (1), (2), (4), (8)));

.print -- centroid to centroid: the distances between the clusters of a model
WITH m(model) AS (SELECT '{"centroids": [[0, 0], [3, 4], [6, 8]]}')
SELECT cluster, kmeans_transform(model, centroid ->> 0, centroid ->> 1)
FROM m, kmeans_centroids(model);
