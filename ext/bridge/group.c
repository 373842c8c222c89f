#include "bridge/group.h"

#include <math.h>
#include <string.h>

/* Several coordinates: checks that there are as many as asked for. */
static void begin_several(km_group *group, size_t dims) {
  const km_model *model = group->what.model;
  const km_matrix *init = &group->what.options.init;
  if (model && model->inputs != dims) {
    km_fail(&group->host, SQLITE_ERROR, "the model has %lld %s, but there are %lld coordinates",
            (sqlite3_int64)model->inputs, group->known ? "columns" : "dimensions",
            (sqlite3_int64)dims);
  }
  dims = group->known ? model->dims : dims;
  km_dataset_init(&group->data, dims, KM_DOUBLE);
  group->point = km_host_allocate(&group->host, dims, sizeof *group->point);
  if (init->values && init->columns != dims) {
    km_fail(&group->host, SQLITE_ERROR,
            "option \"init\": the centroids have %lld numbers, but there are %lld coordinates",
            (sqlite3_int64)init->columns, (sqlite3_int64)dims);
  }
}

/* Finds which of the coordinates are categorical. */
static void begin_categories(km_group *group, int argc, size_t coordinates) {
  const km_options *options = &group->what.options;
  const km_model *model = group->what.model;
  size_t marked = 0;
  if (model && km_categories_any(&model->categories)) {
    group->known = &model->categories;
  }
  if (options->categorical == 0 || group->host.code != SQLITE_OK) {
    return;
  }
  km_categories_init(&group->host, &group->categories, coordinates);
  for (size_t c = 0; c < group->categories.columns; c++) {
    size_t argument = km_what_argument(&group->what, c) - 1;
    group->categories.values[c].categorical = km_options_categorical(options, argument);
    marked += (size_t)group->categories.values[c].categorical;
  }
  if (group->weight > 0 && km_options_categorical(options, (size_t)group->weight)) {
    km_fail(&group->host, SQLITE_ERROR, "option \"categorical\": value %d is the weight",
            group->weight);
  } else if (marked < options->categorical) {
    km_fail(&group->host, SQLITE_ERROR,
            "option \"categorical\" has a number beyond the %d value%s that there %s", argc - 1,
            argc == 2 ? "" : "s", argc == 2 ? "is" : "are");
  }
}

/* Whether the row that was pushed last stays. */
static int keep(km_group *group) {
  return km_options_keep(&group->host, &group->what.options, group->what.model, &group->data,
                         group->rows);
}

/* Takes in a row that is a number or a vector; 0 when it is left out. */
static int push_only(km_group *group, sqlite3_value *value) {
  km_host *host = &group->host;
  km_place place = {.row = group->rows, .argument = group->only + 1, .fits = !group->what.model};
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
  void *row = km_host_push(host, &group->data.rows);
  if (row) {
    km_vectors_read(host, &group->vectors, value, &place, row);
    return keep(group);
  }
  return 0;
}

/* Reads argument j, which is coordinate column c, and a number. Returns 0 when it is NULL, and after an
** error. */
static int read_number(km_group *group, sqlite3_value *value, int j, size_t c) {
  double *number = &group->point[group->known ? group->known->values[c].first : c];
  km_number problem = km_number_read(value, number);
  if (problem == KM_NUMBER_OK) {
    return 1;
  }
  km_place place = {.row = group->rows, .argument = j + 1, .fits = !group->what.model};
  *number = NAN;
  if (problem != KM_NUMBER_NULL || group->what.options.nulls == KM_NULLS_ERROR) {
    km_refuse_coordinate(&group->host, problem, value, &place);
  }
  return 0;
}

/* The same of a categorical one. */
static int read_category(km_group *group, sqlite3_value *value, int j, size_t c) {
  km_place place = {.row = group->rows, .argument = j + 1};
  int null = sqlite3_value_type(value) == SQLITE_NULL;
  if (group->known) {
    km_category_apply(&group->host, &group->known->values[c], value, &place, group->point);
  } else {
    group->point[c] = km_category_learn(&group->host, &group->categories.values[c], value, &place);
  }
  if (null && group->what.options.nulls == KM_NULLS_ERROR) {
    km_category_refuse_null(&group->host, &place);
  }
  return !null;
}

/* The same of a row of several coordinates. */
static int push_several(km_group *group, int argc, sqlite3_value **argv) {
  km_host *host = &group->host;
  const km_categories *categories = km_group_categories(group);
  int nulls = 0;
  size_t c = 0;
  for (int j = 1; j < argc; j++) {
    if (j == group->weight) {
      continue;
    }
    int categorical = km_categories_any(categories) && categories->values[c].categorical;
    nulls +=
        categorical ? !read_category(group, argv[j], j, c) : !read_number(group, argv[j], j, c);
    c++;
  }
  if (nulls == 0 || group->what.options.nulls == KM_NULLS_MEAN) {
    group->nulls.filled += nulls > 0;
    void *row = km_host_push(host, &group->data.rows);
    if (row) {
      memcpy(row, group->point, group->data.dims * sizeof *group->point);
      return keep(group);
    }
  }
  return 0;
}

