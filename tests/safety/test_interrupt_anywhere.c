/* Interrupts at any moment: whatever SQLite and kmeans were doing when sqlite3_interrupt was called, the
** statement is interrupted, or had its answer, or its own error; never another one. SQLite asks its
** allocator for memory in all that it does, so that is where the interrupts come from.
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

static sqlite3 *connection; /* to interrupt */
static long allocations;    /* asked for since the count was last set to 0 */
static long interrupt_at;   /* the one that interrupts, from 1; 0: none */

/* Never fails. */
static int interrupts(void) {
  if (++allocations == interrupt_at) {
    sqlite3_interrupt(connection);
  }
  return 0;
}

static int configure(void **state) {
  (void)state;
  return db_watch_allocations(interrupts);
}

/* What a statement came to: how many rows, and how it ended. */
typedef struct outcome {
  int rc;
  long rows;
  char message[1000];
} outcome;

/* Prepares the statement in peace, since SQLite forgets interrupts that come while nothing runs, and
** counts allocations from its first step on. */
static outcome run(const char *sql, long at) {
  outcome out = {.rc = SQLITE_OK};
  sqlite3_stmt *statement = NULL;
  interrupt_at = 0;
  out.rc = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
  allocations = 0;
  interrupt_at = at;
  while (out.rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    out.rows++;
  }
  interrupt_at = 0;
  if (out.rc == SQLITE_OK) {
    out.rc = sqlite3_reset(statement);
  }
  snprintf(out.message, sizeof out.message, "%s", sqlite3_errmsg(connection));
  sqlite3_finalize(statement);
  return out;
}

static long runs;
static long interrupted;

/* One run, interrupted at this allocation. */
static void judge(const char *sql, long at, const outcome *expected) {
  outcome actual = run(sql, at);
  runs++;
  if (actual.rc == SQLITE_INTERRUPT && strcmp(actual.message, "interrupted") == 0) {
    interrupted++;
  } else if (actual.rc != expected->rc || actual.rows != expected->rows ||
             strcmp(actual.message, expected->message) != 0) {
    fail_msg("%s\n-> interrupted at allocation %ld: %ld rows, %d: %s\nexpected %ld, %d: %s", sql,
             at, actual.rows, actual.rc, actual.message, expected->rows, expected->rc,
             expected->message);
  }
}

static void finish(void) {
  print_message("%ld runs, %ld of them ended by the interrupt\n", runs, interrupted);
  assert_true(interrupted > runs / 2);
}

static void at_each_allocation(void **state) {
  long most = db_instrumented() ? 40 : 1000; /* runs of a statement */
  (void)state;
  runs = interrupted = 0;
  connection = statements_open(":memory:");
  for (size_t i = 0; i < statements_count; i++) {
    run(statements[i], 0);
    outcome expected = run(statements[i], 0);
    long last = allocations;
    for (long at = 1; at <= last; at += last / most + 1) {
      judge(statements[i], at, &expected);
    }
  }
  db_close(connection);
  finish();
}

/* SQLite makes the table of a table-valued function when a connection first names it. */
static void at_each_allocation_of_new_connections(void **state) {
  static const char *const sql[] = {
      "SELECT * FROM kmeans('{\"k\": 2, \"seed\": 1}', 'VALUES (1), (2), (7)')",
      "SELECT * FROM kmeans(2, 'VALUES (1), (2), (?1)', '{\"params\": [7]}')",
      "SELECT * FROM kmeans(2, 'SELECT value FROM json_each(''[1, 2, 7]'')')",
      "SELECT * FROM kmeans(1, 'SELECT cluster FROM kmeans_centroids(2, ''VALUES (1), (7)'')')",
      "SELECT kmeans_predict('{\"type\": \"kmeans\", \"centroids\": [[1], [7]]}', 2)",
      "CREATE VIRTUAL TABLE temp.made USING kmeans(2, 'VALUES (1), (2), (7)')",
  };
  (void)state;
  runs = interrupted = 0;
  for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
    long last = 1;
    outcome expected = {.rc = SQLITE_OK};
    for (long at = 0; at <= last; at += db_instrumented() ? 5 : 1) {
      connection = db_open(":memory:");
      if (at == 0) {
        expected = run(sql[i], 0);
        last = allocations;
        assert_int_equal(expected.rc, SQLITE_OK);
      } else {
        judge(sql[i], at, &expected);
      }
      db_close(connection);
    }
  }
  finish();
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_each_allocation),
      cmocka_unit_test(at_each_allocation_of_new_connections),
  };
  return cmocka_run_group_tests(tests, configure, NULL);
}
