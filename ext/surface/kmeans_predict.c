/* kmeans_predict(model, c1, c2, ...)    the cluster of a point, INTEGER
** kmeans_distance(model, c1, c2, ...)   its distance to the nearest centroid, REAL
** kmeans_transform(model, c1, c2, ...)  its distances to all centroids, JSON array
**
** 1. There are as many coordinates as the model has dimensions, in its order; or there is one, a vector
**    of as many numbers.
** 2. Or there is one, a JSON object with the coordinates by name, for a model with "columns".
** 3. NULL, for the model or a coordinate, gives NULL; a model that says what stands for NULL is taken at
**    its word. Any other value that is no number is an error.
** 4. The answers are those of kmeans(model, query) for the same rows.
*/
#include <math.h>

#include "bridge/model_cache.h"
#include "core/distance.h"
#include "surface/surface.h"
#include "surface/table_function.h"

/* Points of up to this many coordinates need no memory. */
#define FEW 128

static void result_failure(sqlite3_context *context, char *message) {
  if (message) {
    sqlite3_result_error(context, message, -1);
  } else {
    sqlite3_result_error_nomem(context);
  }
  sqlite3_free(message);
}

/* Reads what a single argument holds, an object or a vector, into point; 0 when the result is settled:
** NULL or an error. */
static int read_only(sqlite3_context *context, const char *name, const km_model *model,
                     sqlite3_value *value, double *point) {
  km_host host;
  int read = 1;
  km_host_init(&host, sqlite3_context_db_handle(context), name);
  if (km_is_object(value)) {
    read = km_names_read(&host, &model->names, model->columns, &model->categories,
                         model->transform.impute != NULL, value, 2, point);
  } else {
    km_vectors vectors;
    km_place place = {.argument = 2};
    km_vectors_init(&vectors, model->dtype, model->dims, KM_ORIGIN_MODEL);
    vectors.form = km_vector_form(value);
    km_vectors_read_double(&host, &vectors, value, &place, point);
    km_vectors_rest(&vectors);
  }
  if (host.code != SQLITE_OK) {
    km_host_result_error(&host, context);
    read = 0;
  }
  km_host_clear(&host);
  return read;
}

/* Whether the value, given alone, is one of the model's categories, whatever it looks like. */
static int is_category(const km_model *model, sqlite3_value *value) {
  const km_values *values = model->categories.values;
  km_category_text text;
  if (model->inputs != 1 || !km_categories_any(&model->categories) ||
      sqlite3_value_type(value) != SQLITE_TEXT) {
    return 0;
  }
  km_category_read(value, &text);
  return text.text && (!model->columns || !km_is_object(value) ||
                       km_category_find(values, text.text, text.bytes) != KM_NO_CODE);
}

/* Reads argument `value`, for column c, into point; returns whether it is NULL. */
static int read_column(km_host *host, const km_model *model, size_t c, sqlite3_value *value,
                       double *point) {
  const km_values *values =
      km_categories_any(&model->categories) ? &model->categories.values[c] : NULL;
  km_place place = {.argument = (int)c + 2};
  if (values && values->categorical) {
    km_category_apply(host, values, value, &place, point);
    return sqlite3_value_type(value) == SQLITE_NULL;
  }
  double *number = &point[values ? values->first : c];
  km_number problem = km_number_read(value, number);
  if (problem == KM_NUMBER_NULL) {
    *number = NAN;
  } else if (problem != KM_NUMBER_OK) {
    km_refuse_coordinate(host, problem, value, &place);
  }
  return problem == KM_NUMBER_NULL;
}

/* Reads an argument for each column into point; 0 when the result is settled. */
static int read_columns(sqlite3_context *context, const char *name, const km_model *model,
                        sqlite3_value **argv, double *point) {
  km_host host;
  int read = 1;
  km_host_init(&host, sqlite3_context_db_handle(context), name);
  for (size_t c = 0; c < model->inputs && host.code == SQLITE_OK && read; c++) {
    int null = read_column(&host, model, c, argv[c], point);
    read = !null || model->transform.impute;
  }
  if (host.code != SQLITE_OK) {
    km_host_result_error(&host, context);
    read = 0;
  }
  km_host_clear(&host);
  return read;
}

