/* The caller's query: checked, prepared, its parameters bound. */
#ifndef KM_BRIDGE_STATEMENT_H
#define KM_BRIDGE_STATEMENT_H

#include "bridge/host.h"

/* What all kmeans tables of one connection share. Freed when the last module that holds it goes. */
typedef struct km_connection {
  sqlite3 *db;
  int references;
  int depth; /* queries of kmeans tables that are being read right now, one within the other */
} km_connection;

/* How deep queries that call kmeans tables may nest. */
#define KM_MAX_DEPTH 4

km_connection *km_connection_new(sqlite3 *db); /* one reference; NULL when out of memory */
void km_connection_release(void *connection);  /* drops a reference */

/* Prepares the query: one statement that begins with SELECT, WITH or VALUES, only reads, and returns
** columns; nothing after it but white space, comments and semicolons. Its parameters are bound from
** params, a JSON array or object as text (or NULL): each one must be given, and none more.
** Returns NULL after an error; the caller finalises it. */
sqlite3_stmt *km_statement_open(km_host *host, sqlite3_value *query, const char *params);

/* The name of a column of the statement; valid as long as it is. */
const char *km_column_name(km_host *host, sqlite3_stmt *statement, int column);

#endif
