/* Distances and the nearest centroid, over the whole range of double. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/distance.h"
#include "oracle.h"
#include "points.h"

#define MOST_DIMS 16
#define MOST_K 24

static void squared_distance_is_the_plain_sum(void **state) {
  (void)state;
  points_random random = {1};
  double rows[2 * MOST_DIMS];
  for (size_t t = 0; t < 4000; t++) {
    size_t dims = 1 + points_below(&random, MOST_DIMS);
    points_fill(rows, 2, dims, (points_kind)(t % POINTS_KINDS), &random);
    assert_true(km_squared_distance(rows, rows + dims, dims) ==
                oracle_squared(rows, rows + dims, dims));
    assert_true(km_squared_distance(rows, rows, dims) == 0);
  }
}

/* Powers of two as scale change no digit of a distance, however extreme they are. */
static void distance_has_no_units(void **state) {
  (void)state;
  points_random random = {2};
  double rows[2 * MOST_DIMS];
  double scaled[2 * MOST_DIMS];
  for (size_t t = 0; t < 1000; t++) {
    size_t dims = 1 + points_below(&random, MOST_DIMS);
    points_fill(rows, 2, dims, (points_kind)(t % POINTS_KINDS), &random);
    double distance = km_distance(rows, rows + dims, dims);
    assert_true(distance == sqrt(oracle_squared(rows, rows + dims, dims)));
    for (int power = -960; power <= 960; power += 60) {
      for (size_t v = 0; v < 2 * dims; v++) {
        scaled[v] = ldexp(rows[v], power);
      }
      assert_true(km_distance(scaled, scaled + dims, dims) == ldexp(distance, power));
      assert_true(km_distance(scaled + dims, scaled, dims) == ldexp(distance, power));
    }
  }
}

static void distance_of_extremes(void **state) {
  (void)state;
  const double zero[] = {0, 0};
  const double huge[] = {1e300, -1e300};
  const double minus_huge[] = {-1e300, 1e300};
  const double pythagoras[] = {3e299, 4e299};
  const double tiny[] = {3e-300, 4e-300};
  const double least[] = {DBL_TRUE_MIN, 0};
  const double mixed[] = {1e300, 1e-300};
  assert_true(fabs(km_distance(huge, minus_huge, 2) / (2e300 * sqrt(2)) - 1) < 1e-15);
  assert_true(fabs(km_distance(zero, pythagoras, 2) / 5e299 - 1) < 1e-15);
  assert_true(fabs(km_distance(zero, tiny, 2) / 5e-300 - 1) < 1e-15);
  assert_true(km_distance(zero, least, 2) == DBL_TRUE_MIN);
  assert_true(km_distance(zero, mixed, 2) == 1e300);
  assert_true(km_distance(mixed, mixed, 2) == 0);
  assert_true(km_distance(huge, huge, 2) == 0);
}

/* Against the oracle, which is right where squares do not leave the range, at every scale. */
static void nearest_has_no_units(void **state) {
  (void)state;
  points_random random = {3};
  double rows[(MOST_K + 1) * MOST_DIMS];
  double scaled[(MOST_K + 1) * MOST_DIMS];
  for (size_t t = 0; t < 1500; t++) {
    size_t dims = 1 + points_below(&random, MOST_DIMS);
    size_t k = 1 + points_below(&random, MOST_K);
    points_fill(rows, k + 1, dims, (points_kind)(t % POINTS_KINDS), &random);
    size_t expected = oracle_nearest(rows, rows + dims, k, dims);
    for (int power = -960; power <= 960; power += 80) {
      for (size_t v = 0; v < (k + 1) * dims; v++) {
        scaled[v] = ldexp(rows[v], power);
      }
      assert_int_equal(km_nearest(scaled, scaled + dims, k, dims, k), expected);
    }
  }
}

static void nearest_skips_one(void **state) {
  (void)state;
  points_random random = {4};
  double rows[(MOST_K + 1) * MOST_DIMS];
  for (size_t t = 0; t < 1500; t++) {
    size_t dims = 1 + points_below(&random, MOST_DIMS);
    size_t k = 2 + points_below(&random, MOST_K - 1);
    int power = (int)points_below(&random, 3) * 900 - 900;
    points_fill(rows, k + 1, dims, (points_kind)(t % POINTS_KINDS), &random);
    size_t skip = points_below(&random, k);
    size_t expected = skip == 0 ? 1 : 0;
    for (size_t c = expected + 1; c < k; c++) {
      if (c != skip && oracle_squared(rows, rows + (c + 1) * dims, dims) <
                           oracle_squared(rows, rows + (expected + 1) * dims, dims)) {
        expected = c;
      }
    }
    for (size_t v = 0; v < (k + 1) * dims; v++) {
      rows[v] = ldexp(rows[v], power);
    }
    assert_int_equal(km_nearest(rows, rows + dims, k, dims, skip), expected);
  }
}

static void nearest_of_none(void **state) {
  (void)state;
  const double point[] = {1};
  const double centroids[] = {2, 3};
  assert_int_equal(km_nearest(point, centroids, 0, 1, 0), 0);
  assert_int_equal(km_nearest(point, centroids, 1, 1, 0), 1);
  assert_int_equal(km_nearest(point, centroids, 1, 1, 1), 0);
  assert_int_equal(km_nearest(point, centroids, 2, 1, 0), 1);
}

static void ties_go_to_the_lowest_number(void **state) {
  (void)state;
  const double point[] = {0, 0};
  const double around[] = {9, 9, 3, 4, -5, 0, 4, -3, 0, 5};
  const double scales[] = {1, 0x1p990, 0x1p-1060, 0x1p-600, 0x1p600};
  double centroids[10];
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
    for (size_t v = 0; v < 10; v++) {
      centroids[v] = around[v] * scales[s];
    }
    assert_int_equal(km_nearest(point, centroids, 5, 2, 5), 1);
    assert_int_equal(km_nearest(point, centroids, 5, 2, 1), 2);
    assert_int_equal(km_nearest(point, centroids + 4, 3, 2, 3), 0);
  }
}

/* Centroids at many magnitudes at once: a point near one of them belongs to it. */
static void nearest_at_all_magnitudes_at_once(void **state) {
  (void)state;
  double centroids[122];
  size_t k = 0;
  for (int power = -300; power <= 300; power += 10) {
    centroids[k++] = pow(10, power);
    centroids[k++] = -pow(10, power);
  }
  for (size_t c = 0; c < k; c++) {
    for (int percent = 95; percent <= 105; percent += 5) {
      double point = centroids[c] / 100 * percent;
      assert_int_equal(km_nearest(&point, centroids, k, 1, k), c);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(squared_distance_is_the_plain_sum),
      cmocka_unit_test(distance_has_no_units),
      cmocka_unit_test(distance_of_extremes),
      cmocka_unit_test(nearest_has_no_units),
      cmocka_unit_test(nearest_skips_one),
      cmocka_unit_test(nearest_of_none),
      cmocka_unit_test(ties_go_to_the_lowest_number),
      cmocka_unit_test(nearest_at_all_magnitudes_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
