#include <math.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/model.h"

/* A model while it is being read: the parts that are only checked against the others. */
typedef struct model_reader {
  km_model *model;
  km_matrix centroids;
  unsigned given; /* a bit for each member that was read, by its place in the table */
  sqlite3_int64 k;
  sqlite3_int64 dims;
  sqlite3_int64 n;
  double inertia;
  /* How many items each array has; -1 where it is missing. */
  sqlite3_int64 size_count;
  sqlite3_int64 weight_count;
  sqlite3_int64 inertia_count;
  sqlite3_int64 radius_count;
  sqlite3_int64 column_count;
  sqlite3_int64 mean_count;
  sqlite3_int64 deviation_count;
  sqlite3_int64 scale_count;
  sqlite3_int64 impute_count;
} model_reader;

static void refuse(km_host *host, const km_member *member, const char *allowed) {
  km_member_refuse(host, "model: ", member, allowed);
}

static sqlite3_int64 read_count(km_host *host, const km_member *member) {
  sqlite3_int64 value = sqlite3_value_int64(member->value);
  if (!km_member_is(member, "integer") || value < 0 ||
      sqlite3_value_type(member->value) != SQLITE_INTEGER) {
    refuse(host, member, "an integer that is not negative");
  }
  return value;
}

static void read_type(km_host *host, model_reader *reader, const km_member *member) {
  (void)reader;
  if (!km_member_is_text(member, "kmeans")) {
    refuse(host, member, "\"kmeans\"");
  }
}

static void read_version(km_host *host, model_reader *reader, const km_member *member) {
  (void)reader;
  if (!km_member_is(member, "integer") || sqlite3_value_int64(member->value) != 1) {
    refuse(host, member, "1 (the only one that this kmeans knows)");
  }
}

static void read_metric(km_host *host, model_reader *reader, const km_member *member) {
  if (km_member_is_text(member, "cosine")) {
    reader->model->transform.metric = KM_COSINE;
  } else if (!km_member_is_text(member, "euclidean")) {
    refuse(host, member, "\"euclidean\" or \"cosine\"");
  }
}

static void read_dtype(km_host *host, model_reader *reader, const km_member *member) {
  if (km_member_is_text(member, "float32")) {
    reader->model->dtype = KM_DTYPE_FLOAT32;
  } else if (km_member_is_text(member, "float64")) {
    reader->model->dtype = KM_DTYPE_FLOAT64;
  } else {
    refuse(host, member, "\"float32\" or \"float64\"");
  }
}

static void read_scale(km_host *host, model_reader *reader, const km_member *member) {
  size_t count = km_model_read_scale(host, reader->model, member);
  if (reader->model->transform.factor) {
    reader->scale_count = (sqlite3_int64)count;
  }
}

static void read_categories(km_host *host, model_reader *reader, const km_member *member) {
  km_model_read_categories(host, reader->model, member);
}

static void read_k(km_host *host, model_reader *reader, const km_member *member) {
  reader->k = read_count(host, member);
}

static void read_dims(km_host *host, model_reader *reader, const km_member *member) {
  reader->dims = read_count(host, member);
}

static void read_n(km_host *host, model_reader *reader, const km_member *member) {
  reader->n = read_count(host, member);
}

static void read_any_count(km_host *host, model_reader *reader, const km_member *member) {
  (void)reader;
  read_count(host, member);
}

static void read_inertia(km_host *host, model_reader *reader, const km_member *member) {
  reader->inertia = sqlite3_value_double(member->value);
  if ((!km_member_is(member, "real") && !km_member_is(member, "integer")) ||
      !(reader->inertia >= 0)) {
    refuse(host, member, "a number that is not negative");
  }
}

static void read_converged(km_host *host, model_reader *reader, const km_member *member) {
  (void)reader;
  if (!km_member_is(member, "true") && !km_member_is(member, "false")) {
    refuse(host, member, "true or false");
  }
}

