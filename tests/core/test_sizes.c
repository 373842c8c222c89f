/* Sizes that would wrap around, or be more than a host gives at once: each is refused as out of memory or
** as too large, before anything is written anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core/metrics.h"
#include "core/moments.h"
#include "core/refine.h"
#include "core/row_set.h"
#include "core/trace.h"
#include "core/tree_walk.h"
#include "core_hooks.h"
#include "points.h"

static core_hooks hooks;

/* Factors whose products, in bytes, just do and just do not fit, or wrap around to something small. */
static const size_t huge[] = {
    SIZE_MAX,
    SIZE_MAX - 1,
    SIZE_MAX / 2 + 1,
    SIZE_MAX / 3 + 1,
    SIZE_MAX / 4 + 1,
    SIZE_MAX / 8,
    SIZE_MAX / 8 + 1,
    SIZE_MAX / 16 + 1,
    (size_t)PTRDIFF_MAX,
    (size_t)PTRDIFF_MAX / 8 + 1,
    (size_t)1 << (sizeof(size_t) * 4) | 1, /* its square wraps around */
};

/* All; those that are too many of anything. */
enum { FACTORS = sizeof huge / sizeof *huge, HUGE_SIZES = FACTORS - 1 };

static void start(void) {
  core_hooks_init(&hooks);
  hooks.most = (size_t)1 << 20;
}

static void products(void **state) {
  (void)state;
  assert_true(km_times(0, SIZE_MAX) == 0 && km_times(SIZE_MAX, 0) == 0);
  assert_true(km_times(1, SIZE_MAX) == SIZE_MAX && km_times(3, 5) == 15);
  assert_true(km_times(SIZE_MAX / 2, 2) == SIZE_MAX - 1);
  assert_true(km_times(SIZE_MAX / 2 + 1, 2) == SIZE_MAX);
  assert_true(km_times((size_t)1 << (sizeof(size_t) * 4), (size_t)1 << (sizeof(size_t) * 4)) ==
              SIZE_MAX);
}

/* The host is not even asked. */
static void allocations(void **state) {
  (void)state;
  start();
  for (size_t i = 0; i < FACTORS; i++) {
    for (size_t j = 0; j < FACTORS; j++) {
      assert_null(km_allocate(&hooks.hooks, huge[i], huge[j]));
    }
  }
  assert_null(km_allocate(&hooks.hooks, (size_t)PTRDIFF_MAX + 1, 1));
  assert_null(km_allocate(&hooks.hooks, 1, (size_t)PTRDIFF_MAX + 1));
  assert_int_equal(hooks.allocations, 0);
}

static void chunks(void **state) {
  (void)state;
  start();
  for (size_t i = 0; i < FACTORS; i++) {
    for (size_t j = 0; j < FACTORS; j++) {
      km_chunks items;
      km_chunks_init(&items, huge[i]);
      assert_int_equal(km_chunks_fill(&items, &hooks.hooks, huge[j]), KM_NOMEM);
      km_chunks_clear(&items, &hooks.hooks);
    }
  }
  assert_int_equal(hooks.live, 0);
}

/* No row has memory, so that nothing else comes to see so many columns. */
static void columns(void **state) {
  static const size_t dims[] = {KM_MAX_DIMS + 1, SIZE_MAX / 8 + 2, SIZE_MAX / 4 + 2, SIZE_MAX};
  (void)state;
  start();
  for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
    for (int element = KM_DOUBLE; element <= KM_FLOAT; element++) {
      km_dataset data;
      km_dataset_init(&data, dims[d], (km_element)element);
      assert_null(km_chunks_push(&data.rows, &hooks.hooks));
      assert_int_equal(km_chunks_fill(&data.rows, &hooks.hooks, 1), KM_NOMEM);
      km_dataset_clear(&data, &hooks.hooks);
    }
  }
  assert_int_equal(hooks.live, 0);
}

static void load(km_dataset *data) {
  static const double rows[] = {0, 0, 0, 1, 0, 0, 5, 5, 5, 5, 6, 5};
  start();
  km_dataset_init(data, 3, KM_DOUBLE);
  points_load(data, rows, 4, &hooks.hooks);
}

