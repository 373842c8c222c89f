#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

int sqlite3_kmeans_init(sqlite3 *db, char **error, const struct sqlite3_api_routines *api);

/* What an input may take: steps of SQLite's machine; seconds, since fits ask by the clock; bytes. */
#define PERIOD 500
#define CALLS 400
#define SECONDS 0.03
#define HEAP_BYTES (64 << 20)

static sqlite3_int64 baseline;
static int calls;
static double due;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int progress(void *context) {
  (void)context;
  return ++calls > CALLS || now() > due;
}

static int authorize(void *context, int action, const char *a, const char *b, const char *c,
                     const char *d) {
  static const char *const pragmas[] = {"query_only",
                                        "table_info",
                                        "table_xinfo",
                                        "trusted_schema",
                                        "function_list",
                                        "module_list",
                                        "reverse_unordered_selects",
                                        "automatic_index",
                                        "integrity_check"};
  (void)context;
  (void)c;
  (void)d;
  if (action == SQLITE_ATTACH || action == SQLITE_DETACH) {
    return SQLITE_DENY;
  }
  if (action == SQLITE_FUNCTION && b && sqlite3_stricmp(b, "load_extension") == 0) {
    return SQLITE_DENY;
  }
  if (action == SQLITE_PRAGMA) {
    for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++) {
      if (sqlite3_stricmp(a, pragmas[i]) == 0) {
        return SQLITE_OK;
      }
    }
    return SQLITE_DENY;
  }
  return SQLITE_OK;
}

static const char schema[] =
    "PRAGMA temp_store = memory;"
    "CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y);"
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 24)"
    " INSERT INTO pts SELECT i, 100 * (i % 3) + i * 7919 % 101 / 101.0, 50 * (i % 3) + i % 7 FROM "
    "n;"
    "UPDATE pts SET y = NULL WHERE id = 20;"
    "CREATE TABLE vectors(id INTEGER PRIMARY KEY, v);"
    "INSERT INTO vectors VALUES (1, x'0000803F00000040'), (2, x'00004040000080BF'), (3, NULL),"
    " (4, x'0000A0400000E040');"
    "CREATE TABLE names(name TEXT PRIMARY KEY, x, y, w);"
    "INSERT INTO names SELECT 'name ' || id, x, id, id % 4 FROM pts WHERE id < 10;"
    "CREATE TABLE models(model);"
    "INSERT INTO models VALUES ('{\"centroids\":[[0.5,3],[100.5,53],[200.5,103]],\"sizes\":[8,8,7],"
    "\"n\":23,\"means\":[96,50],\"deviations\":[80,40]}');";

static void must(sqlite3 *db, int rc) {
  fuzz_require(rc == SQLITE_OK, "the database is set up", db ? sqlite3_errmsg(db) : "no memory");
}

static void set_limits(sqlite3 *db) {
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
  sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 100000);
  sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 200);
  sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 60);
  sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 25000);
  sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

static void start_once(void) {
  static int started;
  if (!started) {
    started = 1;
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is to be seen */
    sqlite3_initialize();
    sqlite3_hard_heap_limit64(HEAP_BYTES);
    sqlite3_auto_extension((void (*)(void))sqlite3_kmeans_init);
    baseline = sqlite3_memory_used();
  }
}

sqlite3 *fuzz_open(void) {
  sqlite3 *db = NULL;
  start_once();
  must(db, sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL));
  must(db, sqlite3_exec(db, schema, NULL, NULL, NULL));
  set_limits(db);
  sqlite3_set_authorizer(db, authorize, NULL);
  fuzz_start(db);
  return db;
}

void fuzz_close(sqlite3 *db) {
  sqlite3_stmt *left = sqlite3_next_stmt(db, NULL);
  fuzz_require(!left, "no statement is left behind", left ? sqlite3_sql(left) : "");
  fuzz_require(sqlite3_close(db) == SQLITE_OK, "the connection closes", "");
  fuzz_require(sqlite3_memory_used() <= baseline, "all memory is given back", "");
}

sqlite3_stmt *fuzz_prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  must(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
  return statement;
}

size_t fuzz_form(uint8_t name, size_t count) {
  return (size_t)(uint8_t)(name - '0') % count;
}

sqlite3_stmt *fuzz_statement(const char *const *forms, sqlite3_stmt **statements, size_t form) {
  static sqlite3 *db;
  db = db ? db : fuzz_open();
  if (!statements[form]) {
    statements[form] = fuzz_prepare(db, forms[form]);
  }
  fuzz_start(db);
  return statements[form];
}

void fuzz_start(sqlite3 *db) {
  calls = 0;
  due = now() + SECONDS;
  sqlite3_progress_handler(db, PERIOD, progress, NULL);
}

/* What no input may lead to: these say that something within is wrong. */
static int is_own_fault(int rc) {
  int primary = rc & 0xff;
  return primary == SQLITE_INTERNAL || primary == SQLITE_MISUSE || primary == SQLITE_CORRUPT ||
         primary == SQLITE_NOTADB || primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
}

int fuzz_run(sqlite3_stmt *statement) {
  int rc;
  while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const unsigned char *text = sqlite3_column_text(statement, i);
      volatile unsigned char last = 0;
      if (text) {
        last = text[sqlite3_column_bytes(statement, i)];
      }
      (void)last;
    }
  }
  sqlite3 *db = sqlite3_db_handle(statement);
  if (rc != SQLITE_DONE) {
    const char *message = sqlite3_errmsg(db);
    fuzz_require(!is_own_fault(rc), "errors are those of the input", message);
    fuzz_require(message && message[0], "every error has a message", sqlite3_sql(statement));
  }
  sqlite3_reset(statement);
  return rc;
}

void fuzz_bind_text(sqlite3_stmt *statement, const uint8_t *text, size_t bytes) {
  must(sqlite3_db_handle(statement),
       sqlite3_bind_text64(statement, 1, (const char *)text, bytes, SQLITE_STATIC, SQLITE_UTF8));
}

int fuzz_run_text(sqlite3_stmt *statement, const uint8_t *text, size_t bytes) {
  fuzz_bind_text(statement, text, bytes);
  int rc = fuzz_run(statement);
  sqlite3_clear_bindings(statement);
  return rc;
}

void fuzz_hold(sqlite3_stmt *statement, const char *promise) {
  while (sqlite3_step(statement) == SQLITE_ROW) {
    fuzz_require(sqlite3_column_int(statement, 0) == 0, promise, sqlite3_sql(statement));
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

void fuzz_require(int holds, const char *promise, const char *detail) {
  if (!holds) {
    fprintf(stderr, "broken: %s: %s\n", promise, detail ? detail : "");
    abort();
  }
}