/* Reads the coordinates into point, which has room for as many as the model has; 0 when the result is
** settled: NULL or an error. */
static int read_point(sqlite3_context *context, const char *name, const km_model *model, int argc,
                      sqlite3_value **argv, double *point) {
  int fill = model->transform.impute != NULL;
  int mixed = km_categories_any(&model->categories);
  if (argc == 2 && sqlite3_value_type(argv[1]) == SQLITE_NULL && !(fill && model->inputs == 1)) {
    return 0;
  }
  if (argc == 2 && sqlite3_value_type(argv[1]) != SQLITE_NULL && !is_category(model, argv[1]) &&
      (km_is_object(argv[1]) || (km_vector_form(argv[1]) != KM_FORM_NUMBER && !mixed))) {
    return read_only(context, name, model, argv[1], point);
  }
  if ((size_t)(argc - 1) != model->inputs) {
    result_failure(context,
                   sqlite3_mprintf("%s: the model has %lld %s, but %d coordinate%s %s given", name,
                                   (sqlite3_int64)model->inputs, mixed ? "columns" : "dimensions",
                                   argc - 1, argc == 2 ? "" : "s", argc == 2 ? "is" : "are"));
    return 0;
  }
  return read_columns(context, name, model, argv + 1, point);
}

typedef void (*result_writer)(sqlite3_context *context, const km_model *model, const double *point);

/* Gets the model and the point, and hands them to `write`. */
static void apply(sqlite3_context *context, const char *name, int argc, sqlite3_value **argv,
                  result_writer write) {
  double few[FEW];
  double *point = few;
  if (argc < 2) {
    result_failure(
        context, sqlite3_mprintf("%s: takes a model and coordinates: %s(model, x, y)", name, name));
    return;
  }
  const km_model *model = km_model_cached(context, name, argv[0]);
  if (!model) {
    return;
  }
  if (model->dims > FEW) {
    point = sqlite3_malloc64((sqlite3_uint64)model->dims * sizeof *point);
  }
  if (!point) {
    sqlite3_result_error_nomem(context);
  } else if (read_point(context, name, model, argc, argv, point)) {
    if (km_transform_point(&model->transform, point, model->dims)) {
      write(context, model, point);
    } else {
      result_failure(context, sqlite3_mprintf("%s: a zero vector has no direction", name));
    }
  }
  if (point != few) {
    sqlite3_free(point);
  }
}

static size_t nearest(const km_model *model, const double *point) {
  return km_nearest(point, model->placed, model->k, model->dims, model->k);
}

static void write_cluster(sqlite3_context *context, const km_model *model, const double *point) {
  sqlite3_result_int64(context, (sqlite3_int64)nearest(model, point));
}

static void write_distance(sqlite3_context *context, const km_model *model, const double *point) {
  const double *centroid = model->placed + nearest(model, point) * model->dims;
  sqlite3_result_double(context,
                        km_metric_distance(model->transform.metric, point, centroid, model->dims));
}

static void write_distances(sqlite3_context *context, const km_model *model, const double *point) {
  double *distances = sqlite3_malloc64((sqlite3_uint64)model->k * sizeof *distances);
  if (!distances) {
    sqlite3_result_error_nomem(context);
    return;
  }
  for (size_t c = 0; c < model->k; c++) {
    distances[c] = km_metric_distance(model->transform.metric, point,
                                      model->placed + c * model->dims, model->dims);
  }
  km_result_numbers(context, distances, model->k);
  sqlite3_free(distances);
}

void km_predict(sqlite3_context *context, int argc, sqlite3_value **argv) {
  apply(context, "kmeans_predict", argc, argv, write_cluster);
}

void km_distance_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
  apply(context, "kmeans_distance", argc, argv, write_distance);
}

void km_transform_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
  apply(context, "kmeans_transform", argc, argv, write_distances);
}
