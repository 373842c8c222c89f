/* kmeans_profile(what [, query [, options]]): what sets each cluster apart.
**
**   CREATE TABLE kmeans_profile(
**     cluster INTEGER,  -- from 0
**     feature,          -- the name of a column; its number from 1 where it has none; 'column=value'
**                       -- for each value of a categorical column, whose share takes the place of a mean
**     value REAL,       -- the centroid's coordinate; with cosine, the mean of the points' directions
**     overall REAL,     -- the mean of all points; with cosine, of their directions
**     z REAL,           -- (value - overall) / the standard deviation of all points
**     what HIDDEN,      -- a number of clusters, options, or a model
**     query HIDDEN,     -- SQL text
**     options HIDDEN    -- JSON
**   );
**
** 1. Rows come by cluster, within it the largest |z| first, then in the order of the columns.
** 2. With a number or options, the query's rows are clustered. With a model and a query, overall and z
**    are about the query's rows.
** 3. With a model alone, they are the model's "means" and "deviations". Without "means", overall is what
**    "sizes" (or "weights") and "centroids" make it, or else NULL, as it is with cosine; without "deviations",
**    z is NULL.
** 4. Where all points are equal in a column, z is 0 if the centroid is, too, and else NULL.
** 5. With cosine, the mean of a cluster's directions is its centroid, brought to length 1, times their mean cosine,
**    which is 1 less inertia / size. Where a model has no "inertias" or no "sizes", and in a cluster without points,
**    value is the centroid at length 1, and z is NULL.
*/
#include <math.h>
#include <string.h>

#include "core/moments.h"
#include "core/sort.h"
#include "surface/surface.h"
#include "surface/table_function.h"

static const char schema[] =
    "CREATE TABLE x(cluster INTEGER, feature, value REAL, overall REAL, z REAL,"
    " what HIDDEN, query HIDDEN, options HIDDEN)";

enum {
  COLUMN_CLUSTER,
  COLUMN_FEATURE,
  COLUMN_VALUE,
  COLUMN_OVERALL,
  COLUMN_Z,
  COLUMN_WHAT,
  COLUMN_QUERY,
  COLUMN_OPTIONS
};

/* With cosine, equal values differ by less. */
#define ROUNDING 1e-14

static const km_call call = {
    .name = "kmeans_profile",
    .first_column = COLUMN_WHAT,
    .arguments = KM_ARGUMENTS,
    .required = KM_INDEX_WHAT,
    .usage = "takes a model, or what and a query: "
             "kmeans_profile(3, 'SELECT x, y FROM points')",
    .run = km_job_run,
};

typedef struct profile_cursor {
  km_cursor common;
  size_t k;
  size_t dims;
  size_t cluster;
  size_t place; /* in the order of the cluster's features */
  int cosine;
  const double *weights;           /* of the clusters, the job's; or NULL */
  const double *inertias;          /* the job's; or NULL */
  double factor;                   /* what the present centroid is multiplied by */
  const double *centroids;         /* the job's */
  const double *deviations;        /* the job's; or NULL */
  const char **names;              /* of the columns; or NULL */
  const km_categories *categories; /* the job's */
  uint32_t *
      column; /* dims: the column of the input that a feature comes from; NULL: they are the same */
  double *overall; /* dims; NaN: not known */
  double *z;       /* dims, of the present cluster; NaN: not known */
  uint32_t *order; /* dims: the features of the present cluster */
} profile_cursor;

static int profile_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
  (void)argc;
  (void)argv;
  (void)error;
  return km_vtab_connect(db, aux, schema, out);
}

static int profile_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  return km_cursor_open(base, sizeof(profile_cursor), out);
}

static void forget(profile_cursor *cursor) {
  sqlite3_free(cursor->names);
  sqlite3_free(cursor->overall);
  sqlite3_free(cursor->z);
  sqlite3_free(cursor->order);
  sqlite3_free(cursor->column);
  cursor->names = NULL;
  cursor->overall = cursor->z = NULL;
  cursor->order = cursor->column = NULL;
  cursor->k = cursor->dims = 0;
}

static int profile_close(sqlite3_vtab_cursor *base) {
  forget((profile_cursor *)base);
  return km_cursor_close(base);
}

