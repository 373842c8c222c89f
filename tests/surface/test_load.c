/* Loading into an SQLite that is too old, or that refuses a name: an error that says so, and nothing is
** left behind.
**
** The entry point gets SQLite's functions by a table: so it can be given one of another SQLite.
*/
#define SQLITE_CORE 1 /* the table itself, without the macros that hide it */
#include <sqlite3ext.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <cmocka.h>

#include "sqlite_fixture.h"

typedef int entry_point(sqlite3 *, char **, const sqlite3_api_routines *);

static sqlite3_api_routines real;
static sqlite3_api_routines table; /* what the entry point is given */
static entry_point *load;
static int calls;     /* to register a name */
static int refuse_at; /* the one that fails, from 1 */

static int take_table(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  (void)db;
  (void)error;
  memcpy(&real, api, sizeof real);
  return SQLITE_OK;
}

static int set_up(void **state) {
  void (*hook)(void) = (void (*)(void))take_table;
  sqlite3_auto_extension(hook);
  *state = db_open_bare(":memory:");
  sqlite3_cancel_auto_extension(hook);
  table = real;
  calls = refuse_at = 0;
  void *library = dlopen(getenv("KMEANS_EXTENSION"), RTLD_NOW);
  assert_non_null(library);
  *(void **)&load = dlsym(library, "sqlite3_kmeans_init");
  assert_non_null(load);
  return 0;
}

static int tear_down(void **state) {
  db_close(*state);
  return 0;
}

static void expect_nothing(sqlite3 *db) {
  db_expect(db, "SELECT count(*) FROM pragma_function_list WHERE name LIKE 'kmeans%'", "0");
  db_expect(db, "SELECT count(*) FROM pragma_module_list WHERE name LIKE 'kmeans%'", "0");
}

static int old_number(void) {
  return 3037002;
}

static const char *old_text(void) {
  return "3.37.2";
}

static char *no_memory(const char *format, ...) {
  (void)format;
  return NULL;
}

static void too_old(void **state) {
  char *error = NULL;
  table.libversion_number = old_number;
  table.libversion = old_text;
  assert_int_equal(load(*state, &error, &table), SQLITE_ERROR);
  assert_string_equal(error, "kmeans needs SQLite 3.38 or newer, and this is 3.37.2");
  sqlite3_free(error);
  table.mprintf = no_memory;
  assert_int_equal(load(*state, &error, &table), SQLITE_NOMEM);
  assert_null(error);
  expect_nothing(*state);
}

static int refuse_function(sqlite3 *db, const char *name, int arguments, int flags, void *context,
                           void (*function)(sqlite3_context *, int, sqlite3_value **),
                           void (*step)(sqlite3_context *, int, sqlite3_value **),
                           void (*final)(sqlite3_context *), void (*destroy)(void *)) {
  return ++calls == refuse_at ? SQLITE_BUSY
                              : real.create_function_v2(db, name, arguments, flags, context,
                                                        function, step, final, destroy);
}

static int refuse_aggregate(sqlite3 *db, const char *name, int arguments, int flags, void *context,
                            void (*step)(sqlite3_context *, int, sqlite3_value **),
                            void (*final)(sqlite3_context *), void (*value)(sqlite3_context *),
                            void (*inverse)(sqlite3_context *, int, sqlite3_value **),
                            void (*destroy)(void *)) {
  return ++calls == refuse_at ? SQLITE_BUSY
                              : real.create_window_function(db, name, arguments, flags, context,
                                                            step, final, value, inverse, destroy);
}

/* As SQLite does when it fails, gives the context back. */
static int refuse_module(sqlite3 *db, const char *name, const sqlite3_module *module, void *context,
                         void (*destroy)(void *)) {
  if (++calls == refuse_at) {
    destroy(context);
    return SQLITE_BUSY;
  }
  return real.create_module_v2(db, name, module, context, destroy);
}

/* Each name by turns. */
static void refused(void **state) {
  char *error = NULL;
  table.create_function_v2 = refuse_function;
  table.create_window_function = refuse_aggregate;
  table.create_module_v2 = refuse_module;
  assert_int_equal(load(*state, &error, &table), SQLITE_OK);
  int names = calls;
  assert_true(names > 10);
  for (int at = 1; at <= names; at++) {
    sqlite3 *db = db_open_bare(":memory:");
    calls = 0;
    refuse_at = at;
    assert_int_equal(load(db, &error, &table), SQLITE_BUSY);
    expect_nothing(db);
    refuse_at = 0;
    assert_int_equal(load(db, &error, &table), SQLITE_OK);
    db_expect(db, "SELECT count(*) FROM kmeans(1, 'SELECT 1')", "1");
    db_close(db);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(too_old, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
