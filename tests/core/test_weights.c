/* Weights: a row of weight m is m copies of it, to the last bit; one of weight 0 is only labelled. */
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
#include "core/weights.h"
#include "core_hooks.h"
#include "oracle.h"
#include "points.h"
#include "promise.h"

/* Rows with weights, and the same rows with copies in their place. */
typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_dataset copies;
  double *rows;
  double *weights;
  size_t n;
  size_t dims;
} fixture;

/* n rows whose weights are drawn from least .. most. */
static void set_up(fixture *f, size_t n, size_t dims, points_kind kind, size_t least, size_t most,
                   uint64_t seed) {
  points_random random = {seed};
  core_hooks_init(&f->hooks);
  f->n = n;
  f->dims = dims;
  f->weights = points_memory(n, 1);
  f->rows = points_make(&f->data, n, dims, kind, &random, &f->hooks.hooks);
  km_dataset_init(&f->copies, dims, KM_DOUBLE);
  for (size_t i = 0; i < n; i++) {
    f->weights[i] = (double)(least + points_below(&random, most - least + 1));
    for (size_t copy = 0; copy < (size_t)f->weights[i]; copy++) {
      points_load(&f->copies, f->rows + i * dims, 1, &f->hooks.hooks);
    }
  }
  points_weigh(&f->data, f->weights, n, &f->hooks.hooks);
}

