/* km_fit and km_apply: the promises in core/fit.h, whatever the data and the parameters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core/lloyd.h"
#include "core/seed.h"
#include "core_hooks.h"
#include "oracle.h"
#include "points.h"
#include "promise.h"

/* A dataset, its rows side by side as well. */
typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  double *rows;
  size_t n;
  size_t dims;
} fixture;

static void set_up(fixture *f, size_t n, size_t dims) {
  core_hooks_init(&f->hooks);
  f->n = n;
  f->dims = dims;
  f->rows = points_memory(n, dims);
}

static void load(fixture *f) {
  km_dataset_init(&f->data, f->dims, KM_DOUBLE);
  points_load(&f->data, f->rows, f->n, &f->hooks.hooks);
}

static void set_up_points(fixture *f, size_t n, size_t dims, points_kind kind, uint64_t seed) {
  points_random random = {seed};
  set_up(f, n, dims);
  points_fill(f->rows, n, dims, kind, &random);
  load(f);
}

static void set_up_column(fixture *f, size_t n, const double *values) {
  set_up(f, n, 1);
  memcpy(f->rows, values, n * sizeof *values);
  load(f);
}

static void tear_down(fixture *f) {
  km_dataset_clear(&f->data, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
  free(f->rows);
}

static km_status fit(fixture *f, const km_params *params, km_result *result) {
  return km_fit(&f->data, params, &f->hooks.hooks, result);
}

static int close_to(double a, double b) {
  return fabs(a - b) <= 1e-12 * fabs(b);
}

/* Each label is the nearest, and sizes, inertias and radii are what follows from the labels. */
static void check_labels(const fixture *f, const km_result *r, uint64_t seed) {
  size_t *sizes = calloc(r->k, sizeof *sizes);
  double *radii = points_memory(r->k, 1);
  double *squares = points_memory(f->n, 1);
  assert_non_null(sizes);
  PROMISE(r->labels.count == f->n);
  for (size_t i = 0; i < f->n; i++) {
    const double *row = f->rows + i * f->dims;
    uint32_t label = km_result_label(r, i);
    PROMISE(label == oracle_nearest(row, r->centroids, r->k, f->dims));
    squares[i] = oracle_squared(row, r->centroids + label * f->dims, f->dims);
    radii[label] = fmax(radii[label], sqrt(squares[i]));
    sizes[label]++;
  }
  PROMISE(close_to(r->inertia, oracle_sum(squares, f->n)));
  PROMISE(close_to(r->inertia, oracle_sum(r->inertias, r->k)));
  for (uint32_t c = 0; c < r->k; c++) {
    size_t members = 0;
    for (size_t i = 0; i < f->n; i++) {
      if (km_result_label(r, i) == c) {
        squares[members++] =
            oracle_squared(f->rows + i * f->dims, r->centroids + c * f->dims, f->dims);
      }
    }
    PROMISE(r->sizes[c] == sizes[c]);
    PROMISE(r->radii[c] == radii[c]);
    PROMISE(close_to(r->inertias[c], oracle_sum(squares, members)));
  }
  free(squares);
  free(radii);
  free(sizes);
}

static int comes_first(const double *a, const double *b, size_t dims) {
  size_t j = 0;
  while (j < dims && a[j] == b[j]) {
    j++;
  }
  return j < dims && a[j] < b[j];
}

static void check_clusters(const km_params *p, const km_result *r, uint64_t seed) {
  PROMISE(r->k == p->k);
  PROMISE(points_distinct(r->centroids, r->k, r->dims) == r->k);
  for (size_t c = 0; c < r->k; c++) {
    PROMISE(r->sizes[c] > 0);
    PROMISE(p->init == KM_INIT_CENTROIDS || c == 0 ||
            comes_first(r->centroids + (c - 1) * r->dims, r->centroids + c * r->dims, r->dims));
  }
  PROMISE(r->iterations >= 1 && r->iterations <= p->max_iter);
  PROMISE(r->converged || r->iterations == p->max_iter);
}

static void check_same_bits(const km_result *a, const km_result *b, uint64_t seed) {
  PROMISE(a->k == b->k && a->dims == b->dims && a->iterations == b->iterations);
  PROMISE(memcmp(a->centroids, b->centroids, a->k * a->dims * sizeof(double)) == 0);
  PROMISE(memcmp(a->inertias, b->inertias, a->k * sizeof(double)) == 0);
  PROMISE(memcmp(a->radii, b->radii, a->k * sizeof(double)) == 0);
  PROMISE(memcmp(a->sizes, b->sizes, a->k * sizeof(size_t)) == 0);
  PROMISE(memcmp(&a->inertia, &b->inertia, sizeof(double)) == 0);
  for (size_t i = 0; i < a->labels.count; i++) {
    PROMISE(km_result_label(a, i) == km_result_label(b, i));
  }
}

static void keeps_its_promises(void **state) {
  (void)state;
  static const size_t iterations[] = {1, 2, 3, 300};
  for (uint64_t seed = 0; seed < points_cases(3000); seed++) {
    fixture f;
    km_result result;
    km_result again;
    points_random random = {seed + 77};
    size_t n = 1 + points_below(&random, 1 + points_below(&random, 300));
    double *given;
    set_up_points(&f, n, 1 + points_below(&random, 6), (points_kind)(seed % POINTS_KINDS), seed);
    km_params params = {.k = 1 + points_below(&random, 20),
                        .init = (km_init)(seed / 4 % 3),
                        .n_init = 1 + points_below(&random, 3),
                        .max_iter = iterations[points_below(&random, 4)],
                        .tol = points_below(&random, 2) ? 1e-4 : 0,
                        .seed = seed};
    size_t distinct = points_distinct(f.rows, n, f.dims);
    params.k = params.k < distinct ? params.k : distinct;
    given = points_memory(params.k, f.dims);
    points_fill(given, params.k, f.dims, POINTS_GRID, &random);
    params.centroids = given;
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    check_clusters(&params, &result, seed);
    check_labels(&f, &result, seed);
    assert_int_equal(fit(&f, &params, &again), KM_OK);
    check_same_bits(&result, &again, seed);
    km_result_clear(&result, &f.hooks.hooks);
    km_result_clear(&again, &f.hooks.hooks);
    free(given);
    tear_down(&f);
  }
}

/* Where nothing is tied and nothing stopped the fit, centroids are the means of their points. */
static void converged_centroids_are_means(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(300); seed++) {
    fixture f;
    km_result result;
    km_params params = {.k = 1 + seed % 9, .n_init = 1, .max_iter = 300, .seed = seed};
    set_up_points(&f, 200, 2, seed % 2 ? POINTS_CONTINUOUS : POINTS_OFFSET, seed);
    double *column = points_memory(200, 1);
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    assert_true(result.converged);
    for (size_t v = 0; v < 2 * result.k; v++) {
      size_t size = 0;
      for (size_t i = 0; i < f.n; i++) {
        if (km_result_label(&result, i) == v / 2) {
          column[size++] = f.rows[i * 2 + v % 2];
        }
      }
      assert_true(result.centroids[v] == oracle_mean(column, NULL, size));
    }
    km_result_clear(&result, &f.hooks.hooks);
    free(column);
    tear_down(&f);
  }
}

