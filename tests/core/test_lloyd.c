/* Lloyd's iterations: every label, iteration count and bit of a centroid as the oracle has it. */
#include <inttypes.h>
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
#include "oracle.h"
#include "points.h"

#define CASES 6000

/* How initial centroids are chosen: the last three leave clusters empty. */
typedef enum start {
  START_ROWS,
  START_ANYWHERE,
  START_FAR,
  START_EQUAL,
  START_ONE_POINT,
  STARTS
} start;

/* One comparison with the oracle: everything follows from the seed. */
typedef struct trial {
  uint64_t seed;
  size_t n;
  size_t k;
  size_t dims;
  points_kind kind;
  start from;
  size_t max_iter;
  double tol;
  double *rows;
  double *centroids; /* the initial ones */
} trial;

static void place_centroids(const trial *t, points_random *random) {
  for (size_t c = 0; c < t->k; c++) {
    size_t row = t->from == START_ONE_POINT ? 0 : points_below(random, t->n);
    int odd = points_below(random, 2) == 1;
    for (size_t j = 0; j < t->dims; j++) {
      double *value = &t->centroids[c * t->dims + j];
      *value = t->rows[row * t->dims + j];
      if (t->from == START_ANYWHERE) {
        *value += points_unit(random) - 0.5;
      } else if (t->from == START_FAR && odd) {
        *value += (double)points_below(random, 3) * 1e6;
      } else if (t->from == START_EQUAL && odd) {
        *value = t->rows[j];
      }
    }
  }
}

/* Points and first centroids of the trial's shape. */
static void trial_fill(trial *t, points_random *random) {
  t->rows = points_memory(t->n, t->dims);
  t->centroids = points_memory(t->k, t->dims);
  points_fill(t->rows, t->n, t->dims, t->kind, random);
  place_centroids(t, random);
}

static void trial_make(trial *t, uint64_t seed) {
  points_random random = {seed * 1000003};
  memset(t, 0, sizeof *t);
  t->seed = seed;
  t->n = 1 + points_below(&random, 1 + points_below(&random, 300));
  t->k = 1 + points_below(&random, 20);
  t->dims = 1 + points_below(&random, 12);
  t->kind = (points_kind)(seed % POINTS_KINDS);
  t->from = (start)(seed / POINTS_KINDS % STARTS);
  t->max_iter = points_below(&random, 3) == 0 ? 1 + points_below(&random, 3) : 300;
  if (t->kind == POINTS_GRID) {
    t->dims = 1 + t->dims / 4;
  }
  trial_fill(t, &random);
}

static void trial_free(trial *t) {
  free(t->rows);
  free(t->centroids);
}

/* Fails with all that is needed to see the case again. */
static void differs(const trial *t, const char *what) {
  fail_msg("case %" PRIu64 " (%zu points of kind %d, %zu columns, k = %zu, start %d, at most %zu "
           "iterations): %s",
           t->seed, t->n, (int)t->kind, t->dims, t->k, (int)t->from, t->max_iter, what);
}

static void compare(const trial *t, const km_result *result, const oracle *o) {
  if (result->iterations != o->iterations || result->converged != o->converged) {
    differs(t, "another number of iterations");
  }
  for (size_t i = 0; i < t->n; i++) {
    if (km_result_label(result, i) != o->labels[i]) {
      differs(t, "another label");
    }
  }
  for (size_t v = 0; v < t->k * t->dims; v++) {
    if (result->centroids[v] != o->centroids[v]) {
      differs(t, "another centroid");
    }
  }
  if (!(fabs(result->inertia - o->inertia) <= 1e-12 * o->inertia)) {
    differs(t, "another inertia");
  }
}

static km_status fit(const trial *t, core_hooks *hooks, km_result *result) {
  km_dataset data;
  km_params params = {.k = t->k,
                      .init = KM_INIT_CENTROIDS,
                      .centroids = t->centroids,
                      .n_init = 1,
                      .max_iter = t->max_iter,
                      .tol = t->tol};
  km_dataset_init(&data, t->dims, KM_DOUBLE);
  points_load(&data, t->rows, t->n, &hooks->hooks);
  km_status status = km_fit(&data, &params, &hooks->hooks, result);
  km_dataset_clear(&data, &hooks->hooks);
  return status;
}

