/* The functions agree with each other, on random tables and whatever options: a row has the same cluster
** and distance by kmeans, by kmeans_predict with the model of kmeans_fit, by kmeans with that model, and
** by a table; kmeans_centroids says the same of the clusters as the model; and the order in which rows
** are read changes nothing when the start is given.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "points.h"
#include "sqlite_fixture.h"

/* What the options of a case are made of: one of each line, or none. */
static const char *const choices[][6] = {
    {"\"scale\":\"standard\"", "\"scale\":\"minmax\"", "\"scale\":\"robust\"",
     "\"metric\":\"cosine\"", NULL},
    {"\"nulls\":\"mean\"", "\"nulls\":\"skip\"", NULL},
    {"\"init\":\"random\"", "\"init\":\"k-means++\"", NULL},
    {"\"refine\":\"none\"", "\"refine\":\"auto\"", NULL},
    {"\"algorithm\":\"lloyd\"", "\"algorithm\":\"tree\"", "\"algorithm\":\"dense\"",
     "\"algorithm\":\"bounds\"", NULL},
    {"\"tol\":0", "\"tol\":0.5", "\"max_iter\":1", "\"max_iter\":4", NULL},
    {"\"threads\":1", "\"threads\":2", "\"threads\":7", NULL},
    {"\"seed\":1", "\"seed\":-5", "\"n_init\":3", NULL},
};

static char *make_options(points_random *random) {
  char *text = sqlite3_mprintf("{\"clamp\":true,\"k\":%d", 1 + (int)points_below(random, 9));
  for (size_t line = 0; line < sizeof choices / sizeof *choices; line++) {
    size_t count = 0;
    while (choices[line][count]) {
      count++;
    }
    size_t one = points_below(random, 2 * count);
    if (one < count) {
      text = sqlite3_mprintf("%z,%s", text, choices[line][one]);
    }
  }
  return sqlite3_mprintf("%z}", text);
}

/* A fresh table t(id, a, b, c, w) of random rows, in no order; some have NULL. */
static void make_table(sqlite3 *db, points_random *random) {
  size_t n = 1 + points_below(random, 120);
  double *rows = points_memory(n, 3);
  points_fill(rows, n, 3, (points_kind)points_below(random, POINTS_KINDS), random);
  db_exec(db, "DELETE FROM t");
  sqlite3_stmt *insert = db_prepare(db, "INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  for (size_t i = 0; i < n; i++) {
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)(i * 7919 % 100003));
    for (int j = 0; j < 3; j++) {
      if (points_below(random, 40) == 0) {
        sqlite3_bind_null(insert, 2 + j);
      } else {
        sqlite3_bind_double(insert, 2 + j, rows[i * 3 + (size_t)j] + 1e-3);
      }
    }
    sqlite3_bind_int64(insert, 5, (sqlite3_int64)points_below(random, 4));
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  free(rows);
}

static int open_table(void **state) {
  sqlite3 *db = db_open(":memory:");
  db_exec(db, "CREATE TABLE t(id INTEGER, a, b, c, w); CREATE TEMP TABLE m(model)");
  *state = db;
  return 0;
}

static int close_table(void **state) {
  db_close(*state);
  return 0;
}

/* The statement counts broken promises. */
static void expect_none(sqlite3 *db, uint64_t seed, const char *options, const char *format) {
  char *sql = sqlite3_mprintf(format, options);
  char *text = db_text(db, sql);
  if (strcmp(text, "0") != 0) {
    fail_msg("seed %llu, %s: %s\n%s", (unsigned long long)seed, options, text, sql);
  }
  free(text);
  sqlite3_free(sql);
}

static void functions_agree(void **state) {
  sqlite3 *db = *state;
  size_t fitted = 0;
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    points_random random = {seed};
    make_table(db, &random);
    char *options = make_options(&random);
    char *fit =
        sqlite3_mprintf("DELETE FROM m; INSERT INTO m SELECT kmeans_fit(%Q, a, b, c) FROM t;"
                        "DELETE FROM m WHERE model IS NULL" /* all rows skipped */,
                        options);
    if (db_try(db, fit) != SQLITE_OK) { /* all NULL, or no such combination: kmeans says so, too */
      char *same =
          sqlite3_mprintf("SELECT count(*) FROM kmeans(%Q, 'SELECT id, a, b, c FROM t')", options);
      assert_int_equal(db_try(db, same), SQLITE_ERROR);
      sqlite3_free(same);
    } else {
      expect_none(
          db, seed, options,
          "SELECT count(*) FROM m, t JOIN kmeans(%Q, 'SELECT id, a, b, c FROM t') k USING (id)"
          " WHERE k.cluster IS NOT kmeans_predict(model, a, b, c)"
          " OR k.distance IS NOT kmeans_distance(model, a, b, c)");
      expect_none(db, seed, options,
                  "SELECT count(*) FROM m, kmeans(%Q, 'SELECT id, a, b, c FROM t') k JOIN"
                  " kmeans(model, 'SELECT id, a, b, c FROM t') l USING (id)"
                  " WHERE k.cluster IS NOT l.cluster OR k.centroid IS NOT l.centroid"
                  " OR k.neighbor IS NOT l.neighbor OR k.silhouette IS NOT l.silhouette");
      expect_none(
          db, seed, options,
          "SELECT count(*) FROM m, kmeans_centroids(%Q, 'SELECT a, b, c FROM t') k"
          " JOIN kmeans_centroids(model) l USING (cluster)"
          " WHERE k.size IS NOT l.size OR k.inertia IS NOT l.inertia OR k.radius IS NOT l.radius"
          " OR k.centroid IS NOT l.centroid");
      db_exec(db, "CREATE VIRTUAL TABLE temp.seg USING kmeans(%Q, 'SELECT id, a, b, c FROM t')",
              options);
      expect_none(
          db, seed, options,
          "SELECT count(*) FROM seg JOIN kmeans(%Q, 'SELECT id, a, b, c FROM t') k USING (id)"
          " WHERE seg.cluster IS NOT k.cluster OR seg.distance IS NOT k.distance");
      db_exec(db, "DROP TABLE seg");
      fitted++;
    }
    sqlite3_free(fit);
    sqlite3_free(options);
  }
  assert_true(fitted > points_cases(400) * 4 / 5);
}

/* By id, and from given centroids: those of a first fit. Numbers do not change either. */
static void order_of_reading(void **state) {
  sqlite3 *db = *state;
  for (uint64_t seed = 0; seed < points_cases(200); seed++) {
    points_random random = {seed + 1000000};
    make_table(db, &random);
    char *options = sqlite3_mprintf("{\"k\":%d,\"clamp\":true,\"seed\":%d}",
                                    1 + (int)points_below(&random, 8), (int)seed);
    db_exec(db, "DELETE FROM m; INSERT INTO m SELECT kmeans_fit(%Q, a, b, c) FROM t", options);
    expect_none(
        db, seed, options,
        "WITH o(o) AS (SELECT json_object('init', json(model), 'tol', 0) FROM m"
        " WHERE model IS NOT NULL AND %Q IS NOT NULL)"
        " SELECT count(*) FROM o, kmeans(o, 'SELECT id, a, b, c FROM t') k JOIN"
        " kmeans(o, 'SELECT * FROM (SELECT id, a, b, c FROM t ORDER BY abs(a * 1e6) %% 97, c)')"
        " l USING (id) WHERE k.cluster IS NOT l.cluster OR k.distance IS NOT l.distance");
    sqlite3_free(options);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(functions_agree, open_table, close_table),
      cmocka_unit_test_setup_teardown(order_of_reading, open_table, close_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
