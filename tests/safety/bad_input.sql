-- Bad input to options, coordinates and arguments, each with its message. Bad models: bad_models.sql.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, x REAL, y REAL);
WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t LIMIT 20)
INSERT INTO pts SELECT i, i * i % 7, i * i % 11 FROM t;

.print -- what: not a number of clusters, options or a model
SELECT * FROM kmeans(NULL, 'SELECT x FROM pts');
SELECT * FROM kmeans(2.0, 'SELECT x FROM pts');
SELECT * FROM kmeans(x'32', 'SELECT x FROM pts');
SELECT * FROM kmeans('', 'SELECT x FROM pts');
SELECT * FROM kmeans('2', 'SELECT x FROM pts');
SELECT * FROM kmeans('three', 'SELECT x FROM pts');
SELECT * FROM kmeans('[2]', 'SELECT x FROM pts');
SELECT * FROM kmeans('SELECT x FROM pts', 2);
SELECT * FROM kmeans('{', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 2', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 2}, {}', 'SELECT x FROM pts');
SELECT * FROM kmeans('[{"k": 2}]', 'SELECT x FROM pts');
SELECT * FROM kmeans('{k: }', 'SELECT x FROM pts');
SELECT * FROM kmeans_centroids(NULL, 'SELECT x FROM pts');
SELECT * FROM kmeans_centroids(2.5, 'SELECT x FROM pts');
SELECT kmeans_fit(NULL, x) FROM pts;
SELECT kmeans_fit(2.0, x) FROM pts;
SELECT kmeans_fit('2', x) FROM pts;
SELECT kmeans_fit(x'00', x) FROM pts;

.print -- a number of clusters out of range
SELECT * FROM kmeans(0, 'SELECT x FROM pts');
SELECT * FROM kmeans(-1, 'SELECT x FROM pts');
SELECT * FROM kmeans(4294967295, 'SELECT x FROM pts');
SELECT * FROM kmeans(9223372036854775807, 'SELECT x FROM pts');
SELECT kmeans_fit(0, x) FROM pts;

.print -- options that are no JSON object
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', 'fast');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"seed": 1');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '[1]');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '"seed"');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '7');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', 7);
SELECT * FROM kmeans(2, 'SELECT x FROM pts', 'null');

.print -- an unknown name: all that are known
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"nclusters": 2}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"": 2}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"Seed": 2}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"a name that is so long that nobody would want to see all of it in a message": 2}');

.print -- twice: in one object, and in what and in options
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"seed": 1, "seed": 2}');
SELECT * FROM kmeans('{"k": 2, "seed": 1}', 'SELECT x FROM pts', '{"seed": 1}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"k": 2}');

.print -- k: missing, of a wrong type, out of range
SELECT * FROM kmeans('{}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"seed": 1}', 'SELECT x FROM pts', '{"tol": 0}');
SELECT * FROM kmeans('{"k": null}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": "2"}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 2.0}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": true}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": [2]}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 0}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": -3}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 4294967295}', 'SELECT x FROM pts');
SELECT * FROM kmeans('{"k": 99999999999999999999}', 'SELECT x FROM pts');

.print -- n_init
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"n_init": 0}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"n_init": 1.5}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"n_init": 1000001}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"n_init": "auto"}');

.print -- max_iter
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"max_iter": 0}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"max_iter": -1}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"max_iter": 1e3}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"max_iter": null}');

.print -- tol
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"tol": -1e-9}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"tol": "0"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"tol": 9e999}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"tol": false}');

.print -- seed
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"seed": 1.5}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"seed": "now"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"seed": 10000000000000000000}');

.print -- threads
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"threads": -1}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"threads": 65}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"threads": "all"}');

.print -- algorithm
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"algorithm": "quantum"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"algorithm": 1}');
SELECT * FROM kmeans('{"k": 1, "refine": "maybe"}', 'SELECT 1');
SELECT * FROM kmeans('{"k": 1, "refine": true}', 'SELECT 1');
SELECT * FROM kmeans('{"k": 1, "kernels": "sse9"}', 'SELECT 1');
SELECT * FROM kmeans('{"k": 1, "kernels": 2}', 'SELECT 1');

.print -- clamp
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"clamp": 1}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"clamp": "true"}');

.print -- nulls
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"nulls": "keep"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"nulls": null}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"nulls": 0}');

.print -- scale
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"scale": "zscore"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"scale": true}');
SELECT kmeans_fit('{"k": 2, "scale": null}', x) FROM pts;
SELECT * FROM kmeans('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"scale": "standard"}');

