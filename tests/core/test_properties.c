/* What must not change the clusters: another order of the rows, copies of them all, another unit or
** origin, a column in which all are equal, another engine, instruction set or number of threads.
**
** Where Lloyd's algorithm starts is given for the first of these, and nothing is refined: seeding and
** refining draw rows by their numbers, so that another order is another draw. Which point an empty
** cluster is given goes by numbers as well; cases in which one was empty are left out there. The oracle
** says so, and has a say in the labels, too. A case that fails is named by its seed.
*/
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

#define HOLDS(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fail_msg("seed %llu: %s", (unsigned long long)c->seed, #condition);                          \
    }                                                                                              \
  } while (0)

/* A case: rows, where to start, and what came of it. */
typedef struct example {
  uint64_t seed;
  points_random random;
  size_t n;
  size_t dims;
  size_t k;
  km_params params;
  double *rows;
  double *initial; /* rows of the data */
  km_result result;
  size_t filled; /* how often the oracle had to fill an empty cluster */
} example;

static core_hooks hooks;

static void fit_rows(const double *rows, size_t n, size_t dims, const km_params *params,
                     km_result *result) {
  km_dataset data;
  km_dataset_init(&data, dims, KM_DOUBLE);
  points_load(&data, rows, n, &hooks.hooks);
  assert_int_equal(km_fit(&data, params, &hooks.hooks, result), KM_OK);
  km_dataset_clear(&data, &hooks.hooks);
}

static void ask_oracle(example *c) {
  oracle o = {.points = c->rows, .n = c->n, .dims = c->dims, .k = c->k};
  o.centroids = points_memory(c->k, c->dims);
  o.labels = (uint32_t *)points_memory(c->n, 1);
  memcpy(o.centroids, c->initial, c->k * c->dims * sizeof *o.centroids);
  oracle_fit(&o, c->params.max_iter);
  c->filled = o.filled;
  for (size_t i = 0; i < c->n; i++) {
    HOLDS(km_result_label(&c->result, i) == o.labels[i]);
  }
  free(o.centroids);
  free(o.labels);
}

/* Distinct rows to start from. */
static void choose_initial(example *c) {
  c->k = 0;
  c->initial = points_memory(c->params.k, c->dims);
  for (size_t tries = 0; c->k < c->params.k && tries < 20 * c->params.k; tries++) {
    const double *row = c->rows + points_below(&c->random, c->n) * c->dims;
    memcpy(c->initial + c->k * c->dims, row, c->dims * sizeof *row);
    c->k = points_distinct(c->initial, c->k + 1, c->dims);
  }
  c->params.k = c->k;
  c->params.centroids = c->initial;
}

static void set_up(example *c, uint64_t seed, points_kind kind) {
  memset(c, 0, sizeof *c);
  core_hooks_init(&hooks);
  c->seed = seed;
  c->random.state = seed + 1000;
  c->n = 1 + points_below(&c->random, 1 + points_below(&c->random, 250));
  c->dims = 1 + points_below(&c->random, 7);
  c->rows = points_memory(c->n, c->dims);
  points_fill(c->rows, c->n, c->dims, kind, &c->random);
  c->params = (km_params){.k = 1 + points_below(&c->random, 12),
                          .init = KM_INIT_CENTROIDS,
                          .n_init = 1,
                          .max_iter = seed % 7 == 0 ? 3 : 300};
  choose_initial(c);
  fit_rows(c->rows, c->n, c->dims, &c->params, &c->result);
  ask_oracle(c);
}

static void tear_down(example *c) {
  km_result_clear(&c->result, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  free(c->rows);
  free(c->initial);
}

static void order_of_rows(void **state) {
  size_t compared = 0;
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(3000); seed++) {
    example e;
    example *c = &e;
    km_result other;
    set_up(c, seed, (points_kind)(seed % POINTS_KINDS));
    double *rows = points_memory(c->n, c->dims);
    size_t *place = malloc(c->n * sizeof *place);
    for (size_t i = 0; i < c->n; i++) {
      place[i] = i;
    }
    for (size_t i = c->n; i > 1; i--) { /* Fisher & Yates */
      size_t j = points_below(&c->random, i);
      size_t swapped = place[j];
      place[j] = place[i - 1];
      place[i - 1] = swapped;
    }
    for (size_t i = 0; i < c->n; i++) {
      memcpy(rows + place[i] * c->dims, c->rows + i * c->dims, c->dims * sizeof *rows);
    }
    fit_rows(rows, c->n, c->dims, &c->params, &other);
    if (c->filled == 0) {
      HOLDS(memcmp(other.centroids, c->result.centroids, c->k * c->dims * sizeof(double)) == 0);
      HOLDS(memcmp(other.inertias, c->result.inertias, c->k * sizeof(double)) == 0);
      HOLDS(other.inertia == c->result.inertia && other.iterations == c->result.iterations);
      for (size_t i = 0; i < c->n; i++) {
        HOLDS(km_result_label(&other, place[i]) == km_result_label(&c->result, i));
      }
      compared++;
    }
    km_result_clear(&other, &hooks.hooks);
    free(rows);
    free(place);
    tear_down(c);
  }
  assert_true(compared > points_cases(3000) / 2);
}

