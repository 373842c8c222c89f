/* The engine for five columns and more against the plain one: every variant, kernel level and number
** of threads gives the same labels, sums, iterations and centroids, bit for bit, over random cases
** made to be hard: exact ties on integer grids, duplicates, offsets, empty clusters, extremes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/lloyd.h"
#include "core/random.h"
#include "core/seed.h"
#include "core_hooks.h"
#include "points.h"
#include "simd/kernels.h"

#ifndef CASES
#define CASES 3000
#endif

static core_hooks host;

/* What a run leaves behind. */
typedef struct outcome {
  size_t k, dims, n;
  double *centroids;
  uint32_t *labels;
  size_t *sizes;
  double *inertias;
  double *farthest;
  size_t iterations;
  int converged;
} outcome;

static void free_outcome(outcome *o) {
  free(o->centroids);
  free(o->labels);
  free(o->sizes);
  free(o->inertias);
  free(o->farthest);
}

static outcome run(const km_dataset *data, const double *initial, size_t k, size_t max_iter,
                   const km_engine_type *type, const km_kernels *kernels, size_t threads,
                   int reorder) {
  km_blocks blocks;
  km_workers workers;
  km_engine engine;
  km_chunks labels;
  size_t n = data->rows.count;
  size_t dims = data->dims;
  km_sum *sums = malloc(k * sizeof *sums);
  outcome o = {.k = k, .dims = dims, .n = n};
  o.centroids = malloc(k * dims * sizeof(double));
  o.labels = malloc(n * sizeof(uint32_t));
  o.sizes = malloc(k * sizeof(size_t));
  o.inertias = malloc(k * sizeof(double));
  o.farthest = malloc(k * sizeof(double));
  memcpy(o.centroids, initial, k * dims * sizeof(double));
  km_chunks_init(&labels, sizeof(uint32_t));
  assert_int_equal(km_chunks_fill(&labels, &host.hooks, n), KM_OK);
  assert_int_equal(km_blocks_init(&blocks, data, &host.hooks, NULL, k, initial), KM_OK);
  blocks.kernels = kernels;
  km_workers_start(&workers, threads);
  if (!blocks.tame) {
    type = &km_engine_plain;
  }
  assert_int_equal(km_engine_begin(&engine, type, &blocks, &workers), KM_OK);
  km_lloyd lloyd = {.engine = &engine,
                    .k = k,
                    .centroids = o.centroids,
                    .labels = &labels,
                    .counts = o.sizes,
                    .run = 1,
                    .max_iter = max_iter};
  assert_int_equal(km_lloyd_run(&lloyd), KM_OK);
  o.iterations = lloyd.iterations;
  o.converged = lloyd.converged;
  if (reorder) { /* as sorting would */
    for (size_t j = 0; j < dims; j++) {
      double first = o.centroids[j];
      o.centroids[j] = o.centroids[(k - 1) * dims + j];
      o.centroids[(k - 1) * dims + j] = first;
    }
  }
  km_summary summary = {
      .labels = &labels, .sizes = o.sizes, .inertias = sums, .farthest = o.farthest};
  assert_int_equal(engine.type->summarise(&engine, o.centroids, k, &summary), KM_OK);
  for (size_t c = 0; c < k; c++) {
    o.inertias[c] = km_sum_value(&sums[c]);
  }
  for (size_t i = 0; i < n; i++) {
    o.labels[i] = *(uint32_t *)km_chunks_at(&labels, i);
  }
  km_engine_end(&engine);
  km_workers_stop(&workers);
  km_blocks_clear(&blocks);
  km_chunks_clear(&labels, &host.hooks);
  free(sums);
  return o;
}

