/* Lloyd's iterations on a few points and centroids: quick, approximate, given up when hopeless. */
#ifndef KM_CORE_LOCAL_H
#define KM_CORE_LOCAL_H

#include "core/picked.h"
#include "simd/kernels.h"

/* Points that pass through the kernels at a time. */
#define KM_LOCAL_TILE 64

/* Both nearest centroids of up to KM_LOCAL_TILE points. */
typedef struct km_two_nearest {
  uint32_t label[KM_LOCAL_TILE];
  uint32_t second[KM_LOCAL_TILE]; /* 0 where there is no second centroid */
  double nearest[KM_LOCAL_TILE];  /* squared distances */
  double next[KM_LOCAL_TILE];     /* infinite where there is no second centroid */
} km_two_nearest;

/* Finds both nearest of k packed centroids for count <= KM_LOCAL_TILE points (row-major). */
km_status km_find_two_nearest(const km_kernels *kernels, km_hooks *hooks, const double *rows,
                              size_t count, size_t dims, const double *panel, size_t k,
                              km_two_nearest *two);

/* Room for problems of up to max_count points and max_k centroids. The caller writes the numbers of
** the points to `point` and the first centroids to `centroids`, and finds the new ones there. */
typedef struct km_local {
  km_hooks *hooks;
  const km_kernels *kernels;
  size_t dims;
  const km_picked *rows; /* borrowed */
  const double *before;  /* borrowed: squared distances of the rows before the run */
  const double *weights; /* borrowed: of the rows; NULL: all are 1 */
  const double *missed;  /* borrowed: how likely the rows were to be left out; NULL: all equally */
  double least;      /* a cluster of no more weight than this has no points: 0 without weights */
  uint32_t *point;   /* max_count: which of the rows take part */
  double *centroids; /* max_k * dims */
  double *panel;     /* the centroids, packed */
  double *tile;      /* KM_LOCAL_TILE * dims */
  double *room;      /* dims: for km_local_row */
  double *sum;       /* max_k * dims: the points of each centroid, added up */
  double *size;      /* max_k: their number, or weight */
  uint32_t *label;   /* max_count */
  double *bound;  /* max_count: a lower bound on the distance to all other centroids, plus `moved`
                        as it was when the bound was found */
  double moved;   /* the largest movement of a centroid, summed over the iterations */
  double inertia; /* after a run: of the points, for the centroids found or those just before */
  double spread;  /* the sum of the squares of each row's weight times the change of its distance,
                        `before` to now; each square times `missed` */
  double work;    /* multiply-adds so far, of all runs */
} km_local;

/* On any status km_local_clear is due. */
km_status km_local_init(km_local *local, km_hooks *hooks, const km_kernels *kernels,
                        const km_picked *rows, size_t max_count, size_t max_k);
void km_local_clear(km_local *local);

static inline double km_local_weight(const km_local *local, size_t i) {
  return local->weights ? local->weights[local->point[i]] : 1;
}

/* The row of a point, valid until the next is asked for. */
static inline const double *km_local_row(const km_local *local, size_t i) {
  return km_picked_row(local->rows, local->point[i], local->room);
}

/* At most max_iter iterations on the first count points and k centroids, which move `stride` times
** as far as to the means of their points: 1 is Lloyd's, less than 2. Sets local->inertia, and gives
** up as soon as the pace of progress does not promise one below `hope`. */
km_status km_local_run(km_local *local, size_t count, size_t k, int max_iter, double stride,
                       double hope);

#endif
