-- The option params: values for the parameters of the query.

.nullvalue NULL

CREATE TABLE pts(id INTEGER PRIMARY KEY, region TEXT, x REAL, y REAL);
INSERT INTO pts VALUES (1, 'n', 20, 0), (2, 'n', 0, 0), (3, 's', 23, 0), (4, 's', 0, 4), (5, 's', 17, 0);

.print -- an array: for ?, in order
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = ? AND x > ?', '{"params": ["s", 1]}');

.print -- for ?1 and ?2, by number; one may stand twice
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE x > ?2 AND x < ?1 AND id <> ?2', '{"params": [21, 2]}');

.print -- for named ones too, in the order of their first appearance
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = :r AND x > @least AND region >= :r',
  '{"params": ["s", 20]}');

.print -- an object: :x, @x and $x, named with the sign and without
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = :r', '{"params": {"r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = :r', '{"params": {":r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = @r', '{"params": {"r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = @r', '{"params": {"@r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = $r', '{"params": {"r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = $r', '{"params": {"$r": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = ?1', '{"params": {"?1": "n"}}');
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = ?1', '{"params": {"1": "n"}}');

.print -- several, in any order; a name may stand twice in the query
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE (x > :low OR :low IS NULL) AND x < $high',
  '{"params": {"high": 21, "low": 18}}');

.print -- each type that JSON has: integer, real, text, true, false, null; arrays and objects are text
SELECT group_concat(id, ' ') FROM kmeans(1,
  'SELECT typeof(value) || ''='' || coalesce(value, '''') AS id, 1 AS x
   FROM (SELECT ?1 AS value UNION ALL SELECT ?2 UNION ALL SELECT ?3 UNION ALL SELECT ?4 UNION ALL SELECT ?5
     UNION ALL SELECT ?6 UNION ALL SELECT ?7 UNION ALL SELECT ?8)',
  '{"params": [7, 2.5, "a \"b\" \u00e9", true, false, null, [1, "x"], {"y": [2]}]}');
SELECT id FROM kmeans(1, 'SELECT :a AS id, 1 AS x', '{"params": {"a": 9223372036854775807}}');
SELECT id, typeof(id) FROM kmeans(1, 'SELECT :a AS id, 1 AS x', '{"params": {"a": "7"}}');
SELECT hex(id) FROM kmeans(1, 'SELECT :a AS id, 1 AS x', '{"params": {"a": ""}}');

.print -- an array for json_each: a list of ids in one parameter
SELECT id, point FROM kmeans(1, 'SELECT id, x FROM pts WHERE id IN (SELECT value FROM json_each(:ids))',
  '{"params": {"ids": [1, 4]}}');

.print -- as a coordinate, a LIMIT, a part of the query that is no WHERE
SELECT id, point FROM kmeans(1, 'SELECT id, x + :dx AS x FROM pts ORDER BY id LIMIT :n', '{"params": {"dx": 0.5, "n": 2}}');
SELECT id, point FROM kmeans(1, 'VALUES (?, ?), (?, ?)', '{"params": [1, 2, 3, 4]}');

.print -- none: an empty array or object, for a query without parameters
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts', '{"params": []}');
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts', '{"params": {}}');

.print -- from SQL: json_object and json_array; one fit per row of another table
SELECT r.region, c.centroid FROM (SELECT DISTINCT region FROM pts ORDER BY 1) r,
  kmeans_centroids(1, 'SELECT x, y FROM pts WHERE region = :region',
    json_object('params', json_object('region', r.region))) c;
SELECT id FROM kmeans(1, 'SELECT id, x FROM pts WHERE region = ?', json_object('params', json_array('n')));

.print -- in the object of options that is the first argument; and with a model
SELECT id FROM kmeans('{"k": 1, "params": ["n"]}', 'SELECT id, x FROM pts WHERE region = ?');
SELECT id, cluster FROM kmeans('{"centroids": [[0], [20]]}', 'SELECT id, x FROM pts WHERE region = ?', '{"params": ["n"]}');
SELECT cluster, size FROM kmeans_centroids('{"centroids": [[0], [20]]}', 'SELECT id, x FROM pts WHERE region = ?', '{"params": ["n"]}');

.print -- text is data: no quoting, no injection
SELECT count(*) FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": ["n'' OR 1 --"]}');

.print -- missing: named with its number and name
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :region');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ? AND x > ?', '{"params": ["n"]}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :region AND x > @x', '{"params": {"region": "n"}}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :region', '{"params": {}}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?3', '{"params": ["n"]}');

.print -- a ? has no name that an object could give
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": {"1": "n"}}');

.print -- surplus
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": ["n", 2]}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts', '{"params": [1]}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :region', '{"params": {"region": "n", "x": 2}}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts', '{"params": {"x": 1}}');

.print -- names are as they are written: their case counts, as in SQLite
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :region', '{"params": {"Region": "n"}}');

.print -- twice: under one name, or with and without the sign
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :r', '{"params": {"r": "n", "r": "s"}}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = :r', '{"params": {"r": "n", ":r": "s"}}');

.print -- neither an array nor an object
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": "n"}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": null}');
SELECT * FROM kmeans(1, 'SELECT x FROM pts WHERE region = ?', '{"params": 7}');

.print -- :a and @a are two parameters: a bare name must not guess
SELECT id, point FROM kmeans(1, 'SELECT :a AS x, @a AS y', '{"params": {":a": 1, "@a": 2}}');
SELECT id, point FROM kmeans(1, 'SELECT :a AS x, @a AS y', '{"params": {"a": 1}}');