static void tear_down(fixture *f) {
  km_dataset_clear(&f->data, &f->hooks.hooks);
  km_dataset_clear(&f->copies, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
  free(f->rows);
  free(f->weights);
}

static int same(const double *a, const double *b, size_t count) {
  return memcmp(a, b, count * sizeof *a) == 0;
}

/* Fits both, and compares. */
static void check(fixture *f, const km_params *params, uint64_t seed) {
  km_result a;
  km_result b;
  size_t at = 0;
  km_status status = km_fit(&f->data, params, &f->hooks.hooks, &a);
  km_status expected = km_fit(&f->copies, params, &f->hooks.hooks, &b);
  PROMISE(status == expected);
  PROMISE(a.distinct == b.distinct);
  if (status == KM_OK) {
    PROMISE(a.k == b.k);
    PROMISE(same(a.centroids, b.centroids, a.k * f->dims));
    PROMISE(a.iterations == b.iterations);
    PROMISE(a.converged == b.converged);
    PROMISE(same(a.inertias, b.inertias, a.k));
    PROMISE(same(&a.inertia, &b.inertia, 1));
    PROMISE(same(a.radii, b.radii, a.k));
    size_t sizes = 0;
    for (size_t c = 0; c < a.k; c++) {
      PROMISE(a.weights[c] == (double)b.sizes[c]);
      PROMISE(b.weights[c] == (double)b.sizes[c]);
      sizes += a.sizes[c];
    }
    PROMISE(sizes == f->n);
    for (size_t i = 0; i < f->n; i++) {
      PROMISE(km_result_label(&a, i) ==
              km_nearest(f->rows + i * f->dims, a.centroids, a.k, f->dims, a.k));
      for (size_t copy = 0; copy < (size_t)f->weights[i]; copy++) {
        PROMISE(km_result_label(&b, at++) == km_result_label(&a, i));
      }
    }
  }
  km_result_clear(&a, &f->hooks.hooks);
  km_result_clear(&b, &f->hooks.hooks);
}

/* Few enough rows for copies to be seeded row by row, as rows with weights are. */
static void a_weight_is_as_many_copies(void **state) {
  (void)state;
  static const km_algorithm algorithms[] = {KM_ALGORITHM_AUTO, KM_ALGORITHM_PLAIN,
                                            KM_ALGORITHM_TREE, KM_ALGORITHM_DENSE,
                                            KM_ALGORITHM_BOUNDS};
  for (uint64_t seed = 0; seed < points_cases(6000); seed++) {
    fixture f;
    points_random random = {seed + 77};
    size_t dims = 1 + points_below(&random, 8);
    size_t most = 1 + points_below(&random, 5);
    size_t n = 1 + points_below(&random, 250 / most);
    set_up(&f, n, dims, (points_kind)(seed % POINTS_KINDS), points_below(&random, 2), most, seed);
    km_params params = {.k = 1 + points_below(&random, n < 20 ? n : 20),
                        .init = (km_init)(seed / 4 % 3),
                        .n_init = 1 + points_below(&random, 2),
                        .max_iter = points_below(&random, 2) ? 300 : 1 + points_below(&random, 4),
                        .tol = points_below(&random, 2) ? 1e-4 : 0,
                        .clamp = 1,
                        .algorithm = algorithms[points_below(&random, 5)],
                        .refine = KM_REFINE_NONE,
                        .seed = seed};
    double *given = points_memory(params.k, dims);
    points_fill(given, params.k, dims, (points_kind)(seed % POINTS_KINDS), &random);
    params.centroids = given;
    if (dims == 1 && params.init != KM_INIT_CENTROIDS) {
      params.refine = points_below(&random, 2) ? KM_REFINE_AUTO : KM_REFINE_NONE;
    }
    if (f.copies.rows.count > 0) {
      check(&f, &params, seed);
    }
    free(given);
    tear_down(&f);
  }
}

/* Enough rows for sums that are kept up to date, for bounds, trees and threads. The tree draws its first
** centroids otherwise. */
static void copies_of_many_rows(void **state) {
  (void)state;
  static const km_algorithm algorithms[] = {KM_ALGORITHM_AUTO, KM_ALGORITHM_DENSE,
                                            KM_ALGORITHM_BOUNDS, KM_ALGORITHM_TREE};
  for (uint64_t seed = 0; seed < points_cases(180); seed++) {
    fixture f;
    points_random random = {seed + 5};
    size_t dims = seed % 2 ? 6 + points_below(&random, 20) : 2 + points_below(&random, 4);
    size_t n = 1000 + points_below(&random, 3000);
    set_up(&f, n, dims, (points_kind)(seed % POINTS_KINDS), points_below(&random, 2), 3, seed);
    km_params params = {.k = 2 + points_below(&random, 40),
                        .init = dims < 6 || seed / 4 % 2 ? KM_INIT_RANDOM : KM_INIT_PLUS_PLUS,
                        .n_init = 1,
                        .max_iter = 300,
                        .clamp = 1,
                        .algorithm = algorithms[seed / 2 % 4],
                        .refine = KM_REFINE_NONE,
                        .threads = 1 + points_below(&random, 3),
                        .seed = seed};
    check(&f, &params, seed);
    tear_down(&f);
  }
}

/* Centroids far from all points: their clusters are empty and filled, by parts of rows. */
static void empty_clusters_take_one_copy(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(3000); seed++) {
    fixture f;
    points_random random = {seed + 7};
    size_t dims = 1 + points_below(&random, 6);
    size_t n = 5 + points_below(&random, 30);
    set_up(&f, n, dims, (points_kind)(seed % POINTS_KINDS), 1, 1 + points_below(&random, 4), seed);
    km_params params = {.k = 5,
                        .init = KM_INIT_CENTROIDS,
                        .n_init = 1,
                        .max_iter = 1 + points_below(&random, 30),
                        .refine = KM_REFINE_NONE};
    double *given = points_memory(params.k, dims);
    for (size_t v = 0; v < params.k * dims; v++) {
      given[v] = v < dims ? f.rows[v] : 1e5 * (double)(1 + v / dims);
    }
    params.centroids = given;
    check(&f, &params, seed);
    free(given);
    tear_down(&f);
  }
}