.print -- metric, and what does not go with it
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"metric": "manhattan"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"metric": 2}');
SELECT kmeans_fit('{"k": 2, "metric": null}', x) FROM pts;
SELECT * FROM kmeans('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"metric": "cosine"}');
SELECT * FROM kmeans(2, 'SELECT x, y FROM pts', '{"metric": "cosine", "scale": "standard"}');
SELECT kmeans_fit('{"scale": "minmax", "k": 2, "metric": "cosine"}', x, y) FROM pts;
SELECT * FROM kmeans(2, 'SELECT x, y FROM pts', '{"metric": "cosine", "init": [[1, 2], [0, 0]]}');
SELECT * FROM kmeans(3, 'SELECT x, y FROM pts', '{"metric": "cosine", "init": [[1, 2], [3, 4], [5]]}');
SELECT kmeans_fit('{"metric": "cosine", "init": {"centroids": [[0, 0]]}}', x, y) FROM pts;

.print -- id
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"id": 1}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"id": ["x"]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"id": "z"}');

.print -- params: see tests/surface/params.sql; and
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"params": "x"}');

.print -- init: neither a way, nor centroids, nor a model
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": "forgy"}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": 7}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": null}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": []}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [1, 2]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[], []]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], []]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], 2]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], [2, 3]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1, 2], [3]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], ["2"]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], [null]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], [[2]]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], {"x": 2}]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], [1e301]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": [[1], [9e999]]}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": {}}');
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{"init": {"centroids": [[1], [2]], "k": 3}}');

.print -- init: not as many as k, not as long as the rows
SELECT * FROM kmeans(3, 'SELECT x FROM pts', '{"init": [[1], [2]]}');
SELECT * FROM kmeans(2, 'SELECT x, y FROM pts', '{"init": [[1], [2]]}');
SELECT * FROM kmeans(2, 'SELECT x, y FROM pts', '{"init": [[1, 2, 3], [2, 3, 4]]}');
SELECT kmeans_fit('{"init": [[1], [2]]}', x, y) FROM pts;

.print -- options that have no meaning where they stand
SELECT kmeans_fit('{"k": 2, "id": "x"}', x) FROM pts;
SELECT kmeans_fit('{"k": 2, "params": []}', x) FROM pts;
SELECT * FROM kmeans('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"k": 1}');
SELECT * FROM kmeans('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"seed": 1}');
SELECT * FROM kmeans('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"init": [[1]]}');
SELECT * FROM kmeans_centroids('{"centroids": [[1]]}', 'SELECT x FROM pts', '{"max_iter": 3}');

.print -- coordinates: TEXT that is no number, in row 17
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''seventeen'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT id, x, iif(id = 17, '''', y) AS "the y" FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, '' '', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''1,5'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''1 2'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''0x10'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''1e'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''.'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''nan'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''inf'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''[1, 2]'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''12345678901234567890123456789012345678901234567890123456789 and more'', x) AS x, y FROM pts');

.print -- BLOB, infinity, too large
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, x''0000803f'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, zeroblob(0), x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, 9e999, x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, -9e999, x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''9e999'', x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, 1.5e300, x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, -1.7e308, x) AS x, y FROM pts');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, ''1.5e300'', x) AS x, y FROM pts');

.print -- NULL where nulls are an error; NaN, which SQLite makes a NULL
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, NULL, x) AS x, y FROM pts', '{"nulls": "error"}');
SELECT * FROM kmeans(2, 'SELECT iif(id = 17, 9e999 - 9e999, x) AS x, y FROM pts', '{"nulls": "error"}');
SELECT count(*), count(cluster) FROM kmeans(2, 'SELECT iif(id = 17, 9e999 - 9e999, x) AS x, y FROM pts');

.print -- a bad one beside a NULL is an error, whichever comes first
SELECT * FROM kmeans(1, 'VALUES (NULL, ''bad'')');
SELECT * FROM kmeans(1, 'VALUES (''bad'', NULL)');

.print -- columns without a name of their own have the one that SQLite gives
SELECT * FROM kmeans(1, 'VALUES (1, ''bad'')');

.print -- a name or a value with a quote, a line break, a letter of more than a byte
SELECT * FROM kmeans(1, 'SELECT ''it''''s "é"'' AS "a""b"');
SELECT * FROM kmeans(1, 'SELECT ''Ann'' AS "a""b", 1 AS x');
SELECT * FROM kmeans(1, 'SELECT ''Ann'' AS name, 1 AS x, 2 AS id');
SELECT * FROM kmeans(1, 'SELECT 1 AS name, 1 AS x UNION ALL SELECT ''Ann'', 2');
CREATE TABLE misspelt(colour, x); INSERT INTO misspelt VALUES (1, 2);
SELECT * FROM kmeans(1, 'SELECT x, "color" FROM misspelt');

