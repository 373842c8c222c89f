/* What km_breathe promises where there are no clear clusters: better optima, never worse ones, still a fixed
** point of Lloyd's iterations, the same bits from every engine, no leaks wherever it is stopped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "dataset_fixture.h"
#include "faults.h"
#include "points.h"

/* n points spread evenly over a cube of the given size, with `values` values a column if that is not 0. */
static void make_cube(size_t n, size_t dims, double size, size_t values) {
  points_random random = {7};
  double row[8];
  km_dataset_clear(&data, &host.hooks);
  km_dataset_init(&data, dims, KM_DOUBLE);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < dims; j++) {
      double at = points_unit(&random) - 0.5;
      row[j] = size * (values ? floor(at * (double)values) / (double)values : at);
    }
    points_load(&data, row, 1, &host.hooks);
  }
}

static km_params params_for(size_t k, uint64_t seed, km_refine_choice refine) {
  return (km_params){.k = k, .n_init = 1, .max_iter = 300, .seed = seed, .refine = refine};
}

static km_result fit(const km_params *params) {
  km_result result;
  assert_int_equal(km_fit(&data, params, &host.hooks, &result), KM_OK);
  return result;
}

/* Lloyd's iterations from the centroids change nothing. */
static void check_fixed_point(const km_result *result) {
  km_params params = params_for(result->k, 0, KM_REFINE_NONE);
  params.init = KM_INIT_CENTROIDS;
  params.centroids = result->centroids;
  km_result again = fit(&params);
  size_t values = result->k * result->dims;
  assert_memory_equal(again.centroids, result->centroids, values * sizeof(double));
  km_result_clear(&again, &host.hooks);
}

/* Uniform points: without breathing the mean ratio is 1 here, for no swap pays; with it, 0.995. What was run before
** to converge is enough to converge again. */
static void test_better(void **state) {
  double ratio = 0;
  const size_t seeds = 8;
  (void)state;
  make_cube(5000, 8, 1, 0);
  for (uint64_t seed = 0; seed < seeds; seed++) {
    km_params params = params_for(20, seed, KM_REFINE_NONE);
    km_result plain = fit(&params);
    params.refine = KM_REFINE_AUTO;
    km_result refined = fit(&params);
    assert_true(refined.inertia <= plain.inertia);
    assert_true(refined.converged && refined.iterations <= 300);
    ratio += refined.inertia / plain.inertia / (double)seeds;
    check_fixed_point(&refined);
    km_result_clear(&plain, &host.hooks);
    km_result_clear(&refined, &host.hooks);
  }
  assert_true(ratio < 0.998);
}

/* Where an iteration is much work, a quarter as many are spent: here one breath, not two. */
static void test_much_work(void **state) {
  (void)state;
  make_cube(40000, 8, 1, 0);
  km_params params = params_for(100, 1, KM_REFINE_NONE);
  params.tol = 0.03;
  km_result plain = fit(&params);
  params.refine = KM_REFINE_AUTO;
  km_result refined = fit(&params);
  assert_true(refined.converged);
  assert_true(refined.inertia < plain.inertia);
  assert_in_range(refined.iterations, plain.iterations + 1, 2 * plain.iterations);
  km_result_clear(&plain, &host.hooks);
  km_result_clear(&refined, &host.hooks);
}

/* Breathing leaves the iterations that it takes to converge, where there are few to spend. */
static void test_few_iterations(void **state) {
  (void)state;
  make_cube(5000, 8, 1, 0);
  for (uint64_t seed = 0; seed < 20; seed += points_stride()) {
    km_params params = params_for(15, seed, KM_REFINE_NONE);
    km_result plain = fit(&params);
    params.refine = KM_REFINE_AUTO;
    params.max_iter = plain.iterations * 28 / 10;
    km_result refined = fit(&params);
    assert_true(plain.converged && refined.converged);
    assert_true(refined.inertia <= plain.inertia);
    km_result_clear(&plain, &host.hooks);
    km_result_clear(&refined, &host.hooks);
  }
}

