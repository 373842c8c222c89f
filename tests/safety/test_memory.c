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

#define PTS "'SELECT id, x, y FROM pts'"
#define VECTORS "SELECT id, v FROM vectors"
#define ARRAYS "SELECT id, json_array(x, y) AS v FROM pts WHERE id < 30"
#define MODEL "'{\"centroids\":[[0,0],[100,50],[200,100]]}'"
#define NAMED "'{\"centroids\":[[0,0],[100,50]],\"columns\":[\"x\",\"y\"]}'"
#define SCALED "'{\"centroids\":[[0,0],[9,1]],\"scale\":{\"shift\":[5,0],\"factor\":[1,8]}}'"

/* SQLite's allocator, with faults. */
static sqlite3_mem_methods plain;
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

static void *faulty_malloc(int bytes) {
  return fails() ? NULL : plain.xMalloc(bytes);
}

static void *faulty_realloc(void *memory, int bytes) {
  return fails() ? NULL : plain.xRealloc(memory, bytes);
}

static int configure(void **state) {
  (void)state;
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK) {
    return 1;
  }
  sqlite3_mem_methods faulty = plain;
  faulty.xMalloc = faulty_malloc;
  faulty.xRealloc = faulty_realloc;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty) != SQLITE_OK;
}

static int open_points(void **state) {
  sqlite3 *db = db_open(":memory:");
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
              "CREATE VIRTUAL TABLE temp.seg USING kmeans(3, " PTS ");"
              "CREATE VIRTUAL TABLE temp.arrays USING kmeans(2, '" ARRAYS "', '{\"seed\": 3}');"
              "CREATE VIRTUAL TABLE temp.blobs USING kmeans(2, '" VECTORS "');"
              "CREATE VIRTUAL TABLE temp.other USING kmeans(2, 'SELECT * FROM changed');"
              "DROP TABLE changed; CREATE TABLE changed(x, y)");
  db_try(db, "SELECT * FROM nowhere"); /* SQLite keeps a place for messages once it has one */
  *state = db;
  return 0;
}

static int close_points(void **state) {
  db_close(*state);
  return 0;
}

/* Covers all names, and their errors. */
static const char *const statements[] = {
    "SELECT * FROM kmeans(3, " PTS ")",
    "SELECT id, cluster, distance, point, centroid, neighbor, silhouette FROM kmeans(3, " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"init\": \"random\", \"n_init\": 3}', " PTS ")",
    "SELECT * FROM kmeans(2, " PTS ", '{\"init\": [[0, 0], [1e6, 1e6]], \"tol\": 0}')",
    "SELECT * FROM kmeans(" MODEL ", " PTS ")",
    "SELECT * FROM kmeans((SELECT model FROM models), " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"id\": \"name\"}', 'SELECT name, x, y FROM names')",
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
    "SELECT id, cluster, point, centroid FROM kmeans('{\"k\": 3, \"scale\": \"robust\"}', " PTS ")",
    "SELECT * FROM kmeans('{\"k\": 3, \"metric\": \"cosine\"}', " PTS ")",
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
    "SELECT * FROM kmeans_profile(3, " PTS ")",
    "SELECT * FROM kmeans_profile((SELECT model FROM models))",
    "SELECT * FROM kmeans_profile(" NAMED ", " PTS ")",
    "SELECT * FROM pts p JOIN kmeans_profile(2, 'SELECT ' || p.id || ', x FROM pts') WHERE p.id < "
    "3",
    "SELECT *, weight FROM kmeans_trace('{\"k\": 3, \"n_init\": 2}', " PTS ")",
    "SELECT * FROM pts p CROSS JOIN kmeans_trace(3, " PTS ", '{\"weight\": \"id\", \"id\": null}')"
    " WHERE p.id < 3",
    "SELECT * FROM kmeans_trace('{\"k\": 2, \"scale\": \"robust\"}', " PTS ") LIMIT 3",
    "SELECT *, silhouette FROM seg",
    "SELECT p.id, s.cluster, s.y FROM pts p JOIN seg s ON s.id = p.id",
    "SELECT * FROM arrays WHERE id = 7",
    "SELECT * FROM blobs",
    /* errors */
    "SELECT * FROM other",
    "SELECT * FROM kmeans_profile(3)",
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
    "SELECT kmeans_distance(" MODEL ", x) FROM pts",
    "SELECT kmeans_transform(" MODEL ", x, zeroblob(3)) FROM pts",
};

#define STATEMENTS (sizeof statements / sizeof *statements)

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
  for (size_t i = 0; i < STATEMENTS; i++) {
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
  for (size_t i = 0; i < STATEMENTS; i++) {
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

static void every_allocation_fails(void **state) {
  sqlite3 *db = *state;
  static outcome expected;
  long most = db_instrumented() ? 40 : 1500; /* runs of a statement */
  long runs = 0;
  for (size_t i = 0; i < STATEMENTS; i++) {
    run(db, statements[i], &expected);
    settle(db);
    allocations = 0;
    run(db, statements[i], &expected);
    long count = allocations;
    settle(db);
    long stride = count / most + 1;
    for (fail_onward = 0; fail_onward < 2; fail_onward++) {
      for (long at = 1; at <= count; at += stride) {
        run_with_fault_twice(db, statements[i], at, &expected);
        runs++;
      }
    }
    static outcome after;
    run(db, statements[i], &after);
    assert_int_equal(after.rc, expected.rc);
    assert_string_equal(after.text, expected.text);
    settle(db);
  }
  print_message("%ld runs with a fault\n", runs);
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
      cmocka_unit_test(making_tables_fails),
      cmocka_unit_test(loading_fails),
      cmocka_unit_test_setup_teardown(hard_heap_limit, open_points, close_points),
  };
  return cmocka_run_group_tests(tests, configure, NULL);
}