static void read_seed(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->seed = sqlite3_value_int64(member->value);
  if (!km_member_is(member, "integer")) {
    refuse(host, member, "an integer");
  }
}

static void read_centroids(km_host *host, model_reader *reader, const km_member *member) {
  if (km_member_is(member, "array")) {
    km_json_matrix(host, "model: \"centroids\"", member->value, &reader->centroids);
  } else {
    refuse(host, member, "an array of arrays of numbers");
  }
}

/* An array of numbers from `least` to `most`; NULL after an error. */
static double *read_numbers(km_host *host, const km_member *member, double least, double most,
                            sqlite3_int64 *count) {
  double *values = NULL;
  size_t found = 0;
  if (!km_member_is(member, "array")) {
    refuse(host, member, "an array of numbers");
    return NULL;
  }
  char *subject = sqlite3_mprintf("model: \"%s\"", member->key);
  if (!subject) {
    km_fail_status(host, KM_NOMEM);
    return NULL;
  }
  km_json_numbers(host, subject, member->value, &values, &found);
  for (size_t c = 0; host->code == SQLITE_OK && c < found; c++) {
    if (!(values[c] >= least && values[c] <= most)) {
      km_fail(host, SQLITE_ERROR, "%s: item %lld is %s", subject, (sqlite3_int64)c,
              least == 0 && values[c] < 0 ? "negative" : "beyond 1e300");
    }
  }
  *count = (sqlite3_int64)found;
  sqlite3_free(subject);
  return values;
}

static double *read_amounts(km_host *host, const km_member *member, sqlite3_int64 *count) {
  return read_numbers(host, member, 0, INFINITY, count);
}

static void read_sizes(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->sizes = read_amounts(host, member, &reader->size_count);
  for (sqlite3_int64 c = 0; host->code == SQLITE_OK && c < reader->size_count; c++) {
    double size = reader->model->sizes[c];
    if (size != floor(size) || size > 0x1p53) {
      km_fail(host, SQLITE_ERROR, "model: \"sizes\": item %lld is not a whole number", c);
    }
  }
}

static void read_weights(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->weights = read_amounts(host, member, &reader->weight_count);
}

static void read_inertias(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->inertias = read_amounts(host, member, &reader->inertia_count);
}

static void read_radii(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->radii = read_amounts(host, member, &reader->radius_count);
}

static void read_impute(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->transform.impute =
      read_numbers(host, member, -KM_MAX_COORDINATE, KM_MAX_COORDINATE, &reader->impute_count);
}

static void read_means(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->means =
      read_numbers(host, member, -KM_MAX_COORDINATE, KM_MAX_COORDINATE, &reader->mean_count);
}

/* Twice the largest coordinate is more than any deviation can be, however it is rounded. */
static void read_deviations(km_host *host, model_reader *reader, const km_member *member) {
  reader->model->deviations =
      read_numbers(host, member, 0, 2 * KM_MAX_COORDINATE, &reader->deviation_count);
}

static void read_columns(km_host *host, model_reader *reader, const km_member *member) {
  size_t count = 0;
  reader->model->columns = km_names_array(host, "model: ", member, &count);
  reader->column_count = (sqlite3_int64)count;
}

static const struct {
  const char *name;
  void (*read)(km_host *host, model_reader *reader, const km_member *member);
} table[] = {
    {"categories", read_categories},
    {"centroids", read_centroids},
    {"columns", read_columns},
    {"converged", read_converged},
    {"deviations", read_deviations},
    {"dims", read_dims},
    {"dtype", read_dtype},
    {"impute", read_impute},
    {"imputed", read_any_count},
    {"inertia", read_inertia},
    {"inertias", read_inertias},
    {"iterations", read_any_count},
    {"k", read_k},
    {"means", read_means},
    {"metric", read_metric},
    {"n", read_n},
    {"radii", read_radii},
    {"scale", read_scale},
    {"seed", read_seed},
    {"sizes", read_sizes},
    {"skipped", read_any_count},
    {"type", read_type},
    {"version", read_version},
    {"weights", read_weights},
};
enum { MEMBER_COUNT = sizeof table / sizeof *table };

