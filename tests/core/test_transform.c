/* km_transform: what is learned of the data, and rows as they are then seen, by everybody alike. */
#include <float.h>
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

/* Points, and how they are seen. */
typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_transform transform;
} fixture;

static void set_up(fixture *f, const double *rows, size_t n, size_t dims) {
  core_hooks_init(&f->hooks);
  km_dataset_init(&f->data, dims, KM_DOUBLE);
  points_load(&f->data, rows, n, &f->hooks.hooks);
  f->transform = (km_transform){0};
}

static void learn(fixture *f, km_view view) {
  size_t at = 0;
  km_hooks *hooks = &f->hooks.hooks;
  assert_int_equal(km_transform_learn(&f->transform, &view, &f->data, hooks, &at), KM_OK);
  assert_int_equal(km_dataset_see(&f->data, hooks, &f->transform, &at), KM_OK);
}

static void tear_down(fixture *f) {
  km_dataset_clear(&f->data, &f->hooks.hooks);
  km_transform_clear(&f->transform, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
}

static void assert_near(double a, double b) {
  if (!(fabs(a - b) <= 1e-14 * fabs(b))) {
    fail_msg("%.17g is not %.17g", a, b);
  }
}

/* Columns of one set of values each: what numpy and scikit-learn say of them. */
static void scales_are_those_of_the_columns(void **state) {
  (void)state;
  static const double rows[] = {1, 1.7e9, 7, 2, 1.7e9 + 1, 7, 4, 1.7e9 + 2, 7, 8, 1.7e9 + 7, 7};
  static const struct {
    km_scale scale;
    double shift[3];
    double spread[3];
  } expected[] = {
      {KM_SCALE_STANDARD, {3.75, 1.7e9 + 2.5, 7}, {2.680951323690902, 2.692582403567252, 1}},
      {KM_SCALE_MINMAX, {1, 1.7e9, 7}, {7, 7, 1}},
      {KM_SCALE_ROBUST, {3, 1.7e9 + 1.5, 7}, {3.25, 2.5, 1}},
  };
  for (size_t t = 0; t < 3; t++) {
    fixture f;
    double row[3];
    set_up(&f, rows, 4, 3);
    learn(&f, (km_view){.scale = expected[t].scale});
    for (size_t j = 0; j < 3; j++) {
      assert_near(f.transform.shift[j], expected[t].shift[j]);
      assert_near(f.transform.factor[j], 1 / expected[t].spread[j]);
    }
    km_dataset_copy(&f.data, 1, row);
    assert_near(row[0], (2 - expected[t].shift[0]) / expected[t].spread[0]);
    assert_true(row[2] == 0);
    km_dataset_unsee(&f.data, &f.hooks.hooks);
    assert_ptr_equal(km_dataset_row(&f.data, 1, NULL), km_chunks_at(&f.data.rows, 1));
    tear_down(&f);
  }
}

/* Of any magnitude: the standard deviation is that of the numbers times a power of two. */
static void extremes_are_scaled(void **state) {
  (void)state;
  static const double values[] = {1, 2, 4, 8, -3};
  static const int exponents[] = {-1010, -990, -500, -1, 0, 30, 500, 990};
  for (size_t t = 0; t < sizeof exponents / sizeof *exponents; t++) {
    for (km_scale scale = KM_SCALE_STANDARD; scale < KM_SCALES; scale++) {
      fixture f;
      double rows[5];
      double first = 0;
      for (size_t i = 0; i < 5; i++) {
        rows[i] = ldexp(values[i], exponents[t]);
      }
      set_up(&f, values, 5, 1);
      learn(&f, (km_view){.scale = scale});
      km_dataset_copy(&f.data, 3, &first);
      tear_down(&f);
      set_up(&f, rows, 5, 1);
      learn(&f, (km_view){.scale = scale});
      double seen = 0;
      km_dataset_copy(&f.data, 3, &seen);
      /* Where the spread is below 1e-300, nothing is scaled. */
      assert_true(exponents[t] == -1010 ? fabs(seen) < 1e-290 : fabs(seen - first) < 1e-15);
      tear_down(&f);
    }
  }
}

/* An outlier that would leave the range of numbers stays in it. */
static void coordinates_stay_finite(void **state) {
  (void)state;
  static const double rows[] = {0, 1e-200, 2e-200, 3e-200, 1e300, -1e300, 4e-200};
  fixture f;
  double seen = 0;
  set_up(&f, rows, 7, 1);
  learn(&f, (km_view){.scale = KM_SCALE_ROBUST});
  km_dataset_copy(&f.data, 4, &seen);
  assert_true(seen == KM_MAX_COORDINATE);
  km_dataset_copy(&f.data, 5, &seen);
  assert_true(seen == -KM_MAX_COORDINATE);
  km_transform_restore(&f.transform, &seen, 1, &seen);
  assert_true(fabs(seen) <= KM_MAX_COORDINATE);
  tear_down(&f);
}

static void means_stand_for_nan(void **state) {
  (void)state;
  static const double rows[] = {NAN, 5, 2, NAN, 4, 7};
  static const double hopeless[] = {1, NAN, 2, NAN};
  fixture f;
  km_view view = {.impute = 1, .scale = KM_SCALE_MINMAX};
  double row[2];
  size_t at = 0;
  set_up(&f, rows, 3, 2);
  learn(&f, (km_view){.impute = 1});
  assert_true(f.transform.impute[0] == 3 && f.transform.impute[1] == 6);
  km_dataset_copy(&f.data, 1, row);
  assert_true(row[0] == 2 && row[1] == 6);
  km_dataset_stored(&f.data, 1, row);
  assert_true(row[0] == 2 && isnan(row[1]));
  km_transform_clear(&f.transform, &f.hooks.hooks);
  learn(&f, view);
  km_dataset_copy(&f.data, 0, row);
  assert_true(row[0] == 0.5 && row[1] == 0);
  tear_down(&f);
  set_up(&f, hopeless, 2, 2);
  assert_int_equal(km_transform_learn(&f.transform, &view, &f.data, &f.hooks.hooks, &at),
                   KM_NO_VALUE);
  assert_int_equal(at, 1);
  tear_down(&f);
}

static double length_of(const double *row, size_t dims) {
  long double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    sum += (long double)row[j] * row[j];
  }
  return (double)sqrtl(sum);
}

