/* Which rows a sample holds: some of every stretch, all but for certain those far from all others; what their weights add up
** to; no leaks wherever it is stopped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/importance.h"
#include "core/sample.h"
#include "dataset_fixture.h"
#include "points.h"

enum { ROWS = 4000, COUNT = 250, K = 2 };

static const double centroids[2 * K] = {0.25, 0.25, 0.75, 0.75};
/* Points of the unit square, but `far` of them, evenly apart, at (reach, reach). */
static void make_square(size_t far, double reach) {
  points_random random = {5};
  for (size_t i = 0; i < ROWS; i++) {
    double row[2] = {points_unit(&random), points_unit(&random)};
    if (far > 0 && i % (ROWS / far) == ROWS / far / 2) {
      row[0] = row[1] = reach;
    }
    points_load(&data, row, 1, &host.hooks);
  }
}

static km_status draw(km_sample *sample, km_blocks *blocks, uint64_t seed, size_t count) {
  km_random random;
  km_random_seed(&random, seed);
  memset(sample, 0, sizeof *sample);
  memset(blocks, 0, sizeof *blocks);
  km_status status = km_blocks_init(blocks, &data, &host.hooks, NULL, K, centroids);
  return status == KM_OK ? km_sample_init(sample, blocks, &random, count, centroids, K) : status;
}

static void drop(km_sample *sample, km_blocks *blocks) {
  km_sample_clear(sample);
  km_blocks_clear(blocks);
}

/* The first coordinate of the sample's row. */
static double first_of(const km_sample *sample, const km_blocks *blocks, size_t i) {
  double room[2];
  return km_picked_row(&sample->rows, i, room)[0] / blocks->one;
}

static void test_evenly(void **state) {
  km_blocks blocks;
  km_sample sample;
  (void)state;
  make_square(0, 0);
  assert_int_equal(draw(&sample, &blocks, 1, COUNT), KM_OK);
  assert_null(sample.weights);
  assert_null(sample.missed);
  drop(&sample, &blocks);
}

/* Eight rows have nearly all of the inertia: they are drawn once to three times each, and count for eight. */
static void test_far(void **state) {
  (void)state;
  make_square(8, 1e4);
  for (uint64_t seed = 0; seed < 50; seed++) {
    km_blocks blocks;
    km_sample sample;
    double total = 0;
    double far = 0;
    size_t drawn = 0;
    assert_int_equal(draw(&sample, &blocks, seed, COUNT), KM_OK);
    for (size_t i = 0; i < COUNT; i++) {
      total += sample.weights[i];
      if (first_of(&sample, &blocks, i) > 1) {
        drawn++;
        far += sample.weights[i];
        assert_true(sample.missed[i] >= 0 && sample.missed[i] < 0.1);
      } else {
        assert_true(sample.weights[i] == 1);
        assert_true(sample.missed[i] > 0.9);
      }
    }
    assert_in_range(drawn, 8, 24);
    assert_true(fabs(far / total * ROWS - 8) < 4);
    drop(&sample, &blocks);
  }
}

static void test_importance(void **state) {
  km_blocks blocks;
  km_importance importance;
  (void)state;
  make_square(1, 1e6);
  memset(&blocks, 0, sizeof blocks);
  assert_int_equal(km_blocks_init(&blocks, &data, &host.hooks, NULL, K, centroids), KM_OK);
  assert_int_equal(km_importance_init(&importance, &blocks, COUNT), KM_OK);
  assert_true(km_importance_differs(&importance));
  assert_true(km_importance_of(&importance, ROWS / 2) == 2.0 * ROWS / COUNT);
  assert_true(km_importance_of(&importance, 0) == 1);
  assert_true(importance.total == ROWS + 2.0 * ROWS / COUNT - 1);
  km_importance_clear(&importance);
  assert_int_equal(km_importance_init(&importance, &blocks, ROWS), KM_OK);
  assert_false(km_importance_differs(&importance));
  km_importance_clear(&importance);
  km_blocks_clear(&blocks);
}

/* A row matters by its weight, too, and what is drawn more often for that counts for less: the sum is the same. */
static void test_weights(void **state) {
  (void)state;
  make_square(0, 0);
  for (size_t i = 0; i < ROWS; i++) {
    double weight = i % 1000 == 0 ? 1000 : i % 7 == 0 ? 0 : 1;
    points_weigh(&data, &weight, 1, &host.hooks);
  }
  double mean = 0;
  for (uint64_t seed = 0; seed < 50; seed++) {
    km_blocks blocks;
    km_sample sample;
    double heavy = 0;
    assert_int_equal(draw(&sample, &blocks, seed, COUNT), KM_OK);
    assert_non_null(sample.missed);
    for (size_t i = 0; i < COUNT; i++) {
      heavy += sample.missed[i] < 0.5 ? sample.weights[i] / blocks.weight_unit / 1000 : 0;
    }
    mean += heavy * ROWS / COUNT / 50;
    drop(&sample, &blocks);
  }
  assert_true(mean > 3 && mean < 5);
}

/* Every allocation fails once, every question whether to go on is answered no once. */
static void test_failures(void **state) {
  (void)state;
  make_square(8, 1e4);
  for (int cancel = 0; cancel < 2; cancel++) {
    km_status status = KM_NOMEM;
    host.fail_at = 0;
    for (size_t fault = 1; status != KM_OK; fault += cancel ? 41 * points_stride() : 1) {
      km_blocks blocks;
      km_sample sample;
      core_hooks_break(&host, cancel, fault);
      status = draw(&sample, &blocks, 3, COUNT);
      drop(&sample, &blocks);
      assert_true(status == KM_OK || status == (cancel ? KM_CANCELLED : KM_NOMEM));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_evenly, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_far, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_importance, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_weights, dataset_setup, dataset_teardown),
      cmocka_unit_test_setup_teardown(test_failures, dataset_setup, dataset_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
