-- The option "categorical": columns whose values are categories, one-hot encoded.
.headers on
CREATE TABLE shirts(id INTEGER PRIMARY KEY, price REAL, color TEXT, size, sold);
INSERT INTO shirts VALUES (1, 1, 'red', 'M', 5), (2, 1.25, 'red', 'M', 1), (3, 0.75, 'blue', 'L', 2), (4, 3, 'green', 'L', 1),
  (5, 3.25, 'green', 'L', 4), (6, 2.75, 'blue', 'S', 3), (7, NULL, 'red', 'S', 1), (8, 2, NULL, 'M', 2);

.print -- two different values are at distance 1, whatever there is beside them
SELECT kmeans_transform('{"centroids": [[1, 0], [0, 1]], "categories": [["a", "b"]]}', 'a') AS distances;
SELECT kmeans_transform('{"centroids": [[7, 0, 1, 1, 0], [7, 1, 0, 1, 0], [7, 1, 0, 0, 1]], "categories": [null, ["a", "b"], ["c", "d"]]}', 7, 'b', 'c') AS distances;
SELECT kmeans_transform('{"centroids": [[1, 0], [0, 1]], "categories": [["a", "b"]], "scale": {"shift": [0, 0], "factor": [1, 1]}}', 'a') AS by_hand;

.print -- rows: points as they came, centroids with the share of each value
SELECT *, neighbor, round(silhouette, 3) AS silhouette FROM kmeans('{"k": 2, "categorical": ["color", "size"]}', 'SELECT id, price, color, size FROM shirts');
SELECT id, centroid FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT id, color, price FROM shirts WHERE id < 7');
SELECT cluster, size, centroid FROM kmeans_centroids('{"k": 2, "categorical": ["color"]}', 'SELECT price, color FROM shirts WHERE id IN (1, 2, 4, 5, 6)');
SELECT cluster, centroid ->> 0 AS price, centroid -> 1 ->> 'red' AS red FROM kmeans_centroids(2, 'SELECT price, color FROM shirts', '{"categorical": ["COLOR"]}');
SELECT cluster, feature, value, round(overall, 6) AS overall, round(z, 6) AS z FROM kmeans_profile('{"k": 2, "categorical": ["color"]}', 'SELECT price, color FROM shirts WHERE id IN (1, 2, 4, 5)');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT color FROM shirts WHERE id < 4');
SELECT * FROM kmeans('{"k": 1, "categorical": ["color"]}', 'SELECT ''one'' AS color');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT color FROM shirts WHERE 0');
SELECT * FROM kmeans('{"k": 2, "categorical": []}', 'SELECT id, price FROM shirts WHERE id < 3');

.print -- a table
CREATE VIRTUAL TABLE temp.racks USING kmeans('{"k": 2, "categorical": ["color", "size"], "id": "id", "weight": "sold"}', 'SELECT * FROM shirts');
SELECT *, centroid FROM racks WHERE id > 4;
CREATE VIRTUAL TABLE temp.wrong USING kmeans('{"k": 2, "categorical": ["colour"]}', 'SELECT * FROM shirts');

.print -- the model: values in the order of their bytes, whatever the order of the rows
SELECT kmeans_fit('{"k": 2, "categorical": [2]}', price, color) AS model FROM shirts WHERE id IN (1, 2, 4, 5, 6);
CREATE TABLE models AS SELECT kmeans_fit('{"k": 2, "categorical": [2, 3]}', price, color, size) AS model FROM shirts;
SELECT count(DISTINCT model) AS models FROM (SELECT model FROM models
  UNION ALL SELECT kmeans_fit('{"k": 2, "categorical": [3, 2]}', price, color, size) FROM (SELECT * FROM shirts ORDER BY -id)
  UNION ALL SELECT kmeans_fit('{"k": 2, "categorical": [2, 3]}', price, color, size) FROM (SELECT * FROM shirts ORDER BY id % 3));
