/* Vectors as programs hand them in: at any address, of any bytes, of the wrong type. The contract of each
** name with vectors is in vectors.sql.
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

#define MOST_BYTES 1024
#define BUFFERS 8

/* Bytes of a BLOB that a function returns without a copy, one past an aligned address. */
static unsigned char *odd_buffer(void) {
  static _Alignas(16) unsigned char buffers[BUFFERS][MOST_BYTES + 16];
  static int next;
  next = (next + 1) % BUFFERS;
  return buffers[next] + 1;
}

/* Writes the low bytes of a number, the lowest first. */
static void put_bytes(unsigned char *at, uint64_t bits, int bytes) {
  for (int i = 0; i < bytes; i++) {
    at[i] = (unsigned char)(bits >> 8 * i);
  }
}

static void put_float(unsigned char *at, double number) {
  float narrow = (float)number;
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  put_bytes(at, bits, 4);
}

static void put_double(unsigned char *at, double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  put_bytes(at, bits, 8);
}

/* f32(x, y, ...), f64(x, y, ...): a vector of the arguments, which is what numpy's tobytes gives. */
static void make_vector(sqlite3_context *context, int argc, sqlite3_value **argv) {
  int item = *(int *)sqlite3_user_data(context);
  unsigned char *blob = odd_buffer();
  assert_true(argc * item <= MOST_BYTES);
  for (int j = 0; j < argc; j++) {
    if (item == 4) {
      put_float(blob + 4 * j, sqlite3_value_double(argv[j]));
    } else {
      put_double(blob + 8 * j, sqlite3_value_double(argv[j]));
    }
  }
  sqlite3_result_blob(context, blob, argc * item, SQLITE_STATIC);
}

/* array(x, y, ...): a JSON array, exactly; SQLite's own has 15 digits before version 3.43. */
static void make_array(sqlite3_context *context, int argc, sqlite3_value **argv) {
  char text[4096] = "";
  size_t length = 0;
  for (int j = 0; j < argc; j++) {
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%.17g", j ? ", " : "[",
                               sqlite3_value_double(argv[j]));
  }
  snprintf(text + length, sizeof text - length, "]");
  sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static int open_database(void **state) {
  static int four = 4;
  static int eight = 8;
  sqlite3 *db = db_open(":memory:");
  int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function(db, "f32", -1, flags, &four, make_vector, NULL, NULL);
  sqlite3_create_function(db, "f64", -1, flags, &eight, make_vector, NULL, NULL);
  sqlite3_create_function(db, "array", -1, flags, NULL, make_array, NULL, NULL);
  *state = db;
  return 0;
}

static int close_database(void **state) {
  db_close(*state);
  return 0;
}

/* The column list `f(c0), f(c1), ...` of dims columns. */
static const char *column_list(size_t dims, const char *before) {
  static char list[4096];
  size_t length = 0;
  for (size_t j = 0; j < dims; j++) {
    length +=
        (size_t)snprintf(list + length, sizeof list - length, "%s%sc%zu", j ? ", " : "", before, j);
  }
  return list;
}

/* A table t(id, c0, c1, ...) of points that float32 holds exactly, and of rows without one. */
static void make_table(sqlite3 *db, size_t n, size_t dims, points_kind kind) {
  points_random random = {dims * 1000 + kind};
  double *rows = points_memory(n, dims);
  points_fill(rows, n, dims, kind, &random);
  db_exec(db, "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, %s); BEGIN",
          column_list(dims, ""));
  char *sql = sqlite3_mprintf("INSERT INTO t VALUES (NULL, %s)", column_list(dims, ":"));
  sqlite3_stmt *insert = db_prepare(db, sql);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < dims && i % 97 != 5; j++) {
      sqlite3_bind_double(insert, (int)j + 1, (double)(float)rows[i * dims + j]);
    }
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
  }
  sqlite3_finalize(insert);
  sqlite3_free(sql);
  db_exec(db, "COMMIT");
  free(rows);
}

/* Both statements give the same rows. */
static void expect_same(sqlite3 *db, char *one, char *other) {
  char *expected = db_text(db, one);
  char *actual = db_text(db, other);
  if (strcmp(expected, actual) != 0) {
    fail_msg("%s\n-> %.2000s\n%s\n-> %.2000s", one, expected, other, actual);
  }
  free(expected);
  free(actual);
  sqlite3_free(one);
  sqlite3_free(other);
}

