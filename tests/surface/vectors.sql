-- Vectors: the only coordinate of a row is a BLOB of floats or a JSON array, in every function.

.nullvalue NULL

-- Points as columns; as BLOBs of float32, which hold them exactly; as JSON.
CREATE TABLE f32(n INTEGER PRIMARY KEY, b BLOB);
INSERT INTO f32 VALUES (1, x'0000803F'), (2, x'00000040'), (3, x'00004040'), (5, x'0000A040'),
  (7, x'0000E040'), (8, x'00000041'), (9, x'00001041'), (10, x'00002041');
CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y);
INSERT INTO pts(x, y) VALUES (1, 1), (2, 1), (3, 1), (7, 8), (8, 8), (9, 8), (1, 8), (1, 10), (NULL, 5);
CREATE TABLE vectors AS
  SELECT id, CAST(a.b || b.b AS BLOB) AS blob, json_array(x, y) AS json
  FROM pts LEFT JOIN f32 a ON a.n = x LEFT JOIN f32 b ON b.n = y ORDER BY id;
UPDATE vectors SET blob = NULL, json = NULL WHERE id = 9;

.print -- kmeans: the point comes back as it came
SELECT id, cluster, distance, typeof(point), hex(point) FROM kmeans(3, 'SELECT id, blob FROM vectors');
SELECT * FROM kmeans(3, 'SELECT id, json FROM vectors');
SELECT sum(point IS blob), count(*) FROM vectors JOIN kmeans(3, 'SELECT id, blob FROM vectors') USING (id);
SELECT DISTINCT typeof(centroid), centroid FROM kmeans(3, 'SELECT blob FROM vectors') WHERE cluster IS NOT NULL;

.print -- everything is as it is with columns: kmeans, all of it but the point
CREATE TABLE queries(query TEXT);
INSERT INTO queries VALUES ('SELECT id, x, y FROM pts'), ('SELECT id, blob FROM vectors'),
  ('SELECT id, json FROM vectors');
SELECT count(*), count(DISTINCT rows) FROM (
  SELECT group_concat(id || ' ' || ifnull(cluster || ' ' || distance || ' ' || centroid || ' ' || neighbor
    || ' ' || silhouette, 'none'), char(10)) AS rows
  FROM queries q, kmeans(3, q.query) GROUP BY q.query);

.print -- kmeans_centroids
SELECT * FROM kmeans_centroids(3, 'SELECT blob FROM vectors');
SELECT count(DISTINCT rows) FROM (
  SELECT group_concat(cluster || ' ' || size || ' ' || inertia || ' ' || radius || ' ' || centroid) AS rows
  FROM queries q, kmeans_centroids(3, q.query) GROUP BY q.query);

.print -- kmeans_fit: the same model, which has no columns
SELECT kmeans_fit(3, blob) FROM vectors;
SELECT (SELECT kmeans_fit(3, blob) FROM vectors) = (SELECT kmeans_fit(3, x, y) FROM pts),
  (SELECT kmeans_fit(3, json) FROM vectors) = (SELECT kmeans_fit(3, x, y) FROM pts);

.print -- as a window: all rows; frames that slide over NULL; one that is empty at times
SELECT sum(a IS b), count(a) FROM (SELECT kmeans_predict(kmeans_fit(3, blob) OVER (), blob) AS a,
  kmeans_predict(kmeans_fit(3, json) OVER (), json) AS b FROM vectors);
SELECT v.id, kmeans_fit(1, blob) OVER w -> '$.centroids' AS blobs, kmeans_fit(1, json) OVER w -> '$.centroids' AS arrays,
  kmeans_fit(1, x, y) OVER w -> '$.centroids' AS columns