SELECT kmeans_fit('{"k": 1, "categorical": [1]}', v) -> 'categories' AS categories
FROM (SELECT 'b' AS v UNION ALL SELECT 'a' UNION ALL SELECT 'A' UNION ALL SELECT '' UNION ALL SELECT 'ab' UNION ALL SELECT 'é "x" \' UNION ALL SELECT 'z');

.print -- it says of the same rows what the fit says
SELECT sum(a.cluster IS b.cluster AND a.distance IS b.distance AND a.point IS b.point AND a.centroid IS b.centroid) AS same, count(*) AS of
FROM kmeans('{"k": 2, "categorical": ["color", "size"]}', 'SELECT id, price, color, size FROM shirts') a,
  models, kmeans(model, 'SELECT id, price, color, size FROM shirts') b USING (id);
SELECT sum(k.cluster IS kmeans_predict(model, price, color, size) AND k.distance IS kmeans_distance(model, price, color, size)) AS same, count(*) AS of
FROM models, shirts s, kmeans('{"k": 2, "categorical": ["color", "size"]}', 'SELECT id, price, color, size FROM shirts') k USING (id);
SELECT cluster, size, centroid FROM models, kmeans_centroids(model);
SELECT cluster, feature, round(value, 6) AS value FROM models, kmeans_profile(model) WHERE cluster = 0;
SELECT feature FROM models, kmeans_profile(json_set(model, '$.columns', json_array('price', 'color', 'size'))) WHERE cluster = 1;
SELECT kmeans_fit(model, price, color, size) -> '$.sizes' AS sizes, kmeans_fit(model, price, color, size) -> '$.categories' AS categories FROM models, shirts;

.print -- a value that the model does not know: no code is 1, and the point shows it
SELECT id, cluster, round(distance, 6) AS distance, point
FROM models, kmeans(model, 'VALUES (1, ''a'', ''pink'', ''M''), (1, ''b'', NULL, ''M''), (3, ''c'', ''pink'', ''XL'')', '{"id": "column2"}') k;
SELECT id, cluster, point FROM models, kmeans(model, 'SELECT 9 AS id, 1 AS price, ''pink'' AS color, ''M'' AS size UNION ALL SELECT 10, 1, NULL, ''L'' UNION ALL SELECT 11, 3, ''grey'', ''XL'' UNION ALL SELECT 12, 3, ''red'', ''XS''');
SELECT kmeans_predict(model, 3, 'pink', 'XL') AS cluster, round(kmeans_distance(model, 3, 'pink', 'XL'), 6) AS distance, kmeans_predict(model, 3, NULL, 'L') AS null_is_null FROM models;

.print -- by name
CREATE TABLE named AS SELECT json_set(model, '$.columns', json_array('price', 'color', 'size')) AS model FROM models;
SELECT kmeans_predict(model, json_object('size', 'M', 'price', 1.25, 'color', 'red')) AS cluster,
  kmeans_distance(model, json_object('size', 'M', 'price', 1.25, 'color', 'red')) = kmeans_distance(model, 1.25, 'red', 'M') AS same,
  kmeans_predict(model, '{"size": null, "price": 1.25, "color": "red"}') AS null_is_null,
  kmeans_predict(model, '{"size": "M", "price": 3, "color": "\u0070ink"}') AS unknown FROM named;
SELECT kmeans_predict(model, '{"size": "M", "price": "red", "color": "red"}') FROM named;
SELECT kmeans_predict(model, '{"size": [1], "price": 1, "color": "red"}') FROM named;
SELECT kmeans_predict(model, '{"size": true, "price": 1, "color": "red"}') FROM named;
SELECT kmeans_predict(model, '{"size": "M", "price": 1}') FROM named;
SELECT kmeans_predict('{"centroids": [[1, 0], [0, 1]], "categories": [["\"ab\"\\", "é"]], "columns": ["v"]}', '{"v": "\u00e9"}') AS second;

.print -- a single column that looks like JSON
SELECT kmeans_predict(model, '{"a": 1}') AS object, kmeans_predict(model, '[1]') AS array, kmeans_predict(model, 'x') AS word, kmeans_predict(model, '{"v": "x"}') AS by_name
FROM (SELECT '{"centroids": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "categories": [["x", "[1]", "{\"a\": 1}"]], "columns": ["v"]}' AS model);

.print -- numbers are values by their text, whole ones whatever their type
SELECT kmeans_fit('{"k": 1, "categorical": [1]}', v) -> 'categories' AS categories FROM (SELECT 1 AS v UNION ALL SELECT 1.0 UNION ALL SELECT '1' UNION ALL SELECT -0.0 UNION ALL SELECT 0.1 UNION ALL SELECT 9007199254740993 UNION ALL SELECT 1e300 UNION ALL SELECT 9e999 UNION ALL SELECT '1.0');
SELECT kmeans_predict(model, 1) AS i, kmeans_predict(model, 1.0) AS r, kmeans_predict(model, '1') AS t, kmeans_predict(model, '{"v": 1}') AS j, kmeans_predict(model, '{"v": 1.0}') AS k, kmeans_predict(model, '{"v": 10e-1}') AS l, kmeans_predict(model, '{"v": 2.50}') AS m, kmeans_predict(model, 2.5) AS n
FROM (SELECT '{"centroids": [[0, 0], [0, 1], [1, 0]], "categories": [["1", "2.5"]], "columns": ["v"]}' AS model);

.print -- a scale is for numbers: codes keep theirs
SELECT kmeans_fit('{"k": 2, "categorical": [2], "scale": "standard"}', price, color) -> 'scale' AS scale FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [1], "scale": "robust"}', color, price) -> 'scale' ->> 'factor' AS scale FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [2], "scale": "standard"}', price, color) -> 'centroids' AS centroids FROM shirts WHERE id IN (1, 2, 4, 5);

