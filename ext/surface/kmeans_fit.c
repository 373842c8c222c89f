/* kmeans_fit(what, c1, c2, ...): an aggregate, and a window function; returns a model.
** kmeans_fit(what, vector): the same of vectors. With the option "weight" one of the values is the
** row's weight, and no coordinate.
**
** 1. `what` is a number of clusters or options; it must be the same for all rows of a group. Given a
**    model, the result is that model with the sizes and inertias that it has on these rows.
** 2. A row with a NULL coordinate is left out (nulls: skip), and the model's "skipped" counts it; or
**    filled in (mean), and "imputed" counts it. With the
**    metric cosine, so is one of length 0 when the option nulls says so.
** 3. Without a row that takes part the result is NULL: one that stays, and has a weight above 0.
** 4. In a window, the model is fitted to the rows of the frame; it is computed again only when the
**    frame has changed.
*/
#include <math.h>
#include <string.h>

#include "bridge/table.h"
#include "bridge/what.h"
#include "surface/surface.h"

/* The group, or the frame of the window. */
typedef struct fit_group {
  km_host host;
  km_what what;
  sqlite3_value *what_value; /* as the first row gave it */
  int only;                  /* the argument of the only coordinate, which may be a vector; or 0 */
  int weight;                /* the argument that is the weight, or 0 */
  km_vectors vectors;        /* of the only coordinate */
  km_dataset data;
  double *point; /* NULL with an only coordinate */
  size_t rows;   /* all rows seen, for messages */
  km_nulls_found nulls;
  km_chunks taken; /* with cosine: for each row of the frame, a char, whether it was not skipped */
  char *model;     /* the result for the present rows, bytes long; NULL when not computed */
  size_t bytes;
} fit_group;

static void forget_model(fit_group *group) {
  sqlite3_free(group->model);
  group->model = NULL;
}

/* Several coordinates: checks that there are as many as asked for. */
static void begin_several(fit_group *group, size_t dims) {
  const km_model *model = group->what.model;
  const km_matrix *init = &group->what.options.init;
  km_dataset_init(&group->data, dims, KM_DOUBLE);
  group->point = km_host_allocate(&group->host, dims, sizeof *group->point);
  if (model && model->dims != dims) {
    km_fail(&group->host, SQLITE_ERROR,
            "the model has %lld dimensions, but there are %lld coordinates",
            (sqlite3_int64)model->dims, (sqlite3_int64)dims);
  } else if (init->rows && init->columns != dims) {
    km_fail(&group->host, SQLITE_ERROR,
            "option \"init\": the centroids have %lld numbers, but there are %lld coordinates",
            (sqlite3_int64)init->columns, (sqlite3_int64)dims);
  }
}

/* Starts the group with its first row. */
static void begin(fit_group *group, sqlite3_context *context, int argc, sqlite3_value **argv) {
  km_host_init(&group->host, sqlite3_context_db_handle(context), "kmeans_fit");
  if (argc < 2) {
    km_fail(&group->host, SQLITE_ERROR, "takes what and coordinates: kmeans_fit(3, x, y)");
    return;
  }
  group->what_value = sqlite3_value_dup(argv[0]);
  if (!group->what_value) {
    km_fail_status(&group->host, KM_NOMEM);
  }
  if (group->host.code == SQLITE_OK) {
    km_what_read(&group->host, &group->what, argv[0], NULL, 0);
  }
  if (km_options_metric(&group->what.options, group->what.model) == KM_COSINE) {
    km_chunks_init(&group->taken, 1);
  }
  group->weight = (int)group->what.options.weight_argument;
  if (group->weight >= argc || (group->weight > 0 && argc == 2)) {
    km_fail(&group->host, SQLITE_ERROR,
            group->weight >= argc
                ? "option \"weight\" is %d, but there %s %d value%s"
                : "option \"weight\" is %d, and there %s %d value%s: no coordinate",
            group->weight, argc == 2 ? "is" : "are", argc - 1, argc == 2 ? "" : "s");
  }
  int coordinates = argc - 1 - (group->weight > 0);
  group->only = coordinates > 1 ? 0 : group->weight == 1 ? 2 : 1;
  if (group->only) {
    km_options_vectors(&group->what.options, group->what.model, &group->vectors);
  } else {
    begin_several(group, (size_t)coordinates);
  }
}