/* Whether feature a comes before feature b. */
static int before(const void *context, uint32_t a, uint32_t b) {
  const profile_cursor *cursor = context;
  double left = isnan(cursor->z[a]) ? -1 : fabs(cursor->z[a]);
  double right = isnan(cursor->z[b]) ? -1 : fabs(cursor->z[b]);
  return left > right || (left == right && a < b);
}

/* With cosine, of the points in the present cluster; NaN: not known. */
static double mean_cosine(const profile_cursor *cursor) {
  size_t c = cursor->cluster;
  int known = cursor->inertias && cursor->weights && cursor->weights[c] > 0;
  return known ? 1 - cursor->inertias[c] / cursor->weights[c] : NAN;
}

/* By how many deviations they differ; NaN: that is not known, or cannot be said. */
static double score(const profile_cursor *cursor, double difference, double deviation) {
  if (deviation != 0) {
    return difference / deviation;
  }
  return fabs(difference) <= (cursor->cosine ? ROUNDING : 0) ? 0 : NAN;
}

/* Comes to the features of a cluster. */
static void settle(profile_cursor *cursor) {
  if (cursor->cluster >= cursor->k) {
    return;
  }
  const double *centroid = cursor->centroids + cursor->cluster * cursor->dims;
  double cosine = cursor->cosine ? mean_cosine(cursor) : 1;
  cursor->factor = cursor->cosine ? km_direction(centroid, cursor->dims) : 1;
  cursor->factor *= isnan(cosine) ? 1 : cosine;
  for (size_t j = 0; j < cursor->dims; j++) {
    double difference = centroid[j] * cursor->factor - cursor->overall[j];
    double deviation = cursor->deviations && !isnan(cosine) ? cursor->deviations[j] : NAN;
    cursor->z[j] = score(cursor, difference, deviation);
    cursor->order[j] = (uint32_t)j;
  }
  km_sort_numbers(cursor->order, cursor->dims, before, cursor);
  cursor->place = 0;
}

static int profile_next(sqlite3_vtab_cursor *base) {
  profile_cursor *cursor = (profile_cursor *)base;
  if (++cursor->place == cursor->dims) {
    cursor->cluster++;
    settle(cursor);
  }
  return SQLITE_OK;
}

static void result_feature(sqlite3_context *context, const profile_cursor *cursor, uint32_t j) {
  uint32_t column = cursor->column ? cursor->column[j] : j;
  const km_values *values = cursor->column ? &cursor->categories->values[column] : NULL;
  if (values && values->categorical) {
    const char *value = values->value[values->coded[j - values->first]].text;
    char *text = cursor->names ? sqlite3_mprintf("%s=%s", cursor->names[column], value)
                               : sqlite3_mprintf("%u=%s", column + 1, value);
    if (text) {
      sqlite3_result_text(context, text, -1, sqlite3_free);
    } else {
      sqlite3_result_error_nomem(context);
    }
  } else if (cursor->names) {
    sqlite3_result_text(context, cursor->names[column], -1, SQLITE_TRANSIENT);
  } else {
    sqlite3_result_int64(context, (sqlite3_int64)column + 1);
  }
}

/* SQLite makes NULL of NaN. */
static int profile_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  const profile_cursor *cursor = (profile_cursor *)base;
  uint32_t j = cursor->order[cursor->place];
  switch (column) {
  case COLUMN_CLUSTER:
    sqlite3_result_int64(context, (sqlite3_int64)cursor->cluster);
    break;
  case COLUMN_FEATURE:
    result_feature(context, cursor, j);
    break;
  case COLUMN_VALUE:
    sqlite3_result_double(context,
                          cursor->centroids[cursor->cluster * cursor->dims + j] * cursor->factor);
    break;
  case COLUMN_OVERALL:
    sqlite3_result_double(context, cursor->overall[j]);
    break;
  case COLUMN_Z:
    sqlite3_result_double(context, cursor->z[j]);
    break;
  default:
    km_cursor_argument(&cursor->common, context, column - COLUMN_WHAT);
  }
  return SQLITE_OK;
}

static int profile_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  const profile_cursor *cursor = (profile_cursor *)base;
  *rowid = (sqlite3_int64)(cursor->cluster * cursor->dims + cursor->place);
  return SQLITE_OK;
}

