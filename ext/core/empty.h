/* Clusters that have lost all their points. */
#ifndef KM_CORE_EMPTY_H
#define KM_CORE_EMPTY_H

#include "core/lloyd.h"

/* Gives each empty cluster the point that lies furthest from its own centroid, as scikit-learn does,
** but never the only point of a cluster and never twice the same value; the first row on a tie.
** Updates the labels (which must be in lloyd->labels) and counts and, if `centroids` is nonzero, puts
** the centroids of these clusters on their points. *filled counts the clusters. */
km_status km_fill_empty(km_lloyd *lloyd, int centroids, size_t *filled);

#endif