static void directions_have_length_one(void **state) {
  (void)state;
  points_random random = {3};
  static const int exponents[] = {-900, -500, 0, 1, 500, 980};
  double row[60];
  for (size_t t = 0; t < points_cases(20000); t++) {
    size_t dims = 1 + points_below(&random, 60);
    for (size_t j = 0; j < dims; j++) {
      double value = points_unit(&random) * 2 - 1;
      row[j] = ldexp(t % 3 == 0 ? value * value * value : value, exponents[t % 6]);
    }
    double direction = km_direction(row, dims);
    for (size_t j = 0; j < dims; j++) {
      row[j] *= direction;
    }
    assert_true(fabs(length_of(row, dims) - 1) <= 4 * DBL_EPSILON);
    assert_true(km_direction(row, dims) == 1);
  }
  static const double none[][2] = {{0, 0}, {-0.0, 0}, {1e-301, -1e-301}, {0x1p-1074, 0}};
  for (size_t t = 0; t < 4; t++) {
    assert_true(km_direction(none[t], 2) == 0);
  }
  static const double odd[] = {1e300, -1e300, 1e-300, 3};
  assert_true(isfinite(km_direction(odd, 2)) && km_direction(odd, 2) > 0);
  assert_true(isfinite(km_direction(odd + 2, 1)) && km_direction(odd + 2, 1) > 0);
}

static void zero_has_no_direction(void **state) {
  (void)state;
  static const double rows[] = {1, 2, 0, 0, 3, 4};
  fixture f;
  double zero[] = {0, 0};
  size_t at = 0;
  set_up(&f, rows, 3, 2);
  f.transform.metric = KM_COSINE;
  assert_int_equal(km_dataset_see(&f.data, &f.hooks.hooks, &f.transform, &at), KM_NO_DIRECTION);
  assert_int_equal(at, 1);
  assert_false(km_transform_point(&f.transform, zero, 2));
  tear_down(&f);
}

