/* What the table-valued functions have in common: how arguments come in as constraints on hidden
** columns, and how the job behind a cursor is reused. */
#ifndef KM_SURFACE_TABLE_FUNCTION_H
#define KM_SURFACE_TABLE_FUNCTION_H

#include "bridge/job.h"

/* A table: the eponymous one of its connection, or one with the columns of a query. */
typedef struct km_vtab {
  sqlite3_vtab base;
  km_connection *connection;
  const km_columns *columns; /* of the query; NULL: the eponymous one */
  struct km_cursor *newest;  /* the cursor opened last, while it is open */
} km_vtab;

/* The common part of a cursor. */
typedef struct km_cursor {
  sqlite3_vtab_cursor base;
  km_job *job;               /* NULL before the first xFilter, or after a failed one */
  int inherited;             /* the job comes from another cursor and was not asked for here yet */
  sqlite3_uint64 statements; /* which statements were running when the job ran */
  sqlite3_uint64 opened;     /* how far they had come when the cursor was opened */
} km_cursor;

/* idxNum, as xBestIndex hands it to xFilter. The arguments in argv stand in this order:
**
**   bit                 set when argv holds
**   KM_INDEX_WHAT       what
**   KM_INDEX_QUERY      query
**   KM_INDEX_OPTIONS    options
**   KM_INDEX_ID         the value that id must equal (kmeans only)
*/
#define KM_INDEX_WHAT 1
#define KM_INDEX_QUERY 2
#define KM_INDEX_OPTIONS 4
#define KM_INDEX_ID 8

int km_vtab_connect(sqlite3 *db, void *connection, const char *schema, sqlite3_vtab **out);

/* The same with a struct of that many bytes, which begins with a km_vtab. */
int km_vtab_connect_sized(sqlite3 *db, void *connection, const char *schema, size_t bytes,
                          sqlite3_vtab **out);
int km_vtab_disconnect(sqlite3_vtab *base);
int km_cursor_open(sqlite3_vtab *base, size_t bytes, sqlite3_vtab_cursor **out);
int km_cursor_close(sqlite3_vtab_cursor *base);

/* A table-valued function, as it is called. */
typedef struct km_call {
  const char *name;
  int first_column;  /* that of the first argument; those of the others follow */
  int arguments;     /* how many there are */
  int required;      /* those that must be given: bits as in idxNum, 1 for the first */
  const char *usage; /* the error for want of one of them */
  const char
      *excess; /* the error for one too many, which has the next column; NULL: there is none */
  km_job *(*run)(km_connection *connection, const char *name, sqlite3_value *const argument[],
                 const km_columns *columns); /* km_job_run, or another job's */
} km_call;

/* Finds the constraints on the argument columns and puts them first in argv. Estimates a full scan, or
** the impossible where a required argument is missing. That is no error yet: for each arm of `WHERE id = 1
** OR id = 2` SQLite asks with the terms of that arm alone; xFilter finds out. Returns SQLITE_OK,
** SQLITE_CONSTRAINT when an argument can't be computed in this order of tables, or the error for one too
** many. */
int km_index_call(sqlite3_vtab *base, sqlite3_index_info *info, const km_call *call);

/* Estimate a full scan, and a lookup of one row, with the arguments that are in argv.
**
** Arguments may come from another table, and then each of its rows needs a job of its own. In that table's
** loop ours has to come first, or it runs its jobs again for each row of the tables before it:
**
**   FROM json_each('[2, 3]') k, kmeans(k.value, ...) a, kmeans(5, ...) b WHERE a.id = b.id
**
** is to be read in the order k, a, b: not in b, k, a. But SQLite does not tell which arguments come from a
** table, only which are literals. The others may be constant, too: parameters, or subqueries. So what they
** cost is a compromise:
**
**              literals   others
**   a scan          1e6      2e6
**   a lookup         10      3e4
**
** That is enough to choose k, a, b; and to look up a few ids (SQLite expects 25 rows of json_each) still
** costs less than a scan, which is right where the arguments are constant. */
void km_index_scan(sqlite3_index_info *info);
void km_index_lookup(sqlite3_index_info *info);

/* Sees to it that the cursor has a job for these arguments, running one if need be. */
int km_cursor_call(km_cursor *cursor, const km_call *call, int index, sqlite3_value **argv);

/* Hands the cursor's error to SQLite. */
int km_cursor_fail(km_cursor *cursor);

/* Returns an argument column; NULL where the argument was not given, and for one too many. */
void km_cursor_argument(const km_cursor *cursor, sqlite3_context *context, int argument);

/* Returns a centroid as JSON: see km_shares_append. */
void km_result_centroid(sqlite3_context *context, const km_categories *categories,
                        const double *centroid, size_t dims);

/* Returns the JSON that was put together, or that there was no memory for it. */
void km_result_text(sqlite3_context *context, sqlite3_str *text);

/* Returns dims numbers as JSON. */
void km_result_numbers(sqlite3_context *context, const double *numbers, size_t n);

#endif
