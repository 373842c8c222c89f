/* Every engine and number of threads gives the bits of the plain engine: centroids, labels, sizes,
** inertias, radii, iterations, and what is reported of each iteration. Thousands of random cases,
** most of them made to be awkward: ties, duplicates, offsets, constant columns, empty clusters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "points.h"
#include "core/engine.h"
#include "core/fit.h"
#include "core/random.h"

typedef struct host {
  size_t blocks;    /* not yet released */
  size_t failing;   /* the allocation that fails, from 1; 0: none */
  size_t polls;     /* how often it was asked whether to stop */
  size_t stopping;  /* the poll that says so, from 1; 0: none */
  uint64_t reports; /* a hash of all reports */
} host;

static void *allocate(void *context, size_t bytes) {
  host *own = context;
  if (own->failing && --own->failing == 0) {
    return NULL;
  }
  own->blocks++;
  return malloc(bytes);
}

static void release(void *context, void *memory) {
  if (memory) {
    ((host *)context)->blocks--;
    free(memory);
  }
}

static int cancelled(void *context) {
  host *own = context;
  own->polls++;
  return own->polls == own->stopping;
}

static KM_WRAPS uint64_t mix(uint64_t hash, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < count; i++) {
    hash = (hash ^ byte[i]) * 0x100000001b3u;
  }
  return hash;
}

static void report(void *context, const km_report *news) {
  host *own = context;
  own->reports = mix(own->reports, &news->iteration, sizeof news->iteration);
  own->reports = mix(own->reports, &news->moved, sizeof news->moved);
  own->reports = mix(own->reports, &news->shift, sizeof news->shift);
}

/* Random data. */

enum {
  UNIFORM,
  GRID,
  BLOBS,
  DUPLICATES,
  OFFSET,
  LINE,
  CONSTANT,
  MIRRORED,
  TINY,
  ATOMS,
  HEAVY,
  SPARSE,
  KINDS
};

static km_random rng;

static size_t below(size_t bound) {
  return (size_t)km_random_below(&rng, bound);
}

static double normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++) {
    sum += km_random_unit(&rng);
  }
  return sum;
}

static double coordinate(int kind, size_t i, size_t j, size_t grid) {
  double u = km_random_unit(&rng);
  switch (kind) {
  case GRID:
    return (double)below(grid);
  case BLOBS:
    return (double)(i * 7919 % 5) * 4 + (double)j + normal();
  case DUPLICATES:
    return below(3) ? (double)below(3) * 0.1 : u;
  case OFFSET:
    return 1e9 + (double)below(grid) * 0.25;
  case LINE:
    return (double)(i * 31 % 1009) * (double)(j + 1);
  case CONSTANT:
    return j == 0 ? 0.1 : u;
  case MIRRORED:
    return (double)(below(2 * grid + 1)) - (double)grid;
  case TINY:
    return below(50) == 0 ? 1 : u * 1e-165;
  case ATOMS: /* their squares are zero, and centroids are put far from them */
    return u * 1e-165;
  case HEAVY:
    return normal() / (1e-9 + u * u * u);
  case SPARSE: /* sums become zero, or what rounding leaves of them */
    return below(12) == 0 ? u - 0.3 : 0;
  default:
    return u;
  }
}

static double *make_points(int kind, size_t n, size_t dims) {
  double *points = malloc(n * dims * sizeof *points);
  size_t grid = 2 + below(40);
  assert_non_null(points);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < dims; j++) {
      points[i * dims + j] = coordinate(kind, i, j, grid);
    }
  }
  return points;
}

/* Initial centroids: rows, points of the same kind, or far away, so that clusters are empty. */
static double *make_centroids(int kind, const double *points, size_t n, size_t dims, size_t k) {
  double *centroids = make_points(kind, k, dims);
  for (size_t c = 0; c < k; c++) {
    switch (below(4)) {
    case 0:
      break;
    case 1:
      if (below(8) == 0) {
        centroids[c * dims] += 1e4;
      }
      break;
    default:
      memcpy(centroids + c * dims, points + below(n) * dims, dims * sizeof *points);
      break;
    }
  }
  return centroids;
}

/* Fits, and compares. */

typedef struct outcome {
  km_result result;
  km_status status;
  uint64_t reports;
} outcome;

static outcome fit(const km_dataset *data, km_params params, km_algorithm algorithm, size_t threads,
                   host *own) {
  km_hooks hooks = {own, allocate, release, cancelled, report, 0};
  outcome out;
  own->reports = 0;
  params.algorithm = algorithm;
  params.threads = threads;
  out.status = km_fit(data, &params, &hooks, &out.result);
  out.reports = own->reports;
  return out;
}

