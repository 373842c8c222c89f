/* kmeans_sweep(k_min, k_max, query [, options]): how many clusters do the rows of a query have?
**
**   CREATE TABLE kmeans_sweep(
**     k INTEGER,               -- from k_min to k_max
**     inertia REAL,            -- of the best clustering that was found
**     silhouette REAL,         -- the mean, over `sample` rows at most
**     calinski_harabasz REAL,
**     davies_bouldin REAL,
**     gap REAL,
**     gap_error REAL,          -- its standard error
**     f_k REAL,
**     best INTEGER,            -- 1 in one row, 0 in the others
**     k_min HIDDEN,            -- INTEGER
**     k_max HIDDEN,            -- INTEGER
**     query HIDDEN,            -- SQL text
**     options HIDDEN,          -- JSON
**     excess HIDDEN            -- takes an argument too many, which is refused
**   );
**
** 1. The query is read to its end and finalised in xFilter. A row is computed when the cursor comes to
**    it, the first in xFilter, the others in xNext; but where the statement names `best`, all of them in
**    xFilter.
** 2. Columns that the statement does not name are not computed: colUsed tells.
** 3. What is undefined is NULL.
** 4. Repeated scans by one cursor with the same arguments read the same rows.
*/
#include "bridge/sweep.h"
#include "surface/surface.h"
#include "surface/table_function.h"

static const char schema[] =
    "CREATE TABLE x(k INTEGER, inertia REAL, silhouette REAL, calinski_harabasz REAL,"
    " davies_bouldin REAL, gap REAL, gap_error REAL, f_k REAL, best INTEGER,"
    " k_min HIDDEN, k_max HIDDEN, query HIDDEN, options HIDDEN, excess HIDDEN)";

enum {
  COLUMN_K,
  COLUMN_INERTIA,
  COLUMN_SILHOUETTE,
  COLUMN_CALINSKI_HARABASZ,
  COLUMN_DAVIES_BOULDIN,
  COLUMN_GAP,
  COLUMN_GAP_ERROR,
  COLUMN_F_K,
  COLUMN_BEST,
  COLUMN_K_MIN,
  COLUMN_EXCESS = COLUMN_K_MIN + KM_SWEEP_ARGUMENTS
};

/* idxNum: a bit for each argument that argv holds, in their order; above them KM_SWEEP_* for what the
** statement's columns want, and whether it names `best`. */
#define WANTED_SHIFT 4
#define INDEX_BEST (1 << 12)

/* What the columns want. */
static const struct {
  int column;
  int wanted;
} wants[] = {
    {COLUMN_SILHOUETTE, KM_SWEEP_SILHOUETTE},
    {COLUMN_CALINSKI_HARABASZ, KM_SWEEP_SCATTER},
    {COLUMN_DAVIES_BOULDIN, KM_SWEEP_SCATTER},
    {COLUMN_GAP, KM_SWEEP_GAP},
    {COLUMN_GAP_ERROR, KM_SWEEP_GAP},
    {COLUMN_F_K, KM_SWEEP_F},
    {COLUMN_BEST, KM_SWEEP_SILHOUETTE | KM_SWEEP_SCATTER},
};

static const km_call call = {
    .name = "kmeans_sweep",
    .first_column = COLUMN_K_MIN,
    .arguments = KM_SWEEP_ARGUMENTS,
    .required = 1 << KM_SWEEP_LEAST | 1 << KM_SWEEP_MOST | 1 << KM_SWEEP_QUERY,
    .usage = "takes k_min, k_max and a query: kmeans_sweep(2, 10, 'SELECT x, y FROM points')",
    .excess = "takes four arguments at most: k_min, k_max, query and options",
    .run = km_sweep_job,
};

typedef struct sweep_cursor {
  km_cursor common;
  size_t line;
  size_t best; /* where the statement names it */
} sweep_cursor;

static int sweep_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error) {
  (void)argc;
  (void)argv;
  (void)error;
  return km_vtab_connect(db, aux, schema, out);
}

