/* Silhouettes and what follows from the scatter, against plain loops in long double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/metrics.h"
#include "simd/kernels.h"
#include "core_hooks.h"
#include "points.h"

/* Labelled points, with weights or without. */
typedef struct sample {
  core_hooks hooks;
  km_dataset data;
  km_chunks labels;
  km_labelled points;
  size_t n;
  size_t dims;
  size_t k;
  double *rows;
  double *weights; /* all 1 without */
} sample;

static void sample_begin(sample *s, size_t n, size_t dims, size_t k) {
  memset(s, 0, sizeof *s);
  core_hooks_init(&s->hooks);
  km_dataset_init(&s->data, dims, KM_DOUBLE);
  km_chunks_init(&s->labels, sizeof(uint32_t));
  s->n = n;
  s->dims = dims;
  s->k = k;
  s->rows = points_memory(n, dims);
  s->weights = points_memory(n, 1);
  s->points = (km_labelled){.data = &s->data, .labels = &s->labels, .k = k, .threads = 1};
}

/* Loads what is in rows, with labels and weights; weights (n) may be NULL. */
static void sample_load(sample *s, const uint32_t *labels, const double *weights) {
  points_load(&s->data, s->rows, s->n, &s->hooks.hooks);
  for (size_t i = 0; i < s->n; i++) {
    *(uint32_t *)km_chunks_push(&s->labels, &s->hooks.hooks) = labels[i];
    s->weights[i] = weights ? weights[i] : 1;
  }
  points_weigh(&s->data, weights, weights ? s->n : 0, &s->hooks.hooks);
}

static void sample_end(sample *s) {
  km_dataset_clear(&s->data, &s->hooks.hooks);
  km_chunks_clear(&s->labels, &s->hooks.hooks);
  free(s->rows);
  free(s->weights);
  assert_int_equal(s->hooks.live, 0);
}

static uint32_t label_of(const sample *s, size_t i) {
  return *(const uint32_t *)km_chunks_at(&s->labels, i);
}

static long double distance(const sample *s, size_t a, size_t b, int cosine) {
  long double squared = 0;
  long double dot = 0;
  long double norms[2] = {0, 0};
  for (size_t j = 0; j < s->dims; j++) {
    long double x = s->rows[a * s->dims + j];
    long double y = s->rows[b * s->dims + j];
    squared += (x - y) * (x - y);
    dot += x * y;
    norms[0] += x * x;
    norms[1] += y * y;
  }
  return cosine ? 1 - dot / sqrtl(norms[0]) / sqrtl(norms[1]) : sqrtl(squared);
}

/* The silhouette of point i; self is by how much it counts in its own cluster. */
static double silhouette(const sample *s, size_t i, double self, int cosine) {
  double own = NAN;
  double nearest = INFINITY;
  for (size_t c = 0; c < s->k; c++) {
    long double sum = 0;
    long double weight = 0;
    for (size_t o = 0; o < s->n; o++) {
      if (label_of(s, o) == c) {
        sum += s->weights[o] * distance(s, i, o, cosine);
        weight += s->weights[o];
      }
    }
    if (label_of(s, i) == c) {
      own = weight - self > 1e-9 ? (double)(sum / (weight - self)) : NAN;
    } else if (weight > 0) {
      nearest = fmin(nearest, (double)(sum / weight));
    }
  }
  return isnan(own) || fmax(own, nearest) == 0 ? 0 : (nearest - own) / fmax(own, nearest);
}

static void expect_near(double actual, double expected, double error) {
  if (!(fabs(actual - expected) <= error)) {
    fail_msg("%.17g, not %.17g", actual, expected);
  }
}

