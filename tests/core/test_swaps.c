/* What swaps bring, and how soon: the evident ones at once, others when their ends have been weighed; nothing where
** nothing pays; no leaks wherever they are stopped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core/swaps.h"
#include "dataset_fixture.h"
#include "points.h"

enum { GROUPS = 10, CLUSTERS = 12, K = GROUPS * CLUSTERS, ROWS = 6000 };

/* Clusters within clusters, of very different sizes. */
static void make_nested(void) {
  points_random random = {5};
  double centre[K][2];
  for (size_t c = 0; c < K; c++) {
    for (size_t j = 0; j < 2; j++) {
      centre[c][j] = c % CLUSTERS == 0 ? 200 * points_unit(&random)
                                       : centre[c - c % CLUSTERS][j] + 20 * points_unit(&random);
    }
  }
  for (size_t i = 0; i < ROWS; i++) {
    double share = points_unit(&random);
    size_t c = (size_t)(share * share * K) * 7 % K;
    double row[2];
    for (size_t j = 0; j < 2; j++) {
      row[j] = centre[c][j] + 3 * (points_unit(&random) + points_unit(&random) - 1);
    }
    points_load(&data, row, 1, &host.hooks);
  }
}

/* What Lloyd's iterations end with; to be given back with km_result_clear. */
static km_result plain_fit(size_t k, uint64_t seed) {
  km_params params = {
      .k = k, .n_init = 1, .max_iter = 300, .tol = 1e-4, .seed = seed, .refine = KM_REFINE_NONE};
  km_result result;
  assert_int_equal(km_fit(&data, &params, &host.hooks, &result), KM_OK);
  return result;
}

typedef struct run {
  km_status status;
  double before; /* the inertia of the sample */
  double after;
  double explored; /* multiply-adds */
  int changed;
} run;

/* Swaps on a sample that is all of the data, from given centroids; `explores`: as far as the budget lasts, or not. */
static run swap(const km_result *from, double budget, int explores) {
  km_blocks blocks;
  km_swaps swaps;
  km_random random;
  run now = {.changed = 0};
  memset(&blocks, 0, sizeof blocks);
  memset(&swaps, 0, sizeof swaps);
  km_random_seed(&random, 1);
  now.status = km_blocks_init(&blocks, &data, &host.hooks, NULL, from->k, from->centroids);
  if (now.status == KM_OK) {
    now.status = km_swaps_init(&swaps, &blocks, &random, data.rows.count, from->centroids, from->k);
  }
  if (now.status == KM_OK) {
    swaps.explored = explores ? 0 : INFINITY;
    now.status = km_swaps_run(&swaps, budget, &now.changed);
  }
  if (now.status == KM_OK) {
    now.before = from->inertia * blocks.one * blocks.one;
    now.after = swaps.sample.total;
    now.explored = swaps.explored;
  }
  km_swaps_clear(&swaps);
  km_blocks_clear(&blocks);
  return now;
}

/* Without exploring, swaps never do better, and on the whole they do less well. */
static void test_exploring(void **state) {
  double evident = 0;
  double weighed = 0;
  (void)state;
  make_nested();
  for (uint64_t seed = 0; seed < points_cases(20); seed++) {
    km_result plain = plain_fit(K, seed);
    run without = swap(&plain, 1e8, 0);
    run with = swap(&plain, 1e8, 1);
    assert_int_equal(without.status, KM_OK);
    assert_int_equal(with.status, KM_OK);
    assert_true(without.after < without.before);
    assert_true(with.after <= without.after * (1 + 1e-12));
    evident += without.after / without.before;
    weighed += with.after / with.before;
    km_result_clear(&plain, &host.hooks);
  }
  assert_true(weighed < 0.9985 * evident);
}

/* Where every cluster has its centroid, nothing changes, and nothing is worth exploring. */
static void test_found(void **state) {
  points_random random = {7};
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    double row[2] = {(double)(i % 4) * 100 + points_unit(&random), points_unit(&random)};
    points_load(&data, row, 1, &host.hooks);
  }
  km_result plain = plain_fit(4, 0);
  run now = swap(&plain, 1e8, 1);
  assert_int_equal(now.status, KM_OK);
  assert_false(now.changed);
  assert_true(now.explored == 0);
  km_result_clear(&plain, &host.hooks);
}

/* A budget is kept, but for the trial that exceeds it. */
static void test_budget(void **state) {
  (void)state;
  make_nested();
  km_result plain = plain_fit(K, 0);
  double last = INFINITY;
  for (double budget = 1e4; budget < 1e8; budget *= 10) {
    run now = swap(&plain, budget, 1);
    assert_int_equal(now.status, KM_OK);
    assert_true(now.explored < budget + 1e7);
    assert_true(now.after <= now.before * (1 + 1e-12));
    last = now.after / now.before;
  }
  assert_true(last < 0.99);
  km_result_clear(&plain, &host.hooks);
}

/* A cluster of one row has no halves: nothing is read of them (which valgrind sees). */
static void test_lone_rows(void **state) {
  enum { FEW_ROWS = 60, MANY_CLUSTERS = 45 }; /* enough for ends to be weighed */
  points_random random = {9};
  (void)state;
  for (size_t i = 0; i < FEW_ROWS; i++) {
    double row[2] = {points_unit(&random), points_unit(&random)};
    points_load(&data, row, 1, &host.hooks);
  }
  for (uint64_t seed = 0; seed < 20; seed++) {
    km_result plain = plain_fit(MANY_CLUSTERS, seed);
    run now = swap(&plain, 1e8, 1);
    assert_int_equal(now.status, KM_OK);
    assert_true(now.after <= now.before * (1 + 1e-12));
    km_result_clear(&plain, &host.hooks);
  }
}

/* Every allocation fails once, some questions whether to go on are answered no once. */
static void test_failures(void **state) {
  (void)state;
  make_nested();
  km_result plain = plain_fit(K, 0);
  for (int cancel = 0; cancel < 2; cancel++) {
    km_status status = KM_NOMEM;
    host.fail_at = 0;
    for (size_t fault = 1; status != KM_OK; fault += cancel ? fault / 4 + points_stride() : 1) {
      core_hooks_break(&host, cancel, fault);
      status = swap(&plain, 1e7, 1).status;
      assert_true(status == KM_OK || status == (cancel ? KM_CANCELLED : KM_NOMEM));
    }
  }
  km_result_clear(&plain, &host.hooks);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_exploring, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_found, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_budget, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_lone_rows, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_failures, dataset_setup, dataset_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
