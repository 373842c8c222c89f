/* km_dataset and km_row_set: points, and the values among them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/dataset.h"
#include "core/row_set.h"
#include "core_hooks.h"
#include "points.h"

static size_t distinct_of(const double *rows, size_t n, size_t dims, size_t limit) {
  core_hooks hooks;
  km_dataset data;
  size_t distinct = 0;
  core_hooks_init(&hooks);
  km_dataset_init(&data, dims, KM_DOUBLE);
  points_load(&data, rows, n, &hooks.hooks);
  assert_int_equal(km_dataset_distinct(&data, &hooks.hooks, limit, &distinct), KM_OK);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  return distinct;
}

static void rows_come_back(void **state) {
  (void)state;
  points_random random = {1};
  static const size_t dims[] = {1, 2, 3, 7, 2000};
  for (size_t t = 0; t < sizeof dims / sizeof *dims; t++) {
    core_hooks hooks;
    km_dataset data;
    size_t n = 200000 / (dims[t] + 50) + 7;
    double *rows = points_memory(n, dims[t]);
    points_fill(rows, n, dims[t], POINTS_CONTINUOUS, &random);
    core_hooks_init(&hooks);
    km_dataset_init(&data, dims[t], KM_DOUBLE);
    assert_int_equal(hooks.allocations, 0);
    points_load(&data, rows, n, &hooks.hooks);
    assert_int_equal(data.rows.count, n);
    for (size_t i = 0; i < n; i++) {
      assert_memory_equal(km_dataset_row(&data, i, NULL), rows + i * dims[t],
                          dims[t] * sizeof *rows);
    }
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    free(rows);
  }
}

static void finds_the_largest_magnitude(void **state) {
  (void)state;
  const double rows[] = {1, -2, 0.5, -7.25, 3, 7};
  core_hooks hooks;
  km_dataset data;
  double max_abs = -1;
  core_hooks_init(&hooks);
  km_dataset_init(&data, 2, KM_DOUBLE);
  assert_int_equal(km_dataset_max_abs(&data, &hooks.hooks, NULL, &max_abs), KM_OK);
  assert_true(max_abs == 0);
  points_load(&data, rows, 3, &hooks.hooks);
  assert_int_equal(km_dataset_max_abs(&data, &hooks.hooks, NULL, &max_abs), KM_OK);
  assert_true(max_abs == 7.25);
  km_dataset_clear(&data, &hooks.hooks);
}

static void counts_distinct_rows(void **state) {
  (void)state;
  points_random random = {2};
  for (size_t t = 0; t < 400; t++) {
    size_t n = 1 + points_below(&random, 200);
    size_t dims = 1 + points_below(&random, 5);
    double *rows = points_memory(n, dims);
    points_fill(rows, n, dims, (points_kind)(t % POINTS_KINDS), &random);
    size_t distinct = points_distinct(rows, n, dims);
    size_t limit = 1 + points_below(&random, 2 * n);
    size_t expected = distinct < limit ? distinct : limit;
    assert_int_equal(distinct_of(rows, n, dims, limit), expected);
    assert_int_equal(distinct_of(rows, n, dims, n), distinct);
    assert_int_equal(distinct_of(rows, n, dims, 2 * n), distinct);
    free(rows);
  }
}

/* Neighbouring doubles differ; the two zeros do not. */
static void distinct_is_exact(void **state) {
  (void)state;
  const double zeros[] = {0.0, -0.0, -0.0, 0.0};
  const double close[] = {1, 1 + 0x1p-52, 1 - 0x1p-53, 0, 0x1p-1074, -0x1p-1074, 1e300, -1e300};
  const double columns[] = {1, 2, 2, 1, 1, 2, -0.0, 1, 0.0, 1};
  assert_int_equal(distinct_of(zeros, 4, 1, 4), 1);
  assert_int_equal(distinct_of(zeros, 2, 2, 2), 1);
  assert_int_equal(distinct_of(close, 8, 1, 8), 8);
  assert_int_equal(distinct_of(close, 8, 1, 5), 5);
  assert_int_equal(distinct_of(columns, 5, 2, 5), 3);
}

static void equal_rows(void **state) {
  (void)state;
  const double a[] = {0.0, 1, 2};
  const double b[] = {-0.0, 1, 2};
  const double c[] = {0.0, 1, 2 + 0x1p-51};
  assert_true(km_rows_equal(a, b, 3));
  assert_false(km_rows_equal(a, c, 3));
  assert_true(km_rows_equal(a, c, 2));
}

