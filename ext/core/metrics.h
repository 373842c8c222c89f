/* How good a clustering is, from the points and their labels alone, however they came by them.
**
** Points are seen as the dataset's transform shows them: the space in which a fit of it runs. With the
** metric cosine they have length 1; the silhouette then goes by the distance 1 - cos, the others by
** Euclidean distances and means of these points.
**
** A whole weight of m is as good as m copies of the row. Weights that are not all whole have no unit, so
** they only say how much a row counts beside the others: rows are then counted as rows.
**
** Distances are computed from differences of coordinates, in double: offsets cost no precision. All
** three say nothing, that is NaN, about fewer than two clusters, and about as many as there are points.
*/
#ifndef KM_CORE_METRICS_H
#define KM_CORE_METRICS_H

#include <stdint.h>

#include "core/dataset.h"

typedef struct km_labelled {
  const km_dataset *data;  /* none of its rows has weight 0 */
  const km_chunks *labels; /* a uint32_t per row of data */
  size_t k;                /* labels are below this; clusters may be empty */
  const km_chunks *rows;   /* a uint64_t for each row that counts, ascending; NULL: all do */
  size_t threads;          /* 0: as many as there are processors */
  const char *kernels;     /* as in km_params */
} km_labelled;

/* The mean silhouette (Rousseeuw 1987): over the points, of (b - a) / max(a, b), with a the mean distance
** to the others of its cluster and b the smallest mean distance to the points of another one; 0 for a
** point that is alone in its cluster, or where a and b are 0. Exact: all pairs are looked at. The same
** bits for any number of threads.
**
** each, if it is not NULL, is an empty array of doubles of the caller's, who clears it on any status: it
** is given the silhouette of every row that counts. */
km_status km_silhouette(const km_labelled *points, km_hooks *hooks, km_chunks *each, double *mean);

/* What follows from the scatter of the clusters; NaN where it says nothing. */
typedef struct km_scatter {
  /* Calinski & Harabasz 1974: B / (k - 1) / (W / (n - k)), with W the sum of the squared distances to the
  ** means of the clusters and B that of these means to the mean of all; NaN where W is 0. */
  double calinski_harabasz;
  /* Davies & Bouldin 1979: the mean over the clusters of the largest (s + s') / d for another cluster,
  ** with s the mean distance to the mean and d that of the two means. Clusters of the same mean are not
  ** compared. */
  double davies_bouldin;
  double explained; /* B / (B + W): the share of the scatter that lies between the clusters */
} km_scatter;

/* All rows count: points->rows is not looked at, nor are threads. */
km_status km_scatter_measure(const km_labelled *points, km_hooks *hooks, km_scatter *scatter);

/* Whether metrics say anything about so many clusters, none of them empty, of so many points. */
static inline int km_metrics_defined(size_t clusters, double points) {
  return clusters >= 2 && (double)clusters < points;
}

/* How many rows count, and the number of one. */
static inline size_t km_labelled_count(const km_labelled *points) {
  return points->rows ? points->rows->count : points->data->rows.count;
}

static inline size_t km_labelled_row(const km_labelled *points, size_t i) {
  return points->rows ? (size_t) * (const uint64_t *)km_chunks_at(points->rows, i) : i;
}

static inline uint32_t km_labelled_label(const km_labelled *points, size_t row) {
  return *(const uint32_t *)km_chunks_at(points->labels, row);
}

#endif
