/* Leaving poor local optima after Lloyd's iterations. */
#ifndef KM_CORE_REFINE_H
#define KM_CORE_REFINE_H

#include "core/lloyd.h"
#include "core/random.h"

/* How many of `rows` points of dims columns a sample for k clusters may have. */
size_t km_refine_sample(size_t rows, size_t dims, size_t k);

/* Whether there is anything to refine: iterations that have converged and may go on, and more than one cluster,
** with fewer than there are points. */
int km_refine_acts(const km_lloyd *lloyd);

/* Takes up Lloyd's iterations where they ended, moves centroids from where they do little to where
** they help more, and iterates again, as long as that lowers the inertia (after Fränti 2018, see swaps.c; where
** there are no clear clusters, after Fritzke 2020, see breathe.c). Afterwards lloyd->centroids are again what
** iterations ended with, of no greater inertia than before; lloyd->iterations counts all of them, at most
** lloyd->max_iter; lloyd->labels and lloyd->counts are those of an assignment to other centroids.
**
** Does nothing where there is nothing to refine. Takes, while it looks for swaps, a sample of at most 512 points
** per cluster, and of no more than a 16th of the data unless that is below 8 MB, nor than KM_LARGEST bytes in
** doubles: copies, or of points in floats their numbers. */
km_status km_refine(km_lloyd *lloyd, km_random *random);

#endif
