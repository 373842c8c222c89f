/* What km_refine promises: good optima on published sets, never worse than plain Lloyd, still a
** fixed point of Lloyd's iterations, the same bits every time, no leaks wherever it is stopped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/distance.h"
#include "core/fit.h"
#include "core/random.h"
#include "dataset_fixture.h"
#include "faults.h"
#include "points.h"

static km_params params_for(size_t k, uint64_t seed, km_refine_choice refine) {
  return (km_params){
      .k = k, .n_init = 1, .max_iter = 300, .tol = 1e-4, .seed = seed, .refine = refine};
}

static km_result fit(const km_params *params) {
  km_result result;
  assert_int_equal(km_fit(&data, params, &host.hooks, &result), KM_OK);
  return result;
}

/* `count` points around `centres` random centres of a cube of 100, with a standard deviation of
** about `spread`, rounded to multiples of `grid` if that is not 0. */
static void make_blobs(km_random *random, size_t count, size_t dims, size_t centres, double spread,
                       double grid) {
  double centre[64 * 8];
  double row[8];
  km_dataset_clear(&data, &host.hooks);
  km_dataset_init(&data, dims, KM_DOUBLE);
  for (size_t v = 0; v < centres * dims; v++) {
    centre[v] = 100 * km_random_unit(random);
  }
  for (size_t i = 0; i < count; i++) {
    size_t c = (size_t)km_random_below(random, centres);
    for (size_t j = 0; j < dims; j++) {
      double noise = -3;
      for (int t = 0; t < 6; t++) {
        noise += km_random_unit(random);
      }
      row[j] = centre[c * dims + j] + spread * 1.4 * noise;
      row[j] = grid > 0 ? floor(row[j] / grid) * grid : row[j];
    }
    points_load(&data, row, 1, &host.hooks);
  }
}

static void check_hits(const char *file, size_t k, double best) {
  km_dataset_clear(&data, &host.hooks);
  if (points_load_csv(&data, file, &host.hooks) == 0) {
    fail_msg("%s cannot be read", file);
  }
  for (uint64_t seed = 0; seed < points_cases(20); seed++) {
    km_params params = params_for(k, seed, KM_REFINE_DEFAULT);
    km_result result = fit(&params);
    if (!(result.inertia <= 1.001 * best)) {
      fail_msg("%s seed %d: %g is above %g", file, (int)seed, result.inertia, best);
    }
    km_result_clear(&result, &host.hooks);
  }
}

static void test_published(void **state) {
  (void)state;
  check_hits("tests/data/s1.csv", 15, 8.917616e12);
  check_hits("tests/data/s3.csv", 15, 1.688965e13);
  check_hits("tests/data/d31.csv", 31, 3393.341);
  check_hits("tests/data/r15.csv", 15, 108.6190);
  check_hits("tests/data/unbalance.csv", 8, 2.144921e11);
  check_hits("tests/data/faithful.csv", 2, 8901.769);
  km_dataset_clear(&data, &host.hooks);
  km_dataset_init(&data, 4, KM_DOUBLE);
  check_hits("tests/data/iris.csv", 3, 78.85144);
}

/* Labels are those of the nearest centroids; no cluster is empty; where the iterations converged
** with tol 0, every centroid is the mean of its points. */
static void check_fixed_point(const km_result *result, double tol) {
  size_t dims = data.dims;
  double *sum = calloc(result->k * dims, sizeof *sum);
  for (size_t i = 0; i < data.rows.count; i++) {
    const double *row = km_dataset_row(&data, i, NULL);
    uint32_t label = km_result_label(result, i);
    assert_int_equal(label, km_nearest(row, result->centroids, result->k, dims, result->k));
    for (size_t j = 0; j < dims; j++) {
      sum[label * dims + j] += row[j];
    }
  }
  for (size_t c = 0; c < result->k; c++) {
    assert_true(result->sizes[c] > 0);
    for (size_t j = 0; j < dims && tol == 0 && result->converged; j++) {
      double mean = sum[c * dims + j] / (double)result->sizes[c];
      assert_float_equal(result->centroids[c * dims + j], mean, 1e-9);
    }
  }
  free(sum);
}

static void test_never_worse(void **state) {
  km_random random;
  int better = 0;
  (void)state;
  km_random_seed(&random, 1);
  for (int round = 0; round < (int)points_cases(300); round++) {
    size_t dims = 1 + (size_t)km_random_below(&random, 5);
    size_t count = 8 + (size_t)km_random_below(&random, 400);
    size_t centres = 1 + (size_t)km_random_below(&random, 20);
    double spread = round % 3 == 0 ? 40 : 3;
    make_blobs(&random, count, dims, centres, spread, round % 4 == 0 ? 5 : 0);
    size_t k = 1 + (size_t)km_random_below(&random, round % 5 == 0 ? count : 20);
    km_params plain = params_for(k, (uint64_t)round, KM_REFINE_NONE);
    plain.clamp = 1;
    plain.tol = round % 2 ? 1e-4 : 0;
    plain.n_init = round % 7 == 0 ? 3 : 1;
    km_params refined = plain;
    refined.refine = KM_REFINE_AUTO;
    km_result before = fit(&plain);
    km_result after = fit(&refined);
    assert_int_equal(before.k, after.k);
    assert_true(after.inertia <= before.inertia * (1 + 1e-13));
    assert_true(after.iterations <= refined.max_iter);
    better += after.inertia < 0.999 * before.inertia;
    check_fixed_point(&after, plain.tol);
    km_result again = fit(&refined);
    assert_memory_equal(after.centroids, again.centroids, after.k * dims * sizeof(double));
    km_result_clear(&before, &host.hooks);
    km_result_clear(&after, &host.hooks);
    km_result_clear(&again, &host.hooks);
  }
  assert_true(better > (int)points_cases(300) / 5);
}

