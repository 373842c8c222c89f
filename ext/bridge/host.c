#include "bridge/host.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "bridge/own.h"

/* How often a long computation asks SQLite whether to stop, and when it starts to report. */
#define POLL_SECONDS 0.005
#define REPORT_SECONDS 1.0

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void *allocate(void *context, size_t bytes) {
  (void)context;
  return sqlite3_malloc64(bytes);
}

static void release(void *context, void *memory) {
  (void)context;
  sqlite3_free(memory);
}

/* SQLite notices interrupts and calls progress handlers only while a statement runs, and has no
** function to ask (sqlite3_is_interrupted came with 3.41). So run one: about 1,000 steps of the
** virtual machine, 20 microseconds, that change nothing. Handlers set to every 1,000 steps, as
** applications with time limits use, are called each time; others in proportion. It is not kept: some
** applications finalise all statements of a connection that they find, between two rows of ours, too. */
static const char probe_sql[] =
    "SELECT 1 FROM (VALUES(1),(2),(3),(4),(5),(6)) a, (VALUES(1),(2),(3),(4),(5),(6)) b,"
    " (VALUES(1),(2),(3),(4),(5),(6)) c WHERE a.column1 + b.column1 + c.column1 < 0";

static int ask(sqlite3 *db) {
  sqlite3_stmt *probe = NULL;
  int rc = km_own_prepare(db, probe_sql, &probe);
  if (rc == SQLITE_OK) {
    sqlite3_step(probe);
    rc = sqlite3_finalize(probe);
  }
  return rc;
}

static int cancelled(void *context) {
  km_host *host = context;
  double time = now();
  if (time - host->polled < POLL_SECONDS) {
    return 0;
  }
  host->polled = time;
  int rc = ask(host->db);
  if (rc != SQLITE_OK) {
    km_fail(host, rc, "%s", sqlite3_errmsg(host->db));
  }
  return rc != SQLITE_OK;
}

void km_host_restart(km_host *host) {
  host->started = now();
}

int km_host_lasts(const km_host *host) {
  return now() - host->started >= REPORT_SECONDS;
}

static void report(void *context, const km_report *news) {
  const km_host *host = context;
  if (km_host_lasts(host)) {
    sqlite3_log(SQLITE_NOTICE,
                "%s: run %lld, iteration %lld: %lld labels changed, centroids moved %g", host->name,
                (sqlite3_int64)news->run, (sqlite3_int64)news->iteration,
                (sqlite3_int64)news->moved, news->shift);
  }
}

void km_host_init(km_host *host, sqlite3 *db, const char *name) {
  memset(host, 0, sizeof *host);
  host->db = db;
  host->name = name;
  host->part = "";
  host->started = host->polled = now();
  host->hooks = (km_hooks){
      .context = host,
      .allocate = allocate,
      .release = release,
      .cancelled = cancelled,
      .report = report,
  };
}

void km_host_clear(km_host *host) {
  sqlite3_free(host->message);
  host->message = NULL;
}

void km_fail(km_host *host, int code, const char *format, ...) {
  va_list arguments;
  if (host->code != SQLITE_OK) {
    return;
  }
  host->code = code;
  if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT) {
    return; /* SQLite's own text says it all */
  }
  va_start(arguments, format);
  char *text = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  host->message = text ? sqlite3_mprintf("%s: %s%s", host->name, host->part, text) : NULL;
  sqlite3_free(text);
  if (!host->message) {
    host->code = SQLITE_NOMEM;
  }
}

void km_fail_sqlite(km_host *host, int code, const char *subject) {
  char *message = sqlite3_mprintf("%s%s%s", subject ? subject : "", subject ? ": " : "",
                                  sqlite3_errmsg(host->db));
  if (!message) {
    km_fail_status(host, KM_NOMEM);
  } else if (code == SQLITE_ERROR && ask(host->db) == SQLITE_INTERRUPT) {
    km_fail_status(host, KM_CANCELLED);
  } else {
    km_fail(host, code, "%s", message);
  }
  sqlite3_free(message);
}

void km_fail_status(km_host *host, km_status status) {
  switch (status) {
  case KM_OK:
    break;
  case KM_NOMEM:
    km_fail(host, SQLITE_NOMEM, "out of memory");
    break;
  case KM_CANCELLED: /* the error is already set, by cancelled() above */
    km_fail(host, SQLITE_INTERRUPT, "interrupted");
    break;
  case KM_TOO_FEW: /* those who know the numbers report it first */
    km_fail(host, SQLITE_ERROR, "fewer distinct points than clusters");
    break;
  case KM_OVERFLOW: /* unreached: with coordinates up to 1e300 that takes 2^27 rows */
    km_fail(host, SQLITE_ERROR, "the sum of a column is too large for a number: divide it first");
    break;
  case KM_TOO_LARGE:
    km_fail(host, SQLITE_ERROR,
            "the centroids are too large: k times the number of columns is %lld at most",
            (sqlite3_int64)KM_MAX_CENTROIDS);
    break;
  case KM_NO_VALUE: /* these, too, by those who know which column or row it is */
    km_fail(host, SQLITE_ERROR, "a column has no value but NULL");
    break;
  case KM_NO_DIRECTION:
    km_fail(host, SQLITE_ERROR, "a zero vector has no direction");
    break;
  }
}

void km_host_result_error(const km_host *host, sqlite3_context *context) {
  if (host->message) {
    sqlite3_result_error(context, host->message, -1);
  }
  if (host->code == SQLITE_NOMEM) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_error_code(context, host->code);
  }
}

void *km_host_allocate(km_host *host, size_t count, size_t item_bytes) {
  void *memory = host->code == SQLITE_OK ? km_allocate(&host->hooks, count, item_bytes) : NULL;
  if (!memory) {
    km_fail_status(host, KM_NOMEM);
  }
  return memory;
}

void km_host_release(km_host *host, void *memory) {
  km_release(&host->hooks, memory);
}

char *km_host_copy(km_host *host, const char *text, size_t bytes) {
  char *copy = km_host_allocate(host, bytes + 1, 1);
  if (copy) {
    memcpy(copy, text, bytes);
    copy[bytes] = 0;
  }
  return copy;
}

sqlite3_stmt *km_host_prepare(km_host *host, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (host->code == SQLITE_OK) {
    int rc = km_own_prepare(host->db, sql, &statement);
    if (rc != SQLITE_OK) {
      km_fail_sqlite(host, rc, NULL);
    }
  }
  return statement;
}
