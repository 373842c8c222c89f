/* What the files of the streaming seeding share: seed_stream.c, which says how it works, seed_scores.c and
** seed_exact.c. Private to them. */
#ifndef KM_CORE_SEED_STREAM_H
#define KM_CORE_SEED_STREAM_H

#include "core/grouped.h"
#include "core/seed.h"
#include "core/weights.h"

/* The most rows that are drawn and scored at a time. */
#define KM_POOL ((size_t)8 * KM_PANEL)

/* A point that a row of the pool may be nearer to than all centroids so far. */
typedef struct km_hit {
  uint32_t
      at; /* number of the point in its slice, times KM_POOL, plus number of the row in the pool */
  float score;
} km_hit;

/* How many hits per point a list has room for. */
#define KM_HITS_PER_POINT 2

/* Of a slice that has no list of hits. */
#define KM_UNLISTED SIZE_MAX

typedef struct km_streaming {
  km_engine *engine;
  km_narrow *narrow;
  km_random *random;
  size_t n;
  size_t dims;
  size_t trials;
  size_t chosen;
  double *centroids;
  size_t next_distinct;

  km_chunks tiles; /* the points in float, by columns: an item is one tile; none of raw data */
  /* Of these an item is a slice. */
  km_chunks closest; /* a double per point: squared distance to the nearest chosen centroid */
  km_chunks limit;   /* a float per point: scores above this may be nearer than closest */
  km_chunks room;    /* the list of hits; or 32 bits per point: the candidates of this step that
                        may be nearer */

  size_t slice_rows;
  size_t slices;
  km_sum *part;   /* slices: the sum of closest, by weight */
  float *largest; /* slices: the largest |y|^2 */
  double *slack; /* slices: by how much the limits are lower than they need be, summed, by weight */
  size_t *listed; /* slices: how many hits, or KM_UNLISTED */

  /* The pool: rows drawn, and used up in this order. */
  size_t pool[KM_POOL];
  double drawn[KM_POOL]; /* closest at the time */
  size_t pooled;
  size_t next;
  double *pool_rows; /* KM_POOL * dims */
  float *panel;      /* the same in float, packed */
  float half[KM_POOL];
  float level[KM_POOL];

  /* This step's candidates, places in the pool; and the trial of each place, or -1. */
  size_t candidate[KM_MAX_TRIALS];
  int trial[KM_POOL];
  size_t winner;   /* the trial that km_seed_update takes */
  double *gain;    /* slices * trials: by how much each candidate would lower the sum, at most */
  double *doubt;   /* slices * trials: and by how much less it may be */
  km_sum *saved;   /* slices * trials: the same, exactly */
  uint32_t unsure; /* the trials that km_seed_measure measures */
} km_streaming;

/* The loops over slices, tasks for workers whose context is a km_streaming. */

/* Fills closest, limits and tiles from the first centroid. */
void km_seed_fill(void *context, size_t slice, size_t worker);

/* Lists the hits of the whole pool, where there is room for them. */
void km_seed_list(void *context, size_t slice, size_t worker);

/* Estimates what this step's candidates would gain. */
void km_seed_estimate(void *context, size_t slice, size_t worker);

/* Measures it for those that are unsure. */
void km_seed_measure(void *context, size_t slice, size_t worker);

/* Lowers closest, limits and part by the winner. */
void km_seed_update(void *context, size_t slice, size_t worker);

/* The number of the point in its slice, and of the row in the pool. */
static inline size_t km_hit_point(const km_hit *hit) {
  return hit->at / KM_POOL;
}

static inline size_t km_hit_row(const km_hit *hit) {
  return hit->at % KM_POOL;
}

/* Of the points of a slice. */
static inline double *km_seed_closest(const km_streaming *seed, size_t slice) {
  return km_chunks_at(&seed->closest, slice);
}

static inline float *km_seed_limits(const km_streaming *seed, size_t slice) {
  return km_chunks_at(&seed->limit, slice);
}

static inline double km_seed_weight(const km_streaming *seed, size_t i) {
  const km_blocks *blocks = seed->engine->blocks;
  return km_dataset_weighted(blocks->data) ? km_blocks_weight(blocks, i) : 1;
}

/* Adds a term of point i, times its weight. */
static inline void km_seed_add(const km_streaming *seed, km_sum *sum, size_t i, double term) {
  const km_blocks *blocks = seed->engine->blocks;
  if (km_dataset_weighted(blocks->data)) {
    km_sum_add_product(sum, km_blocks_weight(blocks, i), term);
  } else {
    km_sum_add(sum, term);
  }
}

static inline size_t km_seed_slice_end(const km_streaming *seed, size_t slice) {
  size_t end = (slice + 1) * seed->slice_rows;
  return end < seed->n ? end : seed->n;
}

#endif
