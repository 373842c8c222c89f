/* km_sweep: one clustering after the other, and what is told of each. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/gap.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/sweep.h"
#include "core_hooks.h"
#include "points.h"

#define MOST 40
#define ALL (KM_SWEEP_SILHOUETTE | KM_SWEEP_SCATTER | KM_SWEEP_GAP | KM_SWEEP_F)

static const km_params usual = {.n_init = 1, .max_iter = 300, .tol = 1e-4};

/* A dataset of its own. */
typedef struct sample {
  core_hooks hooks;
  km_dataset data;
} sample;

static void sample_make(sample *s, size_t n, size_t dims, points_kind kind, uint64_t seed) {
  points_random random = {seed};
  core_hooks_init(&s->hooks);
  free(points_make(&s->data, n, dims, kind, &random, &s->hooks.hooks));
}

static void sample_end(sample *s) {
  km_dataset_clear(&s->data, &s->hooks.hooks);
  assert_int_equal(s->hooks.live, 0);
}

/* All lines of a sweep; returns how many. */
static size_t sweep_lines(sample *s, const km_params *params, size_t least, size_t most,
                          unsigned wanted, size_t drawn, km_sweep_line *lines) {
  km_sweep sweep;
  size_t count = 0;
  assert_int_equal(
      km_sweep_begin(&sweep, &s->data, params, least, most, wanted, drawn, &s->hooks.hooks), KM_OK);
  while (km_sweep_more(&sweep)) {
    assert_int_equal(km_sweep_step(&sweep, &lines[count++]), KM_OK);
  }
  km_sweep_end(&sweep);
  return count;
}

/* From line to line the inertia never rises, and no k does worse than a fit of it, however hasty. */
static void inertia_never_rises(void **state) {
  (void)state;
  km_params hasty[] = {usual, usual, usual, usual};
  hasty[1].max_iter = 1;
  hasty[2].refine = KM_REFINE_NONE;
  hasty[2].init = KM_INIT_RANDOM;
  hasty[3].refine = KM_REFINE_NONE;
  hasty[3].tol = 0.5;
  for (size_t t = 0; t < points_cases(24); t++) {
    sample s;
    km_sweep_line lines[MOST];
    km_params params = hasty[t % 4];
    params.seed = t;
    params.clamp = 1;
    sample_make(&s, 60 + 10 * t, 1 + t % 6, (points_kind)(t % POINTS_KINDS), t);
    size_t count = sweep_lines(&s, &params, 1, 20, 0, 1000, lines);
    for (size_t i = 0; i < count; i++) {
      km_result fit;
      params.k = i + 1;
      assert_int_equal(lines[i].k, i + 1);
      assert_int_equal(km_fit(&s.data, &params, &s.hooks.hooks, &fit), KM_OK);
      assert_true(lines[i].inertia <= fit.inertia);
      assert_true(i == 0 || lines[i].inertia <= lines[i - 1].inertia);
      km_result_clear(&fit, &s.hooks.hooks);
    }
    sample_end(&s);
  }
}

/* What is not wanted does not change what is; the same bits for any number of threads. */
static void columns_do_not_interfere(void **state) {
  (void)state;
  sample s;
  km_sweep_line all[MOST];
  km_sweep_line some[MOST];
  sample_make(&s, 300, 3, POINTS_CONTINUOUS, 3);
  size_t count = sweep_lines(&s, &usual, 3, 8, ALL, 100, all);
  for (unsigned wanted = 0; wanted <= ALL; wanted += (unsigned)points_stride()) {
    km_params params = usual;
    params.threads = 1 + wanted % 4;
    assert_int_equal(sweep_lines(&s, &params, 3, 8, wanted, 100, some), count);
    for (size_t i = 0; i < count; i++) {
      assert_true(some[i].inertia == all[i].inertia);
      assert_true(wanted & KM_SWEEP_SILHOUETTE ? some[i].silhouette == all[i].silhouette
                                               : isnan(some[i].silhouette));
      assert_true(wanted & KM_SWEEP_SCATTER
                      ? some[i].calinski_harabasz == all[i].calinski_harabasz &&
                            some[i].davies_bouldin == all[i].davies_bouldin
                      : isnan(some[i].calinski_harabasz) && isnan(some[i].davies_bouldin));
      assert_true(wanted & KM_SWEEP_GAP
                      ? some[i].gap == all[i].gap && some[i].gap_error == all[i].gap_error
                      : isnan(some[i].gap) && isnan(some[i].gap_error));
      assert_true(wanted & KM_SWEEP_F ? some[i].f == all[i].f : isnan(some[i].f));
    }
  }
  sample_end(&s);
}

