/* The JSON of a model, in all that takes one. Whatever it is, its functions must agree with each other:
** the cluster of a point is the one of least distance, and the same by kmeans_predict and by kmeans.
*/
#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {
    "\"type\":\"kmeans\"",
    "\"version\":1",
    "\"k\":2",
    "\"dims\":2",
    "\"columns\":[\"x\",\"y\"]",
    "\"metric\":\"cosine\"",
    "\"metric\":\"euclidean\"",
    "\"dtype\":\"float64\"",
    "\"scale\":{\"method\":\"standard\",\"shift\":[1,2],\"factor\":[3,4]}",
    "\"scale\":{\"shift\":[0,0],\"factor\":[1e300,1e-300]}",
    "\"impute\":[1,2]",
    "\"centroids\":[[0,0],[5,5]]",
    "\"centroids\":[[1]]",
    "\"centroids\":[[1e300,-1e300],[1e-300,0]]",
    "\"sizes\":[1,2]",
    "\"weights\":[1.5,2]",
    "\"inertias\":[1,2]",
    "\"radii\":[1,2]",
    "\"inertia\":3",
    "\"iterations\":2",
    "\"converged\":true",
    "\"n\":3",
    "\"skipped\":1",
    "\"imputed\":1",
    "\"means\":[1,2]",
    "\"deviations\":[1,2]",
    "\"seed\":7",
    "\"categories\":[null,[\"a\",\"b\"]]",
    "\"categories\":[[\"1\",\"2.5\"],[\"\"]]",
    FUZZ_JSON,
    "[[[[",
    "0x10",
    NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const forms[] = {
      /* a 1 for each promise that is broken */
      "SELECT k.cluster IS NOT kmeans_predict(?1, p.x, p.y) OR"
      " k.distance IS NOT kmeans_distance(?1, p.x, p.y)"
      " FROM kmeans(?1, " FUZZ_QUERY ") k JOIN pts p USING (id)",
      "SELECT kmeans_predict(?1, x, y) IS NOT kmeans_predict(?1, json_array(x, y)) FROM pts"
      " WHERE id IN (2, 7)",
      "SELECT d > min(value) OR json_array_length(t) <= p FROM (SELECT kmeans_predict(?1, x, y) AS "
      "p,"
      " kmeans_distance(?1, x, y) * (1 - 1e-12) AS d, kmeans_transform(?1, x, y) AS t FROM pts"
      " WHERE id IN (1, 8, 20)), json_each(t) GROUP BY p, d, t",
      "SELECT sum(size) IS NOT 23 AND sum(size) IS NOT 24 FROM kmeans_centroids(?1, " FUZZ_QUERY
      ")",
      "SELECT a.cluster IS NOT b.cluster OR a.centroid IS NOT b.centroid"
      " FROM kmeans_centroids(?1) a JOIN kmeans_centroids((SELECT kmeans_fit(?1, x, y) FROM pts)) "
      "b USING (cluster)",
      /* anything */
      "SELECT *, weight FROM kmeans_centroids(?1)",
      "SELECT * FROM kmeans_profile(?1)",
      "SELECT * FROM kmeans_profile(?1, 'SELECT * FROM names', '{\"id\": \"name\"}')",
      "SELECT *, centroid, silhouette FROM kmeans(?1, 'SELECT id, v FROM vectors')",
      "SELECT kmeans_fit(?1, x, y), kmeans_fit(?1, x) FROM pts",
      "SELECT kmeans_transform(?1, v), kmeans_predict(?1, '[1]') FROM vectors",
      "SELECT kmeans_predict(?1, json_object('y', y, 'X', x)) FROM pts WHERE id < 4",
      "SELECT * FROM kmeans('{\"tol\":0,\"init\":' || ?1 || '}', " FUZZ_QUERY ")",
  };
  enum { FORMS = sizeof forms / sizeof *forms, PROMISES = 5 };
  static sqlite3_stmt *statements[FORMS];
  if (size == 0) {
    return 0;
  }
  size_t form = fuzz_form(data[0], FORMS);
  sqlite3_stmt *statement = fuzz_statement(forms, statements, form);
  if (form < PROMISES) {
    fuzz_bind_text(statement, data + 1, size - 1);
    fuzz_hold(statement, "functions of a model agree");
  } else {
    fuzz_run_text(statement, data + 1, size - 1);
  }
  return 0;
}