/* Compares each silhouette and their mean; whole: weights count copies. */
static void check_silhouettes(sample *s, int whole, int cosine, double error) {
  km_chunks each;
  double mean;
  double sum = 0;
  double weight = 0;
  km_chunks_init(&each, sizeof(double));
  assert_int_equal(km_silhouette(&s->points, &s->hooks.hooks, &each, &mean), KM_OK);
  assert_int_equal(each.count, s->n);
  for (size_t i = 0; i < s->n; i++) {
    double expected = silhouette(s, i, whole ? 1 : s->weights[i], cosine);
    expect_near(*(const double *)km_chunks_at(&each, i), expected, error);
    sum += s->weights[i] * expected;
    weight += s->weights[i];
  }
  expect_near(mean, sum / weight, error);
  km_chunks_clear(&each, &s->hooks.hooks);
}

/* Calinski-Harabasz and Davies-Bouldin by their definitions. */
static void check_scatter(sample *s, double count, double error) {
  long double *means = calloc(s->k * s->dims + s->dims, sizeof *means);
  long double *all = means + s->k * s->dims;
  long double *weights = calloc(2 * s->k, sizeof *weights);
  long double *spreads = weights + s->k;
  long double total = 0;
  long double between = 0;
  long double within = 0;
  long double worst_sum = 0;
  size_t filled = 0;
  km_scatter found;
  for (size_t i = 0; i < s->n; i++) {
    weights[label_of(s, i)] += s->weights[i];
    total += s->weights[i];
    for (size_t j = 0; j < s->dims; j++) {
      long double x = (long double)s->rows[i * s->dims + j] - s->rows[j]; /* or sums lose digits */
      means[label_of(s, i) * s->dims + j] += s->weights[i] * x;
      all[j] += s->weights[i] * x;
    }
  }
  for (size_t c = 0; c < s->k; c++) {
    long double squared = 0;
    filled += weights[c] > 0;
    for (size_t j = 0; j < s->dims && weights[c] > 0; j++) {
      means[c * s->dims + j] /= weights[c];
      long double difference = means[c * s->dims + j] - all[j] / total;
      squared += difference * difference;
    }
    between += weights[c] * squared;
  }
  for (size_t i = 0; i < s->n; i++) {
    uint32_t c = label_of(s, i);
    long double squared = 0;
    for (size_t j = 0; j < s->dims; j++) {
      long double x = (long double)s->rows[i * s->dims + j] - s->rows[j];
      long double difference = x - means[c * s->dims + j];
      squared += difference * difference;
    }
    within += s->weights[i] * squared;
    spreads[c] += s->weights[i] * sqrtl(squared) / weights[c];
  }
  for (size_t c = 0; c < s->k; c++) {
    long double worst = 0;
    for (size_t o = 0; o < s->k; o++) {
      long double squared = 0;
      for (size_t j = 0; j < s->dims; j++) {
        long double difference = means[c * s->dims + j] - means[o * s->dims + j];
        squared += difference * difference;
      }
      if (c != o && weights[c] > 0 && weights[o] > 0 && squared > 0) {
        worst = fmaxl(worst, (spreads[c] + spreads[o]) / sqrtl(squared));
      }
    }
    worst_sum += worst;
  }
  long double freedom = (count - (long double)filled) / (long double)(filled - 1);
  assert_int_equal(km_scatter_measure(&s->points, &s->hooks.hooks, &found), KM_OK);
  double expected = (double)(between / within * freedom);
  expect_near(found.calinski_harabasz, expected, error * expected);
  expect_near(found.explained, (double)(between / (between + within)), error);
  expected = (double)(worst_sum / (long double)filled);
  expect_near(found.davies_bouldin, expected, error * expected);
  free(means);
  free(weights);
}