/* f(k), step by step as the paper has it. */
static void f_by_recursion(void **state) {
  (void)state;
  for (size_t dims = 2; dims < 6; dims++) {
    sample s;
    km_sweep_line lines[MOST];
    sample_make(&s, 200, dims, POINTS_CONTINUOUS, dims);
    size_t count = sweep_lines(&s, &usual, 1, 12, KM_SWEEP_F, 1000, lines);
    double factor = 0;
    assert_true(lines[0].f == 1);
    for (size_t i = 1; i < count; i++) {
      factor = i == 1 ? 1 - 3 / (4 * (double)dims) : factor + (1 - factor) / 6;
      double expected = lines[i].inertia / (factor * lines[i - 1].inertia);
      assert_true(fabs(lines[i].f / expected - 1) < 1e-12);
    }
    sample_end(&s);
  }
  sample s;
  km_sweep_line lines[MOST];
  sample_make(&s, 50, 1, POINTS_CONTINUOUS, 1);
  sweep_lines(&s, &usual, 1, 3, KM_SWEEP_F, 1000, lines);
  assert_true(lines[0].f == 1 && isnan(lines[1].f) && isnan(lines[2].f));
  sample_end(&s);
}

/* The gap by its definition, with the reference sets drawn anew: uniform over the box of the data. */
static void gap_by_definition(void **state) {
  (void)state;
  sample s;
  km_gap gap;
  double logarithms[KM_GAP_SETS];
  double mean = 0;
  double squares = 0;
  const double box[2][2] = {{-3, 10}, {5, 12}}; /* least, most of each column */
  km_params params = usual;
  km_random random;
  params.k = 3;
  params.seed = 7;
  sample_make(&s, 0, 2, POINTS_CONTINUOUS, 1);
  points_random points = {1};
  for (size_t i = 0; i < 80; i++) {
    double row[2] = {box[0][0] + 8 * points_unit(&points), 10 + 2 * points_unit(&points)};
    row[0] = i == 0 ? box[0][0] : i == 1 ? box[1][0] : row[0];
    row[1] = i == 2 ? box[0][1] : i == 3 ? box[1][1] : row[1];
    points_load(&s.data, row, 1, &s.hooks.hooks);
  }
  km_random_seed(&random, ~params.seed);
  for (size_t b = 0; b < KM_GAP_SETS; b++) {
    km_dataset set;
    km_result result;
    km_dataset_init(&set, 2, KM_DOUBLE);
    for (size_t i = 0; i < 80; i++) {
      double row[2];
      for (size_t j = 0; j < 2; j++) {
        row[j] = box[0][j] + (box[1][j] - box[0][j]) * km_random_unit(&random);
      }
      points_load(&set, row, 1, &s.hooks.hooks);
    }
    assert_int_equal(km_fit(&set, &params, &s.hooks.hooks, &result), KM_OK);
    logarithms[b] = log(result.inertia);
    mean += logarithms[b] / KM_GAP_SETS;
    km_result_clear(&result, &s.hooks.hooks);
    km_dataset_clear(&set, &s.hooks.hooks);
  }
  for (size_t b = 0; b < KM_GAP_SETS; b++) {
    squares += (logarithms[b] - mean) * (logarithms[b] - mean) / KM_GAP_SETS;
  }
  assert_int_equal(km_gap_measure(&s.data, &params, 12.5, &s.hooks.hooks, &gap), KM_OK);
  assert_true(fabs(gap.gap - (mean - log(12.5))) < 1e-12);
  assert_true(fabs(gap.error - sqrt(squares) * sqrt(1 + 1.0 / KM_GAP_SETS)) < 1e-12);
  assert_int_equal(km_gap_measure(&s.data, &params, 0, &s.hooks.hooks, &gap), KM_OK);
  assert_true(isnan(gap.gap) && isnan(gap.error));
  sample_end(&s);
}

/* The silhouette of a sample: of so many rows, the same for every k, others with another seed. */
static void samples(void **state) {
  (void)state;
  sample s;
  km_sweep sweep;
  km_sweep_line lines[MOST];
  km_params params = usual;
  size_t met[100] = {0};
  sample_make(&s, 100, 2, POINTS_CONTINUOUS, 4);
  for (uint64_t seed = 0; seed < 400; seed++) {
    params.seed = seed;
    assert_int_equal(
        km_sweep_begin(&sweep, &s.data, &params, 2, 2, KM_SWEEP_SILHOUETTE, 25, &s.hooks.hooks),
        KM_OK);
    assert_int_equal(sweep.drawn.count, 25);
    for (size_t i = 0; i < 25; i++) {
      size_t row = (size_t) * (const uint64_t *)km_chunks_at(&sweep.drawn, i);
      assert_true(i == 0 || row > *(const uint64_t *)km_chunks_at(&sweep.drawn, i - 1));
      met[row]++;
    }
    km_sweep_end(&sweep);
  }
  for (size_t i = 0; i < 100; i++) { /* 100 times each, give or take 5 standard deviations */
    assert_true(met[i] > 56 && met[i] < 144);
  }
  sweep_lines(&s, &usual, 2, 4, KM_SWEEP_SILHOUETTE, 100, lines);
  for (size_t i = 0; i < 3; i++) { /* exact, where there are no more */
    km_result fit;
    km_labelled points = {.data = &s.data, .k = i + 2};
    double mean;
    params = usual;
    params.k = i + 2;
    assert_int_equal(km_fit(&s.data, &params, &s.hooks.hooks, &fit), KM_OK);
    points.labels = &fit.labels;
    assert_int_equal(km_silhouette(&points, &s.hooks.hooks, NULL, &mean), KM_OK);
    assert_true(fit.inertia > lines[i].inertia || mean == lines[i].silhouette);
    km_result_clear(&fit, &s.hooks.hooks);
  }
  sample_end(&s);
}

