/* Engines: ways to find the nearest centroid of every point, which all give the same bits.
**
** An engine sees one dataset, k centroids that move a little from call to call, and answers with
** sums over clusters. What it keeps in between (a tree, bounds, a copy in single precision) is its
** own affair; the contract is that of the plain engine, which compares every point with every
** centroid: the label is the lowest number among those that minimise the squared distance as
** km_squared_distance rounds it, and a sum is a km_sum of the points themselves, each times its
** weight where there are weights. Which engine works
** is decided in one place, km_engine_choose.
*/
#ifndef KM_CORE_ENGINE_H
#define KM_CORE_ENGINE_H

#include "core/blocks.h"
#include "core/fit.h"
#include "core/random.h"
#include "simd/sum.h"
#include "core/workers.h"

typedef struct km_engine km_engine;

#define KM_NO_REST UINT32_MAX

/* What there is to know about the clusters of given centroids: k items each, of the caller. */
typedef struct km_summary {
  km_chunks *labels; /* one uint32_t per point, in row order */
  size_t *sizes;
  km_sum *inertias; /* sum of the squared distances, times unit^2, by weight */
  double *farthest; /* the largest squared distance, times unit^2; 0 without points of any weight */
  km_sum *weights;  /* times weight_unit; NULL where the data has none */
} km_summary;

typedef struct km_engine_type {
  const char *name;

  /* Builds state, once for all runs on the dataset; after a failure `end` is still due. May be
  ** NULL. */
  km_status (*begin)(km_engine *engine);

  /* Chooses k initial centroids by greedy k-means++ (see km_seed_plus_plus). NULL: this engine
  ** seeds as the plain one does. */
  km_status (*seed)(km_engine *engine, km_random *random, size_t k, double *centroids);

  /* A run with k centroids begins: no point has a label. `labels`, one uint32_t per row, is the
  ** caller's and stays in place for the run; the engine may keep its labels there, or nothing. */
  km_status (*start)(km_engine *engine, size_t k, km_chunks *labels);

  /* Assigns every point to the nearest of the centroids (k * dims, row-major). Sets sums (k * dims)
  ** and counts (k) over the clusters, and *moved, the points whose label is another than before. */
  km_status (*assign)(km_engine *engine, const double *centroids, km_sum *sums, size_t *counts,
                      size_t *moved);

  /* Writes the labels of the last assign to the run's `labels`. NULL: they are there already. */
  km_status (*labels)(km_engine *engine);

  /* The caller has only read the labels that it asked for: the run goes on as if it had not. NULL:
  ** there is nothing to do for that. */
  km_status (*resume)(km_engine *engine);

  /* After asking for the labels: no less than the squared distance, times unit^2, of row i to the
  ** centroid of its label by the last assign; INFINITY where that is not known. NULL: it never is. */
  double (*reach)(const km_engine *engine, size_t i);

  /* After asking for the labels: the caller changes that of row i. NULL: `adopt` finds out. */
  void (*relabel)(km_engine *engine, size_t i, uint32_t from, uint32_t to);

  /* The caller has changed some of the run's `labels` after asking for them: these hold now, with
  ** these counts. Sets sums (k * dims). */
  km_status (*adopt)(km_engine *engine, km_sum *sums, const size_t *counts);

  /* The run's iterations are over: of its state, only what `summarise` can use is kept. May be NULL. */
  void (*finish)(km_engine *engine);

  /* Labels every point by k <= max_k centroids, with or without a run, and sums up distances. */
  km_status (*summarise)(km_engine *engine, const double *centroids, size_t k,
                         const km_summary *summary);

  /* Frees the state. May be NULL. */
  void (*end)(km_engine *engine);
} km_engine_type;

struct km_engine {
  const km_engine_type *type;
  km_blocks *blocks; /* the dataset and its unit; hooks; max_k */
  km_workers *workers;
  void *state;       /* the engine's own */
  size_t k;          /* of the run */
  km_chunks *labels; /* of the run */
  km_sum *weights; /* k, of the caller, where the data has weights: assign sets them to those of the
                        clusters, times weight_unit; and so does adopt */
  uint32_t *rest;  /* k, of the caller, with weights: KM_NO_REST, or for a cluster that was empty
                        until it got a part, of weight 1, of its only row, the cluster that has the
                        rest; for adopt */
};

