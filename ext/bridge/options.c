#include "bridge/options.h"

#include <math.h>
#include <string.h>

#include "bridge/init.h"

#define SWEEPING (1u << KM_SCOPE_SWEEP)
#define FITTING (1u << KM_SCOPE_QUERY | 1u << KM_SCOPE_AGGREGATE | SWEEPING)
#define READING (1u << KM_SCOPE_QUERY | 1u << KM_SCOPE_QUERY_MODEL | SWEEPING)
#define ANYWHERE (FITTING | READING)

/* Says what the option must be, and what was given. */
static void refuse(km_host *host, const km_member *member, const char *allowed) {
  km_member_refuse(host, "option ", member, allowed);
}

static sqlite3_int64 read_integer(km_host *host, const km_member *member, sqlite3_int64 least,
                                  sqlite3_int64 most, const char *allowed) {
  sqlite3_int64 value = sqlite3_value_int64(member->value);
  if (!km_member_is(member, "integer") || sqlite3_value_type(member->value) != SQLITE_INTEGER ||
      value < least || value > most) {
    refuse(host, member, allowed);
  }
  return value;
}

static void read_k(km_host *host, km_options *options, const km_member *member) {
  options->params.k =
      (size_t)read_integer(host, member, 1, KM_MAX_K, "an integer from 1 to 4294967294");
}

static void read_n_init(km_host *host, km_options *options, const km_member *member) {
  options->params.n_init =
      (size_t)read_integer(host, member, 1, 1000000, "an integer from 1 to 1000000");
}

static void read_max_iter(km_host *host, km_options *options, const km_member *member) {
  options->params.max_iter =
      (size_t)read_integer(host, member, 1, 1000000000, "an integer from 1 to 1000000000");
}

static void read_seed(km_host *host, km_options *options, const km_member *member) {
  options->params.seed =
      (uint64_t)read_integer(host, member, INT64_MIN, INT64_MAX, "a 64-bit integer");
}

static void read_sample(km_host *host, km_options *options, const km_member *member) {
  options->sample =
      (size_t)read_integer(host, member, 1, 1000000000, "an integer from 1 to 1000000000");
}

static void read_threads(km_host *host, km_options *options, const km_member *member) {
  options->params.threads =
      (size_t)read_integer(host, member, 0, 64, "an integer from 0 (all cores) to 64");
}

static void read_tol(km_host *host, km_options *options, const km_member *member) {
  double tol = sqlite3_value_double(member->value);
  if ((!km_member_is(member, "integer") && !km_member_is(member, "real")) ||
      !(tol >= 0 && tol <= 1e300)) {
    refuse(host, member, "a finite number that is not negative");
  }
  options->params.tol = tol;
}

static void read_clamp(km_host *host, km_options *options, const km_member *member) {
  if (!km_member_is(member, "true") && !km_member_is(member, "false")) {
    refuse(host, member, "true or false");
  }
  options->params.clamp = km_member_is(member, "true");
}

static void read_nulls(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is_text(member, "error")) {
    options->nulls = KM_NULLS_ERROR;
  } else if (km_member_is_text(member, "skip")) {
    options->nulls = KM_NULLS_SKIP;
  } else if (km_member_is_text(member, "mean")) {
    options->nulls = KM_NULLS_MEAN;
    options->view.impute = 1;
  } else {
    refuse(host, member, "\"skip\", \"error\" or \"mean\"");
  }
}

static void read_dtype(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is_text(member, "float32")) {
    options->dtype = KM_DTYPE_FLOAT32;
  } else if (km_member_is_text(member, "float64")) {
    options->dtype = KM_DTYPE_FLOAT64;
  } else {
    refuse(host, member, "\"float32\" or \"float64\"");
  }
}

static void read_algorithm(km_host *host, km_options *options, const km_member *member) {
  static const char *const names[] = {"auto", "lloyd", "tree", "dense", "bounds"};
  static const km_algorithm algorithms[] = {KM_ALGORITHM_AUTO, KM_ALGORITHM_PLAIN,
                                            KM_ALGORITHM_TREE, KM_ALGORITHM_DENSE,
                                            KM_ALGORITHM_BOUNDS};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (km_member_is_text(member, names[i])) {
      options->params.algorithm = algorithms[i];
      return;
    }
  }
  refuse(host, member, "\"auto\", \"lloyd\", \"tree\", \"dense\" or \"bounds\"");
}

static void read_kernels(km_host *host, km_options *options, const km_member *member) {
  static const char *const names[] = {"scalar", "avx2", "avx512", "neon"};
  if (km_member_is_text(member, "auto")) {
    return;
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (km_member_is_text(member, names[i]) && km_kernel_known(names[i])) {
      options->params.kernels = names[i];
      return;
    }
  }
  refuse(host, member,
         "\"auto\" or what this processor has of \"scalar\", \"avx2\", \"avx512\", \"neon\"");
}