/* Whether the row that was pushed last stays. */
static int keep(fit_group *group) {
  return km_options_keep(&group->host, &group->what.options, group->what.model, &group->data,
                         group->rows);
}

/* Takes in a row that is a number or a vector; 0 when it is left out. */
static int push_only(fit_group *group, sqlite3_value *value) {
  km_host *host = &group->host;
  km_place place = {.row = group->rows, .argument = group->only + 1};
  int null = sqlite3_value_type(value) == SQLITE_NULL;
  int fill = km_options_fill_only(&group->what.options, group->what.model);
  if (null && !fill) {
    if (group->what.options.nulls == KM_NULLS_ERROR) {
      km_vectors_refuse_null(host, &group->vectors, &place);
    }
    return 0;
  }
  if (group->vectors.form == KM_FORM_UNKNOWN) {
    if (fill) {
      km_vectors_begin_numbers(host, &group->vectors, &place);
    } else {
      km_vectors_begin(host, &group->vectors, value, &place);
    }
    if (host->code != SQLITE_OK) {
      return 0;
    }
    km_dataset_init(&group->data, group->vectors.dims, km_vectors_element(&group->vectors));
  }
  group->nulls.filled += (size_t)null;
  void *row = km_chunks_push(&group->data.rows, &host->hooks);
  if (row) {
    km_vectors_read(host, &group->vectors, value, &place, row);
    return keep(group);
  }
  km_fail_status(host, KM_NOMEM);
  return 0;
}

/* The same of a row of several coordinates. */
static int push_several(fit_group *group, int argc, sqlite3_value **argv) {
  km_host *host = &group->host;
  int nulls = 0;
  size_t column = 0;
  for (int j = 1; j < argc; j++) {
    if (j == group->weight) {
      continue;
    }
    km_number problem = km_number_read(argv[j], &group->point[column]);
    if (problem != KM_NUMBER_OK) {
      km_place place = {.row = group->rows, .argument = j + 1};
      group->point[column] = NAN;
      nulls++;
      if (problem != KM_NUMBER_NULL || group->what.options.nulls == KM_NULLS_ERROR) {
        km_refuse_coordinate(host, problem, argv[j], &place);
      }
    }
    column++;
  }
  if (nulls == 0 || group->what.options.nulls == KM_NULLS_MEAN) {
    group->nulls.filled += nulls > 0;
    void *row = km_chunks_push(&group->data.rows, &host->hooks);
    if (row) {
      memcpy(row, group->point, group->data.dims * sizeof *group->point);
      return keep(group);
    }
    km_fail_status(host, KM_NOMEM);
  }
  return 0;
}

/* Remembers what inverse cannot see: whether a row was taken. */
static void mark(fit_group *group, int taken) {
  if (group->taken.item_bytes) {
    char *place = km_chunks_push(&group->taken, &group->host.hooks);
    if (place) {
      *place = (char)taken;
    } else {
      km_fail_status(&group->host, KM_NOMEM);
    }
  }
}

static double read_weight(fit_group *group, sqlite3_value *value) {
  km_place place = {.row = group->rows, .argument = group->weight + 1};
  return km_weight_read(&group->host, value, &place);
}

static void push_weight(fit_group *group, double weight) {
  double *place = km_chunks_push(&group->data.weights, &group->host.hooks);
  if (place) {
    *place = weight;
  } else {
    km_fail_status(&group->host, KM_NOMEM);
  }
}

