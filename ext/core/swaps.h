/* Swaps of centroids on a sample, each tried on the clusters around it. */
#ifndef KM_CORE_SWAPS_H
#define KM_CORE_SWAPS_H

#include "core/local.h"
#include "core/sample.h"

/* How many clusters around each end of a swap take part in it, and all together with the ends. */
#define KM_NEIGHBOURS 5
#define KM_MOST_LOCAL (2 + 2 * KM_NEIGHBOURS)

/* Centroid `from` is taken away, cluster `to` split in two. */
typedef struct km_swap {
  uint32_t from;
  uint32_t to;
  double ratio; /* what it promises to gain, as a share of what it promises to lose */
} km_swap;

typedef struct km_swaps {
  km_hooks *hooks;
  km_sample sample;
  km_local local;
  double *halves; /* k * 2 * dims: the best split known of each cluster */
  double *gain;   /* k: by how much it lowers the inertia */
  double *known;  /* k: the inertia of the cluster for which it was found, or -1 */
  double *loss;   /* k: by how much taking the cluster away raises the inertia when those around it
                                have reacted, or -1: not known */
  double *won;    /* k: by how much splitting it lowers the inertia then, or -1 */
  unsigned char
      *touched;  /* k: whether a swap of this round, or of the one before, changed the cluster */
  size_t *votes; /* k */
  double *axis;  /* 2 * dims */
  km_swap *list;
  uint32_t around[KM_MOST_LOCAL]; /* the clusters of the trial: from, to, neighbours */
  size_t around_count;
  double budget;   /* multiply-adds that exploring may take */
  double explored; /* and has taken */
  double
      best; /* what the best swap gains before anything reacts to it, as a share of what it loses */
  int unclear; /* whether in the end the data has no clear clusters */
} km_swaps;

/* Copies a sample of at most `wanted` points and the k centroids. km_sample's contract. */
km_status km_swaps_init(km_swaps *swaps, km_blocks *blocks, km_random *random, size_t wanted,
                        const double *centroids, size_t k);
void km_swaps_clear(km_swaps *swaps);

/* Swaps until none pays, as long as a budget lasts: `budget` multiply-adds for finding out about
** swaps that are unlikely to pay, a few times as many for everything.
** The centroids are then in swaps->sample.centroids, in units. *changed tells whether any did. */
km_status km_swaps_run(km_swaps *swaps, double budget, int *changed);

#endif
