/* Kernels for blocks: KM_BLOCK points side by side, column by column, block[j * KM_BLOCK + i] being
** column j of point i. A block with fewer points repeats one of them.
**
** As everywhere, a squared distance is the sum over the columns in their order, each operation
** rounded once; and sums over the points of a block run in KM_LANES lanes, point i in lane
** i % KM_LANES, which are added up in one order: so all levels give the same bits. 1 <= dims <= 5.
*/
#ifndef KM_SIMD_BLOCK_H
#define KM_SIMD_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "simd/sum.h"

#define KM_BLOCK 64
#define KM_BLOCK_MAX_DIMS 5
#define KM_LANES 8

/* What `nearest` found beside the owners: squared distances, over the points of a block. */
typedef struct km_nearness {
  double smallest; /* to the owner */
  double gap;      /* by which the second-nearest candidate is further, the smallest of these */
  double second;   /* to the second-nearest candidate, the largest of these */
} km_nearness;

typedef struct km_block_kernels {
  /* The nearest of m >= 1 candidates (numbers of rows of `centroids`, ascending) for each point: bit
  ** i of owned[c] says that candidate[c] is nearest to point i, the first on a tie; distance[i] is
  ** how far, squared. With one candidate, gap and second are infinite. */
  km_nearness (*nearest)(const double *block, size_t dims, const double *centroids,
                         const uint32_t *candidate, size_t m, uint64_t *owned, double *distance);

  /* Bit i says that labels[i] == label. */
  uint64_t (*match)(const uint16_t *labels, uint16_t label);

  /* The sum of value[0 .. KM_BLOCK), and the least and the largest of them. */
  km_sum (*total)(const double *value, double *least, double *largest);

  /* How much the sum of closest[] falls where the squared distance to `point` is smaller. */
  double (*gain)(const double *block, size_t dims, const double *point, const double *closest);

  /* Lowers closest[] to the squared distance to `point`; returns its sum and its *maximum. */
  double (*lower)(const double *block, size_t dims, const double *point, double *closest,
                  double *maximum);
} km_block_kernels;

extern const km_block_kernels km_block_kernels_scalar;

/* The order in which lanes are added up. */
static inline double km_lanes_sum(const double lane[KM_LANES]) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* The same for sums of twice the precision. */
static inline km_sum km_lanes_merge(const double highs[KM_LANES], const double lows[KM_LANES]) {
  km_sum sum[KM_LANES];
  for (size_t l = 0; l < KM_LANES; l++) {
    sum[l] = (km_sum){highs[l], lows[l]};
  }
  for (size_t half = KM_LANES / 2; half > 0; half /= 2) {
    for (size_t l = 0; l < half; l++) {
      km_sum_merge(&sum[l], &sum[l + half]);
    }
  }
  return sum[0];
}

/* From "nearer than all before" to "nearest": a later candidate takes the point. */
static inline void km_settle_owners(uint64_t *owned, size_t m) {
  uint64_t taken = 0;
  for (size_t c = m; c > 0; c--) {
    uint64_t won = owned[c - 1];
    owned[c - 1] = won & ~taken;
    taken |= won;
  }
}

#endif
