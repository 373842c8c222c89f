/* The canonical order of centroids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/order.h"
#include "core_hooks.h"
#include "points.h"

/* Negative where row a comes first, 0 where the rows are equal. */
static int compare(const double *a, const double *b, size_t dims) {
  size_t j = 0;
  while (j < dims && a[j] == b[j]) {
    j++;
  }
  return j == dims ? 0 : a[j] < b[j] ? -1 : 1;
}

/* Insertion sort. */
static void sort_plainly(double *rows, size_t k, size_t dims) {
  double row[8];
  for (size_t end = 1; end < k; end++) {
    size_t at = end;
    memcpy(row, rows + end * dims, dims * sizeof *row);
    for (; at > 0 && compare(row, rows + (at - 1) * dims, dims) < 0; at--) {
      memcpy(rows + at * dims, rows + (at - 1) * dims, dims * sizeof *row);
    }
    memcpy(rows + at * dims, row, dims * sizeof *row);
  }
}

static void sorts_column_by_column(void **state) {
  (void)state;
  points_random random = {1};
  core_hooks hooks;
  core_hooks_init(&hooks);
  for (size_t t = 0; t < 3000; t++) {
    size_t k = 1 + points_below(&random, t % 10 == 0 ? 200 : 12);
    size_t dims = 1 + points_below(&random, 8);
    double *rows = points_memory(k, dims);
    double *expected = points_memory(k, dims);
    points_fill(rows, k, dims, (points_kind)(t % POINTS_KINDS), &random);
    memcpy(expected, rows, k * dims * sizeof *rows);
    sort_plainly(expected, k, dims);
    assert_int_equal(km_sort_rows(rows, k, dims, NULL, &hooks.hooks), KM_OK);
    assert_memory_equal(rows, expected, k * dims * sizeof *rows);
    assert_int_equal(km_sort_rows(rows, k, dims, NULL, &hooks.hooks), KM_OK);
    assert_memory_equal(rows, expected, k * dims * sizeof *rows);
    assert_int_equal(hooks.live, 0);
    free(expected);
    free(rows);
  }
}

static void compares_values_not_digits(void **state) {
  (void)state;
  core_hooks hooks;
  double rows[] = {1e300, -0.0, 3, -1e300, 0.0, 2, 1e-300, -1e-300};
  const double expected[] = {-1e300, 0.0, 0.0, 2, 1e-300, -1e-300, 1e300, 0.0};
  double pairs[] = {0.0, 2, 1e300, -0.0, -1e300, 0.0, 1e-300, -1e-300};
  core_hooks_init(&hooks);
  assert_int_equal(km_sort_rows(pairs, 4, 2, NULL, &hooks.hooks), KM_OK);
  for (size_t v = 0; v < 8; v++) {
    assert_true(pairs[v] == expected[v]);
  }
  assert_int_equal(km_sort_rows(rows, 8, 1, NULL, &hooks.hooks), KM_OK);
  for (size_t c = 1; c < 8; c++) {
    assert_true(rows[c - 1] <= rows[c]);
  }
}

static void gives_all_back_after_failure(void **state) {
  (void)state;
  for (size_t fail = 1; fail <= 2; fail++) {
    core_hooks hooks;
    double rows[] = {3, 2, 1};
    core_hooks_init(&hooks);
    hooks.fail_at = fail;
    assert_int_equal(km_sort_rows(rows, 3, 1, NULL, &hooks.hooks), KM_NOMEM);
    assert_int_equal(hooks.live, 0);
    assert_true(rows[0] == 3 && rows[1] == 2 && rows[2] == 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorts_column_by_column),
      cmocka_unit_test(compares_values_not_digits),
      cmocka_unit_test(gives_all_back_after_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
