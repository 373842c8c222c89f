/* Points in single precision: a fit of them is that of the same points in double, refining included,
** and takes little room beside theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core_hooks.h"
#include "points.h"

#define DIMS ((size_t)128)
#define K ((size_t)24)
#define ROWS ((size_t)20000) /* more than refine's sample holds */

/* Points around K centres, of coordinates that floats hold. */
static void load(km_dataset *data, km_element element, size_t n, km_hooks *hooks) {
  points_random random = {5};
  float centre[K * DIMS];
  km_dataset_init(data, DIMS, element);
  for (size_t v = 0; v < K * DIMS; v++) {
    centre[v] = (float)(20 * points_unit(&random) - 10);
  }
  for (size_t i = 0; i < n; i++) {
    const float *from = centre + points_below(&random, K) * DIMS;
    void *row = km_chunks_push(&data->rows, hooks);
    assert_non_null(row);
    for (size_t j = 0; j < DIMS; j++) {
      float value = from[j] + (float)(12 * points_unit(&random) - 6);
      if (element == KM_FLOAT) {
        ((float *)row)[j] = value;
      } else {
        ((double *)row)[j] = (double)value;
      }
    }
  }
}

/* A start that is poor enough for swaps to pay. */
static km_params poor_start(km_refine_choice refine) {
  return (km_params){.k = K,
                     .init = KM_INIT_RANDOM,
                     .n_init = 1,
                     .max_iter = 300,
                     .tol = 1e-4,
                     .refine = refine,
                     .threads = 2};
}

static void refined_as_doubles_are(void **state) {
  (void)state;
  core_hooks hooks;
  km_dataset floats;
  km_dataset doubles;
  km_result plain;
  km_result expected;
  km_result result;
  core_hooks_init(&hooks);
  load(&floats, KM_FLOAT, ROWS, &hooks.hooks);
  load(&doubles, KM_DOUBLE, ROWS, &hooks.hooks);
  km_params params = poor_start(KM_REFINE_NONE);
  assert_int_equal(km_fit(&floats, &params, &hooks.hooks, &plain), KM_OK);
  params = poor_start(KM_REFINE_AUTO);
  assert_int_equal(km_fit(&doubles, &params, &hooks.hooks, &expected), KM_OK);
  assert_int_equal(km_fit(&floats, &params, &hooks.hooks, &result), KM_OK);
  assert_true(result.inertia < 0.9 * plain.inertia);
  assert_true(result.inertia == expected.inertia);
  assert_int_equal(result.iterations, expected.iterations);
  assert_memory_equal(result.centroids, expected.centroids, K * DIMS * sizeof(double));
  for (size_t i = 0; i < ROWS; i++) {
    assert_int_equal(km_result_label(&result, i), km_result_label(&expected, i));
  }
  km_result_clear(&plain, &hooks.hooks);
  km_result_clear(&expected, &hooks.hooks);
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&floats, &hooks.hooks);
  km_dataset_clear(&doubles, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* What a fit takes at its worst moment beside the points. */
static size_t room_for(size_t n) {
  core_hooks hooks;
  km_dataset data;
  km_result result;
  km_params params = poor_start(KM_REFINE_AUTO);
  core_hooks_init(&hooks);
  load(&data, KM_FLOAT, n, &hooks.hooks);
  size_t before = hooks.live_bytes;
  hooks.peak_bytes = before;
  assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
  size_t room = hooks.peak_bytes - before;
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  return room;
}

/* Bounds take 36 bytes a point, labels 8; the rest does not grow with the points. */
static void little_room(void **state) {
  (void)state;
  size_t few = room_for(ROWS / 2);
  size_t many = room_for(ROWS);
  assert_true(few < ROWS / 2 * DIMS * sizeof(float) / 2);
  assert_true(many - few < ROWS / 2 * 48);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(refined_as_doubles_are),
                                     cmocka_unit_test(little_room)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
