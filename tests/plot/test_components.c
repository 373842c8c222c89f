/* Eigenvectors, principal components, and which points are drawn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_hooks.h"
#include "plot/components.h"
#include "plot/eigen.h"
#include "plot/strata.h"
#include "points.h"

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* matrix * vector = value * vector, and the vectors are an orthonormal basis. */
static void expect_eigen(const double *matrix, size_t n) {
  double *copy = points_memory(n, n);
  double *vectors = points_memory(n, n);
  double *values = points_memory(n, 1);
  double norm = sqrt(dot(matrix, matrix, n * n));
  memcpy(copy, matrix, n * n * sizeof *copy);
  km_eigen(copy, n, values, vectors);
  for (size_t v = 0; v < n; v++) {
    for (size_t i = 0; i < n; i++) {
      double image = dot(matrix + i * n, vectors + v * n, n);
      assert_true(fabs(image - values[v] * vectors[v * n + i]) <= 1e-14 * norm * (double)n);
    }
    for (size_t w = 0; w <= v; w++) {
      assert_true(fabs(dot(vectors + v * n, vectors + w * n, n) - (v == w)) <= 1e-13);
    }
    assert_true(v == 0 || values[v] <= values[v - 1]);
  }
  free(copy);
  free(vectors);
  free(values);
}

static void random_matrices(void **state) {
  (void)state;
  points_random random = {1};
  for (size_t run = 0; run < points_cases(300); run++) {
    size_t n = 1 + points_below(&random, 24);
    double unit = ldexp(1, (int)points_below(&random, 400) - 200);
    double *matrix = points_memory(n, n);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = i; j < n; j++) {
        double entry = run % 3 == 0 ? (double)points_below(&random, 3) : points_unit(&random) - 0.5;
        matrix[i * n + j] = matrix[j * n + i] = entry * unit;
      }
    }
    expect_eigen(matrix, n);
    free(matrix);
  }
}

static void known_matrices(void **state) {
  (void)state;
  double two[] = {2, 1, 1, 2};
  double values[3];
  double vectors[9];
  expect_eigen(two, 2);
  km_eigen(two, 2, values, vectors);
  assert_true(fabs(values[0] - 3) < 1e-15 && fabs(values[1] - 1) < 1e-15);
  double zero[9] = {0};
  km_eigen(zero, 3, values, vectors);
  assert_true(values[0] == 0 && vectors[0] == 1 && vectors[1] == 0 && vectors[8] == 1);
  double graded[] = {1e10, 1e3, 1, 1e3, 1, 1e-3, 1, 1e-3, 1e-8};
  expect_eigen(graded, 3);
}

typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  size_t *row;
  size_t n;
} fixture;

static void set_up(fixture *f, const double *rows, size_t n, size_t dims) {
  core_hooks_init(&f->hooks);
  km_dataset_init(&f->data, dims, KM_DOUBLE);
  points_load(&f->data, rows, n, &f->hooks.hooks);
  f->n = n;
  f->row = malloc(n * sizeof *f->row);
  assert_non_null(f->row);
  for (size_t i = 0; i < n; i++) {
    f->row[i] = i;
  }
}

static void tear_down(fixture *f) {
  km_dataset_clear(&f->data, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
  free(f->row);
}

static void find(fixture *f, km_components *found) {
  assert_int_equal(km_components_find(found, &f->data, f->row, f->n, &f->hooks.hooks), KM_OK);
}

static void expect_near(double actual, double expected, double error) {
  if (!(fabs(actual - expected) <= error)) {
    fail_msg("%.17g, not %.17g", actual, expected);
  }
}

/* Points on three axes at right angles, turned in a space of any number of dimensions: shares and
** directions are known. */
static void known_components(void **state) {
  (void)state;
  static const size_t dims[] = {3, 4, 64, 65, 300};
  static const double offsets[] = {0, 1.7e9};
  for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
    for (size_t o = 0; o < 2; o++) {
      size_t width = dims[d];
      double *rows = points_memory(6, width);
      double *first = points_memory(width, 1);
      double *second = points_memory(width, 1);
      for (size_t j = 0; j < width; j++) {
        first[j] = j < 2 ? 0.6 + 0.2 * (double)j : 0;  /* (.6, .8, 0, ..) */
        second[j] = j < 2 ? 0.8 - 1.4 * (double)j : 0; /* (.8, -.6, 0, ..) */
        for (size_t i = 0; i < 6; i++) {
          static const double along[6][3] = {{10, 0, 0}, {-10, 0, 0}, {0, 5, 0},
                                             {0, -5, 0}, {0, 0, 1},   {0, 0, -1}};
          rows[i * width + j] = along[i][0] * first[j] + along[i][1] * second[j] +
                                (j == 2 ? along[i][2] : 0) + offsets[o];
        }
      }
      fixture f;
      km_components found;
      set_up(&f, rows, 6, width);
      find(&f, &found);
      double error = offsets[o] > 0 ? 1e-5 : 1e-9;
      expect_near(found.share[0], 100.0 / 126, error);
      expect_near(found.share[1], 25.0 / 126, error);
      for (size_t j = 0; j < width; j++) {
        expect_near(found.axis[0][j], first[j], error * 100);
        expect_near(found.axis[1][j], second[j], error * 100);
      }
      double to[2];
      km_components_project(&found, rows, to);
      expect_near(to[0] / found.unit, 10, 1e-4);
      expect_near(to[1] / found.unit, 0, 1e-4);
      km_components_clear(&found, &f.hooks.hooks);
      tear_down(&f);
      free(rows);
      free(first);
      free(second);
    }
  }
}

