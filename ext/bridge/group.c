#include "bridge/group.h"

#include <math.h>
#include <string.h>

/* Several coordinates: checks that there are as many as asked for. */
static void begin_several(km_group *group, size_t dims) {
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

/* Whether the row that was pushed last stays. */
static int keep(km_group *group) {
  return km_options_keep(&group->host, &group->what.options, group->what.model, &group->data,
                         group->rows);
}

/* Takes in a row that is a number or a vector; 0 when it is left out. */
static int push_only(km_group *group, sqlite3_value *value) {
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
static int push_several(km_group *group, int argc, sqlite3_value **argv) {
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

static double read_weight(km_group *group, sqlite3_value *value) {
  km_place place = {.row = group->rows, .argument = group->weight + 1};
  return km_weight_read(&group->host, value, &place);
}

static void push_weight(km_group *group, double weight) {
  double *place = km_chunks_push(&group->data.weights, &group->host.hooks);
  if (place) {
    *place = weight;
  } else {
    km_fail_status(&group->host, KM_NOMEM);
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
  int coordinates = argc - 1 - (group->weight > 0);
  group->only = coordinates > 1 ? 0 : group->weight == 1 ? 2 : 1;
  if (group->only) {
    km_options_vectors(&group->what.options, group->what.model, &group->vectors);
  } else {
    begin_several(group, (size_t)coordinates);
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

int km_group_fills(const km_group *group) {
  return group->only ? km_options_fill_only(&group->what.options, group->what.model)
                     : group->what.options.nulls == KM_NULLS_MEAN;
}

void km_group_clear(km_group *group) {
  km_host_release(&group->host, group->point);
  km_dataset_clear(&group->data, &group->host.hooks);
  km_what_clear(&group->what, &group->host);
  sqlite3_value_free(group->what_value);
  km_host_clear(&group->host);
}
