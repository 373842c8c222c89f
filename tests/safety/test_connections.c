/* Connections: several, closed in any order, in threads, with small stacks; what a connection
** forbids (authorizer, query_only, defensive, untrusted schema); and locks.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include <pthread.h>
#include <cmocka.h>

#include "sqlite_fixture.h"

#define PTS "'SELECT id, x, y FROM pts'"

static int open_points(void **state) {
  *state = db_open(":memory:");
  db_make_points(*state, 300);
  return 0;
}

static int close_points(void **state) {
  db_close(*state);
  return 0;
}

static void closed_in_any_order(void **state) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  (void)state;
  for (int o = 0; o < 6; o++) {
    sqlite3 *db[3];
    for (int i = 0; i < 3; i++) {
      db[i] = db_open(":memory:");
      db_make_points(db[i], 30 * (i + 1));
    }
    for (int i = 0; i < 3; i++) {
      for (int j = i; j < 3; j++) {
        db_expect(db[orders[o][j]], "SELECT count(DISTINCT cluster) FROM kmeans(3, " PTS ")", "3");
      }
      db_close(db[orders[o][i]]);
    }
  }
}

/* Tables of a query: the module is registered anew under them, and another connection changes what they
** read. */
static void tables_live_on(void **state) {
  (void)state;
  const char *path = db_new_file();
  sqlite3 *db = db_open(path);
  db_make_points(db, 30);
  db_exec(db, "CREATE VIRTUAL TABLE temp.seg USING kmeans(3, 'SELECT * FROM pts')");
  assert_int_equal(db_load(db), SQLITE_OK);
  db_expect(db, "SELECT count(DISTINCT cluster) FROM seg", "3");
  sqlite3 *other = db_open(path);
  db_expect_error(other, "SELECT * FROM seg", SQLITE_ERROR, "no such table: seg");
  db_exec(other, "ALTER TABLE pts ADD COLUMN z DEFAULT 7");
  db_expect(db, "SELECT count(DISTINCT cluster), min(z) FROM seg", "3|7");
  db_exec(other, "DROP TABLE pts");
  db_expect_error(db, "SELECT * FROM seg", SQLITE_ERROR, "no such table: pts");
  db_close(other);
  db_close(db);
  db_forget_file(path);
}

static void loaded_twice(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *running = db_prepare(db, "SELECT id FROM kmeans(3, " PTS ")");
  assert_int_equal(sqlite3_step(running), SQLITE_ROW);
  /* SQLite replaces no function while a statement runs. */
  int rc = db_load(db);
  assert_true(rc == SQLITE_OK || rc == SQLITE_ERROR);
  assert_int_equal(sqlite3_step(running), SQLITE_ROW);
  sqlite3_finalize(running);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(db_load(db), SQLITE_OK);
    db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "300");
    db_expect(db, "SELECT kmeans_predict(kmeans_fit(3, x, y), 0, 0) FROM pts", "0");
  }
}

/* The module can be replaced while a cursor of the old one is open. */
static void replaced_while_in_use(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *running = db_prepare(db, "SELECT id, cluster FROM kmeans(3, " PTS ")");
  assert_int_equal(sqlite3_step(running), SQLITE_ROW);
  sqlite3_drop_modules(db, NULL);
  int rows = 1;
  while (sqlite3_step(running) == SQLITE_ROW) {
    rows++;
  }
  assert_int_equal(rows, 300);
  sqlite3_finalize(running);
  db_expect_error(db, "SELECT * FROM kmeans(3, " PTS ")", SQLITE_ERROR, "no such table");
  assert_int_equal(db_load(db), SQLITE_OK);
  db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "300");
}

/* What one thread does with a connection of its own: cmocka's checks belong to the main thread, so
** it only reports: the text that each of the runs gave, or NULL. */
typedef struct alone {
  sqlite3 *db;
  const char *sql;
  int runs;
} alone;

