/* Memory: every statement gives all of it back, and when none is left the answer is right or an
** error, never a crash and never something else.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sqlite_fixture.h"
#include "sqlite_statements.h"

#define PTS "'SELECT id, x, y FROM pts'"

/* SQLite's allocator, with faults. */
static long allocations; /* asked for since the count was last set to 0 */
static long fail_at;     /* the one that fails, from 1; 0: none */
static int fail_onward;  /* all later ones fail, too */
static long failures;

static int fails(void) {
  allocations++;
  int now = fail_at && (fail_onward ? allocations >= fail_at : allocations == fail_at);
  failures += now;
  return now;
}

static int configure(void **state) {
  (void)state;
  return db_watch_allocations(fails);
}

static int open_points(void **state) {
  *state = statements_open(":memory:");
  return 0;
}

static int close_points(void **state) {
  db_close(*state);
  return 0;
}

static void expect_given_back(sqlite3_int64 before, const char *sql, const char *how) {
  if (sqlite3_memory_used() != before) {
    fail_msg("%s\n-> %s: %lld bytes are not given back", sql, how,
             (long long)(sqlite3_memory_used() - before));
  }
}

/* Sees a statement to its end, or its error, or `rows` rows. */
static int step_rows(sqlite3_stmt *statement, int rows) {
  int rc = SQLITE_ROW;
  for (int i = 0; i < rows && rc == SQLITE_ROW; i++) {
    rc = sqlite3_step(statement);
  }
  return rc;
}

static void given_back(void **state) {
  sqlite3 *db = *state;
  for (size_t i = 0; i < statements_count; i++) {
    db_try(db, statements[i]); /* what SQLite keeps: schemas, pages */
    sqlite3_int64 before = sqlite3_memory_used();
    db_try(db, statements[i]);
    sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL); /* replaces the error message */
    expect_given_back(before, statements[i], "read to the end");
    for (int rows = 0; rows < 4; rows++) {
      sqlite3_stmt *statement = db_prepare(db, statements[i]);
      for (int run = 0; run < 3; run++) {
        step_rows(statement, rows);
        sqlite3_reset(statement);
      }
      step_rows(statement, rows); /* finalised in the middle */
      sqlite3_finalize(statement);
      sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL);
      expect_given_back(before, statements[i], "read in part");
    }
  }
}

/* A statement that is reset gives its rows back before it is finalised. */
static void given_back_by_reset(void **state) {
  sqlite3 *db = *state;
  for (size_t i = 0; i < statements_count; i++) {
    sqlite3_stmt *statement = db_prepare(db, statements[i]);
    step_rows(statement, 2);
    sqlite3_reset(statement);
    sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL);
    sqlite3_int64 before = sqlite3_memory_used();
    for (int run = 0; run < 5; run++) {
      step_rows(statement, run);
      sqlite3_reset(statement);
      sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL);
      expect_given_back(before, statements[i], "reset");
    }
    sqlite3_finalize(statement);
  }
}

/* A function that resets a statement which is being read, from within a query that kmeans reads. */
static void reset_other(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  sqlite3_reset(*(sqlite3_stmt **)sqlite3_user_data(context));
  sqlite3_result_value(context, argv[0]);
}

static void given_back_when_queries_reset_others(void **state) {
  sqlite3 *db = *state;
  static const char query[] = "SELECT * FROM kmeans(3, 'SELECT id, reset_other(x), y FROM pts')";
  sqlite3_stmt *other = db_prepare(db, "SELECT * FROM kmeans(2, 'SELECT id, y FROM pts')");
  sqlite3_create_function(db, "reset_other", 1, SQLITE_UTF8, &other, reset_other, NULL, NULL);
  step_rows(other, 2);
  db_exec(db, query);
  sqlite3_int64 before = sqlite3_memory_used();
  for (int i = 0; i < 3; i++) {
    step_rows(other, 2);
    db_exec(db, query);
    expect_given_back(before, query, "a reset within");
  }
  sqlite3_finalize(other);
}

