#include "core/line_points.h"

#include <math.h>
#include <string.h>

#include "core/sort.h"
#include "core/weights.h"

/* The sums over weights have to be exact, for small differences are taken from them. Where weights are
** not whole they are rounded to 52 bits of the most that they can be together; Lloyd's iterations,
** which follow, take them as they are. */
static km_status prepare_weights(km_line_points *points, const km_dataset *data, double *unit) {
  km_weights weights;
  int exponent;
  km_status status = km_weights_measure(data, points->hooks, &weights);
  frexp((double)data->rows.count, &exponent);
  *unit = weights.whole ? 1 : weights.unit;
  points->weight_unit = weights.whole ? 1 : ldexp(1, 52 - exponent);
  km_chunks_init(&points->values, 2 * sizeof(double));
  return status;
}

/* The weight of value i, a whole number. */
static double copies_of(const km_line_points *points, size_t i) {
  double weight = ((const double *)km_chunks_at(&points->values, i))[1];
  return fmax(1, nearbyint(weight * points->weight_unit));
}

/* Reads and sorts the values. */
static km_status read_values(km_line_points *points, const km_dataset *data) {
  size_t n = data->rows.count;
  double unit = 1;
  km_status status = KM_OK;
  if (km_dataset_weighted(data)) {
    status = prepare_weights(points, data, &unit);
  }
  if (status == KM_OK) {
    status = km_chunks_fill(&points->values, points->hooks, n);
  }
  for (size_t i = 0; i < n && status == KM_OK; i++) {
    double *value = km_chunks_at(&points->values, i);
    km_dataset_copy(data, i, value);
    if (km_dataset_weighted(data)) {
      value[1] = fmax(km_dataset_weight(data, i) * unit, 0x1p-900);
    }
    status = km_tick(points->hooks, 1);
  }
  if (status == KM_OK) {
    status = km_sort_doubles(&points->values, points->hooks);
  }
  return status;
}

/* Adds the `copies` values equal to `value` to what is known at `last`. */
static km_line_position after(const km_line_position *last, double value, double copies,
                              double median) {
  km_twice weight = {copies, 0};
  km_twice offset = km_twice_sum(value, -median);
  km_twice sum = km_twice_multiply(offset, weight);
  km_line_position next;
  memset(&next, 0, sizeof next);
  next.weight = last->weight + copies;
  next.sum = km_twice_add(last->sum, sum);
  next.square = km_twice_add(last->square, km_twice_multiply(sum, offset));
  return next;
}

/* The value in the middle. */
static km_status find_median(const km_line_points *points, double *median) {
  size_t n = points->values.count;
  size_t i = n / 2;
  km_status status = KM_OK;
  if (km_line_weighted(points)) {
    double total = 0;
    double sum = 0;
    for (i = 0; i < n && status == KM_OK; i++) {
      total += copies_of(points, i);
      status = km_tick(points->hooks, 1);
    }
    for (i = 0; sum += copies_of(points, i), sum <= total / 2 && status == KM_OK; i++) {
      status = km_tick(points->hooks, 1);
    }
  }
  *median = km_line_value(points, i);
  return status;
}

/* Notes that `index` values come before the next position. */
static km_status push_end(km_line_points *points, size_t index) {
  size_t *end = km_chunks_push(&points->ends, points->hooks);
  if (!end) {
    return KM_NOMEM;
  }
  *end = index;
  return KM_OK;
}

/* Fills points->positions from the sorted values. */
static km_status sum_up(km_line_points *points) {
  size_t n = points->values.count;
  size_t end = 0;
  double median;
  km_status status = find_median(points, &median);
  median *= points->unit;
  km_line_position now;
  memset(&now, 0, sizeof now);
  for (size_t i = 0; status == KM_OK; i = end) {
    km_line_position *place = km_chunks_push(&points->positions, points->hooks);
    if (!place) {
      return KM_NOMEM;
    }
    *place = now;
    if (km_line_weighted(points)) {
      status = push_end(points, i);
    }
    if (i == n || status != KM_OK) {
      break;
    }
    double value = km_line_value(points, i);
    double copies = km_line_weighted(points) ? copies_of(points, i) : 1;
    for (end = i + 1; end < n && km_line_value(points, end) == value; end++) {
      copies += km_line_weighted(points) ? copies_of(points, end) : 1;
    }
    now = after(&now, value * points->unit, copies, median);
    status = km_tick(points->hooks, 8 + (end - i));
  }
  return status;
}

km_status km_line_points_init(km_line_points *points, const km_dataset *data, km_hooks *hooks,
                              double unit) {
  memset(points, 0, sizeof *points);
  points->hooks = hooks;
  points->unit = unit;
  km_chunks_init(&points->values, sizeof(double));
  km_chunks_init(&points->positions, sizeof(km_line_position));
  km_chunks_init(&points->ends, sizeof(size_t));
  km_status status = read_values(points, data);
  return status == KM_OK ? sum_up(points) : status;
}

void km_line_points_clear(km_line_points *points) {
  km_chunks_clear(&points->ends, points->hooks);
  km_chunks_clear(&points->positions, points->hooks);
  km_chunks_clear(&points->values, points->hooks);
}
