#include "core/moments.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "simd/kernels.h"
#include "simd/sum.h"
#include "core/weights.h"

/* How many rows are taken at a time. */
#define STRETCH 8

/* Narrow rows are taken several at once, as one row of about this many columns: sums of neighbours do
** not wait for each other. */
#define WIDE 16

/* What coordinates are multiplied by where their sum would overflow: 2^40 of the largest do not. */
#define HEADROOM 0x1p-40

/* Equal directions of rows that are not equal differ by less. */
#define ROUNDING 0x1p-50

typedef struct moments {
  const km_dataset *data;
  km_hooks *hooks;
  size_t fold;  /* rows that are taken as one */
  size_t width; /* fold * dims: its columns */
  double *high; /* sums by column of such a row, and what rounding took from them */
  double *low;
  double *mean; /* of the column */
  double *unit; /* the power of two that differences from it are multiplied by */
  double *room; /* STRETCH rows */
  km_weights weights;
  km_sum total; /* of the weights, times weights.unit; the number of rows without */
} moments;

/* Rows as they are taken: count of them, width columns each. */
typedef struct stretch {
  const double *row[STRETCH];
  size_t first; /* row of the data */
  size_t count;
  size_t width;
} stretch;

/* Takes rows from row i on, times a power of two; returns how many rows of the data they are. */
static size_t take_rows(const moments *m, size_t i, double factor, stretch *rows) {
  size_t dims = m->data->dims;
  size_t run = km_chunks_run(&m->data->rows, i);
  size_t fold = run >= m->fold ? m->fold : 1;
  rows->count = run / fold < STRETCH ? run / fold : STRETCH;
  rows->width = fold * dims;
  rows->first = i;
  for (size_t r = 0; r < rows->count; r++) {
    double *room = m->room + r * rows->width;
    rows->row[r] = km_dataset_row(m->data, i + r * fold, room);
    if (factor != 1) {
      for (size_t j = 0; j < rows->width; j++) {
        room[j] = rows->row[r][j] * factor;
      }
      rows->row[r] = room;
    }
  }
  return rows->count * fold;
}

typedef void (*adder)(const moments *m, const stretch *rows);

/* Goes through all rows, adding up. */
static km_status add_up(const moments *m, double factor, adder add) {
  km_status status = KM_OK;
  size_t taken;
  memset(m->high, 0, m->width * sizeof *m->high);
  memset(m->low, 0, m->width * sizeof *m->low);
  for (size_t i = 0; i < m->data->rows.count && status == KM_OK; i += taken) {
    stretch rows;
    taken = take_rows(m, i, factor, &rows);
    add(m, &rows);
    status = km_tick(m->hooks, 2 * rows.count * rows.width);
  }
  return status;
}

/* The weight of a row that was taken. */
static double weight_of(const moments *m, const stretch *rows, size_t r) {
  return km_dataset_weight(m->data, rows->first + r) * m->weights.unit;
}

/* Adds up `count` rows of terms, each times its weight. */
static void add_rows(const moments *m, const stretch *rows, const double *const *term) {
  if (!km_dataset_weighted(m->data)) {
    km_kernels_best()->sum(m->high, m->low, term, rows->count, rows->width);
    return;
  }
  for (size_t r = 0; r < rows->count; r++) {
    double weight = weight_of(m, rows, r);
    for (size_t j = 0; j < rows->width; j++) {
      km_sum sum = {m->high[j], m->low[j]};
      km_sum_add_product(&sum, weight, term[r][j]);
      m->high[j] = sum.high;
      m->low[j] = sum.low;
    }
  }
}

static void add_terms(const moments *m, const stretch *rows) {
  add_rows(m, rows, rows->row);
}