static void compare(const outcome *a, const outcome *b, const char *what, size_t number) {
  const char *wrong = NULL;
  if (a->iterations != b->iterations || a->converged != b->converged) {
    wrong = "iterations";
  } else if (memcmp(a->centroids, b->centroids, a->k * a->dims * sizeof(double)) != 0) {
    wrong = "centroids";
  } else if (memcmp(a->labels, b->labels, a->n * sizeof(uint32_t)) != 0) {
    wrong = "labels";
  } else if (memcmp(a->sizes, b->sizes, a->k * sizeof(size_t)) != 0) {
    wrong = "sizes";
  } else if (memcmp(a->inertias, b->inertias, a->k * sizeof(double)) != 0) {
    wrong = "inertias";
  } else if (memcmp(a->farthest, b->farthest, a->k * sizeof(double)) != 0) {
    wrong = "farthest";
  }
  if (wrong) {
    fail_msg("case %zu (n %zu, d %zu, k %zu), %s: other %s (%zu, %zu iterations)", number, a->n,
             a->dims, a->k, what, wrong, a->iterations, b->iterations);
  }
}

static double gaussian(km_random *random) {
  double sum = 0;
  for (int i = 0; i < 12; i++) {
    sum += km_random_unit(random);
  }
  return sum - 6;
}

/* Points of one of several kinds. */
static void make_points(km_dataset *data, km_random *random, size_t n, size_t kind) {
  size_t dims = data->dims;
  double side = 2 + (double)km_random_below(random, 4);
  double width = 0.01 + 3 * km_random_unit(random);
  size_t blobs = 1 + km_random_below(random, 12);
  for (size_t i = 0; i < n; i++) {
    double *row = km_chunks_push(&data->rows, &host.hooks);
    assert_non_null(row);
    km_random centre;
    km_random_seed(&centre, km_random_below(random, blobs));
    for (size_t j = 0; j < dims; j++) {
      double blob = 10 * km_random_unit(&centre) + width * gaussian(random);
      double grid = (double)km_random_below(random, (uint64_t)side);
      switch (kind) {
      case 0:
        row[j] = blob;
        break;
      case 1: /* exact ties */
        row[j] = grid;
        break;
      case 2: /* an offset */
        row[j] = 1e9 + blob;
        break;
      case 3:
        row[j] = 1e9 + grid;
        break;
      case 4: /* uniform */
        row[j] = km_random_unit(random);
        break;
      case 5: /* columns of unlike scales */
        row[j] = blob * (j % 3 == 0 ? 1e6 : j % 3 == 1 ? 1 : 1e-6);
        break;
      case 6: /* decimals that halves of sums tie on */
        row[j] = grid * 0.1;
        break;
      case 7: /* outliers */
        row[j] = blob * (km_random_below(random, 50) == 0 ? 1e5 : 1);
        break;
      case 8: /* tiny */
        row[j] = blob * 1e-60;
        break;
      case 9: /* so near each other that floats see nothing */
        row[j] = 1 + 1e-9 * grid;
        break;
      default: /* extremes */
        row[j] = blob * 1e200;
        break;
      }
    }
    if (i > 0 && km_random_below(random, 8) == 0) { /* duplicates */
      memcpy(row, km_dataset_row(data, km_random_below(random, i), NULL), dims * sizeof(double));
    }
  }
}

/* Turns a dataset of doubles into one of floats. */
static void make_single(km_dataset *data) {
  km_dataset single;
  km_dataset_init(&single, data->dims, KM_FLOAT);
  for (size_t i = 0; i < data->rows.count; i++) {
    const double *row = km_dataset_row(data, i, NULL);
    points_load(&single, row, 1, &host.hooks);
  }
  km_dataset_clear(data, &host.hooks);
  *data = single;
}

