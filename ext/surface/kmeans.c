/* kmeans(what, query [, options]): clusters the rows of a query.
**
**   CREATE TABLE kmeans(
**     id,                   -- the row's key: its column id, or its number from 1
**     cluster INTEGER,      -- from 0
**     distance REAL,        -- to the centroid of the cluster
**     point,                -- the coordinates, as a JSON array; a BLOB if it came as one
**     what HIDDEN,          -- a number of clusters, options, or a model
**     query HIDDEN,         -- SQL text
**     options HIDDEN,       -- JSON
**     excess HIDDEN,        -- takes an argument too many, which is refused
**     centroid HIDDEN,      -- of the cluster, as a JSON array
**     neighbor HIDDEN,      -- the second-nearest cluster; NULL if there is one only
**     silhouette HIDDEN     -- simplified: (b - a) / max(a, b), with a and b the distances to the
**                           -- nearest and second-nearest centroid; NULL if there is one only
**   );
**
** 1. The query is read to its end and finalised in xFilter, before the first row goes out.
** 2. Rows come out in the order of the query. A row with a NULL coordinate (nulls: skip) has only
**    its id.
** 3. centroid, neighbor and silhouette are computed when a statement asks for them.
** 4. Repeated scans by one cursor with the same arguments use one fit; id = ? is a lookup.
**
** The same module makes tables with the query's own columns: surface/kmeans_table.h. Its cursor and its
** added columns are those of the function.
*/
#include <math.h>

#include "core/distance.h"
#include "surface/kmeans_table.h"
#include "surface/surface.h"

static const char schema[] =
    "CREATE TABLE x(id, cluster INTEGER, distance REAL, point, what HIDDEN, query HIDDEN,"
    " options HIDDEN, excess HIDDEN, centroid TEXT HIDDEN, neighbor INTEGER HIDDEN,"
    " silhouette REAL HIDDEN)";

enum {
  COLUMN_ID,
  COLUMN_CLUSTER,
  COLUMN_DISTANCE,
  COLUMN_POINT,
  COLUMN_WHAT,
  COLUMN_QUERY,
  COLUMN_OPTIONS,
  COLUMN_EXCESS,
  COLUMN_CENTROID,
  COLUMN_NEIGHBOR,
  COLUMN_SILHOUETTE
};

static const km_call call = {
    .name = "kmeans",
    .first_column = COLUMN_WHAT,
    .arguments = KM_ARGUMENTS,
    .required = KM_INDEX_WHAT | KM_INDEX_QUERY,
    .usage = "takes two arguments at least: kmeans(3, 'SELECT x, y FROM points')",
    .excess = "takes three arguments at most: what, query and options",
    .run = km_job_run,
};

typedef struct kmeans_cursor {
  km_cursor common;
  size_t row;
  size_t point; /* of the row: an index into the dataset, or KM_NO_POINT */
  int lookup;   /* rows come from the index of ids */
  int single;   /* at most one row: id is the row number */
} kmeans_cursor;

static int kmeans_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **error) {
  if (!km_kmeans_is_function(argc, argv)) {
    return km_kmeans_table_connect(db, aux, argc, argv, out, error);
  }
  return km_vtab_connect_sized(db, aux, schema, sizeof(kmeans_vtab), out);
}

static int kmeans_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  return km_cursor_open(base, sizeof(kmeans_cursor), out);
}

/* Finds the point of the row that the cursor has come to. */
static void settle(kmeans_cursor *cursor) {
  const km_table *table = &cursor->common.job->table;
  if (cursor->row < table->rows) {
    /* Where all weights are 0 there are no clusters. */
    cursor->point =
        cursor->common.job->result.k > 0 ? km_table_point(table, cursor->row) : KM_NO_POINT;
  }
}

static int kmeans_next(sqlite3_vtab_cursor *base) {
  kmeans_cursor *cursor = (kmeans_cursor *)base;
  const km_table *table = &cursor->common.job->table;
  if (cursor->single) {
    cursor->row = table->rows;
  } else if (cursor->lookup) {
    cursor->row = km_ids_next(&table->ids, cursor->row);
  } else {
    cursor->row++;
  }
  settle(cursor);
  return SQLITE_OK;
}

static void result_distance(sqlite3_context *context, const km_job *job, const double *point,
                            uint32_t label) {
  const double *centroid = job->result.centroids + label * job->result.dims;
  km_metric metric = km_dataset_metric(&job->table.data);
  sqlite3_result_double(context, km_metric_distance(metric, point, centroid, job->result.dims));
}

