/* Transactions: what a fit sees of them, and what it leaves to others. These are the promises of the
** README's section on transactions, in its order.
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
#define COUNT "SELECT count(*) FROM kmeans(3, " PTS ")"

/* Two connections to one file, which has 300 points in a journal mode. */
typedef struct pair {
  const char *path;
  sqlite3 *db;
  sqlite3 *other;
} pair;

static void open_pair(pair *p, const char *journal_mode) {
  p->path = db_new_file();
  p->db = db_open(p->path);
  db_exec(p->db, "PRAGMA journal_mode = %s", journal_mode);
  db_make_points(p->db, 300);
  p->other = db_open(p->path);
  sqlite3_busy_timeout(p->db, 0);
  sqlite3_busy_timeout(p->other, 0);
}

static void close_pair(pair *p) {
  db_close(p->db);
  db_close(p->other);
  db_forget_file(p->path);
}

static const char *const modes[] = {"delete", "wal"};

/* Its own rows, committed or not; of others, what they have committed. */
static void sees_what_a_select_sees(void **state) {
  (void)state;
  for (int m = 0; m < 2; m++) {
    pair p;
    open_pair(&p, modes[m]);
    db_exec(p.db, "BEGIN; INSERT INTO pts VALUES (301, 1, 1)");
    db_expect(p.db, COUNT, "301");
    db_expect(p.other, COUNT, "300");
    db_expect(p.db, "SELECT json_extract(kmeans_fit(3, x, y), '$.n') FROM pts", "301");
    db_exec(p.db, "SAVEPOINT s; DELETE FROM pts WHERE id <= 200");
    db_expect(p.db, COUNT, "101");
    db_exec(p.db, "ROLLBACK TO s");
    db_expect(p.db, COUNT, "301");
    db_exec(p.db, "ROLLBACK");
    db_expect(p.db, COUNT, "300");
    db_exec(p.other, "INSERT INTO pts VALUES (301, 1, 1)");
    db_expect(p.db, COUNT, "301");
    close_pair(&p);
  }
}

/* Rows that go out are those that were read, whatever is rolled back or committed meanwhile. */
static void rows_outlive_a_rollback(void **state) {
  (void)state;
  static const char *const ends[] = {"ROLLBACK TO s", "RELEASE s", "COMMIT", "ROLLBACK"};
  for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
    pair p;
    int rows = 1;
    int rc;
    open_pair(&p, modes[e % 2]);
    db_exec(p.db, "BEGIN; SAVEPOINT s; DELETE FROM pts WHERE id > 100");
    sqlite3_stmt *statement = db_prepare(p.db, "SELECT id, cluster FROM kmeans(3, " PTS ")");
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    db_exec(p.db, "%s", ends[e]);
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
      rows++;
    }
    assert_int_equal(rc, SQLITE_DONE);
    assert_int_equal(rows, 100);
    sqlite3_finalize(statement);
    db_try(p.db, "COMMIT");
    close_pair(&p);
  }
}

/* write_other(x) is x; it has the other connection add a point, if it can. */
static void write_other(sqlite3_context *context, int argc, sqlite3_value **argv) {
  pair *p = sqlite3_user_data(context);
  (void)argc;
  sqlite3_exec(p->other, "INSERT INTO pts(x, y) VALUES (7, 7)", NULL, NULL, NULL);
  sqlite3_result_value(context, argv[0]);
}

/* While the query is read, others may write in WAL mode and may not with a rollback journal, as with any
** SELECT; a statement that reads tables besides has one state of the database for all. */
static void one_state_for_a_statement(void **state) {
  (void)state;
  for (int m = 0; m < 2; m++) {
    pair p;
    open_pair(&p, modes[m]);
    sqlite3_create_function(p.db, "write_other", 1, SQLITE_UTF8, &p, write_other, NULL, NULL);
    db_expect(p.db, "SELECT count(*) FROM kmeans(3, 'SELECT id, write_other(x) AS x, y FROM pts')",
              "300");
    db_expect(p.other, "SELECT count(*) > 300 FROM pts", m ? "1" : "0");
    db_exec(p.other, "DELETE FROM pts WHERE id > 300");
    db_expect(p.db,
              "SELECT count(*), (SELECT count(*) FROM pts) FROM pts a CROSS JOIN"
              " kmeans(3, 'SELECT id, write_other(x) AS x, y FROM pts') k ON k.id = a.id",
              "300|300");
    db_exec(p.other, "DELETE FROM pts WHERE id > 300");
    db_exec(p.db, "BEGIN; SELECT * FROM pts LIMIT 1");
    db_expect(p.db,
              "SELECT (SELECT count(*) FROM kmeans(3, 'SELECT write_other(x) AS x, y FROM pts')),"
              " (SELECT count(*) FROM kmeans(3, 'SELECT x, y FROM pts'))",
              "300|300");
    db_expect(p.db, COUNT, "300");
    db_exec(p.db, "COMMIT");
    db_expect(p.db, COUNT, m ? "600" : "300");
    close_pair(&p);
  }
}

/* Between two rows of a statement that reads nothing but the fit. */
static void others_between_rows(void **state) {
  (void)state;
  for (int m = 0; m < 2; m++) {
    pair p;
    open_pair(&p, modes[m]);
    sqlite3_stmt *statement = db_prepare(p.db, "SELECT id FROM kmeans(3, " PTS ")");
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int rc = db_try(p.other, "INSERT INTO pts VALUES (301, 1, 1)");
    print_message("%s: another connection writes between rows: %d\n", modes[m], rc);
    assert_int_equal(rc, m ? SQLITE_OK : SQLITE_BUSY);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_finalize(statement);
    db_exec(p.other, "INSERT INTO pts VALUES (302, 1, 1)"); /* nothing is left locked */
    close_pair(&p);
  }
}