/* The optimum of one column is one of the data, not of its order. */
static void order_on_a_line(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    example e;
    example *c = &e;
    km_result forth;
    km_result back;
    set_up(c, seed, POINTS_CONTINUOUS);
    km_params params = {.k = c->k, .n_init = 1, .max_iter = 300, .clamp = 1};
    double *rows = points_memory(c->n, 1);
    for (size_t i = 0; i < c->n; i++) {
      rows[c->n - 1 - i] = c->rows[i];
    }
    fit_rows(c->rows, c->n, 1, &params, &forth);
    fit_rows(rows, c->n, 1, &params, &back);
    HOLDS(forth.k == back.k && forth.inertia == back.inertia);
    HOLDS(memcmp(forth.centroids, back.centroids, forth.k * sizeof(double)) == 0);
    for (size_t i = 0; i < c->n; i++) {
      HOLDS(km_result_label(&forth, i) == km_result_label(&back, c->n - 1 - i));
    }
    km_result_clear(&forth, &hooks.hooks);
    km_result_clear(&back, &hooks.hooks);
    free(rows);
    tear_down(c);
  }
}

/* Each row several times: the same centroids to the last bit, in as many iterations. */
static void copies_of_all_rows(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(2000); seed++) {
    example e;
    example *c = &e;
    km_result other;
    size_t copies = 2 + seed % 3;
    set_up(c, seed, (points_kind)(seed % POINTS_KINDS));
    double *rows = points_memory(c->n * copies, c->dims);
    for (size_t i = 0; i < c->n * copies; i++) {
      size_t from = seed % 2 ? i % c->n : i / copies;
      memcpy(rows + i * c->dims, c->rows + from * c->dims, c->dims * sizeof *rows);
    }
    fit_rows(rows, c->n * copies, c->dims, &c->params, &other);
    if (c->filled == 0) {
      HOLDS(memcmp(other.centroids, c->result.centroids, c->k * c->dims * sizeof(double)) == 0);
      HOLDS(other.iterations == c->result.iterations && other.converged == c->result.converged);
      for (size_t i = 0; i < c->k; i++) {
        HOLDS(other.sizes[i] == copies * c->result.sizes[i]);
        HOLDS(other.radii[i] == c->result.radii[i]);
      }
    }
    km_result_clear(&other, &hooks.hooks);
    free(rows);
    tear_down(c);
  }
}

/* x * factor + shift. Powers of two are in test_extremes.c, with all that comes of it; others round, so
** that only points which lie nowhere near a border can be held to the same labels. */
static void unit_and_origin(void **state) {
  static const double factors[] = {3, 0.1, 1e9, 1e-9, -1, -7.25, 1};
  static const double shifts[] = {0, 0, 0, 0, 0, 1e6, -1.7e9};
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(2100); seed++) {
    example e;
    example *c = &e;
    km_result other;
    double factor = factors[seed % 7];
    double shift = shifts[seed % 7];
    set_up(c, seed, POINTS_CONTINUOUS);
    for (size_t v = 0; v < c->n * c->dims; v++) {
      c->rows[v] = c->rows[v] * factor + shift;
    }
    for (size_t v = 0; v < c->k * c->dims; v++) {
      c->initial[v] = c->initial[v] * factor + shift;
    }
    fit_rows(c->rows, c->n, c->dims, &c->params, &other);
    for (size_t i = 0; i < c->n && c->filled == 0; i++) {
      HOLDS(km_result_label(&other, i) == km_result_label(&c->result, i));
    }
    HOLDS(other.iterations == c->result.iterations || c->filled > 0);
    for (size_t v = 0; v < c->k * c->dims && c->filled == 0; v++) {
      double moved = c->result.centroids[v] * factor + shift;
      HOLDS(fabs(other.centroids[v] - moved) <= 1e-14 * (fabs(factor) * 30 + fabs(shift)));
    }
    km_result_clear(&other, &hooks.hooks);
    tear_down(c);
  }
}