static void check_same(const km_params *params, const km_result *expected) {
  km_result result = fit(params);
  size_t values = expected->k * expected->dims;
  assert_int_equal(result.iterations, expected->iterations);
  assert_memory_equal(result.centroids, expected->centroids, values * sizeof(double));
  km_result_clear(&result, &host.hooks);
}

static void test_engines(void **state) {
  const km_algorithm algorithms[] = {KM_ALGORITHM_AUTO, KM_ALGORITHM_TREE, KM_ALGORITHM_DENSE,
                                     KM_ALGORITHM_BOUNDS};
  (void)state;
  for (size_t dims = 2; dims <= 5; dims++) {
    make_cube(2000, dims, 1, dims == 3 ? 12 : 0);
    km_params params = params_for(12, dims, KM_REFINE_AUTO);
    params.algorithm = KM_ALGORITHM_PLAIN;
    km_result plain = fit(&params);
    for (size_t a = 0; a < 4; a++) {
      params.algorithm = algorithms[a];
      params.threads = 1 + a % 3;
      check_same(&params, &plain);
    }
    km_result_clear(&plain, &host.hooks);
  }
}

/* There are hardly more distinct points than clusters: less room than it takes to breathe. */
static void test_few_values(void **state) {
  (void)state;
  make_cube(2000, 2, 1, 5);
  for (size_t k = 5; k <= 25; k++) {
    km_params params = params_for(k, k, KM_REFINE_AUTO);
    km_result result = fit(&params);
    for (size_t c = 0; c < k; c++) {
      assert_true(result.sizes[c] > 0);
    }
    check_fixed_point(&result);
    km_result_clear(&result, &host.hooks);
  }
}

static void test_weights(void **state) {
  points_random random = {3};
  (void)state;
  make_cube(2000, 6, 1, 0);
  for (size_t i = 0; i < 2000; i++) {
    double weight = i % 50 == 0 ? 0 : (double)(1 + points_below(&random, 4));
    points_weigh(&data, &weight, 1, &host.hooks);
  }
  km_params params = params_for(10, 5, KM_REFINE_NONE);
  km_result plain = fit(&params);
  params.refine = KM_REFINE_AUTO;
  km_result refined = fit(&params);
  assert_true(refined.inertia <= plain.inertia);
  km_result_clear(&plain, &host.hooks);
  km_result_clear(&refined, &host.hooks);
}

/* The sum of some hundred coordinates is about the largest double: of two clusters in one it is not. What fits
** plainly fits so, too. */
static void test_overflow(void **state) {
  (void)state;
  for (size_t share = 40; share < 120; share += 4 * points_stride()) {
    make_cube(1000, 2, 2 * (1.7e308 / (double)share), 0);
    km_params params = params_for(8, share, KM_REFINE_NONE);
    km_result plain;
    km_result refined;
    km_status without = km_fit(&data, &params, &host.hooks, &plain);
    params.refine = KM_REFINE_AUTO;
    km_status with = km_fit(&data, &params, &host.hooks, &refined);
    assert_int_equal(with, without);
    km_result_clear(&plain, &host.hooks);
    km_result_clear(&refined, &host.hooks);
  }
}

static void test_max_iter(void **state) {
  (void)state;
  make_cube(2000, 6, 1, 0);
  for (size_t max_iter = 1; max_iter < 120; max_iter += 3 * points_stride()) {
    km_params params = params_for(10, 2, KM_REFINE_AUTO);
    params.max_iter = max_iter;
    km_result result = fit(&params);
    assert_true(result.iterations <= max_iter);
    km_result_clear(&result, &host.hooks);
  }
}

static void test_failures(void **state) {
  km_params params = params_for(12, 1, KM_REFINE_AUTO);
  (void)state;
  make_cube(1500, 6, 1, 0);
  check_fit_faults(&host, &data, &params);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_better, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_much_work, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_few_iterations, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_engines, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_few_values, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_weights, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_overflow, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_max_iter, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_failures, dataset_setup, dataset_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