/* All kinds of points and shapes; labels at random, so that some clusters are empty or have one point. */
static void agrees_with_the_oracle(void **state) {
  (void)state;
  static const size_t shapes[][3] = {/* n, dims, k */
                                     {3, 1, 2},   {9, 2, 4},    {70, 3, 2},  {100, 2, 60},
                                     {300, 5, 7}, {200, 17, 5}, {80, 70, 3}, {60, 3000, 4}};
  points_random random = {1};
  for (size_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
    int wide = shapes[c][1] > 1000;
    for (points_kind kind = 0; kind < (wide ? points_cases(POINTS_KINDS) : POINTS_KINDS); kind++) {
      sample s;
      uint32_t labels[300];
      sample_begin(&s, shapes[c][0], shapes[c][1], shapes[c][2]);
      points_fill(s.rows, s.n, s.dims, kind, &random);
      for (size_t i = 0; i < s.n; i++) {
        labels[i] = i < 2 ? (uint32_t)i : (uint32_t)points_below(&random, s.k);
      }
      labels[s.n - 1] = 0;
      sample_load(&s, labels, NULL);
      check_silhouettes(&s, 1, 0, 1e-12);
      if (kind != POINTS_FEW &&
          kind != POINTS_GRID) { /* means can coincide there, but for rounding */
        check_scatter(&s, (double)s.n, 1e-11);
      }
      sample_end(&s);
    }
  }
}

static void weights(void **state) {
  (void)state;
  points_random random = {2};
  for (size_t t = 0; t < 40; t++) {
    sample s;
    uint32_t labels[60];
    double given[60];
    int whole = t % 2 == 0;
    double unit = whole ? 1 : ldexp(1, (int)points_below(&random, 1600) - 800);
    sample_begin(&s, 10 + points_below(&random, 50), 1 + points_below(&random, 4), 5);
    points_fill(s.rows, s.n, s.dims, POINTS_CONTINUOUS, &random);
    for (size_t i = 0; i < s.n; i++) {
      labels[i] = i < 4 ? (uint32_t)(i % 2) : (uint32_t)points_below(&random, s.k);
      given[i] = whole ? (double)(1 + points_below(&random, 4)) : points_unit(&random) + 0.1;
      given[i] *= unit;
    }
    sample_load(&s, labels, given);
    double count = 0;
    for (size_t i = 0; i < s.n; i++) {
      s.weights[i] /= unit;
      count += whole ? s.weights[i] : 1;
    }
    check_silhouettes(&s, whole, 0, 1e-12);
    check_scatter(&s, count, 1e-11);
    sample_end(&s);
  }
}

/* A whole weight is as good as copies. */
static void copies(void **state) {
  (void)state;
  sample weighted;
  sample copied;
  double mean[2];
  km_scatter scatter[2];
  const double rows[] = {0, 0, 1, 0, 5, 5, 6, 5, 9, 0};
  const uint32_t labels[] = {0, 0, 1, 1, 2};
  const double counts[] = {1, 3, 2, 1, 2};
  uint32_t all[9];
  sample_begin(&weighted, 5, 2, 3);
  memcpy(weighted.rows, rows, sizeof rows);
  sample_load(&weighted, labels, counts);
  sample_begin(&copied, 9, 2, 3);
  for (size_t i = 0, at = 0; i < 5; i++) {
    for (double copy = 0; copy < counts[i]; copy++, at++) {
      memcpy(copied.rows + 2 * at, rows + 2 * i, 2 * sizeof *rows);
      all[at] = labels[i];
    }
  }
  sample_load(&copied, all, NULL);
  assert_int_equal(km_silhouette(&weighted.points, &weighted.hooks.hooks, NULL, &mean[0]), KM_OK);
  assert_int_equal(km_silhouette(&copied.points, &copied.hooks.hooks, NULL, &mean[1]), KM_OK);
  expect_near(mean[0], mean[1], 1e-15);
  km_scatter_measure(&weighted.points, &weighted.hooks.hooks, &scatter[0]);
  km_scatter_measure(&copied.points, &copied.hooks.hooks, &scatter[1]);
  expect_near(scatter[0].calinski_harabasz, scatter[1].calinski_harabasz, 1e-13);
  expect_near(scatter[0].davies_bouldin, scatter[1].davies_bouldin, 1e-15);
  sample_end(&weighted);
  sample_end(&copied);
}