/* What a statement came to: its rows as text, or its error. */
typedef struct outcome {
  int rc;
  char text[16384];
} outcome;

static void run(sqlite3 *db, const char *sql, outcome *out) {
  sqlite3_stmt *statement = NULL;
  size_t length = 0;
  out->text[0] = 0;
  out->rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  while (out->rc == SQLITE_OK && (out->rc = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *value = (const char *)sqlite3_column_text(statement, i);
      if (!value && sqlite3_errcode(db) == SQLITE_NOMEM) {
        out->rc = SQLITE_NOMEM;
        break;
      }
      int bytes =
          snprintf(out->text + length, sizeof out->text - length, "%s|", value ? value : "NULL");
      length += (size_t)bytes;
      assert_true(length < sizeof out->text);
    }
    if (out->rc == SQLITE_ROW) {
      out->rc = SQLITE_OK;
    }
  }
  if (out->rc != SQLITE_DONE && out->rc != SQLITE_NOMEM) {
    snprintf(out->text, sizeof out->text, "%s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(statement);
}

static void settle(sqlite3 *db) {
  fail_at = 0;
  sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL);
}

/* Lets allocation number `at` fail, and checks what comes of it. */
static void run_with_fault(sqlite3 *db, const char *sql, long at, const outcome *expected) {
  static outcome actual;
  allocations = 0;
  fail_at = at;
  run(db, sql, &actual);
  settle(db);
  int same = actual.rc == expected->rc && strcmp(actual.text, expected->text) == 0;
  /* SQLite's last step, to copy the message to where it is asked for, may fail as well. */
  int generic = actual.rc == expected->rc && actual.rc != SQLITE_DONE &&
                strcmp(actual.text, sqlite3_errstr(actual.rc)) == 0;
  if (actual.rc != SQLITE_NOMEM && !same && !generic) {
    fail_msg("%s\n-> allocation %ld fails%s: %d: %s\nexpected %d: %s", sql, at,
             fail_onward ? ", and all later ones" : "", actual.rc, actual.text, expected->rc,
             expected->text);
  }
}

/* The same, and that all memory is given back: what SQLite keeps for its next error message it
** keeps only once. */
static void run_with_fault_twice(sqlite3 *db, const char *sql, long at, const outcome *expected) {
  sqlite3_int64 before = sqlite3_memory_used();
  run_with_fault(db, sql, at, expected);
  if (sqlite3_memory_used() > before) {
    before = sqlite3_memory_used();
    run_with_fault(db, sql, at, expected);
    if (sqlite3_memory_used() > before) {
      fail_msg("%s\n-> allocation %ld fails%s: %lld bytes are not given back", sql, at,
               fail_onward ? ", and all later ones" : "",
               (long long)(sqlite3_memory_used() - before));
    }
  }
}

/* Lets each allocation of each statement fail. */
static void fail_each(sqlite3 *db, const char *const *sql, size_t count) {
  static outcome expected;
  long most = db_instrumented() ? 40 : 1500; /* runs of a statement */
  long runs = 0;
  for (size_t i = 0; i < count; i++) {
    run(db, sql[i], &expected);
    settle(db);
    allocations = 0;
    run(db, sql[i], &expected);
    long last = allocations;
    settle(db);
    long stride = last / most + 1;
    for (fail_onward = 0; fail_onward < 2; fail_onward++) {
      for (long at = 1; at <= last; at += stride) {
        run_with_fault_twice(db, sql[i], at, &expected);
        runs++;
      }
    }
    static outcome after;
    run(db, sql[i], &after);
    assert_int_equal(after.rc, expected.rc);
    assert_string_equal(after.text, expected.text);
    settle(db);
  }
  print_message("%ld runs with a fault\n", runs);
}

static void every_allocation_fails(void **state) {
  fail_each(*state, statements, statements_count);
}

/* Where the database has another encoding, every text that is read is converted, which may fail. */
static void every_conversion_fails(void **state) {
  static const char *const sql[] = {
      "SELECT * FROM t CROSS JOIN kmeans(t.what, t.query, t.options)",
      "SELECT k.*, k.what FROM t CROSS JOIN kmeans_centroids('{\"k\": 1, \"weight\": \"x\"}',"
      " 'SELECT x, x + 1 AS y FROM t') k LIMIT 2",
      "SELECT * FROM kmeans('{\"categorical\": [\"c\"], \"nulls\": \"mean\", \"init\":"
      " [[\"a\", 1], [{\"b\": 1}, 2]]}', 'SELECT c, x FROM t')",
      "SELECT * FROM kmeans('{\"init\": [[1], [9]], \"id\": \"c\"}', 'SELECT c, x FROM t') WHERE "
      "id ="
      " 'b'",
      "SELECT * FROM kmeans_sweep(1, 2, 'SELECT x FROM t', '{\"refine\": \"none\", \"sample\": "
      "2}')",
      "SELECT kmeans_fit(what, x) FROM t",
      "SELECT kmeans_fit('{\"k\": 2, \"categorical\": [1]}', c, x) FROM t",
      "SELECT kmeans_fit('{\"k\": 2}', v) FROM t",
      "SELECT kmeans_predict(model, x), kmeans_distance(model, text), kmeans_transform(model, v)"
      " FROM t",
      "SELECT kmeans_predict('{\"type\": \"kmeans\", \"centroids\": [[1, 0, 3]], \"columns\": "
      "[\"c\","
      " \"x\"], \"categories\": [[\"a\", \"b\"], null], \"impute\": [0, 1, 2], \"sizes\": [3],"
      " \"means\": [1, 0, 3], \"scale\": {\"method\": \"standard\", \"shift\": [0, 0, 0],"
      " \"factor\": [1, 1, 2]}}', '{\"c\": \"b\", \"x\": ' || x || '}') FROM t",
      "SELECT kmeans_svg('{\"k\": 2, \"title\": \"t\", \"labels\": [\"a\"]}', x) FROM t",
      "SELECT kmeans_rand_index(c, model), kmeans_silhouette(c, x) FROM t",
      "SELECT * FROM kmeans(1, 'SELECT :t AS x', '{\"params\": {\"t\": \"12\"}}')",
      /* errors */
      "SELECT * FROM kmeans_sweep(1, 2, 'SELECT c FROM t', '{\"weight\": \"x\"}')",
      "SELECT kmeans_fit(2, c) FROM t",
      "SELECT kmeans_fit('{\"k\": \"many\"}', x) FROM t",
      "SELECT kmeans_fit('{\"k\": 2, \"weight\": 2}', x, c) FROM t",
      "SELECT kmeans_fit('{\"centroids\": [[1, 2]]}', v) FROM t",
      "SELECT kmeans_fit(2, y) FROM (SELECT v AS y FROM t UNION ALL SELECT 'b')",
      "SELECT kmeans_fit(2, y) FROM (SELECT 1 AS y UNION ALL SELECT 'b')",
      "SELECT kmeans_fit(2, '[1')",
      "SELECT kmeans_predict(model, '{\"x\": ') FROM t",
      "SELECT kmeans_predict(model, c) FROM t",
      "SELECT * FROM kmeans(2, 'SELECT c FROM t')",
      "SELECT * FROM kmeans('{\"k\": 2, \"nulls\": \"mean\"}', 'SELECT v FROM t')",
  };
  (void)state;
  sqlite3 *db = db_open(":memory:");
  db_exec(db, "PRAGMA encoding = 'UTF-16'");
  db_exec(db,
          "CREATE TABLE t(what TEXT, query TEXT, options TEXT, model TEXT, text TEXT, v TEXT, c "
          "TEXT, x);"
          "INSERT INTO t SELECT '{\"k\": 2, \"seed\": 1}', 'SELECT c AS id, x FROM t WHERE x > :x',"
          " '{\"params\": {\"x\": 0}}', '{\"centroids\": [[1], [7]], \"columns\": [\"x\"]}',"
          " '{\"x\": ' || value || '}', '[' || value || ']', char(96 + value), value * value"
          " FROM json_each('[1, 2, 3, 4]');"
          "UPDATE t SET query = 'SELECT x FROM t' WHERE x = 1;"
          "UPDATE t SET options = NULL WHERE x = 1");
  db_try(db, "SELECT * FROM nowhere");
  fail_each(db, sql, sizeof sql / sizeof *sql);
  db_close(db);
}

/* Requires that each word of a list, between `before` and `after`, occurs in a statement. */
static void expect_all(char *list, const char *separators, const char *before, const char *after) {
  size_t words = 0;
  for (char *word = strtok(list, separators); word; word = strtok(NULL, separators)) {
    char text[100];
    size_t i = 0;
    snprintf(text, sizeof text, "%s%s%s", before, word, after);
    while (i < statements_count && !strstr(statements[i], text)) {
      i++;
    }
    if (i == statements_count) {
      fail_msg("no statement in sqlite_statements.c has %s", text);
    }
    words++;
  }
  assert_true(words > 5);
}

/* All names that are registered, and all options that there are. */
static void statements_leave_nothing_out(void **state) {
  static const char listed[] = "the options are ";
  sqlite3 *db = *state;
  char *names = db_text(db, "SELECT name FROM pragma_function_list WHERE name LIKE 'kmeans%'"
                            " UNION SELECT name FROM pragma_module_list WHERE name LIKE 'kmeans%'");
  expect_all(names, "\n", "", "(");
  free(names);
  db_try(db, "SELECT kmeans_fit('{\"no such option\": 1}', x) FROM pts");
  const char *message = strstr(sqlite3_errmsg(db), listed);
  assert_non_null(message);
  char *options = strdup(message + strlen(listed));
  expect_all(options, ", ", "\"", "\"");
  free(options);
}

/* Loading, in a connection of its own each time. */
static void loading_fails(void **state) {
  (void)state;
  for (fail_onward = 0; fail_onward < 2; fail_onward++) {
    int failed = 1;
    for (long at = 1; failed; at++) {
      sqlite3_int64 before = sqlite3_memory_used();
      sqlite3 *db = db_open_bare(":memory:");
      db_exec(db, "CREATE TABLE t(x); INSERT INTO t VALUES (1), (2)");
      allocations = failures = 0;
      fail_at = at;
      int rc = db_load(db);
      failed = failures > 0;
      fail_at = 0;
      assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM || (rc == SQLITE_ERROR && failed));
      if (rc == SQLITE_OK && !failed) {
        db_expect(db, "SELECT count(*) FROM kmeans(2, 'SELECT x FROM t')", "2");
      }
      db_close(db);
      expect_given_back(before, "load", "with a fault");
    }
  }
}