/* Floats cluster as the same numbers do that come as columns or as doubles: every engine. */
static void same_as_columns(void **state) {
  static const size_t dims[] = {1, 2, 3, 6, 40};
  sqlite3 *db = *state;
  size_t n = points_cases(1000) + 100;
  for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
    for (points_kind kind = POINTS_CONTINUOUS; kind <= POINTS_GRID; kind++) {
      make_table(db, n, dims[d], kind);
      const char *list = column_list(dims[d], "");
      static const char *const types[] = {"f32", "f64", "array"};
      for (int type = 0; type < 3; type++) {
        char *vector = sqlite3_mprintf("iif(c0 IS NULL, NULL, %s(%s))", types[type], list);
        const char *rows = "SELECT id, cluster, distance, centroid, neighbor, silhouette FROM"
                           " kmeans('{\"k\": 7, \"dtype\": \"%s\"}', 'SELECT id, %s FROM t')";
        const char *model = "SELECT json_remove(kmeans_fit('{\"k\": 7, \"dtype\": \"%s\"}', %s),"
                            " '$.dtype') FROM t";
        const char *applied = "WITH m AS MATERIALIZED (SELECT"
                              " kmeans_fit('{\"k\": 5, \"dtype\": \"%s\"}', %s) AS model FROM t)"
                              " SELECT kmeans_predict(model, %s), kmeans_distance(model, %s),"
                              " kmeans_transform(model, %s) FROM m, t";
        const char *dtype = type == 1 ? "float64" : "float32";
        expect_same(db, sqlite3_mprintf(rows, dtype, list), sqlite3_mprintf(rows, dtype, vector));
        expect_same(db, sqlite3_mprintf(model, dtype, list), sqlite3_mprintf(model, dtype, vector));
        expect_same(db, sqlite3_mprintf(applied, dtype, list, list, list, list),
                    sqlite3_mprintf(applied, dtype, vector, vector, vector, vector));
        sqlite3_free(vector);
      }
    }
  }
}

/* The point is what went in, byte for byte. */
static void points_come_back(void **state) {
  sqlite3 *db = *state;
  make_table(db, 200, 5, POINTS_CONTINUOUS);
  const char *list = column_list(5, "");
  char *sql = sqlite3_mprintf(
      "SELECT count(*) FROM (SELECT id, iif(c0 IS NULL, NULL, f32(%s)) AS v FROM t) t"
      " JOIN kmeans(3, 'SELECT id, iif(c0 IS NULL, NULL, f32(%s)) FROM t') k ON k.id = t.id"
      " WHERE v IS point",
      list, list);
  db_expect(db, sql, "200");
  sqlite3_free(sql);
}

/* Random numbers in a BLOB, of `item` bytes each, bound at an odd address. */
static void bind_numbers(sqlite3_stmt *statement, size_t count, int item, double scale,
                         points_random *random) {
  unsigned char *blob = odd_buffer();
  for (size_t j = 0; j < count; j++) {
    double number = (points_unit(random) - 0.5) * scale;
    if (item == 4) {
      put_float(blob + 4 * j, number);
    } else if (item == 8) {
      put_double(blob + 8 * j, number);
    } else {
      put_double(blob + 8 * j, (double)(float)number); /* float32 that became float64 on the way */
    }
  }
  sqlite3_bind_blob(statement, 1, blob, (int)count * (item == 4 ? 4 : 8), SQLITE_STATIC);
}

/* Whether a table of 100 such vectors is refused as float64. */
static int doubted(sqlite3 *db, size_t count, int item, double scale, points_random *random) {
  db_exec(db, "CREATE TABLE v(e)");
  sqlite3_stmt *insert = db_prepare(db, "INSERT INTO v VALUES (?1)");
  for (int i = 0; i < 100; i++) {
    bind_numbers(insert, count, item, scale, random);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  int rc = db_try(db, "SELECT count(*) FROM kmeans(2, 'SELECT e FROM v')");
  if (rc != SQLITE_OK) {
    assert_non_null(strstr(sqlite3_errmsg(db), "looks like float64: pass the option \"dtype\""));
  }
  db_exec(db, "DROP TABLE v");
  return rc != SQLITE_OK;
}

static void float64_is_found_out(void **state) {
  static const double scales[] = {1e-6, 0.1, 2, 300, 1e9};
  sqlite3 *db = *state;
  points_random random = {5};
  for (int s = 0; s < 5; s++) {
    for (size_t count = 1; count <= 64; count *= 2) {
      assert_false(doubted(db, count, 4, scales[s], &random));
      assert_true(doubted(db, count, 8, scales[s], &random));
      assert_true(doubted(db, count, 0, scales[s], &random));
    }
  }
}

/* A statement gives rows or an error in words of ours, whatever the bytes. */
static void expect_sane(sqlite3 *db, sqlite3_stmt *statement) {
  int rc = sqlite3_step(statement);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    assert_int_equal(rc & 0xFF, SQLITE_ERROR);
    if (strncmp(sqlite3_errmsg(db), "kmeans", 6) != 0) {
      fail_msg("%s", sqlite3_errmsg(db));
    }
  }
  sqlite3_reset(statement);
}