static void test_same_bits(void **state) {
  const char *names[] = {"scalar", "avx2", "avx512", "neon"};
  const km_engine_type *types[] = {&km_engine_dense, &km_engine_bounds, &km_engine_grouped};
  km_random random;
  (void)state;
  km_random_seed(&random, 7);
  for (size_t number = 0; number < points_cases(CASES); number++) {
    km_dataset data;
    size_t kind = number % 11;
    int large = number % 10 == 0 || number % 80 == 5;
    size_t n = 1 + km_random_below(&random, large ? 1500 : 300);
    /* Sums of more than 64 columns are taken in parts. */
    km_dataset_init(&data, 1 + km_random_below(&random, number % 8 == 5 ? 200 : 40), KM_DOUBLE);
    make_points(&data, &random, n, kind);
    if (kind != 10 && number % 3 == 1) {
      make_single(&data);
    }
    size_t distinct;
    size_t k = 1 + km_random_below(&random, 60);
    assert_int_equal(km_dataset_distinct(&data, &host.hooks, k, &distinct), KM_OK);
    k = distinct;
    double *initial = malloc(k * data.dims * sizeof(double));
    km_blocks blocks;
    assert_int_equal(km_blocks_init(&blocks, &data, &host.hooks, NULL, k, NULL), KM_OK);
    assert_int_equal(km_seed_rows(&blocks, &random, k, initial), KM_OK);
    km_blocks_clear(&blocks);
    if (number % 5 == 4) { /* far away, or equal: clusters that are empty at first */
      for (size_t j = 0; j < data.dims; j++) {
        initial[(k / 2) * data.dims + j] = number % 2 ? initial[j] : 1000 + initial[j] * 3;
      }
    }
    size_t max_iter = number % 7 == 6 ? 2 : 300;
    int reorder = number % 3 == 0;
    outcome plain =
        run(&data, initial, k, max_iter, &km_engine_plain, &km_kernels_scalar, 1, reorder);
    for (size_t l = 0; l < 4; l++) {
      const km_kernels *kernels = km_kernels_named(names[l]);
      for (size_t t = 0; kernels && t < 3; t++) {
        size_t threads = 1 + (number + t + l) % 3;
        char what[64];
        outcome other = run(&data, initial, k, max_iter, types[t], kernels, threads, reorder);
        snprintf(what, sizeof what, "%s, %s, %zu threads, kind %zu", types[t]->name, names[l],
                 threads, kind);
        compare(&plain, &other, what, number);
        free_outcome(&other);
      }
    }
    free_outcome(&plain);
    free(initial);
    km_dataset_clear(&data, &host.hooks);
  }
}

/* So many points that a pass is several slices, with few clusters, whose sums each slice has for itself:
** merged in their order; with one point far out. */
static void test_slices(void **state) {
  km_random random;
  (void)state;
  km_random_seed(&random, 11);
  for (size_t number = 0; number < 4; number++) {
    enum { ROWS = 30000, COLUMNS = 40, K = 5 };
    km_dataset data;
    double initial[K * COLUMNS];
    km_dataset_init(&data, COLUMNS, number % 2 ? KM_FLOAT : KM_DOUBLE);
    for (size_t i = 0; i < ROWS; i++) {
      double row[COLUMNS];
      for (size_t j = 0; j < COLUMNS; j++) {
        row[j] = km_random_unit(&random) + (double)(i % 3) + (i == 7 ? 1e9 : 0);
      }
      points_load(&data, row, 1, &host.hooks);
      if (number >= 2) {
        *(double *)km_chunks_push(&data.weights, &host.hooks) = 0.1 + km_random_unit(&random);
      }
    }
    for (size_t c = 0; c < K; c++) {
      km_dataset_copy(&data, 8 + c, initial + c * COLUMNS);
    }
    outcome plain = run(&data, initial, K, 9, &km_engine_plain, &km_kernels_scalar, 1, 0);
    for (size_t threads = 1; threads <= 3; threads++) {
      outcome other = run(&data, initial, K, 9, &km_engine_grouped, km_kernels_best(), threads, 0);
      compare(&plain, &other, "slices", number);
      free_outcome(&other);
    }
    free_outcome(&plain);
    km_dataset_clear(&data, &host.hooks);
  }
}

