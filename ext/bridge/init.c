#include "bridge/init.h"

#include <math.h>
#include <string.h>

static const char subject[] = "option \"init\"";

static void count_row(km_host *host, void *context, const km_member *member) {
  (void)host;
  (void)member;
  ++*(size_t *)context;
}

size_t km_init_count(km_host *host, sqlite3_value *value) {
  size_t rows = 0;
  const char *text = (const char *)sqlite3_value_text(value);
  if (text) {
    km_json_items(host, subject, text, strlen(text), count_row, &rows);
    if (rows == 0) {
      km_fail(host, SQLITE_ERROR, "%s must have at least one centroid", subject);
    }
  } else { /* unreached: who has recognised the array has converted it */
    km_fail_status(host, KM_NOMEM);
  }
  return rows;
}

/* Centroids on their way to a matrix. */
typedef struct init_reader {
  const km_categories *categories;
  km_matrix *matrix;
} init_reader;

static void read_share(km_host *host, const km_values *values, const km_cell *cell, double *row) {
  if (!(cell->number >= 0 && cell->number <= 1)) {
    km_fail(host, SQLITE_ERROR,
            "%s: item %lld of centroid %lld: the share of '%!.60s%s' must be from 0 to 1", subject,
            (sqlite3_int64)cell->column, (sqlite3_int64)cell->row, cell->category,
            km_ellipsis(cell->category, 60));
    return;
  }
  uint32_t number = km_category_find(values, cell->category, strlen(cell->category));
  uint32_t code = number == KM_NO_CODE ? KM_NO_CODE : values->value[number].code;
  if (code != KM_NO_CODE) {
    row[values->first + code] = cell->number;
  }
}

static void read_number(km_host *host, const km_values *values, const km_cell *cell, double *row) {
  if (fabs(cell->number) <= KM_MAX_COORDINATE) {
    row[values->first] = cell->number;
  } else {
    km_fail(host, SQLITE_ERROR, "%s: item %lld of centroid %lld is beyond 1e300", subject,
            (sqlite3_int64)cell->column, (sqlite3_int64)cell->row);
  }
}

static void read_cell(km_host *host, void *context, const km_cell *cell) {
  const init_reader *reader = context;
  const km_categories *categories = reader->categories;
  double *row = reader->matrix->values + cell->row * reader->matrix->columns;
  if (cell->end ? cell->column != categories->columns : cell->column >= categories->columns) {
    km_fail(host, SQLITE_ERROR, "%s: centroid %lld has %s items, but there are %lld columns",
            subject, (sqlite3_int64)cell->row, cell->end ? "fewer" : "more",
            (sqlite3_int64)categories->columns);
    return;
  }
  if (cell->end) {
    return;
  }
  const km_values *values = &categories->values[cell->column];
  if (values->categorical && !cell->category) {
    km_fail(host, SQLITE_ERROR,
            "%s: item %lld of centroid %lld must be a value, or an object with the shares of "
            "values: its column is categorical",
            subject, (sqlite3_int64)cell->column, (sqlite3_int64)cell->row);
  } else if (values->categorical) {
    read_share(host, values, cell, row);
  } else if (cell->category) {
    km_fail(host, SQLITE_ERROR,
            "%s: item %lld of centroid %lld must be a number: its column is not categorical",
            subject, (sqlite3_int64)cell->column, (sqlite3_int64)cell->row);
  } else {
    read_number(host, values, cell, row);
  }
}

/* The coordinate that the categories give to a model's code; SIZE_MAX: none. */
static size_t coordinate_of(const km_values *values, const km_values *theirs, size_t j) {
  if (!values->categorical) {
    return values->first;
  }
  const km_category *value = &theirs->value[theirs->coded[j]];
  uint32_t number = km_category_find(values, value->text, value->bytes);
  uint32_t code = number == KM_NO_CODE ? KM_NO_CODE : values->value[number].code;
  return code == KM_NO_CODE ? SIZE_MAX : values->first + code;
}

static void place_model(km_host *host, const km_model *model, const km_categories *categories,
                        km_matrix *matrix) {
  if (model->inputs != categories->columns) {
    km_fail(host, SQLITE_ERROR, "%s: the model has %lld columns, but there are %lld", subject,
            (sqlite3_int64)model->inputs, (sqlite3_int64)categories->columns);
  }
  for (size_t c = 0; host->code == SQLITE_OK && c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    const km_values *theirs = &model->categories.values[c];
    if (values->categorical != theirs->categorical) {
      km_fail(host, SQLITE_ERROR, "%s: column %lld is categorical %s", subject,
              (sqlite3_int64)c + 1, values->categorical ? "here only" : "in the model only");
      return;
    }
    for (size_t j = 0; j < (values->categorical ? theirs->codes : 1); j++) {
      size_t to = coordinate_of(values, theirs, j);
      for (size_t r = 0; to != SIZE_MAX && r < model->k; r++) {
        matrix->values[r * matrix->columns + to] =
            model->centroids[r * model->dims + theirs->first + j];
      }
    }
  }
}

void km_init_place(km_host *host, km_options *options, const km_categories *categories) {
  km_matrix *matrix = &options->init;
  if (matrix->rows == 0 || host->code != SQLITE_OK) {
    return;
  }
  km_host_release(host, matrix->values);
  matrix->columns = categories->dims;
  matrix->values = km_host_allocate(host, matrix->rows, matrix->columns * sizeof(double));
  options->params.centroids = matrix->values;
  if (!matrix->values) {
    return;
  }
  for (size_t i = 0; i < matrix->rows * matrix->columns; i++) {
    matrix->values[i] = 0;
  }
  if (options->init_model) {
    place_model(host, options->init_model, categories, matrix);
  } else {
    init_reader reader = {categories, matrix};
    km_json_cells(host, subject, options->init_value, read_cell, &reader);
  }
}
