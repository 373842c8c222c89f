#include "sqlite_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static void must(sqlite3 *db, int rc, const char *sql) {
  if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE) {
    fail_msg("%s\n-> %d: %s", sql, rc, sqlite3_errmsg(db));
  }
}

/* Counts in the long that belongs to the connection. */
static void tick(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  ++*(long *)sqlite3_user_data(context);
  sqlite3_result_value(context, argv[0]);
}

/* ticks() returns the count and sets it to 0: SQL is the way to the counter of a connection. */
static void ticks(sqlite3_context *context, int argc, sqlite3_value **argv) {
  long *count = sqlite3_user_data(context);
  (void)argc;
  (void)argv;
  sqlite3_result_int64(context, *count);
  *count = 0;
}

sqlite3 *db_open_bare(const char *path) {
  sqlite3 *db = NULL;
  must(db, sqlite3_open(path, &db), path);
  must(db, sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0), "lookaside");
  must(db, sqlite3_busy_timeout(db, 20000), "busy timeout");
  return db;
}

int db_load(sqlite3 *db) {
  const char *path = getenv("KMEANS_EXTENSION");
  assert_non_null(path);
  must(db, sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL), "enable loading");
  return sqlite3_load_extension(db, path, NULL, NULL);
}

sqlite3 *db_open(const char *path) {
  sqlite3 *db = db_open_bare(path);
  long *count = calloc(1, sizeof *count);
  must(db, db_load(db), "load");
  must(db, sqlite3_create_function_v2(db, "tick", 1, SQLITE_UTF8, count, tick, NULL, NULL, free),
       "tick");
  must(db, sqlite3_create_function_v2(db, "ticks", 0, SQLITE_UTF8, count, ticks, NULL, NULL, NULL),
       "ticks");
  return db;
}

void db_close(sqlite3 *db) {
  must(db, sqlite3_close(db), "close");
}

void db_exec(sqlite3 *db, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *sql = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  assert_non_null(sql);
  must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
  sqlite3_free(sql);
}

int db_try(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* A statement whose beginning is awaited. */
typedef struct awaited {
  const char *sql;
  atomic_int *begun;
} awaited;

/* Statements within the statement begin, too, some of them before it. */
static int note_beginning(unsigned event, void *context, void *statement, void *sql) {
  const awaited *one = context;
  (void)event;
  (void)statement;
  if (strcmp(sql, one->sql) == 0) {
    atomic_store(one->begun, 1);
  }
  return 0;
}

int db_try_begun(sqlite3 *db, const char *sql, atomic_int *begun) {
  awaited one = {sql, begun};
  sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note_beginning, &one);
  int rc = db_try(db, sql);
  sqlite3_trace_v2(db, 0, NULL, NULL);
  atomic_store(begun, 1);
  return rc;
}

static void pause_for(double seconds) {
  struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
  nanosleep(&time, NULL);
}

void db_await(double seconds, atomic_int *begun) {
  pause_for(seconds);
  while (!atomic_load(begun)) {
    pause_for(0.001);
  }
}

sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  must(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL), sql);
  return statement;
}

/* Appends bytes to a growing string. */
static void append(char **text, size_t *length, const char *more) {
  size_t bytes = strlen(more);
  *text = realloc(*text, *length + bytes + 1);
  memcpy(*text + *length, more, bytes + 1);
  *length += bytes;
}

char *db_text(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = db_prepare(db, sql);
  char *text = NULL;
  size_t length = 0;
  int rc;
  append(&text, &length, "");
  while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
    if (length) {
      append(&text, &length, "\n");
    }
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *value = (const char *)sqlite3_column_text(statement, i);
      append(&text, &length, i ? "|" : "");
      append(&text, &length, value ? value : "NULL");
    }
  }
  must(db, rc, sql);
  sqlite3_finalize(statement);
  return text;
}

sqlite3_int64 db_integer(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = db_prepare(db, sql);
  int rc = sqlite3_step(statement);
  must(db, rc, sql);
  sqlite3_int64 value = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  return value;
}

void db_expect(sqlite3 *db, const char *sql, const char *rows) {
  char *text = db_text(db, sql);
  if (strcmp(text, rows) != 0) {
    fail_msg("%s\n-> %s\nexpected %s", sql, text, rows);
  }
  free(text);
}

void db_expect_error(sqlite3 *db, const char *sql, int code, const char *text) {
  int rc = db_try(db, sql);
  if ((rc & 0xff) != code || !strstr(sqlite3_errmsg(db), text)) {
    fail_msg("%s\n-> %d: %s\nexpected %d: ...%s...", sql, rc, sqlite3_errmsg(db), code, text);
  }
}

long db_ticks(sqlite3 *db) {
  return (long)db_integer(db, "SELECT ticks()");
}

void db_make_points(sqlite3 *db, int rows) {
  db_exec(db,
          "CREATE TABLE pts(id INTEGER PRIMARY KEY, x, y);"
          "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
          " INSERT INTO pts SELECT i, 100 * (i %% 3) + i * 7919 %% 101 / 101.0,"
          " 50 * (i %% 3) + i * 104729 %% 103 / 103.0 FROM n",
          rows);
}

int db_instrumented(void) {
  const char *value = getenv("KMEANS_INSTRUMENTED");
  return value && *value;
}

const char *db_new_file(void) {
  static char path[4096];
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof path - 16, "%s/kmeans-db.XXXXXX", folder && *folder ? folder : "/tmp");
  assert_non_null(mkdtemp(path));
  strcat(path, "/test.db");
  return path;
}

void db_forget_file(const char *path) {
  static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
  char name[4200];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
  snprintf(name, sizeof name, "%s", path);
  *strrchr(name, '/') = 0;
  rmdir(name);
}

double db_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static sqlite3_mem_methods plain;
static int (*watcher)(void);

static void *watched_malloc(int bytes) {
  return watcher() ? NULL : plain.xMalloc(bytes);
}

static void *watched_realloc(void *memory, int bytes) {
  return watcher() ? NULL : plain.xRealloc(memory, bytes);
}

int db_watch_allocations(int (*fails)(void)) {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK) {
    return 1;
  }
  watcher = fails;
  sqlite3_mem_methods watched = plain;
  watched.xMalloc = watched_malloc;
  watched.xRealloc = watched_realloc;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &watched) != SQLITE_OK;
}