static void *fit_alone(void *argument) {
  const alone *own = argument;
  char *first = NULL;
  for (int i = 0; i < own->runs; i++) {
    sqlite3_stmt *statement = NULL;
    const char *text = NULL;
    if (sqlite3_prepare_v2(own->db, own->sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      text = (const char *)sqlite3_column_text(statement, 0);
    }
    if (!text || (first && strcmp(first, text) != 0)) {
      sqlite3_finalize(statement);
      free(first);
      return NULL;
    }
    if (!first) {
      first = strdup(text);
    }
    sqlite3_finalize(statement);
  }
  return first;
}

/* All at once, on as many points. */
static void fit_in_eight_threads(const char *sql, int points, int runs) {
  alone own[8];
  pthread_t thread[8];
  char *text[8];
  for (int t = 0; t < 8; t++) {
    own[t] = (alone){db_open(":memory:"), sql, runs};
    db_make_points(own[t].db, points);
  }
  for (int t = 0; t < 8; t++) {
    assert_int_equal(pthread_create(&thread[t], NULL, fit_alone, &own[t]), 0);
  }
  for (int t = 0; t < 8; t++) {
    void *result;
    pthread_join(thread[t], &result);
    text[t] = result;
  }
  for (int t = 0; t < 8; t++) {
    assert_non_null(text[t]);
    assert_string_equal(text[t], text[0]);
  }
  for (int t = 0; t < 8; t++) {
    free(text[t]);
    db_close(own[t].db);
  }
}

static const char labels_and_model[] =
    "SELECT json_group_array(cluster) || (SELECT kmeans_fit(5, x, y) FROM pts)"
    " FROM kmeans(5, " PTS ")";

static void eight_threads(void **state) {
  (void)state;
  fit_in_eight_threads(labels_and_model, 200, 20);
}

/* And each of the eight fits has threads of its own. */
static void eight_threads_with_workers(void **state) {
  (void)state;
  fit_in_eight_threads("SELECT kmeans_fit('{\"k\":40,\"threads\":3,\"refine\":\"none\","
                       "\"max_iter\":9}', x, y, x * y, id) FROM pts",
                       db_instrumented() ? 6000 : 20000, 2);
}

static void small_stack(void **state) {
  pthread_attr_t attributes;
  pthread_t thread;
  void *result;
  size_t bytes = 65536;
  (void)state;
  sqlite3 *db = db_open(":memory:");
  db_make_points(db, 200);
  alone own = {db, labels_and_model, 20};
  /* A sanitizer takes stack of its own. */
  bytes *= db_instrumented() ? 8 : 1;
  if (bytes < (size_t)PTHREAD_STACK_MIN) {
    bytes = (size_t)PTHREAD_STACK_MIN;
  }
  pthread_attr_init(&attributes);
  assert_int_equal(pthread_attr_setstacksize(&attributes, bytes), 0);
  assert_int_equal(pthread_create(&thread, &attributes, fit_alone, &own), 0);
  pthread_join(thread, &result);
  pthread_attr_destroy(&attributes);
  assert_non_null(result);
  free(result);
  db_close(db);
}

/* Queries nest four deep, as often as one likes, whatever errors came in between. */
static void depth_is_counted_back(void **state) {
  sqlite3 *db = *state;
  const char *query = "SELECT x, y FROM pts";
  char *nested[7];
  nested[0] = sqlite3_mprintf("%s", query);
  for (int depth = 1; depth < 7; depth++) {
    nested[depth] = sqlite3_mprintf("SELECT distance FROM kmeans(2, %Q)", nested[depth - 1]);
  }
  db_exec(db, "CREATE TEMP VIEW itself AS SELECT distance FROM kmeans(2, 'SELECT * FROM itself')");
  for (int round = 0; round < 3; round++) {
    db_exec(db, "%s", nested[4]);
    db_expect_error(db, nested[5], SQLITE_ERROR, "nested more than 4 deep");
    db_expect_error(db, nested[6], SQLITE_ERROR, "nested more than 4 deep");
    db_expect_error(db, "SELECT * FROM itself", SQLITE_ERROR, "");
    db_expect_error(db, "SELECT * FROM kmeans(2, 'SELECT nosuch FROM pts')", SQLITE_ERROR,
                    "nosuch");
    db_expect_error(db, "SELECT * FROM kmeans(2, 'SELECT ''a'' AS x FROM pts')", SQLITE_ERROR,
                    "'a'");
    db_expect_error(db, "SELECT * FROM kmeans(2, 'DELETE FROM pts')", SQLITE_ERROR, "SELECT");
    db_expect_error(db, "SELECT * FROM kmeans(2, 'SELECT abs(-9223372036854775808) FROM pts')",
                    SQLITE_ERROR, "overflow");
    sqlite3_stmt *half = db_prepare(db, nested[4]);
    sqlite3_step(half);
    sqlite3_finalize(half);
  }
  for (int depth = 0; depth < 7; depth++) {
    sqlite3_free(nested[depth]);
  }
}

static int deny(void *table, int action, const char *a, const char *b, const char *c,
                const char *d) {
  (void)b;
  (void)c;
  (void)d;
  return action == SQLITE_READ && strcmp(a, table) == 0 ? SQLITE_DENY : SQLITE_OK;
}

static void authorizer(void **state) {
  sqlite3 *db = *state;
  db_exec(db, "CREATE TABLE secret(x); INSERT INTO secret VALUES (1), (2)");
  sqlite3_set_authorizer(db, deny, "secret");
  db_expect_error(db, "SELECT * FROM kmeans(2, 'SELECT x FROM secret')", SQLITE_AUTH, "secret.x");
  db_expect_error(db, "SELECT * FROM kmeans_centroids(2, 'SELECT x FROM secret')", SQLITE_AUTH,
                  "prohibited");
  db_expect_error(db, "SELECT * FROM kmeans(2, 'SELECT p.x, s.x FROM pts p, secret s')",
                  SQLITE_AUTH, "secret.x");
  db_expect(db, "SELECT count(*) FROM kmeans(2, " PTS ")", "300");
  sqlite3_set_authorizer(db, NULL, NULL);
  db_expect(db, "SELECT count(*) FROM kmeans(2, 'SELECT x FROM secret')", "2");
}

static void restricted_connections(void **state) {
  sqlite3 *db = *state;
  db_exec(db, "CREATE TABLE models AS SELECT kmeans_fit(3, x, y) AS model FROM pts;"
              "CREATE VIEW labelled AS SELECT id, kmeans_predict((SELECT model FROM models), x, y)"
              " AS cluster FROM pts;"
              "CREATE VIEW fitted AS SELECT kmeans_fit(3, x, y) AS model FROM pts;"
              "CREATE VIEW risky AS SELECT * FROM kmeans(3, " PTS ");"
              "CREATE TABLE log(c);"
              "CREATE TRIGGER noted AFTER INSERT ON pts BEGIN INSERT INTO log"
              " SELECT kmeans_predict(model, new.x, new.y) FROM models; END");
  for (int trusted = 1; trusted >= 0; trusted--) {
    db_exec(db, "PRAGMA trusted_schema = %d", trusted);
    db_expect(db, "SELECT count(DISTINCT cluster) FROM labelled", "3");
    db_expect(db, "SELECT json_extract(model, '$.n') FROM fitted", "300");
    db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "300");
    db_expect_error(db, "SELECT * FROM risky", SQLITE_ERROR, "unsafe use of virtual table");
    db_exec(db, "INSERT INTO pts VALUES (NULL, 0, 0); DELETE FROM pts WHERE id > 300");
    db_expect(db, "SELECT max(c) FROM log", "0");
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "300");
  db_exec(db, "PRAGMA query_only = 1");
  db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "300");
  db_expect(db, "SELECT count(*) FROM kmeans_centroids((SELECT model FROM models))", "3");
  db_expect_error(db, "INSERT INTO log SELECT cluster FROM kmeans(3, " PTS ")", SQLITE_READONLY,
                  "");
  db_exec(db, "PRAGMA query_only = 0");
  db_exec(db, "INSERT INTO log SELECT cluster FROM kmeans(3, " PTS ")");
}