.print -- NULL
SELECT kmeans_fit('{"k": 2, "categorical": [2]}', price, color) ->> 'skipped' AS skipped FROM shirts;
SELECT id, cluster, point FROM kmeans('{"k": 2, "categorical": ["color"], "nulls": "mean"}', 'SELECT id, price, color FROM shirts') WHERE id > 5;
SELECT kmeans_fit('{"k": 2, "categorical": [2], "nulls": "mean"}', price, color) -> 'impute' AS impute FROM (SELECT price, color FROM shirts WHERE id IN (1, 2, 4, 6) UNION ALL SELECT 2, NULL);
SELECT kmeans_predict(model, 1, NULL) AS filled, kmeans_predict(json_set(model, '$.columns', json_array('p', 'c')), '{"p": null, "c": "green"}') AS by_name
FROM (SELECT kmeans_fit('{"k": 2, "categorical": [2], "nulls": "mean"}', price, color) AS model FROM shirts);
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"], "nulls": "error"}', 'SELECT id, price, color FROM shirts WHERE id > 7');
SELECT kmeans_fit('{"k": 2, "categorical": [2], "nulls": "error"}', price, color) FROM shirts WHERE id > 7;
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"], "nulls": "mean"}', 'SELECT price, NULL AS color FROM shirts');
SELECT kmeans_fit('{"k": 2, "categorical": [2], "nulls": "mean"}', price, NULL) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [1], "nulls": "mean"}', color, NULL) FROM shirts;

.print -- weights; a value that only rows of weight 0 have gets no code
SELECT cluster, size, weight, centroid FROM kmeans_centroids('{"k": 2, "categorical": ["color"], "weight": "sold"}', 'SELECT price, color, sold FROM shirts WHERE id IN (1, 2, 4, 5)');
SELECT a.m = b.m AS same FROM
  (SELECT kmeans_fit('{"k": 2, "categorical": [2], "weight": 3}', price, color, sold) -> '$.centroids' AS m FROM shirts WHERE id < 7) a,
  (SELECT kmeans_fit('{"k": 2, "categorical": [2]}', price, color) -> '$.centroids' AS m FROM (SELECT price, color FROM shirts JOIN generate_series(1, sold) WHERE id < 7)) b;
SELECT id, cluster, point FROM kmeans('{"k": 2, "categorical": ["color"], "weight": "w"}', 'SELECT id, price, color, color <> ''blue'' AS w FROM shirts WHERE id < 7');
SELECT kmeans_fit('{"k": 2, "categorical": [3], "weight": 1}', color <> 'blue', price, color) -> 'categories' AS categories FROM shirts WHERE id < 7;
SELECT id, cluster, point FROM kmeans('{"k": 2, "categorical": ["color"], "weight": "w"}', 'SELECT id, color, 0 AS w FROM shirts WHERE id < 3');

.print -- windows: the values of the frame
SELECT id, kmeans_fit('{"k": 1, "categorical": [2]}', price, color) OVER (ORDER BY id ROWS 1 PRECEDING) -> '$.categories' AS categories FROM shirts;

.print -- starts: shares, values, the centroids of another fit, a model
SELECT cluster, size, centroid FROM kmeans_centroids('{"categorical": ["color"], "init": [[3, "green"], [1, {"red": 0.5, "no such": 0.5}]]}', 'SELECT price, color FROM shirts WHERE id IN (1, 2, 4, 5)');
CREATE TABLE given AS SELECT json_object('categorical', json_array('color', 'size'), 'max_iter', 1, 'init',
  (SELECT json_group_array(json(centroid)) FROM (SELECT * FROM kmeans_centroids((SELECT model FROM models)) ORDER BY cluster DESC))) AS what;
SELECT c.cluster, c.size, c.centroid = m.centroid AS same
FROM given, kmeans_centroids(given.what, 'SELECT price, color, size FROM shirts') c, models, kmeans_centroids(model) m ON m.cluster = 1 - c.cluster;
SELECT cluster, size FROM models, kmeans_centroids(json_object('categorical', json_array('color', 'size'), 'init', json(model)), 'SELECT price, color, size FROM shirts WHERE color <> ''red'' UNION ALL SELECT 1, ''pink'', ''XXL''');
SELECT kmeans_fit(json_object('categorical', json_array(2), 'init', json_array(json_array(3, 'green'), json_array(1, json('{"red": 1}')))), price, color) -> '$.sizes' AS sizes FROM shirts;

