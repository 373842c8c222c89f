/* The JSON object of options, where each function takes it. The first character says where. What comes
** out must agree: a fit with these options is the same as a model and as labels.
*/
#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {"\"k\":3",
                                    "\"k\":24",
                                    "\"seed\":7",
                                    "\"init\":\"random\"",
                                    "\"init\":\"k-means++\"",
                                    "\"init\":[[1,2],[3,4],[5,6]]",
                                    "\"init\":{\"centroids\":[[1,2],[3,4],[5,6]]}",
                                    "\"n_init\":3",
                                    "\"max_iter\":2",
                                    "\"tol\":0",
                                    "\"tol\":1e-4",
                                    "\"metric\":\"cosine\"",
                                    "\"metric\":\"euclidean\"",
                                    "\"scale\":\"standard\"",
                                    "\"scale\":\"minmax\"",
                                    "\"scale\":\"robust\"",
                                    "\"scale\":\"none\"",
                                    "\"refine\":\"none\"",
                                    "\"refine\":\"auto\"",
                                    "\"algorithm\":\"lloyd\"",
                                    "\"algorithm\":\"tree\"",
                                    "\"algorithm\":\"dense\"",
                                    "\"algorithm\":\"bounds\"",
                                    "\"threads\":2",
                                    "\"nulls\":\"skip\"",
                                    "\"nulls\":\"error\"",
                                    "\"nulls\":\"mean\"",
                                    "\"clamp\":true",
                                    "\"params\":[1]",
                                    "\"params\":{\"a\":1}",
                                    "\"id\":\"x\"",
                                    "\"id\":null",
                                    "\"weight\":\"y\"",
                                    "\"weight\":2",
                                    "\"categorical\":[\"x\"]",
                                    "\"categorical\":[2]",
                                    "\"init\":[[1,{\"2\":1}],[{\"1\":0.5,\"x\":0},\"3\"]]",
                                    "\"dtype\":\"float32\"",
                                    "\"dtype\":\"float64\"",
                                    "\"kernels\":\"scalar\"",
                                    "\"kernels\":\"avx2\"",
                                    "\"centroids\":[[1,2],[3,4]]",
                                    "\"columns\":[\"x\",\"y\"]",
                                    FUZZ_JSON,
                                    "false",
                                    "0x10",
                                    "'k'",
                                    "/**/",
                                    NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const forms[] = {
      "SELECT *, neighbor, silhouette FROM kmeans(3, " FUZZ_QUERY ", ?1)",
      "SELECT *, centroid FROM kmeans(?1, " FUZZ_QUERY ")",
      "SELECT * FROM kmeans(" FUZZ_MODEL ", " FUZZ_QUERY ", ?1)",
      "SELECT kmeans_fit(?1, x, y) FROM pts",
      "SELECT kmeans_fit(?1, y) OVER (ORDER BY id ROWS 5 PRECEDING) FROM pts",
      "SELECT *, weight FROM kmeans_centroids(?1, 'SELECT x, y, id % 3 AS w FROM pts')",
      "SELECT * FROM kmeans_profile(?1, 'SELECT name, x, y, w FROM names WHERE x > ?')",
      "SELECT * FROM kmeans(2, 'SELECT id, v FROM vectors', ?1)",
      "SELECT kmeans_fit(?1, v) FROM vectors",
      "SELECT *, weight FROM kmeans_trace(?1, " FUZZ_QUERY ") LIMIT 40",
      /* 1 for each row whose two labels are not the same */
      "WITH m(model) AS MATERIALIZED (SELECT kmeans_fit(?1, x, y) FROM pts)"
      " SELECT k.cluster IS NOT kmeans_predict(model, p.x, p.y) FROM m, kmeans(?1, " FUZZ_QUERY
      ") k JOIN pts p USING (id)",
  };
  enum { FORMS = sizeof forms / sizeof *forms, COMPARED = FORMS - 1 };
  static sqlite3_stmt *statements[FORMS];
  if (size == 0) {
    return 0;
  }
  size_t form = fuzz_form(data[0], FORMS);
  sqlite3_stmt *statement = fuzz_statement(forms, statements, form);
  if (form == COMPARED) {
    fuzz_bind_text(statement, data + 1, size - 1);
    fuzz_hold(statement, "kmeans and kmeans_predict agree");
  } else {
    fuzz_run_text(statement, data + 1, size - 1);
  }
  return 0;
}