static int equal_outcomes(const outcome *a, const outcome *b) {
  const km_result *x = &a->result;
  const km_result *y = &b->result;
  if (a->status != b->status || a->reports != b->reports) {
    return 0;
  }
  if (a->status != KM_OK) {
    return 1;
  }
  int equal = x->k == y->k && x->iterations == y->iterations && x->converged == y->converged &&
              memcmp(x->centroids, y->centroids, x->k * x->dims * sizeof(double)) == 0 &&
              memcmp(x->sizes, y->sizes, x->k * sizeof *x->sizes) == 0 &&
              memcmp(x->inertias, y->inertias, x->k * sizeof(double)) == 0 &&
              memcmp(x->radii, y->radii, x->k * sizeof(double)) == 0;
  for (size_t i = 0; i < x->labels.count && equal; i++) {
    equal = km_result_label(x, i) == km_result_label(y, i);
  }
  return equal;
}

static size_t fitted; /* cases that were not refused */

static void compare_engines(int kind, size_t n, size_t dims, size_t k, int given,
                            const size_t *threads, size_t thread_count) {
  static const km_algorithm algorithms[] = {KM_ALGORITHM_TREE, KM_ALGORITHM_AUTO,
                                            KM_ALGORITHM_BOUNDS, KM_ALGORITHM_DENSE,
                                            KM_ALGORITHM_PLAIN};
  size_t tried = n < 5000 ? 5 : 2;
  host own = {0};
  km_hooks hooks = {&own, allocate, release, cancelled, report, 0};
  km_dataset data;
  km_element element = KM_DOUBLE;
  double *points = make_points(kind, n, dims);
  double *centroids = make_centroids(kind, points, n, dims, k);
  km_params params = {.k = k, .centroids = centroids, .clamp = !given};
  /* One by one: the members of an initialiser are evaluated in an order of the compiler's. */
  params.init = given ? KM_INIT_CENTROIDS : below(4) ? KM_INIT_PLUS_PLUS : KM_INIT_RANDOM;
  params.refine = below(8) ? KM_REFINE_NONE : KM_REFINE_DEFAULT; /* which starts many times */
  params.n_init = 1 + below(2);
  params.max_iter = n < 5000 && below(3) ? 300 : 1 + below(40);
  params.tol = below(4) ? 0 : 1e-4;
  params.seed = below(1000);
  if (below(3) == 0) { /* the same points in floats give the same answer */
    for (size_t v = 0; v < n * dims; v++) {
      points[v] = (double)(float)points[v];
    }
    element = KM_FLOAT;
  }
  km_dataset_init(&data, dims, KM_DOUBLE);
  points_load(&data, points, n, &hooks);
  outcome plain = fit(&data, params, KM_ALGORITHM_PLAIN, 1, &own);
  fitted += plain.status == KM_OK;
  km_dataset_clear(&data, &hooks);
  km_dataset_init(&data, dims, element);
  points_load(&data, points, n, &hooks);
  for (size_t a = 0; a < tried; a++) {
    for (size_t t = 0; t < thread_count; t++) {
      outcome other = fit(&data, params, algorithms[a], threads[t], &own);
      if (!equal_outcomes(&plain, &other)) {
        fail_msg("kind %d, %zu points, %zu columns, k %zu, init %d, algorithm %d, %zu threads",
                 kind, n, dims, k, (int)params.init, (int)algorithms[a], threads[t]);
      }
      km_result_clear(&other.result, &hooks);
    }
  }
  km_result_clear(&plain.result, &hooks);
  km_dataset_clear(&data, &hooks);
  free(points);
  free(centroids);
  assert_int_equal(own.blocks, 0);
}

static void test_small_cases(void **unused) {
  size_t threads[] = {1};
  (void)unused;
  km_random_seed(&rng, 1);
  fitted = 0;
  for (int i = 0; i < (int)points_cases(2000); i++) {
    size_t n = 1 + below(below(4) ? 300 : 2000);
    size_t dims = 1 + below(9);
    size_t k = 1 + below(n < 40 ? n : 40);
    int kind = (int)below(KINDS);
    int given = (int)below(2);
    compare_engines(kind, n, dims, k, given, threads, 1);
  }
  assert_true(fitted > points_cases(2000) * 2 / 3);
}

static void test_large_cases(void **unused) {
  size_t threads[] = {1, 2, 3};
  (void)unused;
  km_random_seed(&rng, 2);
  for (int i = 0; i < (int)points_cases(40); i++) {
    size_t n = (10000 + below(20000)) / points_stride();
    size_t dims = 1 + below(5);
    size_t k = 40 + below(below(4) ? 40 : 150);
    compare_engines(i % KINDS, n, dims, k, (int)below(2), threads, 3);
  }
}

