/* km_moments: means and deviations of columns, against sums of differences from the first row. And
** km_mean_variance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/moments.h"
#include "core_hooks.h"
#include "oracle.h"
#include "points.h"

static void moments_of(const double *rows, size_t n, size_t dims, km_element element, double *means,
                       double *deviations) {
  core_hooks hooks;
  km_dataset data;
  core_hooks_init(&hooks);
  km_dataset_init(&data, dims, element);
  points_load(&data, rows, n, &hooks.hooks);
  assert_int_equal(km_moments(&data, &hooks.hooks, means, deviations), KM_OK);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void expect_near(double actual, double expected, double error) {
  if (!(fabs(actual - expected) <= error)) {
    fail_msg("%.17g, not %.17g", actual, expected);
  }
}

/* The oracle: exact enough where rows are within 2^40 of the first one. */
static void check(const double *rows, size_t n, size_t dims) {
  double *means = points_memory(1, dims);
  double *deviations = points_memory(1, dims);
  moments_of(rows, n, dims, KM_DOUBLE, means, deviations);
  for (size_t j = 0; j < dims; j++) {
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
      sum += rows[i * dims + j] - rows[j];
    }
    double shift = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
      double difference = rows[i * dims + j] - rows[j] - shift;
      squares += difference * difference;
    }
    double deviation = sqrt(squares / (double)n);
    expect_near(means[j], rows[j] + shift, 1e-12 * deviation + 4e-16 * fabs(rows[j]));
    /* The mean is rounded to a double: beside a large offset that shows. */
    expect_near(deviations[j], deviation, 1e-12 * deviation + 4e-16 * fabs(rows[j]));
  }
  free(means);
  free(deviations);
}

static void agrees_with_the_oracle(void **state) {
  (void)state;
  points_random random = {1};
  static const size_t shapes[][2] = {{1, 1}, {2, 3}, {7, 2}, {8, 5}, {9, 1}, {1000, 4}, {5000, 17}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    for (points_kind kind = 0; kind < POINTS_KINDS; kind++) {
      double *rows = points_memory(shapes[s][0], shapes[s][1]);
      points_fill(rows, shapes[s][0], shapes[s][1], kind, &random);
      check(rows, shapes[s][0], shapes[s][1]);
      free(rows);
    }
  }
}

static void known_values(void **state) {
  (void)state;
  const double rows[] = {2, 1.7e9 + 2, 4, 1.7e9 + 4, 4, 1.7e9 + 4, 4, 1.7e9 + 4,
                         5, 1.7e9 + 5, 5, 1.7e9 + 5, 7, 1.7e9 + 7, 9, 1.7e9 + 9};
  double means[2];
  double deviations[2];
  moments_of(rows, 8, 2, KM_DOUBLE, means, deviations);
  assert_true(means[0] == 5 && deviations[0] == 2);
  assert_true(means[1] == 1.7e9 + 5 && deviations[1] == 2);
}

static void floats_are_as_doubles(void **state) {
  (void)state;
  double rows[33 * 3];
  double means[2][3];
  double deviations[2][3];
  for (size_t v = 0; v < 33 * 3; v++) {
    rows[v] = (double)(v * v % 61) / 8;
  }
  moments_of(rows, 33, 3, KM_DOUBLE, means[0], deviations[0]);
  moments_of(rows, 33, 3, KM_FLOAT, means[1], deviations[1]);
  assert_memory_equal(means[0], means[1], sizeof means[0]);
  assert_memory_equal(deviations[0], deviations[1], sizeof deviations[0]);
}

