/* kmeans_trace(what, query [, options]): Lloyd's algorithm as it runs.
**
**   CREATE TABLE kmeans_trace(
**     iteration INTEGER, -- 0: the seeding
**     cluster INTEGER,   -- from 0
**     size INTEGER,      -- points that are nearest to the centroid
**     inertia REAL,      -- the sum of their squared distances to it
**     shift REAL,        -- how far the centroid has moved in this iteration; NULL at the seeding
**     moved INTEGER,     -- points that have come into the cluster with it
**     centroid TEXT,     -- JSON array
**     what HIDDEN,       -- a number of clusters, or options
**     query HIDDEN,      -- SQL text
**     options HIDDEN,    -- JSON
**     excess HIDDEN,     -- takes an argument too many, which is refused
**     weight HIDDEN      -- REAL: the sum of the points' weights; the size, if they have none
**   );
**
** 1. The query is read to its end and closed first. Then rows go out as the iterations run: for each
**    one, and the seeding before them, a row per cluster. A statement that stops early stops the fit.
** 2. An iteration moves the centroids to the means of their points, and then labels the points by the
**    new centroids: its rows say what that came to.
** 3. The last iteration is the fit with the same options and "refine": "none", but for the numbers.
** 4. Clusters keep their numbers from first to last: those of the given centroids, or of the seeds,
**    sorted by their coordinates.
** 5. Rows that have gone out are kept, so that a join can read them again.
*/
#include "surface/surface.h"
#include "surface/table_function.h"

static const char schema[] =
    "CREATE TABLE x(iteration INTEGER, cluster INTEGER, size INTEGER, inertia REAL, shift REAL,"
    " moved INTEGER, centroid TEXT, what HIDDEN, query HIDDEN, options HIDDEN, excess HIDDEN,"
    " weight REAL HIDDEN)";

enum {
  COLUMN_ITERATION,
  COLUMN_CLUSTER,
  COLUMN_SIZE,
  COLUMN_INERTIA,
  COLUMN_SHIFT,
  COLUMN_MOVED,
  COLUMN_CENTROID,
  COLUMN_WHAT,
  COLUMN_QUERY,
  COLUMN_OPTIONS,
  COLUMN_EXCESS,
  COLUMN_WEIGHT
};

static const km_call call = {
    .name = "kmeans_trace",
    .first_column = COLUMN_WHAT,
    .arguments = KM_ARGUMENTS,
    .required = KM_INDEX_WHAT | KM_INDEX_QUERY,
    .usage = "takes two arguments at least: kmeans_trace(3, 'SELECT x, y FROM points')",
    .excess = "takes three arguments at most: what, query and options",
    .run = km_trace_job,
};

typedef struct trace_cursor {
  km_cursor common;
  size_t row; /* of the history: the cluster's number plus k for each iteration before */
} trace_cursor;

static int trace_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error) {
  (void)argc;
  (void)argv;
  (void)error;
  return km_vtab_connect(db, aux, schema, out);
}

static int trace_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  return km_cursor_open(base, sizeof(trace_cursor), out);
}

static int trace_next(sqlite3_vtab_cursor *base) {
  trace_cursor *cursor = (trace_cursor *)base;
  km_job *job = cursor->common.job;
  cursor->row++;
  if (cursor->row == job->history.moments.count && !job->history.done) {
    km_history_next(&job->host, &job->what, &job->history);
  }
  return km_cursor_fail(&cursor->common);
}

static int trace_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  const trace_cursor *cursor = (trace_cursor *)base;
  const km_history *history = &cursor->common.job->history;
  const km_moment *moment = km_history_at(history, cursor->row);
  switch (column) {
  case COLUMN_ITERATION:
    sqlite3_result_int64(context, (sqlite3_int64)(cursor->row / history->k));
    break;
  case COLUMN_CLUSTER:
    sqlite3_result_int64(context, (sqlite3_int64)(cursor->row % history->k));
    break;
  case COLUMN_SIZE:
    sqlite3_result_int64(context, (sqlite3_int64)moment->size);
    break;
  case COLUMN_INERTIA:
    sqlite3_result_double(context, moment->inertia);
    break;
  case COLUMN_SHIFT:
    if (cursor->row >= history->k) {
      sqlite3_result_double(context, moment->shift);
    }
    break;
  case COLUMN_MOVED:
    sqlite3_result_int64(context, (sqlite3_int64)moment->moved);
    break;
  case COLUMN_CENTROID:
    km_result_centroid(context, km_job_categories(cursor->common.job), moment->centroid,
                       history->dims);
    break;
  case COLUMN_WEIGHT:
    sqlite3_result_double(context, moment->weight);
    break;
  default:
    km_cursor_argument(&cursor->common, context, column - COLUMN_WHAT);
  }
  return SQLITE_OK;
}

static int trace_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = (sqlite3_int64)((trace_cursor *)base)->row;
  return SQLITE_OK;
}

static int trace_eof(sqlite3_vtab_cursor *base) {
  const trace_cursor *cursor = (trace_cursor *)base;
  return cursor->row >= cursor->common.job->history.moments.count;
}

static int trace_filter(sqlite3_vtab_cursor *base, int index, const char *text, int argc,
                        sqlite3_value **argv) {
  trace_cursor *cursor = (trace_cursor *)base;
  (void)text;
  (void)argc;
  cursor->row = 0;
  return km_cursor_call(&cursor->common, &call, index, argv);
}

/* Rows come by iteration and, within one, by cluster: so nothing has to wait for a sort. */
static int in_order(const sqlite3_index_info *info) {
  for (int i = 0; i < info->nOrderBy; i++) {
    if (info->aOrderBy[i].iColumn != (i == 0 ? COLUMN_ITERATION : COLUMN_CLUSTER) ||
        info->aOrderBy[i].desc) {
      return 0;
    }
  }
  return info->nOrderBy <= 2;
}

static int trace_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  info->orderByConsumed = in_order(info);
  return km_index_call(base, info, &call);
}

const sqlite3_module km_kmeans_trace_module = {
    .iVersion = 0,
    .xConnect = trace_connect,
    .xDisconnect = km_vtab_disconnect,
    .xOpen = trace_open,
    .xClose = km_cursor_close,
    .xNext = trace_next,
    .xColumn = trace_column,
    .xRowid = trace_rowid,
    .xEof = trace_eof,
    .xFilter = trace_filter,
    .xBestIndex = trace_best_index,
};