/* Squared differences from the means, each times its column's unit. They are added one by one, so that
** it makes no difference which rows are taken together. */
static void add_squares(const moments *m, const stretch *rows) {
  const double *square[STRETCH];
  for (size_t r = 0; r < rows->count; r++) {
    double *room = m->room + r * rows->width;
    for (size_t j = 0; j < rows->width; j++) {
      double difference = (rows->row[r][j] - m->mean[j]) * m->unit[j];
      room[j] = difference * difference;
    }
    square[r] = room;
  }
  add_rows(m, rows, square);
}

/* The largest magnitudes, in `high`. */
static void add_magnitudes(const moments *m, const stretch *rows) {
  for (size_t r = 0; r < rows->count; r++) {
    for (size_t j = 0; j < rows->width; j++) {
      double magnitude = fabs(rows->row[r][j]);
      m->high[j] = magnitude > m->high[j] ? magnitude : m->high[j];
    }
  }
}

/* What column j of the data adds up to. */
static km_sum column_sum(const moments *m, size_t j) {
  km_sum sum = {m->high[j], m->low[j]};
  for (size_t other = j + m->data->dims; other < m->width; other += m->data->dims) {
    km_sum part = {m->high[other], m->low[other]};
    km_sum_merge(&sum, &part);
  }
  return sum;
}

static void spread(const moments *m, double *columns, size_t j, double value) {
  for (; j < m->width; j += m->data->dims) {
    columns[j] = value;
  }
}

/* The means; *finite tells whether no sum overflowed. */
static km_status find_means(const moments *m, double factor, double *means, int *finite) {
  km_status status = add_up(m, factor, add_terms);
  *finite = 1;
  for (size_t j = 0; j < m->data->dims; j++) {
    km_sum sum = column_sum(m, j);
    means[j] = km_sum_ratio(&sum, &m->total) / factor;
    *finite &= isfinite(means[j]) != 0;
    spread(m, m->mean, j, means[j]);
  }
  return status;
}

/* The deviations; *sure tells whether no square can have overflowed or vanished. */
static km_status find_deviations(const moments *m, double *deviations, int *sure) {
  km_status status = add_up(m, 1, add_squares);
  *sure = 1;
  for (size_t j = 0; j < m->data->dims; j++) {
    km_sum sum = column_sum(m, j);
    double squares = km_sum_value(&sum);
    /* Numbers that are as large as this differ by enough, or not at all. */
    int same = squares == 0 && fabs(m->mean[j]) > 0x1p-400;
    *sure &= same || (squares > 0x1p-800 && squares <= 0x1p1000);
    deviations[j] = sqrt(squares / km_sum_value(&m->total)) / m->unit[j];
  }
  return status;
}

/* Finds units that bring each column near 1. */
static km_status find_units(const moments *m) {
  km_status status = add_up(m, 1, add_magnitudes);
  for (size_t j = 0; j < m->data->dims; j++) {
    double largest = 0;
    for (size_t other = j; other < m->width; other += m->data->dims) {
      largest = fmax(largest, m->high[other]);
    }
    spread(m, m->unit, j, km_one_for(largest));
  }
  return status;
}

/* Tries as if numbers were of a usual size, and mends what comes of it if they are not. */
static km_status find(const moments *m, double *means, double *deviations) {
  int fine;
  km_status status = find_means(m, 1, means, &fine);
  if (status == KM_OK && !fine) {
    status = find_means(m, HEADROOM, means, &fine);
  }
  if (status == KM_OK) {
    status = find_deviations(m, deviations, &fine);
  }
  if (status == KM_OK && !fine) {
    status = find_units(m);
    if (status == KM_OK) {
      status = find_deviations(m, deviations, &fine);
    }
  }
  return status;
}

static km_status sum_weights(moments *m) {
  km_status status = km_weights_measure(m->data, m->hooks, &m->weights);
  m->total = (km_sum){0, 0};
  for (size_t i = 0; i < m->data->rows.count && status == KM_OK; i++) {
    km_sum_add(&m->total, km_dataset_weight(m->data, i) * m->weights.unit);
    status = km_tick(m->hooks, 4);
  }
  return status;
}

