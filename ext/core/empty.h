/* Clusters that have lost all their points. */
#ifndef KM_CORE_EMPTY_H
#define KM_CORE_EMPTY_H

#include "core/lloyd.h"

/* Gives each empty cluster the point that lies furthest from its own centroid, as scikit-learn does,
** but never the only point of a cluster and never twice the same value; the first row on a tie.
** Updates the labels (which must be in lloyd->labels) and counts and, if `centroids` is nonzero, puts
** the centroids of these clusters on their points. *filled counts the clusters.
**
** Of a row that weighs more than 1 a part of weight 1 moves, as one of its copies would: its label is
** the empty cluster's, and the rest of it is in the engine's `rest`, where there is such an array. */
km_status km_fill_empty(km_lloyd *lloyd, int centroids, size_t *filled);

#endif