/* A column of equal numbers has them as its mean, to the bit, and no deviation. */
static void constant_columns(void **state) {
  (void)state;
  const double values[] = {0, 0.1, -1.0 / 3, 1e300, -1e300, 1e-300, 5e-324, 1.7e9 + 0.3};
  double rows[1000];
  double mean;
  double deviation;
  for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
    for (size_t n = 1; n <= 1000; n = n * 3 + 1) {
      for (size_t i = 0; i < n; i++) {
        rows[i] = values[v];
      }
      moments_of(rows, n, 1, KM_DOUBLE, &mean, &deviation);
      assert_true(mean == values[v] && deviation == 0);
    }
  }
}

/* Numbers whose squares, or whose sum, are beyond double; beside usual ones and zeros. */
static void any_magnitude(void **state) {
  (void)state;
  static const double units[] = {1, 1e300 / 9, 1e200, 1e160, 1e-160, 1e-200, 1e-300};
  enum { N = 2000, UNITS = sizeof units / sizeof *units, DIMS = UNITS + 2 };
  double *rows = points_memory(N, DIMS);
  double means[DIMS];
  double deviations[DIMS];
  for (size_t i = 0; i < N; i++) {
    static const double pattern[] = {2, 4, 4, 4, 5, 5, 7, 9};
    for (size_t u = 0; u < UNITS; u++) {
      rows[i * DIMS + u] = pattern[i % 8] * units[u];
    }
    rows[i * DIMS + UNITS] = 0;
    rows[i * DIMS + UNITS + 1] = i % 2 ? 1e300 : -1e300;
  }
  moments_of(rows, N, DIMS, KM_DOUBLE, means, deviations);
  for (size_t u = 0; u < UNITS; u++) {
    expect_near(means[u] / units[u], 5, 1e-14);
    expect_near(deviations[u] / units[u], 2, 1e-14);
  }
  assert_true(means[UNITS] == 0 && deviations[UNITS] == 0);
  assert_true(means[UNITS + 1] == 0);
  expect_near(deviations[UNITS + 1] / 1e300, 1, 1e-14);
  free(rows);
}

/* Numbers of which two are too much for a sum. */
static void sums_beyond_double(void **state) {
  (void)state;
  for (size_t dims = 1; dims < 20; dims += 9) {
    double *rows = points_memory(40, dims);
    double *means = points_memory(1, dims);
    double *deviations = points_memory(1, dims);
    for (size_t v = 0; v < 40 * dims; v++) {
      rows[v] = v / dims % 2 ? 1.7e308 : 1.1e308;
    }
    moments_of(rows, 40, dims, KM_DOUBLE, means, deviations);
    for (size_t j = 0; j < dims; j++) {
      expect_near(means[j] / 1e308, 1.4, 1e-15);
      expect_near(deviations[j] / 1e307, 3, 1e-14);
    }
    free(rows);
    free(means);
    free(deviations);
  }
}

/* The definition, in two passes. */
static double mean_variance_of(const double *rows, size_t n, size_t dims) {
  double *column = points_memory(n, 1);
  double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    for (size_t i = 0; i < n; i++) {
      column[i] = rows[i * dims + j];
    }
    double mean = oracle_mean(column, NULL, n);
    for (size_t i = 0; i < n; i++) {
      column[i] = (column[i] - mean) * (column[i] - mean);
    }
    sum += oracle_mean(column, NULL, n);
  }
  free(column);
  return sum / (double)dims;
}

static void the_mean_variance(void **state) {
  (void)state;
  points_random random = {3};
  for (size_t t = 0; t < 100; t++) {
    core_hooks hooks;
    km_dataset data;
    double variance = -1;
    size_t n = 1 + points_below(&random, 300);
    size_t dims = 1 + points_below(&random, 6);
    double unit = t % 3 == 0 ? 0x1p-20 : 1;
    core_hooks_init(&hooks);
    double *rows =
        points_make(&data, n, dims, (points_kind)(t % POINTS_KINDS), &random, &hooks.hooks);
    double expected = mean_variance_of(rows, n, dims) * unit * unit;
    assert_int_equal(km_mean_variance(&data, &hooks.hooks, unit, &variance), KM_OK);
    /* The mean of equal numbers may be one bit off. */
    double last_bit = fabs(rows[0]) * unit * 0x1p-50;
    assert_true(fabs(variance - expected) <= 1e-12 * expected + last_bit * last_bit);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    free(rows);
  }
}