FROM vectors v JOIN pts USING (id) WINDOW w AS (ORDER BY id DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
SELECT id, kmeans_fit(1, blob) OVER (ORDER BY id DESC ROWS BETWEEN 2 PRECEDING AND 2 PRECEDING) -> '$.centroids'
FROM vectors;

.print -- the scalars: BLOB, JSON and columns agree
CREATE TABLE model AS SELECT kmeans_fit(3, blob) AS model FROM vectors;
SELECT v.id, kmeans_predict(model, blob), kmeans_distance(model, blob), kmeans_transform(model, blob)
FROM model, vectors v;
SELECT count(*), sum(kmeans_predict(model, blob) IS kmeans_predict(model, x, y)),
  sum(kmeans_predict(model, json) IS kmeans_predict(model, x, y)),
  sum(kmeans_distance(model, blob) IS kmeans_distance(model, x, y)),
  sum(kmeans_distance(model, json) IS kmeans_distance(model, x, y)),
  sum(kmeans_transform(model, blob) IS kmeans_transform(model, x, y)),
  sum(kmeans_transform(model, json) IS kmeans_transform(model, x, y))
FROM model, vectors JOIN pts USING (id);

.print -- a NULL vector gives NULL, whatever the model's dimensions
SELECT kmeans_predict(model, NULL), kmeans_distance(model, NULL), kmeans_transform(model, NULL) FROM model;

.print -- in an index and a generated column
CREATE TABLE docs(v BLOB, c INTEGER AS (kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', v)));
INSERT INTO docs SELECT blob FROM vectors;
CREATE INDEX docs_c ON docs(c);
SELECT c, count(*) FROM docs GROUP BY c;

.print -- a model fits either shape: kmeans, kmeans_centroids, kmeans_fit
SELECT q.query, group_concat(cluster, ' ') FROM model, queries q, kmeans(model, q.query) GROUP BY 1;
SELECT q.query, group_concat(size, ' ') FROM model, queries q, kmeans_centroids(model, q.query) GROUP BY 1;
SELECT kmeans_fit(model, blob) = kmeans_fit(model, json) FROM model, vectors;

.print -- a model with names of columns does not mind
SELECT group_concat(cluster, ' ') FROM model,
  kmeans(json_set(model, '$.columns', json('["x", "y"]')), 'SELECT blob AS x FROM vectors');

.print -- init: centroids, a model
SELECT group_concat(cluster, ' ') FROM kmeans('{"init": [[8, 8], [1, 9], [2, 1]]}', 'SELECT blob FROM vectors');
SELECT group_concat(cluster, ' ') FROM model,
  kmeans(json_object('init', json(model)), 'SELECT json FROM vectors');
SELECT kmeans_fit('{"init": [[8, 8], [1, 9], [2, 1]]}', blob) -> '$.centroids' FROM vectors;

.print -- one number is a vector, too
SELECT id, cluster, hex(point) FROM kmeans(2, 'SELECT n AS id, b FROM f32');
SELECT * FROM kmeans(2, 'SELECT n AS id, json_array(n) FROM f32 WHERE n < 4');
SELECT kmeans_predict('{"centroids": [[0], [5]]}', x'00000041'), kmeans_predict('{"centroids": [[0], [5]]}', '[1]');

.print -- JSON: white space, numbers of any shape, more than 64 bits
SELECT point FROM kmeans(1, 'SELECT '' [ 1 , -2.5e-3,
  0.30000000000000004, 123456789012345678901234567890 ] ''');

.print -- float32 at its limits: the largest, the smallest, -0
SELECT hex(point), cluster, distance, centroid FROM kmeans(1, 'SELECT x''FFFF7F7F0100000000000080''');

.print -- no rows, or NULL alone: nothing, but of a model
SELECT count(*) FROM kmeans(2, 'SELECT blob FROM vectors WHERE 0');
SELECT * FROM kmeans(2, 'SELECT blob FROM vectors WHERE id = 9');
SELECT kmeans_fit(2, blob) FROM vectors WHERE id = 9;
SELECT * FROM kmeans_centroids('{"centroids": [[1, 2]]}', 'SELECT blob FROM vectors WHERE id = 9');
SELECT * FROM kmeans('{"centroids": [[1, 2]]}', 'SELECT id, blob FROM vectors WHERE id = 9');

.print -- bytes in the middle of others: at any address
SELECT sum(kmeans_predict(model, substr(CAST('x' || blob AS BLOB), 2)) IS kmeans_predict(model, blob)), count(*)
FROM model, vectors;
SELECT count(*), sum(hex(point) = hex(blob)) FROM vectors
JOIN kmeans(3, 'SELECT id, substr(CAST(''xyz'' || blob AS BLOB), 4) FROM vectors WHERE id < 9') USING (id);

.print -- dtype: float64, in every function; the model keeps it
CREATE TABLE doubles(id INTEGER PRIMARY KEY, v BLOB);
INSERT INTO doubles VALUES (1, x'9A9999999999B93F666666666666E63F'), (2, x'9A9999999999C93F666666666666E63F'),
  (3, x'0000000000002440666666666666D63F'), (4, x'0000000000002240666666666666D63F');
SELECT id, cluster, round(distance, 3), hex(point), centroid
FROM kmeans('{"k": 2, "dtype": "float64"}', 'SELECT id, v FROM doubles');
SELECT count(*) FROM kmeans_centroids(2, 'SELECT v FROM doubles', '{"dtype": "float64"}');
CREATE TABLE model64 AS SELECT kmeans_fit('{"k": 2, "dtype": "float64"}', v) AS model FROM doubles;
SELECT model FROM model64;
SELECT id, kmeans_predict(model, v), round(kmeans_distance(model, v), 3), kmeans_predict(model, 0.1, 0.7),
  kmeans_predict(model, '[9, 0.3]') FROM model64, doubles;
SELECT group_concat(cluster, ' ') FROM model64, kmeans(model, 'SELECT v FROM doubles');
SELECT kmeans_fit(model, v) -> '$.dtype' FROM model64, doubles;
SELECT group_concat(cluster, ' ') FROM
  kmeans('{"centroids": [[0, 0], [9, 0]]}', 'SELECT v FROM doubles', '{"dtype": "float64"}');
SELECT group_concat(cluster, ' ') FROM model64, kmeans(model, 'SELECT blob FROM vectors', '{"dtype": "float32"}');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]], "dtype": "float32"}', blob) FROM vectors WHERE id = 4;