/* Beyond 64 columns there is no covariance matrix; constant columns make no difference. */
static void both_ways_agree(void **state) {
  (void)state;
  enum { N = 300, FEW = 20, MANY = 100 };
  double *few = points_memory(N, FEW);
  double *many = points_memory(N, MANY);
  points_random random = {9};
  points_fill(few, N, FEW, POINTS_CONTINUOUS, &random);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < MANY; j++) {
      many[i * MANY + j] = j % 5 == 0 ? few[i * FEW + j / 5] : 7;
    }
  }
  fixture f[2];
  km_components found[2];
  set_up(&f[0], few, N, FEW);
  set_up(&f[1], many, N, MANY);
  find(&f[0], &found[0]);
  find(&f[1], &found[1]);
  for (size_t c = 0; c < 2; c++) {
    expect_near(found[1].share[c], found[0].share[c], 1e-6);
    for (size_t j = 0; j < FEW; j++) {
      expect_near(found[1].axis[c][j * 5], found[0].axis[c][j], 1e-3);
    }
  }
  for (int i = 0; i < 2; i++) {
    km_components_clear(&found[i], &f[i].hooks.hooks);
    tear_down(&f[i]);
  }
  free(few);
  free(many);
}

/* Extreme magnitudes; points that are all the same; weights as copies. */
static void odd_points(void **state) {
  (void)state;
  const double rows[] = {1, 2, 0, -1, -2, 0, 3, 6, 0, 0, 0, 1};
  const double units[] = {1, 1e300 / 6, 1e-300, 5e-324};
  for (size_t u = 0; u < 4; u++) {
    double scaled[12];
    fixture f;
    km_components found;
    for (size_t v = 0; v < 12; v++) {
      scaled[v] = rows[v] * units[u];
    }
    set_up(&f, scaled, 4, 3);
    find(&f, &found);
    expect_near(found.axis[0][1], 2 * found.axis[0][0], 1e-9);
    expect_near(found.share[0] + found.share[1], 1, 1e-9);
    km_components_clear(&found, &f.hooks.hooks);
    tear_down(&f);
  }
  for (size_t dims = 3; dims < 300; dims += 200) {
    double *same = points_memory(5, dims);
    for (size_t v = 0; v < 5 * dims; v++) {
      same[v] = 0.1;
    }
    fixture f;
    km_components found;
    double to[2];
    set_up(&f, same, 5, dims);
    find(&f, &found);
    assert_true(found.share[0] == 0 && found.share[1] == 0);
    km_components_project(&found, same, to);
    assert_true(to[0] == 0 && to[1] == 0);
    km_components_clear(&found, &f.hooks.hooks);
    tear_down(&f);
    free(same);
  }
}

static void weights_are_copies(void **state) {
  (void)state;
  const double rows[] = {1, 2, 0, 5, -2, 4, 3, 6, 0, 7, 0, 1};
  const double copies[] = {1, 2, 0, 5, -2, 4, 5, -2, 4, 3, 6, 0, 3, 6, 0, 3, 6, 0, 7, 0, 1};
  const double weights[] = {0.5, 1, 1.5, 0.5};
  fixture f[2];
  km_components found[2];
  set_up(&f[0], rows, 4, 3);
  set_up(&f[1], copies, 7, 3);
  km_chunks_init(&f[0].data.weights, sizeof(double));
  points_weigh(&f[0].data, weights, 4, &f[0].hooks.hooks);
  find(&f[0], &found[0]);
  find(&f[1], &found[1]);
  for (size_t c = 0; c < 2; c++) {
    expect_near(found[0].share[c], found[1].share[c], 1e-12);
    for (size_t j = 0; j < 3; j++) {
      expect_near(found[0].axis[c][j], found[1].axis[c][j], 1e-9);
    }
  }
  for (int i = 0; i < 2; i++) {
    km_components_clear(&found[i], &f[i].hooks.hooks);
    tear_down(&f[i]);
  }
}