/* All views that there are. */
static km_view view_of(size_t t) {
  static const km_view views[] = {
      {.scale = KM_SCALE_STANDARD},
      {.scale = KM_SCALE_MINMAX},
      {.scale = KM_SCALE_ROBUST},
      {.metric = KM_COSINE},
      {.impute = 1},
      {.impute = 1, .scale = KM_SCALE_STANDARD},
      {.impute = 1, .metric = KM_COSINE},
  };
  return views[t % (sizeof views / sizeof *views)];
}

/* Random points, some with holes where the view fills them; none is 0. */
static double *make_points(size_t n, size_t dims, size_t t, points_random *random) {
  double *rows = points_memory(n, dims);
  points_fill(rows, n, dims, (points_kind)(t / 7 % POINTS_KINDS), random);
  for (size_t i = 0; i < n; i++) {
    rows[i * dims] += rows[i * dims] == 0;
    if (view_of(t).impute && i > n / 2 && dims > 1) {
      rows[i * dims + 1 + points_below(random, dims - 1)] = NAN;
    }
  }
  return rows;
}

/* A row, its parts, and the same point on its own are the same bits. */
static void everybody_sees_the_same(void **state) {
  (void)state;
  points_random random = {4};
  for (size_t t = 0; t < points_cases(700); t++) {
    size_t n = 2 + points_below(&random, 50);
    size_t dims = 1 + points_below(&random, 20);
    fixture f;
    double row[20];
    double other[20];
    double *rows = make_points(n, dims, t, &random);
    set_up(&f, rows, n, dims);
    learn(&f, view_of(t));
    for (size_t i = 0; i < n; i++) {
      size_t first = points_below(&random, dims);
      size_t count = 1 + points_below(&random, dims - first);
      km_dataset_copy(&f.data, i, row);
      assert_memory_equal(km_dataset_part(&f.data, i, first, count, other), row + first,
                          count * sizeof *row);
      memcpy(other, rows + i * dims, dims * sizeof *other);
      assert_true(km_transform_point(&f.transform, other, dims));
      assert_memory_equal(other, row, dims * sizeof *row);
    }
    tear_down(&f);
    free(rows);
  }
}

/* What comes of a fit can be computed again from its centroids in the units of the points. */
static void check_fit(const fixture *f, const km_result *result) {
  const km_dataset *data = &f->data;
  const km_transform *transform = &f->transform;
  size_t dims = data->dims;
  double *row = points_memory(1, dims);
  double inertia = 0;
  for (size_t c = 0; c < result->k; c++) {
    memcpy(row, result->restored + c * dims, dims * sizeof *row);
    assert_true(km_transform_point(transform, row, dims));
    assert_memory_equal(row, result->centroids + c * dims, dims * sizeof *row);
    assert_true(result->sizes[c] > 0);
  }
  for (size_t i = 0; i < data->rows.count; i++) {
    km_dataset_copy(data, i, row);
    uint32_t label = oracle_nearest(row, result->centroids, result->k, dims);
    assert_int_equal(km_result_label(result, i), label);
    double squared = oracle_squared(row, result->centroids + label * dims, dims);
    inertia += transform->metric == KM_COSINE ? squared / 2 : squared;
  }
  assert_true(fabs(inertia - result->inertia) <= 1e-10 * inertia);
  free(row);
}

