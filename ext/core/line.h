/* k-means in one dimension: the optimum, not an approximation. */
#ifndef KM_CORE_LINE_H
#define KM_CORE_LINE_H

#include <stdint.h>

#include "core/dataset.h"

/* The most points that it takes: it keeps a list of 32-bit numbers of them in one piece. */
#define KM_LINE_MAX_ROWS (KM_LARGEST / sizeof(uint32_t))

/* Finds the k centroids of least inertia for data of one column with at least k distinct values,
** by dynamic programming (Wang & Song 2011) under a Lagrange multiplier (Grønlund et al. 2017,
** section 4). Equal values share a cluster. The result does not depend on the order of the points.
**
** Writes the centroids in ascending order, each the mean of its points, summed as Lloyd's
** iterations do; every point is nearest to the centroid of its own cluster. Partitions are compared
** in twice double precision: of two whose inertias differ by less than about 1e-30 of the sum of
** squares around the median, either may come out.
**
** There are at most KM_LINE_MAX_ROWS points. `unit` is km_blocks.unit. Takes about 80 bytes per point while it works, time O(n log n).
** KM_OVERFLOW when a sum of values is infinite. */
km_status km_line(const km_dataset *data, km_hooks *hooks, double unit, size_t k,
                  double *centroids);

#endif