.print -- shares of nothing, and values that no row has
SELECT cluster, size, centroid FROM kmeans_centroids('{"categorical": ["color"], "max_iter": 1, "init": [[3, {}], [1, "no such"]]}', 'SELECT price, color FROM shirts WHERE id IN (1, 2, 4, 5)');

.print -- what is wrong with a start
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[3, "green"], [1]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[3, "green", 1]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[3, 1]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [["red", "red"]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[1, {"red": 2}]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[1, {"red": "x"}]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[1, null]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [[1e301, "red"]]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": [7]}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": []}', 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "k": 3, "init": [[1, "red"]]}', 'SELECT price, color FROM shirts');
SELECT * FROM models, kmeans(json_object('init', json(model)), 'SELECT price, color, size FROM shirts');
SELECT * FROM models, kmeans(json_object('categorical', json_array('color'), 'init', json(model)), 'SELECT price, color, size FROM shirts');
SELECT * FROM models, kmeans(json_object('categorical', json_array('color'), 'init', json(model)), 'SELECT price, color FROM shirts');
SELECT * FROM kmeans('{"categorical": ["color"], "init": {"centroids": [[1, 2]]}}', 'SELECT price, color FROM shirts');
SELECT * FROM models, kmeans(json_object('categorical', json_array('price', 'color', 'size'), 'init', json(model)), 'SELECT price, color, size FROM shirts');
SELECT * FROM models, kmeans(json_object('categorical', json_array('color'), 'init', json(model)), 'SELECT price, color, id AS size FROM shirts');

.print -- what is wrong with the option
SELECT * FROM kmeans('{"k": 2, "categorical": "color"}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": [1]}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["shade"]}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["id"]}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["sold"], "weight": "sold"}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color", "COLOR"]}', 'SELECT * FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT color, size AS color FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"], "metric": "cosine"}', 'SELECT color FROM shirts');
SELECT * FROM models, kmeans(model, 'SELECT price, color, size FROM shirts', '{"categorical": ["color"]}');
SELECT kmeans_fit('{"k": 2, "categorical": ["color"]}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [0]}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [3]}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [2, 2]}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [1.5]}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": 2}', price, color) FROM shirts;
SELECT kmeans_fit('{"k": 2, "categorical": [3], "weight": 3}', price, color, sold) FROM shirts;

.print -- what is no category, and other text
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT price, x''00'' AS color FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT price, ''a'' || char(0) AS color FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["color"]}', 'SELECT color, size FROM shirts');
SELECT * FROM kmeans('{"k": 2, "categorical": ["n"]}', 'SELECT value AS n FROM generate_series(1, 1001)');
SELECT count(*) FROM kmeans('{"k": 2, "categorical": ["n"]}', 'SELECT value AS n FROM generate_series(1, 1000)');
SELECT kmeans_predict(model, 1, x'00', 'M') FROM models;
SELECT kmeans_predict(model, 'red', 'red', 'M') FROM models;
SELECT kmeans_predict(model, 1, 'red') FROM models;
SELECT kmeans_predict(model, '[1, 2, 3]') FROM models;
SELECT kmeans_predict(model, x'0000803F') FROM models;
SELECT kmeans_fit(model, price, color) FROM models, shirts;
SELECT * FROM models, kmeans(model, 'SELECT price, color FROM shirts');
SELECT * FROM models, kmeans(model, 'SELECT id AS row, price AS color, color AS price, size FROM shirts');
SELECT count(*) FROM models, kmeans(json_set(model, '$.columns', json_array('price', 'color', 'size')), 'SELECT color, price, size FROM shirts');

.print -- more than the 65,536 coordinates that there can be
CREATE TABLE values_of AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 65537) SELECT i, 'value ' || i AS v FROM n;
SELECT * FROM kmeans('{"k": 2, "categorical": ["v"]}', 'SELECT v FROM values_of');
SELECT * FROM kmeans((SELECT json_object('k', 2, 'categorical', json_group_array('c' || i)) FROM values_of WHERE i <= 66),
  (SELECT 'SELECT ' || group_concat('v AS c' || i) || ' FROM values_of WHERE i <= 1000' FROM values_of WHERE i <= 66));
SELECT kmeans_predict(json_object('centroids', json_array(json_array(1)), 'categories', json_array(json_group_array(v))), 'value 1') FROM values_of;
