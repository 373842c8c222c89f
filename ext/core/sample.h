/* Some of the points, with their clusters and what each centroid is good for.
**
** Everything is in units: coordinates times km_blocks.one. Sums are plain doubles: what is found
** on a sample is a proposal, which Lloyd's iterations over all points then confirm or not.
*/
#ifndef KM_CORE_SAMPLE_H
#define KM_CORE_SAMPLE_H

#include "core/blocks.h"
#include "core/picked.h"
#include "core/random.h"

typedef struct km_sample {
  km_hooks *hooks;
  const km_kernels *kernels;
  size_t dims;
  size_t k;
  size_t count; /* points in the sample */
  double share; /* of the data: 1 where they are all of it */
  km_picked rows;
  double *weights;   /* count; NULL: all are 1 */
  double *missed;    /* count: how likely the row was to be left out; NULL: all 1 - share */
  double *centroids; /* k * dims */
  double *panel;     /* the centroids, packed */
  double *moved;     /* k * dims: those that have moved */
  double *few;       /* the same, packed */
  uint32_t *number;  /* k: which they are */
  double *tile;      /* KM_LOCAL_TILE * dims */
  uint32_t *label;   /* count: the nearest centroid */
  uint32_t *second;  /* count: the second-nearest */
  double *nearest;   /* count: squared distance to the nearest */
  double *next;      /* count: and to the second-nearest */
  uint32_t *member;  /* count: points by cluster: those of c are member[start[c] .. start[c+1]-1] */
  size_t *start;     /* k + 1 */
  double *inertia;   /* k: the sum of nearest over the cluster */
  double *utility;   /* k: by how much the inertia would grow without this centroid */
  double total;      /* the sum of inertia */
  double work;       /* multiply-adds so far */
} km_sample;

/* Takes min(n, wanted) rows, drawn evenly over the data but for those far from all others (see
** core/importance.h), and k >= 2 centroids (k * dims, not in units). On any status km_sample_clear is due. */
km_status km_sample_init(km_sample *sample, km_blocks *blocks, km_random *random, size_t wanted,
                         const double *centroids, size_t k);
void km_sample_clear(km_sample *sample);

/* Finds both nearest centroids of every point, and all that follows from them. touched[c] is 0 for
** centroids that have not moved since the last call; NULL in the first. */
km_status km_sample_assign(km_sample *sample, const unsigned char *touched);

static inline size_t km_sample_size(const km_sample *sample, size_t c) {
  return sample->start[c + 1] - sample->start[c];
}

#endif
