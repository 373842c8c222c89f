/* Walks a dataset block by block and finds the nearest centroid of each row.
**
** The common part of seeding, Lloyd's iterations and the final labels: a block is a run of rows
** that lie one after the other in memory, small enough to stay in the cache while all centroids
** pass over it, and to be worth asking between two of them whether to stop.
*/
#ifndef KM_CORE_BLOCKS_H
#define KM_CORE_BLOCKS_H

#include "core/dataset.h"
#include "simd/kernels.h"

#define KM_BLOCK_ROWS 256

typedef struct km_blocks {
  const km_dataset *data;
  km_hooks *hooks;
  const km_kernels *kernels;
  /* Coordinates are multiplied by this power of two before they are squared, so that the squares
  ** stay in the range of double. 1 unless the data is extremely large or small. */
  double unit;
  /* Whether the data alone asks for no unit either: initial centroids far from data that is extremely
  ** small make the unit 1, and squares of its differences are zero all the same. */
  int tame;
  double one;         /* the power of two that brings the largest coordinate into [0.5, 1) */
  double weight_unit; /* a power of two that weights are multiplied by: see core/weights.h */
  size_t rows;        /* rows in a block, at most KM_BLOCK_ROWS */
  int asked;          /* whether `whole` is known: see km_blocks_whole */
  int whole;
  double *scaled; /* rows * dims: the block times unit; NULL where the data can be read in place */
  double *row;    /* dims: room for a row, of the calling thread */

  /* For the nearest centroid: */
  size_t k;
  const double *centroids; /* k * dims, borrowed from the last km_blocks_aim */
  double *panel;           /* the centroids times unit, packed; room for max_k */
  size_t max_k;
  uint32_t label[KM_BLOCK_ROWS];
  double distance[KM_BLOCK_ROWS]; /* squared, times unit^2 */
} km_blocks;

/* The power of two that brings coordinates up to max_abs to about 1, where their squares could leave the
** range of double; else 1. */
double km_unit_for(double max_abs);

/* Prepares to walk data with up to max_k centroids at a time. Where they do not come from the data,
** `centroids` (max_k * dims, or NULL) are those that the first km_blocks_aim will give: their
** magnitude decides about `unit` too. `workers`, or NULL, help with that. After a failure km_blocks_clear
** is still due. */
km_status km_blocks_init(km_blocks *blocks, const km_dataset *data, km_hooks *hooks,
                         km_workers *workers, size_t max_k, const double *centroids);
void km_blocks_clear(km_blocks *blocks);

/* The block that begins at row `first`: *count rows of dims columns, times unit. */
const double *km_blocks_rows(km_blocks *blocks, size_t first, size_t *count);

/* *whole: coordinates are integers, and so few and small that no sum of any of them is ever rounded, as
** where they are counts or flags; there are no weights. All rows are looked at, but of other data hardly
** ever more than one, and once. For the calling thread. */
km_status km_blocks_whole(km_blocks *blocks, int *whole);

/* Chooses the centroids (k <= max_k, row-major, kept by the caller) that km_blocks_nearest compares. */
km_status km_blocks_aim(km_blocks *blocks, const double *centroids, size_t k);

/* Sets label[] and distance[] for the block that begins at row `first`; *count rows. The label is
** km_nearest's, for all magnitudes. */
km_status km_blocks_nearest(km_blocks *blocks, size_t first, size_t *count);

/* The nearest of the aimed centroids for n rows of dims doubles, one after the other, for a worker:
** label[i] and distance[i] as above. `unit` is 1. */
void km_blocks_settle(const km_blocks *blocks, const double *rows, size_t n, uint32_t *label,
                      double *distance);

/* Squared distance of row i to a centroid, times unit^2. For the calling thread. */
double km_blocks_distance(const km_blocks *blocks, size_t i, const double *centroid);

/* A weight in sums, times weight_unit: one that is nothing beside the largest is not lost, for it may be
** all that its cluster has. */
static inline double km_weight_in_sums(double given, double weight_unit) {
  double weight = given * weight_unit;
  return weight < 0x1p-900 && given > 0 ? 0x1p-900 : weight;
}

/* That of row i. */
static inline double km_blocks_weight(const km_blocks *blocks, size_t i) {
  return km_weight_in_sums(km_dataset_weight(blocks->data, i), blocks->weight_unit);
}

#endif