/* More points than the sample holds. */
static void test_sampled(void **state) {
  km_random random;
  int better = 0;
  (void)state;
  km_random_seed(&random, 2);
  make_blobs(&random, 30000, 2, 24, 3, 0);
  double least = INFINITY;
  for (uint64_t seed = 0; seed < points_cases(6); seed++) {
    km_params params = params_for(24, seed, KM_REFINE_NONE);
    km_result plain = fit(&params);
    params.refine = KM_REFINE_AUTO;
    km_result refined = fit(&params);
    assert_true(refined.inertia <= plain.inertia);
    better += refined.inertia < plain.inertia;
    least = fmin(least, refined.inertia);
    assert_true(refined.inertia <= 1.001 * least);
    check_fixed_point(&refined, 1e-4);
    km_result_clear(&plain, &host.hooks);
    km_result_clear(&refined, &host.hooks);
  }
  assert_true(better > 0);
}

/* A power of two in the coordinates changes nothing but the scale, however large or small. */
static void test_units(void **state) {
  km_random random;
  km_params params = params_for(9, 3, KM_REFINE_AUTO);
  static const int exponents[] = {-900, -3, 900};
  (void)state;
  params.tol = 0;
  km_random_seed(&random, 3);
  make_blobs(&random, 500, 3, 9, 5, 0x1p-20);
  km_result plain = fit(&params);
  int exponent = 0;
  for (size_t e = 0; e < 3; e++) {
    for (size_t i = 0; i < data.rows.count; i++) {
      double *row = km_chunks_at(&data.rows, i);
      for (size_t j = 0; j < 3; j++) {
        row[j] = ldexp(row[j], exponents[e] - exponent);
      }
    }
    exponent = exponents[e];
    km_result scaled = fit(&params);
    for (size_t v = 0; v < 9 * 3; v++) {
      assert_true(scaled.centroids[v] == ldexp(plain.centroids[v], exponent));
    }
    km_result_clear(&scaled, &host.hooks);
  }
  km_result_clear(&plain, &host.hooks);
}

/* max_iter counts all iterations; a run that it stops is not refined. */
static void test_max_iter(void **state) {
  km_random random;
  (void)state;
  km_random_seed(&random, 4);
  make_blobs(&random, 4000, 2, 15, 4, 0); /* too many for more than one start */
  for (size_t max_iter = 1; max_iter < 30; max_iter += points_stride()) {
    km_params params = params_for(15, 5, KM_REFINE_NONE);
    params.max_iter = max_iter;
    km_result plain = fit(&params);
    params.refine = KM_REFINE_AUTO;
    km_result refined = fit(&params);
    assert_true(refined.iterations <= max_iter);
    assert_true(plain.converged || refined.inertia == plain.inertia);
    check_fixed_point(&refined, 1e-4);
    km_result_clear(&plain, &host.hooks);
    km_result_clear(&refined, &host.hooks);
  }
}

/* In one dimension every seed, init and restart gives the optimum; with given centroids plain Lloyd
** is the default. */
static void test_line(void **state) {
  const double values[] = {0, 1, 10, 11, 30, 31, 100};
  const double centroids[] = {0, 1, 100};
  (void)state;
  km_dataset_clear(&data, &host.hooks);
  km_dataset_init(&data, 1, KM_DOUBLE);
  for (size_t i = 0; i < 7; i++) {
    points_load(&data, &values[i], 1, &host.hooks);
  }
  for (uint64_t seed = 0; seed < 10; seed++) {
    km_params params = params_for(3, seed, KM_REFINE_DEFAULT);
    params.init = seed % 2 ? KM_INIT_RANDOM : KM_INIT_PLUS_PLUS;
    params.n_init = 3;
    km_result result = fit(&params);
    assert_true(result.centroids[0] == 5.5 && result.centroids[1] == 30.5);
    assert_true(result.centroids[2] == 100 && result.iterations == 1 && result.converged);
    km_result_clear(&result, &host.hooks);
  }
  km_params params = params_for(3, 0, KM_REFINE_DEFAULT);
  params.init = KM_INIT_CENTROIDS;
  params.centroids = centroids;
  km_result result = fit(&params);
  assert_true(result.iterations > 1);
  km_result_clear(&result, &host.hooks);
}

static void test_failures(void **state) {
  km_random random;
  km_params params = params_for(12, 1, KM_REFINE_AUTO);
  (void)state;
  km_random_seed(&random, 6);
  make_blobs(&random, 3000, 2, 12, 2, 0);
  check_fit_faults(&host, &data, &params);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_published, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_never_worse, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_sampled, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_units, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_max_iter, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_line, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_failures, dataset_setup, dataset_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