static void read_refine(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is_text(member, "auto")) {
    options->params.refine = KM_REFINE_AUTO;
  } else if (km_member_is_text(member, "none")) {
    options->params.refine = KM_REFINE_NONE;
  } else {
    refuse(host, member, "\"auto\" or \"none\"");
  }
}

static void read_metric(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is_text(member, "cosine")) {
    options->view.metric = KM_COSINE;
  } else if (!km_member_is_text(member, "euclidean")) {
    refuse(host, member, "\"euclidean\" or \"cosine\"");
  }
}

static void read_scale(km_host *host, km_options *options, const km_member *member) {
  for (int scale = 0; scale < KM_SCALES; scale++) {
    if (km_member_is_text(member, km_scale_names[scale])) {
      options->view.scale = (km_scale)scale;
      return;
    }
  }
  refuse(host, member, "\"none\", \"standard\", \"minmax\" or \"robust\"");
}

static char *copy_text(km_host *host, const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (!text) {
    km_fail_status(host, KM_NOMEM);
    return NULL;
  }
  return km_host_copy(host, text, strlen(text));
}

static void read_id(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is(member, "null")) {
    options->id_none = 1;
  } else if (km_member_is(member, "text")) {
    options->id = copy_text(host, member);
  } else {
    refuse(host, member, "the name of a column, or null for none");
  }
}

static void read_params(km_host *host, km_options *options, const km_member *member) {
  if (km_member_is(member, "array") || km_member_is(member, "object")) {
    options->bound = copy_text(host, member);
  } else {
    refuse(host, member, "an array or an object of values for the query's parameters");
  }
}

static void read_weight(km_host *host, km_options *options, const km_member *member) {
  if (options->scope == KM_SCOPE_AGGREGATE) {
    options->weight_argument =
        (size_t)read_integer(host, member, 1, 1000000,
                             "the number of a value, an integer from 1 (the first after what)");
  } else if (km_member_is(member, "text")) {
    options->weight = copy_text(host, member);
  } else {
    refuse(host, member, "the name of a column");
  }
}

/* The numbers of values, checked. */
static void read_arguments(km_host *host, km_options *options, const km_member *member) {
  km_json_numbers(host, "option \"categorical\"", member->value, &options->categorical_arguments,
                  &options->categorical);
  for (size_t i = 0; host->code == SQLITE_OK && i < options->categorical; i++) {
    double number = options->categorical_arguments[i];
    int found = number == floor(number) && number >= 1 && number <= 1000000;
    for (size_t other = 0; other < i; other++) {
      found &= options->categorical_arguments[other] != number;
    }
    if (!found) {
      km_fail(host, SQLITE_ERROR,
              "option \"categorical\": item %lld must be the number of another value, an integer "
              "from 1 (the first after what)",
              (sqlite3_int64)i);
    }
  }
}

static void read_categorical(km_host *host, km_options *options, const km_member *member) {
  if (options->scope != KM_SCOPE_AGGREGATE) {
    options->categorical_names = km_names_array(host, "option ", member, &options->categorical);
  } else if (km_member_is(member, "array")) {
    read_arguments(host, options, member);
  } else {
    refuse(host, member, "an array of the numbers of values, from 1 (the first after what)");
  }
}

/* A model as init: its centroids, so that a refit keeps its cluster numbers. */
static void read_init_model(km_host *host, km_options *options, const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (!text) { /* unreached: who has recognised the object has converted it */
    km_fail_status(host, KM_NOMEM);
    return;
  }
  host->part = "option \"init\": ";
  km_model *model = km_model_read(host, text, (size_t)sqlite3_value_bytes(member->value));
  host->part = "";
  options->init_model = model;
  options->init.rows = model ? model->k : 0;
}

/* A model, or the text of one: what a table has kept of it is text. */
static int is_model(const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  return km_member_is(member, "object") ||
         (km_member_is(member, "text") && text && text[strspn(text, " \t\r\n")] == '{');
}

static void read_init(km_host *host, km_options *options, const km_member *member) {
  options->params.init = KM_INIT_CENTROIDS;
  if (km_member_is_text(member, "k-means++")) {
    options->params.init = KM_INIT_PLUS_PLUS;
  } else if (km_member_is_text(member, "random")) {
    options->params.init = KM_INIT_RANDOM;
  } else if (km_member_is(member, "array")) {
    options->init_value = sqlite3_value_dup(member->value);
    if (!options->init_value) {
      km_fail_status(host, KM_NOMEM);
    }
  } else if (is_model(member)) {
    read_init_model(host, options, member);
  } else {
    refuse(host, member, "\"k-means++\", \"random\", an array of centroids or a model");
  }
}

