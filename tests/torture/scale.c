/* Large: many clusters, many columns, many groups, many rows. Each is checked against what must hold, and
** the time and the memory that it took are printed; that the memory is no more than the README says is
** checked, too. Rows come from a table-valued function that keeps none.
**
** KMEANS_SMALL: a hundredth of the rows, to try the program out.
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

#define NUMBERS(text)                                                                              \
  "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " text ")"

/* vector(i, dims) is a BLOB of floats: one of 50 groups, and noise. */
static void vector(sqlite3_context *context, int argc, sqlite3_value **argv) {
  uint64_t i = (uint64_t)sqlite3_value_int64(argv[0]);
  size_t dims = (size_t)sqlite3_value_int64(argv[1]);
  float *numbers = sqlite3_malloc64(dims * sizeof *numbers);
  (void)argc;
  if (!numbers) {
    sqlite3_result_error_nomem(context);
    return;
  }
  for (size_t j = 0; j < dims; j++) {
    uint64_t bits = (i * 0x9E3779B97F4A7C15u + j) * 0xBF58476D1CE4E5B9u;
    numbers[j] = (float)((i % 50) * (j + 7) % 53) + (float)(bits >> 40) * 0x1p-24f;
  }
  sqlite3_result_blob64(context, numbers, dims * sizeof *numbers, sqlite3_free);
}

static int open_empty(void **state) {
  sqlite3 *db = db_open(":memory:");
  sqlite3_create_function(db, "vector", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, vector, NULL,
                          NULL);
  *state = db;
  return 0;
}

static int close_empty(void **state) {
  db_close(*state);
  return 0;
}

static int rows_of(int rows) {
  return getenv("KMEANS_SMALL") ? rows / 100 : rows;
}

/* Runs the statement, whose only %d is the number of rows; its result must be `expected`. The peak of
** memory, above what there was, is at most `most` bytes a row; 0: not checked. */
static void run(sqlite3 *db, const char *name, const char *format, int rows, const char *expected,
                double most) {
  char *sql = sqlite3_mprintf(format, rows);
  sqlite3_int64 before = sqlite3_memory_used();
  sqlite3_memory_highwater(1);
  double began = db_now();
  db_expect(db, sql, expected);
  double seconds = db_now() - began;
  double bytes = (double)(sqlite3_memory_highwater(0) - before);
  print_message("%s: %.1f s, %.0f MB, %.1f bytes a row\n", name, seconds, bytes / 1e6,
                bytes / (double)rows);
  assert_true(most == 0 || getenv("KMEANS_SMALL") || bytes <= most * (double)rows);
  sqlite3_free(sql);
}

static void many_clusters(void **state) {
  run(*state, "200,000 x 2 into 10,000",
      "SELECT count(*), count(DISTINCT cluster), min(distance) >= 0 FROM kmeans('{\"k\":10000,"
      "\"max_iter\":5}', '" NUMBERS("%d") " SELECT i, i * 7919 %% 100003 AS x, i * 104729 %% "
                                          "100019 AS y FROM n', '{\"id\":\"i\"}')",
      200000, "200000|10000|1", 0);
}

static void many_columns(void **state) {
  run(*state, "300 x 65,536 into 50",
      "SELECT count(*), count(DISTINCT cluster), count(DISTINCT id %% 50 || ' ' || cluster) FROM"
      " kmeans(50, '" NUMBERS("%d") " SELECT i AS id, vector(i, 65536) FROM n')",
      300, "300|50|50", 0);
  db_expect_error(*state, "SELECT * FROM kmeans(2, 'SELECT zeroblob(4 * 65537)')", SQLITE_ERROR,
                  "65536 are the most");
}

/* One allocation of SQLite's is less than 2 GB: what would need more is told so. */
static void too_many_numbers(void **state) {
  char *sql = sqlite3_mprintf(
      "SELECT * FROM kmeans_centroids(2050, '" NUMBERS("%d") " SELECT vector(i, 65536) FROM n')",
      getenv("KMEANS_SMALL") ? 20 : 2050);
  sqlite3_int64 before = sqlite3_memory_used();
  db_expect_error(*state, sql, SQLITE_ERROR,
                  getenv("KMEANS_SMALL") ? "20 distinct points" : "134000000 at most");
  assert_true(sqlite3_memory_used() < before + 100000);
  sqlite3_free(sql);
}

static void many_groups(void **state) {
  run(*state, "5,000 groups of 40",
      "SELECT count(*), sum(json_extract(m, '$.n')) FROM (SELECT kmeans_fit(3, i * 7919 %% 10007,"
      " i * 104729 %% 997) AS m FROM (" NUMBERS("%d") " SELECT i FROM n) GROUP BY i %% 5000)",
      200000, "5000|200000", 0);
}

/* Bytes a row, as the README says: what is read (8 or 4 a coordinate, 4 a label), and as much again for
** the engine, or twice that with few columns. */
static void many_rows(void **state) {
  int rows = rows_of(10000000);
  char expected[100];
  snprintf(expected, sizeof expected, "%d|8", rows);
  run(*state, "10,000,000 x 2 into 8",
      "SELECT sum(size), count(*) FROM kmeans_centroids('{\"k\":8,\"max_iter\":20}', '" NUMBERS(
          "%d") " SELECT (i %% 8) * 1000 + i * 7919 %% 100003 / 1e3 AS x, i * 104729 %% 100019 / "
                "1e3 AS y"
                " FROM n')",
      rows, expected, 2 * 8 + 4 + 2 * 2 * 8 + 2);
  rows = rows_of(2000000);
  snprintf(expected, sizeof expected, "%d|50", rows);
  run(*state, "2,000,000 x 64 float32 into 50",
      "SELECT sum(size), count(*) FROM kmeans_centroids('{\"k\":50,\"max_iter\":20}', '" NUMBERS(
          "%d") " SELECT vector(i, 64) FROM n')",
      rows, expected, 64 * 4 + 4 + 64 * 4);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(many_clusters, open_empty, close_empty),
      cmocka_unit_test_setup_teardown(many_columns, open_empty, close_empty),
      cmocka_unit_test_setup_teardown(too_many_numbers, open_empty, close_empty),
      cmocka_unit_test_setup_teardown(many_groups, open_empty, close_empty),
      cmocka_unit_test_setup_teardown(many_rows, open_empty, close_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
