/* Every level of the block kernels gives the bits of the scalar one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/random.h"
#include "simd/block.h"
#include "simd/kernels.h"

#define CANDIDATES 12

static km_random rng;

static void fill(double *values, size_t count, int grid) {
  for (size_t i = 0; i < count; i++) {
    double u = km_random_unit(&rng);
    values[i] = grid ? (double)(int)(u * 7) : u * 100 - 50;
  }
}

static void compare(const km_block_kernels *other, size_t dims, size_t m, int grid) {
  const km_block_kernels *oracle = &km_block_kernels_scalar;
  double block[KM_BLOCK_MAX_DIMS * KM_BLOCK];
  double centroids[2 * CANDIDATES * KM_BLOCK_MAX_DIMS];
  uint32_t candidate[CANDIDATES];
  uint64_t owned[2][CANDIDATES];
  double distance[2][KM_BLOCK];
  double closest[2][KM_BLOCK];
  double least[2];
  double most[2];
  uint16_t labels[KM_BLOCK];
  fill(block, dims * KM_BLOCK, grid);
  fill(centroids, 2 * CANDIDATES * dims, grid);
  for (size_t c = 0; c < m; c++) {
    candidate[c] = (uint32_t)(2 * c + km_random_below(&rng, 2));
  }
  km_nearness a = oracle->nearest(block, dims, centroids, candidate, m, owned[0], distance[0]);
  km_nearness b = other->nearest(block, dims, centroids, candidate, m, owned[1], distance[1]);
  assert_memory_equal(&a, &b, sizeof a);
  assert_memory_equal(owned[0], owned[1], m * sizeof owned[0][0]);
  assert_memory_equal(distance[0], distance[1], sizeof distance[0]);
  for (size_t i = 0; i < KM_BLOCK; i++) {
    labels[i] = (uint16_t)(65530 + km_random_below(&rng, 4));
  }
  assert_true(oracle->match(labels, 65532) == other->match(labels, 65532));
  km_sum x = oracle->total(block, &least[0], &most[0]);
  km_sum y = other->total(block, &least[1], &most[1]);
  for (size_t i = 0; i < KM_BLOCK; i++) {
    assert_true(least[0] <= block[i] && block[i] <= most[0]);
  }
  assert_memory_equal(&x, &y, sizeof x);
  assert_memory_equal(&least[0], &least[1], sizeof least[0]);
  assert_memory_equal(&most[0], &most[1], sizeof most[0]);
  fill(closest[0], KM_BLOCK, 1);
  memcpy(closest[1], closest[0], sizeof closest[0]);
  double gain[2] = {oracle->gain(block, dims, centroids, closest[0]),
                    other->gain(block, dims, centroids, closest[1])};
  assert_memory_equal(&gain[0], &gain[1], sizeof gain[0]);
  double sum[2] = {oracle->lower(block, dims, centroids, closest[0], &most[0]),
                   other->lower(block, dims, centroids, closest[1], &most[1])};
  assert_memory_equal(&sum[0], &sum[1], sizeof sum[0]);
  assert_memory_equal(&most[0], &most[1], sizeof most[0]);
  assert_memory_equal(closest[0], closest[1], sizeof closest[0]);
}

static void every_level_agrees(void **unused) {
  static const char *const levels[] = {"avx512", "avx2", "neon"};
  (void)unused;
  for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
    const km_kernels *level = km_kernels_named(levels[l]);
    km_random_seed(&rng, 1);
    for (int i = 0; level && i < 5000; i++) {
      compare(level->block, 1 + (size_t)i % KM_BLOCK_MAX_DIMS,
              1 + (size_t)km_random_below(&rng, CANDIDATES), i % 2);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_level_agrees)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