static int sweep_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  return km_cursor_open(base, sizeof(sweep_cursor), out);
}

static int sweep_next(sqlite3_vtab_cursor *base) {
  sweep_cursor *cursor = (sweep_cursor *)base;
  cursor->line++;
  km_sweep_reach(cursor->common.job, cursor->line);
  return km_cursor_fail(&cursor->common);
}

/* SQLite makes NULL of NaN. */
static int sweep_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  const sweep_cursor *cursor = (sweep_cursor *)base;
  const km_sweep_line *line = km_sweep_line_at(cursor->common.job, cursor->line);
  const double values[] = {
      [COLUMN_INERTIA] = line->inertia,
      [COLUMN_SILHOUETTE] = line->silhouette,
      [COLUMN_CALINSKI_HARABASZ] = line->calinski_harabasz,
      [COLUMN_DAVIES_BOULDIN] = line->davies_bouldin,
      [COLUMN_GAP] = line->gap,
      [COLUMN_GAP_ERROR] = line->gap_error,
      [COLUMN_F_K] = line->f,
  };
  if (column == COLUMN_K) {
    sqlite3_result_int64(context, (sqlite3_int64)line->k);
  } else if (column == COLUMN_BEST) {
    sqlite3_result_int(context, cursor->line == cursor->best);
  } else if (column < COLUMN_BEST) {
    sqlite3_result_double(context, values[column]);
  } else if (column < COLUMN_EXCESS) {
    km_cursor_argument(&cursor->common, context, column - COLUMN_K_MIN);
  }
  return SQLITE_OK;
}

static int sweep_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = (sqlite3_int64)((sweep_cursor *)base)->line + 1;
  return SQLITE_OK;
}

static int sweep_eof(sqlite3_vtab_cursor *base) {
  const sweep_cursor *cursor = (sweep_cursor *)base;
  return cursor->line >= km_sweep_count(cursor->common.job);
}

static int sweep_filter(sqlite3_vtab_cursor *base, int index, const char *text, int argc,
                        sqlite3_value **argv) {
  sweep_cursor *cursor = (sweep_cursor *)base;
  (void)text;
  (void)argc;
  int rc = km_cursor_call(&cursor->common, &call, index, argv);
  if (rc != SQLITE_OK) {
    return rc;
  }
  km_job *job = cursor->common.job;
  cursor->line = 0;
  km_sweep_want(job, (unsigned)(index & (INDEX_BEST - 1)) >> WANTED_SHIFT);
  km_sweep_reach(job, index & INDEX_BEST ? SIZE_MAX : 0);
  cursor->best = km_sweep_best(job);
  return km_cursor_fail(&cursor->common);
}

static int sweep_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  int rc = km_index_call(base, info, &call);
  for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
    if (info->colUsed & (sqlite3_uint64)1 << wants[i].column) {
      info->idxNum |= wants[i].wanted << WANTED_SHIFT;
    }
  }
  if (info->colUsed & (sqlite3_uint64)1 << COLUMN_BEST) {
    info->idxNum |= INDEX_BEST;
  }
  info->orderByConsumed =
      info->nOrderBy == 1 && info->aOrderBy[0].iColumn == COLUMN_K && !info->aOrderBy[0].desc;
  if (info->estimatedCost < 1e99) {
    info->estimatedCost *= 10; /* many fits */
    info->estimatedRows = 20;
  }
  return rc;
}

const sqlite3_module km_kmeans_sweep_module = {
    .iVersion = 0,
    .xConnect = sweep_connect,
    .xDisconnect = km_vtab_disconnect,
    .xOpen = sweep_open,
    .xClose = km_cursor_close,
    .xNext = sweep_next,
    .xColumn = sweep_column,
    .xRowid = sweep_rowid,
    .xEof = sweep_eof,
    .xFilter = sweep_filter,
    .xBestIndex = sweep_best_index,
};
