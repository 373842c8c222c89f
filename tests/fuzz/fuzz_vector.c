/* A column of values, as vectors: BLOBs, JSON, numbers, NULL. The first byte chooses what is done with
** them; then come values, each a type, a length and that many bytes.
*/
#include <string.h>

#include "fuzz.h"
#include "guard.h"

const char *const fuzz_phrases[] = {NULL};

enum { VALUES = 8 };

/* Binds the next value. The bytes are copied, so that nothing beyond their end goes unnoticed. */
static void bind(sqlite3_stmt *statement, int place, fuzz_input *input) {
  size_t type = fuzz_take(input);
  size_t bytes = fuzz_take(input);
  bytes *= type & 64 ? 16 : 1;
  if (bytes > (size_t)(input->end - input->at)) {
    bytes = (size_t)(input->end - input->at);
  }
  const uint8_t *value = input->at;
  input->at += bytes;
  double real = 0;
  memcpy(&real, value, bytes < sizeof real ? bytes : sizeof real);
  switch (type % 8) {
  case 0:
    sqlite3_bind_null(statement, place);
    break;
  case 1:
    sqlite3_bind_double(statement, place, real);
    break;
  case 2:
    sqlite3_bind_int64(statement, place, (sqlite3_int64)bytes - 7);
    break;
  case 3:
  case 4:
    sqlite3_bind_text64(statement, place, (const char *)value, bytes, SQLITE_TRANSIENT,
                        SQLITE_UTF8);
    break;
  default:
    sqlite3_bind_blob64(statement, place, value, bytes, SQLITE_TRANSIENT);
    break;
  }
}

#define PLACES "(1, ?1), (2, ?2), (3, ?3), (4, ?4), (5, ?5), (6, ?6), (7, ?7), (8, ?8)"
#define TABLE "(SELECT column1 AS id, column2 AS v FROM (VALUES " PLACES "))"
#define KEPT "'SELECT id, v FROM kept'"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const forms[] = {
      "SELECT kmeans_fit(2, v) FROM " TABLE,
      "SELECT kmeans_fit('{\"k\":2,\"clamp\":true,\"dtype\":\"float64\"}', v) FROM " TABLE,
      "SELECT kmeans_fit('{\"k\":2,\"clamp\":true,\"nulls\":\"mean\"}', v) FROM " TABLE,
      "SELECT kmeans_fit('{\"k\":1,\"metric\":\"cosine\",\"nulls\":\"skip\"}', v)"
      " OVER (ORDER BY id ROWS 3 PRECEDING) FROM " TABLE,
      "SELECT kmeans_fit('{\"k\":2,\"weight\":2,\"clamp\":true}', v, id) FROM " TABLE,
      "SELECT kmeans_predict(" FUZZ_MODEL ", v), kmeans_distance(" FUZZ_MODEL ", v) FROM " TABLE,
      "SELECT kmeans_transform('{\"centroids\":[[1,2,3]],\"dtype\":\"float64\"}', v) FROM " TABLE,
      "SELECT kmeans_predict('{\"centroids\":[[1,2]],\"columns\":[\"x\",\"y\"]}', v) FROM " TABLE,
      "SELECT kmeans_fit(2, v, id) FROM " TABLE,
      "SELECT kmeans_silhouette(id % 2, v), kmeans_silhouette(v, id), kmeans_rand_index(v, id % 3)"
      " FROM " TABLE,
      "SELECT kmeans_silhouette(v, id) OVER (ROWS 3 PRECEDING),"
      " kmeans_rand_index(v, id % 3) OVER (ROWS 3 PRECEDING) FROM " TABLE,
      ("REPLACE INTO kept VALUES " PLACES),
  };
  static const char *const queries[] = {
      "SELECT *, centroid, silhouette FROM kmeans('{\"k\":2,\"clamp\":true}', " KEPT ")",
      "SELECT * FROM kmeans('{\"k\":2,\"clamp\":true,\"metric\":\"cosine\"}', " KEPT ")",
      "SELECT * FROM kmeans_profile('{\"k\":2,\"scale\":\"minmax\",\"clamp\":true}', " KEPT ")",
      "SELECT * FROM kmeans('{\"k\":2,\"clamp\":true,\"id\":\"v\"}', " KEPT ")",
      "SELECT k.id FROM kept JOIN kmeans('{\"k\":2,\"clamp\":true,\"id\":\"v\"}', " KEPT
      ") k ON k.id = kept.v",
      "SELECT * FROM kmeans('{\"k\":2,\"clamp\":true,\"weight\":\"v\"}', " KEPT ")",
      /* the point of a row is what went in, and its label is the one of its model */
      "WITH m(model) AS MATERIALIZED (SELECT kmeans_fit('{\"k\":2,\"clamp\":true}', v) FROM kept)"
      " SELECT k.cluster IS NOT kmeans_predict(model, t.v) OR"
      " (typeof(t.v) = 'blob' AND k.point IS NOT t.v)"
      " FROM m, kmeans('{\"k\":2,\"clamp\":true}', " KEPT ") k JOIN kept t USING (id)",
  };
  enum {
    FORMS = sizeof forms / sizeof *forms,
    QUERIES = sizeof queries / sizeof *queries,
    COMPARED = FORMS + QUERIES - 1
  };
  static sqlite3 *db;
  static sqlite3_stmt *statement[FORMS + QUERIES];
  fuzz_input input = {data, data + size};
  if (!db) {
    db = fuzz_open();
    sqlite3_exec(db, "CREATE TEMP TABLE kept(id INTEGER PRIMARY KEY, v)", NULL, NULL, NULL);
    for (size_t i = 0; i < FORMS + QUERIES; i++) {
      statement[i] = fuzz_prepare(db, i < FORMS ? forms[i] : queries[i - FORMS]);
    }
  }
  size_t form = fuzz_take(&input) % (FORMS + QUERIES);
  size_t bound = form < FORMS ? form : FORMS - 1;
  for (int place = 1; place <= VALUES; place++) {
    bind(statement[bound], place, &input);
  }
  fuzz_start(db);
  fuzz_run(statement[bound]);
  sqlite3_clear_bindings(statement[bound]);
  if (form == COMPARED) {
    fuzz_hold(statement[form], "points come back, with the label of their model");
  } else if (form >= FORMS) {
    fuzz_run(statement[form]);
  }
  return 0;
}
