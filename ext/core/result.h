/* How a result is made: from centroids to sizes, inertias, radii and labels. */
#ifndef KM_CORE_RESULT_H
#define KM_CORE_RESULT_H

#include "core/engine.h"

/* Allocates the arrays of a result for k clusters of data, but for the labels. On any status
** km_result_clear is due. */
km_status km_result_init(km_result *result, const km_dataset *data, size_t k, km_hooks *hooks);

/* Finds k given points (k * dims) in the space of the clustering; `to` may be `from`. */
void km_result_place(const km_transform *transform, const double *from, size_t k, size_t dims,
                     double *to);

/* Finds result->restored from result->centroids. These are the ones that a model carries, rounded as
** they are: so the final labels are found by what they come to in the space of the clustering. */
void km_result_restore(const km_transform *transform, km_result *result);

/* Where a centroid lies on the only point of its cluster, it is restored to that point itself: so
** clusters that were empty and got a point keep it when their centroids are placed again. `room`: dims
** doubles. */
km_status km_result_restore_points(const km_dataset *data, km_hooks *hooks, km_result *result,
                                   double *room);

/* Labels every point by the centroids of the result, and fills in sizes, weights, inertias and radii.
** There are labels already, of any value. Radii whose squares underflow wait for km_result_mend. */
km_status km_result_summarise(km_engine *engine, km_result *result);

/* The same where the labels are known. */
km_status km_result_measure(km_blocks *blocks, km_result *result);

/* Finds radii and inertias that are so small beside the rest of the data that squares have underflowed:
** with cosine nothing is. */
km_status km_result_mend(const km_blocks *blocks, km_result *result);

/* Extends a result for the points that have weight to all of them, in `data`. */
km_status km_result_extend(const km_dataset *data, km_hooks *hooks, km_result *result);

/* Gives the clusters new numbers: c becomes to[c], a permutation. */
km_status km_result_renumber(km_result *result, const uint32_t *to, km_hooks *hooks);

#endif
