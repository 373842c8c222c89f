/* The rows of the caller's query, read to the end: points, keys, and which rows were left out. */
#ifndef KM_BRIDGE_TABLE_H
#define KM_BRIDGE_TABLE_H

#include "bridge/categories.h"
#include "bridge/ids.h"
#include "bridge/model.h"
#include "bridge/number.h"
#include "bridge/options.h"
#include "bridge/statement.h"
#include "core/dataset.h"

/* The columns of a query, for who makes a table of them. */
typedef struct km_columns {
  int count;
  int id;      /* the column that is the key, or -1 */
  char *names; /* closed strings, one after the other, bytes long together; from sqlite3_malloc */
  size_t bytes;
  char *types; /* a character each: 'i'nteger, 'r'eal, 't'ext, 'n'umeric or ' ' for none */
} km_columns;

/* Prepares the query to see its columns, and checks what can be checked without running it. The caller
** clears what it got. */
void km_columns_read(km_host *host, sqlite3_value *query, const km_options *options,
                     const km_model *model, km_columns *columns);
void km_columns_clear(km_columns *columns);

typedef struct km_table {
  size_t rows;              /* all rows of the query */
  km_dataset data;          /* a point for each row that is not left out, in order */
  km_categories categories; /* of a fit that has some; a model has its own */
  km_chunks uncoded;        /* km_uncoded: values that points show, but that have no code */
  size_t filled;            /* rows with NULL that are no less in data, as NaN */
  int blobs;                /* the points came as BLOBs */
  int only; /* with blobs: their column; -1 where zero vectors are no points, and values are kept */
  char *
      columns; /* the names of the coordinates, one closed string after the other; NULL of vectors */
  int has_ids;
  km_ids ids;             /* with has_ids: one per row */
  km_chunks skipped;      /* uint64: the numbers of the rows without a point, ascending, from 0 */
  const km_columns *kept; /* what the query's columns must be, to keep their values; or NULL */
  km_ids *values;         /* kept->count; ids and BLOBs that are points stand elsewhere */
} km_table;

void km_table_init(km_table *table);
void km_table_clear(km_table *table, km_host *host);

/* Runs the query and reads all its rows. With a model (or NULL) the columns must be the model's, or the
** only one holds vectors as long as the model has dimensions. */
void km_table_read(km_host *host, km_connection *connection, sqlite3_value *query,
                   const km_options *options, const km_model *model, km_table *table);

/* The point of a row: its index in data, or KM_NO_POINT. */
#define KM_NO_POINT SIZE_MAX
size_t km_table_find_point(const km_table *table, size_t row); /* where rows are left out */

static inline size_t km_table_point(const km_table *table, size_t row) {
  return table->skipped.count > 0 ? km_table_find_point(table, row) : row;
}

/* Returns the value of a column of a row, as the query gave it: for a table that keeps values. */
void km_table_value(const km_table *table, size_t row, int column, sqlite3_context *context);

#endif