/* neighbor and silhouette, which need the second-nearest centroid. */
static void result_neighbor(sqlite3_context *context, const km_job *job, const double *point,
                            uint32_t label, int column) {
  const km_result *result = &job->result;
  size_t neighbor = km_nearest(point, result->centroids, result->k, result->dims, label);
  if (neighbor == result->k) {
    return;
  }
  if (column == COLUMN_NEIGHBOR) {
    sqlite3_result_int64(context, (sqlite3_int64)neighbor);
    return;
  }
  km_metric metric = km_dataset_metric(&job->table.data);
  const double *own = result->centroids + label * result->dims;
  const double *other = result->centroids + neighbor * result->dims;
  double a = km_metric_distance(metric, point, own, result->dims);
  double b = km_metric_distance(metric, point, other, result->dims);
  sqlite3_result_double(context, b > 0 ? (b - a) / fmax(a, b) : 0);
}

/* The columns that need the point as it was clustered. */
static void result_measured(sqlite3_context *context, const kmeans_cursor *cursor, uint32_t label,
                            int column) {
  const km_job *job = cursor->common.job;
  const double *point = km_dataset_row(&job->table.data, cursor->point, job->room);
  if (column == COLUMN_DISTANCE) {
    result_distance(context, job, point, label);
  } else {
    result_neighbor(context, job, point, label, column);
  }
}

/* The point that is in the job's room, as it came. */
static void result_coordinates(sqlite3_context *context, const km_job *job, size_t point) {
  const km_categories *categories = km_job_categories(job);
  if (km_categories_any(categories)) {
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    km_point_append(out, categories, job->room, &job->table.uncoded, point);
    km_result_text(context, out);
  } else {
    km_result_numbers(context, job->room, job->result.dims);
  }
}

/* The columns of a row that has a point. */
static void result_point(sqlite3_context *context, const kmeans_cursor *cursor, int column) {
  const km_job *job = cursor->common.job;
  uint32_t label = km_result_label(&job->result, cursor->point);
  if (column == COLUMN_CLUSTER) {
    sqlite3_result_int64(context, (sqlite3_int64)label);
  } else if (column == COLUMN_CENTROID) {
    km_result_centroid(context, km_job_categories(job),
                       job->result.restored + label * job->result.dims, job->result.dims);
  } else if (column == COLUMN_POINT && job->table.blobs) {
    km_vector_result(context, &job->table.data, cursor->point);
  } else if (column == COLUMN_POINT) {
    km_dataset_stored(&job->table.data, cursor->point, job->room);
    result_coordinates(context, job, cursor->point);
  } else {
    result_measured(context, cursor, label, column);
  }
}

static int kmeans_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  /* What a table adds to its query's columns, in its order. */
  static const int added[] = {COLUMN_CLUSTER, COLUMN_DISTANCE, COLUMN_CENTROID, COLUMN_NEIGHBOR,
                              COLUMN_SILHOUETTE};
  const kmeans_cursor *cursor = (kmeans_cursor *)base;
  const km_table *table = &cursor->common.job->table;
  if (table->kept && column < table->kept->count) {
    km_table_value(table, cursor->row, column, context);
    return SQLITE_OK;
  }
  if (table->kept) {
    column = added[column - table->kept->count];
  }
  if (column == COLUMN_ID) {
    if (table->has_ids) {
      km_ids_result(&table->ids, cursor->row, context);
    } else {
      sqlite3_result_int64(context, (sqlite3_int64)cursor->row + 1);
    }
  } else if (column >= COLUMN_WHAT && column <= COLUMN_EXCESS) {
    km_cursor_argument(&cursor->common, context, column - COLUMN_WHAT);
  } else if (cursor->point != KM_NO_POINT) {
    result_point(context, cursor, column);
  }
  return SQLITE_OK;
}

static int kmeans_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = (sqlite3_int64)((kmeans_cursor *)base)->row + 1;
  return SQLITE_OK;
}

static int kmeans_eof(sqlite3_vtab_cursor *base) {
  const kmeans_cursor *cursor = (kmeans_cursor *)base;
  return cursor->row >= cursor->common.job->table.rows;
}

