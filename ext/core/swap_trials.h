/* Trials of swaps on the clusters around their ends, over these clusters' points in the sample: what is gained
** there is gained on the whole, for no other point gets further from its centroid. */
#ifndef KM_CORE_SWAP_TRIALS_H
#define KM_CORE_SWAP_TRIALS_H

#include "core/swaps.h"

/* Finds how to split cluster c in two, and what that gains: swaps->gain[c], by 2-means of its own points. */
km_status km_swaps_split(km_swaps *swaps, uint32_t c);

/* Finds the clusters around a swap; returns 0 if another one of this round touched any. */
int km_swaps_look_around(km_swaps *swaps, const km_swap *tried);

/* Tries the swap around which was looked: the clusters there, with the halves of `to` in place of from and to.
** Takes it if it pays. */
km_status km_swaps_try(km_swaps *swaps, const km_swap *tried, int *taken);

/* Whether cluster c or one of those around it is touched. */
int km_swaps_touched_around(km_swaps *swaps, uint32_t c);

/* Finds out what taking cluster c away loses, swaps->loss[c], and what splitting it wins, swaps->won[c], when
** the clusters around it have reacted; gives up as soon as that is no longer expected to be below `most`, or
** above `least`. */
km_status km_swaps_weigh_loss(km_swaps *swaps, uint32_t c, double most);
km_status km_swaps_weigh_won(km_swaps *swaps, uint32_t c, double least);

#endif
