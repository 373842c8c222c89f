/* The plain engine: every point against every centroid, block by block. Its labels are those of the
** run, so that there is nothing to keep. */
#include <string.h>

#include "core/engine.h"

static km_status start(km_engine *engine, size_t k, km_chunks *labels) {
  engine->k = k;
  return km_engine_take_labels(engine, labels);
}

static km_status assign(km_engine *engine, const double *centroids, km_sum *sums, size_t *counts,
                        size_t *moved) {
  km_blocks *blocks = engine->blocks;
  km_status status = KM_OK;
  size_t count = 0;
  *moved = 0;
  memset(sums, 0, engine->k * blocks->data->dims * sizeof *sums);
  memset(counts, 0, engine->k * sizeof *counts);
  if (engine->weights) {
    memset(engine->weights, 0, engine->k * sizeof *engine->weights);
  }
  status = km_blocks_aim(blocks, centroids, engine->k);
  for (size_t first = 0; first < blocks->data->rows.count && status == KM_OK; first += count) {
    status = km_blocks_nearest(blocks, first, &count);
    for (size_t i = 0; i < count; i++) {
      uint32_t *label = km_chunks_at(engine->labels, first + i);
      *moved += *label != blocks->label[i];
      *label = blocks->label[i];
      counts[*label]++;
      km_engine_add(engine, first + i, km_blocks_weight(blocks, first + i), *label, sums);
    }
  }
  return status;
}

static km_status adopt(km_engine *engine, km_sum *sums, const size_t *counts) {
  (void)counts;
  return km_engine_sum(engine, sums);
}

static km_status summarise(km_engine *engine, const double *centroids, size_t k,
                           const km_summary *summary) {
  km_blocks *blocks = engine->blocks;
  km_status status = KM_OK;
  size_t count = 0;
  km_summary_clear(summary, k);
  status = km_blocks_aim(blocks, centroids, k);
  for (size_t first = 0; first < blocks->data->rows.count && status == KM_OK; first += count) {
    status = km_blocks_nearest(blocks, first, &count);
    for (size_t i = 0; i < count; i++) {
      *(uint32_t *)km_chunks_at(summary->labels, first + i) = blocks->label[i];
      km_summary_add(summary, blocks, first + i, blocks->label[i], blocks->distance[i]);
    }
  }
  return status;
}

const km_engine_type km_engine_plain = {
    .name = "plain",
    .start = start,
    .assign = assign,
    .adopt = adopt,
    .summarise = summarise,
};