.print -- small integers are no floats that anybody has; dtype says that they are
SELECT * FROM kmeans(1, 'SELECT x''0100000002000000'' AS embedding UNION ALL SELECT x''0300000009000000''');
SELECT kmeans_fit(1, embedding) FROM (SELECT x'0100000000000000' AS embedding);
SELECT count(*) FROM kmeans(1, 'SELECT x''0100000002000000'' AS embedding', '{"dtype": "float32"}');
SELECT count(*) FROM kmeans(1, 'SELECT x''0000000000000000'' AS embedding UNION ALL SELECT x''010000000000803f''');

.print -- float64 by mistake is found out, where it shows; dtype says that it is none
SELECT * FROM kmeans(2, 'SELECT v FROM doubles');
SELECT kmeans_fit(2, v) FROM doubles;
SELECT count(*) FROM kmeans('{"k": 2, "dtype": "float32"}', 'SELECT v FROM doubles');
SELECT count(*) FROM kmeans(2, 'SELECT x''6666D07F6666E63F''');
SELECT * FROM kmeans('{"centroids": [[0, 0]]}', 'SELECT v FROM doubles');
SELECT * FROM kmeans('{"init": [[0, 0]]}', 'SELECT v FROM doubles');
SELECT kmeans_predict('{"centroids": [[0, 0]]}', v) FROM doubles;

.print -- it is looked for in the first 64 rows
CREATE VIEW mixed AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 65)
SELECT i, iif(i < 64, x'0000803F0000803F0000803F0000803F', x'9A9999999999B93F666666666666E63F') AS v FROM n;
SELECT kmeans_fit(1, v) FROM mixed WHERE i <= 64;
SELECT kmeans_fit(1, v) IS NOT NULL FROM mixed WHERE i <> 64;
SELECT count(*) FROM kmeans(1, 'SELECT i AS id, v FROM mixed WHERE i <> 64');
SELECT kmeans_fit(1, v) IS NOT NULL FROM (SELECT v FROM mixed WHERE i < 2 UNION ALL SELECT v FROM mixed WHERE i <> 64);

.print -- what is not taken for it: huge numbers beside any others; a NaN; the largest float
SELECT count(*) FROM kmeans(1, 'SELECT x''666666660000A000''');
SELECT count(*) FROM kmeans(1, 'SELECT x''6666666600E44046''');
SELECT count(*) FROM kmeans(1, 'SELECT x''FFFF7F7F0000803F''');
SELECT * FROM kmeans(1, 'SELECT x''0000C07F0000803F''');