/* A lock of another connection is waited for, and then reported, as by SQLite. */
static void locked_by_another(void **state) {
  (void)state;
  pair p;
  open_pair(&p, "delete");
  db_exec(p.other, "BEGIN EXCLUSIVE");
  db_expect_error(p.db, COUNT, SQLITE_BUSY, "database is locked");
  db_expect_error(p.db, "SELECT kmeans_fit(3, x, y) FROM pts", SQLITE_BUSY, "database is locked");
  db_exec(p.other, "ROLLBACK");
  db_expect(p.db, COUNT, "300");
  close_pair(&p);
}

static void expect_all_reading(sqlite3 *db) {
  db_expect(db, COUNT, "300");
  db_expect(db, "SELECT count(*) FROM kmeans_centroids(3, " PTS ")", "3");
  db_expect(db, "SELECT count(*) FROM kmeans_profile(3, " PTS ")", "6");
  db_expect(db, "SELECT kmeans_predict(kmeans_fit(3, x, y), 0, 0) FROM pts", "0");
  db_exec(db, "CREATE VIRTUAL TABLE temp.seg USING kmeans(3, " PTS ")");
  db_expect(db, "SELECT count(*) FROM seg", "300");
}

/* Files that cannot be written are read all the same, and nothing is written beside them. */
static void read_only_files(void **state) {
  static const char *const uris[] = {"file:%s?mode=ro", "file:%s?immutable=1",
                                     "file:%s?mode=ro&immutable=1"};
  (void)state;
  for (size_t u = 0; u < sizeof uris / sizeof *uris; u++) {
    const char *path = db_new_file();
    sqlite3 *db = db_open(path);
    db_make_points(db, 300);
    db_close(db);
    char *uri = sqlite3_mprintf(uris[u], path);
    assert_int_equal(sqlite3_open_v2(uri, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    assert_int_equal(db_load(db), SQLITE_OK);
    expect_all_reading(db);
    db_expect_error(db, "INSERT INTO pts SELECT id + 1000, cluster, 0 FROM kmeans(3, " PTS ")",
                    SQLITE_READONLY, "readonly");
    db_close(db);
    sqlite3_free(uri);
    char *folder = strdup(path);
    *strrchr(folder, '/') = 0;
    db_forget_file(path); /* removes the folder, which must be empty then */
    FILE *left = fopen(folder, "r");
    assert_null(left);
    free(folder);
  }
}

static int deny_column(void *column, int action, const char *a, const char *b, const char *c,
                       const char *d) {
  (void)a;
  (void)c;
  (void)d;
  return action == SQLITE_READ && b && strcmp(b, column) == 0 ? SQLITE_DENY : SQLITE_OK;
}

static int ignore_column(void *column, int action, const char *a, const char *b, const char *c,
                         const char *d) {
  return deny_column(column, action, a, b, c, d) == SQLITE_DENY ? SQLITE_IGNORE : SQLITE_OK;
}

/* The authorizer is asked about the query; what it makes NULL is NULL. */
static void authorizers(void **state) {
  sqlite3 *db = db_open(":memory:");
  (void)state;
  db_make_points(db, 300);
  sqlite3_set_authorizer(db, deny_column, "y");
  db_expect_error(db, COUNT, SQLITE_AUTH, "access to pts.y is prohibited");
  db_expect(db, "SELECT count(*) FROM kmeans(3, 'SELECT id, x FROM pts')", "300");
  sqlite3_set_authorizer(db, ignore_column, "y");
  db_expect(db, "SELECT count(cluster) FROM kmeans(3, " PTS ")", "0");
  db_expect_error(db, "SELECT * FROM kmeans('{\"k\": 3, \"nulls\": \"error\"}', " PTS ")",
                  SQLITE_ERROR, "row 1, column \"y\": NULL");
  sqlite3_set_authorizer(db, NULL, NULL);
  db_expect(db, COUNT, "300");
  db_close(db);
}

/* A statement that writes what a fit of the same table says is all or nothing, like any other. */
static void writes_are_atomic(void **state) {
  sqlite3 *db = db_open(":memory:");
  (void)state;
  db_make_points(db, 300);
  db_exec(db, "CREATE TABLE labels(id PRIMARY KEY, cluster CHECK (id < 250))");
  db_expect_error(db, "INSERT INTO labels SELECT id, cluster FROM kmeans(3, " PTS ")",
                  SQLITE_CONSTRAINT, "CHECK");
  db_expect(db, "SELECT count(*) FROM labels", "0");
  db_exec(db, "BEGIN");
  db_expect_error(db,
                  "UPDATE pts SET x = k.cluster FROM kmeans(900, " PTS ") k WHERE k.id = pts.id",
                  SQLITE_ERROR, "distinct points");
  db_exec(db, "INSERT INTO labels SELECT id, cluster FROM kmeans(3, " PTS ") WHERE id < 100");
  db_exec(db, "COMMIT");
  db_expect(db, "SELECT count(*) FROM labels", "99");
  db_close(db);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(sees_what_a_select_sees),
      cmocka_unit_test(rows_outlive_a_rollback),
      cmocka_unit_test(one_state_for_a_statement),
      cmocka_unit_test(others_between_rows),
      cmocka_unit_test(locked_by_another),
      cmocka_unit_test(read_only_files),
      cmocka_unit_test(authorizers),
      cmocka_unit_test(writes_are_atomic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