/* Half of the data in one place: a cell of the tree that must be cut. */
static void test_heap_of_equal_points(void **unused) {
  size_t threads[] = {1, 2};
  (void)unused;
  km_random_seed(&rng, 3);
  compare_engines(DUPLICATES, 120000 / points_stride(), 2, 20, 0, threads, 2);
  compare_engines(TINY, 90000 / points_stride(), 2, 12, 0, threads, 2);
}

/* A fit of 20000 points with the tree, in which the given allocation fails or poll says stop. */
static km_status disturbed_fit(size_t failing, size_t stopping, size_t threads, host *own) {
  km_hooks hooks = {own, allocate, release, cancelled, report, 0};
  km_params params = {.k = 30, .n_init = 2, .max_iter = 5, .algorithm = KM_ALGORITHM_TREE};
  km_dataset data;
  km_result result;
  memset(own, 0, sizeof *own);
  km_dataset_init(&data, 2, KM_DOUBLE);
  km_random_seed(&rng, 4);
  for (size_t i = 0; i < 20000; i++) {
    double *row = km_chunks_push(&data.rows, &hooks);
    row[0] = km_random_unit(&rng);
    row[1] = km_random_unit(&rng);
  }
  params.threads = threads;
  own->failing = failing;
  own->stopping = stopping;
  km_status status = km_fit(&data, &params, &hooks, &result);
  own->failing = 0;
  km_result_clear(&result, &hooks);
  km_dataset_clear(&data, &hooks);
  return status;
}

static void test_every_allocation_may_fail(void **unused) {
  (void)unused;
  host own;
  size_t failing = 1;
  while (disturbed_fit(failing, 0, 2, &own) == KM_NOMEM) {
    assert_int_equal(own.blocks, 0);
    failing += points_stride();
  }
  assert_int_equal(disturbed_fit(0, 0, 2, &own), KM_OK);
  assert_int_equal(own.blocks, 0);
  assert_true(failing > 30);
}

/* Points that are brought into floats time and again are copied, if there is memory: some allocation can
** fail without a fit that fails, and that one is as any other. */
static void test_a_copy_is_not_needed(void **unused) {
  enum { N = 1500, DIMS = 6, K = 24 };
  (void)unused;
  host own = {0};
  km_hooks hooks = {&own, allocate, release, cancelled, report, 0};
  km_dataset data;
  km_random_seed(&rng, 5);
  double *points = make_points(UNIFORM, N, DIMS);
  km_params params = {.k = K,
                      .init = KM_INIT_CENTROIDS,
                      .centroids = points,
                      .refine = KM_REFINE_NONE,
                      .n_init = 1,
                      .max_iter = 60};
  km_dataset_init(&data, DIMS, KM_DOUBLE);
  points_load(&data, points, N, &hooks);
  outcome plain = fit(&data, params, KM_ALGORITHM_PLAIN, 1, &own);
  assert_int_equal(plain.status, KM_OK);
  size_t survived = 0;
  for (size_t failing = 1;; failing += points_stride()) {
    own.failing = failing;
    outcome other = fit(&data, params, KM_ALGORITHM_DENSE, 2, &own);
    int failed = own.failing == 0;
    own.failing = 0;
    assert_true(other.status == KM_OK || other.status == KM_NOMEM);
    assert_true(other.status == KM_NOMEM || equal_outcomes(&plain, &other));
    survived += failed && other.status == KM_OK;
    km_result_clear(&other.result, &hooks);
    if (!failed) {
      break;
    }
  }
  /* The list of chunks, and each chunk: one, unless a build has them small. */
  assert_true(survived == 2 || points_stride() > 1 || (survived > 2 && KM_CHUNK_BYTES < 65536));
  km_result_clear(&plain.result, &hooks);
  km_dataset_clear(&data, &hooks);
  free(points);
  assert_int_equal(own.blocks, 0);
}

static void test_every_poll_may_stop(void **unused) {
  (void)unused;
  host own;
  size_t stopping = 0;
  km_status status;
  do {
    stopping += points_stride();
    status = disturbed_fit(0, stopping, 1 + stopping % 3, &own);
    assert_int_equal(own.blocks, 0);
    assert_true(status == KM_OK || status == KM_CANCELLED);
  } while (status != KM_OK && stopping < 200);
  assert_true(stopping > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_small_cases),          cmocka_unit_test(test_large_cases),
      cmocka_unit_test(test_heap_of_equal_points), cmocka_unit_test(test_every_allocation_may_fail),
      cmocka_unit_test(test_a_copy_is_not_needed), cmocka_unit_test(test_every_poll_may_stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