/* Swaps are tried on a sample that keeps the weights: they lower the inertia, never raise it, and find
** what copies find where the clusters are clear. */
static void refining_knows_weights(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(60); seed++) {
    fixture f;
    km_result plain;
    km_result refined;
    km_result copies;
    points_random random = {seed};
    size_t dims = 2 + points_below(&random, 6);
    set_up(&f, 200 + points_below(&random, 300), dims, POINTS_CONTINUOUS, 1, 4, seed);
    km_params params = {.k = 8,
                        .init = KM_INIT_RANDOM,
                        .n_init = 1,
                        .max_iter = 300,
                        .refine = KM_REFINE_NONE,
                        .seed = seed};
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &plain), KM_OK);
    params.refine = KM_REFINE_AUTO;
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &refined), KM_OK);
    assert_int_equal(km_fit(&f.copies, &params, &f.hooks.hooks, &copies), KM_OK);
    PROMISE(refined.inertia <= plain.inertia);
    PROMISE(refined.inertia <= 1.1 * copies.inertia);
    km_result_clear(&plain, &f.hooks.hooks);
    km_result_clear(&refined, &f.hooks.hooks);
    km_result_clear(&copies, &f.hooks.hooks);
    tear_down(&f);
  }
}

/* Some are enough for sums that are kept up to date, where small weights stand beside large ones. */
static void fractions_agree_with_the_oracle(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(3000); seed++) {
    fixture f;
    km_result result;
    points_random random = {seed + 99};
    size_t dims = 1 + points_below(&random, 8);
    int many = seed % 19 == 0;
    size_t n = 1 + points_below(&random, many ? 900 : 80);
    set_up(&f, n, dims, (points_kind)(seed % POINTS_KINDS), 1, 1, seed);
    for (size_t i = 0; i < n; i++) {
      f.weights[i] = (1 - points_unit(&random)) * (many ? exp2(-(double)(i * 7 % 60)) : 1);
      *(double *)km_chunks_at(&f.data.weights, i) = f.weights[i];
    }
    size_t distinct = points_distinct(f.rows, n, dims);
    size_t k = 1 + points_below(&random, distinct < 8 ? distinct : 8);
    oracle o = {.points = f.rows, .weights = f.weights, .n = n, .dims = dims, .k = k};
    o.centroids = points_memory(k, dims);
    o.labels = calloc(n, sizeof *o.labels);
    points_fill(o.centroids, k, dims, (points_kind)(seed % POINTS_KINDS), &random);
    double *given = points_memory(k, dims);
    memcpy(given, o.centroids, k * dims * sizeof *given);
    km_params params = {.k = k,
                        .init = KM_INIT_CENTROIDS,
                        .centroids = given,
                        .n_init = 1,
                        .max_iter = 300,
                        .algorithm = (km_algorithm)(seed % 5)};
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
    oracle_fit(&o, 300);
    PROMISE(same(result.centroids, o.centroids, k * dims));
    PROMISE(result.iterations == o.iterations);
    PROMISE(fabs(result.inertia - o.inertia) <= 1e-14 * o.inertia);
    for (size_t i = 0; i < n; i++) {
      PROMISE(km_result_label(&result, i) == o.labels[i]);
    }
    km_result_clear(&result, &f.hooks.hooks);
    free(o.centroids);
    free(o.labels);
    free(given);
    tear_down(&f);
  }
}

/* All weights times a power of two: the same clusters, weights and inertias as much larger. */
static void weights_have_no_unit(void **state) {
  (void)state;
  static const double factors[] = {0x1p-1000, 0x1p-60, 0x1p+60, 0x1p+900};
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    fixture f;
    km_result a;
    km_result b;
    points_random random = {seed};
    double factor = factors[seed % 4];
    set_up(&f, 60, 1 + points_below(&random, 6), POINTS_CONTINUOUS, 1, 1, seed);
    for (size_t i = 0; i < f.n; i++) {
      *(double *)km_chunks_at(&f.data.weights, i) = (1 + points_unit(&random)) / 8;
    }
    km_params params = {.k = 4, .init = (km_init)(seed % 2), .n_init = 1, .max_iter = 99};
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &a), KM_OK);
    for (size_t i = 0; i < f.n; i++) {
      *(double *)km_chunks_at(&f.data.weights, i) *= factor;
    }
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &b), KM_OK);
    PROMISE(same(a.centroids, b.centroids, 4 * f.dims));
    PROMISE(a.iterations == b.iterations && b.inertia == a.inertia * factor);
    for (size_t c = 0; c < 4; c++) {
      PROMISE(b.weights[c] == a.weights[c] * factor);
    }
    km_result_clear(&a, &f.hooks.hooks);
    km_result_clear(&b, &f.hooks.hooks);
    tear_down(&f);
  }
}