static void fits_are_consistent(void **state) {
  (void)state;
  points_random random = {5};
  static const km_algorithm algorithms[] = {KM_ALGORITHM_PLAIN, KM_ALGORITHM_TREE,
                                            KM_ALGORITHM_DENSE, KM_ALGORITHM_BOUNDS};
  for (size_t t = 0; t < points_cases(700); t++) {
    size_t n = 20 + points_below(&random, 300);
    size_t dims = 1 + points_below(&random, 9);
    fixture f;
    km_result first;
    double *rows = make_points(n, dims, t, &random);
    set_up(&f, rows, n, dims);
    learn(&f, view_of(t));
    km_params params = {.k = 1 + points_below(&random, 8), .n_init = 1, .max_iter = 50, .clamp = 1};
    params.refine = t % 2 ? KM_REFINE_NONE : KM_REFINE_AUTO;
    params.max_iter = t % 5 == 0 ? 1 : 50;
    params.seed = t;
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &first), KM_OK);
    check_fit(&f, &first);
    for (size_t a = 0; a < 4; a++) {
      km_result other;
      params.algorithm = algorithms[a];
      params.threads = 1 + a % 2;
      assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &other), KM_OK);
      assert_memory_equal(other.restored, first.restored, first.k * dims * sizeof(double));
      assert_true(other.inertia == first.inertia);
      km_result_clear(&other, &f.hooks.hooks);
    }
    /* Applied, and as a start that nothing can better. */
    km_result applied;
    assert_int_equal(
        km_apply(&f.data, first.restored, first.k, 1 + first.k % 3, &f.hooks.hooks, &applied),
        KM_OK);
    assert_memory_equal(applied.centroids, first.centroids, first.k * dims * sizeof(double));
    assert_true(applied.inertia == first.inertia);
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(km_result_label(&applied, i), km_result_label(&first, i));
    }
    km_result_clear(&applied, &f.hooks.hooks);
    km_result_clear(&first, &f.hooks.hooks);
    tear_down(&f);
    free(rows);
  }
}

/* Points that are neighbouring doubles: a mean between two of them is rounded in the units of the
** points, and can lose all its points by that. From every pair of points as a start. */
static void rounded_away_clusters_are_filled(void **state) {
  (void)state;
  static const double steps[] = {0, 1, 1, 2, 2, 1, 1, 1, 2, 0};
  static const km_scale scales[] = {KM_SCALE_STANDARD, KM_SCALE_MINMAX};
  for (size_t t = 0; t < 2 * 5 * 5; t++) {
    fixture f;
    km_result result;
    double rows[10];
    double start[4];
    size_t a = t / 2 % 5;
    size_t b = t / 10;
    for (size_t v = 0; v < 10; v++) {
      rows[v] = 0x1p52 + steps[v];
    }
    memcpy(start, rows + 2 * a, 2 * sizeof *rows);
    memcpy(start + 2, rows + 2 * b, 2 * sizeof *rows);
    set_up(&f, rows, 5, 2);
    learn(&f, (km_view){.scale = scales[t % 2]});
    km_params params = {.k = 2, .n_init = 1, .max_iter = 20, .init = KM_INIT_CENTROIDS};
    params.centroids = start;
    assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
    check_fit(&f, &result);
    km_result_clear(&result, &f.hooks.hooks);
    tear_down(&f);
  }
}

/* On the sphere a centroid has length 1, and inertia is never more than before. */
static void sphere_converges(void **state) {
  (void)state;
  points_random random = {6};
  for (size_t t = 0; t < points_cases(200); t++) {
    size_t n = 30 + points_below(&random, 200);
    size_t dims = 2 + points_below(&random, 6);
    fixture f;
    double *rows = make_points(n, dims, 7 * t + 3, &random);
    double before = INFINITY;
    set_up(&f, rows, n, dims);
    learn(&f, (km_view){.metric = KM_COSINE});
    for (size_t limit = 1; limit < 20; limit++) {
      km_params params = {.k = 3, .n_init = 1, .max_iter = limit, .clamp = 1};
      km_result result;
      params.refine = KM_REFINE_NONE;
      assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
      assert_true(result.inertia <= before * (1 + 1e-12) + 1e-14);
      before = result.inertia;
      for (size_t c = 0; c < result.k; c++) {
        assert_true(km_direction(result.centroids + c * dims, dims) == 1);
      }
      km_result_clear(&result, &f.hooks.hooks);
    }
    tear_down(&f);
    free(rows);
  }
}