.print -- the same from the others
SELECT * FROM kmeans_centroids(2, 'SELECT iif(id = 17, ''seventeen'', x) AS x, y FROM pts');
SELECT kmeans_fit(2, x, iif(id = 17, 'seventeen', y)) FROM pts;
SELECT kmeans_fit(2, iif(id = 17, '', x), y) FROM pts;
SELECT kmeans_fit(2, iif(id = 17, x'00', x), y) FROM pts;
SELECT kmeans_fit(2, iif(id = 17, 9e999, x), y) FROM pts;
SELECT kmeans_fit(2, iif(id = 17, 1e301, x), y) FROM pts;
SELECT kmeans_fit('{"k": 2, "nulls": "error"}', iif(id = 17, NULL, x), y) FROM pts;
SELECT kmeans_predict('{"centroids": [[1, 2]]}', 1, 'two');
SELECT kmeans_predict('{"centroids": [[1, 2]]}', '', 2);
SELECT kmeans_predict('{"centroids": [[1, 2]]}', 1, x'02');
SELECT kmeans_distance('{"centroids": [[1, 2]]}', 9e999, 2);
SELECT kmeans_distance('{"centroids": [[1, 2]]}', 1, -1e301);
SELECT kmeans_transform('{"centroids": [[1, 2]]}', 1, 'two');

.print -- fewer distinct points than clusters
SELECT * FROM kmeans(2, 'VALUES (1)');
SELECT * FROM kmeans(3, 'SELECT 1 FROM pts');
SELECT * FROM kmeans(9, 'SELECT x FROM pts');
SELECT * FROM kmeans_centroids(9, 'SELECT x FROM pts');
SELECT kmeans_fit(9, x) FROM pts;

.print -- arguments: too few, too many (SQLite's own message where it counts them itself)
SELECT * FROM kmeans;
SELECT * FROM kmeans();
SELECT * FROM kmeans(2);
SELECT * FROM kmeans WHERE query = 'SELECT x FROM pts';
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{}', 1);
SELECT * FROM kmeans(2, 'SELECT x FROM pts', '{}', NULL);
SELECT * FROM kmeans(2, 'SELECT x FROM pts', NULL, 1, 2);
SELECT * FROM kmeans_centroids;
SELECT * FROM kmeans_centroids(2);
SELECT * FROM kmeans_centroids('{"k": 2}');
SELECT * FROM kmeans_centroids(2, 'SELECT x FROM pts', '{}', 1);
SELECT kmeans_fit();
SELECT kmeans_fit(2);
SELECT kmeans_fit(2) FROM pts WHERE 0;
SELECT kmeans_predict();
SELECT kmeans_predict('{"centroids": [[1]]}');
SELECT kmeans_predict(NULL);
SELECT kmeans_distance();
SELECT kmeans_distance('{"centroids": [[1]]}');
SELECT kmeans_transform();
SELECT kmeans_transform('{"centroids": [[1]]}');
SELECT kmeans_version(1);
SELECT kmeans_debug(1);

.print -- what a message quotes is cut between letters, not within one
SELECT * FROM kmeans('xéééééééééééééééééééééééééééééééééééééééééééééééé', 'SELECT 1');
SELECT * FROM kmeans(1, 'xéééééééééééééééééééééééééééééééééééééééééééééééé');
SELECT * FROM kmeans(1, 'SELECT 1; xéééééééééééééééééééééééééééééééééééééééééééééééé');
SELECT * FROM kmeans(1, 'SELECT ''xéééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé'' AS x');
SELECT * FROM kmeans(1, 'SELECT 1', '{"xéééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé": 1}');
SELECT * FROM kmeans(1, 'SELECT 1', '{"init": "xéééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"}');

.print -- 60 letters are quoted whole, of more the first 60
SELECT kmeans_fit('{"metric": "' || replace(hex(zeroblob(30)), '0', 'x') || '"}', 1);
SELECT kmeans_fit('{"metric": "' || replace(hex(zeroblob(30)), '0', 'x') || 'y"}', 1);

.print -- the largest k_max there is; and one more
SELECT * FROM kmeans_sweep(2, 4294967294, 'SELECT 1');
SELECT * FROM kmeans_sweep(2, 4294967295, 'SELECT 1');

.print -- an error leaves nothing behind: the next statement is as good as before
SELECT count(*) FROM kmeans(2, 'SELECT x FROM pts');

.print -- no value is left for a coordinate
SELECT kmeans_fit('{"k": 2, "weight": 1, "categorical": [1]}', column1) FROM (VALUES (1), (2));
SELECT kmeans_fit('{"k": 2, "weight": 1, "categorical": [2]}', column1) FROM (VALUES (1), (2));
SELECT kmeans_svg('{"k": 2, "weight": 1, "categorical": [1]}', column1) FROM (VALUES (1), (2));
