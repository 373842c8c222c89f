#include "core/transform.h"

#include <math.h>
#include <string.h>

#include "core/dataset.h"
#include "core/sort.h"
#include "simd/sum.h"

void km_transform_clear(km_transform *transform, km_hooks *hooks) {
  km_release(hooks, transform->impute);
  km_release(hooks, transform->shift);
  km_release(hooks, transform->factor);
  memset(transform, 0, sizeof *transform);
}

static double within(double value) {
  value = value < KM_MAX_COORDINATE ? value : KM_MAX_COORDINATE;
  return value > -KM_MAX_COORDINATE ? value : -KM_MAX_COORDINATE;
}

void km_transform_columns(const km_transform *transform, size_t first, size_t count, double *row) {
  if (transform->impute) {
    for (size_t j = 0; j < count; j++) {
      row[j] = isnan(row[j]) ? transform->impute[first + j] : row[j];
    }
  }
  if (transform->factor) {
    const double *shift = transform->shift + first;
    const double *factor = transform->factor + first;
    for (size_t j = 0; j < count; j++) {
      row[j] = within((row[j] - shift[j]) * factor[j]);
    }
  }
}

int km_transform_point(const km_transform *transform, double *point, size_t dims) {
  km_transform_columns(transform, 0, dims, point);
  if (transform->metric == KM_COSINE) {
    double direction = km_direction(point, dims);
    for (size_t j = 0; j < dims; j++) {
      point[j] *= direction;
    }
    return direction > 0;
  }
  return 1;
}

void km_transform_restore(const km_transform *transform, const double *from, size_t dims,
                          double *to) {
  for (size_t j = 0; j < dims; j++) {
    to[j] =
        transform->factor ? within(from[j] / transform->factor[j] + transform->shift[j]) : from[j];
  }
}

/* The length is taken with its exponent apart, so that no square leaves the range of double. A point
** that was multiplied by this has length 1 up to 4 units of 2^-53, so its square is within 2^-49 of 1
** as it is computed here: then the answer is exactly 1, and doing it twice changes nothing. */
double km_direction(const double *point, size_t dims) {
  km_sum squares = {0, 0};
  double largest = 0;
  int exponent;
  for (size_t j = 0; j < dims; j++) {
    largest = fabs(point[j]) > largest ? fabs(point[j]) : largest;
  }
  if (!(largest >= KM_LEAST_LENGTH)) {
    return 0;
  }
  frexp(largest, &exponent);
  double one = ldexp(1, -exponent);
  for (size_t j = 0; j < dims; j++) {
    double value = point[j] * one;
    km_sum_add(&squares, value * value);
  }
  double squared = km_sum_value(&squares);
  return fabs(squared / one / one - 1) <= 0x1p-49 ? 1 : one / sqrt(squared);
}

/* What is gathered about one column. */
typedef struct column {
  double least;
  double most;
  double one; /* the power of two that brings the largest magnitude to about 1 */
  double mean;
  size_t count; /* rows with a value */
  km_sum sum;
} column;

/* Finds ranges, counts and means of all columns, over the values that are not NaN. */
static km_status measure_columns(const km_dataset *data, km_hooks *hooks, double *room,
                                 column *columns) {
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims; j++) {
    columns[j] = (column){.least = INFINITY, .most = -INFINITY};
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      columns[j].least = row[j] < columns[j].least ? row[j] : columns[j].least;
      columns[j].most = row[j] > columns[j].most ? row[j] : columns[j].most;
    }
    status = km_tick(hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    int exponent;
    frexp(fmax(fabs(columns[j].least), fabs(columns[j].most)), &exponent);
    columns[j].one = ldexp(1, exponent < -1000 ? 1000 : -exponent);
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      if (!isnan(row[j])) {
        columns[j].count++;
        km_sum_add(&columns[j].sum, row[j] * columns[j].one);
      }
    }
    status = km_tick(hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    if (columns[j].count > 0) {
      columns[j].mean = km_sum_mean(&columns[j].sum, columns[j].count) / columns[j].one;
    }
  }
  return status;
}

/* The population standard deviations, to `spread`; the means are known. */
static km_status measure_deviations(const km_dataset *data, km_hooks *hooks, double *room,
                                    column *columns, double *spread) {
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims; j++) {
    columns[j].sum = (km_sum){0, 0};
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      double difference = (row[j] - columns[j].mean) * columns[j].one;
      km_sum_add(&columns[j].sum, difference * difference);
    }
    status = km_tick(hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    spread[j] = sqrt(km_sum_mean(&columns[j].sum, data->rows.count)) / columns[j].one;
  }
  return status;
}