static void faults(void **state) {
  (void)state;
  static const size_t dims[] = {8, 80};
  for (size_t d = 0; d < 2; d++) {
    double *rows = points_memory(50, dims[d]);
    points_random random = {2};
    points_fill(rows, 50, dims[d], POINTS_CONTINUOUS, &random);
    fixture f;
    km_components found;
    set_up(&f, rows, 50, dims[d]);
    size_t before = f.hooks.allocations;
    find(&f, &found);
    size_t count = f.hooks.allocations - before;
    km_components_clear(&found, &f.hooks.hooks);
    for (size_t at = 1; at <= count; at++) {
      f.hooks.fail_at = f.hooks.allocations + at;
      assert_int_equal(km_components_find(&found, &f.data, f.row, f.n, &f.hooks.hooks), KM_NOMEM);
      km_components_clear(&found, &f.hooks.hooks);
    }
    f.hooks.fail_at = 0;
    core_hooks_eager(&f.hooks);
    size_t polls = f.hooks.polls;
    find(&f, &found);
    size_t asked = f.hooks.polls - polls;
    km_components_clear(&found, &f.hooks.hooks);
    for (size_t at = 1; at <= asked; at += 1 + asked / 50) {
      f.hooks.cancel_at = f.hooks.polls + at;
      assert_int_equal(km_components_find(&found, &f.data, f.row, f.n, &f.hooks.hooks),
                       KM_CANCELLED);
      km_components_clear(&found, &f.hooks.hooks);
    }
    tear_down(&f);
    free(rows);
  }
}

/* A result of which only sizes and labels are known: labels go round, cluster c having sizes[c]. */
static void make_result(km_result *result, size_t k, size_t *sizes, km_hooks *hooks) {
  size_t n = 0;
  memset(result, 0, sizeof *result);
  result->k = k;
  result->sizes = sizes;
  km_chunks_init(&result->labels, sizeof(uint32_t));
  size_t *left = malloc(k * sizeof *left);
  assert_non_null(left);
  for (size_t c = 0; c < k; c++) {
    left[c] = sizes[c];
    n += sizes[c];
  }
  for (size_t c = 0; n > 0; c = (c + 1) % k) {
    if (left[c] > 0) {
      *(uint32_t *)km_chunks_push(&result->labels, hooks) = (uint32_t)c;
      left[c]--;
      n--;
    }
  }
  free(left);
}

static void expect_strata(size_t k, size_t *sizes, size_t most) {
  core_hooks hooks;
  km_result result;
  km_strata strata;
  core_hooks_init(&hooks);
  make_result(&result, k, sizes, &hooks.hooks);
  size_t n = result.labels.count;
  size_t nonempty = 0;
  assert_int_equal(km_strata_draw(&strata, &result, most, &hooks.hooks), KM_OK);
  assert_int_equal(strata.count, n < most ? n : most);
  assert_int_equal(strata.first[0], 0);
  assert_int_equal(strata.first[k], strata.count);
  for (size_t c = 0; c < k; c++) {
    nonempty += sizes[c] > 0;
  }
  for (size_t c = 0; c < k; c++) {
    size_t drawn = strata.first[c + 1] - strata.first[c];
    double share = (double)sizes[c] * (double)strata.count / (double)n;
    assert_true(nonempty > most || sizes[c] == 0 || drawn >= 1);
    assert_true(drawn <= sizes[c]);
    assert_true(nonempty > most ||
                fabs((double)drawn - share) <=
                    2 + (double)nonempty * share / (double)strata.count + (share < 1));
    for (size_t i = strata.first[c]; i < strata.first[c + 1]; i++) {
      assert_int_equal(km_result_label(&result, strata.row[i]), c);
      assert_true(i == strata.first[c] || strata.row[i] > strata.row[i - 1]);
    }
  }
  km_strata_clear(&strata, &hooks.hooks);
  for (size_t fail = 1; fail <= 4; fail++) {
    hooks.fail_at = hooks.allocations + fail;
    assert_int_equal(km_strata_draw(&strata, &result, most, &hooks.hooks), KM_NOMEM);
    km_strata_clear(&strata, &hooks.hooks);
  }
  km_chunks_clear(&result.labels, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

static void samples(void **state) {
  (void)state;
  size_t even[] = {100, 100, 100};
  size_t uneven[] = {5000, 1, 0, 3, 250};
  size_t one[] = {7};
  expect_strata(3, even, 1000);
  expect_strata(3, even, 300);
  expect_strata(3, even, 50);
  expect_strata(3, even, 299);
  expect_strata(5, uneven, 100);
  expect_strata(5, uneven, 4);
  expect_strata(1, one, 3);
  size_t singles[500];
  for (size_t c = 0; c < 500; c++) {
    singles[c] = 1;
  }
  expect_strata(500, singles, 100);
  expect_strata(500, singles, 500);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_matrices),  cmocka_unit_test(known_matrices),
      cmocka_unit_test(known_components), cmocka_unit_test(both_ways_agree),
      cmocka_unit_test(odd_points),       cmocka_unit_test(weights_are_copies),
      cmocka_unit_test(faults),           cmocka_unit_test(samples),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
