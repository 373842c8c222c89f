/* The process around a connection: the library is loaded and unloaded again and again, the process forks
** after a fit, and all there is to do is done in a thread with little stack.
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
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sqlite_fixture.h"
#include "sqlite_statements.h"

#define MODEL "SELECT kmeans_fit('{\"k\": 8, \"threads\": 4}', x, y) FROM pts"

/* SQLite unloads a library when the last connection that loaded it closes. */
static void loaded_again_and_again(void **state) {
  sqlite3_int64 before = sqlite3_memory_used();
  char *first = NULL;
  (void)state;
  for (int i = 0; i < 100; i++) {
    sqlite3 *db = db_open_bare(":memory:");
    db_make_points(db, 500);
    assert_int_equal(db_load(db), SQLITE_OK);
    char *model = db_text(db, MODEL);
    db_expect(db, "SELECT count(*) FROM kmeans(3, 'SELECT id, x, y FROM pts')", "500");
    if (!first) {
      first = strdup(model);
    }
    assert_string_equal(model, first);
    free(model);
    db_close(db);
    assert_true(sqlite3_memory_used() <= before);
  }
  free(first);
}

static void closed_while_doing_nothing(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    db_close(db_open(":memory:"));
    sqlite3 *db = db_open(":memory:");
    sqlite3_stmt *unused = db_prepare(db, "SELECT * FROM kmeans(3, 'SELECT 1')");
    sqlite3_finalize(unused);
    db_close(db);
  }
}

/* A child has none of its parent's threads: it must not wait for any. That its model is the same it says
** by ending at once: were it to exit, valgrind would take what the parent holds for lost in it. */
static void forked_after_a_fit(void **state) {
  sqlite3 *db = db_open(":memory:");
  (void)state;
  db_make_points(db, 60000);
  char *expected = db_text(db, MODEL);
  for (int i = 0; i < 5; i++) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      sqlite3 *own = db_open(":memory:");
      db_make_points(own, 60000);
      char *model = db_text(own, MODEL);
      int same = strcmp(model, expected) == 0;
      free(model);
      db_close(own);
      if (same) {
        raise(SIGKILL);
      }
      _exit(1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    char *again = db_text(db, MODEL);
    assert_string_equal(again, expected);
    free(again);
  }
  free(expected);
  db_close(db);
}

static void *run_statements(void *argument) {
  sqlite3 *db = argument;
  for (size_t i = 0; i < statements_count; i++) {
    db_try(db, statements[i]);
  }
  return argument;
}

/* Whatever a statement does, it is content with 64 KiB, SQLite's own needs included. */
static void little_stack(void **state) {
  size_t bytes = 65536;
  pthread_attr_t attributes;
  pthread_t thread;
  (void)state;
  sqlite3 *db = statements_open(":memory:");
  bytes *= db_instrumented() ? 8 : 1; /* a sanitizer takes stack of its own */
  bytes = bytes < (size_t)PTHREAD_STACK_MIN ? (size_t)PTHREAD_STACK_MIN : bytes;
  pthread_attr_init(&attributes);
  assert_int_equal(pthread_attr_setstacksize(&attributes, bytes), 0);
  assert_int_equal(pthread_create(&thread, &attributes, run_statements, db), 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  db_close(db);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(loaded_again_and_again),
      cmocka_unit_test(closed_while_doing_nothing),
      cmocka_unit_test(forked_after_a_fit),
      cmocka_unit_test(little_stack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
