/* The host of one call: the connection, the first error, and the hooks that the core works through.
**
** The error is sticky: once one is set, everything that takes a host does nothing and the first
** message stays. So a sequence of steps reads straight down, with one check at its end.
*/
#ifndef KM_BRIDGE_HOST_H
#define KM_BRIDGE_HOST_H

#include "bridge/sqlite.h"
#include "core/fit.h"

typedef struct km_host {
  sqlite3 *db;
  const char *name; /* of the SQL function: messages begin with it */
  const char *part; /* what is being read, for messages: "option \"init\": ", or "" */
  int code;         /* SQLITE_OK, or the code of the first error */
  char *message;    /* its text, from sqlite3_malloc; NULL for codes that speak for themselves */
  km_hooks hooks;   /* memory from sqlite3_malloc64; cancelled by interrupt or progress handler */
  double started;
  double polled;
} km_host;

/* The host must not move afterwards: the hooks point at it. name is a string constant. */
void km_host_init(km_host *host, sqlite3 *db, const char *name);
void km_host_clear(km_host *host);

/* One of many fits begins: each is timed by itself. */
void km_host_restart(km_host *host);

/* Whether the call has taken so long that people want to hear of it, in the log. */
int km_host_lasts(const km_host *host);

/* Sets the error, unless there is one: "name: message". Format as sqlite3_mprintf. */
void km_fail(km_host *host, int code, const char *format, ...);

/* Sets the error that SQLite has just reported with this code, unless there is one: "name: subject:
** its message", where subject may be NULL. An interrupt that comes while SQLite makes a virtual table
** for a statement (json_each, kmeans) is to SQLite an error of that table; here it is an interrupt. */
void km_fail_sqlite(km_host *host, int code, const char *subject);

/* Sets the error that a status of the core stands for, unless there is one; KM_OK sets none. */
void km_fail_status(km_host *host, km_status status);

/* Hands the error to a function's context: as a result, or as out of memory, or as interrupted. */
void km_host_result_error(const km_host *host, sqlite3_context *context);

/* Memory for count items of item_bytes; NULL and an error when there is none. From the hooks. */
void *km_host_allocate(km_host *host, size_t count, size_t item_bytes);
void km_host_release(km_host *host, void *memory);

/* A new last item of the chunks; NULL and an error when there is no memory for it. */
static inline void *km_host_push(km_host *host, km_chunks *chunks) {
  void *item = host->code == SQLITE_OK ? km_chunks_push(chunks, &host->hooks) : NULL;
  if (!item) {
    km_fail_status(host, KM_NOMEM);
  }
  return item;
}

/* A copy of bytes bytes of text, closed with a NUL; NULL and an error when there is no memory. */
char *km_host_copy(km_host *host, const char *text, size_t bytes);

/* A statement of ours; NULL and an error when SQLite will not prepare it. */
sqlite3_stmt *km_host_prepare(km_host *host, const char *sql);

#endif
