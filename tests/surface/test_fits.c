/* How often the query is read and the clusters are fitted: once per statement, however it is
** joined.
**
** The query text calls tick() for each of its rows, so that the calls count the readings. That a
** fit which was kept is never out of date is the subject of test_stale.c.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sqlite_fixture.h"

#define ROWS 1000

/* The query, as a literal within SQL. */
#define QUERY "'SELECT id, tick(x) AS x, y FROM pts'"
#define KMEANS "kmeans(3, " QUERY ")"
#define CENTROIDS "kmeans_centroids(3, " QUERY ")"
#define TRACE "kmeans_trace(3, " QUERY ")"

static int open_points(void **state) {
  sqlite3 *db = db_open(":memory:");
  db_make_points(db, ROWS);
  db_exec(db, "CREATE TABLE labels(id INTEGER PRIMARY KEY, cluster, d, n);"
              "INSERT INTO labels(id) SELECT id FROM pts;"
              "CREATE TABLE few(n INTEGER);"
              "INSERT INTO few VALUES (1), (2), (3), (4), (5);");
  *state = db;
  return 0;
}

static int close_points(void **state) {
  db_close(*state);
  return 0;
}

/* Runs the statement, expects these rows, and this number of readings of the query. */
static void expect_fits(sqlite3 *db, const char *sql, const char *rows, double fits) {
  db_ticks(db);
  db_expect(db, sql, rows);
  double calls = (double)db_ticks(db);
  if (calls != fits * ROWS) {
    fail_msg("%s\n-> %.3f fits, not %.3f", sql, calls / ROWS, fits);
  }
}

/* The same before and after SQLite has statistics to plan by. */
static void expect_fits_always(sqlite3 *db, const char *sql, const char *rows, double fits) {
  expect_fits(db, sql, rows, fits);
  db_exec(db, "ANALYZE");
  expect_fits(db, sql, rows, fits);
  db_exec(db, "DROP TABLE sqlite_stat1");
}

static void expect_one_fit(sqlite3 *db, const char *sql, const char *rows) {
  expect_fits_always(db, sql, rows, 1);
}

static void counts_one_scan(void **state) {
  expect_fits(*state, "SELECT count(*), sum(cluster) FROM " KMEANS, "1000|1000", 1);
  expect_fits(*state, "SELECT count(*), sum(size) FROM " CENTROIDS, "3|1000", 1);
  expect_fits(*state,
              "SELECT count(*), sum(cluster) FROM " KMEANS ", " CENTROIDS " c USING(cluster)",
              "1000|1000", 2);
}

static void cross_join(void **state) {
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM few CROSS JOIN " KMEANS, "5000|15000");
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM " KMEANS " CROSS JOIN few", "5000|15000");
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM few, " KMEANS, "5000|15000");
  expect_one_fit(*state, "SELECT count(*) FROM few a, " KMEANS ", few b", "25000");
  expect_one_fit(*state, "SELECT count(*) FROM few CROSS JOIN kmeans(3, " QUERY ", NULL)", "5000");
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM few CROSS JOIN " CENTROIDS, "15|45");
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM " CENTROIDS ", few", "15|45");
}

static void inner_join_on_id(void **state) {
  static const char *const joins[] = {
      "pts p CROSS JOIN " KMEANS " c ON c.id = p.id",
      KMEANS " c CROSS JOIN pts p ON c.id = p.id",
      "pts p JOIN " KMEANS " c ON c.id = p.id",
      KMEANS " c JOIN pts p ON p.id = c.id",
      "pts p JOIN " KMEANS " c USING (id)",
      "pts p NATURAL JOIN " KMEANS " c",
      "pts p, " KMEANS " c WHERE +p.id = c.id",
      "pts p, " KMEANS " c WHERE p.id = +c.id",
      "few f, pts p JOIN " KMEANS " c ON c.id = p.id WHERE f.n = 1",
      "labels l JOIN pts p ON p.id = l.id JOIN " KMEANS " c ON c.id = p.id",
      "labels l CROSS JOIN " KMEANS " c ON c.id = l.id CROSS JOIN pts p ON p.id = c.id",
      "pts p CROSS JOIN " KMEANS " c ON CAST(c.id AS TEXT) = CAST(p.id AS TEXT)"
      " WHERE p.id <= 1000 AND c.id = p.id",
  };
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    char *sql = sqlite3_mprintf("SELECT count(*), sum(c.cluster = p.id %% 3) FROM %s", joins[i]);
    expect_one_fit(*state, sql, "1000|1000");
    sqlite3_free(sql);
  }
}

/* Not a lookup: NOCASE finds equal what a lookup by bytes does not. */
static void inner_join_with_a_collation(void **state) {
  expect_one_fit(*state,
                 "SELECT count(*) FROM few f CROSS JOIN " KMEANS
                 " c ON c.id = f.n COLLATE NOCASE AND c.id = f.n COLLATE NOCASE",
                 "5");
}