static void read_member(km_host *host, void *context, const km_member *member) {
  model_reader *reader = context;
  for (int i = 0; i < MEMBER_COUNT; i++) {
    if (strcmp(table[i].name, member->key) == 0) {
      if (reader->given & 1u << i) {
        km_fail(host, SQLITE_ERROR, "model: \"%s\" is given twice", member->key);
      } else {
        reader->given |= 1u << i;
        table[i].read(host, reader, member);
      }
      return;
    }
  }
}

static void expect_count(km_host *host, const char *name, sqlite3_int64 count, const char *what,
                         size_t expected) {
  if (count >= 0 && (size_t)count != expected) {
    km_fail(host, SQLITE_ERROR, "model: \"%s\" has %lld item%s, but there are %lld %s", name, count,
            count == 1 ? "" : "s", (sqlite3_int64)expected, what);
  }
}

static void expect_equal(km_host *host, const char *name, sqlite3_int64 stated, const char *what,
                         size_t actual) {
  if (stated >= 0 && (size_t)stated != actual) {
    km_fail(host, SQLITE_ERROR, "model: \"%s\" is %lld, but %s %lld", name, stated, what,
            (sqlite3_int64)actual);
  }
}

/* Sums of the parts against the wholes. Inertias may have been rounded by whoever stored them. */
static void check_totals(km_host *host, const model_reader *reader) {
  const km_model *model = reader->model;
  double sizes = 0;
  double inertias = 0;
  for (size_t c = 0; c < model->k; c++) {
    sizes += model->sizes ? model->sizes[c] : 0;
    inertias += model->inertias ? model->inertias[c] : 0;
  }
  if (model->sizes && reader->n >= 0 && sizes != (double)reader->n) {
    km_fail(host, SQLITE_ERROR, "model: \"n\" is not the sum of \"sizes\"");
  }
  if (model->inertias && reader->inertia >= 0 && isfinite(inertias) &&
      fabs(inertias - reader->inertia) > 1e-6 * inertias) {
    km_fail(host, SQLITE_ERROR, "model: \"inertia\" is not the sum of \"inertias\"");
  }
}

/* A cluster without points has no weight. */
static void check_weights(km_host *host, const km_model *model) {
  for (size_t c = 0; model->weights && model->sizes && c < model->k; c++) {
    if (model->sizes[c] == 0 && model->weights[c] > 0) {
      km_fail(host, SQLITE_ERROR,
              "model: \"weights\": item %lld is above 0, but in \"sizes\" it is 0",
              (sqlite3_int64)c);
    }
  }
}

/* The centroids in the space of the clustering, as a fit has them in the end. */
static void place_centroids(km_host *host, km_model *model) {
  model->placed = model->centroids;
  if (!km_transform_moves(&model->transform)) {
    return;
  }
  model->placed = km_host_allocate(host, model->k, model->dims * sizeof(double));
  if (!model->placed) {
    return;
  }
  memcpy(model->placed, model->centroids, model->k * model->dims * sizeof(double));
  for (size_t c = 0; c < model->k; c++) {
    if (!km_transform_point(&model->transform, model->placed + c * model->dims, model->dims)) {
      km_fail(host, SQLITE_ERROR, "model: centroid %lld is zero: it has no direction",
              (sqlite3_int64)c);
    }
  }
}

/* Finds how many columns of the input come to the model's dimensions. */
static void check_categories(km_host *host, km_model *model) {
  const km_categories *categories = &model->categories;
  int any = km_categories_any(categories);
  model->inputs = any ? categories->columns : model->dims;
  if (any && categories->dims != model->dims) {
    km_fail(host, SQLITE_ERROR,
            "model: \"categories\" come to %lld dimensions, but the centroids' length is %lld",
            (sqlite3_int64)categories->dims, (sqlite3_int64)model->dims);
  }
  if (any && model->transform.metric == KM_COSINE) {
    km_fail(host, SQLITE_ERROR, "model: \"categories\" do not go with the metric \"cosine\"");
  }
}