/* A table is there or not. A failed CREATE makes SQLite forget its schemas, so that memory can be
** compared when the connection is closed only. */
static void making_tables_fails(void **state) {
  static const char *const creates[] = {
      "CREATE VIRTUAL TABLE temp.made USING kmeans("
      "'{\"centroids\": [[0, 0], [9, 9]]}', 'SELECT x, y FROM pts', NULL)",
      "CREATE VIRTUAL TABLE main.made USING kmeans(3, " PTS ")",
      "CREATE VIRTUAL TABLE temp.made USING kmeans(3, 'SELECT x FROM nowhere')",
      "CREATE VIRTUAL TABLE temp.made USING kmeans(3, 'SELECT x, y AS cluster FROM pts')",
      "CREATE VIRTUAL TABLE temp.made USING kmeans(3, SELECT)",
  };
  (void)state;
  for (size_t i = 0; i < sizeof creates / sizeof *creates; i++) {
    void *db;
    sqlite3_int64 before = sqlite3_memory_used();
    open_points(&db);
    int expected = db_try(db, creates[i]);
    db_try(db, "DROP TABLE made");
    settle(db);
    for (fail_onward = 0; fail_onward < 2; fail_onward++) {
      int failed = 1;
      for (long at = 1; failed; at += db_instrumented() ? 7 : 1) {
        allocations = failures = 0;
        fail_at = at;
        int rc = db_try(db, creates[i]);
        failed = failures > 0;
        settle(db);
        assert_true(rc == expected || (rc == SQLITE_NOMEM && failed));
        if (rc == SQLITE_OK) {
          db_expect(db, "SELECT count(*) FROM made", "60");
          db_exec(db, "DROP TABLE made");
        }
        db_expect(db, "SELECT count(*) FROM seg", "60");
      }
    }
    close_points(&db);
    expect_given_back(before, creates[i], "with faults");
  }
}