/* Greedy k-means++ gives the same centroids at every level and for any number of threads: rows of the
** data, no two equal. */
static void test_seeding(void **state) {
  const char *names[] = {"scalar", "avx2", "avx512", "neon"};
  km_random random;
  (void)state;
  km_random_seed(&random, 9);
  for (size_t number = 0; number < points_cases(CASES / 10); number++) {
    km_dataset data;
    size_t n = 1 + km_random_below(&random, number % 5 == 0 ? 5000 : 400);
    km_dataset_init(&data, 1 + km_random_below(&random, 40), KM_DOUBLE);
    make_points(&data, &random, n, number % 10);
    if (number % 3 == 1) {
      make_single(&data);
    }
    size_t k;
    size_t dims = data.dims;
    assert_int_equal(km_dataset_distinct(&data, &host.hooks, 1 + km_random_below(&random, 40), &k),
                     KM_OK);
    double *first = NULL;
    for (size_t l = 0; l < 4; l++) {
      for (size_t threads = 1; km_kernels_named(names[l]) && threads <= 3; threads++) {
        km_blocks blocks;
        km_workers workers;
        km_engine engine;
        km_random draws;
        double *centroids = malloc(k * dims * sizeof(double));
        km_random_seed(&draws, number);
        assert_int_equal(km_blocks_init(&blocks, &data, &host.hooks, NULL, k, NULL), KM_OK);
        blocks.kernels = km_kernels_named(names[l]);
        km_workers_start(&workers, threads);
        assert_int_equal(km_engine_begin(&engine, &km_engine_grouped, &blocks, &workers), KM_OK);
        assert_int_equal(engine.type->seed(&engine, &draws, k, centroids), KM_OK);
        km_engine_end(&engine);
        km_workers_stop(&workers);
        km_blocks_clear(&blocks);
        if (first) {
          assert_memory_equal(first, centroids, k * dims * sizeof(double));
          free(centroids);
        } else {
          first = centroids;
        }
      }
    }
    km_dataset chosen; /* all distinct, all from the data */
    km_dataset_init(&chosen, dims, KM_DOUBLE);
    for (size_t c = 0; c < k; c++) {
      memcpy(km_chunks_push(&chosen.rows, &host.hooks), first + c * dims, dims * sizeof(double));
      size_t i = 0;
      double room[40];
      while (i < n &&
             memcmp(km_dataset_row(&data, i, room), first + c * dims, dims * sizeof(double))) {
        i++;
      }
      assert_true(i < n);
    }
    size_t distinct;
    assert_int_equal(km_dataset_distinct(&chosen, &host.hooks, k, &distinct), KM_OK);
    assert_int_equal(distinct, k);
    km_dataset_clear(&chosen, &host.hooks);
    free(first);
    km_dataset_clear(&data, &host.hooks);
  }
}

/* Rounding can bring two means to one place: here to (1, 1), each from another side, on a grid of ones as
** doubles are so far from zero. The summary then finds the same centroid of the run nearest to both. */
static void test_means_that_meet(void **state) {
  const km_engine_type *types[] = {&km_engine_dense, &km_engine_bounds, &km_engine_grouped};
  const double far = 0x1p52 + 1;
  const double rows[] = {far + 1, far,     0, 0, 0, far,     far + 1, 0, 0, 0,
                         far + 1, far + 1, 0, 0, 0, far + 1, far + 1, 0, 0, 0};
  const double initial[] = {far, far, 0, 0, 0, far + 1, far + 1, 0, 0, 0};
  km_dataset data;
  (void)state;
  km_dataset_init(&data, 5, KM_DOUBLE);
  points_load(&data, rows, 4, &host.hooks);
  outcome plain = run(&data, initial, 2, 1, &km_engine_plain, &km_kernels_scalar, 1, 0);
  assert_memory_equal(plain.centroids, plain.centroids + 5, 5 * sizeof(double));
  for (size_t t = 0; t < 3; t++) {
    outcome other = run(&data, initial, 2, 1, types[t], km_kernels_best(), 1, 0);
    compare(&plain, &other, types[t]->name, t);
    free_outcome(&other);
  }
  free_outcome(&plain);
  km_dataset_clear(&data, &host.hooks);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_seeding),
      cmocka_unit_test(test_same_bits),
      cmocka_unit_test(test_slices),
      cmocka_unit_test(test_means_that_meet),
  };
  core_hooks_init(&host);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
