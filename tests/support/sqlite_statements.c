#include "sqlite_statements.h"

#include "sqlite_fixture.h"

#define PTS "'SELECT id, x, y FROM pts'"
#define VECTORS "SELECT id, v FROM vectors"
#define ARRAYS "SELECT id, json_array(x, y) AS v FROM pts WHERE id < 30"
#define MODEL "'{\"centroids\":[[0,0],[100,50],[200,100]]}'"
#define NAMED "'{\"centroids\":[[0,0],[100,50]],\"columns\":[\"x\",\"y\"]}'"
#define SCALED "'{\"centroids\":[[0,0],[9,1]],\"scale\":{\"shift\":[5,0],\"factor\":[1,8]}}'"

#define MIXED                                                                                      \
  "'{\"centroids\":[[0,1,0],[1,0,9]],\"categories\":[[\"name 3\",\"a\"],null],"                    \
  "\"columns\":[\"n\",\"x\"]}'"

sqlite3 *statements_open(const char *path) {
  sqlite3 *db = db_open(path);
  db_make_points(db, 60);
  db_exec(db, "CREATE TABLE names(name TEXT PRIMARY KEY, x, y);"
              "INSERT INTO names SELECT 'name ' || id, x, y FROM pts;"
              "UPDATE pts SET y = NULL WHERE id = 60;"
              "CREATE TABLE vectors(id INTEGER PRIMARY KEY, v);"
              "INSERT INTO vectors VALUES (1, x'0000803F00000040'), (2, x'00004040000080BF'),"
              " (3, NULL), (4, x'0000A0400000E040'), (5, x'0000004100001041');"
              "INSERT OR IGNORE INTO vectors SELECT id, x'0000803F00000000' FROM pts LIMIT 20;"
              "CREATE TABLE models AS SELECT kmeans_fit(3, x, y) AS model FROM pts;"
              "CREATE TABLE labels(id INTEGER PRIMARY KEY, cluster);"
              "CREATE TABLE changed(x);"
              "CREATE VIRTUAL TABLE temp.mixed USING kmeans('{\"k\": 2, \"categorical\":"
              " [\"name\"]}', 'SELECT name, x FROM names WHERE x < 30');"
              "CREATE VIRTUAL TABLE temp.seg USING kmeans(3, " PTS ");"
              "CREATE VIRTUAL TABLE temp.arrays USING kmeans(2, '" ARRAYS "', '{\"seed\": 3}');"
              "CREATE VIRTUAL TABLE temp.blobs USING kmeans(2, '" VECTORS "');"
              "CREATE VIRTUAL TABLE temp.other USING kmeans(2, 'SELECT * FROM changed');"
              "DROP TABLE changed; CREATE TABLE changed(x, y)");
  db_try(db, "SELECT * FROM nowhere"); /* SQLite keeps a place for messages once it has one */
  return db;
}

