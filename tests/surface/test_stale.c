/* A fit that is kept for later use within a statement never shows data from before that statement
** began.
**
** The extension hands a fit from cursor to cursor, since SQLite opens a new one for each row that a
** correlated subquery is asked for. Here the data is a version number in a table, which only grows
** and never comes back after a rollback, and the "fit" of that one row is its centroid: so every
** answer says how old it is. It must be a version that was visible at some time since its statement
** began.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/hooks.h"
#include "sqlite_fixture.h"

#define VERSION "kmeans_centroids(1, 'SELECT tick(n) AS n FROM version')"
#define VERSION_ROW "kmeans(1, 'SELECT tick(n) AS n FROM version')"

static void make_version(sqlite3 *db) {
  db_exec(db, "CREATE TABLE version(n INTEGER); INSERT INTO version VALUES (1);"
              "CREATE TABLE rows(i INTEGER PRIMARY KEY);"
              "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 8)"
              " INSERT INTO rows SELECT i FROM n");
}

static int open_version(void **state) {
  *state = db_open(":memory:");
  make_version(*state);
  return 0;
}

static int close_version(void **state) {
  db_close(*state);
  return 0;
}

/* The next row's answer: [[n]] or [n] read as a number; 0 for NULL or at the end. */
static int step(sqlite3_stmt *statement) {
  int rc = sqlite3_step(statement);
  if (rc == SQLITE_DONE) {
    return 0;
  }
  if (rc != SQLITE_ROW) {
    fail_msg("%s\n-> %s", sqlite3_sql(statement), sqlite3_errmsg(sqlite3_db_handle(statement)));
  }
  const char *text = (const char *)sqlite3_column_text(statement, 0);
  return text ? (int)strtod(text + strspn(text, "["), NULL) : 0;
}

static const char correlated[] =
    "SELECT (SELECT centroid FROM " VERSION " c WHERE c.cluster < r.i) FROM rows r";

/* The subquery opens its cursor for rows up to 4, but does not run it. */
static const char late[] = "SELECT (SELECT centroid FROM rows s CROSS JOIN " VERSION " c"
                           " WHERE s.i = r.i AND s.i > 4 AND c.cluster < r.i) FROM rows r";

static void run_again_after_a_change(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *statement = db_prepare(db, correlated);
  for (int n = 1; n <= 3; n++) {
    db_exec(db, "UPDATE version SET n = %d", n);
    db_ticks(db);
    for (int row = 1; row <= 8; row++) {
      assert_int_equal(step(statement), n);
    }
    assert_int_equal(step(statement), 0);
    assert_int_equal(db_ticks(db), 1);
    sqlite3_reset(statement);
  }
  for (int n = 4; n <= 6; n++) { /* left in the middle */
    db_exec(db, "UPDATE version SET n = %d", n);
    assert_int_equal(step(statement), n);
    assert_int_equal(step(statement), n);
    sqlite3_reset(statement);
  }
  for (int n = 7; n <= 9; n++) { /* within one transaction */
    db_exec(db, n == 7 ? "BEGIN" : "SELECT 1");
    db_exec(db, "UPDATE version SET n = %d", n);
    assert_int_equal(step(statement), n);
    sqlite3_reset(statement);
  }
  db_exec(db, "ROLLBACK");
  assert_int_equal(step(statement), 6);
  sqlite3_finalize(statement);
}

static void changes_between_the_rows(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *a = db_prepare(db, correlated);
  sqlite3_stmt *b = db_prepare(db, correlated);
  assert_int_equal(step(a), 1);
  db_exec(db, "UPDATE version SET n = 2");
  assert_in_range(step(a), 1, 2);
  assert_int_equal(step(b), 2); /* it began after the change */
  assert_in_range(step(a), 1, 2);
  db_exec(db, "UPDATE version SET n = 3");
  sqlite3_reset(a);
  assert_int_equal(step(a), 3);
  assert_in_range(step(b), 2, 3);
  sqlite3_reset(b);
  db_exec(db, "UPDATE version SET n = 4");
  assert_int_equal(step(b), 4);
  sqlite3_finalize(a);
  sqlite3_finalize(b);
}

