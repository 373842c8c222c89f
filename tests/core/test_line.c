/* km_line against the plain O(k n^2) recurrence over integers, which is exact, and frozen cases. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/blocks.h"
#include "core/fit.h"
#include "core/line.h"
#include "core/order.h"
#include "core/random.h"
#include "core/sort.h"
#include "dataset_fixture.h"
#include "points.h"

#define MOST 400

static int setup(void **state) {
  dataset_setup(state);
  km_dataset_init(&data, 1, KM_DOUBLE);
  return 0;
}

/* The least inertia of the numbers in order:
** costs in long double of integers below 2^20
** have rounding errors below 1e-18 of themselves. */
static long double least_inertia(const double *sorted, size_t n, size_t k) {
  static long double best[2][MOST + 1];
  long double *now = best[0];
  long double *before = best[1];
  for (size_t i = 0; i <= n; i++) {
    now[i] = i == 0 ? 0 : (long double)INFINITY;
  }
  for (size_t c = 0; c < k; c++) {
    long double *swap = now;
    now = before;
    before = swap;
    for (size_t i = 0; i <= n; i++) {
      int64_t sum = 0;
      int64_t square = 0;
      now[i] = (long double)INFINITY;
      for (size_t left = i; left > 0; left--) {
        size_t j = left - 1;
        int64_t value = (int64_t)sorted[j];
        int64_t count = (int64_t)(i - j);
        sum += value;
        square += value * value;
        long double cost = (long double)(square * count - sum * sum) / (long double)count;
        now[i] = fminl(now[i], before[j] + cost);
      }
    }
  }
  return now[n];
}

static long double inertia_of(const double *values, size_t n, const double *centroids, size_t k) {
  long double total = 0;
  for (size_t i = 0; i < n; i++) {
    long double nearest = (long double)INFINITY;
    for (size_t c = 0; c < k; c++) {
      long double difference = (long double)values[i] - (long double)centroids[c];
      nearest = fminl(nearest, difference * difference);
    }
    total += nearest;
  }
  return total;
}

/* Fits values * scale + offset and compares with the recurrence on the values. */
static void check(const double *values, size_t n, size_t k, double scale, double offset) {
  double centroids[MOST];
  double sorted[MOST];
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = 0; i < n; i++) {
    double value = values[i] * scale + offset;
    points_load(&data, &value, 1, &host.hooks);
  }
  assert_int_equal(
      km_line(&data, &host.hooks, scale > 1e100 || scale < 1e-100 ? 1 / scale : 1, k, centroids),
      KM_OK);
  for (size_t c = 0; c < k; c++) {
    assert_true(c + 1 == k || centroids[c] < centroids[c + 1]);
    centroids[c] = (centroids[c] - offset) / scale;
  }
  memcpy(sorted, values, n * sizeof *values);
  assert_int_equal(km_sort_rows(sorted, n, 1, NULL, &host.hooks), KM_OK);
  long double least = least_inertia(sorted, n, k);
  long double got = inertia_of(values, n, centroids, k);
  long double slack = (least + (long double)n * 1e-3L) * 1e-11L;
  if (!(fabsl(got - least) <= slack)) {
    fail_msg("n %zu k %zu scale %g offset %g: %.17Lg, not %.17Lg", n, k, scale, offset, got, least);
  }
}

static size_t count_distinct(const double *values, size_t n) {
  size_t distinct = 0;
  for (size_t i = 0; i < n; i++) {
    size_t j = 0;
    while (j < i && values[j] != values[i]) {
      j++;
    }
    distinct += j == i;
  }
  return distinct;
}

/* Integers of all kinds: dense with ties, sparse, in lumps, skewed, evenly spaced. */
static void draw(km_random *random, double *values, size_t n, unsigned kind) {
  for (size_t i = 0; i < n; i++) {
    uint64_t range = kind == 0 ? 4 : kind == 1 ? n : 1000000;
    double value = (double)km_random_below(random, range);
    if (kind == 3) {
      value = (double)(km_random_below(random, 6) * 1000 + km_random_below(random, 3));
    } else if (kind == 4) {
      value = floor(exp(km_random_unit(random) * 13));
    } else if (kind == 5) {
      value = (double)i * 7;
    }
    values[i] = value;
  }
}

static void test_random(void **state) {
  double values[MOST];
  km_random random;
  (void)state;
  km_random_seed(&random, 1);
  for (unsigned round = 0; round < 6000; round++) {
    size_t n = 1 + (size_t)km_random_below(&random, round % 100 == 0 ? 120 : 24);
    draw(&random, values, n, round % 6);
    size_t k = 1 + (size_t)km_random_below(&random, count_distinct(values, n));
    switch (round / 6 % 4) {
    case 0:
      check(values, n, k, 1, 0);
      break;
    case 1:
      check(values, n, k, 1, 1e9);
      break;
    case 2:
      check(values, n, k, 0x1p-1000, 0);
      break;
    case 3:
      check(values, n, k, 0x1p970, 0);
      break;
    }
  }
}

/* Every k on one set, so that every number of clusters is reached through ties. */
static void test_every_k(void **state) {
  double values[MOST];
  km_random random;
  (void)state;
  km_random_seed(&random, 2);
  for (unsigned kind = 0; kind < 6; kind++) {
    draw(&random, values, 60, kind);
    for (size_t k = 1; k <= count_distinct(values, 60); k++) {
      check(values, 60, k, 1, -3);
    }
  }
}