static int profile_eof(sqlite3_vtab_cursor *base) {
  const profile_cursor *cursor = (profile_cursor *)base;
  return cursor->cluster >= cursor->k;
}

static void find_overall(profile_cursor *cursor, const double *means, const km_model *model) {
  const double *sizes = model && model->weights ? model->weights : model ? model->sizes : NULL;
  for (size_t j = 0; j < cursor->dims; j++) {
    cursor->overall[j] = means ? means[j]
                         : sizes && !cursor->cosine
                             ? km_weighted_mean(model->centroids + j, model->dims, sizes, model->k)
                             : NAN;
  }
}

/* Points names at the columns' names. */
static void find_names(profile_cursor *cursor, km_host *host, const char *columns, size_t count) {
  if (columns) {
    cursor->names = km_host_allocate(host, count, sizeof *cursor->names);
    for (size_t j = 0; cursor->names && j < count; j++, columns += strlen(columns) + 1) {
      cursor->names[j] = columns;
    }
  }
}

/* Notes which column each feature comes from; returns how many columns there are. */
static size_t find_columns(profile_cursor *cursor, km_host *host) {
  const km_categories *categories = cursor->categories;
  if (!km_categories_any(categories)) {
    return cursor->dims;
  }
  cursor->column = km_host_allocate(host, cursor->dims, sizeof *cursor->column);
  for (size_t c = 0; cursor->column && c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    for (size_t j = 0; j < (values->categorical ? values->codes : 1); j++) {
      cursor->column[values->first + j] = (uint32_t)c;
    }
  }
  return categories->columns;
}

/* Gets what the rows are made of from the job. */
static void begin(profile_cursor *cursor) {
  km_job *job = cursor->common.job;
  km_host *host = &job->host;
  const km_model *model = job->what.model;
  const km_table *table = &job->table;
  const double *means = NULL;
  int applied = job->result.k > 0;
  if (!applied && !model) {
    return; /* no points, no clusters */
  }
  size_t k = applied ? job->result.k : model->k;
  cursor->dims = applied ? job->result.dims : model->dims;
  cursor->centroids = applied ? job->result.restored : model->centroids;
  cursor->cosine = km_what_metric(&job->what) == KM_COSINE;
  cursor->inertias = applied ? job->result.inertias : model->inertias;
  cursor->weights = applied ? job->result.weights : model->weights ? model->weights : model->sizes;
  cursor->deviations = NULL;
  if (!applied) {
    means = model->means;
    cursor->deviations = model->deviations;
  } else if (table->data.rows.count > 0) {
    km_job_moments(job);
    means = job->moments;
    cursor->deviations = means ? means + cursor->dims : NULL;
  }
  cursor->overall = km_host_allocate(host, cursor->dims, sizeof *cursor->overall);
  cursor->z = km_host_allocate(host, cursor->dims, sizeof *cursor->z);
  cursor->order = km_host_allocate(host, cursor->dims, sizeof *cursor->order);
  cursor->categories = km_job_categories(job);
  size_t columns = find_columns(cursor, host);
  find_names(cursor, host, model && model->columns ? model->columns : table->columns, columns);
  if (host->code == SQLITE_OK) {
    find_overall(cursor, means, applied ? NULL : model);
    cursor->k = k;
    settle(cursor);
  }
}

static int profile_filter(sqlite3_vtab_cursor *base, int index, const char *text, int argc,
                          sqlite3_value **argv) {
  profile_cursor *cursor = (profile_cursor *)base;
  (void)text;
  (void)argc;
  forget(cursor);
  cursor->cluster = cursor->place = 0;
  int rc = km_cursor_call(&cursor->common, &call, index, argv);
  if (rc == SQLITE_OK) {
    begin(cursor);
    rc = km_cursor_fail(&cursor->common);
  }
  return rc;
}

static int profile_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  return km_index_call(base, info, &call);
}

const sqlite3_module km_kmeans_profile_module = {
    .iVersion = 0,
    .xConnect = profile_connect,
    .xDisconnect = km_vtab_disconnect,
    .xOpen = profile_open,
    .xClose = profile_close,
    .xNext = profile_next,
    .xColumn = profile_column,
    .xRowid = profile_rowid,
    .xEof = profile_eof,
    .xFilter = profile_filter,
    .xBestIndex = profile_best_index,
};