/* Runs a case by both; returns how many empty clusters the oracle filled. */
static size_t run(const trial *t) {
  core_hooks hooks;
  km_result result;
  size_t filled = 0;
  core_hooks_init(&hooks);
  size_t distinct = points_distinct(t->rows, t->n, t->dims);
  km_status status = fit(t, &hooks, &result);
  if (distinct < t->k) {
    if (status != KM_TOO_FEW || result.distinct != distinct) {
      differs(t, "too few distinct points, not noticed");
    }
  } else {
    double *centroids = points_memory(t->k, t->dims);
    uint32_t *labels = calloc(t->n, sizeof *labels);
    oracle o = {.points = t->rows,
                .n = t->n,
                .dims = t->dims,
                .k = t->k,
                .centroids = centroids,
                .labels = labels};
    assert_non_null(labels);
    assert_int_equal(status, KM_OK);
    memcpy(centroids, t->centroids, t->k * t->dims * sizeof *centroids);
    oracle_fit(&o, t->max_iter);
    compare(t, &result, &o);
    filled = o.filled;
    free(labels);
    free(centroids);
  }
  km_result_clear(&result, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  return filled;
}

static void equals_the_oracle(void **state) {
  (void)state;
  size_t with_empty = 0;
  for (uint64_t seed = 0; seed < points_cases(CASES); seed++) {
    trial t;
    trial_make(&t, seed);
    with_empty += run(&t) > 0;
    trial_free(&t);
  }
  /* The cases are worth something. */
  assert_true(with_empty > points_cases(CASES) / 8);
}

/* Rows that fill a chunk 64 at a time, and blocks of fewer than KM_BLOCK_ROWS. */
static void equals_the_oracle_with_many_columns(void **state) {
  (void)state;
  trial t = {.n = 260, .k = 6, .dims = 2000, .from = START_FAR, .max_iter = 20};
  points_random random = {1};
  trial_fill(&t, &random);
  run(&t);
  trial_free(&t);
}

/* Many blocks. */
static void equals_the_oracle_with_many_rows(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 4; seed++) {
    trial t = {.seed = seed, .n = 3000, .k = 5, .dims = 3, .max_iter = 300};
    points_random random = {seed};
    t.kind = (points_kind)seed;
    trial_fill(&t, &random);
    run(&t);
    trial_free(&t);
  }
}

/* A centroid is the mean of its points in whatever order they come. */
static void order_of_points_does_not_matter(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 300; seed++) {
    trial t;
    core_hooks hooks;
    km_result before;
    km_result after;
    points_random random = {seed};
    trial_make(&t, seed * POINTS_KINDS * STARTS + (seed % 2 ? POINTS_OFFSET : POINTS_CONTINUOUS));
    core_hooks_init(&hooks);
    km_status status = fit(&t, &hooks, &before);
    for (size_t left = t.n; left > 1; left--) {
      size_t i = left - 1;
      size_t other = points_below(&random, i + 1);
      for (size_t j = 0; j < t.dims; j++) {
        double swapped = t.rows[i * t.dims + j];
        t.rows[i * t.dims + j] = t.rows[other * t.dims + j];
        t.rows[other * t.dims + j] = swapped;
      }
    }
    assert_int_equal(fit(&t, &hooks, &after), status);
    if (status == KM_OK) {
      assert_int_equal(before.iterations, after.iterations);
      assert_memory_equal(before.centroids, after.centroids, t.k * t.dims * sizeof(double));
      assert_memory_equal(before.sizes, after.sizes, t.k * sizeof *before.sizes);
    }
    km_result_clear(&before, &hooks.hooks);
    km_result_clear(&after, &hooks.hooks);
    trial_free(&t);
  }
}

/* The mean of equal points is that point, however many there are. */
static void mean_of_equal_points(void **state) {
  (void)state;
  points_random random = {5};
  for (size_t n = 1; n <= 100; n++) {
    for (size_t t = 0; t < 20; t++) {
      double value = t == 0 ? 1 - 0x1p-52 : points_unit(&random) * 1e9;
      double rows[100];
      core_hooks hooks;
      km_result result;
      trial one = {.n = n, .k = 1, .dims = 1, .max_iter = 300, .rows = rows, .centroids = &value};
      for (size_t i = 0; i < n; i++) {
        rows[i] = value;
      }
      core_hooks_init(&hooks);
      assert_int_equal(fit(&one, &hooks, &result), KM_OK);
      assert_true(result.centroids[0] == value);
      assert_true(result.inertia == 0);
      assert_true(result.converged && result.iterations <= 2);
      km_result_clear(&result, &hooks.hooks);
    }
  }
}