/* A cluster whose weight is nothing beside the others' has a centroid all the same, whichever engine finds
** it. */
static void small_weights_are_not_lost(void **state) {
  (void)state;
  static const double given[][2] = {{0, 0}, {100, 0}};
  static const double rows[][2] = {{0, 0}, {99, 1}, {101, -1}};
  static const double weights[] = {1e300, 1e-300, 1e-300};
  for (int algorithm = KM_ALGORITHM_AUTO; algorithm <= KM_ALGORITHM_BOUNDS; algorithm++) {
    for (size_t dims = 1; dims <= 2; dims++) {
      fixture f;
      set_up(&f, 3, dims, POINTS_GRID, 1, 1, 0);
      for (size_t i = 0; i < 3; i++) {
        memcpy(km_chunks_at(&f.data.rows, i), rows[i], dims * sizeof(double));
        *(double *)km_chunks_at(&f.data.weights, i) = weights[i];
      }
      for (int refine = KM_REFINE_AUTO; refine <= KM_REFINE_NONE; refine++) {
        double start[4];
        memcpy(start, given[0], dims * sizeof(double));
        memcpy(start + dims, given[1], dims * sizeof(double));
        km_params params = {.k = 2,
                            .init =
                                refine == KM_REFINE_AUTO ? KM_INIT_PLUS_PLUS : KM_INIT_CENTROIDS,
                            .centroids = start,
                            .n_init = 1,
                            .max_iter = 9,
                            .algorithm = (km_algorithm)algorithm,
                            .refine = (km_refine_choice)refine};
        km_result result;
        assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
        assert_true(result.centroids[0] == 0 && result.centroids[dims] == 100);
        km_result_clear(&result, &f.hooks.hooks);
      }
      tear_down(&f);
    }
  }
}

static void nothing_has_weight(void **state) {
  (void)state;
  fixture f;
  km_result result;
  set_up(&f, 5, 2, POINTS_GRID, 0, 0, 1);
  km_params params = {.k = 2, .n_init = 1, .max_iter = 9};
  assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
  assert_int_equal(result.k, 0);
  km_result_clear(&result, &f.hooks.hooks);
  static const double centroids[] = {0, 0, 50, 50};
  assert_int_equal(km_apply(&f.data, centroids, 2, 0, &f.hooks.hooks, &result), KM_OK);
  assert_true(result.sizes[0] == 5 && result.weights[0] == 0 && result.inertia == 0);
  assert_true(result.radii[0] == 0);
  km_result_clear(&result, &f.hooks.hooks);
  tear_down(&f);
}

/* Given centroids, too, see copies in a weight: a row of weight 0 adds nothing to its cluster's inertia
** and radius, whichever engine labels it. */
static void given_centroids_see_copies(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    fixture f;
    km_result a;
    km_result b;
    size_t dims = 1 + seed % 8;
    points_random random = {seed};
    size_t k = 1 + points_below(&random, 60);
    set_up(&f, 1 + points_below(&random, 300), dims, (points_kind)(seed % POINTS_KINDS), 0, 2,
           seed);
    double *given = points_memory(k, dims);
    points_fill(given, k, dims, (points_kind)(seed % POINTS_KINDS), &random);
    assert_int_equal(km_apply(&f.data, given, k, 1, &f.hooks.hooks, &a), KM_OK);
    assert_int_equal(km_apply(&f.copies, given, k, 1, &f.hooks.hooks, &b), KM_OK);
    PROMISE(same(a.inertias, b.inertias, k) && same(a.radii, b.radii, k));
    for (size_t c = 0; c < k; c++) {
      PROMISE(a.weights[c] == (double)b.sizes[c]);
    }
    km_result_clear(&a, &f.hooks.hooks);
    km_result_clear(&b, &f.hooks.hooks);
    free(given);
    tear_down(&f);
  }
}

