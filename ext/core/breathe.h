/* Leaving local optima where the data has no clear clusters. */
#ifndef KM_CORE_BREATHE_H
#define KM_CORE_BREATHE_H

#include "core/lloyd.h"

/* How many clusters more than k there are for a while. */
#define KM_BREATH 5

/* Takes up Lloyd's iterations where they have converged: adds KM_BREATH centroids, iterates, merges as many,
** iterates, as long as that lowers the inertia; then one centroid fewer at a time, down to one (after Fritzke
** 2020). Afterwards lloyd->centroids are what iterations ended with, of no greater inertia than before;
** lloyd->iterations counts all of them, at most lloyd->max_iter; lloyd->labels and lloyd->counts are those of
** an assignment to other centroids. The engine's blocks have room for k + KM_BREATH centroids. Does nothing
** where clusters are many or have few points. */
km_status km_breathe(km_lloyd *lloyd);

#endif