/* Large enough for the coarse sweeps. */
static void test_strides(void **state) {
  enum { rows = 30000 };
  static double values[rows];
  double centroids[8];
  double coarse[8];
  km_random random;
  (void)state;
  km_random_seed(&random, 3);
  for (size_t i = 0; i < rows; i++) {
    values[i] = (double)(i % 7) * 3 + km_random_unit(&random) + km_random_unit(&random);
    points_load(&data, &values[i], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 7, centroids), KM_OK);
  for (size_t c = 0; c < 7; c++) {
    assert_float_equal(centroids[c], (double)c * 3 + 1, 0.02);
  }
  /* No other order of the points changes a bit. */
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = rows; i > 0; i--) {
    points_load(&data, &values[i - 1], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 7, coarse), KM_OK);
  assert_memory_equal(centroids, coarse, 7 * sizeof *centroids);
}

/* The examples of the documentation of R's Ckmeans.1d.dp 4.3.5, and one that Lloyd gets wrong. */
static void test_frozen(void **state) {
  const double first[] = {-1, 2, -1, 2, 4, 5, 6, -1, 2, -1};
  const double second[] = {0.9, 1, 1.1, 1.9, 2, 2.1};
  const double third[] = {0, 1, 10, 11, 30, 31, 100};
  double centroids[4];
  (void)state;
  for (size_t i = 0; i < 10; i++) {
    points_load(&data, &first[i], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 3, centroids), KM_OK);
  assert_true(centroids[0] == -1 && centroids[1] == 2 && centroids[2] == 5);
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = 0; i < 6; i++) {
    points_load(&data, &second[i], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 2, centroids), KM_OK);
  assert_float_equal(centroids[0], 1, 1e-15);
  assert_float_equal(centroids[1], 2, 1e-15);
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = 0; i < 7; i++) {
    points_load(&data, &third[i], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 4, centroids), KM_OK);
  assert_true(centroids[0] == 0.5 && centroids[1] == 10.5 && centroids[2] == 30.5);
  assert_true(centroids[3] == 100);
}

/* Signed zeros are one value; neighbours in the floating-point grid are two. */
static void test_edges(void **state) {
  double next = nextafter(1, 2);
  const double values[] = {0.0, -0.0, 1, next, 1, next, 1, next};
  double centroids[3];
  (void)state;
  for (size_t i = 0; i < 8; i++) {
    points_load(&data, &values[i], 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 3, centroids), KM_OK);
  assert_true(centroids[0] == 0 && centroids[1] == 1 && centroids[2] == next);
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = 0; i < 600; i++) {
    double value = i % 2 ? 1e300 : 9e299;
    points_load(&data, &value, 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 0x1p-997, 2, centroids), KM_OK);
  assert_true(centroids[0] == 9e299 && centroids[1] == 1e300);
  km_dataset_clear(&data, &host.hooks);
  for (size_t i = 0; i < 600000; i++) {
    double value = 1e303 + (double)i * 1e299;
    points_load(&data, &value, 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 0x1p-1010, 2, centroids), KM_OVERFLOW);
}

/* Neighbours in the floating-point grid: means are rounded so far that a cut moves to the left. */
static void test_rounded_means(void **state) {
  static const double steps[] = {3, 2, 0, 4, 1, 2, 1};
  double centroids[2];
  (void)state;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    double value = 1 + steps[i] * 0x1p-52;
    points_load(&data, &value, 1, &host.hooks);
  }
  assert_int_equal(km_line(&data, &host.hooks, 1, 2, centroids), KM_OK);
  assert_true(centroids[0] == 1 + 0x1p-52 && centroids[1] == 1 + 4 * 0x1p-52);
}

/* Every allocation fails once; every question whether to go on is answered no once. */
static void fail_each(size_t k) {
  double centroids[5];
  km_status status = KM_NOMEM;
  size_t live = host.live;
  for (size_t n = 1; status != KM_OK; n++) {
    host.fail_at = host.allocations + n;
    status = km_line(&data, &host.hooks, 1, k, centroids);
    assert_true(status == KM_OK || status == KM_NOMEM);
    assert_int_equal(host.live, live);
  }
  host.fail_at = 0;
  status = KM_CANCELLED;
  for (size_t n = 1; status != KM_OK; n++) {
    host.cancel_at = host.polls + n;
    status = km_line(&data, &host.hooks, 1, k, centroids);
    assert_true(status == KM_OK || status == KM_CANCELLED);
    assert_int_equal(host.live, live);
  }
  host.cancel_at = 0;
}

static void test_failures(void **state) {
  static const double few[] = {22, 12, 15};
  km_random random;
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    points_load(&data, &few[i], 1, &host.hooks);
  }
  fail_each(3);
  km_dataset_clear(&data, &host.hooks);
  km_random_seed(&random, 4);
  for (size_t i = 0; i < 20000; i++) {
    double value = floor(km_random_unit(&random) * 9000);
    points_load(&data, &value, 1, &host.hooks);
  }
  fail_each(5);
}

static void test_sort(void **state) {
  km_random random;
  (void)state;
  km_random_seed(&random, 5);
  km_chunks_init(&data.rows, sizeof(double));
  for (size_t i = 0; i < 300000; i++) {
    uint64_t bits = km_random_next(&random);
    double value;
    memcpy(&value, &bits, sizeof value);
    value = isfinite(value) ? value : -0.0;
    points_load(&data, &value, 1, &host.hooks);
  }
  assert_int_equal(km_sort_doubles(&data.rows, &host.hooks), KM_OK);
  for (size_t i = 1; i < data.rows.count; i++) {
    assert_true(*km_dataset_row(&data, i - 1, NULL) <= *km_dataset_row(&data, i, NULL));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_random, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_every_k, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_strides, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_frozen, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_edges, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_rounded_means, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_failures, setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_sort, setup, dataset_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
