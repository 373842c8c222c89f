#include "core/transform.h"

#include <math.h>
#include <string.h>

#include "core/dataset.h"
#include "core/distance.h"
#include "core/quantiles.h"
#include "core/weights.h"
#include "simd/kernels.h"
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
#define DIRECTION_LANES 8 /* sums that do not wait for each other */

double km_direction(const double *point, size_t dims) {
  km_sum lane[DIRECTION_LANES] = {{0, 0}};
  double largest = km_kernels_best()->largest(point, dims);
  if (!(largest >= KM_LEAST_LENGTH)) {
    return 0;
  }
  double one = km_one_for(largest);
  for (size_t j = 0; j < dims; j++) {
    double value = point[j] * one;
    km_sum_add(&lane[j % DIRECTION_LANES], value * value);
  }
  for (size_t l = 1; l < DIRECTION_LANES; l++) {
    km_sum_merge(&lane[0], &lane[l]);
  }
  double squared = km_sum_value(&lane[0]);
  return fabs(squared / one / one - 1) <= 0x1p-49 ? 1 : one / sqrt(squared);
}

/* What is gathered about one column. */
typedef struct column {
  double least;
  double most;
  double one; /* the power of two that brings the largest magnitude to about 1 */
  double mean;
  km_sum sum;
  km_sum weight; /* of the rows with a value */
} column;

/* Data that is measured: rows count by their weight. Where all weights are 0, nothing is fitted: any
** answer will do, and it is that without weights. */
typedef struct measure {
  const km_dataset *data;
  km_hooks *hooks;
  km_weights weights;
  int weighted;
  double *room;    /* a row */
  column *columns; /* dims */
} measure;

/* The weight of a row, times weights.unit; 1 without weights. */
static double weight_of(const measure *m, size_t i) {
  return m->weighted ? km_dataset_weight(m->data, i) * m->weights.unit : 1;
}

static void add_value(column *to, double value, double weight) {
  if (weight == 1) {
    km_sum_add(&to->sum, value);
  } else {
    km_sum_add_product(&to->sum, weight, value);
  }
}

/* Finds ranges and means of all columns, over the values that are not NaN. */
static km_status measure_columns(const measure *m) {
  const km_dataset *data = m->data;
  column *columns = m->columns;
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims; j++) {
    columns[j] = (column){.least = INFINITY, .most = -INFINITY};
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, m->room);
    for (size_t j = 0; j < data->dims && weight_of(m, i) > 0; j++) {
      columns[j].least = row[j] < columns[j].least ? row[j] : columns[j].least;
      columns[j].most = row[j] > columns[j].most ? row[j] : columns[j].most;
    }
    status = km_tick(m->hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    columns[j].one = km_one_for(fmax(fabs(columns[j].least), fabs(columns[j].most)));
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, m->room);
    double weight = weight_of(m, i);
    for (size_t j = 0; j < data->dims && weight > 0; j++) {
      if (!isnan(row[j])) {
        km_sum_add(&columns[j].weight, weight);
        add_value(&columns[j], row[j] * columns[j].one, weight);
      }
    }
    status = km_tick(m->hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    if (columns[j].weight.high > 0) {
      columns[j].mean = km_sum_ratio(&columns[j].sum, &columns[j].weight) / columns[j].one;
    }
  }
  return status;
}

/* The population standard deviations, to `spread`; the means are known. */
static km_status measure_deviations(const measure *m, double *spread) {
  const km_dataset *data = m->data;
  column *columns = m->columns;
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims; j++) {
    columns[j].sum = columns[j].weight = (km_sum){0, 0};
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, m->room);
    double weight = weight_of(m, i);
    for (size_t j = 0; j < data->dims && weight > 0; j++) {
      double difference = (row[j] - columns[j].mean) * columns[j].one;
      km_sum_add(&columns[j].weight, weight);
      add_value(&columns[j], difference * difference, weight);
    }
    status = km_tick(m->hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    spread[j] = sqrt(km_sum_ratio(&columns[j].sum, &columns[j].weight)) / columns[j].one;
  }
  return status;
}

