/* km_fit and km_apply at the ends of the range of double. */
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
#include "core_hooks.h"
#include "oracle.h"
#include "points.h"

static km_status fit(const double *rows, size_t n, size_t dims, const km_params *params,
                     core_hooks *hooks, km_result *result) {
  km_dataset data;
  km_dataset_init(&data, dims, KM_DOUBLE);
  points_load(&data, rows, n, &hooks->hooks);
  km_status status = km_fit(&data, params, &hooks->hooks, result);
  km_dataset_clear(&data, &hooks->hooks);
  return status;
}

/* What a fit of scaled points is, in the units of the points before. */
static void assert_scaled(const km_result *scaled, const km_result *plain, int power) {
  assert_int_equal(scaled->k, plain->k);
  assert_int_equal(scaled->iterations, plain->iterations);
  assert_int_equal(scaled->converged, plain->converged);
  for (size_t i = 0; i < plain->labels.count; i++) {
    assert_int_equal(km_result_label(scaled, i), km_result_label(plain, i));
  }
  for (size_t v = 0; v < plain->k * plain->dims; v++) {
    assert_true(scaled->centroids[v] == ldexp(plain->centroids[v], power));
  }
  for (size_t c = 0; c < plain->k; c++) {
    assert_int_equal(scaled->sizes[c], plain->sizes[c]);
    assert_true(scaled->radii[c] == ldexp(plain->radii[c], power));
    assert_true(power < -400 || scaled->inertias[c] == ldexp(plain->inertias[c], 2 * power));
  }
  assert_true(power < -400 || scaled->inertia == ldexp(plain->inertia, 2 * power));
}

/* Multiplied by a power of two, the points have the same clusters, in as many iterations. */
static void clusters_have_no_units(void **state) {
  (void)state;
  static const int powers[] = {-900, -520, -300, 100, 460, 900};
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    core_hooks hooks;
    km_result plain;
    points_random random = {seed};
    size_t n = 1 + points_below(&random, 120);
    size_t dims = 1 + points_below(&random, 4);
    double *rows = points_memory(n, dims);
    double *centroids = points_memory(10, dims);
    km_params params = {.k = 1 + points_below(&random, 10),
                        .init = (km_init)(seed / 4 % 3),
                        .n_init = 1,
                        .max_iter = seed % 5 == 0 ? 2 : 300,
                        .tol = seed % 3 == 0 ? 1e-4 : 0,
                        .seed = seed,
                        .clamp = 1};
    points_fill(rows, n, dims, (points_kind)(seed % POINTS_KINDS), &random);
    points_fill(centroids, 10, dims, POINTS_GRID, &random);
    params.centroids = centroids;
    core_hooks_init(&hooks);
    assert_int_equal(fit(rows, n, dims, &params, &hooks, &plain), KM_OK);
    for (size_t p = 0; p < sizeof powers / sizeof *powers; p++) {
      km_result scaled;
      double *scaled_rows = points_memory(n, dims);
      double *scaled_centroids = points_memory(10, dims);
      for (size_t v = 0; v < n * dims; v++) {
        scaled_rows[v] = ldexp(rows[v], powers[p]);
      }
      for (size_t v = 0; v < 10 * dims; v++) {
        scaled_centroids[v] = ldexp(centroids[v], powers[p]);
      }
      params.centroids = scaled_centroids;
      assert_int_equal(fit(scaled_rows, n, dims, &params, &hooks, &scaled), KM_OK);
      assert_scaled(&scaled, &plain, powers[p]);
      km_result_clear(&scaled, &hooks.hooks);
      free(scaled_centroids);
      free(scaled_rows);
    }
    km_result_clear(&plain, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    free(centroids);
    free(rows);
  }
}

/* Both signs of all magnitudes in one dataset. */
static size_t fill_magnitudes(double *rows, size_t dims) {
  size_t n = 0;
  for (int power = -300; power <= 300; power += 12) {
    for (int sign = -1; sign <= 1; sign += 2) {
      for (size_t j = 0; j < dims; j++) {
        rows[n * dims + j] = j == n % dims ? sign * pow(10, power) : 0;
      }
      n++;
    }
  }
  return n;
}