void km_fit_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  fit_group *group = sqlite3_aggregate_context(context, sizeof *group);
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (!group->host.name) {
    begin(group, context, argc, argv);
  }
  km_host *host = &group->host;
  forget_model(group);
  group->rows++;
  if (host->code == SQLITE_OK && group->rows > 1 && !km_values_equal(argv[0], group->what_value)) {
    km_fail(host, SQLITE_ERROR,
            "row %lld: the first argument differs from row 1; it must be the same within a group",
            (sqlite3_int64)group->rows);
  }
  if (host->code == SQLITE_OK) {
    double weight = group->weight > 0 ? read_weight(group, argv[group->weight]) : 1;
    int taken = group->only ? push_only(group, argv[group->only]) : push_several(group, argc, argv);
    if (taken && group->weight > 0) {
      push_weight(group, weight);
    }
    group->nulls.skipped += !taken;
    mark(group, taken);
  }
  if (host->code != SQLITE_OK) {
    km_host_result_error(host, context);
  }
}

/* The row that enters a frame first leaves it first. */
void km_fit_inverse(sqlite3_context *context, int argc, sqlite3_value **argv) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group || group->host.code != SQLITE_OK) {
    return;
  }
  forget_model(group);
  int null = 0;
  for (int j = 1; j < argc; j++) {
    null |= j != group->weight && sqlite3_value_type(argv[j]) == SQLITE_NULL;
  }
  int fills = group->only ? km_options_fill_only(&group->what.options, group->what.model)
                          : group->what.options.nulls == KM_NULLS_MEAN;
  int taken = !null || fills;
  if (group->taken.item_bytes) {
    taken = *(const char *)km_chunks_at(&group->taken, 0);
    km_chunks_pop_front(&group->taken, &group->host.hooks);
  }
  if (!taken) {
    group->nulls.skipped--;
  } else {
    group->nulls.filled -= (size_t)null;
    km_chunks_pop_front(&group->data.rows, &group->host.hooks);
    if (group->weight > 0) {
      km_chunks_pop_front(&group->data.weights, &group->host.hooks);
    }
  }
}

/* Computes the model for the present rows, unless it is at hand. */
static void compute(fit_group *group) {
  km_host *host = &group->host;
  const km_model *model = group->what.model;
  km_result result;
  double *moments = NULL;
  if (host->code != SQLITE_OK || group->model || group->data.rows.count == 0) {
    return;
  }
  memset(&result, 0, sizeof result);
  km_what_fit(host, &group->what, &group->data, &group->nulls, &result);
  if (host->code == SQLITE_OK && result.k > 0 && group->data.dims <= KM_PROFILED_DIMS) {
    moments = km_what_moments(host, &group->data);
  }
  if (host->code == SQLITE_OK && result.k > 0) {
    km_model_facts facts = {
        .n = group->data.rows.count,
        .skipped = group->nulls.skipped,
        .filled = group->nulls.filled,
        .weighted = group->weight > 0,
        .columns = model ? model->columns : NULL,
        .moments = moments,
        .transform = km_what_transform(&group->what),
        .dtype = group->what.options.dtype,
        .seed = model ? model->seed : (sqlite3_int64)group->what.options.params.seed,
    };
    group->model = km_model_write(host, &result, &facts, &group->bytes);
  }
  km_host_release(host, moments);
  km_result_clear(&result, &host->hooks);
  km_dataset_unsee(&group->data, &host->hooks); /* rows may come and go */
}

void km_fit_value(sqlite3_context *context) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return; /* no rows: NULL */
  }
  compute(group);
  /* The application may get hold of the connection's statements between this row and the next. */
  km_vectors_rest(&group->vectors);
  if (group->host.code != SQLITE_OK) {
    km_host_result_error(&group->host, context);
  } else if (group->model) {
    sqlite3_result_text64(context, group->model, group->bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    sqlite3_result_subtype(context, KM_JSON_SUBTYPE);
  }
}

void km_fit_final(sqlite3_context *context) {
  fit_group *group = sqlite3_aggregate_context(context, 0);
  if (!group || !group->host.name) {
    return;
  }
  km_fit_value(context);
  forget_model(group);
  km_host_release(&group->host, group->point);
  km_dataset_clear(&group->data, &group->host.hooks);
  km_chunks_clear(&group->taken, &group->host.hooks);
  km_what_clear(&group->what, &group->host);
  sqlite3_value_free(group->what_value);
  km_host_clear(&group->host);
}