/* The same bits for any number of threads, and at every level of kernels. */
static void same_bits(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{4000, 2, 5}, {2500, 9, 90}, {1200, 80, 2}};
  static const char *const levels[] = {"scalar", "avx2", "avx512", "neon"};
  points_random random = {3};
  for (size_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
    sample s;
    double expected;
    double mean;
    sample_begin(&s, shapes[c][0] / (points_stride() > 1 ? 3 : 1), shapes[c][1], shapes[c][2]);
    uint32_t *labels = calloc(s.n, sizeof *labels);
    points_fill(s.rows, s.n, s.dims, POINTS_CONTINUOUS, &random);
    for (size_t i = 0; i < s.n; i++) {
      labels[i] = (uint32_t)points_below(&random, s.k);
    }
    sample_load(&s, labels, NULL);
    assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &expected), KM_OK);
    for (size_t threads = 2; threads < 6; threads++) {
      s.points.threads = threads;
      assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &mean), KM_OK);
      assert_true(mean == expected);
    }
    for (size_t level = 0; level < sizeof levels / sizeof *levels; level++) {
      if (km_kernels_named(levels[level])) {
        s.points.kernels = levels[level];
        assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &mean), KM_OK);
        assert_true(mean == expected);
      }
    }
    free(labels);
    sample_end(&s);
  }
}

/* Some rows only: as if there were no others. */
static void some_rows(void **state) {
  (void)state;
  points_random random = {4};
  sample all;
  sample some;
  km_chunks rows;
  double mean[2];
  uint32_t labels[200];
  uint32_t kept[200];
  size_t count = 0;
  sample_begin(&all, 200, 3, 6);
  sample_begin(&some, 200, 3, 6);
  points_fill(all.rows, all.n, all.dims, POINTS_CONTINUOUS, &random);
  km_chunks_init(&rows, sizeof(uint64_t));
  for (size_t i = 0; i < all.n; i++) {
    labels[i] = (uint32_t)points_below(&random, 6);
    if (points_below(&random, 3) == 0) {
      *(uint64_t *)km_chunks_push(&rows, &all.hooks.hooks) = i;
      memcpy(some.rows + count * 3, all.rows + i * 3, 3 * sizeof(double));
      kept[count++] = labels[i];
    }
  }
  some.n = count;
  sample_load(&all, labels, NULL);
  sample_load(&some, kept, NULL);
  all.points.rows = &rows;
  assert_int_equal(km_silhouette(&all.points, &all.hooks.hooks, NULL, &mean[0]), KM_OK);
  assert_int_equal(km_silhouette(&some.points, &some.hooks.hooks, NULL, &mean[1]), KM_OK);
  assert_true(mean[0] == mean[1]);
  km_chunks_clear(&rows, &all.hooks.hooks);
  sample_end(&all);
  sample_end(&some);
}

static void cosine(void **state) {
  (void)state;
  static const km_transform directions = {.metric = KM_COSINE};
  points_random random = {5};
  sample s;
  uint32_t labels[120];
  size_t at;
  sample_begin(&s, 120, 4, 3);
  for (size_t i = 0; i < s.n; i++) {
    labels[i] = (uint32_t)(i % 3);
    for (size_t j = 0; j < s.dims; j++) {
      s.rows[i * s.dims + j] = (points_unit(&random) + (j == i % 3)) * (double)(1 + i);
    }
  }
  sample_load(&s, labels, NULL);
  assert_int_equal(km_dataset_see(&s.data, &s.hooks.hooks, &directions, &at), KM_OK);
  check_silhouettes(&s, 1, 1, 1e-12);
  sample_end(&s);
}