.print -- refused: lengths
SELECT * FROM kmeans(2, 'SELECT x''''');
SELECT * FROM kmeans(2, 'SELECT zeroblob(0) AS embedding');
SELECT * FROM kmeans(2, 'SELECT x''000000'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT x''00'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT x''0000000000000000'' AS embedding UNION ALL SELECT zeroblob(9)');
SELECT * FROM kmeans(2, 'SELECT NULL AS embedding UNION ALL SELECT zeroblob(16) UNION ALL SELECT zeroblob(12)');
SELECT * FROM kmeans(2, 'SELECT zeroblob(16) AS embedding UNION ALL SELECT zeroblob(4)');
SELECT * FROM kmeans(2, 'SELECT zeroblob(262148) AS embedding');
SELECT * FROM kmeans(2, 'SELECT zeroblob(900000000) AS embedding');
SELECT * FROM kmeans('{"k": 2, "dtype": "float64"}', 'SELECT zeroblob(12) AS embedding');
SELECT * FROM kmeans('{"k": 2, "dtype": "float64"}', 'SELECT zeroblob(16) AS embedding UNION ALL SELECT zeroblob(24)');
SELECT * FROM kmeans(2, 'SELECT ''[]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT ''[1, 2, 3]''');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT ''[1]''');
SELECT * FROM kmeans(2, 'SELECT ''['' || substr(replace(hex(zeroblob(65537)), ''00'', ''0,''), 3) || ''0,0]'' AS embedding');

.print -- refused: NaN, infinities, numbers too large
SELECT * FROM kmeans(2, 'SELECT x''000000000000C07F00000000'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT x''00000000000000000000807F'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT zeroblob(12) AS embedding UNION ALL SELECT x''000080FF0000000000000000''');
SELECT * FROM kmeans(2, 'SELECT x''000000000000F87F'' AS embedding', '{"dtype": "float64"}');
SELECT * FROM kmeans(2, 'SELECT x''0000000000000000000000000000F0FF'' AS embedding', '{"dtype": "float64"}');
SELECT * FROM kmeans(2, 'SELECT x''FFFFFFFFFFFFEF7F'' AS embedding', '{"dtype": "float64"}');
SELECT * FROM kmeans(2, 'SELECT x''9C7500883CE4377E000000000000F07F'' AS embedding', '{"dtype": "float64"}');
SELECT * FROM kmeans(2, 'SELECT ''[1, 1e999]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, -1e301]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1e300]'' AS embedding UNION ALL SELECT ''[2e300]''');

.print -- refused: JSON that is no array of numbers
SELECT * FROM kmeans(2, 'SELECT ''[1, 2'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2] 3'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''['' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, "2"]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2, null]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[true]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[[1, 2], [3]]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, {"a": 2}]'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''{"a": [1, 2]}'' AS embedding');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT ''[3, "a"]''');

.print -- refused: a column that changes its mind
SELECT * FROM kmeans(2, 'SELECT zeroblob(8) AS embedding UNION ALL SELECT 7');
SELECT * FROM kmeans(2, 'SELECT zeroblob(8) AS embedding UNION ALL SELECT ''[1, 2]''');
SELECT * FROM kmeans(2, 'SELECT zeroblob(8) AS embedding UNION ALL SELECT ''word''');
SELECT * FROM kmeans(2, 'SELECT NULL AS embedding UNION ALL SELECT ''[1, 2]'' UNION ALL SELECT zeroblob(8)');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT 2.5');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT ''2.5''');
SELECT * FROM kmeans(2, 'SELECT ''[1, 2]'' AS embedding UNION ALL SELECT ''''');
SELECT * FROM kmeans(2, 'SELECT 7 AS embedding UNION ALL SELECT zeroblob(8)');
SELECT * FROM kmeans(2, 'SELECT ''7'' AS embedding UNION ALL SELECT ''[7]''');
SELECT * FROM kmeans(2, 'SELECT 7 AS embedding UNION ALL SELECT ''word''');

