/* kmeans_centroids(what [, query [, options]]): the clusters of a query, or of a model.
**
**   CREATE TABLE kmeans_centroids(
**     cluster INTEGER,  -- from 0
**     size INTEGER,     -- points in it
**     inertia REAL,     -- the sum of their squared distances to the centroid
**     radius REAL,      -- the largest of their distances; NULL without points
**     centroid TEXT,    -- JSON array; of a categorical column, an object with the share of each value
**     what HIDDEN,      -- a number of clusters, options, or a model
**     query HIDDEN,     -- SQL text
**     options HIDDEN,   -- JSON
**     excess HIDDEN,    -- takes an argument too many, which is refused
**     weight HIDDEN     -- REAL: the sum of the points' weights; the size, if they have none
**   );
**
** 1. With a number or options, the query's rows are clustered. With a model and a query, the model is
**    applied to the rows, and size, inertia and radius are theirs.
** 2. With a model alone, size, inertia and radius are the model's; NULL where it does not have them.
** 3. Without a row that has a point there is no cluster, unless a model was given.
*/
#include "surface/surface.h"
#include "surface/table_function.h"

static const char schema[] =
    "CREATE TABLE x(cluster INTEGER, size INTEGER, inertia REAL, radius REAL, centroid TEXT,"
    " what HIDDEN, query HIDDEN, options HIDDEN, excess HIDDEN, weight REAL HIDDEN)";

enum {
  COLUMN_CLUSTER,
  COLUMN_SIZE,
  COLUMN_INERTIA,
  COLUMN_RADIUS,
  COLUMN_CENTROID,
  COLUMN_WHAT,
  COLUMN_QUERY,
  COLUMN_OPTIONS,
  COLUMN_EXCESS,
  COLUMN_WEIGHT
};

static const km_call call = {
    .name = "kmeans_centroids",
    .first_column = COLUMN_WHAT,
    .arguments = KM_ARGUMENTS,
    .required = KM_INDEX_WHAT,
    .usage = "takes a model, or what and a query: "
             "kmeans_centroids(3, 'SELECT x, y FROM points')",
    .excess = "takes three arguments at most: what, query and options",
    .run = km_job_run,
};

typedef struct centroids_cursor {
  km_cursor common;
  size_t cluster;
} centroids_cursor;

static int centroids_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                             sqlite3_vtab **out, char **error) {
  (void)argc;
  (void)argv;
  (void)error;
  return km_vtab_connect(db, aux, schema, out);
}

static int centroids_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  return km_cursor_open(base, sizeof(centroids_cursor), out);
}

static int centroids_next(sqlite3_vtab_cursor *base) {
  ((centroids_cursor *)base)->cluster++;
  return SQLITE_OK;
}

/* A column of the model as it was given. */
static void result_model(sqlite3_context *context, const km_model *model, size_t cluster,
                         int column) {
  if (column == COLUMN_SIZE && model->sizes) {
    sqlite3_result_int64(context, (sqlite3_int64)model->sizes[cluster]);
  } else if (column == COLUMN_WEIGHT && (model->weights || model->sizes)) {
    sqlite3_result_double(context,
                          model->weights ? model->weights[cluster] : model->sizes[cluster]);
  } else if (column == COLUMN_INERTIA && model->inertias) {
    sqlite3_result_double(context, model->inertias[cluster]);
  } else if (column == COLUMN_RADIUS && model->radii) {
    if (model->weights ? model->weights[cluster] > 0 : !model->sizes || model->sizes[cluster] > 0) {
      sqlite3_result_double(context, model->radii[cluster]);
    }
  } else if (column == COLUMN_CENTROID) {
    km_result_centroid(context, &model->categories, model->centroids + cluster * model->dims,
                       model->dims);
  }
}

/* A column of what was found in the query's rows. */
static void result_fit(sqlite3_context *context, const km_job *job, size_t cluster, int column) {
  const km_result *result = &job->result;
  if (column == COLUMN_SIZE) {
    sqlite3_result_int64(context, (sqlite3_int64)result->sizes[cluster]);
  } else if (column == COLUMN_WEIGHT) {
    sqlite3_result_double(context, result->weights[cluster]);
  } else if (column == COLUMN_INERTIA) {
    sqlite3_result_double(context, result->inertias[cluster]);
  } else if (column == COLUMN_RADIUS) {
    if (result->weights[cluster] > 0) {
      sqlite3_result_double(context, result->radii[cluster]);
    }
  } else {
    km_result_centroid(context, km_job_categories(job), result->restored + cluster * result->dims,
                       result->dims);
  }
}

static int centroids_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  const centroids_cursor *cursor = (centroids_cursor *)base;
  const km_job *job = cursor->common.job;
  if (column == COLUMN_CLUSTER) {
    sqlite3_result_int64(context, (sqlite3_int64)cursor->cluster);
  } else if (column >= COLUMN_WHAT && column <= COLUMN_EXCESS) {
    km_cursor_argument(&cursor->common, context, column - COLUMN_WHAT);
  } else if (job->result.k > 0) {
    result_fit(context, job, cursor->cluster, column);
  } else {
    result_model(context, job->what.model, cursor->cluster, column);
  }
  return SQLITE_OK;
}

static int centroids_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = (sqlite3_int64)((centroids_cursor *)base)->cluster;
  return SQLITE_OK;
}

static int centroids_eof(sqlite3_vtab_cursor *base) {
  const centroids_cursor *cursor = (centroids_cursor *)base;
  const km_job *job = cursor->common.job;
  return cursor->cluster >= (job->what.model ? job->what.model->k : job->result.k);
}

static int centroids_filter(sqlite3_vtab_cursor *base, int index, const char *text, int argc,
                            sqlite3_value **argv) {
  centroids_cursor *cursor = (centroids_cursor *)base;
  (void)text;
  (void)argc;
  cursor->cluster = 0;
  return km_cursor_call(&cursor->common, &call, index, argv);
}

static int centroids_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  return km_index_call(base, info, &call);
}

const sqlite3_module km_kmeans_centroids_module = {
    .iVersion = 0,
    .xConnect = centroids_connect,
    .xDisconnect = km_vtab_disconnect,
    .xOpen = centroids_open,
    .xClose = km_cursor_close,
    .xNext = centroids_next,
    .xColumn = centroids_column,
    .xRowid = centroids_rowid,
    .xEof = centroids_eof,
    .xFilter = centroids_filter,
    .xBestIndex = centroids_best_index,
};