static void rollbacks_between_the_rows(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *a = db_prepare(db, correlated);
  sqlite3_stmt *b = db_prepare(db, correlated);
  db_exec(db, "BEGIN; UPDATE version SET n = 2; SAVEPOINT here; UPDATE version SET n = 3");
  assert_int_equal(step(a), 3);
  db_exec(db, "ROLLBACK TO here");
  assert_int_equal(step(b), 2);
  assert_in_range(step(a), 2, 3);
  sqlite3_reset(a);
  assert_int_equal(step(a), 2);
  db_exec(db, "ROLLBACK");
  sqlite3_reset(b);
  assert_int_equal(step(b), 1);
  sqlite3_reset(a);
  assert_int_equal(step(a), 1);
  sqlite3_finalize(a);
  sqlite3_finalize(b);
}

/* A fit of statement a, run while b was running, must not reach b's next run.
*/
static void handed_to_another_statement(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *a = db_prepare(db, correlated);
  sqlite3_stmt *b = db_prepare(db, late);
  assert_int_equal(step(b), 0);
  assert_int_equal(step(a), 1); /* fits while both are running */
  sqlite3_reset(b);
  db_exec(db, "UPDATE version SET n = 2");
  assert_int_equal(step(b), 0); /* opens a cursor and leaves it unused */
  sqlite3_reset(a);             /* closes the one with the fit */
  assert_int_equal(step(a), 2); /* now both are running again */
  assert_int_equal(step(b), 0);
  assert_int_equal(step(b), 0);
  assert_int_equal(step(b), 0);
  assert_int_equal(step(b), 2);
  sqlite3_finalize(a);
  sqlite3_finalize(b);
}

/* The same with the cursor handed over in the row before it is used. */
static void handed_to_the_cursor_in_use(void **state) {
  static const char unused_first[] =
      "SELECT (SELECT centroid FROM rows s CROSS JOIN " VERSION " c"
      " WHERE s.i = r.i AND s.i > 1 AND c.cluster < r.i) FROM rows r";
  sqlite3 *db = *state;
  for (int order = 0; order < 2; order++) {
    sqlite3_stmt *a = db_prepare(db, correlated);
    sqlite3_stmt *b = db_prepare(db, unused_first);
    db_exec(db, "UPDATE version SET n = 1");
    assert_int_equal(step(order ? b : a), order ? 0 : 1);
    assert_int_equal(step(order ? a : b), order ? 1 : 0);
    sqlite3_reset(b);
    db_exec(db, "UPDATE version SET n = 2");
    assert_int_equal(step(b), 0);
    sqlite3_reset(a);
    assert_int_equal(step(a), 2);
    assert_int_equal(step(b), 2);
    sqlite3_finalize(a);
    sqlite3_finalize(b);
  }
}

/* Each row that fires the trigger sees what the rows before it have changed. */
static void temporary_triggers(void **state) {
  sqlite3 *db = *state;
  db_exec(db, "CREATE TABLE log(i, centroid);"
              "CREATE TEMP TRIGGER note AFTER UPDATE ON version BEGIN"
              " INSERT INTO log SELECT r.i, (SELECT centroid FROM " VERSION
              " c WHERE c.cluster < r.i) FROM rows r WHERE r.i < 4; END");
  db_exec(db, "UPDATE version SET n = 5; UPDATE version SET n = 6");
  db_expect(db, "SELECT group_concat(centroid) FROM log", "[5.0],[5.0],[5.0],[6.0],[6.0],[6.0]");
  db_exec(db, "DELETE FROM log; INSERT INTO version SELECT 6 FROM rows WHERE i < 4;"
              "UPDATE version SET n = 10");
  db_expect(db, "SELECT group_concat(DISTINCT centroid) FROM log", "[7.0],[8.0],[9.0],[10.0]");
}

