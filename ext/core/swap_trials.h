/* Trials of swaps on the clusters around their ends, over these clusters' points in the sample: what is gained
** there is gained on the whole, for no other point gets further from its centroid. */
#ifndef KM_CORE_SWAP_TRIALS_H
#define KM_CORE_SWAP_TRIALS_H

#include "core/swaps.h"

/* Finds how to split cluster c in two, and what that gains: swaps->gain[c], by 2-means of its own points. */
km_status km_swaps_split(km_swaps *swaps, uint32_t c);

/* Finds the clusters around a swap; returns 0 if another one of this round touched any. */
int km_swaps_look_around(km_swaps *swaps, const km_swap *tried);

/* How far centroids move, in Lloyd's own steps, where an end is weighed, and in trials of swaps that are not sure (a
** sure one goes to its end by Lloyd's: with long steps heavy-tailed mixtures ended 0.1% higher). */
#define KM_LONG_STRIDE 1.8

/* Tries the swap around which was looked: the clusters there, with the halves of `to` in place of from and to, which
** move `stride` times as far as by Lloyd's steps. Takes it if it pays. */
km_status km_swaps_try(km_swaps *swaps, const km_swap *tried, double stride, int *taken);

/* Whether cluster c or one of those around it is touched. */
int km_swaps_touched_around(km_swaps *swaps, uint32_t c);

/* Finds out what taking cluster c away loses, swaps->loss[c], and what splitting it wins, swaps->won[c], when
** the clusters around it have reacted; gives up as soon as that is no longer expected to be below `most`, or
** above `least`. */
km_status km_swaps_weigh_loss(km_swaps *swaps, uint32_t c, double most);
km_status km_swaps_weigh_won(km_swaps *swaps, uint32_t c, double least);

#endif