/* All options, in the order in which messages list them. */
static const struct {
  const char *name;
  unsigned scopes;
  void (*read)(km_host *host, km_options *options, const km_member *member);
} table[] = {
    {"algorithm", ANYWHERE, read_algorithm},
    {"categorical", FITTING, read_categorical},
    {"clamp", FITTING, read_clamp},
    {"dtype", ANYWHERE, read_dtype},
    {"id", READING, read_id},
    {"init", FITTING, read_init},
    {"k", FITTING, read_k},
    {"kernels", FITTING, read_kernels},
    {"max_iter", FITTING, read_max_iter},
    {"metric", FITTING, read_metric},
    {"n_init", FITTING, read_n_init},
    {"nulls", ANYWHERE, read_nulls},
    {"params", READING, read_params},
    {"refine", FITTING, read_refine},
    {"sample", SWEEPING, read_sample},
    {"scale", FITTING, read_scale},
    {"seed", FITTING, read_seed},
    {"threads", ANYWHERE, read_threads},
    {"tol", FITTING, read_tol},
    {"weight", ANYWHERE, read_weight},
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

void km_options_init(km_options *options) {
  memset(options, 0, sizeof *options);
  options->params = (km_params){.n_init = 1, .max_iter = 300, .tol = 1e-4};
  options->sample = 10000;
}

void km_options_clear(km_options *options, km_host *host) {
  km_host_release(host, options->init.values);
  km_host_release(host, options->id);
  km_host_release(host, options->bound);
  km_host_release(host, options->weight);
  km_host_release(host, options->categorical_names);
  km_host_release(host, options->categorical_arguments);
  sqlite3_value_free(options->init_value);
  if (options->init_model) {
    km_model_release(options->init_model);
  }
}

static void refuse_name(km_host *host, const char *name, const km_options *options) {
  sqlite3_str *list = sqlite3_str_new(host->db);
  for (int i = 0; i < OPTION_COUNT; i++) {
    if (table[i].scopes & 1u << options->scope) {
      sqlite3_str_appendf(list, "%s%s", sqlite3_str_length(list) ? ", " : "", table[i].name);
    }
  }
  if (options->picture) {
    km_picture_options_list(list);
  }
  char *names = sqlite3_str_finish(list);
  if (names) {
    km_fail(host, SQLITE_ERROR, "unknown option \"%!.60s\": the options are %s", name, names);
  } else {
    km_fail_status(host, KM_NOMEM);
  }
  sqlite3_free(names);
}

static void read_option(km_host *host, void *context, const km_member *member) {
  km_options *options = context;
  int i = 0;
  while (i < OPTION_COUNT && strcmp(table[i].name, member->key) != 0) {
    i++;
  }
  km_picture_options *picture = options->picture;
  if (i == OPTION_COUNT && picture && km_picture_option_read(host, picture, member)) {
    return;
  }
  if (i == OPTION_COUNT) {
    refuse_name(host, member->key, options);
  } else if (options->given & 1u << i) {
    km_fail(host, SQLITE_ERROR, "option \"%s\" is given twice", member->key);
  } else if (!(table[i].scopes & 1u << options->scope)) {
    km_fail(host, SQLITE_ERROR, "option \"%s\" has no meaning here: %s", member->key,
            table[i].scopes == SWEEPING            ? "it is for kmeans_sweep"
            : options->scope == KM_SCOPE_AGGREGATE ? "there is no query"
                                                   : "a model is applied, nothing is fitted");
  } else {
    options->given |= 1u << i;
    table[i].read(host, options, member);
  }
}

void km_options_read(km_host *host, km_options *options, km_scope scope, const char *subject,
                     const char *text, size_t bytes) {
  options->scope = scope;
  km_json_members(host, subject, text, bytes, read_option, options);
}

void km_options_read_value(km_host *host, km_options *options, km_scope scope,
                           sqlite3_value *value) {
  if (sqlite3_value_type(value) == SQLITE_NULL) {
    return;
  }
  const char *text = (const char *)sqlite3_value_text(value);
  if (text) {
    km_options_read(host, options, scope, "options", text, (size_t)sqlite3_value_bytes(value));
  } else {
    km_fail_status(host, KM_NOMEM);
  }
}

void km_options_set_k(km_options *options, size_t k) {
  int i = 0;
  while (table[i].read != read_k) {
    i++;
  }
  options->given |= 1u << i;
  options->params.k = k;
}

/* Only directions count: from the origin, which a scale would shift. */
static void check_cosine(km_host *host, const km_options *options) {
  const km_matrix *init = &options->init;
  if (options->view.scale != KM_SCALE_NONE) {
    km_fail(host, SQLITE_ERROR,
            "option \"scale\" has no meaning with \"metric\": \"cosine\": it compares directions, "
            "as seen from the origin");
  }
  for (size_t c = 0; c < init->rows; c++) {
    if (km_direction(init->values + c * init->columns, init->columns) == 0) {
      km_fail(host, SQLITE_ERROR, "option \"init\": centroid %lld is zero: it has no direction",
              (sqlite3_int64)c);
    }
  }
}

/* Reads given centroids as far as they can be without the categories. */
static void read_centroids(km_host *host, km_options *options) {
  const km_model *model = options->init_model;
  if (options->init_value && options->categorical > 0) {
    options->init.rows = km_init_count(host, options->init_value);
  } else if (options->init_value) {
    km_json_matrix(host, "option \"init\"", options->init_value, &options->init);
  } else if (model && options->categorical == 0) {
    size_t count = model->k * model->dims; /* as many as the model itself has */
    options->init = (km_matrix){model->k, model->dims, NULL};
    options->init.values = km_host_allocate(host, count, sizeof(double));
    if (options->init.values) {
      memcpy(options->init.values, model->centroids, count * sizeof(double));
    }
  }
  if (model && km_categories_any(&model->categories) != (options->categorical > 0)) {
    km_fail(host, SQLITE_ERROR, "option \"init\": the model has %s",
            options->categorical > 0 ? "no categories"
                                     : "categories: name the columns in \"categorical\"");
  }
}

void km_options_finish(km_host *host, km_options *options) {
  read_centroids(host, options);
  if (host->code != SQLITE_OK) {
    return; /* with a part of the centroids, perhaps */
  }
  size_t init_rows = options->init.rows;
  if (options->params.k == 0 && init_rows > 0) {
    options->params.k = init_rows;
  }
  if (options->params.k == 0) {
    km_fail(host, SQLITE_ERROR, "the number of clusters is missing: give the option \"k\"");
  } else if (init_rows > 0 && init_rows != options->params.k) {
    km_fail(host, SQLITE_ERROR, "option \"init\" has %lld centroids, but \"k\" is %lld",
            (sqlite3_int64)init_rows, (sqlite3_int64)options->params.k);
  }
  options->params.centroids = options->init.values;
  if (options->view.metric == KM_COSINE && options->categorical > 0) {
    km_fail(host, SQLITE_ERROR,
            "option \"categorical\" does not go with \"metric\": \"cosine\": shares of values "
            "are no direction");
  } else if (options->view.metric == KM_COSINE) {
    check_cosine(host, options);
  }
}

int km_options_categorical(const km_options *options, size_t argument) {
  for (size_t i = 0; options->categorical_arguments && i < options->categorical; i++) {
    if (options->categorical_arguments[i] == (double)argument) {
      return 1;
    }
  }
  return 0;
}

void km_options_follow(km_host *host, km_options *options, const km_model *model) {
  if (options->dtype == KM_DTYPE_AUTO) {
    options->dtype = model->dtype;
  }
  if (options->nulls == KM_NULLS_AUTO && model->transform.impute) {
    options->nulls = KM_NULLS_MEAN;
  }
  if (options->nulls == KM_NULLS_MEAN && !model->transform.impute) {
    km_fail(
        host, SQLITE_ERROR,
        "option \"nulls\": the model has no means to fill in: it was not fitted with \"nulls\": "
        "\"mean\"");
  }
}

int km_options_fill_only(const km_options *options, const km_model *model) {
  return options->nulls == KM_NULLS_MEAN && (!model || model->dims == 1);
}

km_metric km_options_metric(const km_options *options, const km_model *model) {
  return model ? model->transform.metric : options->view.metric;
}

int km_options_keep(km_host *host, const km_options *options, const km_model *model,
                    km_dataset *data, size_t row) {
  if (host->code != SQLITE_OK || km_options_metric(options, model) != KM_COSINE ||
      km_dataset_directed(data, data->rows.count - 1)) {
    return 1;
  }
  if (options->nulls != KM_NULLS_SKIP) {
    km_fail(host, SQLITE_ERROR,
            "row %lld: a zero vector has no direction (\"nulls\": \"skip\" leaves such rows out)",
            (sqlite3_int64)row);
  }
  km_chunks_pop_back(&data->rows);
  return 0;
}

void km_options_vectors(const km_options *options, const km_model *model, km_vectors *vectors) {
  if (model) {
    km_vectors_init(vectors, options->dtype, model->dims, KM_ORIGIN_MODEL);
  } else {
    km_vectors_init(vectors, options->dtype, options->init.columns,
                    options->init.rows ? KM_ORIGIN_INIT : KM_ORIGIN_ROW);
  }
}