static void expect_released(km_dataset *data) {
  km_dataset_clear(data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* More clusters than there can be points. */
static void clusters_of_a_fit(void **state) {
  (void)state;
  for (size_t i = 0; i < HUGE_SIZES; i++) {
    km_dataset data;
    km_result result;
    km_trace trace;
    km_params params = {.k = huge[i], .n_init = 1, .max_iter = 9};
    load(&data);
    assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_TOO_FEW);
    assert_int_equal(result.distinct, 4);
    km_result_clear(&result, &hooks.hooks);
    assert_int_equal(km_trace_begin(&trace, &data, &params, &hooks.hooks), KM_TOO_FEW);
    km_trace_end(&trace);
    params.clamp = 1;
    assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
    assert_int_equal(result.k, 4);
    km_result_clear(&result, &hooks.hooks);
    expect_released(&data);
  }
}

/* Rows of 65,536 columns, all distinct and so many that as many centroids would be too large. They overlap,
** each chunk one number after the one before it: side by side they would take a gigabyte. */
static void clusters_of_wide_rows(void **state) {
  enum { DIMS = KM_MAX_DIMS, ROWS = KM_MAX_CENTROIDS / DIMS + 1 };
  static unsigned char *chunk[ROWS];
  km_dataset data;
  km_result result;
  km_params params = {.k = ROWS + 1, .n_init = 1, .max_iter = 1, .clamp = 1};
  (void)state;
  start();
  km_dataset_init(&data, DIMS, KM_DOUBLE);
  size_t numbers = ((size_t)DIMS << data.rows.shift) + ROWS;
  double *memory = points_memory(numbers, 1);
  for (size_t i = 0; i < numbers; i++) {
    memory[i] = (double)i;
  }
  for (size_t c = 0; c < ROWS; c++) {
    chunk[c] = (unsigned char *)(memory + c);
  }
  data.rows.chunk = chunk;
  data.rows.count = ROWS;
  assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_TOO_LARGE);
  km_result_clear(&result, &hooks.hooks);
  free(memory);
  assert_int_equal(hooks.live, 0);
}

/* Given centroids, none of which is looked at. */
static void clusters_of_a_model(void **state) {
  (void)state;
  for (size_t i = 0; i < HUGE_SIZES + 1; i++) {
    km_dataset data;
    km_result result;
    size_t k = i < HUGE_SIZES ? huge[i] : KM_MAX_CENTROIDS / 3 + 1;
    load(&data);
    assert_int_equal(km_apply(&data, NULL, k, 1, &hooks.hooks, &result), KM_TOO_LARGE);
    km_result_clear(&result, &hooks.hooks);
    expect_released(&data);
  }
}

/* Labels come from outside, too, for the metrics. */
static void clusters_of_labels(void **state) {
  (void)state;
  for (size_t i = 0; i < HUGE_SIZES; i++) {
    km_dataset data;
    km_chunks labels;
    km_scatter scatter;
    double mean;
    load(&data);
    km_chunks_init(&labels, sizeof(uint32_t));
    assert_int_equal(km_chunks_fill(&labels, &hooks.hooks, 4), KM_OK);
    memset(km_chunks_at(&labels, 0), 0, 4 * sizeof(uint32_t));
    km_labelled points = {.data = &data, .labels = &labels, .k = huge[i], .threads = 1};
    assert_int_equal(km_silhouette(&points, &hooks.hooks, NULL, &mean), KM_NOMEM);
    assert_int_equal(km_scatter_measure(&points, &hooks.hooks, &scatter), KM_NOMEM);
    km_chunks_clear(&labels, &hooks.hooks);
    expect_released(&data);
  }
}

static void distinct_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < HUGE_SIZES; i++) {
    km_dataset data;
    km_row_set set;
    size_t distinct;
    load(&data);
    assert_int_equal(km_row_set_init(&set, &hooks.hooks, huge[i], &data), KM_NOMEM);
    km_row_set_clear(&set, &hooks.hooks);
    assert_int_equal(km_dataset_distinct(&data, &hooks.hooks, huge[i], &distinct), KM_OK);
    assert_int_equal(distinct, 4);
    expect_released(&data);
  }
}