/* km_apply labels by what it is given, empty clusters and equal centroids too. */
static void applies_centroids(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(600); seed++) {
    fixture f;
    km_result result;
    points_random random = {seed + 5};
    size_t k = 1 + points_below(&random, 20);
    set_up_points(&f, 1 + points_below(&random, 300), 1 + points_below(&random, 5),
                  (points_kind)(seed % POINTS_KINDS), seed);
    double *centroids = points_memory(k, f.dims);
    points_fill(centroids, k, f.dims, POINTS_GRID, &random);
    assert_int_equal(km_apply(&f.data, centroids, k, 0, &f.hooks.hooks, &result), KM_OK);
    assert_int_equal(result.k, k);
    assert_memory_equal(result.centroids, centroids, k * f.dims * sizeof *centroids);
    check_labels(&f, &result, seed);
    km_result_clear(&result, &f.hooks.hooks);
    free(centroids);
    tear_down(&f);
  }
}

/* Applying the centroids of a fit to the same points gives the same labels. */
static void applying_agrees_with_fitting(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    fixture f;
    km_result fitted;
    km_result applied;
    km_params params = {.k = 4, .n_init = 1, .max_iter = 1 + seed % 4, .seed = seed, .clamp = 1};
    set_up_points(&f, 150, 2, (points_kind)(seed % POINTS_KINDS), seed);
    assert_int_equal(fit(&f, &params, &fitted), KM_OK);
    assert_int_equal(km_apply(&f.data, fitted.centroids, fitted.k, 0, &f.hooks.hooks, &applied),
                     KM_OK);
    applied.iterations = fitted.iterations;
    check_same_bits(&fitted, &applied, seed);
    km_result_clear(&fitted, &f.hooks.hooks);
    km_result_clear(&applied, &f.hooks.hooks);
    tear_down(&f);
  }
}

