/* Cutting one cluster in two. */
#ifndef KM_CORE_SPLIT_H
#define KM_CORE_SPLIT_H

#include "core/local.h"

/* 2-means on the first count >= 2 points of `local`, whose mean is `centroid`, started one standard
** deviation to either side of it along their main axis. local->centroids and local->inertia tell
** the result. axis is room for 2 * dims doubles. */
km_status km_split(km_local *local, size_t count, const double *centroid, double *axis);

#endif
