/* The query text, in each function that runs one. The first character says which. */
#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {
    "SELECT ",
    "id, x, y",
    " FROM pts",
    "WITH ",
    "RECURSIVE ",
    "VALUES ",
    " UNION ALL ",
    " UNION ",
    " WHERE x > 3",
    " GROUP BY ",
    " ORDER BY ",
    " LIMIT 3",
    " JOIN ",
    " LEFT JOIN ",
    "(1, 2), (3, 4)",
    "n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9)",
    "NULL",
    " AS id",
    " AS x",
    "CAST(x AS TEXT)",
    "x'0000803F00000040'",
    "'[1, 2]'",
    "zeroblob(8)",
    "1e308",
    "-1e999",
    "?",
    "?1",
    ":a",
    "@b",
    "$c",
    "kmeans(2, 'SELECT x FROM pts')",
    "kmeans_centroids(2, 'SELECT x FROM pts')",
    "kmeans_fit(2, x)",
    "kmeans_predict(model, x, y)",
    " FROM models",
    " FROM vectors",
    " FROM names",
    "\"x\"",
    "[x]",
    "`x`",
    "--\n",
    "/* */",
    ";",
    "EXPLAIN ",
    "EXPLAIN QUERY PLAN ",
    "DELETE FROM pts",
    "INSERT INTO pts VALUES (1, 2, 3)",
    " RETURNING *",
    "PRAGMA table_info(pts)",
    "\xEF\xBB\xBF",
    "json_each('[1,2,3]')",
    "random()",
    " OVER ()",
    " EXCEPT ",
    "abs(-9223372036854775808)",
    "count(*)",
    "pragma_table_info('pts')",
    "sqlite_schema",
    "randomblob(8)",
    "'1'",
    "''",
    NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const forms[] = {
      "SELECT *, neighbor, silhouette FROM kmeans(2, ?1, '{\"params\":{\"a\":1},\"clamp\":true}')",
      "SELECT *, centroid FROM kmeans('{\"k\":2,\"clamp\":true}', ?1)",
      "SELECT *, weight FROM kmeans_centroids('{\"k\":2,\"id\":\"x\"}', ?1, "
      "'{\"params\":[1,\"b\"]}')",
      "SELECT * FROM kmeans_profile('{\"k\":2,\"nulls\":\"mean\"}', ?1)",
      "SELECT * FROM kmeans(" FUZZ_MODEL ", ?1)",
      "SELECT * FROM kmeans('{\"k\":2,\"weight\":\"w\"}', ?1) WHERE id = 3",
      "SELECT * FROM kmeans('{\"k\":2,\"metric\":\"cosine\",\"clamp\":true}', ?1)",
      "SELECT * FROM kmeans('{\"k\":3,\"scale\":\"robust\",\"dtype\":\"float64\"}', ?1)",
      "SELECT *, weight FROM kmeans_trace('{\"k\":2,\"clamp\":true}', ?1)",
      "SELECT *, centroid FROM kmeans('{\"k\":2,\"categorical\":[\"x\"],\"scale\":\"standard\"}', "
      "?1)",
      "SELECT * FROM kmeans_sweep(1, 3, ?1, '{\"sample\":9}')",
  };
  enum { FORMS = sizeof forms / sizeof *forms };
  static sqlite3_stmt *statements[FORMS];
  if (size == 0) {
    return 0;
  }
  sqlite3_stmt *statement = fuzz_statement(forms, statements, fuzz_form(data[0], FORMS));
  int changes = sqlite3_total_changes(sqlite3_db_handle(statement));
  fuzz_run_text(statement, data + 1, size - 1);
  fuzz_require(sqlite3_total_changes(sqlite3_db_handle(statement)) == changes, "queries only read",
               "");
  return 0;
}