/* One report for each iteration; in the first all labels are new, in the last nothing moves. */
static void reports_each_iteration(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 60; seed++) {
    trial t;
    core_hooks hooks;
    km_result result;
    trial_make(&t, seed * POINTS_KINDS * STARTS);
    t.max_iter = 300;
    core_hooks_init(&hooks);
    if (fit(&t, &hooks, &result) == KM_OK) {
      assert_int_equal(hooks.report_count, result.iterations);
      for (size_t r = 0; r < hooks.report_count; r++) {
        assert_int_equal(hooks.reports[r].run, 1);
        assert_int_equal(hooks.reports[r].iteration, r + 1);
        assert_true(hooks.reports[r].moved <= t.n);
        assert_true(hooks.reports[r].shift >= 0);
      }
      assert_int_equal(hooks.reports[0].moved, t.n);
      if (result.converged) {
        const km_report *last = &hooks.reports[result.iterations - 1];
        assert_true(last->moved == 0 || last->shift == 0);
      }
    }
    km_result_clear(&result, &hooks.hooks);
    trial_free(&t);
  }
}

/* Two centroids that move by 3 and by 4 move by 5 together. */
static void shift_is_the_movement_of_all(void **state) {
  (void)state;
  const double scales[] = {1, 0x1p-700, 0x1p600};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
    core_hooks hooks;
    km_result result;
    double rows[] = {-1, 0, 1, 0, 99, 50, 101, 50};
    double centroids[] = {3, 0, 100, 54};
    for (size_t v = 0; v < 8; v++) {
      rows[v] *= scales[s];
      centroids[v / 2] *= v % 2 == 0 ? scales[s] : 1;
    }
    trial t = {.n = 4, .k = 2, .dims = 2, .max_iter = 300, .rows = rows, .centroids = centroids};
    core_hooks_init(&hooks);
    assert_int_equal(fit(&t, &hooks, &result), KM_OK);
    assert_int_equal(result.iterations, 2);
    assert_true(result.converged);
    assert_int_equal(hooks.reports[0].moved, 4);
    assert_true(hooks.reports[0].shift == 5 * scales[s]);
    assert_int_equal(hooks.reports[1].moved, 0);
    assert_true(hooks.reports[1].shift == 0);
    km_result_clear(&result, &hooks.hooks);
  }
}

/* The furthest points, not the same value twice, not the only point of a cluster. */
static void empty_clusters_get_the_furthest_points(void **state) {
  (void)state;
  double rows[] = {0, 1, 2, 3, 20, 20, 12, 100};
  double centroids[] = {2, 1e6, 1e6, 100};
  double expected[] = {1.5, 20, 12, 100};
  core_hooks hooks;
  km_result result;
  trial t = {.n = 8, .k = 4, .dims = 1, .max_iter = 300, .rows = rows, .centroids = centroids};
  core_hooks_init(&hooks);
  assert_int_equal(fit(&t, &hooks, &result), KM_OK);
  for (size_t c = 0; c < 4; c++) {
    assert_true(result.centroids[c] == expected[c]);
  }
  km_result_clear(&result, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* However generous the tolerance, an iteration that filled a cluster is not the last. */
static void filling_is_not_converging(void **state) {
  (void)state;
  double rows[] = {0, 1, 2, 3, 20, 21};
  double starts[][2] = {{1, 20}, {1, 1e6}};
  for (size_t s = 0; s < 2; s++) {
    core_hooks hooks;
    km_result result;
    trial t = {.n = 6,
               .k = 2,
               .dims = 1,
               .max_iter = 300,
               .tol = 1e30,
               .rows = rows,
               .centroids = starts[s]};
    core_hooks_init(&hooks);
    assert_int_equal(fit(&t, &hooks, &result), KM_OK);
    assert_int_equal(result.iterations, s + 1);
    assert_true(result.converged);
    km_result_clear(&result, &hooks.hooks);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_oracle),
      cmocka_unit_test(equals_the_oracle_with_many_columns),
      cmocka_unit_test(equals_the_oracle_with_many_rows),
      cmocka_unit_test(order_of_points_does_not_matter),
      cmocka_unit_test(mean_of_equal_points),
      cmocka_unit_test(reports_each_iteration),
      cmocka_unit_test(shift_is_the_movement_of_all),
      cmocka_unit_test(empty_clusters_get_the_furthest_points),
      cmocka_unit_test(filling_is_not_converging),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
