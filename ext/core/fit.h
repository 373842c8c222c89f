/* k-means, from points to clusters: the whole of the core's interface.
**
** The objective is the inertia: the sum over the points of the squared Euclidean distance to the
** nearest of k centroids (Lloyd 1982; MacQueen 1967). What is promised, whatever happens inside:
**
** 1. Every label is that of the nearest centroid, the lowest number on a tie.
** 2. No cluster is empty, or has points of weight 0 only; and no two centroids are equal.
** 3. The same data and parameters give the same bits.
** 4. Without given initial centroids, clusters are numbered in the order of their centroids,
**    compared column by column. With them, cluster i is the one that grew from centroid i.
**
** All that goes by the points as the dataset's transform shows them (core/transform.h). With the
** metric cosine they have length 1, and so has a centroid: the mean of its points, divided by its
** length (spherical k-means: Dhillon & Modha 2001). The distance is then half of the squared
** Euclidean one, which is 1 - cos, and the inertia the sum of the distances.
*/
#ifndef KM_CORE_FIT_H
#define KM_CORE_FIT_H

#include <stdint.h>

#include "core/dataset.h"

typedef enum km_init {
  KM_INIT_PLUS_PLUS, /* greedy k-means++ */
  KM_INIT_RANDOM,    /* distinct rows drawn at random */
  KM_INIT_CENTROIDS  /* given */
} km_init;

/* How the nearest centroids are found: see core/engine.h. All give the same bits. */
typedef enum km_algorithm {
  KM_ALGORITHM_AUTO,
  KM_ALGORITHM_PLAIN, /* every point against every centroid */
  KM_ALGORITHM_TREE,  /* boxes in a tree; up to 5 columns */
  KM_ALGORITHM_DENSE, /* single precision, with doubt settled in double */
  KM_ALGORITHM_BOUNDS /* bounds over groups of centroids */
} km_algorithm;

typedef enum km_refine_choice {
  KM_REFINE_DEFAULT, /* none with given initial centroids, else auto */
  KM_REFINE_AUTO,    /* leave poor local optima; in one dimension, the optimum itself */
  KM_REFINE_NONE     /* plain Lloyd */
} km_refine_choice;

/* The most numbers that the centroids of a fit or a model can have together, k * dims. Nothing that is
** as large is in pieces, and what has 16 bytes for each is what a host gives at once. */
#define KM_MAX_CENTROIDS ((size_t)134000000)

/* Whether k centroids of dims columns are no more than that. */
static inline int km_centroids_fit(size_t k, size_t dims) {
  return km_times(k, dims) <= KM_MAX_CENTROIDS;
}

typedef struct km_params {
  size_t k; /* 1 .. UINT32_MAX - 1 */
  km_init init;
  const double *centroids; /* k * dims, row-major, for KM_INIT_CENTROIDS, in the units of the
                              points; borrowed */
  size_t n_init;           /* runs from different seeds, the best of which is kept; >= 1 */
  size_t max_iter;         /* >= 1 */
  double tol;              /* stop when the squared movement of all centroids together is at most
                              tol times the mean variance of the columns; 0: only when no label
                              changes. As scikit-learn defines it. */
  uint64_t seed;
  km_refine_choice refine;
  int clamp; /* accept fewer clusters when there are fewer distinct points than k */
  km_algorithm algorithm;
  size_t threads;      /* 0: as many as there are processors */
  const char *kernels; /* the innermost loops for an instruction set, by name; NULL: the best */
} km_params;

/* A fit, or the application of given centroids. Arrays belong to the result. */
typedef struct km_result {
  size_t k;
  size_t dims;
  double *centroids; /* k * dims, row-major, in the space of the clustering: see core/transform.h */
  double *restored;  /* the same in the units of the points, from which `centroids` follow, bit for
                        bit; the same array where nothing is scaled */
  size_t *sizes;     /* k: points in the cluster */
  double *weights;   /* k: sum of their weights; without weights, the sizes */
  double *
      inertias; /* k: sum of squared distances to the centroid, by weight; with cosine, of distances */
  double *radii;    /* k: largest distance to the centroid of a point that has any weight */
  km_chunks labels; /* one uint32_t per point */
  double inertia;   /* may be infinite where coordinates exceed 1e150 */
  double cost; /* the inertia times a power of two that keeps it in range: to compare runs by */
  size_t iterations; /* of Lloyd's algorithm, all told; 1 where the optimum was computed directly */
  int converged;
  size_t distinct; /* with KM_TOO_FEW: how many distinct points there are */
} km_result;

/* Fits the points. An empty dataset is not allowed. Points of weight 0 are only labelled; where all
** are, there is nothing to fit: k is 0, and nobody has a label. KM_TOO_LARGE: k * dims is. On any status,
** km_result_clear is due. */
km_status km_fit(const km_dataset *data, const km_params *params, km_hooks *hooks,
                 km_result *result);

/* Labels the points by given centroids (k * dims, finite, at most 1e300 in magnitude, in the units of
** the points): nothing is fitted, clusters may be empty, and so may the dataset. `threads` as in
** km_params. KM_TOO_LARGE: k * dims is. On any status, km_result_clear is due. */
km_status km_apply(const km_dataset *data, const double *centroids, size_t k, size_t threads,
                   km_hooks *hooks, km_result *result);

/* The name of the instruction set that the innermost loops use on this processor. */
const char *km_kernel_name(void);

/* Whether this processor can run the loops of this name. All give the same answers. */
int km_kernel_known(const char *name);

/* Gives back the arrays of a result. A zeroed result is allowed. */
void km_result_clear(km_result *result, km_hooks *hooks);

static inline uint32_t km_result_label(const km_result *result, size_t i) {
  return *(const uint32_t *)km_chunks_at(&result->labels, i);
}

#endif