static void left_join(void **state) {
  expect_one_fit(*state,
                 "SELECT count(*), sum(c.cluster = p.id % 3) FROM pts p LEFT JOIN " KMEANS
                 " c ON c.id = p.id",
                 "1000|1000");
  expect_one_fit(*state, "SELECT n, cluster FROM few LEFT JOIN " KMEANS " c ON c.id = n * 300",
                 "1|0\n2|0\n3|0\n4|NULL\n5|NULL");
  expect_one_fit(
      *state, "SELECT count(*), count(p.id) FROM " KMEANS " c LEFT JOIN pts p ON p.id = 2 * c.id",
      "1000|500");
  expect_one_fit(*state,
                 "SELECT n, size FROM few LEFT JOIN " CENTROIDS " c ON c.cluster = n WHERE n < 4",
                 "1|334\n2|333\n3|NULL");
}

static void twice_through_a_cte(void **state) {
  expect_one_fit(*state,
                 "WITH c AS MATERIALIZED (SELECT * FROM " KMEANS ")"
                 " SELECT count(*) FROM c a JOIN c b ON b.id = a.id AND b.cluster = a.cluster",
                 "1000");
  expect_one_fit(*state,
                 "WITH c AS MATERIALIZED (SELECT id, cluster FROM " KMEANS ")"
                 " SELECT (SELECT count(*) FROM c), (SELECT max(cluster) FROM c)",
                 "1000|2");
  expect_one_fit(*state,
                 "WITH c AS MATERIALIZED (SELECT * FROM " CENTROIDS ")"
                 " SELECT count(*) FROM c a, c b",
                 "9");
}

static void lookup_by_id(void **state) {
  sqlite3 *db = *state;
  expect_one_fit(db, "SELECT id, cluster FROM " KMEANS " WHERE id = 7", "7|1");
  expect_one_fit(db, "SELECT id, cluster FROM " KMEANS " WHERE id IN (2, 3, 4, 2, 9999)",
                 "2|2\n3|0\n4|1");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id IN (SELECT n FROM few)", "5");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id = 3 OR id = 5", "2");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id = 3 OR cluster = 1", "335");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id BETWEEN 3 AND 5", "3");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id = 0", "0");
  expect_one_fit(db, "SELECT count(*) FROM " KMEANS " WHERE id IS 4", "1");
  sqlite3_stmt *statement = db_prepare(db, "SELECT cluster FROM " KMEANS " WHERE id = ?");
  for (int id = 1; id <= 3; id++) {
    db_ticks(db);
    sqlite3_bind_int(statement, 1, id);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), id % 3);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_reset(statement);
    assert_int_equal(db_ticks(db), ROWS);
  }
  sqlite3_finalize(statement);
}

static void changes_to_tables(void **state) {
  sqlite3 *db = *state;
  expect_one_fit(
      db, "UPDATE labels SET cluster = c.cluster FROM " KMEANS " c WHERE c.id = labels.id", "");
  db_expect(db, "SELECT count(*), sum(cluster = id % 3) FROM labels", "1000|1000");
  expect_fits(db, "UPDATE pts SET x = x + c.cluster FROM " KMEANS " c WHERE c.id = pts.id", "", 1);
  expect_fits(db, "CREATE TABLE made AS SELECT id, cluster FROM " KMEANS, "", 1);
  expect_fits(db, "INSERT INTO made SELECT id, cluster FROM " KMEANS, "", 1);
  expect_fits(db, "DELETE FROM made WHERE id IN (SELECT id FROM " KMEANS " WHERE cluster = 0)", "",
              1);
  db_expect(db, "SELECT count(*) FROM made", "1334");
  expect_fits(db,
              "UPDATE made SET cluster ="
              " (SELECT c.cluster + 10 FROM " KMEANS " c WHERE c.id = made.id)",
              "", 1);
  db_expect(db, "SELECT count(*), sum(cluster = id % 3 + 10) FROM made", "1334|1334");
  expect_fits(db,
              "INSERT INTO labels SELECT id, cluster, 0, 0 FROM " KMEANS
              " WHERE true ON CONFLICT (id) DO UPDATE SET d = excluded.cluster",
              "", 1);
  db_expect(db, "SELECT sum(d = id % 3) FROM labels", "1000");
}

static void uncorrelated_subquery(void **state) {
  expect_one_fit(*state, "SELECT sum((SELECT max(cluster) FROM " KMEANS ")) FROM pts", "2000");
  expect_one_fit(*state, "SELECT count(*) FROM pts WHERE id IN (SELECT id FROM " KMEANS ")",
                 "1000");
  expect_one_fit(*state, "SELECT count(*) FROM pts WHERE EXISTS (SELECT 1 FROM " KMEANS ")",
                 "1000");
  expect_one_fit(*state, "SELECT sum((SELECT max(size) FROM " CENTROIDS ")) FROM few", "1670");
}

