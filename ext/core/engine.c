#include "core/engine.h"

#include <math.h>
#include <string.h>

#include "core/narrow.h"
#include "core/seed.h"
#include "core/tree_walk.h"

static int tree_able(const km_blocks *blocks, size_t k) {
  return blocks->tame && blocks->data->dims <= KM_BLOCK_MAX_DIMS && k <= KM_TREE_MAX_K &&
         blocks->data->rows.count <= UINT32_MAX;
}

/* Whether the tree is worth building: enough points for boxes that are small beside the clusters. */
static int tree_pays(const km_blocks *blocks, size_t k) {
  double n = (double)blocks->data->rows.count;
  size_t dims = blocks->data->dims;
  return n >= 256 && (dims <= 4 || pow(n / (64 * (double)k), 1.0 / (double)dims) >= 3);
}

const km_engine_type *km_engine_choose(km_algorithm algorithm, const km_blocks *blocks, size_t k) {
  int narrow = blocks->tame && blocks->data->dims <= KM_NARROW_MAX_DIMS;
  switch (algorithm) {
  case KM_ALGORITHM_AUTO:
    if (tree_able(blocks, k) && tree_pays(blocks, k)) {
      return &km_engine_tree;
    }
    return narrow && blocks->data->dims >= 5 ? &km_engine_grouped : &km_engine_plain;
  case KM_ALGORITHM_TREE:
    return tree_able(blocks, k) ? &km_engine_tree : &km_engine_plain;
  case KM_ALGORITHM_DENSE:
    return narrow ? &km_engine_dense : &km_engine_plain;
  case KM_ALGORITHM_BOUNDS:
    return narrow ? &km_engine_bounds : &km_engine_plain;
  case KM_ALGORITHM_PLAIN:
    break;
  }
  return &km_engine_plain;
}

const km_engine_type *km_engine_choose_seeder(const km_blocks *blocks, size_t k) {
  return km_engine_choose(KM_ALGORITHM_AUTO, blocks, k);
}

/* Multiply-adds of a pass for each thread, and those that a row is worth besides. The tens of passes of a fit
** take a millisecond then: for less, a thread is not worth starting, and where others keep the processors
** busy, one that has to wait for its turn costs more than it can win. */
#define THREAD_WORK 7.5e5
#define ROW_WORK 50

size_t km_engine_threads(size_t threads, const km_dataset *data, size_t k) {
  double work = (double)data->rows.count * ((double)data->dims * (double)k + ROW_WORK);
  double most = work / THREAD_WORK;
  threads = threads ? threads : km_workers_cores();
  return most < 2 ? 1 : most < (double)threads ? (size_t)most : threads;
}

km_status km_engine_begin(km_engine *engine, const km_engine_type *type, km_blocks *blocks,
                          km_workers *workers) {
  memset(engine, 0, sizeof *engine);
  engine->type = type;
  engine->blocks = blocks;
  engine->workers = workers;
  return type->begin ? type->begin(engine) : KM_OK;
}

void km_engine_end(km_engine *engine) {
  if (engine->type && engine->type->end) {
    engine->type->end(engine);
  }
  memset(engine, 0, sizeof *engine);
}

km_status km_engine_take_labels(km_engine *engine, km_chunks *labels) {
  km_status status = KM_OK;
  engine->labels = labels;
  for (size_t i = 0; i < labels->count && status == KM_OK; i++) {
    *(uint32_t *)km_chunks_at(labels, i) = UINT32_MAX;
    status = km_tick(engine->blocks->hooks, 1);
  }
  return status;
}

/* Adds a row with its weight, or the two parts of it. */
static void add_whole(const km_engine *engine, size_t i, uint32_t label, km_sum *sums) {
  const km_blocks *blocks = engine->blocks;
  double weight = km_blocks_weight(blocks, i);
  if (engine->weights && engine->rest && engine->rest[label] != KM_NO_REST) {
    km_engine_add(engine, i, blocks->weight_unit, label, sums);
    km_engine_add(engine, i, weight - blocks->weight_unit, engine->rest[label], sums);
  } else {
    km_engine_add(engine, i, weight, label, sums);
  }
}

km_status km_engine_sum(const km_engine *engine, km_sum *sums) {
  const km_dataset *data = engine->blocks->data;
  km_status status = KM_OK;
  memset(sums, 0, engine->k * data->dims * sizeof *sums);
  if (engine->weights) {
    memset(engine->weights, 0, engine->k * sizeof *engine->weights);
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    add_whole(engine, i, *(const uint32_t *)km_chunks_at(engine->labels, i), sums);
    status = km_tick(engine->blocks->hooks, data->dims);
  }
  return status;
}

void km_summary_clear(const km_summary *summary, size_t k) {
  for (size_t c = 0; c < k; c++) {
    summary->inertias[c] = (km_sum){0, 0};
    summary->sizes[c] = 0;
    summary->farthest[c] = 0;
    if (summary->weights) {
      summary->weights[c] = (km_sum){0, 0};
    }
  }
}

double km_summary_inertia(const km_summary *summary, size_t k) {
  km_sum total = {0, 0};
  for (size_t c = 0; c < k; c++) {
    km_sum_merge(&total, &summary->inertias[c]);
  }
  return km_sum_value(&total);
}

km_status km_engine_seed(km_engine *engine, km_random *random, size_t k, double *centroids) {
  const km_engine_type *type = km_engine_choose_seeder(engine->blocks, k);
  if (!type->seed) {
    return km_seed_plus_plus(engine->blocks, random, k, centroids);
  }
  if (type == engine->type) {
    return type->seed(engine, random, k, centroids);
  }
  km_engine seeder;
  km_status status = km_engine_begin(&seeder, type, engine->blocks, engine->workers);
  if (status == KM_OK) {
    status = type->seed(&seeder, random, k, centroids);
  }
  km_engine_end(&seeder);
  return status;
}
