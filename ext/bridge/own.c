#include "bridge/own.h"

#include <limits.h>
#include <stddef.h>

static const int kinds[] = {
    SQLITE_LIMIT_SQL_LENGTH, SQLITE_LIMIT_COLUMN,          SQLITE_LIMIT_EXPR_DEPTH,
    SQLITE_LIMIT_VDBE_OP,    SQLITE_LIMIT_COMPOUND_SELECT, SQLITE_LIMIT_FUNCTION_ARG,
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* SQLite lowers what is above its own limits. The connection is ours meanwhile: we are within a call of
** its own, which holds its mutex. */
static void raise_limits(sqlite3 *db, int *before) {
  for (int i = 0; i < KINDS; i++) {
    before[i] = sqlite3_limit(db, kinds[i], INT_MAX);
  }
}

static void restore_limits(sqlite3 *db, const int *before) {
  for (int i = 0; i < KINDS; i++) {
    sqlite3_limit(db, kinds[i], before[i]);
  }
}

int km_own_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement) {
  int before[KINDS];
  raise_limits(db, before);
  int rc = sqlite3_prepare_v2(db, sql, -1, statement, NULL);
  restore_limits(db, before);
  return rc;
}

int km_own_declare(sqlite3 *db, const char *sql) {
  int before[KINDS];
  raise_limits(db, before);
  int rc = sqlite3_declare_vtab(db, sql);
  restore_limits(db, before);
  return rc;
}