/* Compares every point with every centroid, in one thread: the oracle. For all magnitudes. */
extern const km_engine_type km_engine_plain;

/* Boxes in a tree, for up to 5 columns, 65534 centroids and 2^32 - 1 points. */
extern const km_engine_type km_engine_tree;

/* For five columns and more (see grouped.h): dense passes in single precision only; with bounds as
** soon as there are any; and by a model of the costs. Their dims are at most KM_NARROW_MAX_DIMS and
** the blocks are tame. */
extern const km_engine_type km_engine_dense;
extern const km_engine_type km_engine_bounds;
extern const km_engine_type km_engine_grouped;

/* The engine for this dataset and k; `algorithm` forces one where it is able. Extreme data
** (blocks->unit != 1) always goes to the plain engine. */
const km_engine_type *km_engine_choose(km_algorithm algorithm, const km_blocks *blocks, size_t k);

/* The engine that chooses initial centroids by k-means++: depends on the data and k alone, never on
** `algorithm`, so that all algorithms start from the same. */
const km_engine_type *km_engine_choose_seeder(const km_blocks *blocks, size_t k);

/* How many threads a fit deserves: `threads` as in km_params; 1 where the work is small. */
size_t km_engine_threads(size_t threads, const km_dataset *data, size_t k);

/* Binds an engine to blocks and workers and begins it. km_engine_end is due in any case. */
km_status km_engine_begin(km_engine *engine, const km_engine_type *type, km_blocks *blocks,
                          km_workers *workers);
void km_engine_end(km_engine *engine);

/* Takes the labels of a run that begins: no point has one. */
km_status km_engine_take_labels(km_engine *engine, km_chunks *labels);

/* Adds row i to the sum of its cluster, times a weight where the engine keeps weights. */
static inline void km_engine_add(const km_engine *engine, size_t i, double weight, uint32_t label,
                                 km_sum *sums) {
  const km_dataset *data = engine->blocks->data;
  const double *row = km_dataset_row(data, i, engine->blocks->row);
  km_sum *sum = sums + label * data->dims;
  if (engine->weights) {
    km_sum_add(&engine->weights[label], weight);
    for (size_t j = 0; j < data->dims; j++) {
      km_sum_add_product(&sum[j], weight, row[j]);
    }
  } else {
    for (size_t j = 0; j < data->dims; j++) {
      km_sum_add(&sum[j], row[j]);
    }
  }
}

/* Makes a summary of k clusters that of no points; its labels stay as they are. */
void km_summary_clear(const km_summary *summary, size_t k);

/* The inertia of k clusters together, times unit^2. */
double km_summary_inertia(const km_summary *summary, size_t k);

/* Adds row i of the blocks to what a summary says about the cluster `label`; `squared` is its distance to
** the centroid, squared, times unit^2. */
static inline void km_summary_add(const km_summary *summary, const km_blocks *blocks, size_t i,
                                  uint32_t label, double squared) {
  double weight = summary->weights ? km_blocks_weight(blocks, i) : 1;
  summary->sizes[label]++;
  if (weight > 0 && squared > summary->farthest[label]) {
    summary->farthest[label] = squared;
  }
  if (summary->weights) {
    km_sum_add(&summary->weights[label], weight);
    km_sum_add_product(&summary->inertias[label], weight, squared);
  } else {
    km_sum_add(&summary->inertias[label], squared);
  }
}

/* Sums up the points of each cluster by the run's `labels`, row by row: sums (k * dims), and `weights`
** where there are any. */
km_status km_engine_sum(const km_engine *engine, km_sum *sums);

/* Greedy k-means++ by the engine of km_engine_choose_seeder; `engine`, already begun, is used where
** it is of that type. */
km_status km_engine_seed(km_engine *engine, km_random *random, size_t k, double *centroids);

#endif