/* Opposite points have no mean direction: the centroid stays where it is. */
static void zero_mean_keeps_the_centroid(void **state) {
  (void)state;
  static const double rows[] = {1, 0, -1, 0, 2, 0, -2, 0};
  static const double start[] = {0, 3};
  fixture f;
  km_result result;
  km_params params = {.k = 1, .n_init = 1, .max_iter = 10, .init = KM_INIT_CENTROIDS};
  params.centroids = start;
  set_up(&f, rows, 4, 2);
  learn(&f, (km_view){.metric = KM_COSINE});
  assert_int_equal(km_fit(&f.data, &params, &f.hooks.hooks, &result), KM_OK);
  assert_true(result.centroids[0] == 0 && result.centroids[1] == 1);
  assert_true(result.inertia == 4 && result.radii[0] == 1 && result.converged);
  km_result_clear(&result, &f.hooks.hooks);
  tear_down(&f);
}

/* One run of everything, in which one allocation fails or the host says stop. */
static km_status run_once(fixture *f, const double *rows, size_t n, size_t dims, size_t t) {
  km_result result;
  km_hooks *hooks = &f->hooks.hooks;
  km_view view = view_of(t);
  size_t at = 0;
  km_params params = {.k = 3, .n_init = 1, .max_iter = 20, .clamp = 1};
  params.refine = KM_REFINE_NONE; /* one start: each has the same allocations */
  memset(&result, 0, sizeof result);
  size_t fail_at = f->hooks.fail_at;
  f->hooks.fail_at = 0;
  km_dataset_init(&f->data, dims, KM_DOUBLE);
  points_load(&f->data, rows, n, hooks);
  f->hooks.allocations = 0;
  f->hooks.fail_at = fail_at;
  km_status status = km_transform_learn(&f->transform, &view, &f->data, hooks, &at);
  if (status == KM_OK) {
    status = km_dataset_see(&f->data, hooks, &f->transform, &at);
  }
  if (status == KM_OK) {
    status = km_fit(&f->data, &params, hooks, &result);
  }
  km_result_clear(&result, hooks);
  tear_down(f);
  return status;
}

static void faults_leave_nothing(void **state) {
  (void)state;
  points_random random = {7};
  for (size_t t = 0; t < 7; t++) {
    double *rows = make_points(300, 6, t, &random);
    fixture f;
    core_hooks_init(&f.hooks);
    assert_int_equal(run_once(&f, rows, 300, 6, t), KM_OK);
    size_t allocations = f.hooks.allocations;
    for (size_t at = 1; at <= allocations; at++) {
      core_hooks_init(&f.hooks);
      f.hooks.fail_at = at;
      assert_int_equal(run_once(&f, rows, 300, 6, t), KM_NOMEM);
    }
    core_hooks_init(&f.hooks);
    core_hooks_eager(&f.hooks);
    assert_int_equal(run_once(&f, rows, 300, 6, t), KM_OK);
    size_t polls = f.hooks.polls;
    for (size_t at = 1; at <= polls; at += polls / points_cases(200) + 1) {
      core_hooks_init(&f.hooks);
      core_hooks_eager(&f.hooks);
      f.hooks.cancel_at = at;
      assert_int_equal(run_once(&f, rows, 300, 6, t), KM_CANCELLED);
    }
    free(rows);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scales_are_those_of_the_columns),  cmocka_unit_test(extremes_are_scaled),
      cmocka_unit_test(coordinates_stay_finite),          cmocka_unit_test(means_stand_for_nan),
      cmocka_unit_test(directions_have_length_one),       cmocka_unit_test(zero_has_no_direction),
      cmocka_unit_test(everybody_sees_the_same),          cmocka_unit_test(fits_are_consistent),
      cmocka_unit_test(rounded_away_clusters_are_filled), cmocka_unit_test(sphere_converges),
      cmocka_unit_test(zero_mean_keeps_the_centroid),     cmocka_unit_test(faults_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