/* With cosine the moments are those of the rows divided by their lengths. */
static void directions(void **state) {
  enum { ROWS = 500, DIMS = 5 };
  static double rows[ROWS * DIMS];
  static double units[ROWS * DIMS];
  double means[2][DIMS];
  double deviations[2][DIMS];
  points_random random = {11};
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    double squares = 0;
    for (size_t j = 0; j < DIMS; j++) {
      rows[i * DIMS + j] = points_unit(&random) * 100 - 30;
      squares += rows[i * DIMS + j] * rows[i * DIMS + j];
    }
    for (size_t j = 0; j < DIMS; j++) {
      units[i * DIMS + j] = rows[i * DIMS + j] / sqrt(squares);
    }
  }
  for (int unit = 0; unit < 2; unit++) {
    static const km_transform cosine = {.metric = KM_COSINE};
    core_hooks hooks;
    km_dataset data;
    size_t at;
    core_hooks_init(&hooks);
    km_dataset_init(&data, DIMS, KM_DOUBLE);
    points_load(&data, unit ? units : rows, ROWS, &hooks.hooks);
    if (!unit) {
      assert_int_equal(km_dataset_see(&data, &hooks.hooks, &cosine, &at), KM_OK);
    }
    assert_int_equal(km_moments(&data, &hooks.hooks, means[unit], deviations[unit]), KM_OK);
    km_dataset_unsee(&data, &hooks.hooks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
  for (size_t j = 0; j < DIMS; j++) {
    expect_near(means[0][j], means[1][j], 1e-14);
    expect_near(deviations[0][j], deviations[1][j], 1e-14);
  }
}

static void faults(void **state) {
  (void)state;
  double means[8];
  double deviations[8];
  points_random random = {1};
  core_hooks hooks;
  km_dataset data;
  core_hooks_init(&hooks);
  free(points_make(&data, 40000, 8, POINTS_CONTINUOUS, &random, &hooks.hooks));
  size_t live = hooks.live;
  hooks.fail_at = hooks.allocations + 1;
  assert_int_equal(km_moments(&data, &hooks.hooks, means, deviations), KM_NOMEM);
  hooks.fail_at = 0;
  size_t polls = hooks.polls;
  assert_int_equal(km_moments(&data, &hooks.hooks, means, deviations), KM_OK);
  assert_true(hooks.polls >= polls + 8);
  hooks.cancel_at = hooks.polls + 3;
  assert_int_equal(km_moments(&data, &hooks.hooks, means, deviations), KM_CANCELLED);
  hooks.cancel_at = 0;
  hooks.fail_at = hooks.allocations + 1;
  assert_int_equal(km_mean_variance(&data, &hooks.hooks, 1, means), KM_NOMEM);
  hooks.fail_at = 0;
  core_hooks_eager(&hooks);
  for (size_t at = 1; at <= 5000; at += 1666) { /* it asks once for 16 rows, in either pass */
    hooks.polls = 0;
    hooks.cancel_at = at;
    assert_int_equal(km_mean_variance(&data, &hooks.hooks, 1, means), KM_CANCELLED);
    assert_int_equal(hooks.polls, at);
  }
  assert_int_equal(hooks.live, live);
  km_dataset_clear(&data, &hooks.hooks);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_the_oracle),
      cmocka_unit_test(known_values),
      cmocka_unit_test(floats_are_as_doubles),
      cmocka_unit_test(constant_columns),
      cmocka_unit_test(any_magnitude),
      cmocka_unit_test(sums_beyond_double),
      cmocka_unit_test(the_mean_variance),
      cmocka_unit_test(directions),
      cmocka_unit_test(faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