static double read_weight(km_group *group, sqlite3_value *value) {
  km_place place = {.row = group->rows, .argument = group->weight + 1};
  return km_weight_read(&group->host, value, &place);
}

static void push_weight(km_group *group, double weight) {
  double *place = km_host_push(&group->host, &group->data.weights);
  if (place) {
    *place = weight;
  }
}

void km_group_begin(km_group *group, sqlite3_context *context, const char *name, int argc,
                    sqlite3_value **argv, km_picture_options *picture) {
  km_host_init(&group->host, sqlite3_context_db_handle(context), name);
  if (argc < 2) {
    km_fail(&group->host, SQLITE_ERROR, "takes what and coordinates: %s(3, x, y)", name);
    return;
  }
  group->what_value = sqlite3_value_dup(argv[0]);
  if (!group->what_value) {
    km_fail_status(&group->host, KM_NOMEM);
  }
  if (group->host.code == SQLITE_OK) {
    km_what_read_picture(&group->host, &group->what, argv[0], picture);
  }
  group->weight = (int)group->what.options.weight_argument;
  if (group->weight >= argc || (group->weight > 0 && argc == 2)) {
    km_fail(&group->host, SQLITE_ERROR,
            group->weight >= argc
                ? "option \"weight\" is %d, but there %s %d value%s"
                : "option \"weight\" is %d, and there %s %d value%s: no coordinate",
            group->weight, argc == 2 ? "is" : "are", argc - 1, argc == 2 ? "" : "s");
  }
  if (group->host.code != SQLITE_OK) {
    return;
  }
  size_t coordinates = (size_t)(argc - 1 - (group->weight > 0));
  begin_categories(group, argc, coordinates);
  int mixed = group->known || group->what.options.categorical > 0;
  group->only = coordinates > 1 || mixed ? 0 : group->weight == 1 ? 2 : 1;
  if (group->only) {
    km_options_vectors(&group->what.options, group->what.model, &group->vectors);
  } else {
    begin_several(group, coordinates);
  }
}

int km_group_push(km_group *group, int argc, sqlite3_value **argv) {
  km_host *host = &group->host;
  int taken = 0;
  group->rows++;
  if (host->code == SQLITE_OK && group->rows > 1 && !km_values_equal(argv[0], group->what_value)) {
    km_fail(host, SQLITE_ERROR,
            "row %lld: the first argument differs from row 1; it must be the same within a group",
            (sqlite3_int64)group->rows);
  }
  if (host->code == SQLITE_OK) {
    double weight = group->weight > 0 ? read_weight(group, argv[group->weight]) : 1;
    taken = group->only ? push_only(group, argv[group->only]) : push_several(group, argc, argv);
    if (taken && group->weight > 0) {
      push_weight(group, weight);
    }
    group->nulls.skipped += !taken;
  }
  return taken;
}

const km_categories *km_group_categories(const km_group *group) {
  return group->known ? group->known : &group->categories;
}

/* Encodes the present rows. */
static void encode(km_group *group, km_dataset *encoded) {
  size_t missing;
  km_categories_encode(&group->host, &group->categories, &group->data, 0, encoded, NULL, &missing);
  if (missing != SIZE_MAX) {
    km_refuse_empty(&group->host, NULL, km_what_argument(&group->what, missing),
                    km_dataset_weighted(&group->data));
  }
  encoded->weights = group->data.weights; /* borrowed */
}

km_input km_group_see(km_group *group, km_dataset *encoded) {
  km_input input = {.data = &group->data, .categories = &group->categories, .nulls = group->nulls};
  km_host_restart(&group->host);
  if (km_categories_any(&group->categories)) {
    encode(group, encoded);
    input.data = encoded;
  }
  return input;
}

void km_group_unsee(km_group *group, km_dataset *encoded) {
  km_hooks *hooks = &group->host.hooks;
  km_dataset_unsee(&group->data, hooks);
  km_dataset_unsee(encoded, hooks);
  km_chunks_clear(&encoded->rows, hooks);
}

int km_group_fills(const km_group *group) {
  return group->only ? km_options_fill_only(&group->what.options, group->what.model)
                     : group->what.options.nulls == KM_NULLS_MEAN;
}

void km_group_clear(km_group *group) {
  km_host_release(&group->host, group->point);
  km_dataset_clear(&group->data, &group->host.hooks);
  km_categories_clear(&group->categories);
  km_what_clear(&group->what, &group->host);
  sqlite3_value_free(group->what_value);
  km_host_clear(&group->host);
}
