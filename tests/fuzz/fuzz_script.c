/* A script of SQL, in a database of its own: whatever can be said with the names of the extension. Each
** statement runs, whatever became of those before it.
*/
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {
    "SELECT * FROM kmeans(3, 'SELECT id, x, y FROM pts')",
    "SELECT * FROM kmeans_centroids(3, 'SELECT id, x, y FROM pts')",
    "SELECT * FROM kmeans_profile(3, 'SELECT id, x, y FROM pts')",
    "SELECT * FROM kmeans_trace(3, 'SELECT id, x, y FROM pts')",
    "SELECT * FROM kmeans_sweep(1, 3, 'SELECT id, x, y FROM pts')",
    "SELECT kmeans_silhouette(id % 3, x, y) FROM pts",
    "kmeans_silhouette(x, v)",
    "kmeans_rand_index(x, y)",
    "SELECT kmeans_svg(3, x, y) FROM pts",
    "SELECT kmeans_elbow_svg(id, x) FROM pts",
    "kmeans_svg('{\"k\":2,\"animate\":true}', x, id) OVER (ORDER BY id)",
    "kmeans_fit('{\"k\":2,\"categorical\":[2]}', x, name)",
    "'{\"k\":2,\"categorical\":[\"name\"]}'",
    "SELECT kmeans_fit(3, x, y) FROM pts",
    "kmeans_predict(model, x, y)",
    "kmeans_distance(model, x, y)",
    "kmeans_transform(model, x, y)",
    "kmeans_fit(2, v)",
    "kmeans_fit('{\"k\":2,\"weight\":2}', x, id)",
    "(SELECT model FROM models)",
    "kmeans(model, 'SELECT x, y FROM pts')",
    " k JOIN pts p ON k.id = p.id",
    " WHERE k.id = 3",
    " WHERE id IN (1, 2)",
    " WHERE cluster = 1",
    " GROUP BY id % 2",
    " ORDER BY id",
    " ORDER BY cluster DESC",
    " LIMIT 2",
    " UNION ALL ",
    " LEFT JOIN ",
    " CROSS JOIN ",
    " USING (id)",
    " OVER ()",
    " OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
    " OVER (PARTITION BY id % 2 ORDER BY id RANGE 3 PRECEDING EXCLUDE CURRENT ROW)",
    " FILTER (WHERE id > 3)",
    "kmeans_fit(DISTINCT 2, x)",
    "CREATE VIRTUAL TABLE temp.seg USING kmeans(3, 'SELECT id, x, y FROM pts');\n",
    "SELECT * FROM seg",
    "DROP TABLE seg;\n",
    "ALTER TABLE pts ADD COLUMN z DEFAULT 1;\n",
    "ALTER TABLE seg RENAME TO s2;\n",
    "INSERT INTO pts VALUES (99, 1, 2);\n",
    "DELETE FROM pts",
    "UPDATE pts SET x = k.cluster FROM kmeans(2, 'SELECT id, x FROM pts') k WHERE k.id = pts.id;\n",
    "CREATE VIEW v1 AS ",
    "CREATE TEMP VIEW v2 AS ",
    "SELECT * FROM v2",
    "CREATE TABLE t1 AS ",
    "CREATE TRIGGER g AFTER INSERT ON pts BEGIN SELECT kmeans_fit(2, x) FROM pts; END;\n",
    "CREATE INDEX i ON pts(kmeans_predict('{\"centroids\":[[1,2],[3,4]]}', x, y));\n",
    "CREATE TABLE g(a, b AS (kmeans_predict('{\"centroids\":[[1],[3]]}', a)));\n",
    "BEGIN;\n",
    "COMMIT;\n",
    "ROLLBACK;\n",
    "SAVEPOINT s;\n",
    "ROLLBACK TO s;\n",
    "PRAGMA query_only = 1;\n",
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20) ",
    "EXPLAIN ",
    "DROP TABLE pts;\n",
    "VACUUM;\n",
    "REINDEX;\n",
    "ANALYZE;\n",
    "'{\"k\":3,\"scale\":\"standard\"}'",
    "'{\"k\":3,\"metric\":\"cosine\"}'",
    "'{\"nulls\":\"mean\"}'",
    "'{\"params\":[1]}'",
    "NULL",
    "-1",
    "1e308",
    "x'0000803F00000040'",
    "'[1,2]'",
    "json(",
    "json_object('x', x)",
    "json_set(",
    "->",
    "->>",
    "kmeans_version()",
    "kmeans_debug()",
    "(SELECT ",
    ") ",
    ", ",
    ";\n",
    NULL};

/* Runs the first statement; returns what is left. After an error in its syntax nobody knows where it
** ends: the next one begins behind a semicolon. */
static const char *run_first(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  const char *tail = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &statement, &tail);
  if (rc == SQLITE_OK) {
    if (statement) {
      fuzz_run(statement);
      fuzz_run(statement);
    }
    sqlite3_finalize(statement);
    return tail;
  }
  tail = strchr(tail && tail > sql ? tail - 1 : sql, ';');
  return tail ? tail + 1 : "";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *script = malloc(size + 1);
  if (!script) {
    return 0;
  }
  if (size > 0) {
    memcpy(script, data, size);
  }
  script[size] = 0;
  sqlite3 *db = fuzz_open();
  const char *rest = script;
  for (int i = 0; *rest && i < 20; i++) {
    rest = run_first(db, rest);
  }
  fuzz_close(db);
  free(script);
  return 0;
}