/* A column in which all rows are equal is no news, wherever it stands. */
static void column_of_equals(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(1500); seed++) {
    example e;
    example *c = &e;
    km_result other;
    set_up(c, seed, (points_kind)(seed % POINTS_KINDS));
    size_t dims = c->dims + 1;
    size_t at = points_below(&c->random, dims);
    double equal = ldexp(points_unit(&c->random) - 0.5, (int)points_below(&c->random, 40));
    double *rows = points_memory(c->n, dims);
    double *initial = points_memory(c->k, dims);
    for (size_t i = 0; i < c->n + c->k; i++) {
      double *to = i < c->n ? rows + i * dims : initial + (i - c->n) * dims;
      const double *from = i < c->n ? c->rows + i * c->dims : c->initial + (i - c->n) * c->dims;
      memcpy(to, from, at * sizeof *to);
      to[at] = equal;
      memcpy(to + at + 1, from + at, (c->dims - at) * sizeof *to);
    }
    km_params params = c->params;
    params.centroids = initial;
    fit_rows(rows, c->n, dims, &params, &other);
    HOLDS(other.iterations == c->result.iterations && other.inertia == c->result.inertia);
    for (size_t i = 0; i < c->n; i++) {
      HOLDS(km_result_label(&other, i) == km_result_label(&c->result, i));
    }
    for (size_t i = 0; i < c->k; i++) {
      HOLDS(other.centroids[i * dims + at] == equal);
      HOLDS(memcmp(other.centroids + i * dims, c->result.centroids + i * c->dims,
                   at * sizeof(double)) == 0);
    }
    km_result_clear(&other, &hooks.hooks);
    free(rows);
    free(initial);
    tear_down(c);
  }
}

/* All of a fit, from seeding to refining, on data large enough for several threads. */
static void engines_kernels_threads(void **state) {
  static const char *const kernels[] = {"scalar", "avx2", "avx512", "neon"};
  static const size_t threads[] = {1, 2, 7};
  (void)state;
  core_hooks_init(&hooks);
  for (uint64_t seed = 0; seed < points_cases(60); seed++) {
    example e = {.seed = seed, .random = {seed + 5}};
    example *c = &e;
    int first = 1;
    c->n = 300 + points_below(&c->random, seed % 6 == 0 ? 30000 : 3000);
    c->dims = 1 + points_below(&c->random, seed % 3 ? 5 : 40);
    c->rows = points_memory(c->n, c->dims);
    points_fill(c->rows, c->n, c->dims, (points_kind)(seed % POINTS_KINDS), &c->random);
    c->params = (km_params){.k = 2 + points_below(&c->random, 30),
                            .init = seed % 5 ? KM_INIT_PLUS_PLUS : KM_INIT_RANDOM,
                            .n_init = 1,
                            .max_iter = 25,
                            .tol = 1e-4,
                            .refine = seed % 4 ? KM_REFINE_AUTO : KM_REFINE_NONE,
                            .seed = seed,
                            .clamp = 1};
    for (size_t l = 0; l < sizeof kernels / sizeof *kernels; l++) {
      for (int algorithm = KM_ALGORITHM_AUTO; algorithm <= KM_ALGORITHM_BOUNDS; algorithm++) {
        km_result other;
        if (!km_kernel_known(kernels[l]) || (algorithm + l + seed) % 3 == 0) {
          continue; /* a part of all combinations, another one each time */
        }
        c->params.kernels = kernels[l];
        c->params.algorithm = (km_algorithm)algorithm;
        c->params.threads = threads[(l + seed + (size_t)algorithm) % 3];
        fit_rows(c->rows, c->n, c->dims, &c->params, first ? &c->result : &other);
        if (first) {
          first = 0;
          continue;
        }
        size_t k = c->result.k;
        HOLDS(other.k == k && other.iterations == c->result.iterations);
        HOLDS(memcmp(other.centroids, c->result.centroids, k * c->dims * sizeof(double)) == 0);
        HOLDS(memcmp(other.inertias, c->result.inertias, k * sizeof(double)) == 0);
        for (size_t i = 0; i < c->n; i++) {
          HOLDS(km_result_label(&other, i) == km_result_label(&c->result, i));
        }
        km_result_clear(&other, &hooks.hooks);
      }
    }
    km_result_clear(&c->result, &hooks.hooks);
    free(c->rows);
  }
  assert_int_equal(hooks.live, 0);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(order_of_rows),      cmocka_unit_test(order_on_a_line),
      cmocka_unit_test(copies_of_all_rows), cmocka_unit_test(unit_and_origin),
      cmocka_unit_test(column_of_equals),   cmocka_unit_test(engines_kernels_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