/* Filled to the most rows that it was made for, the set still answers. */
static void row_set_holds_what_it_promises(void **state) {
  (void)state;
  for (size_t n = 1; n <= 3000; n = n * 3 / 2 + 1) {
    core_hooks hooks;
    km_row_set set;
    km_dataset data;
    core_hooks_init(&hooks);
    km_dataset_init(&data, 1, n % 2 ? KM_DOUBLE : KM_FLOAT);
    for (size_t i = 0; i < 2 * n; i++) { /* each value twice, and zero with either sign */
      double value = i == n ? -0.0 : (double)(i % n);
      points_load(&data, &value, 1, &hooks.hooks);
    }
    size_t before = hooks.live_bytes;
    assert_int_equal(km_row_set_init(&set, &hooks.hooks, n, &data), KM_OK);
    assert_true(n < 16 || hooks.live_bytes - before <= 32 * n + 2 * sizeof(double));
    for (size_t i = 0; i < 2 * n; i++) {
      assert_int_equal(km_row_set_add(&set, i), i < n);
    }
    km_row_set_clear(&set, &hooks.hooks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

static void row_set_refuses_sizes_that_overflow(void **state) {
  (void)state;
  core_hooks hooks;
  km_row_set set;
  km_dataset data;
  core_hooks_init(&hooks);
  km_dataset_init(&data, 1, KM_DOUBLE);
  assert_int_equal(km_row_set_init(&set, &hooks.hooks, SIZE_MAX, &data), KM_NOMEM);
  km_row_set_clear(&set, &hooks.hooks);
  assert_int_equal(km_row_set_init(&set, &hooks.hooks, SIZE_MAX / 4, &data), KM_NOMEM);
  km_row_set_clear(&set, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void stops_when_cancelled(void **state) {
  (void)state;
  core_hooks hooks;
  km_dataset data;
  double value;
  size_t distinct;
  points_random random = {4};
  core_hooks_init(&hooks);
  free(points_make(&data, 100, 2, POINTS_CONTINUOUS, &random, &hooks.hooks));
  size_t live = hooks.live;
  core_hooks_eager(&hooks);
  hooks.cancel_at = 1; /* it asks once for each slice, and the data is one */
  assert_int_equal(km_dataset_max_abs(&data, &hooks.hooks, NULL, &value), KM_CANCELLED);
  for (size_t at = 1; at <= 100; at += 33) {
    hooks.cancel_at = at;
    hooks.polls = 0;
    assert_int_equal(km_dataset_distinct(&data, &hooks.hooks, 100, &distinct), KM_CANCELLED);
    assert_int_equal(hooks.polls, at);
    assert_int_equal(hooks.live, live);
  }
  hooks.fail_at = hooks.allocations + 1;
  hooks.fail_onward = 1;
  assert_int_equal(km_dataset_distinct(&data, &hooks.hooks, 100, &distinct), KM_NOMEM);
  assert_int_equal(hooks.live, live);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* Whatever the steps are, no KM_TICK of work goes by without a poll. */
static void ticks(void **state) {
  (void)state;
  static const size_t steps[] = {1, 7, 1000, KM_TICK - 1, KM_TICK, KM_TICK + 1, 5 * KM_TICK};
  for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
    core_hooks hooks;
    size_t since = 0;
    core_hooks_init(&hooks);
    for (size_t done = 0; done < 20 * KM_TICK; done += steps[s]) {
      size_t polls = hooks.polls;
      since += steps[s];
      assert_int_equal(km_tick(&hooks.hooks, steps[s]), KM_OK);
      assert_int_equal(hooks.polls - polls, since >= KM_TICK);
      since = since >= KM_TICK ? 0 : since;
    }
    hooks.cancel_at = 1;
    assert_int_equal(km_tick(&hooks.hooks, KM_TICK), KM_CANCELLED);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_come_back),
      cmocka_unit_test(finds_the_largest_magnitude),
      cmocka_unit_test(counts_distinct_rows),
      cmocka_unit_test(distinct_is_exact),
      cmocka_unit_test(equal_rows),
      cmocka_unit_test(row_set_holds_what_it_promises),
      cmocka_unit_test(row_set_refuses_sizes_that_overflow),
      cmocka_unit_test(stops_when_cancelled),
      cmocka_unit_test(ticks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