static void check_parts(km_host *host, model_reader *reader) {
  km_model *model = reader->model;
  if (host->code == SQLITE_OK && !reader->centroids.values) {
    km_fail(host, SQLITE_ERROR, "model: \"centroids\" is missing");
  }
  model->k = reader->centroids.rows;
  model->dims = reader->centroids.columns;
  model->centroids = reader->centroids.values;
  if (host->code != SQLITE_OK) {
    return;
  }
  expect_equal(host, "k", reader->k, "the number of centroids is", model->k);
  expect_equal(host, "dims", reader->dims, "the centroids' length is", model->dims);
  check_categories(host, model);
  expect_count(host, "columns", reader->column_count,
               km_categories_any(&model->categories) ? "columns in \"categories\"" : "dimensions",
               model->inputs);
  expect_count(host, "means", reader->mean_count, "dimensions", model->dims);
  expect_count(host, "deviations", reader->deviation_count, "dimensions", model->dims);
  expect_count(host, "sizes", reader->size_count, "centroids", model->k);
  expect_count(host, "weights", reader->weight_count, "centroids", model->k);
  expect_count(host, "inertias", reader->inertia_count, "centroids", model->k);
  expect_count(host, "radii", reader->radius_count, "centroids", model->k);
  expect_count(host, "scale", reader->scale_count, "dimensions", model->dims);
  expect_count(host, "impute", reader->impute_count, "dimensions", model->dims);
  if (model->transform.factor && model->transform.metric == KM_COSINE) {
    km_fail(host, SQLITE_ERROR, "model: a \"scale\" has no meaning with the metric \"cosine\"");
  }
  if (host->code == SQLITE_OK) {
    check_totals(host, reader);
    check_weights(host, model);
    km_model_scale_codes(host, model);
  }
  if (host->code == SQLITE_OK) {
    place_centroids(host, model);
  }
  if (host->code == SQLITE_OK) {
    km_names_init(host, &model->names, model->columns, model->inputs);
  }
}

km_model *km_model_read(km_host *host, const char *text, size_t bytes) {
  model_reader reader = {
      .k = -1,
      .dims = -1,
      .n = -1,
      .inertia = -1,
      .size_count = -1,
      .weight_count = -1,
      .inertia_count = -1,
      .radius_count = -1,
      .column_count = -1,
      .mean_count = -1,
      .deviation_count = -1,
      .scale_count = -1,
      .impute_count = -1,
  };
  km_model *model = km_host_allocate(host, 1, sizeof *model);
  if (!model) {
    return NULL;
  }
  memset(model, 0, sizeof *model);
  model->references = 1;
  model->bytes = bytes;
  model->text = km_host_copy(host, text, bytes);
  reader.model = model;
  if (model->text) {
    km_json_members(host, "model", model->text, bytes, read_member, &reader);
    check_parts(host, &reader);
  }
  if (host->code != SQLITE_OK) {
    km_model_release(model);
    model = NULL;
  }
  return model;
}

void km_model_release(void *pointer) {
  km_model *model = pointer;
  if (--model->references == 0) {
    sqlite3_free(model->text);
    if (model->placed != model->centroids) {
      sqlite3_free(model->placed);
    }
    sqlite3_free(model->centroids);
    sqlite3_free(model->transform.impute);
    sqlite3_free(model->transform.shift);
    sqlite3_free(model->transform.factor);
    sqlite3_free(model->sizes);
    sqlite3_free(model->weights);
    sqlite3_free(model->inertias);
    sqlite3_free(model->radii);
    sqlite3_free(model->means);
    sqlite3_free(model->deviations);
    sqlite3_free(model->columns);
    km_categories_clear(&model->categories);
    km_names_clear(&model->names);
    sqlite3_free(model);
  }
}