/* Whatever the limit, from a few bytes on, an answer is right. */
static void any_heap_limit(void **state) {
  sqlite3 *db = *state;
  static outcome expected;
  static outcome actual;
  long failed = 0;
  for (size_t i = 0; i < statements_count; i++) {
    run(db, statements[i], &expected);
    settle(db);
    for (sqlite3_int64 room = 500; room < 1000000; room += room / (db_instrumented() ? 1 : 4)) {
      sqlite3_int64 before = sqlite3_memory_used();
      sqlite3_hard_heap_limit64(before + room);
      run(db, statements[i], &actual);
      sqlite3_hard_heap_limit64(0);
      settle(db);
      if (actual.rc == SQLITE_NOMEM) {
        failed++;
      } else if (actual.rc != expected.rc ||
                 (strcmp(actual.text, expected.text) != 0 &&
                  strcmp(actual.text, sqlite3_errstr(actual.rc)) != 0)) {
        fail_msg("%s\n-> with %lld bytes: %d: %s\nexpected %d: %s", statements[i], (long long)room,
                 actual.rc, actual.text, expected.rc, expected.text);
      }
      assert_true(sqlite3_memory_used() <= before + 2000);
    }
  }
  print_message("%ld runs ended by a limit\n", failed);
  assert_true(failed > (long)statements_count);
}

