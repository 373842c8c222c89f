/* kmeans_fit(what, c1, c2, ...): an aggregate, and a window function; returns a model.
** kmeans_fit(what, vector): the same of vectors. With the option "weight" one of the values is the
** row's weight, and no coordinate.
**
** 1. `what` is a number of clusters or options; it must be the same for all rows of a group. Given a
**    model, the result is that model with the sizes and inertias that it has on these rows.
** 2. A row with a NULL coordinate is left out (nulls: skip), and the model's "skipped" counts it; or
**    filled in (mean), and "imputed" counts it. With the metric cosine a row of zeros is an error, unless the
**    option nulls says "skip": then it is left out, too.
** 3. Without a row that takes part the result is NULL: one that stays, and has a weight above 0.
** 4. In a window, the model is fitted to the rows of the frame; it is computed again only when the
**    frame has changed.
*/
#include <string.h>

#include "bridge/group.h"
#include "surface/surface.h"

/* The group, or the frame of the window. */
typedef struct fit_group {
  km_group rows;
  km_chunks taken; /* with cosine: for each row of the frame, a char, whether it was not skipped */
  int computed;    /* for the present rows */
  char *model;     /* the result, bytes long; or NULL */
  size_t bytes;
} fit_group;

static void forget_model(fit_group *group) {
  sqlite3_free(group->model);
  group->model = NULL;
  group->computed = 0;
}

/* Remembers what inverse cannot see: whether a row was taken. */
static void mark(fit_group *group, int taken) {
  if (group->taken.item_bytes) {
    char *place = km_host_push(&group->rows.host, &group->taken);
    if (place) {
      *place = (char)taken;
    }
  }
}

void km_fit_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  fit_group *group = sqlite3_aggregate_context(context, sizeof *group);
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  km_group *rows = &group->rows;
  if (!rows->host.name) {
    km_group_begin(rows, context, "kmeans_fit", argc, argv, NULL);
    if (km_options_metric(&rows->what.options, rows->what.model) == KM_COSINE) {
      km_chunks_init(&group->taken, 1);
    }
  }
  forget_model(group);
  mark(group, km_group_push(rows, argc, argv));
  if (rows->host.code != SQLITE_OK) {
    km_host_result_error(&rows->host, context);
  }
}

/* The row that enters a frame first leaves it first. */
void km_fit_inverse(sqlite3_context *context, int argc, sqlite3_value **argv) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group || group->rows.host.code != SQLITE_OK) {
    return; /* unreached: SQLite asks for no more after an error */
  }
  km_group *rows = &group->rows;
  forget_model(group);
  int null = 0;
  for (int j = 1; j < argc; j++) {
    null |= j != rows->weight && sqlite3_value_type(argv[j]) == SQLITE_NULL;
  }
  int taken = !null || km_group_fills(rows);
  if (group->taken.item_bytes) {
    taken = *(const char *)km_chunks_at(&group->taken, 0);
    km_chunks_pop_front(&group->taken, &rows->host.hooks);
  }
  if (!taken) {
    rows->nulls.skipped--;
  } else {
    rows->nulls.filled -= (size_t)null;
    km_chunks_pop_front(&rows->data.rows, &rows->host.hooks);
    if (rows->weight > 0) {
      km_chunks_pop_front(&rows->data.weights, &rows->host.hooks);
    }
  }
}

/* Computes the model for the present rows, unless it is at hand. */
static void compute(fit_group *group) {
  km_group *rows = &group->rows;
  km_host *host = &rows->host;
  const km_model *model = rows->what.model;
  km_result result;
  km_dataset encoded;
  double *moments = NULL;
  if (host->code != SQLITE_OK || group->computed) {
    return;
  }
  group->computed = 1;
  if (rows->data.rows.count == 0) {
    km_what_log_nulls(host, &rows->what, &rows->nulls);
    return;
  }
  memset(&result, 0, sizeof result);
  memset(&encoded, 0, sizeof encoded);
  km_input input = km_group_see(rows, &encoded);
  km_what_fit(host, &rows->what, &input, &result);
  if (host->code == SQLITE_OK && result.k > 0 && input.data->dims <= KM_PROFILED_DIMS) {
    moments = km_what_moments(host, input.data);
  }
  if (host->code == SQLITE_OK && result.k > 0) {
    km_model_facts facts = {
        .n = rows->data.rows.count,
        .skipped = rows->nulls.skipped,
        .filled = rows->nulls.filled,
        .weighted = rows->weight > 0,
        .columns = model ? model->columns : NULL,
        .inputs = model ? model->inputs : 0,
        .categories = km_group_categories(rows),
        .moments = moments,
        .transform = km_what_transform(&rows->what),
        .dtype = rows->what.options.dtype,
        .seed = model ? model->seed : (sqlite3_int64)rows->what.options.params.seed,
    };
    group->model = km_model_write(host, &result, &facts, &group->bytes);
  }
  km_host_release(host, moments);
  km_result_clear(&result, &host->hooks);
  km_group_unsee(rows, &encoded);
}

void km_fit_value(sqlite3_context *context) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return; /* no rows: NULL */
  }
  compute(group);
  /* The application may get hold of the connection's statements between this row and the next. */
  km_vectors_rest(&group->rows.vectors);
  if (group->rows.host.code != SQLITE_OK) {
    km_host_result_error(&group->rows.host, context);
  } else if (group->model) {
    sqlite3_result_text64(context, group->model, group->bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    sqlite3_result_subtype(context, KM_JSON_SUBTYPE);
  }
}

void km_fit_final(sqlite3_context *context) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return;
  }
  km_fit_value(context);
  forget_model(group);
  km_chunks_clear(&group->taken, &group->rows.host.hooks);
  km_group_clear(&group->rows);
}