/* One fit although SQLite opens and closes a cursor for each of the 1,000 rows.
*/
static void correlated_subquery(void **state) {
  expect_one_fit(*state,
                 "SELECT sum((SELECT c.cluster FROM " KMEANS " c WHERE c.id = p.id) = p.id % 3)"
                 " FROM pts p",
                 "1000");
  expect_one_fit(*state,
                 "SELECT sum((SELECT size FROM " CENTROIDS
                 " c WHERE c.cluster = p.id % 3)) FROM pts p",
                 "333334");
  expect_one_fit(*state,
                 "SELECT count(*) FROM pts p WHERE EXISTS (SELECT 1 FROM " KMEANS
                 " c WHERE c.id = p.id AND c.cluster = 1)",
                 "334");
  expect_one_fit(*state,
                 "SELECT count(*) FROM pts p WHERE 1 IN (SELECT cluster FROM " KMEANS
                 " c WHERE c.id = p.id)",
                 "334");
  expect_one_fit(*state,
                 "SELECT id FROM pts p ORDER BY (SELECT c.cluster FROM " KMEANS
                 " c WHERE c.id = p.id) DESC, id LIMIT 2",
                 "2\n5");
  expect_one_fit(*state,
                 "SELECT sum((SELECT (SELECT c.cluster FROM " KMEANS " c WHERE c.id = f.n + p.id)"
                 " FROM few f WHERE f.n = p.id % 5 + 1)) FROM pts p WHERE id < 900",
                 "899");
  expect_fits(*state,
              "SELECT sum((SELECT c.cluster FROM " KMEANS " c WHERE c.id = p.id)),"
              " sum((SELECT c.distance >= 0 FROM " KMEANS " c WHERE c.id = p.id)) FROM pts p",
              "1000|1000", 2);
  expect_fits(*state,
              "SELECT sum((SELECT c.cluster FROM " KMEANS " c WHERE c.id = p.id)),"
              " sum((SELECT c.size >= 0 FROM " CENTROIDS
              " c WHERE c.cluster = p.id % 3)) FROM pts p",
              "1000|1000", 2);
}

/* A correlated argument needs a fit for each of its values, but no more. */
static void correlated_argument(void **state) {
  expect_fits(*state,
              "SELECT group_concat((SELECT count(*) FROM kmeans_centroids(n, " QUERY "))) FROM few",
              "1,2,3,4,5", 5);
  expect_fits(*state, "SELECT count(*) FROM few f CROSS JOIN kmeans(f.n, " QUERY ")", "5000", 5);
  expect_fits(
      *state,
      "SELECT count(*) FROM (SELECT max(n, 3) AS k FROM few) f CROSS JOIN kmeans(f.k, " QUERY ")",
      "5000", 3);
}

/* SQLite is free to choose the order of the tables, and has to choose one in which the argument changes
** as seldom as it can. */
static void correlated_argument_of_a_join(void **state) {
  static const char *const joins[] = {
      "json_each('[1, 2, 3, 4, 5]') x, " KMEANS " a, kmeans(x.value, " QUERY
      ") b WHERE a.id = b.id",
      KMEANS " a JOIN kmeans(n, " QUERY ") b USING (id) JOIN few",
      "kmeans(3, " QUERY ", json_object('seed', n)) b, few, " KMEANS " a WHERE +b.id = a.id",
      "few, (SELECT * FROM " KMEANS " LIMIT -1) a, kmeans(few.n, " QUERY ") b WHERE b.id = a.id",
  };
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    char *sql = sqlite3_mprintf("SELECT count(*), sum(a.cluster) FROM %s", joins[i]);
    expect_fits_always(*state, sql, "5000|5000", 6);
    sqlite3_free(sql);
  }
  expect_fits_always(*state,
                     "SELECT count(*) FROM few, pts p JOIN kmeans(few.n, " QUERY ") USING (id)",
                     "5000", 5);
  expect_fits_always(*state,
                     "SELECT count(*) FROM few, " CENTROIDS " a, kmeans_centroids(few.n, " QUERY
                     ") b WHERE a.cluster = b.cluster",
                     "12", 6);
}

/* Not every argument that is no literal changes: where few rows are looked up, they still are. */
static void constant_argument_of_a_join(void **state) {
  static const char *const arguments[] = {"?1", "(SELECT max(n) - 2 FROM few)", "abs(-3)"};
  for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
    char *sql = sqlite3_mprintf("SELECT sum(cluster) FROM json_each('[3, 4, 5]') x"
                                " JOIN kmeans(%s, " QUERY ") c ON c.id = x.value",
                                arguments[i]);
    sqlite3_stmt *statement = db_prepare(*state, sql);
    sqlite3_bind_int(statement, 1, 3);
    db_ticks(*state);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 0 + 1 + 2);
    assert_int_equal(db_ticks(*state), ROWS);
    assert_true(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0) < ROWS);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
  }
}