.print -- refused: another length than the model's, or the centroids'
SELECT * FROM kmeans('{"centroids": [[0, 0], [5, 5]]}', 'SELECT zeroblob(12) AS embedding');
SELECT * FROM kmeans('{"centroids": [[0, 0], [5, 5]]}', 'SELECT ''[1]'' AS embedding');
SELECT * FROM kmeans('{"centroids": [[0, 0], [5, 5]]}', 'SELECT 1 AS embedding');
SELECT * FROM kmeans('{"centroids": [[0], [5]]}', 'SELECT ''[1, 2]'' AS embedding');
SELECT * FROM kmeans('{"init": [[0, 0], [5, 5]]}', 'SELECT zeroblob(12) AS embedding');
SELECT * FROM kmeans('{"init": [[0, 0], [5, 5]]}', 'SELECT 1 AS embedding');
SELECT * FROM kmeans('{"init": [[0], [5]]}', 'SELECT ''[1, 2]'' AS embedding');
SELECT kmeans_fit('{"centroids": [[0, 0], [5, 5]]}', zeroblob(12));
SELECT kmeans_fit('{"init": [[0, 0], [5, 5]]}', '[1, 2, 3]');

.print -- refused: NULL, with nulls: error
SELECT * FROM kmeans(2, 'SELECT id, blob FROM vectors', '{"nulls": "error"}');
SELECT kmeans_fit('{"k": 2, "nulls": "error"}', json) FROM vectors;

.print -- refused: a vector beside other coordinates
SELECT * FROM kmeans(2, 'SELECT id, 1 AS x, blob FROM vectors');
SELECT * FROM kmeans(2, 'SELECT id, 1 AS x, json FROM vectors');
SELECT kmeans_fit(2, blob, blob) FROM vectors;
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', blob, 1) FROM vectors;

.print -- refused by kmeans_fit
SELECT kmeans_fit(2, x'000000');
SELECT kmeans_fit(2, blob) FROM (SELECT blob FROM vectors UNION ALL SELECT zeroblob(12));
SELECT kmeans_fit(2, blob) FROM (SELECT blob FROM vectors UNION ALL SELECT '[1, 2]');
SELECT kmeans_fit(2, json) FROM (SELECT json FROM vectors UNION ALL SELECT '[1, null]');
SELECT kmeans_fit(2, v) FROM (SELECT x'0000807F' AS v);

.print -- refused by the scalars
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'000000');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'00000000');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'00000000000080FF');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', '[1, 2, 3]');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', '[1]');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', '[1, 2e300]');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', '[1, ');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', 'word');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', 7);
SELECT kmeans_distance('{"centroids": [[0, 0], [5, 5]]}', zeroblob(12));
SELECT kmeans_transform('{"centroids": [[0, 0], [5, 5]]}', '[[1, 2]]');
SELECT kmeans_transform('{"centroids": [[0, 0], [5, 5]], "dtype": "float64"}', zeroblob(8));
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]], "dtype": "float64"}', zeroblob(12));

.print -- refused: JSONB, as SQLite writes arrays of numbers from 3.45 on, whatever its length
SELECT kmeans_fit(2, v) FROM (SELECT x'7B13311332233130' AS v);
SELECT * FROM kmeans(2, 'SELECT 7 AS id, x''4B13311332'' AS v');
SELECT * FROM kmeans(2, 'SELECT x''4B35312E35'' AS v');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'CB06133113321333');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'DB0009133113324535312E35');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'EB00000009133113324535312E35');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'FB00000000000000021331');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'0B');

.print -- what is not, to the last byte, is a vector; and so is what the option says is one
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'7B1331133223315A') AS letter, kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'7B13311332283130') AS text,
  kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'CB0513312331302E') AS shorter, kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'8B13311332233130') AS longer,
  kmeans_predict('{"centroids": [[0, 0, 0], [5, 5, 5]]}', x'FB00000000000000FF313233') AS huge;
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]]}', x'FB00');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]], "dtype": "float32"}', x'7B13311332233130');

.print -- refused: other values of dtype
SELECT * FROM kmeans('{"k": 2, "dtype": "float16"}', 'SELECT blob FROM vectors');
SELECT * FROM kmeans('{"k": 2, "dtype": 64}', 'SELECT blob FROM vectors');
SELECT * FROM kmeans('{"k": 2, "dtype": null}', 'SELECT blob FROM vectors');
SELECT * FROM kmeans('{"k": 2, "dtype": "float64"}', 'SELECT blob FROM vectors', '{"dtype": "float64"}');
SELECT kmeans_predict('{"centroids": [[0, 0], [5, 5]], "dtype": "int8"}', zeroblob(8));

.print -- 65,536 numbers are fine
SELECT cluster, length(point), json_array_length(centroid) FROM kmeans(1, 'SELECT zeroblob(262144)');
