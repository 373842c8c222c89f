/* Where Lloyd's algorithm starts: k distinct rows chosen as initial centroids. */
#ifndef KM_CORE_SEED_H
#define KM_CORE_SEED_H

#include "core/blocks.h"
#include "core/random.h"

/* Greedy k-means++ (Arthur & Vassilvitskii 2007, with the local trials of their section 6 as
** scikit-learn does it): the first centroid is a row drawn by weight; each further one is the best
** of 2 + floor(ln k) rows drawn with probability proportional to their weight times the squared distance to the
** nearest centroid so far, best being the one that leaves the smallest sum of those distances.
** The data must have at least k distinct rows. Writes k * dims centroids, all distinct. */
km_status km_seed_plus_plus(km_blocks *blocks, km_random *random, size_t k, double *centroids);

/* The same from the first `given` centroids on, which are there already, all distinct; blocks->max_k is at
** least as many. */
km_status km_seed_further(km_blocks *blocks, km_random *random, size_t given, size_t k,
                          double *centroids);

/* How many rows greedy k-means++ tries for each centroid: 2 + floor(ln k). */
#define KM_MAX_TRIALS 32 /* more would need k > e^30 */
size_t km_seed_trials(size_t k);

/* Finds the first row, from *row on, that differs from all chosen centroids: what is left to do when
** all distances are zero, or have underflowed to it. There is one, since the data has at least k
** distinct rows. */
km_status km_seed_next_distinct(const km_blocks *blocks, const double *centroids, size_t chosen,
                                size_t *row);

/* k rows with distinct values, drawn at random, by weight: Forgy 1965. Same contract. */
km_status km_seed_rows(km_blocks *blocks, km_random *random, size_t k, double *centroids);

#endif