/* The limit holds for what kmeans takes, and the connection goes on below it. */
static void hard_heap_limit(void **state) {
  sqlite3 *db = *state;
  static const char many[] =
      "SELECT count(*) FROM kmeans(3, 'WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1"
      " FROM n WHERE i < 400000) SELECT i, i * 7 % 1000 AS x, i % 77 AS y FROM n')";
  static const char aggregate[] =
      "SELECT length(kmeans_fit(3, i, i)) FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL"
      " SELECT i + 1 FROM n WHERE i < 400000) SELECT i FROM n)";
  static const char *const sqls[] = {many, aggregate};
  for (int i = 0; i < 2; i++) {
    sqlite3_int64 before = sqlite3_memory_used();
    sqlite3_int64 peak;
    sqlite3_hard_heap_limit64(before + 4000000);
    sqlite3_memory_highwater(1);
    db_expect_error(db, sqls[i], SQLITE_NOMEM, "out of memory");
    peak = sqlite3_memory_highwater(0);
    assert_true(peak <= before + 4000000);
    assert_true(peak > before + 2000000);
    db_expect(db, "SELECT count(*) FROM kmeans(3, " PTS ")", "60");
    assert_true(sqlite3_memory_used() <= before + 20000);
    sqlite3_hard_heap_limit64(0);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(given_back, open_points, close_points),
      cmocka_unit_test_setup_teardown(given_back_by_reset, open_points, close_points),
      cmocka_unit_test_setup_teardown(given_back_when_queries_reset_others, open_points,
                                      close_points),
      cmocka_unit_test_setup_teardown(every_allocation_fails, open_points, close_points),
      cmocka_unit_test(every_conversion_fails),
      cmocka_unit_test(making_tables_fails),
      cmocka_unit_test(loading_fails),
      cmocka_unit_test_setup_teardown(statements_leave_nothing_out, open_points, close_points),
      cmocka_unit_test_setup_teardown(any_heap_limit, open_points, close_points),
      cmocka_unit_test_setup_teardown(hard_heap_limit, open_points, close_points),
  };
  return cmocka_run_group_tests(tests, configure, NULL);
}