/* Goes to the first row whose id may equal the value: SQLite checks it again. */
static void look_up(kmeans_cursor *cursor, sqlite3_value *value) {
  km_job *job = cursor->common.job;
  cursor->lookup = 1;
  if (job->table.has_ids) {
    cursor->row = km_ids_first(&job->table.ids, &job->host, value);
    return;
  }
  cursor->single = 1;
  cursor->row = job->table.rows;
  if (sqlite3_value_numeric_type(value) == SQLITE_INTEGER ||
      sqlite3_value_type(value) == SQLITE_FLOAT) {
    sqlite3_int64 number = sqlite3_value_int64(value);
    if (number >= 1 && (sqlite3_uint64)number <= job->table.rows) {
      cursor->row = (size_t)number - 1;
    }
  }
}

/* Runs the job of a table, whose arguments are its own. */
static int run_table(kmeans_cursor *cursor) {
  const kmeans_vtab *table = (const kmeans_vtab *)cursor->common.base.pVtab;
  sqlite3_value *argument[KM_ARGUMENTS];
  int index = 0;
  int count = 0;
  for (int a = 0; a < KM_ARGUMENTS; a++) {
    if (table->argument[a]) {
      argument[count++] = table->argument[a];
      index |= 1 << a;
    }
  }
  return km_cursor_call(&cursor->common, &call, index, argument);
}

static int kmeans_filter(sqlite3_vtab_cursor *base, int index, const char *text, int argc,
                         sqlite3_value **argv) {
  kmeans_cursor *cursor = (kmeans_cursor *)base;
  (void)text;
  int rc = ((const km_vtab *)base->pVtab)->columns
               ? run_table(cursor)
               : km_cursor_call(&cursor->common, &call, index, argv);
  if (rc != SQLITE_OK) {
    return rc;
  }
  cursor->row = 0;
  cursor->lookup = cursor->single = 0;
  if (index & KM_INDEX_ID) {
    look_up(cursor, argv[argc - 1]);
    rc = km_cursor_fail(&cursor->common);
  }
  if (rc == SQLITE_OK) {
    settle(cursor);
  }
  return rc;
}

/* The place of a usable constraint id = ?, or -1. A collation other than BINARY may find equal what the
** lookup does not. `id IN (...)` is left to SQLite, too: it would ask for one value at a time and
** compare without the affinities that IN has. */
static int find_id_constraint(sqlite3_index_info *info, int column) {
  for (int i = 0; i < info->nConstraint; i++) {
    if (info->aConstraint[i].iColumn == column && info->aConstraint[i].usable &&
        info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ && !sqlite3_vtab_in(info, i, -1) &&
        sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0) {
      return i;
    }
  }
  return -1;
}

/* Looks up the id, if the statement asks for one: its value comes after the arguments, of which there is
** one for each bit. */
static void use_id(sqlite3_index_info *info, int column) {
  int constraint = find_id_constraint(info, column);
  int place = 1;
  if (constraint < 0) {
    return;
  }
  for (int bits = info->idxNum; bits; bits &= bits - 1) {
    place++;
  }
  km_index_lookup(info);
  info->aConstraintUsage[constraint].argvIndex = place;
  info->idxNum |= KM_INDEX_ID;
}

static int table_best_index(const km_columns *columns, sqlite3_index_info *info) {
  km_index_scan(info);
  if (columns->id >= 0) {
    use_id(info, columns->id);
  }
  return SQLITE_OK;
}

static int kmeans_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  if (((const km_vtab *)base)->columns) {
    return table_best_index(((const km_vtab *)base)->columns, info);
  }
  int rc = km_index_call(base, info, &call);
  if (rc == SQLITE_OK && (info->idxNum & call.required) == call.required) {
    use_id(info, COLUMN_ID);
  }
  return rc;
}

/* A table does not know its own name. */
static int kmeans_rename(sqlite3_vtab *base, const char *name) {
  (void)base;
  (void)name;
  return SQLITE_OK;
}

const sqlite3_module km_kmeans_module = {
    .iVersion = 0,
    .xCreate = kmeans_connect, /* the same as xConnect, or there would be no function */
    .xConnect = kmeans_connect,
    .xDisconnect = km_kmeans_disconnect,
    .xDestroy = km_kmeans_disconnect,
    .xOpen = kmeans_open,
    .xClose = km_cursor_close,
    .xNext = kmeans_next,
    .xColumn = kmeans_column,
    .xRowid = kmeans_rowid,
    .xEof = kmeans_eof,
    .xFilter = kmeans_filter,
    .xBestIndex = kmeans_best_index,
    .xRename = kmeans_rename,
};