/* SQLite keeps a connection's view of a file until the last of its statements ends: see what the
** next one to begin then sees. */
static void a_commit_elsewhere(void **state) {
  const char *path = db_new_file();
  sqlite3 *db = db_open(path);
  sqlite3 *other = db_open_bare(path);
  (void)state;
  make_version(db);
  db_exec(other, "PRAGMA journal_mode = wal");
  sqlite3_stmt *a = db_prepare(db, correlated);
  sqlite3_stmt *b = db_prepare(db, late);
  for (int n = 2; n < 10; n += 2) {
    db_exec(other, "UPDATE version SET n = %d", n);
    assert_int_equal(step(a), n);
    db_exec(other, "UPDATE version SET n = %d", n + 1);
    assert_int_equal(step(b), 0);
    assert_in_range(step(a), n, n + 1);
    sqlite3_reset(a);
    sqlite3_reset(b);
    assert_int_equal(step(a), n + 1);
    sqlite3_reset(a);
  }
  sqlite3_finalize(a);
  sqlite3_finalize(b);
  db_close(other);
  db_close(db);
  db_forget_file(path);
}

/* At random: statements of several shapes, stepped in turns, with everything in between that
** changes what is visible. */

#define STATEMENTS 5
#define HISTORY 4096

typedef struct history {
  sqlite3 *db;
  sqlite3 *other;
  sqlite3_stmt *look;
  int version[HISTORY]; /* what was visible, oldest first; wraps around */
  long seen;            /* how many of them */
  int next;             /* the next version */
  sqlite3_stmt *statement[STATEMENTS];
  long began[STATEMENTS]; /* what had been seen when the statement began, or -1:
                             not running */
  uint64_t random;
} history;

static const char *const shapes[] = {
    correlated,
    late,
    "SELECT (SELECT centroid FROM rows s CROSS JOIN " VERSION " c"
    " WHERE s.i = r.i AND s.i % 2 AND c.cluster < r.i) FROM rows r",
    "SELECT (SELECT point FROM " VERSION_ROW " c WHERE c.id = r.i - r.i + 1) FROM rows r",
    "SELECT (SELECT point FROM rows s CROSS JOIN " VERSION_ROW " c"
    " WHERE s.i = r.i AND s.i > 2 AND c.id <= r.i) FROM rows r",
    "SELECT centroid FROM rows r CROSS JOIN " VERSION " c ON c.cluster < r.i",
    "SELECT (SELECT centroid FROM " VERSION " c WHERE c.cluster < r.column1)"
    " FROM (VALUES (1), (2), (3), (4)) r",
    "SELECT 0 UNION ALL SELECT (SELECT centroid FROM rows s CROSS JOIN " VERSION " c"
    " WHERE s.i = r.i AND s.i > 3 AND c.cluster < r.i) FROM rows r"
    " UNION ALL SELECT centroid FROM " VERSION,
    "SELECT (SELECT centroid FROM " VERSION " c WHERE c.cluster < r.i) FROM rows r"
    " WHERE r.i < 3 UNION ALL SELECT (SELECT max(centroid) FROM rows s LEFT JOIN " VERSION
    " c ON c.cluster < r.i AND s.i > 2) FROM rows r WHERE r.i > 3",
};

static KM_WRAPS unsigned draw(history *h, unsigned below) {
  h->random = h->random * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(h->random >> 33) % below;
}

/* Notes what the connection sees now. */
static void look(history *h) {
  int version = step(h->look);
  sqlite3_reset(h->look);
  if (h->seen == 0 || h->version[(h->seen - 1) % HISTORY] != version) {
    h->version[h->seen++ % HISTORY] = version;
  }
}

static int visible_since(const history *h, long began, int version) {
  if (h->seen - began >= HISTORY) {
    return 1; /* forgotten by now */
  }
  for (long at = began; at < h->seen; at++) {
    if (h->version[at % HISTORY] == version) {
      return 1;
    }
  }
  return 0;
}

static void stop(history *h, unsigned s) {
  sqlite3_reset(h->statement[s]);
  h->began[s] = -1;
}

static void renew(history *h, unsigned s) {
  sqlite3_finalize(h->statement[s]);
  h->statement[s] = db_prepare(h->db, shapes[draw(h, sizeof shapes / sizeof *shapes)]);
  h->began[s] = -1;
}

