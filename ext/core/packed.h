/* Labelled points packed into panels, cluster by cluster, for kernels that measure the distances of a
** point to KM_PANEL others at once. A panel is never shared by two clusters: what is left over in the last
** one of a cluster has weight 0, and lies at the origin. */
#ifndef KM_CORE_PACKED_H
#define KM_CORE_PACKED_H

#include "core/metrics.h"
#include "simd/kernels.h"

typedef struct km_packed {
  const km_labelled *points;
  km_hooks *hooks;
  size_t dims;
  size_t k;
  size_t n;           /* rows that count */
  size_t filled;      /* clusters that have any */
  double unit;        /* coordinates are multiplied by this power of two */
  int whole;          /* weights are whole numbers, and count copies */
  double weight_unit; /* weights are multiplied by this power of two */
  km_sum total;       /* of all weights */
  size_t *first;      /* k + 1: the first panel of each cluster */
  size_t *sizes;      /* k: rows */
  km_sum *weights;    /* k: sums of their weights */
  km_chunks panels;   /* KM_PANEL * dims coordinates each */
  km_chunks lanes;    /* KM_PANEL weights for each panel */
} km_packed;

/* Counts the clusters; packs nothing yet. On any status km_packed_clear is due. */
km_status km_packed_init(km_packed *packed, const km_labelled *points, km_hooks *hooks);

/* Packs the rows, those of a cluster in their order. */
km_status km_packed_fill(km_packed *packed);
void km_packed_clear(km_packed *packed);

/* Where rows are, one after the other: set begun to zeros (k of them) before the first. */
typedef struct km_packed_place {
  size_t row;
  size_t label;
  size_t panel;
  size_t lane;
} km_packed_place;

static inline km_packed_place km_packed_next(const km_packed *packed, size_t i, size_t *begun) {
  size_t row = km_labelled_row(packed->points, i);
  size_t label = km_labelled_label(packed->points, row);
  size_t place = begun[label]++;
  return (km_packed_place){row, label, packed->first[label] + place / KM_PANEL, place % KM_PANEL};
}

#endif