const char *const statements[] = {
    "SELECT * FROM kmeans(3, " PTS ")",
    "SELECT id, cluster, distance, point, centroid, neighbor, silhouette FROM kmeans(3, " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"init\": \"random\", \"n_init\": 3}', " PTS ")",
    "SELECT * FROM kmeans(2, " PTS ", '{\"init\": [[0, 0], [1e6, 1e6]], \"tol\": 0}')",
    "SELECT * FROM kmeans(" MODEL ", " PTS ")",
    "SELECT * FROM kmeans((SELECT model FROM models), " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"id\": \"name\"}', 'SELECT name, x, y FROM names')",
    "SELECT * FROM kmeans(2, 'SELECT CASE WHEN id < 9 THEN id WHEN id < 19 THEN id << 40 ELSE"
    " ''a'' || id END AS id, x FROM pts WHERE id < 30')",
    "SELECT * FROM kmeans(2, 'SELECT x FROM pts WHERE id > ?', '{\"params\": [20]}')",
    "SELECT * FROM kmeans(2, 'SELECT x FROM pts WHERE id > :a', '{\"params\": {\"a\": \"2\"}}')",
    "SELECT * FROM kmeans(3, 'SELECT x * 1e290 AS x FROM pts')",
    "SELECT * FROM kmeans(9, 'SELECT 1, 2 UNION SELECT 3, 4', '{\"clamp\": true}')",
    "SELECT * FROM kmeans(3, " PTS ") WHERE id = 7",
    "SELECT * FROM kmeans(3, 'SELECT name AS id, x FROM names') WHERE id IN ('name 3', 'no')",
    "SELECT * FROM pts p JOIN kmeans(3, " PTS ") c ON c.id = p.id",
    "SELECT (SELECT cluster FROM kmeans(3, " PTS ") c WHERE c.id = p.id) FROM pts p",
    "SELECT * FROM kmeans(2, 'SELECT distance FROM kmeans(3, ''SELECT x, y FROM pts'')')",
    "SELECT * FROM kmeans_centroids(3, " PTS ")",
    "SELECT * FROM kmeans_centroids((SELECT model FROM models))",
    "SELECT * FROM kmeans_centroids(" MODEL ", " PTS ")",
    "SELECT what, query, options FROM kmeans_centroids(3, " PTS ", '{\"init\": ' ||"
    " (SELECT model FROM models) || '}')",
    "SELECT * FROM kmeans('{\"k\": 3, \"weight\": \"w\"}', 'SELECT *, id % 3 AS w FROM pts')",
    "SELECT *, weight FROM kmeans_centroids('{\"k\": 3, \"weight\": \"id\", \"id\": null}', " PTS
    ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"weight\": \"w\"}', 'SELECT x, id / 7.0 AS w FROM pts')",
    "SELECT kmeans_fit('{\"k\": 3, \"weight\": 2}', x, id, y) FROM pts",
    "SELECT kmeans_fit('{\"k\": 2, \"weight\": 1}', id, v) FROM (" VECTORS ")",
    "SELECT kmeans_fit('{\"k\": 2, \"weight\": 3}', x, y, id) OVER"
    " (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) FROM pts",
    "SELECT kmeans_fit(3, x, y) FROM pts",
    "SELECT kmeans_fit('{\"k\": 2, \"seed\": 7}', x, y) FROM pts GROUP BY id % 2",
    "SELECT kmeans_fit(2, x, y) OVER (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)"
    " FROM pts WHERE id > 1 AND id < 20",
    "SELECT kmeans_fit(" MODEL ", x, y) FROM pts",
    "SELECT kmeans_predict((SELECT model FROM models), x, y) FROM pts",
    "SELECT kmeans_predict(kmeans_fit(3, x, y) OVER (), x, y) FROM pts",
    "SELECT kmeans_predict('{\"centroids\":[[' || id || ']]}', x) FROM pts",
    "SELECT kmeans_distance(" MODEL ", x, y) FROM pts",
    "SELECT kmeans_transform(" MODEL ", x, y) FROM pts",
    "SELECT kmeans_version(), kmeans_debug()",
    "SELECT id, cluster FROM kmeans('{\"k\": 3, \"algorithm\": \"tree\", \"threads\": 2,"
    " \"refine\": \"none\"}', " PTS ")",
    "SELECT * FROM kmeans_centroids('{\"k\": 2, \"algorithm\": \"bounds\", \"kernels\": \"scalar\","
    " \"max_iter\": 3}', 'SELECT x, y, id, x * y, 1, 2 FROM pts WHERE y')",
    "SELECT * FROM kmeans('{\"k\": 2, \"dtype\": \"float64\"}', 'SELECT zeroblob(16) AS v UNION ALL"
    " SELECT x0000000000000040000000000000F03F')",
    "SELECT id, cluster, point, centroid FROM kmeans('{\"k\": 3, \"scale\": \"robust\"}', " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"metric\": \"cosine\"}', " PTS ")",
    "SELECT * FROM kmeans('{\"init\": {\"centroids\": [[1, 2], [3, -4]]}, \"metric\": "
    "\"cosine\"}', " PTS ")",
    "SELECT kmeans_fit('{\"k\": 1, \"metric\": \"cosine\", \"nulls\": \"skip\"}', x * (id % 3 > "
    "0), 0)"
    " OVER (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) FROM pts WHERE id < 30",
    "SELECT * FROM kmeans('{\"k\": 2, \"metric\": \"cosine\"}', '" VECTORS "')",
    "SELECT id, cluster, point FROM kmeans('{\"k\": 3, \"nulls\": \"mean\", \"scale\": "
    "\"minmax\"}', " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 2, \"nulls\": \"mean\"}', 'SELECT id, y FROM pts WHERE id > "
    "40')",
    "SELECT kmeans_fit('{\"k\": 1, \"nulls\": \"mean\"}', y) OVER (ORDER BY id ROWS BETWEEN 4 "
    "PRECEDING AND CURRENT ROW)"
    " FROM pts WHERE id > 40",
    "SELECT kmeans_predict('{\"centroids\":[[0,0],[9,9]],\"impute\":[1,8]}', x, y) FROM pts",
    "SELECT kmeans_fit(" SCALED ", x, y), kmeans_predict(" SCALED ", 1, 2) FROM pts",
    "SELECT kmeans_fit('{\"k\": 2, \"scale\": \"standard\"}', v) FROM (" VECTORS ")",
    "INSERT OR REPLACE INTO labels SELECT id, cluster FROM kmeans(3, " PTS ")",
    "SELECT id, cluster, distance, hex(point), silhouette FROM kmeans(2, '" VECTORS "')",
    "SELECT * FROM kmeans(2, '" ARRAYS "')",
    "SELECT id, cluster FROM kmeans('{\"k\": 2, \"dtype\": \"float64\"}', '" VECTORS "')",
    "SELECT id, cluster FROM kmeans(" MODEL ", '" VECTORS "')",
    "SELECT * FROM kmeans_centroids(2, '" VECTORS "')",
    "SELECT kmeans_fit(2, v) FROM (" VECTORS ")",
    "SELECT kmeans_fit(2, v) FROM (" ARRAYS ")",
    "SELECT kmeans_fit(1, v) OVER (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)"
    " FROM (" VECTORS ")",
    "SELECT kmeans_fit(1, v) OVER (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)"
    " FROM (" ARRAYS ")",
    "SELECT kmeans_transform(" MODEL ", v) FROM (" VECTORS ")",
    "SELECT kmeans_predict(" MODEL ", v) FROM (" ARRAYS ")",
    "SELECT kmeans_distance((SELECT json_object('centroids', json_array(json_group_array(x)))"
    " FROM (SELECT a.x FROM pts a, pts b LIMIT 200)), zeroblob(4 * 200))",
    "SELECT kmeans_predict(" NAMED ", json_object('y', y, 'X', x)) FROM pts WHERE id < 20",
    "SELECT kmeans_transform(" NAMED ", '{\"x\": 1, \"\\u0079\": null}')",
    "SELECT * FROM kmeans_profile('{\"centroids\": [[1, 2, 3]]}', 'SELECT NULL')",
    "SELECT * FROM kmeans_profile(3, " PTS ")",
    "SELECT * FROM kmeans_profile((SELECT model FROM models))",
    "SELECT * FROM kmeans_profile(" NAMED ", " PTS ")",
    "SELECT * FROM pts p JOIN kmeans_profile(2, 'SELECT ' || p.id || ', x FROM pts') WHERE p.id < "
    "3",
    "SELECT *, weight FROM kmeans_trace('{\"k\": 3, \"n_init\": 2}', " PTS ")",
    "SELECT * FROM pts p CROSS JOIN kmeans_trace(3, " PTS ", '{\"weight\": \"id\", \"id\": null}')"
    " WHERE p.id < 3",
    "SELECT * FROM kmeans_trace('{\"k\": 2, \"scale\": \"robust\"}', " PTS ") LIMIT 3",
    "SELECT kmeans_svg(3, x, y) FROM pts",
    "SELECT kmeans_svg('{\"k\": 2, \"scale\": \"standard\", \"title\": \"t\", \"labels\": [\"a\", "
    "\"b\"]}', x, y) FROM pts WHERE id < 30",
    "SELECT kmeans_svg('{\"k\": 2, \"theme\": \"dark\"}', x) FROM pts WHERE id < 20",
    "SELECT kmeans_svg('{\"k\": 3, \"animate\": true}', x, y) FROM pts WHERE id < 20",
    "SELECT kmeans_svg('{\"k\": 2, \"weight\": 3}', x, y, id, id % 7) FROM pts WHERE id < 20",
    "SELECT kmeans_svg(2, v) FROM (" ARRAYS ")",
    "SELECT kmeans_svg('{\"k\": 12}', x, y) FROM pts WHERE id < 20",
    "SELECT kmeans_svg(json_set(model, '$.title', 'T'), x, y) FROM models, pts WHERE id < 20",
    "SELECT kmeans_elbow_svg(id, x), kmeans_elbow_svg(id, x, id = 7) FROM pts WHERE id < 20",
    "SELECT *, silhouette FROM seg",
    "SELECT p.id, s.cluster, s.y FROM pts p JOIN seg s ON s.id = p.id",
    "SELECT * FROM arrays WHERE id = 7",
    "SELECT * FROM blobs",
    "SELECT * FROM kmeans('{\"k\": 2, \"categorical\": [\"name\"], \"nulls\": \"mean\"}',"
    " 'SELECT nullif(name, ''name 3'') AS name, y FROM names WHERE x < 30')",
    "SELECT *, centroid FROM kmeans('{\"k\": 2, \"categorical\": [\"w\"], \"weight\": \"x\"}',"
    " 'SELECT id % 3 AS w, y, x * (id > 9) AS x FROM pts WHERE id < 20')",
    "SELECT * FROM kmeans(" MIXED ", 'SELECT id, name, x FROM pts JOIN names USING (x)')",
    "SELECT * FROM kmeans_centroids(" MIXED ")",
    "SELECT * FROM kmeans_profile(" MIXED ")",
    "SELECT * FROM kmeans_profile('{\"k\": 2, \"categorical\": [\"w\"]}', 'SELECT id % 3 AS w, x"
    " FROM pts')",
    "SELECT kmeans_fit('{\"k\": 1, \"categorical\": [2]}', x, id % 5 / 2.0)"
    " OVER (ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) FROM pts WHERE id < 20",
    "SELECT kmeans_predict(" MIXED ", 'name 3', 1), kmeans_predict(" MIXED
    ", '{\"n\": \"\\u0061\", \"x\": 1}')",
    "SELECT * FROM kmeans_centroids('{\"categorical\": [\"w\"], \"init\": [[{\"1\": 1}, 2], [\"2\","
    " 50]]}', 'SELECT id % 3 AS w, x FROM pts')",
    "SELECT * FROM kmeans_centroids('{\"categorical\": [\"n\"], \"init\": ' || " MIXED " || '}',"
    " 'SELECT name AS n, x FROM names WHERE x < 40')",
    "SELECT * FROM mixed",
    "SELECT kmeans_svg('{\"k\": 2, \"categorical\": [1], \"labels\": [\"n\", \"x\"]}', name, x)"
    " FROM names WHERE x < 30",
    "SELECT kmeans_fit('{\"k\": 2, \"weight\": 3, \"scale\": \"robust\", \"nulls\": \"mean\"}', x, "
    "y,"
    " id / 7.0) FROM pts",
    "SELECT * FROM kmeans_trace('{\"k\": 2, \"categorical\": [\"name\"]}', 'SELECT name, x FROM "
    "names"
    " WHERE x < 30')",
    /* errors */
    "SELECT * FROM kmeans('{\"k\": 2, \"categorical\": [\"no\"]}', " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 2, \"categorical\": [\"x\"]}', 'SELECT zeroblob(3) AS x')",
    "SELECT * FROM kmeans('{\"categorical\": [\"x\"], \"init\": [[1]]}', 'SELECT 1 AS x')",
    "SELECT kmeans_fit('{\"k\": 2, \"categorical\": [2], \"nulls\": \"mean\"}', 1, NULL)",
    "SELECT kmeans_predict('{\"centroids\": [[1, 2]], \"categories\": [[\"a\", \"a\"]]}', 1)",
    "SELECT * FROM other",
    "SELECT * FROM kmeans_profile(3)",
    "SELECT kmeans_svg('{\"k\": 2, \"labels\": [\"a\"]}', x, y) FROM pts",
    "SELECT kmeans_svg('{\"k\": 2, \"labels\": [\"a\", 2]}', x, y) FROM pts",
    "SELECT kmeans_svg('{\"k\": 2, \"theme\": \"none\"}', x, y) FROM pts",
    "SELECT kmeans_svg('{\"k\": 2, \"nothing\": 1}', x, y) FROM pts",
    "SELECT kmeans_elbow_svg(id, 'word') FROM pts",
    "SELECT * FROM kmeans_trace(" MODEL ", " PTS ")",
    "SELECT * FROM kmeans_profile('{\"centroids\": [[1, 2]], \"means\": [1]}')",
    "SELECT kmeans_distance(" NAMED ", '{\"x\": 1, \"z\": 2}')",
    "SELECT kmeans_distance(" NAMED ", '{\"x\": 1, \"y\": \"word\"}')",
    "SELECT kmeans_distance(" NAMED ", '{\"x\": 1')",
    "SELECT kmeans_distance(" MODEL ", '{\"x\": 1}')",
    "SELECT * FROM kmeans('{\"k\": 2, \"nulls\": \"mean\"}', 'SELECT 1, NULL')",
    "SELECT kmeans_fit('{\"k\": 2, \"nulls\": \"mean\"}', NULL)",
    "SELECT * FROM kmeans('{\"k\": 2, \"nulls\": \"mean\"}', '" VECTORS "')",
    "SELECT * FROM kmeans('{\"k\": 2, \"metric\": \"cosine\"}', 'SELECT 0, 0')",
    "SELECT * FROM kmeans('{\"init\": [[1, 2], [3]], \"metric\": \"cosine\"}', " PTS ")",
    "SELECT kmeans_fit('{\"k\": 2, \"weight\": 1, \"categorical\": [1]}', x) FROM pts",
    "SELECT kmeans_predict('{\"centroids\":[[1,0]],\"metric\":\"cosine\"}', 0, 0)",
    "SELECT * FROM kmeans(2, 'SELECT zeroblob(3)')",
    "SELECT * FROM kmeans(2, 'SELECT zeroblob(8) AS v UNION ALL SELECT zeroblob(12)')",
    "SELECT * FROM kmeans(2, 'SELECT x''0000C07F'' AS v')",
    "SELECT * FROM kmeans(2, 'SELECT x''6666D07F6666E63F'' AS v')",
    "SELECT * FROM kmeans(2, 'SELECT ''[1, 2'' AS v')",
    "SELECT * FROM kmeans(2, 'SELECT ''[1]'' AS v UNION ALL SELECT ''word''')",
    "SELECT * FROM kmeans(2, 'SELECT 1 AS v UNION ALL SELECT NULL', '{\"nulls\": \"error\"}')",
    "SELECT kmeans_fit(" MODEL ", v) FROM (SELECT '[1, 2, 3]' AS v)",
    "SELECT kmeans_predict(" MODEL ", '[1, null]')",
    "SELECT kmeans_predict(" MODEL ", zeroblob(16))",
    "SELECT * FROM kmeans(3, 'SELECT x, y FROM nowhere')",
    "SELECT * FROM kmeans(3, 'DELETE FROM pts')",
    "SELECT * FROM kmeans(3, 'SELECT 1; SELECT 2')",
    "SELECT * FROM kmeans(3, 'SELECT ''word'' AS x')",
    "SELECT * FROM kmeans(3, 'SELECT 1 AS x')",
    "SELECT * FROM kmeans(3, 'SELECT id AS a, NULL AS x FROM pts', '{\"nulls\": \"error\"}')",
    "SELECT * FROM kmeans(3, 'SELECT x FROM pts WHERE id > ?')",
    "SELECT * FROM kmeans(3, " PTS ", '{\"seeds\": 1}')",
    "SELECT * FROM kmeans(3, " PTS ", '{\"init\": [[1, 2], [3]]}')",
    "SELECT * FROM kmeans(3, " PTS ", '{\"id\": \"key\"}')",
    "SELECT * FROM kmeans('{\"centroids\": [[1, 2], [3, 4]], \"k\": 3}', " PTS ")",
    "SELECT * FROM kmeans('{\"centroids\": [[1]]}', " PTS ")",
    "SELECT * FROM kmeans_centroids(3)",
    "SELECT kmeans_fit(80, x, y) FROM pts",
    "SELECT kmeans_fit(id, x, y) FROM pts",
    "SELECT kmeans_fit(3, x, 'word') FROM pts",
    "SELECT kmeans_predict('{\"centroids\": 7}', x, y) FROM pts",
    "SELECT kmeans_predict(id, x, y) FROM pts",
    "SELECT kmeans_distance(" MODEL ", x) FROM pts",
    "SELECT kmeans_transform(" MODEL ", x, zeroblob(3)) FROM pts",
    "SELECT * FROM kmeans_sweep(1, 2, 'SELECT x, y FROM pts WHERE id < 6',"
    " '{\"refine\": \"none\", \"sample\": 4, \"max_iter\": 1}')",
    "SELECT k, silhouette, k_min, k_max, query, options FROM kmeans_sweep(2, 9,"
    " 'SELECT x, y, id % 2 AS w FROM pts WHERE id < 9',"
    " '{\"clamp\": true, \"refine\": \"none\", \"weight\": \"w\"}') LIMIT 2",
    "SELECT k, davies_bouldin, f_k FROM kmeans_sweep(3, 4, 'SELECT x, y FROM pts WHERE id < 9',"
    " '{\"scale\": \"standard\", \"refine\": \"none\"}')",
    "SELECT k FROM kmeans_sweep(1, 9, 'SELECT 1 UNION SELECT 2')",
    "SELECT k FROM kmeans_sweep(3, 1, 'SELECT 1')",
    "SELECT k FROM kmeans_sweep(1, 'two', 'SELECT 1')",
    "SELECT k FROM kmeans_sweep(1, 2, 'SELECT 1', '{\"sample\": 0}')",
    "SELECT k FROM kmeans_sweep(1, 2, 'SELECT 1', '{\"k\": 3}')",
    "SELECT kmeans_silhouette(id % 3, x, y) FROM pts",
    "SELECT kmeans_silhouette(substr(name, 6, 1), x) FROM names",
    "SELECT kmeans_silhouette(id % 2, v) FROM vectors",
    "SELECT kmeans_silhouette(id % 2, json_array(x, y)) FROM pts GROUP BY id % 5",
    "SELECT kmeans_silhouette(id % 2 + 0.5, x, y) OVER (ORDER BY id ROWS 5 PRECEDING) FROM pts",
    "SELECT kmeans_silhouette(id, 'x', y) FROM pts",
    "SELECT kmeans_rand_index(name, substr(name, 6, 1)) FROM names",
    "SELECT kmeans_rand_index(id % 3, x'00') FROM pts GROUP BY id % 2",
    "SELECT kmeans_rand_index(id % 3, id % 2.5) OVER (ORDER BY id ROWS 5 PRECEDING) FROM pts",
};

const size_t statements_count = sizeof statements / sizeof *statements;