static void step_and_check(history *h, unsigned s) {
  if (h->began[s] < 0) {
    look(h);
    h->began[s] = h->seen - 1;
  }
  int rc = sqlite3_step(h->statement[s]);
  look(h);
  if (rc != SQLITE_ROW) { /* the end, or a read transaction that could not begin */
    stop(h, s);
    return;
  }
  const char *text = (const char *)sqlite3_column_text(h->statement[s], 0);
  int version = text ? (int)strtod(text + strspn(text, "["), NULL) : 0;
  if (version && !visible_since(h, h->began[s], version)) {
    fail_msg("%s\n-> version %d, but %d was visible when it began, and %d is now",
             sqlite3_sql(h->statement[s]), version, h->version[h->began[s] % HISTORY],
             h->version[(h->seen - 1) % HISTORY]);
  }
}

static void change(history *h, sqlite3 *db) {
  char sql[80];
  snprintf(sql, sizeof sql, "UPDATE version SET n = %d", ++h->next);
  db_try(db, sql);
}

static void act(history *h) {
  static const char *const transaction[] = {"BEGIN",       "COMMIT",        "ROLLBACK",
                                            "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s"};
  unsigned s = draw(h, STATEMENTS);
  switch (draw(h, 16)) {
  case 0:
  case 1:
    change(h, h->db);
    break;
  case 2:
    change(h, h->other);
    break;
  case 3:
  case 4:
    db_try(h->db, transaction[draw(h, sizeof transaction / sizeof *transaction)]);
    break;
  case 5:
  case 6:
    stop(h, s);
    break;
  case 7:
    renew(h, s);
    break;
  default:
    step_and_check(h, s);
  }
  look(h);
}

/* main: the database that holds all, or :memory: with that file attached. */
static void run_at_random(const char *main, const char *path, const char *journal) {
  long actions = db_instrumented() ? 3000 : 60000;
  history h = {.db = db_open(main), .other = db_open_bare(path), .next = 1, .random = 1};
  sqlite3_busy_timeout(h.db, 0);
  sqlite3_busy_timeout(h.other, 0);
  db_exec(h.other, "PRAGMA synchronous = off; PRAGMA journal_mode = %s", journal);
  db_exec(h.other, "DROP TABLE IF EXISTS version; DROP TABLE IF EXISTS rows");
  make_version(h.other);
  if (main != path) {
    db_exec(h.db, "ATTACH %Q AS file; CREATE TABLE main.rows AS SELECT i FROM file.rows", path);
    db_exec(h.db, "PRAGMA file.synchronous = off");
  }
  db_exec(h.db, "PRAGMA synchronous = off");
  h.look = db_prepare(h.db, "SELECT n FROM version");
  for (unsigned s = 0; s < STATEMENTS; s++) {
    renew(&h, s);
  }
  for (long i = 0; i < actions; i++) {
    act(&h);
  }
  for (unsigned s = 0; s < STATEMENTS; s++) {
    sqlite3_finalize(h.statement[s]);
  }
  sqlite3_finalize(h.look);
  db_close(h.db);
  db_close(h.other);
}

static void at_random(void **state) {
  const char *path = db_new_file();
  (void)state;
  run_at_random(path, path, "memory");
  run_at_random(":memory:", path, "memory");
  run_at_random(path, path, "wal");
  run_at_random(":memory:", path, "wal");
  db_forget_file(path);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(run_again_after_a_change, open_version, close_version),
      cmocka_unit_test_setup_teardown(changes_between_the_rows, open_version, close_version),
      cmocka_unit_test_setup_teardown(rollbacks_between_the_rows, open_version, close_version),
      cmocka_unit_test_setup_teardown(handed_to_another_statement, open_version, close_version),
      cmocka_unit_test_setup_teardown(handed_to_the_cursor_in_use, open_version, close_version),
      cmocka_unit_test_setup_teardown(temporary_triggers, open_version, close_version),
      cmocka_unit_test(a_commit_elsewhere),
      cmocka_unit_test(at_random),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
