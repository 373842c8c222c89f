-- Values by name: one argument that is a JSON object, for a model that names its columns.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y, z);
INSERT INTO pts VALUES (1, 1, 1, 0), (2, 2, 9, 1), (3, NULL, 2, 2), (4, 7, 1.5, 3), (5, 3, 8, 4),
  (6, '4', ' 4.0 ', 5), (7, 1e-7, -2.5e3, 6);
CREATE TABLE m AS SELECT json_set(kmeans_fit(3, x, y, z), '$.columns', json_array('x', 'y', 'z')) AS model FROM pts;
CREATE TABLE t(model);
INSERT INTO t VALUES ('{"centroids": [[0, 0], [100, 50], [200, 100]], "columns": ["x", "y"]}');

.print -- the answers are those of the coordinates, in whatever order the names stand
SELECT count(*), sum(kmeans_predict(model, x, y, z) IS kmeans_predict(model, json_object('x', x, 'y', y, 'z', z))) AS predict,
  sum(kmeans_distance(model, x, y, z) IS kmeans_distance(model, json_object('z', z, 'y', y, 'x', x))) AS distance,
  sum(kmeans_transform(model, x, y, z) IS kmeans_transform(model, json_object('y', y, 'x', x, 'z', z))) AS transform
FROM pts, m;
SELECT kmeans_predict(model, '{"x": 90, "y": 45}'), kmeans_distance(model, '{"y": 4, "x": 3}'),
  kmeans_transform(model, '{"y": 4, "x": 3}') ->> 0 FROM t;

.print -- null is as good as NULL; white space does not matter; a string may be a number, as TEXT may
SELECT kmeans_predict(model, '{"x": null, "y": 4}'), kmeans_distance(model, '{"x": 1, "y": null}'),
  kmeans_transform(model, '{"x": null, "y": null}'), kmeans_distance(model, ' { "x" : 3 ,
  "y" : " 4.0 " } ') FROM t;
SELECT kmeans_predict(model, NULL), kmeans_predict(NULL, '{"x": 1}') FROM t;

.print -- numbers are read exactly
SELECT kmeans_distance('{"centroids": [[0.1]], "columns": ["x"]}', '{"x": 0.10000000000000001}') AS same,
  kmeans_distance('{"centroids": [[0.1]], "columns": ["x"]}', '{"x": 0.10000000000000002}') > 0 AS other,
  kmeans_distance('{"centroids": [[0]], "columns": ["x"]}', '{"x": -1E+2}') AS large;

.print -- names compare as column names do: ASCII letters in any case
SELECT kmeans_distance(model, '{"X": 3, "Y": 4}') FROM t;
SELECT kmeans_distance('{"centroids": [[0, 0]], "columns": ["Straße", "ÄÖ"]}', '{"STRAße": 3, "ÄÖ": 4}');
SELECT kmeans_distance('{"centroids": [[0, 0]], "columns": ["Straße", "ÄÖ"]}', '{"STRASSE": 3, "äö": 4}');

.print -- of names that differ in case only, the one that is written just so; else it cannot be told
SELECT kmeans_transform('{"centroids": [[0, 0, 0], [1, 0, 0], [0, 10, 0], [0, 0, 100]], "columns": ["ab", "AB", "Ab"]}',
  '{"AB": 10, "Ab": 100, "ab": 1}');
SELECT kmeans_predict('{"centroids": [[0, 0]], "columns": ["ab", "AB"]}', '{"ab": 1, "aB": 2}');
SELECT kmeans_predict('{"centroids": [[0, 0]], "columns": ["a", "a"]}', '{"a": 1}');
SELECT kmeans_predict('{"centroids": [[0, 0]], "columns": ["a", "a"]}', '{"A": 1}');

.print -- odd names: empty, quotes, escapes, beyond ASCII and beyond 16 bits
SELECT kmeans_distance('{"centroids": [[0, 0]], "columns": ["", "a\"b\\c\n"]}', '{"": 3, "A\u0022B\\\u0063\n": 4}');
SELECT kmeans_distance('{"centroids": [[0, 0]], "columns": ["😀", "é"]}', '{"\ud83d\ude00": 3, "\u00e9": 4}');
SELECT kmeans_distance('{"centroids": [[0, 0]], "columns": ["/\b\f\r\t", "‰"]}', json_object(char(47, 8, 12, 13, 9), 3, '‰', 4));
SELECT kmeans_distance('{"centroids": [[0]], "columns": ["x"]}', '{"\ud83d": 3}');
SELECT kmeans_distance('{"centroids": [[0]], "columns": ["x"]}', '{"x\u0000": 3}');

.print -- many columns
WITH n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n LIMIT 3000)
SELECT kmeans_distance(json_object('centroids', json_array(json_group_array(0)), 'columns', json_group_array('c' || j)),
  (SELECT json_group_object('C' || j, j = 1234) FROM (SELECT j FROM n ORDER BY j * 7 % 3000)))
FROM n;

.print -- a name is missing, unknown, given twice
SELECT kmeans_predict(model, '{"x": 1}') FROM t;
SELECT kmeans_predict(model, '{}') FROM t;
SELECT kmeans_distance(model, '{"x": 1, "y": 2, "z": 3}') FROM t;
SELECT kmeans_transform(model, '{"x": 1, "y": 2, "X": 3}') FROM t;
SELECT kmeans_predict(model, '{"x": 1, "y": 2, "x": 1}') FROM t;
SELECT kmeans_predict(model, '{"x": null, "x": 1, "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": null}') FROM t;
WITH n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n LIMIT 50)
SELECT kmeans_predict(json_object('centroids', json_array(json_group_array(0)), 'columns', json_group_array('c' || j)), '{}')
FROM n;
SELECT kmeans_predict(model, json_object(printf('%.*c', 80, 'x'), 1)) FROM t;

.print -- a value is no number
SELECT kmeans_predict(model, '{"x": "one", "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": true, "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": [1, {"}": "]"}], "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": {"y": "\"}"}, "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": 1.1e300, "y": 2}') FROM t;
SELECT kmeans_predict(model, '{"x": 1, "y": -1e999}') FROM t;
SELECT kmeans_predict(model, json_object('x', printf('%.*c', 80, 'x'), 'y', 2)) FROM t;

.print -- no JSON; other things after the object; an array is a vector
SELECT kmeans_predict(model, '{"x": 1, "y": ') FROM t;
SELECT kmeans_predict(model, '{"x": 1, "y": 2}}') FROM t;
SELECT kmeans_predict(model, '{') FROM t;
SELECT kmeans_predict(model, '[90, 45]') FROM t;

.print -- not beside other coordinates, and not in a fit
SELECT kmeans_predict(model, '{"x": 1}', 2) FROM t;
SELECT kmeans_fit(1, '{"x": 1}');

.print -- a model that does not name its columns
SELECT kmeans_predict('{"centroids": [[0, 0]]}', '{"x": 1, "y": 2}');
SELECT kmeans_predict('{"centroids": [[0]]}', '{"x": 1}');
