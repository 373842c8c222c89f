#include "core/moments.h"

#include <math.h>
#include <string.h>

#include "simd/kernels.h"
#include "simd/sum.h"

/* How many rows are taken at a time. */
#define STRETCH 8

/* What coordinates are multiplied by where their sum would overflow: 2^40 of the largest do not. */
#define HEADROOM 0x1p-40

typedef struct moments {
  const km_dataset *data;
  km_hooks *hooks;
  double *high; /* sums, by column, of the terms and of what rounding took from them */
  double *low;
  double *unit; /* by column, the power of two that differences are multiplied by */
  double *room; /* STRETCH rows */
} moments;

/* Up to STRETCH rows from row i on, times a power of two; returns how many. */
static size_t take_rows(const moments *m, size_t i, double factor, const double **row) {
  size_t dims = m->data->dims;
  size_t left = m->data->rows.count - i;
  size_t count = left < STRETCH ? left : STRETCH;
  for (size_t r = 0; r < count; r++) {
    row[r] = km_dataset_row(m->data, i + r, m->room + r * dims);
    if (factor != 1) {
      for (size_t j = 0; j < dims; j++) {
        m->room[r * dims + j] = row[r][j] * factor;
      }
      row[r] = m->room + r * dims;
    }
  }
  return count;
}

static void forget_sums(const moments *m) {
  memset(m->high, 0, m->data->dims * sizeof *m->high);
  memset(m->low, 0, m->data->dims * sizeof *m->low);
}

/* The means; *finite tells whether no sum overflowed. */
static km_status find_means(const moments *m, double factor, double *means, int *finite) {
  const km_kernels *kernels = km_kernels_best();
  const double *row[STRETCH];
  size_t n = m->data->rows.count;
  size_t dims = m->data->dims;
  size_t count;
  km_status status = KM_OK;
  forget_sums(m);
  for (size_t i = 0; i < n && status == KM_OK; i += count) {
    count = take_rows(m, i, factor, row);
    kernels->sum(m->high, m->low, row, count, dims);
    status = km_tick(m->hooks, 2 * count * dims);
  }
  *finite = 1;
  for (size_t j = 0; j < dims; j++) {
    km_sum sum = {m->high[j], m->low[j]};
    means[j] = km_sum_mean(&sum, n) / factor;
    *finite &= isfinite(means[j]) != 0;
  }
  return status;
}

/* Adds the squared differences of the rows from the means, each times its column's unit. */
static void add_squares(const moments *m, const double *const *row, size_t count,
                        const double *means) {
  for (size_t j = 0; j < m->data->dims; j++) {
    km_sum sum = {m->high[j], m->low[j]};
    double unit = m->unit[j];
    double mean = means[j];
    double squares = 0;
    for (size_t r = 0; r < count; r++) {
      double difference = (row[r][j] - mean) * unit;
      squares += difference * difference;
    }
    km_sum_add(&sum, squares);
    m->high[j] = sum.high;
    m->low[j] = sum.low;
  }
}

/* The deviations; *sure tells whether no square can have overflowed or vanished. */
static km_status find_deviations(const moments *m, const double *means, double *deviations,
                                 int *sure) {
  const double *row[STRETCH];
  size_t n = m->data->rows.count;
  size_t dims = m->data->dims;
  size_t count;
  km_status status = KM_OK;
  forget_sums(m);
  for (size_t i = 0; i < n && status == KM_OK; i += count) {
    count = take_rows(m, i, 1, row);
    add_squares(m, row, count, means);
    status = km_tick(m->hooks, 2 * count * dims);
  }
  *sure = 1;
  for (size_t j = 0; j < dims; j++) {
    double squares = m->high[j] + m->low[j];
    /* Numbers that are as large as this differ by enough, or not at all. */
    int same = squares == 0 && fabs(means[j]) > 0x1p-400;
    *sure &= same || (squares > 0x1p-800 && squares <= 0x1p1000);
    deviations[j] = sqrt(squares / (double)n) / m->unit[j];
  }
  return status;
}

/* Finds units that bring each column near 1. */
static km_status find_units(const moments *m) {
  const double *row[STRETCH];
  size_t dims = m->data->dims;
  size_t count;
  km_status status = KM_OK;
  memset(m->unit, 0, dims * sizeof *m->unit);
  for (size_t i = 0; i < m->data->rows.count && status == KM_OK; i += count) {
    count = take_rows(m, i, 1, row);
    for (size_t r = 0; r < count; r++) {
      for (size_t j = 0; j < dims; j++) {
        double magnitude = fabs(row[r][j]);
        m->unit[j] = magnitude > m->unit[j] ? magnitude : m->unit[j];
      }
    }
    status = km_tick(m->hooks, count * dims);
  }
  for (size_t j = 0; j < dims; j++) {
    int exponent = 0;
    frexp(m->unit[j], &exponent);
    m->unit[j] = ldexp(1, exponent < -1000 ? 1000 : -exponent);
  }
  return status;
}

/* Tries as if numbers were of a usual size, and mends what comes of it if they are not. */
static km_status find(const moments *m, double *means, double *deviations) {
  int fine;
  for (size_t j = 0; j < m->data->dims; j++) {
    m->unit[j] = 1;
  }
  km_status status = find_means(m, 1, means, &fine);
  if (status == KM_OK && !fine) {
    status = find_means(m, HEADROOM, means, &fine);
  }
  if (status == KM_OK) {
    status = find_deviations(m, means, deviations, &fine);
  }
  if (status == KM_OK && !fine) {
    status = find_units(m);
    if (status == KM_OK) {
      status = find_deviations(m, means, deviations, &fine);
    }
  }
  return status;
}

km_status km_moments(const km_dataset *data, km_hooks *hooks, double *means, double *deviations) {
  moments m = {.data = data, .hooks = hooks};
  km_status status = KM_NOMEM;
  m.high = km_allocate(hooks, data->dims, (3 + STRETCH) * sizeof *m.high);
  if (m.high) {
    m.low = m.high + data->dims;
    m.unit = m.low + data->dims;
    m.room = m.unit + data->dims;
    status = find(&m, means, deviations);
  }
  km_release(hooks, m.high);
  return status;
}

double km_weighted_mean(const double *numbers, size_t stride, const double *weights, size_t k) {
  km_sum sum = {0, 0};
  double total = 0;
  for (size_t c = 0; c < k; c++) {
    total += weights[c];
    km_sum_add(&sum, weights[c] * numbers[c * stride]);
  }
  double mean = km_sum_value(&sum) / total;
  if (isfinite(mean) || !(total > 0)) {
    return mean;
  }
  sum = (km_sum){0, 0}; /* it overflowed */
  for (size_t c = 0; c < k; c++) {
    km_sum_add(&sum, weights[c] / total * numbers[c * stride]);
  }
  return km_sum_value(&sum);
}
