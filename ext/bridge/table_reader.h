/* A query that is being read; private to table.c, which reads its rows, and table_columns.c. */
#ifndef KM_BRIDGE_TABLE_READER_H
#define KM_BRIDGE_TABLE_READER_H

#include "bridge/table.h"
#include "bridge/vector.h"

typedef struct km_reader {
  km_host *host;
  sqlite3_stmt *statement;
  const km_options *options;
  const km_model *model; /* or NULL */
  km_table *table;
  int columns;
  int id_column;      /* or -1 */
  int weight_column;  /* or -1 */
  int only;           /* the only column of coordinates, whose values may be vectors; or -1 */
  km_vectors vectors; /* of the only column */
  int directed;       /* points must have a direction */
  double *row;        /* dims doubles, in the dataset: the point being read */
  const km_categories *known; /* those of the model, by which rows are encoded; or NULL */
} km_reader;

/* Text that goes into a message, from sqlite3_malloc; NULL and an error, which then comes before the
** message, when there is no memory. */
char *km_reader_finish_list(km_host *host, sqlite3_str *list);

static inline int km_reader_is_coordinate(const km_reader *reading, int column) {
  return column != reading->id_column && column != reading->weight_column;
}

size_t km_reader_count_coordinates(const km_reader *reading);

/* Find the columns that hold the key and the weight, as the options have it. */
void km_reader_find_id(km_reader *reading);
void km_reader_find_weight(km_reader *reading);

/* Finds the columns that are categorical, as the options have it. */
void km_reader_find_categorical(km_reader *reading);

/* Refuses columns that cannot be clustered, or not with this model (or NULL). */
void km_reader_check_columns(const km_reader *reading, const km_model *model, size_t dims);

/* Keeps the names of the columns of coordinates in the table. */
void km_reader_keep_names(const km_reader *reading);

#endif
