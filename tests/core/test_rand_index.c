/* The adjusted Rand index, against counting all pairs of points. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/rand_index.h"
#include "core_hooks.h"
#include "points.h"

#define MOST 120

/* By its definition: agreement of pairs beyond what is expected, over the most that is possible. */
static double by_pairs(const uint32_t labels[2][MOST], size_t begin, size_t end) {
  double both = 0;
  double first = 0;
  double second = 0;
  double pairs = 0;
  for (size_t a = begin; a < end; a++) {
    for (size_t b = begin; b < a; b++) {
      int in_first = labels[0][a] == labels[0][b];
      int in_second = labels[1][a] == labels[1][b];
      both += in_first && in_second;
      first += in_first;
      second += in_second;
      pairs++;
    }
  }
  double expected = pairs > 0 ? first * second / pairs : 0;
  double most = (first + second) / 2;
  return first == both && second == both ? 1 : (both - expected) / (most - expected);
}

static void agrees_with_pairs(void **state) {
  (void)state;
  points_random random = {1};
  for (size_t t = 0; t < 300; t++) {
    core_hooks hooks;
    km_contingency table;
    uint32_t labels[2][MOST];
    size_t n = 1 + points_below(&random, MOST);
    size_t kinds[2] = {1 + points_below(&random, 20), 1 + points_below(&random, t % 3 ? 5 : 200)};
    size_t begin = 0;
    core_hooks_init(&hooks);
    km_contingency_init(&table);
    for (size_t i = 0; i < n; i++) {
      labels[0][i] = (uint32_t)points_below(&random, kinds[0]);
      labels[1][i] = t % 5 ? (uint32_t)points_below(&random, kinds[1]) : 7 * labels[0][i];
      assert_int_equal(km_contingency_add(&table, &hooks.hooks, labels[0][i], labels[1][i]), KM_OK);
      if (points_below(&random, 3) == 0) { /* a frame that slides */
        km_contingency_remove(&table, labels[0][begin], labels[1][begin]);
        begin++;
      }
      if (begin <= i) {
        assert_true(fabs(km_rand_index(&table) - by_pairs(labels, begin, i + 1)) < 1e-12);
      } else {
        assert_true(isnan(km_rand_index(&table)));
      }
    }
    km_contingency_clear(&table, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

/* Billions of points in two halves each: an index near 0, from products near 2^128 that all but cancel.
** The counts are set as if the points had been added. */
static void large_counts(void **state) {
  (void)state;
  core_hooks hooks;
  km_contingency table;
  const uint64_t half = (uint64_t)1 << 31;
  core_hooks_init(&hooks);
  km_contingency_init(&table);
  double cells[4];
  for (uint32_t c = 0; c < 4; c++) {
    assert_int_equal(km_contingency_add(&table, &hooks.hooks, c / 2, c % 2), KM_OK);
    cells[c] = (double)(half / 2);
  }
  table.points = 2 * half;
  table.first_squares = (km_twice){2 * (double)half * (double)half, 0};
  table.second_squares = table.first_squares;
  table.cell_squares = (km_twice){4 * cells[0] * cells[0], 0};
  /* With n points: -1 / (n - 1), by counting pairs on paper. */
  double expected = -1 / (2 * (double)half - 1);
  assert_true(fabs(km_rand_index(&table) / expected - 1) < 1e-9);
  km_contingency_clear(&table, &hooks.hooks);
}

static void faults(void **state) {
  (void)state;
  for (int cancel = 0; cancel < 2; cancel++) {
    km_status status = KM_NOMEM;
    for (size_t fault = 1; status != KM_OK; fault++) {
      core_hooks hooks;
      km_contingency table;
      core_hooks_init(&hooks);
      core_hooks_break(&hooks, cancel, fault);
      km_contingency_init(&table);
      status = KM_OK;
      for (uint32_t i = 0; i < 100 && status == KM_OK; i++) {
        status = km_contingency_add(&table, &hooks.hooks, i % 7, i / 2);
      }
      assert_true(status == KM_OK || status == (cancel ? KM_CANCELLED : KM_NOMEM));
      km_contingency_clear(&table, &hooks.hooks);
      assert_int_equal(hooks.live, 0);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_pairs),
      cmocka_unit_test(large_counts),
      cmocka_unit_test(faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