static void applies_to_no_points(void **state) {
  (void)state;
  const double centroids[] = {1, 2, 2};
  fixture f;
  km_result result;
  set_up(&f, 0, 1);
  load(&f);
  assert_int_equal(km_apply(&f.data, centroids, 3, 0, &f.hooks.hooks, &result), KM_OK);
  assert_int_equal(result.labels.count, 0);
  assert_true(result.inertia == 0);
  for (size_t c = 0; c < 3; c++) {
    assert_true(result.sizes[c] == 0 && result.inertias[c] == 0 && result.radii[c] == 0);
  }
  km_result_clear(&result, &f.hooks.hooks);
  tear_down(&f);
}

static void equal_points(void **state) {
  (void)state;
  const double values[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
  fixture f;
  km_result result;
  km_params params = {.k = 1, .n_init = 1, .max_iter = 300, .tol = 1e-4};
  set_up_column(&f, 6, values);
  for (size_t init = 0; init < 2; init++) {
    params.init = (km_init)init;
    params.k = 1;
    params.clamp = 0;
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    assert_true(result.centroids[0] == 0.1 && result.inertia == 0 && result.radii[0] == 0);
    assert_true(result.sizes[0] == 6 && result.converged);
    km_result_clear(&result, &f.hooks.hooks);
    params.k = 2;
    assert_int_equal(fit(&f, &params, &result), KM_TOO_FEW);
    assert_int_equal(result.distinct, 1);
    km_result_clear(&result, &f.hooks.hooks);
    params.clamp = 1;
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    assert_int_equal(result.k, 1);
    assert_int_equal(result.distinct, 1);
    assert_true(result.centroids[0] == 0.1 && result.sizes[0] == 6);
    km_result_clear(&result, &f.hooks.hooks);
  }
  tear_down(&f);
}

static void one_row(void **state) {
  (void)state;
  const double value = -7.5;
  fixture f;
  km_result result;
  km_params params = {.k = 1, .n_init = 3, .max_iter = 300};
  set_up_column(&f, 1, &value);
  assert_int_equal(fit(&f, &params, &result), KM_OK);
  assert_true(result.centroids[0] == value && result.sizes[0] == 1 && result.inertia == 0);
  assert_int_equal(km_result_label(&result, 0), 0);
  km_result_clear(&result, &f.hooks.hooks);
  tear_down(&f);
}

/* As many clusters as there are distinct points: each point lies on its centroid. */
static void as_many_clusters_as_points(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(800); seed++) {
    fixture f;
    km_result result;
    km_params params = {.init = (km_init)(seed / 4 % 2), .n_init = 1, .max_iter = 300};
    params.seed = seed;
    set_up_points(&f, 1 + seed % 120, 1 + seed % 3, (points_kind)(seed % POINTS_KINDS), seed);
    params.k = points_distinct(f.rows, f.n, f.dims);
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    check_clusters(&params, &result, seed);
    PROMISE(result.inertia == 0);
    PROMISE(result.converged);
    km_result_clear(&result, &f.hooks.hooks);
    params.k++;
    PROMISE(fit(&f, &params, &result) == KM_TOO_FEW);
    PROMISE(result.distinct == params.k - 1);
    km_result_clear(&result, &f.hooks.hooks);
    params.clamp = 1;
    PROMISE(fit(&f, &params, &result) == KM_OK);
    PROMISE(result.k == params.k - 1 && result.inertia == 0);
    km_result_clear(&result, &f.hooks.hooks);
    tear_down(&f);
  }
}

static void minus_zero_is_zero(void **state) {
  (void)state;
  const double values[] = {0.0, -0.0, 0.0, -0.0, 5, 5};
  fixture f;
  km_result result;
  km_params params = {.k = 2, .n_init = 1, .max_iter = 300};
  set_up_column(&f, 6, values);
  for (uint64_t seed = 0; seed < 10; seed++) {
    params.seed = seed;
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    assert_true(result.centroids[0] == 0 && result.centroids[1] == 5);
    assert_true(result.sizes[0] == 4 && result.inertia == 0);
    km_result_clear(&result, &f.hooks.hooks);
  }
  params.k = 3;
  assert_int_equal(fit(&f, &params, &result), KM_TOO_FEW);
  assert_int_equal(result.distinct, 2);
  km_result_clear(&result, &f.hooks.hooks);
  tear_down(&f);
}