/* Makes room to go through the data. `end` is due in any case. */
static km_status begin(moments *m, const km_dataset *data, km_hooks *hooks) {
  /* Rows that are handed out where they are lie one after the other. */
  int folds = data->direct && data->dims < WIDE && !km_dataset_weighted(data);
  size_t fold = folds ? WIDE / data->dims : 1;
  *m = (moments){.data = data, .hooks = hooks, .fold = fold, .width = fold * data->dims};
  m->total = (km_sum){(double)data->rows.count, 0};
  km_status status = km_dataset_weighted(data) ? sum_weights(m) : KM_OK;
  m->high = km_allocate(hooks, m->width, (4 + STRETCH) * sizeof *m->high);
  if (!m->high) {
    return KM_NOMEM;
  }
  m->low = m->high + m->width;
  m->mean = m->low + m->width;
  m->unit = m->mean + m->width;
  m->room = m->unit + m->width;
  for (size_t j = 0; j < m->width; j++) {
    m->unit[j] = 1;
  }
  return status;
}

static void end(moments *m) {
  km_release(m->hooks, m->high);
}

km_status km_moments(const km_dataset *seen, km_hooks *hooks, double *means, double *deviations) {
  km_transform unscaled = {.metric = km_dataset_metric(seen)};
  km_dataset rows = *seen;
  moments m;
  if (seen->transform) {
    unscaled.impute = seen->transform->impute;
    rows.transform = &unscaled;
    rows.direct = seen->element == KM_DOUBLE && !unscaled.impute && unscaled.metric != KM_COSINE;
  }
  km_status status = begin(&m, &rows, hooks);
  if (status == KM_OK) {
    status = find(&m, means, deviations);
  }
  for (size_t j = 0; status == KM_OK && unscaled.metric == KM_COSINE && j < seen->dims; j++) {
    deviations[j] = deviations[j] < ROUNDING ? 0 : deviations[j];
  }
  end(&m);
  return status;
}

km_status km_mean_variance(const km_dataset *data, km_hooks *hooks, double unit,
                           double *mean_variance) {
  moments m;
  km_sum total = {0, 0};
  km_status status = begin(&m, data, hooks);
  if (status == KM_OK) {
    status = add_up(&m, unit, add_terms);
  }
  for (size_t j = 0; j < data->dims && status == KM_OK; j++) {
    km_sum sum = column_sum(&m, j);
    spread(&m, m.mean, j, km_sum_ratio(&sum, &m.total));
  }
  if (status == KM_OK) {
    status = add_up(&m, unit, add_squares);
  }
  for (size_t j = 0; j < data->dims && status == KM_OK; j++) {
    km_sum sum = column_sum(&m, j);
    km_sum_merge(&total, &sum);
  }
  if (status == KM_OK) {
    *mean_variance = km_sum_value(&total) / km_sum_value(&m.total) / (double)data->dims;
  }
  end(&m);
  return status;
}

/* In units of a power of two by the heaviest weight, which may be as large or as small as numbers are. */
double km_weighted_mean(const double *numbers, size_t stride, const double *weights, size_t k) {
  km_sum sum = {0, 0};
  double heaviest = 0;
  double total = 0;
  int exponent = 0;
  for (size_t c = 0; c < k; c++) {
    heaviest = fmax(heaviest, weights[c]);
  }
  if (!(heaviest > 0)) {
    return NAN;
  }
  frexp(heaviest, &exponent);
  for (size_t c = 0; c < k; c++) {
    double weight = ldexp(weights[c], -exponent);
    total += weight;
    km_sum_add(&sum, weight * numbers[c * stride]);
  }
  double mean = km_sum_value(&sum) / total;
  if (isfinite(mean)) {
    return mean;
  }
  sum = (km_sum){0, 0}; /* it overflowed */
  for (size_t c = 0; c < k; c++) {
    km_sum_add(&sum, ldexp(weights[c], -exponent) / total * numbers[c * stride]);
  }
  return km_sum_value(&sum);
}
