-- Every algorithm, kernel and number of threads gives the same model, to the last bit.
.mode list
.import --csv tests/data/s3.csv text_points
CREATE TABLE pts AS SELECT rowid AS id, CAST(x AS REAL) AS x, CAST(y AS REAL) AS y FROM text_points;

.print -- two columns
SELECT count(*) AS fits, count(DISTINCT m) AS models
FROM (SELECT kmeans_fit(json_object('k', 15, 'algorithm', a.value, 'threads', t.value, 'kernels', c.value), x, y) AS m
  FROM json_each('["auto", "lloyd", "tree", "dense", "bounds"]') a, json_each('[1, 2, 7]') t,
       json_each('["auto", "scalar"]') c, pts
  GROUP BY a.value, t.value, c.value);

.print -- seven columns
SELECT count(*) AS fits, count(DISTINCT m) AS models
FROM (SELECT kmeans_fit(json_object('k', 30, 'algorithm', a.value, 'threads', t.value, 'kernels', c.value),
         x, y, x + y, x - y, x * 0.5, y % 1000, x % 1000) AS m
  FROM json_each('["auto", "lloyd", "tree", "dense", "bounds"]') a, json_each('[1, 2, 7]') t,
       json_each('["auto", "scalar"]') c, pts
  GROUP BY a.value, t.value, c.value);

.print -- a grid with many ties, and plain Lloyd
SELECT count(*) AS fits, count(DISTINCT m) AS models
FROM (SELECT kmeans_fit(json_object('k', 12, 'refine', 'none', 'init', 'random', 'algorithm', a.value, 'threads', t.value),
         pts.id % 13, pts.id % 17, pts.id % 5) AS m
  FROM json_each('["auto", "lloyd", "tree", "dense", "bounds"]') a, json_each('[1, 3]') t, pts
  GROUP BY a.value, t.value);

.print -- one column is solved exactly, whatever the seed and the way to begin
SELECT count(*) AS fits, count(DISTINCT m -> 'centroids') AS models
FROM (SELECT kmeans_fit(json_object('k', 9, 'seed', s.value, 'init', i.value), x) AS m
  FROM json_each('[0, 1, 2, 3]') s, json_each('["k-means++", "random"]') i, pts GROUP BY s.value, i.value);