/* While rows are being stepped, the connection may change what the query has read; in WAL mode,
** which has readers and writers not wait for each other, so may another. */
static void locks(void **state) {
  const char *path = db_new_file();
  sqlite3 *db = db_open(path);
  sqlite3 *other = db_open_bare(path);
  (void)state;
  db_make_points(db, 300);
  sqlite3_busy_timeout(other, 0);
  db_exec(db, "PRAGMA journal_mode = wal");
  for (int named = 0; named < 2; named++) {
    sqlite3_stmt *rows =
        db_prepare(db, named ? "SELECT id FROM kmeans(3, " PTS ")"
                             : "SELECT id FROM kmeans(3, " PTS ") WHERE cluster < 3");
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    db_exec(db, "UPDATE pts SET x = x + 1; INSERT INTO pts VALUES (1000, 1, 1);"
                "DELETE FROM pts WHERE id = 1000");
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    db_exec(db, "BEGIN; DELETE FROM pts");
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    db_exec(db, "ROLLBACK");
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    db_exec(other, "UPDATE pts SET x = x - 1");
    int count = 4;
    while (sqlite3_step(rows) == SQLITE_ROW) {
      count++;
    }
    assert_int_equal(count, 300);
    sqlite3_finalize(rows);
  }
  db_exec(other, "UPDATE pts SET x = x"); /* and nothing is left locked */
  db_close(other);
  db_exec(db, "PRAGMA journal_mode = delete");
  other = db_open_bare(path);
  db_exec(db, "SELECT * FROM kmeans(3, " PTS ") LIMIT 1");
  db_exec(other, "UPDATE pts SET x = x");
  db_close(other);
  db_close(db);
  db_forget_file(path);
}

static void tables_from_themselves(void **state) {
  sqlite3 *db = *state;
  db_exec(db, "INSERT INTO pts(x, y) SELECT distance, cluster FROM kmeans(3, " PTS ")");
  db_expect(db, "SELECT count(*) FROM pts", "600");
  db_exec(db, "DELETE FROM pts WHERE id IN (SELECT id FROM kmeans(2, " PTS ") WHERE id > 300)");
  db_expect(db, "SELECT count(*) FROM pts", "300");
  db_exec(db, "UPDATE pts SET x = c.cluster FROM kmeans(3, " PTS ") c WHERE c.id = pts.id");
  db_expect(db, "SELECT count(*), sum(x = id % 3) FROM pts", "300|300");
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(closed_in_any_order),
      cmocka_unit_test(tables_live_on),
      cmocka_unit_test_setup_teardown(loaded_twice, open_points, close_points),
      cmocka_unit_test_setup_teardown(replaced_while_in_use, open_points, close_points),
      cmocka_unit_test(eight_threads),
      cmocka_unit_test(eight_threads_with_workers),
      cmocka_unit_test(small_stack),
      cmocka_unit_test_setup_teardown(depth_is_counted_back, open_points, close_points),
      cmocka_unit_test_setup_teardown(authorizer, open_points, close_points),
      cmocka_unit_test_setup_teardown(restricted_connections, open_points, close_points),
      cmocka_unit_test(locks),
      cmocka_unit_test_setup_teardown(tables_from_themselves, open_points, close_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