/* A trace keeps its rows for who reads them again, wherever that one before had stopped. */
static void traces(void **state) {
  sqlite3_int64 rows = db_integer(*state, "SELECT count(*) FROM " TRACE);
  char *expected = sqlite3_mprintf("%lld|%lld", 5 * rows, 15 * rows);
  assert_true(rows >= 6);
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM few CROSS JOIN " TRACE, expected);
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM " TRACE " CROSS JOIN few", expected);
  expect_one_fit(*state, "SELECT count(*), sum(n) FROM few, " TRACE, expected);
  expect_one_fit(*state,
                 "SELECT group_concat((SELECT moved >= 0 FROM " TRACE
                 " t WHERE t.iteration * 3 + t.cluster = n)) FROM few",
                 "1,1,1,1,1");
  expect_fits(*state,
              "SELECT count(*), min(size) FROM " TRACE " t JOIN " CENTROIDS
              " c USING (size, cluster) WHERE t.moved = 0 AND t.shift = 0",
              "3|333", 2);
  sqlite3_free(expected);
}

/* Its iterations are made as its rows are asked for, and what they need goes with the last one. */
static void a_trace_runs_while_it_is_read(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *statement = db_prepare(db, "SELECT iteration FROM kmeans_trace('{\"k\": 9}',"
                                           " 'SELECT a.x * b.x, a.y FROM pts a, few b, few c,"
                                           " (SELECT x FROM pts LIMIT 2) b')");
  sqlite3_int64 before = sqlite3_memory_used();
  sqlite3_int64 running = 0;
  sqlite3_int64 done = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    running = running ? running : sqlite3_memory_used() - before;
    done = sqlite3_memory_used() - before;
  }
  assert_true(running > 50000 * (2 * 8 + 2 * 4)); /* coordinates; labels of now and of the run */
  assert_true(done < running - 50000 * 4);
  sqlite3_reset(statement);
  assert_true(sqlite3_memory_used() <= before + 1000);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW); /* and stopped */
  sqlite3_reset(statement);
  assert_true(sqlite3_memory_used() <= before + 1000);
  sqlite3_finalize(statement);
}

/* SQLite asks in the database's encoding: arguments must be recognised whatever it is. */
static void other_encodings(void **state) {
  static const char *const encodings[] = {"UTF-16le", "UTF-16be"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    sqlite3 *db = db_open(":memory:");
    void *own = db;
    db_exec(db, "PRAGMA encoding = '%s'", encodings[i]);
    db_make_points(db, ROWS);
    db_exec(db, "CREATE TABLE few(n INTEGER); INSERT INTO few VALUES (1), (2), (3), (4), (5)");
    correlated_subquery(&own);
    expect_one_fit(db, "SELECT count(*), sum(n) FROM few CROSS JOIN " KMEANS, "5000|15000");
    expect_one_fit(db,
                   "SELECT count(*) FROM pts p CROSS JOIN kmeans('{\"k\": 3}', " QUERY
                   ", '{\"seed\": 1}') c ON c.id = p.id",
                   "1000");
    db_expect(db, "SELECT json_extract(kmeans_fit('{\"k\": 3}', x, y), '$.n') FROM pts", "1000");
    db_close(db);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(counts_one_scan, open_points, close_points),
      cmocka_unit_test_setup_teardown(cross_join, open_points, close_points),
      cmocka_unit_test_setup_teardown(inner_join_on_id, open_points, close_points),
      cmocka_unit_test_setup_teardown(inner_join_with_a_collation, open_points, close_points),
      cmocka_unit_test_setup_teardown(left_join, open_points, close_points),
      cmocka_unit_test_setup_teardown(twice_through_a_cte, open_points, close_points),
      cmocka_unit_test_setup_teardown(lookup_by_id, open_points, close_points),
      cmocka_unit_test_setup_teardown(changes_to_tables, open_points, close_points),
      cmocka_unit_test_setup_teardown(uncorrelated_subquery, open_points, close_points),
      cmocka_unit_test_setup_teardown(correlated_subquery, open_points, close_points),
      cmocka_unit_test_setup_teardown(correlated_argument, open_points, close_points),
      cmocka_unit_test_setup_teardown(correlated_argument_of_a_join, open_points, close_points),
      cmocka_unit_test_setup_teardown(constant_argument_of_a_join, open_points, close_points),
      cmocka_unit_test_setup_teardown(traces, open_points, close_points),
      cmocka_unit_test_setup_teardown(a_trace_runs_while_it_is_read, open_points, close_points),
      cmocka_unit_test(other_encodings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