static void each_magnitude_its_own_cluster(void **state) {
  (void)state;
  for (size_t dims = 1; dims <= 3; dims++) {
    double rows[3 * 120];
    size_t n = fill_magnitudes(rows, dims);
    for (uint64_t seed = 0; seed < 12; seed++) {
      core_hooks hooks;
      km_result result;
      unsigned char seen[120] = {0};
      km_params params = {.k = n, .init = (km_init)(seed % 2), .n_init = 1, .seed = seed};
      params.max_iter = seed % 3 == 0 ? 1 : 300;
      core_hooks_init(&hooks);
      assert_int_equal(fit(rows, n, dims, &params, &hooks, &result), KM_OK);
      for (size_t i = 0; i < n; i++) {
        uint32_t label = km_result_label(&result, i);
        assert_true(seen[label]++ == 0);
        assert_memory_equal(result.centroids + label * dims, rows + i * dims, dims * sizeof *rows);
      }
      assert_true(result.inertia == 0);
      km_result_clear(&result, &hooks.hooks);
      assert_int_equal(hooks.live, 0);
    }
  }
}

/* The promises hold for fewer clusters than magnitudes too; the nearest is km_nearest's. */
static void promises_hold_at_all_magnitudes(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(150); seed++) {
    core_hooks hooks;
    km_result result;
    double rows[3 * 120];
    size_t dims = 1 + seed % 3;
    size_t n = fill_magnitudes(rows, dims);
    km_params params = {.k = 1 + seed % 40, .n_init = 1, .seed = seed};
    params.init = (km_init)(seed / 3 % 2);
    params.max_iter = seed % 7 == 0 ? 1 : 300;
    core_hooks_init(&hooks);
    assert_int_equal(fit(rows, n, dims, &params, &hooks, &result), KM_OK);
    assert_int_equal(points_distinct(result.centroids, result.k, dims), result.k);
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(km_result_label(&result, i),
                       km_nearest(rows + i * dims, result.centroids, result.k, dims, result.k));
    }
    for (size_t c = 0; c < result.k; c++) {
      assert_true(result.sizes[c] > 0);
      assert_true(c == 0 || result.centroids[(c - 1) * dims] <= result.centroids[c * dims]);
    }
    km_result_clear(&result, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

/* Given centroids may be far from the points, and tiny ones next to huge ones. */
static void applies_centroids_of_any_magnitude(void **state) {
  (void)state;
  double points[3 * 120];
  double centroids[3 * 120];
  for (size_t t = 0; t < points_cases(60); t++) {
    core_hooks hooks;
    km_dataset data;
    km_result result;
    size_t dims = 1 + t % 3;
    int power = (int)(t / 3) * 100 - 950;
    size_t k = fill_magnitudes(centroids, dims);
    points_random random = {t};
    points_fill(points, 100, dims, POINTS_GRID, &random);
    for (size_t v = 0; v < 100 * dims; v++) {
      points[v] = ldexp(points[v], power);
    }
    core_hooks_init(&hooks);
    km_dataset_init(&data, dims, KM_DOUBLE);
    points_load(&data, points, 100, &hooks.hooks);
    assert_int_equal(km_apply(&data, centroids, k, 0, &hooks.hooks, &result), KM_OK);
    for (size_t i = 0; i < 100; i++) {
      assert_int_equal(km_result_label(&result, i),
                       km_nearest(points + i * dims, centroids, k, dims, k));
    }
    km_result_clear(&result, &hooks.hooks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

/* A radius survives beside data that is larger by the whole range of double. */
static void small_radii(void **state) {
  (void)state;
  double rows[] = {0, 1e-200, 2e-200, 3e-200, 1, 1.5};
  double centroids[] = {0, 1.25};
  core_hooks hooks;
  km_dataset data;
  km_result result;
  core_hooks_init(&hooks);
  km_dataset_init(&data, 1, KM_DOUBLE);
  points_load(&data, rows, 6, &hooks.hooks);
  assert_int_equal(km_apply(&data, centroids, 2, 0, &hooks.hooks, &result), KM_OK);
  assert_true(result.radii[0] == 3e-200 && result.radii[1] == 0.25);
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
}

/* So does an inertia: beside data that makes squares underflow, and from below and above. */
static void small_inertias(void **state) {
  (void)state;
  double rows[] = {0.75e16, 1e16, 1.25e16, 3, 5, -9e299, 9e299};
  double centroids[] = {1e16, 4, -9e299, 9e299};
  double weights[] = {1, 1, 2, 0.5, 0.25, 1, 1};
  for (int weighted = 0; weighted < 2; weighted++) {
    core_hooks hooks;
    km_dataset data;
    km_result result;
    core_hooks_init(&hooks);
    km_dataset_init(&data, 1, KM_DOUBLE);
    points_load(&data, rows, 7, &hooks.hooks);
    points_weigh(&data, weights, weighted ? 7 : 0, &hooks.hooks);
    assert_int_equal(km_apply(&data, centroids, 4, 0, &hooks.hooks, &result), KM_OK);
    assert_true(result.inertias[0] == (weighted ? 3 : 2) * 0.25e16 * 0.25e16);
    assert_true(result.inertias[1] == (weighted ? 0.75 : 2));
    assert_true(result.inertias[2] == 0 && result.inertias[3] == 0);
    assert_true(result.inertia == result.inertias[0] + result.inertias[1]);
    assert_true(result.radii[0] == 0.25e16 && result.radii[1] == 1);
    km_result_clear(&result, &hooks.hooks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

/* Timestamps in nanoseconds, projected coordinates: unit differences far from zero. */
static void offsets_cost_no_precision(void **state) {
  (void)state;
  static const double offsets[] = {0, 1e6, 1.7e9, 1.7e18};
  for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
    core_hooks hooks;
    km_result result;
    double rows[400];
    double step = offsets[o] > 1e15 ? 256 : 1;
    km_params params = {.k = 4, .n_init = 1, .max_iter = 300, .tol = 1e-4};
    for (size_t i = 0; i < 400; i++) {
      rows[i] = offsets[o] + ((double)(i % 4) * 64 + (double)(i / 4 % 5)) * step;
    }
    core_hooks_init(&hooks);
    assert_int_equal(fit(rows, 400, 1, &params, &hooks, &result), KM_OK);
    for (size_t i = 0; i < 400; i++) {
      assert_int_equal(km_result_label(&result, i), i % 4);
    }
    for (size_t c = 0; c < 4; c++) {
      assert_true(result.centroids[c] == offsets[o] + ((double)c * 64 + 2) * step);
      assert_true(result.inertias[c] == 200 * step * step);
      assert_true(result.radii[c] == 2 * step);
    }
    km_result_clear(&result, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
}

/* Opposite points at the largest coordinate: sums cancel, differences are twice as large. */
static void the_largest_coordinates(void **state) {
  (void)state;
  core_hooks hooks;
  km_result result;
  const double rows[] = {KM_MAX_COORDINATE, -KM_MAX_COORDINATE, KM_MAX_COORDINATE,
                         -KM_MAX_COORDINATE};
  km_params params = {.k = 2, .n_init = 1, .max_iter = 300, .tol = 1e-4};
  core_hooks_init(&hooks);
  assert_int_equal(fit(rows, 4, 1, &params, &hooks, &result), KM_OK);
  assert_true(result.centroids[0] == -KM_MAX_COORDINATE);
  assert_true(result.centroids[1] == KM_MAX_COORDINATE);
  assert_true(result.inertia == 0);
  km_result_clear(&result, &hooks.hooks);
  params.k = 1;
  assert_int_equal(fit(rows, 4, 1, &params, &hooks, &result), KM_OK);
  assert_true(result.centroids[0] == 0);
  assert_true(result.radii[0] == KM_MAX_COORDINATE);
  km_result_clear(&result, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* Beyond them, where a sum of few is infinite: an end, and no such centroid. */
static void sums_that_overflow(void **state) {
  (void)state;
  const double rows[] = {1.7e308, 1, 1.6e308, 2, 1.7e308, 3, -1.7e308, 4};
  core_hooks hooks;
  km_result result;
  km_params params = {.k = 2, .n_init = 1, .max_iter = 300};
  core_hooks_init(&hooks);
  assert_int_equal(fit(rows, 4, 2, &params, &hooks, &result), KM_OVERFLOW);
  km_result_clear(&result, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* Rows of two columns, of which pairs cancel that are 2^power times as large as the others. */
static void fill_cancelling(double *rows, size_t n, int power, points_random *random) {
  for (size_t i = 0; i < n; i += 4) {
    for (size_t j = 0; j < 2; j++) {
      double large = ldexp(1 + points_unit(random), power);
      rows[2 * i + j] = 1 + points_unit(random);
      rows[2 * (i + 1) + j] = large;
      rows[2 * (i + 2) + j] = -1 - points_unit(random);
      rows[2 * (i + 3) + j] = -large;
    }
  }
}

static void shuffle(double *rows, size_t n, points_random *random) {
  for (size_t i = n; i > 1; i--) { /* Fisher & Yates */
    size_t other = points_below(random, i);
    for (size_t j = 0; j < 2; j++) {
      double swapped = rows[2 * other + j];
      rows[2 * other + j] = rows[2 * (i - 1) + j];
      rows[2 * (i - 1) + j] = swapped;
    }
  }
}

/* Means whose terms cancel to 2^-40 of the largest: exact, in any order of the rows, by any engine. */
static void cancelling_sums(void **state) {
  enum { N = 32 };
  (void)state;
  for (uint64_t seed = 0; seed < 200; seed++) {
    core_hooks hooks;
    double rows[N * 2];
    double column[N];
    double mean[2];
    double given[2] = {0, 0};
    points_random random = {seed};
    core_hooks_init(&hooks);
    fill_cancelling(rows, N, (int)(seed % 41), &random);
    for (size_t j = 0; j < 2; j++) {
      for (size_t i = 0; i < N; i++) {
        column[i] = rows[2 * i + j];
      }
      mean[j] = oracle_mean(column, NULL, N);
    }
    for (int algorithm = KM_ALGORITHM_PLAIN; algorithm <= KM_ALGORITHM_BOUNDS; algorithm++) {
      km_result result;
      km_params params = {
          .k = 1, .init = KM_INIT_CENTROIDS, .centroids = given, .n_init = 1, .max_iter = 9};
      params.algorithm = (km_algorithm)algorithm;
      shuffle(rows, N, &random);
      assert_int_equal(fit(rows, N, 2, &params, &hooks, &result), KM_OK);
      assert_true(result.centroids[0] == mean[0] && result.centroids[1] == mean[1]);
      km_result_clear(&result, &hooks.hooks);
    }
    assert_int_equal(hooks.live, 0);
  }
}

/* Where they cancel to less than twice the precision of double holds, the last bits of a mean may go by
** the order of the rows and by the engine; but never by the number of threads. */
static void sums_that_cancel_too_far(void **state) {
  enum { N = 20000, K = 30 };
  (void)state;
  points_random random = {38};
  double *rows = points_memory(N, 2);
  fill_cancelling(rows, N, 120, &random);
  shuffle(rows, N, &random);
  for (int algorithm = KM_ALGORITHM_PLAIN; algorithm <= KM_ALGORITHM_BOUNDS; algorithm++) {
    core_hooks hooks;
    km_result alone;
    km_params params = {.k = K, .n_init = 1, .max_iter = 4, .refine = KM_REFINE_NONE};
    params.algorithm = (km_algorithm)algorithm;
    params.threads = 1;
    core_hooks_init(&hooks);
    assert_int_equal(fit(rows, N, 2, &params, &hooks, &alone), KM_OK);
    for (params.threads = 2; params.threads <= 7; params.threads += 5) {
      km_result together;
      assert_int_equal(fit(rows, N, 2, &params, &hooks, &together), KM_OK);
      assert_memory_equal(together.centroids, alone.centroids, K * 2 * sizeof(double));
      assert_memory_equal(together.inertias, alone.inertias, K * sizeof(double));
      km_result_clear(&together, &hooks.hooks);
    }
    km_result_clear(&alone, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
  free(rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clusters_have_no_units),
      cmocka_unit_test(each_magnitude_its_own_cluster),
      cmocka_unit_test(promises_hold_at_all_magnitudes),
      cmocka_unit_test(applies_centroids_of_any_magnitude),
      cmocka_unit_test(small_radii),
      cmocka_unit_test(small_inertias),
      cmocka_unit_test(offsets_cost_no_precision),
      cmocka_unit_test(the_largest_coordinates),
      cmocka_unit_test(sums_that_overflow),
      cmocka_unit_test(cancelling_sums),
      cmocka_unit_test(sums_that_cancel_too_far),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