/* Fewer distinct points than clusters: an error, or with clamp a shorter sweep. */
static void too_few(void **state) {
  (void)state;
  static const size_t asked[][4] = {/* least, most; first and last of what comes */
                                    {2, 5, 2, 3},
                                    {1, 3, 1, 3},
                                    {7, 9, 3, 3}};
  const double rows[] = {1, 1, 2, 5, 5, 5};
  sample s;
  km_sweep sweep;
  km_sweep_line lines[MOST];
  km_params params = usual;
  core_hooks_init(&s.hooks);
  km_dataset_init(&s.data, 1, KM_DOUBLE);
  points_load(&s.data, rows, 6, &s.hooks.hooks);
  assert_int_equal(km_sweep_begin(&sweep, &s.data, &params, 2, 4, ALL, 10, &s.hooks.hooks),
                   KM_TOO_FEW);
  assert_int_equal(sweep.distinct, 3);
  km_sweep_end(&sweep);
  params.clamp = 1;
  for (size_t t = 0; t < 3; t++) {
    size_t count = sweep_lines(&s, &params, asked[t][0], asked[t][1], ALL, 10, lines);
    assert_int_equal(count, asked[t][3] - asked[t][2] + 1);
    assert_int_equal(lines[0].k, asked[t][2]);
    assert_true(lines[count - 1].inertia == 0 && isnan(lines[count - 1].gap));
  }
  sample_end(&s);
}

/* Rows of weight 0 have no part in it; where there are no others, there is nothing to tell. */
static void weights_of_zero(void **state) {
  (void)state;
  sample with;
  sample without;
  km_sweep_line lines[2][MOST];
  sample_make(&without, 60, 2, POINTS_CONTINUOUS, 5);
  sample_make(&with, 60, 2, POINTS_CONTINUOUS, 5);
  for (size_t i = 0; i < 90; i++) {
    const double far[] = {1e6 + (double)i, 3};
    const double weight = i < 60 ? (double)(1 + i % 3) : 0;
    if (i < 60) {
      points_weigh(&without.data, &weight, 1, &without.hooks.hooks);
    } else {
      points_load(&with.data, far, 1, &with.hooks.hooks);
    }
    points_weigh(&with.data, &weight, 1, &with.hooks.hooks);
  }
  assert_int_equal(sweep_lines(&with, &usual, 1, 6, ALL, 30, lines[0]), 6);
  assert_int_equal(sweep_lines(&without, &usual, 1, 6, ALL, 30, lines[1]), 6);
  for (size_t i = 0; i < 6; i++) {
    assert_memory_equal(&lines[0][i].inertia, &lines[1][i].inertia, sizeof(double));
    assert_memory_equal(&lines[0][i].silhouette, &lines[1][i].silhouette, sizeof(double));
    assert_memory_equal(&lines[0][i].gap, &lines[1][i].gap, sizeof(double));
  }
  for (size_t i = 0; i < 90; i++) {
    *(double *)km_chunks_at(&with.data.weights, i) = 0;
  }
  assert_int_equal(sweep_lines(&with, &usual, 1, 6, ALL, 30, lines[0]), 0);
  sample_end(&with);
  sample_end(&without);
}

/* Every allocation fails in turn, and every poll says stop. */
static void faults(void **state) {
  (void)state;
  for (int cancel = 0; cancel < 2; cancel++) {
    km_status status = KM_NOMEM;
    for (size_t fault = 1; status != KM_OK;
         fault += cancel ? points_stride() * points_stride() : points_stride()) {
      sample s;
      km_sweep sweep;
      km_sweep_line line;
      km_params params = usual;
      params.refine = KM_REFINE_NONE;
      sample_make(&s, 12, 2, POINTS_CONTINUOUS, 6);
      points_weigh(&s.data, (const double[12]){0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 12,
                   &s.hooks.hooks);
      size_t live = s.hooks.live;
      core_hooks_break(&s.hooks, cancel, fault);
      status = km_sweep_begin(&sweep, &s.data, &params, 2, 3, ALL, 8, &s.hooks.hooks);
      while (status == KM_OK && km_sweep_more(&sweep)) {
        status = km_sweep_step(&sweep, &line);
      }
      km_sweep_end(&sweep);
      assert_true(status == KM_OK || status == (cancel ? KM_CANCELLED : KM_NOMEM));
      assert_int_equal(s.hooks.live, live);
      km_sweep_end(&sweep); /* twice is allowed */
      sample_end(&s);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(inertia_never_rises),
      cmocka_unit_test(columns_do_not_interfere),
      cmocka_unit_test(f_by_recursion),
      cmocka_unit_test(gap_by_definition),
      cmocka_unit_test(samples),
      cmocka_unit_test(too_few),
      cmocka_unit_test(weights_of_zero),
      cmocka_unit_test(faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
