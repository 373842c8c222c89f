/* Directions of single precision: rows are turned as floats where that decides, and nobody can tell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core_hooks.h"
#include "points.h"

/* Rows of any length that a float can have: times a power of two that is their own. None is 0. */
static void fill(double *rows, size_t n, size_t dims, size_t t, points_random *random) {
  uint64_t most = t % 3 == 0 ? 1 : t % 3 == 1 ? 80 : 180;
  points_fill(rows, n, dims, (points_kind)(t % POINTS_KINDS), random);
  for (size_t i = 0; i < n; i++) {
    int power = (int)points_below(random, most) - (int)(most / 2) - (t % 7 == 6 ? 100 : 0);
    rows[i * dims] += rows[i * dims] == 0;
    for (size_t j = 0; j < dims; j++) {
      rows[i * dims + j] = (double)(float)ldexp(rows[i * dims + j], power);
    }
    rows[i * dims] += rows[i * dims] == 0 ? 0x1p-149 : 0;
  }
}

static void load(km_dataset *data, km_element element, const double *rows, size_t n, size_t dims,
                 km_hooks *hooks, const km_transform *transform) {
  size_t at = 0;
  km_dataset_init(data, dims, element);
  points_load(data, rows, n, hooks);
  assert_int_equal(km_dataset_see(data, hooks, transform, &at), KM_OK);
}

static void floats_are_turned_as_doubles_are(void **state) {
  (void)state;
  static const km_algorithm algorithms[] = {KM_ALGORITHM_DENSE, KM_ALGORITHM_BOUNDS,
                                            KM_ALGORITHM_AUTO};
  static const char *const kernels[] = {NULL, "scalar", "avx2"};
  const km_transform transform = {.metric = KM_COSINE};
  points_random random = {8};
  for (size_t t = 0; t < points_cases(600); t++) {
    size_t n = 40 + points_below(&random, 400);
    size_t dims = 5 + points_below(&random, 40);
    core_hooks hooks;
    km_dataset floats;
    km_dataset doubles;
    km_result expected;
    double *rows = points_memory(n, dims);
    fill(rows, n, dims, t, &random);
    core_hooks_init(&hooks);
    load(&floats, KM_FLOAT, rows, n, dims, &hooks.hooks, &transform);
    load(&doubles, KM_DOUBLE, rows, n, dims, &hooks.hooks, &transform);
    km_params params = {.k = 1 + points_below(&random, 30),
                        .init = t % 2 ? KM_INIT_PLUS_PLUS : KM_INIT_RANDOM,
                        .n_init = 1,
                        .max_iter = 1 + points_below(&random, 40),
                        .clamp = 1,
                        .seed = t,
                        .refine = t % 5 ? KM_REFINE_NONE : KM_REFINE_AUTO,
                        .algorithm = KM_ALGORITHM_PLAIN};
    assert_int_equal(km_fit(&doubles, &params, &hooks.hooks, &expected), KM_OK);
    for (size_t a = 0; a < 3; a++) {
      km_result result;
      params.algorithm = algorithms[a];
      params.threads = 1 + t % 3;
      params.kernels = kernels[(t + a) % 3];
      params.kernels = params.kernels && km_kernel_known(params.kernels) ? params.kernels : NULL;
      assert_int_equal(km_fit(&floats, &params, &hooks.hooks, &result), KM_OK);
      assert_int_equal(result.k, expected.k);
      assert_int_equal(result.iterations, expected.iterations);
      assert_true(result.inertia == expected.inertia);
      assert_memory_equal(result.centroids, expected.centroids, expected.k * dims * sizeof(double));
      for (size_t i = 0; i < n; i++) {
        assert_int_equal(km_result_label(&result, i), km_result_label(&expected, i));
      }
      km_result_clear(&result, &hooks.hooks);
    }
    km_result_clear(&expected, &hooks.hooks);
    km_dataset_clear(&floats, &hooks.hooks);
    km_dataset_clear(&doubles, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    free(rows);
  }
}

/* Rows of integers, and the same times other integers: all products are exact in floats, too. */
static void multiples_have_one_direction(void **state) {
  (void)state;
  const km_transform transform = {.metric = KM_COSINE};
  points_random random = {9};
  for (size_t t = 0; t < 200; t++) {
    enum { DIRECTIONS = 7, COPIES = 30 };
    size_t dims = 1 + t % 9;
    size_t directions = dims == 1 ? 1 : DIRECTIONS;
    double *rows = points_memory(directions * COPIES, dims);
    for (size_t i = 0; i < directions * COPIES; i++) {
      double times = 1 + (double)points_below(&random, 1000);
      double *row = rows + i * dims;
      row[0] = times;
      for (size_t j = 1; j < dims; j++) {
        double one = (double)(i % directions * (2 * j + 1)) - (double)(t % 5);
        row[j] = one * times;
      }
    }
    for (int element = KM_DOUBLE; element <= KM_FLOAT; element++) {
      core_hooks hooks;
      km_dataset data;
      km_result result;
      size_t distinct = 0;
      km_params params = {.k = directions + 1, .n_init = 1, .max_iter = 10};
      core_hooks_init(&hooks);
      load(&data, (km_element)element, rows, directions * COPIES, dims, &hooks.hooks, &transform);
      assert_int_equal(km_dataset_distinct(&data, &hooks.hooks, 100, &distinct), KM_OK);
      assert_int_equal(distinct, directions);
      assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_TOO_FEW);
      assert_int_equal(result.distinct, directions);
      km_result_clear(&result, &hooks.hooks);
      params.clamp = 1;
      assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
      assert_int_equal(result.k, directions);
      for (size_t i = directions; i < directions * COPIES; i++) {
        assert_int_equal(km_result_label(&result, i), km_result_label(&result, i - directions));
      }
      km_result_clear(&result, &hooks.hooks);
      km_dataset_clear(&data, &hooks.hooks);
      assert_int_equal(hooks.live, 0);
    }
    free(rows);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(floats_are_turned_as_doubles_are),
                                     cmocka_unit_test(multiples_have_one_direction)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