/* Rows are drawn in proportion, whole or not. */
static void rows_are_drawn_by_weight(void **state) {
  (void)state;
  static const double weights[] = {1, 0.25, 2.5, 0.25};
  for (int whole = 0; whole < 2; whole++) {
    fixture f;
    km_lottery lottery;
    km_random random;
    size_t drawn[4] = {0};
    km_random_seed(&random, 5);
    set_up(&f, 4, 1, POINTS_GRID, 1, 1, 1);
    for (size_t i = 0; i < 4; i++) {
      *(double *)km_chunks_at(&f.data.weights, i) = weights[i] * (whole ? 4 : 1);
    }
    assert_int_equal(km_lottery_init(&lottery, &f.data, &f.hooks.hooks), KM_OK);
    for (int i = 0; i < 40000; i++) {
      drawn[km_lottery_draw(&lottery, &random)]++;
    }
    for (size_t i = 0; i < 4; i++) {
      assert_true(fabs((double)drawn[i] - weights[i] * 10000) < 500);
    }
    km_lottery_clear(&lottery, &f.hooks.hooks);
    tear_down(&f);
  }
}

/* Every allocation fails in turn, and every poll stops: nothing is leaked. */
static void faults_leak_nothing(void **state) {
  (void)state;
  for (int dims = 1; dims <= 6; dims++) {
    fixture f;
    km_result result;
    km_status status = KM_NOMEM;
    int tree = dims == 2; /* enough rows for one */
    set_up(&f, tree ? 400 : 60, (size_t)dims, POINTS_CONTINUOUS, 0, 4, 3);
    size_t live = f.hooks.live;
    km_params params = {.k = 4,
                        .n_init = 1,
                        .max_iter = tree ? 4 : 20,
                        .refine = tree ? KM_REFINE_NONE : KM_REFINE_AUTO};
    for (size_t at = 1; status == KM_NOMEM; at++) {
      f.hooks.allocations = 0;
      f.hooks.fail_at = at;
      status = km_fit(&f.data, &params, &f.hooks.hooks, &result);
      km_result_clear(&result, &f.hooks.hooks);
      assert_int_equal(f.hooks.live, live);
    }
    assert_int_equal(status, KM_OK);
    f.hooks.fail_at = 0;
    core_hooks_eager(&f.hooks);
    status = KM_CANCELLED;
    for (size_t at = 1; status == KM_CANCELLED; at += 1 + at / 16) {
      f.hooks.polls = 0;
      f.hooks.cancel_at = at;
      status = km_fit(&f.data, &params, &f.hooks.hooks, &result);
      km_result_clear(&result, &f.hooks.hooks);
      assert_int_equal(f.hooks.live, live);
    }
    assert_int_equal(status, KM_OK);
    tear_down(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_weight_is_as_many_copies),
      cmocka_unit_test(copies_of_many_rows),
      cmocka_unit_test(empty_clusters_take_one_copy),
      cmocka_unit_test(refining_knows_weights),
      cmocka_unit_test(fractions_agree_with_the_oracle),
      cmocka_unit_test(weights_have_no_unit),
      cmocka_unit_test(small_weights_are_not_lost),
      cmocka_unit_test(nothing_has_weight),
      cmocka_unit_test(given_centroids_see_copies),
      cmocka_unit_test(rows_are_drawn_by_weight),
      cmocka_unit_test(faults_leak_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