/* The sample that refining takes is in one piece: of 8 MB at most where all that is as large is in pieces. */
static void samples(void **state) {
  size_t largest = KM_LARGEST > (size_t)1 << 23 ? KM_LARGEST : (size_t)1 << 23;
  (void)state;
  assert_int_equal(km_refine_sample(1000, 2, 3), 1000);
  assert_int_equal(km_refine_sample(1000000000, 1, 3), 3 * 512);
  for (size_t i = 0; i < HUGE_SIZES; i++) {
    for (size_t dims = 1; dims <= KM_MAX_DIMS; dims *= 4) {
      size_t most = km_refine_sample(huge[i], dims, huge[HUGE_SIZES - 1 - i]);
      assert_true(most > 0 && most <= largest / sizeof(double) / dims);
    }
  }
}

/* The nodes over `leaves` leaves, a power of two, of as many points each as one job should have at most. */
static void make_nodes(const km_tree *tree, size_t node, size_t leaves) {
  *km_tree_node(tree, node) =
      (km_node){.left = (uint32_t)leaves / 2, .points = (uint32_t)leaves << 18};
  if (leaves > 1) {
    make_nodes(tree, node + 1, leaves / 2);
    make_nodes(tree, node + leaves, leaves / 2);
  }
}

/* Each job has tallies of all clusters: of 128 jobs they would be too large, so jobs are made larger. */
static void jobs_of_a_tree(void **state) {
  enum { LEAVES = 128, SUMS = KM_BLOCK_MAX_DIMS + 1 };
  km_tree_state tree = {.hooks = &hooks.hooks, .tree = {.depth = 8, .sums = SUMS}};
  (void)state;
  start();
  km_chunks_init(&tree.tree.nodes, sizeof(km_node));
  assert_int_equal(km_chunks_fill(&tree.tree.nodes, &hooks.hooks, 2 * LEAVES - 1), KM_OK);
  make_nodes(&tree.tree, 0, LEAVES);
  assert_int_equal(km_tree_reserve(&tree, KM_TREE_MAX_K), KM_NOMEM);
  size_t each = KM_TREE_MAX_K * tree.tally_bytes;
  assert_true(LEAVES * each > KM_LARGEST);
  assert_true(tree.max_jobs == 1 || (tree.max_jobs + 1) * each <= KM_LARGEST);
  assert_true(tree.max_jobs == 1 ||
              2 * tree.max_jobs * each >= KM_LARGEST); /* and not more than that */
  km_tree_state_clear(&tree);
  assert_int_equal(hooks.live, 0);
}

static void centroids(void **state) {
  (void)state;
  assert_true(km_centroids_fit(1, KM_MAX_DIMS) && km_centroids_fit(KM_MAX_CENTROIDS, 1));
  assert_true(km_centroids_fit(10000, 13400) && !km_centroids_fit(10000, 13401));
  assert_true(km_centroids_fit(2044, KM_MAX_DIMS) && !km_centroids_fit(2045, KM_MAX_DIMS));
  for (size_t i = 0; i < HUGE_SIZES; i++) {
    assert_false(km_centroids_fit(huge[i], 1));
    assert_false(km_centroids_fit(huge[i], KM_MAX_DIMS));
    assert_false(km_centroids_fit(KM_MAX_DIMS, huge[i]));
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(products),
      cmocka_unit_test(allocations),
      cmocka_unit_test(chunks),
      cmocka_unit_test(columns),
      cmocka_unit_test(clusters_of_a_fit),
      cmocka_unit_test(clusters_of_wide_rows),
      cmocka_unit_test(clusters_of_a_model),
      cmocka_unit_test(clusters_of_labels),
      cmocka_unit_test(distinct_rows),
      cmocka_unit_test(samples),
      cmocka_unit_test(jobs_of_a_tree),
      cmocka_unit_test(centroids),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