static void any_bytes(void **state) {
  static const char letters[] = "[[[],,,0123456789.eE+-\"{} ntfalse";
  sqlite3 *db = *state;
  points_random random = {6};
  db_exec(db, "CREATE TABLE v(e)");
  sqlite3_stmt *statements[] = {
      db_prepare(db, "SELECT kmeans_fit(1, ?1)"),
      db_prepare(db, "SELECT kmeans_fit('{\"k\": 1, \"dtype\": \"float64\"}', ?1)"),
      db_prepare(db, "SELECT kmeans_predict('{\"centroids\": [[1, 2], [3, 4]]}', ?1)"),
      db_prepare(db, "SELECT kmeans_transform('{\"centroids\": [[1], [3]],"
                     " \"dtype\": \"float64\"}', ?1)"),
      db_prepare(db, "SELECT count(*), min(point) FROM kmeans(1, 'SELECT e FROM v')"
                     " WHERE ?1 IS NOT NULL"),
  };
  sqlite3_stmt *keep = db_prepare(db, "INSERT INTO v VALUES (?1)");
  for (size_t i = 0; i < points_cases(4000); i++) {
    unsigned char *bytes = odd_buffer();
    int count = (int)points_below(&random, 1 + points_below(&random, 40));
    int text = (int)points_below(&random, 2);
    for (int b = 0; b < count; b++) {
      bytes[b] = text ? (unsigned char)letters[points_below(&random, sizeof letters - 1)]
                      : (unsigned char)points_next(&random);
    }
    if (text && count) {
      bytes[0] = '[';
    }
    db_exec(db, "DELETE FROM v WHERE %d", (int)points_below(&random, 2));
    for (size_t s = 0; s <= sizeof statements / sizeof *statements; s++) {
      sqlite3_stmt *statement = s ? statements[s - 1] : keep;
      if (text) {
        sqlite3_bind_text(statement, 1, (char *)bytes, count, SQLITE_STATIC);
      } else {
        sqlite3_bind_blob(statement, 1, bytes, count, SQLITE_STATIC);
      }
      expect_sane(db, statement);
      sqlite3_clear_bindings(statement);
    }
  }
  for (size_t s = 0; s < sizeof statements / sizeof *statements; s++) {
    sqlite3_finalize(statements[s]);
  }
  sqlite3_finalize(keep);
}

/* Some programs finalise all statements that a connection has before they close it: between rows
** none of ours may be among them, be it one that reads vectors or one that asks, in what takes time,
** whether to go on. */
static void no_statement_of_ours(void **state) {
  sqlite3 *db = *state;
  static const char *const sqls[] = {
      "SELECT kmeans_fit(1, json_array(column1)) OVER (ROWS 1 PRECEDING) FROM (VALUES (1), (2), "
      "(3))",
      "SELECT kmeans_predict('{\"centroids\": [[1], [3]]}', json_array(column1)) FROM"
      " (VALUES (1), (2), (3))",
      "SELECT * FROM kmeans(1, 'SELECT json_array(column1) FROM (VALUES (1), (2), (3))')",
      "SELECT * FROM kmeans(3, 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
      "LIMIT 50000) SELECT x % 7919, x * x % 10007 FROM c')",
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000) "
      "SELECT kmeans_fit(3, x % 7919, x * x % 10007) OVER () FROM c",
  };
  for (size_t i = 0; i < sizeof sqls / sizeof *sqls; i++) {
    sqlite3_stmt *statement = db_prepare(db, sqls[i]);
    for (int row = 0; row < 3; row++) {
      assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
      assert_ptr_equal(sqlite3_next_stmt(db, NULL), statement);
      assert_null(sqlite3_next_stmt(db, statement));
    }
    sqlite3_finalize(statement);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(same_as_columns, open_database, close_database),
      cmocka_unit_test_setup_teardown(points_come_back, open_database, close_database),
      cmocka_unit_test_setup_teardown(float64_is_found_out, open_database, close_database),
      cmocka_unit_test_setup_teardown(any_bytes, open_database, close_database),
      cmocka_unit_test_setup_teardown(no_statement_of_ours, open_database, close_database),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