/* n_init runs go on with the same random numbers; the one with the least inertia is kept. */
static void keeps_the_best_run(void **state) {
  (void)state;
  size_t improved = 0;
  for (uint64_t seed = 0; seed < 40; seed++) {
    fixture f;
    km_blocks blocks;
    km_random random;
    km_result result;
    double centroids[2 * 12];
    double best = HUGE_VAL;
    km_params params = {.k = 12, .init = (km_init)(seed % 2), .n_init = 6, .max_iter = 300};
    params.refine = KM_REFINE_NONE;
    params.seed = seed;
    set_up_points(&f, 200, 2, POINTS_CONTINUOUS, seed); /* seeded without a tree */
    assert_int_equal(km_blocks_init(&blocks, &f.data, &f.hooks.hooks, NULL, 12, NULL), KM_OK);
    km_random_seed(&random, seed);
    for (size_t run = 0; run < 6; run++) {
      km_params given = {.k = 12, .init = KM_INIT_CENTROIDS, .n_init = 1, .max_iter = 300};
      given.centroids = centroids;
      assert_int_equal(seed % 2 ? km_seed_rows(&blocks, &random, 12, centroids)
                                : km_seed_plus_plus(&blocks, &random, 12, centroids),
                       KM_OK);
      assert_int_equal(fit(&f, &given, &result), KM_OK);
      improved += run > 0 && result.inertia < best;
      best = fmin(best, result.inertia);
      km_result_clear(&result, &f.hooks.hooks);
    }
    km_blocks_clear(&blocks);
    f.hooks.report_count = 0;
    assert_int_equal(fit(&f, &params, &result), KM_OK);
    assert_true(close_to(result.inertia, best));
    assert_int_equal(f.hooks.reports[0].run, 1);
    assert_int_equal(f.hooks.reports[f.hooks.report_count - 1].run, 6);
    km_result_clear(&result, &f.hooks.hooks);
    tear_down(&f);
  }
  assert_true(improved > 20);
}

/* Seeds may lead to other clusters; the same clusters always have the same numbers. */
static void numbering_does_not_depend_on_the_seed(void **state) {
  (void)state;
  fixture f;
  km_result first;
  points_random random = {9};
  size_t same = 0;
  set_up(&f, 240, 2);
  for (size_t i = 0; i < 240; i++) {
    f.rows[2 * i] = (double)(i % 3) * 100;
    f.rows[2 * i + 1] = (double)(i % 2) * 100 + points_unit(&random);
  }
  load(&f);
  for (uint64_t seed = 0; seed < 60; seed++) {
    km_result result;
    km_params params = {.k = 6, .init = (km_init)(seed % 2), .n_init = 1, .max_iter = 300};
    params.seed = seed;
    assert_int_equal(fit(&f, &params, seed == 0 ? &first : &result), KM_OK);
    if (seed > 0 && close_to(result.inertia, first.inertia)) {
      first.iterations = result.iterations;
      check_same_bits(&first, &result, seed);
      same++;
    }
    if (seed > 0) {
      km_result_clear(&result, &f.hooks.hooks);
    }
  }
  for (size_t c = 0; c < 6; c++) {
    assert_true(first.centroids[2 * c] == (double)(c / 2 * 100));
    assert_true(floor(first.centroids[2 * c + 1]) == (double)(c % 2 * 100));
  }
  assert_true(same > 25);
  km_result_clear(&first, &f.hooks.hooks);
  tear_down(&f);
}

/* A larger tolerance stops no later, and stopped by tolerance is converged. */
static void tolerance_stops_early(void **state) {
  (void)state;
  size_t earlier = 0;
  for (uint64_t seed = 0; seed < 40; seed++) {
    fixture f;
    size_t before = SIZE_MAX;
    set_up_points(&f, 300, 2, POINTS_CONTINUOUS, seed);
    for (int power = 0; power < 4; power++) {
      km_result result;
      km_params params = {.k = 10, .init = KM_INIT_RANDOM, .n_init = 1, .max_iter = 300};
      params.refine = KM_REFINE_NONE; /* one start, whose iterations are counted */
      params.seed = seed;
      params.tol = power == 0 ? 0 : pow(100, power - 4);
      assert_int_equal(fit(&f, &params, &result), KM_OK);
      assert_true(result.converged);
      assert_true(result.iterations <= before);
      earlier += power > 0 && result.iterations < before;
      before = result.iterations;
      km_result_clear(&result, &f.hooks.hooks);
    }
    tear_down(&f);
  }
  assert_true(earlier > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_its_promises),
      cmocka_unit_test(converged_centroids_are_means),
      cmocka_unit_test(applies_centroids),
      cmocka_unit_test(applying_agrees_with_fitting),
      cmocka_unit_test(applies_to_no_points),
      cmocka_unit_test(equal_points),
      cmocka_unit_test(one_row),
      cmocka_unit_test(as_many_clusters_as_points),
      cmocka_unit_test(minus_zero_is_zero),
      cmocka_unit_test(keeps_the_best_run),
      cmocka_unit_test(numbering_does_not_depend_on_the_seed),
      cmocka_unit_test(tolerance_stops_early),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