/* Neither offsets nor magnitudes harm: these points are exact wherever they are moved. */
static void anywhere(void **state) {
  (void)state;
  static const double offsets[] = {0, 1e6, 1.7e9, 0, 0, 0};
  static const double units[] = {1, 1, 1, 1e290, 1e-290, 0x1p-1000};
  const double rows[] = {0, 1, 1, 3, 2, 2, 8, 7, 9, 7, 8, 9, 1, 8, 2, 9};
  const uint32_t labels[] = {0, 0, 0, 1, 1, 1, 2, 2};
  double mean[6];
  km_scatter scatter[6];
  for (size_t t = 0; t < 6; t++) {
    sample s;
    sample_begin(&s, 8, 2, 3);
    for (size_t v = 0; v < 16; v++) {
      s.rows[v] = offsets[t] + rows[v] * units[t];
    }
    sample_load(&s, labels, NULL);
    assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &mean[t]), KM_OK);
    assert_int_equal(km_scatter_measure(&s.points, &s.hooks.hooks, &scatter[t]), KM_OK);
    expect_near(mean[t], mean[0], 1e-14);
    expect_near(scatter[t].calinski_harabasz, scatter[0].calinski_harabasz, 1e-12);
    expect_near(scatter[t].davies_bouldin, scatter[0].davies_bouldin, 1e-13);
    sample_end(&s);
  }
}

/* Fewer than two clusters, or as many as points: nothing to say. Points on their means: no ratio. */
static void undefined(void **state) {
  (void)state;
  static const uint32_t labelings[][4] = {{0, 0, 0, 0}, {3, 3, 3, 3}, {0, 1, 2, 3}};
  double mean;
  km_scatter scatter;
  for (size_t t = 0; t < 3; t++) {
    sample s;
    sample_begin(&s, 4, 1, 4);
    s.rows[1] = s.rows[2] = 1;
    s.rows[3] = 3;
    sample_load(&s, labelings[t], NULL);
    assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &mean), KM_OK);
    assert_int_equal(km_scatter_measure(&s.points, &s.hooks.hooks, &scatter), KM_OK);
    assert_true(isnan(mean) && isnan(scatter.calinski_harabasz) && isnan(scatter.davies_bouldin));
    sample_end(&s);
  }
  sample s;
  const uint32_t labels[] = {0, 1, 1, 2};
  sample_begin(&s, 4, 1, 3);
  s.rows[1] = s.rows[2] = 1;
  s.rows[3] = 3;
  sample_load(&s, labels, NULL);
  assert_int_equal(km_silhouette(&s.points, &s.hooks.hooks, NULL, &mean), KM_OK);
  assert_int_equal(km_scatter_measure(&s.points, &s.hooks.hooks, &scatter), KM_OK);
  assert_true(mean == 0.5); /* those that are alone have 0 */
  assert_true(isnan(scatter.calinski_harabasz) && scatter.davies_bouldin == 0);
  sample_end(&s);
}

/* Every allocation fails in turn, and every poll says stop. */
static void faults(void **state) {
  (void)state;
  points_random random = {6};
  for (int cancel = 0; cancel < 2; cancel++) {
    km_status status = KM_NOMEM;
    for (size_t fault = 1; status != KM_OK; fault++) {
      sample s;
      uint32_t labels[100];
      km_chunks each;
      double mean;
      km_scatter scatter;
      sample_begin(&s, 100, 2, 4);
      points_fill(s.rows, s.n, s.dims, POINTS_CONTINUOUS, &random);
      for (size_t i = 0; i < s.n; i++) {
        labels[i] = (uint32_t)(i % 4);
      }
      sample_load(&s, labels, NULL);
      size_t live = s.hooks.live;
      core_hooks_break(&s.hooks, cancel, fault);
      km_chunks_init(&each, sizeof(double));
      status = km_silhouette(&s.points, &s.hooks.hooks, &each, &mean);
      km_chunks_clear(&each, &s.hooks.hooks);
      if (status == KM_OK) {
        status = km_scatter_measure(&s.points, &s.hooks.hooks, &scatter);
      }
      assert_true(status == KM_OK || status == (cancel ? KM_CANCELLED : KM_NOMEM));
      assert_true(status == KM_OK || fault < 3000);
      assert_int_equal(s.hooks.live, live);
      sample_end(&s);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_the_oracle),
      cmocka_unit_test(weights),
      cmocka_unit_test(copies),
      cmocka_unit_test(same_bits),
      cmocka_unit_test(some_rows),
      cmocka_unit_test(cosine),
      cmocka_unit_test(anywhere),
      cmocka_unit_test(undefined),
      cmocka_unit_test(faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