/* Medians, and the distances between the quartiles. */
static km_status measure_quartiles(const measure *m, double *middle, double *spread) {
  km_status status = KM_OK;
  for (size_t j = 0; j < m->data->dims && status == KM_OK; j++) {
    km_quantiles quantiles;
    status = km_quantiles_init(&quantiles, m->data, m->hooks, m->weighted ? &m->weights : NULL, j);
    if (status == KM_OK) {
      middle[j] = km_quantile(&quantiles, 0.5);
      spread[j] = km_quantile(&quantiles, 0.75) - km_quantile(&quantiles, 0.25);
    }
    km_quantiles_clear(&quantiles, m->hooks);
  }
  return status;
}

/* Sets the scale of a column without one, and of codes. */
static void leave_column(km_transform *transform, const km_view *view, size_t j) {
  transform->shift[j] = 0;
  transform->factor[j] = view->is_code && view->is_code[j] ? KM_CODE_FACTOR : 1;
}

/* Shift and factor. A column without spread stays as it is, but for the shift. */
static km_status learn_scale(km_transform *transform, const km_view *view, const measure *m) {
  const column *columns = m->columns;
  size_t dims = m->data->dims;
  km_status status = KM_OK;
  transform->shift = km_allocate(m->hooks, dims, sizeof *transform->shift);
  transform->factor = km_allocate(m->hooks, dims, sizeof *transform->factor);
  if (!transform->shift || !transform->factor) {
    return KM_NOMEM;
  }
  for (size_t j = 0; j < dims; j++) {
    transform->shift[j] = transform->scale == KM_SCALE_MINMAX ? columns[j].least : columns[j].mean;
    transform->factor[j] = columns[j].most - columns[j].least;
  }
  if (transform->scale == KM_SCALE_STANDARD) {
    status = measure_deviations(m, transform->factor);
  } else if (transform->scale == KM_SCALE_ROBUST) {
    status = measure_quartiles(m, transform->shift, transform->factor);
  }
  for (size_t j = 0; j < dims && status == KM_OK; j++) {
    double spread = transform->factor[j];
    transform->factor[j] = spread >= KM_LEAST_LENGTH ? 1 / spread : 1;
    if (view->scale == KM_SCALE_NONE || (view->is_code && view->is_code[j])) {
      leave_column(transform, view, j);
    }
  }
  return status;
}

static km_status learn_means(km_transform *transform, const measure *m, size_t *at) {
  transform->impute = km_allocate(m->hooks, m->data->dims, sizeof *transform->impute);
  if (!transform->impute) {
    return KM_NOMEM;
  }
  for (size_t j = 0; j < m->data->dims; j++) {
    transform->impute[j] = m->columns[j].mean;
    if (m->columns[j].weight.high == 0) {
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
  if (view->scale == KM_SCALE_NONE && !view->impute && !view->is_code) {
    return KM_OK;
  }
  measure m = {.data = data, .hooks = hooks};
  m.columns = km_allocate(hooks, data->dims, sizeof *m.columns);
  m.room = km_allocate(hooks, data->dims, sizeof *m.room);
  status = m.columns && m.room ? km_weights_measure(data, hooks, &m.weights) : KM_NOMEM;
  m.weighted = m.weights.total > 0;
  if (status == KM_OK) {
    status = measure_columns(&m);
  }
  if (status == KM_OK && view->impute) {
    status = learn_means(transform, &m, at);
  }
  if (status == KM_OK && (view->scale != KM_SCALE_NONE || view->is_code)) {
    km_transform imputed = {.impute = transform->impute};
    status = km_dataset_see(data, hooks, view->impute ? &imputed : NULL, at);
    if (status == KM_OK) {
      status = learn_scale(transform, view, &m);
    }
    km_dataset_unsee(data, hooks);
  }
  km_release(hooks, m.columns);
  km_release(hooks, m.room);
  return status;
}