static double value_at(const km_chunks *sorted, size_t i) {
  return *(const double *)km_chunks_at(sorted, i);
}

/* The quantile of sorted values as numpy takes it by default: between the two values around
** (n - 1) * share, in proportion, reckoned from the nearer one. */
static double quantile(const km_chunks *sorted, double share) {
  double place = (double)(sorted->count - 1) * share;
  size_t below = (size_t)place;
  double part = place - (double)below;
  double low = value_at(sorted, below);
  double high = value_at(sorted, below + 1 < sorted->count ? below + 1 : below);
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

/* Medians, and the distances between the quartiles. */
static km_status measure_quartiles(const km_dataset *data, km_hooks *hooks, double *middle,
                                   double *spread) {
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims && status == KM_OK; j++) {
    km_chunks values;
    km_chunks_init(&values, sizeof(double));
    status = km_chunks_fill(&values, hooks, data->rows.count);
    for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
      double room;
      *(double *)km_chunks_at(&values, i) = *km_dataset_part(data, i, j, 1, &room);
      status = km_tick(hooks, 8);
    }
    if (status == KM_OK) {
      status = km_sort_doubles(&values, hooks);
    }
    if (status == KM_OK) {
      middle[j] = quantile(&values, 0.5);
      spread[j] = quantile(&values, 0.75) - quantile(&values, 0.25);
    }
    km_chunks_clear(&values, hooks);
  }
  return status;
}

/* Shift and factor. A column without spread stays as it is, but for the shift. */
static km_status learn_scale(km_transform *transform, const km_dataset *data, km_hooks *hooks,
                             double *room, column *columns) {
  size_t dims = data->dims;
  km_status status = KM_OK;
  transform->shift = km_allocate(hooks, dims, sizeof *transform->shift);
  transform->factor = km_allocate(hooks, dims, sizeof *transform->factor);
  if (!transform->shift || !transform->factor) {
    return KM_NOMEM;
  }
  for (size_t j = 0; j < dims; j++) {
    transform->shift[j] = transform->scale == KM_SCALE_MINMAX ? columns[j].least : columns[j].mean;
    transform->factor[j] = columns[j].most - columns[j].least;
  }
  if (transform->scale == KM_SCALE_STANDARD) {
    status = measure_deviations(data, hooks, room, columns, transform->factor);
  } else if (transform->scale == KM_SCALE_ROBUST) {
    status = measure_quartiles(data, hooks, transform->shift, transform->factor);
  }
  for (size_t j = 0; j < dims && status == KM_OK; j++) {
    double spread = transform->factor[j];
    transform->factor[j] = spread >= KM_LEAST_LENGTH ? 1 / spread : 1;
  }
  return status;
}

static km_status learn_means(km_transform *transform, const km_dataset *data, km_hooks *hooks,
                             const column *columns, size_t *at) {
  transform->impute = km_allocate(hooks, data->dims, sizeof *transform->impute);
  if (!transform->impute) {
    return KM_NOMEM;
  }
  for (size_t j = 0; j < data->dims; j++) {
    transform->impute[j] = columns[j].mean;
    if (columns[j].count == 0) {
      *at = j;
      return KM_NO_VALUE;
    }
  }
  return KM_OK;
}

/* A scale is that of the data as the clustering sees it: with the means in place. They are no reason
** to measure the columns twice: least, most and mean stay what they are. */
km_status km_transform_learn(km_transform *transform, const km_view *view, km_dataset *data,
                             km_hooks *hooks, size_t *at) {
  km_status status = KM_OK;
  memset(transform, 0, sizeof *transform);
  transform->scale = view->scale;
  transform->metric = view->metric;
  km_dataset_unsee(data, hooks);
  if (view->scale == KM_SCALE_NONE && !view->impute) {
    return KM_OK;
  }
  column *columns = km_allocate(hooks, data->dims, sizeof *columns);
  double *room = km_allocate(hooks, data->dims, sizeof *room);
  status = columns && room ? measure_columns(data, hooks, room, columns) : KM_NOMEM;
  if (status == KM_OK && view->impute) {
    status = learn_means(transform, data, hooks, columns, at);
  }
  if (status == KM_OK && view->scale != KM_SCALE_NONE) {
    km_transform imputed = {.impute = transform->impute};
    status = km_dataset_see(data, hooks, view->impute ? &imputed : NULL, at);
    if (status == KM_OK) {
      status = learn_scale(transform, data, hooks, room, columns);
    }
    km_dataset_unsee(data, hooks);
  }
  km_release(hooks, columns);
  km_release(hooks, room);
  return status;
}
