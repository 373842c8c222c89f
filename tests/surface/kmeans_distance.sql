-- kmeans_distance(model, c1, c2, ...): the contract of the name, point by point.

.nullvalue NULL

.print -- the distance to the nearest centroid, REAL
SELECT kmeans_distance('{"centroids": [[0, 0], [6, 8]]}', 3, 4),
  kmeans_distance('{"centroids": [[0, 0], [60, 80]]}', 3, 4),
  kmeans_distance('{"centroids": [[60, 80], [3, 4]]}', 3, 4),
  typeof(kmeans_distance('{"centroids": [[3]]}', 3));

.print -- NULL for a NULL coordinate, and for a NULL model
SELECT kmeans_distance('{"centroids": [[0, 0]]}', 4, NULL), kmeans_distance(NULL, 4, 4);

.print -- TEXT that is a number
SELECT kmeans_distance('{"centroids": [[0, 0]]}', '3', ' 4e0 ');

.print -- no overflow and no underflow on the way: 3-4-5 at every size
SELECT kmeans_distance('{"centroids": [[0, 0]]}', 3e299, 4e299) / 5e299 BETWEEN 0.999999999999 AND 1.000000000001,
  kmeans_distance('{"centroids": [[0, 0]]}', 3e-300, 4e-300) / 5e-300 BETWEEN 0.999999999999 AND 1.000000000001,
  kmeans_distance('{"centroids": [[0, 0]]}', 3e160, 4e-160) / 3e160 BETWEEN 0.999999999999 AND 1.000000000001,
  kmeans_distance('{"centroids": [[-1e300]]}', 1e300) / 2e300 BETWEEN 0.999999999999 AND 1.000000000001;

.print -- far from the origin, to the last digit
SELECT kmeans_distance('{"centroids": [[1000000000.25, -1000000000]]}', 1000000003.25, -999999996);

.print -- the column distance of kmeans, on the same rows
CREATE TABLE pts AS
WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t LIMIT 300)
SELECT i AS id, iif(i % 50 = 9, NULL, i * i % 83 / 7.0) AS x, i * i * i % 97 / 3.0 AS y FROM t;
SELECT count(*), sum(k.distance IS kmeans_distance(model, x, y)), count(k.distance)
FROM (SELECT kmeans_fit(5, x, y) AS model FROM pts)
JOIN kmeans(5, 'SELECT id, x, y FROM pts') k
JOIN pts USING (id);

.print -- the least of the distances that kmeans_transform gives, and the one at kmeans_predict's place
SELECT count(*), sum(abs(d - (SELECT min(value) FROM json_each(t))) <= 1e-12 * d),
  sum(abs(d - (t ->> c)) <= 1e-12 * d)
FROM (SELECT kmeans_distance(model, x, y) AS d, kmeans_transform(model, x, y) AS t,
    kmeans_predict(model, x, y) AS c
  FROM pts, (SELECT kmeans_fit(5, x, y) AS model FROM pts) WHERE x IS NOT NULL);

.print -- its largest value is the radius of the cluster, the sum of its squares the inertia
SELECT c.cluster, abs(c.radius - max(d)) < 1e-12, abs(c.inertia - sum(d * d)) < 1e-9
FROM (SELECT kmeans_distance(model, x, y) AS d, kmeans_predict(model, x, y) AS cluster
  FROM pts, (SELECT kmeans_fit(5, x, y) AS model FROM pts))
JOIN kmeans_centroids(5, 'SELECT x, y FROM pts') c USING (cluster)
GROUP BY cluster;

.print -- what lies far from every cluster: the three farthest rows
SELECT id, printf('%.4f', kmeans_distance(model, x, y))
FROM pts, (SELECT kmeans_fit(5, x, y) AS model FROM pts)
ORDER BY kmeans_distance(model, x, y) DESC, id LIMIT 3;
