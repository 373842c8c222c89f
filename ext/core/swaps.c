#include "core/swaps.h"

#include <math.h>
#include <string.h>

#include "core/swap_trials.h"

/* Where Lloyd's iterations end in a poor place, there is a cluster that two centroids share and
** another that should have two: moving a centroid across helps, and no small step does. So look for
** the swap that pays: take a centroid away where the inertia grows least (its utility: the sum of
** second-nearest less nearest distances over its points) and split the cluster that gains most (by
** 2-means along its main axis). Gain less utility is what the swap brings even before any centroid
** reacts to it; after Lloyd's iterations it brings more.
**
** What was found on 12 sets, 20 seeds each: of the swaps whose gain was at least half the utility,
** 214 of 218 paid in the end, and 43 of 231 on a heavy-tailed mixture in 10 dimensions; below a
** tenth none of 1,152 did. So "sure" swaps are tried first. In between lies the ground of clusters within
** clusters and of data without any, where one in 10 to 50 pays a little. Few clusters have few swaps: they are
** tried, best first, as long as the budget lasts. Many have too many, but ends that are far apart have nothing to do
** with each other: what the swap brings is what the split wins less what the removal loses, once the clusters around
** each have reacted. So when no sure swap pays, the ends are weighed, each by itself: 64 removals and 64 splits tell
** of 4,096 swaps which are worth a trial. What was weighed holds until something changes around it. On four sets of
** 50,000 to 100,000 points in 300 clusters of most different sizes, the mean excess of the inertia over the best seen
** fell from 0.07-0.23% to 0.00-0.12%, in no more time than it took to try the most promising swaps. On data in clear
** clusters there is nothing to explore, and the fit is as good as free.
**
** A swap is tried on the clusters around its two ends only, over their points in a sample. What is
** gained there is gained on the whole, for no other point gets further from its centroid. Many
** swaps are taken in one round if they do not touch the same clusters: birch1 needs some ten. Only
** then Lloyd's iterations run over all the data, and what they end with has to be better than
** before. */

/* Gain as a share of utility from which on a swap is sure; worth exploring. */
#define SURE 0.45
#define EXPLORE 0.1

/* What is won as a share of what is lost, both weighed, from which on a swap is worth exploring. */
#define LEAST_WEIGHED 0.5

/* So few clusters are all near each other, and weighing one end tells little. */
#define FEW 32

/* From which on a swap that is left says that there are no clear clusters: on uniform data the best one has 0.37
** or more, on 13 sets of clusters where all are found 0.34 or less. */
#define UNCLEAR 0.35

/* All work together may be this many times what exploring may. */
#define MOST_WORK 20

/* So many failures in a row end the trials of a list: of some 600 swaps that paid on 14 sets, nine in ten
** came within 16 failures of the one before, and hundreds were tried where none pays. But not before so much work is
** done, some 50 milliseconds: on 60 random sets of at most 8,000 points that lowered the mean
** excess over the best inertia seen from 0.66% to 0.45%. */
#define PATIENCE 16
#define PATIENT_WORK 1e8

/* How many centroids are considered for removal, and for addition; the swaps listed. */
#define MOST_ENDS 64
#define MOST_SWAPS 256

/* Rounds of swaps. */
#define ROUNDS 50

/* The `most` clusters with the highest keys, in descending order; returns their number. */
static size_t highest(const double *key, double sign, size_t k, uint32_t *list, size_t most) {
  size_t found = 0;
  for (size_t c = 0; c < k; c++) {
    size_t at = found < most ? found++ : most;
    for (; at > 0 && sign * key[list[at - 1]] < sign * key[c]; at--) {
      if (at < most) {
        list[at] = list[at - 1];
      }
    }
    if (at < most) {
      list[at] = (uint32_t)c;
    }
  }
  return found;
}

/* A cluster that has next to no points in the sample cannot be judged by it. */
static int may_remove(const km_sample *sample, uint32_t c) {
  return sample->share == 1 || km_sample_size(sample, c) >= 8;
}

/* How many ends of swaps are considered on either side. */
static size_t count_ends(size_t k) {
  return k / 4 < 16 ? 16 : k / 4 < MOST_ENDS ? k / 4 : MOST_ENDS;
}

/* What a swap promises to gain, as a share of what it promises to lose: an estimate, or what is known where both
** ends are weighed. What is known to be less than 1 comes after what is sure. */
static double promise(const km_swaps *swaps, uint32_t from, uint32_t to, double estimate) {
  if (swaps->loss[from] < 0 || swaps->won[to] < 0) {
    return estimate;
  }
  double ratio = swaps->won[to] / fmax(swaps->loss[from], 1e-300);
  return ratio > 1 ? ratio : ratio * EXPLORE / LEAST_WEIGHED;
}

/* Lists the best swaps, in descending order; returns their number. */
static size_t list_swaps(km_swaps *swaps) {
  uint32_t from[MOST_ENDS];
  uint32_t to[MOST_ENDS];
  const km_sample *sample = &swaps->sample;
  size_t from_count = highest(sample->utility, -1, sample->k, from, count_ends(sample->k));
  size_t to_count = highest(swaps->gain, 1, sample->k, to, count_ends(sample->k));
  size_t found = 0;
  swaps->best = 0;
  for (size_t pair = 0; pair < from_count * to_count; pair++) {
    km_swap next = {from[pair / to_count], to[pair % to_count], 0};
    if (next.from == next.to || !may_remove(sample, next.from)) {
      continue;
    }
    double estimate = swaps->gain[next.to] / fmax(sample->utility[next.from], 1e-300);
    swaps->best = fmax(swaps->best, estimate);
    next.ratio = promise(swaps, next.from, next.to, estimate);
    size_t at = found < MOST_SWAPS ? found++ : MOST_SWAPS;
    for (; at > 0 && swaps->list[at - 1].ratio < next.ratio; at--) {
      if (at < MOST_SWAPS) {
        swaps->list[at] = swaps->list[at - 1];
      }
    }
    if (at < MOST_SWAPS) {
      swaps->list[at] = next;
    }
  }
  return found;
}

static double work_so_far(const km_swaps *swaps) {
  return swaps->sample.work + swaps->local.work;
}

static int may_try(const km_swaps *swaps, const km_swap *next, double least, size_t taken) {
  int explore = taken == 0 && swaps->explored < swaps->budget && next->ratio >= least;
  return work_so_far(swaps) < MOST_WORK * swaps->budget && (next->ratio >= SURE || explore);
}

/* Tries the swaps listed: all that are sure; if none of them pays, those that promise at least `least` until one
** does. */
static km_status try_listed(km_swaps *swaps, double least, size_t *taken) {
  size_t count = list_swaps(swaps);
  int failed = 0;
  km_status status = KM_OK;
  for (size_t s = 0; s < count && status == KM_OK; s++) {
    const km_swap *next = &swaps->list[s];
    int paid = 0;
    double work = swaps->local.work;
    if ((failed >= PATIENCE && work_so_far(swaps) > PATIENT_WORK) ||
        !may_try(swaps, next, least, *taken)) {
      break;
    }
    int apart = km_swaps_look_around(swaps, next);
    status = km_tick(swaps->hooks, 2 * KM_NEIGHBOURS * swaps->sample.k);
    if (apart && status == KM_OK) {
      status = km_swaps_try(swaps, next, next->ratio < SURE ? KM_LONG_STRIDE : 1, &paid);
      *taken += (size_t)paid;
      failed = paid ? 0 : failed + 1;
      swaps->explored += next->ratio < SURE ? swaps->local.work - work : 0;
    }
  }
  return status;
}

/* Weighs the ends that are considered, best first, as long as the budget lasts. */
static km_status weigh_ends(km_swaps *swaps) {
  uint32_t from[MOST_ENDS];
  uint32_t to[MOST_ENDS];
  const km_sample *sample = &swaps->sample;
  size_t count = highest(sample->utility, -1, sample->k, from, count_ends(sample->k));
  km_status status = KM_OK;
  double work = swaps->local.work;
  double most = 0;
  double least = 0;
  highest(swaps->gain, 1, sample->k, to, count_ends(sample->k));
  for (size_t e = 0; e < count && status == KM_OK; e++) {
    if (swaps->explored + swaps->local.work - work >= swaps->budget) {
      break;
    }
    if (swaps->won[to[e]] < 0) {
      status = km_swaps_weigh_won(swaps, to[e], least);
    }
    most = fmax(most, swaps->won[to[e]]);
    if (swaps->loss[from[e]] < 0 && status == KM_OK) {
      status = km_swaps_weigh_loss(swaps, from[e], most);
    }
    least = e == 0 ? swaps->loss[from[e]] : fmin(least, swaps->loss[from[e]]);
  }
  swaps->explored += swaps->local.work - work;
  return status;
}

/* Brings the splits of all clusters up to date, and forgets what was weighed where something has changed. */
static km_status find_splits(km_swaps *swaps) {
  size_t k = swaps->sample.k;
  km_status status = KM_OK;
  for (uint32_t c = 0; c < k && status == KM_OK; c++) {
    swaps->touched[c] = swaps->known[c] != swaps->sample.inertia[c];
    if (swaps->touched[c]) {
      status = km_swaps_split(swaps, c);
    }
  }
  for (uint32_t c = 0; c < k && status == KM_OK; c++) {
    if (swaps->loss[c] >= 0 || swaps->won[c] >= 0) {
      if (km_swaps_touched_around(swaps, c)) {
        swaps->loss[c] = swaps->won[c] = -1;
      }
      status = km_tick(swaps->hooks, KM_NEIGHBOURS * k);
    }
  }
  memset(swaps->touched, 0, k);
  return status;
}

/* A round: the swaps that are sure; if none of them pays, others, which are weighed before unless the clusters are
** few. */
static km_status try_round(km_swaps *swaps, size_t *taken) {
  int few = swaps->sample.k <= FEW;
  km_status status = find_splits(swaps);
  *taken = 0;
  if (status == KM_OK) {
    status = try_listed(swaps, few ? EXPLORE : SURE, taken);
  }
  if (status == KM_OK && *taken == 0 && !few && swaps->best >= EXPLORE &&
      swaps->explored < swaps->budget) {
    status = weigh_ends(swaps);
    if (status == KM_OK) {
      status = try_listed(swaps, EXPLORE, taken);
    }
  }
  return status;
}

km_status km_swaps_run(km_swaps *swaps, double budget, int *changed) {
  km_sample *sample = &swaps->sample;
  km_status status = km_sample_assign(sample, NULL);
  size_t taken = 1;
  *changed = 0;
  swaps->budget = budget;
  for (int round = 0; round < ROUNDS && taken > 0 && status == KM_OK; round++) {
    status = try_round(swaps, &taken);
    if (status == KM_OK && taken > 0) {
      *changed = 1;
      status = km_sample_assign(sample, swaps->touched);
    }
  }
  swaps->unclear = swaps->best >= UNCLEAR;
  return status;
}

/* Sums of weights that come and go do not return to 0 exactly. */
static void take_weights(km_swaps *swaps) {
  const double *weights = swaps->sample.weights;
  double total = 0;
  for (size_t i = 0; weights && i < swaps->sample.count; i++) {
    total += weights[i];
  }
  swaps->local.weights = weights;
  swaps->local.missed = swaps->sample.missed;
  swaps->local.least = total * 1e-12;
}

km_status km_swaps_init(km_swaps *swaps, km_blocks *blocks, km_random *random, size_t wanted,
                        const double *centroids, size_t k) {
  km_hooks *hooks = blocks->hooks;
  size_t dims = blocks->data->dims;
  memset(swaps, 0, sizeof *swaps);
  swaps->hooks = hooks;
  km_status status = km_sample_init(&swaps->sample, blocks, random, wanted, centroids, k);
  if (status == KM_OK) {
    status = km_local_init(&swaps->local, hooks, blocks->kernels, &swaps->sample.rows,
                           swaps->sample.count, KM_MOST_LOCAL);
    swaps->local.before = swaps->sample.nearest;
    take_weights(swaps);
  }
  swaps->halves = km_allocate(hooks, k, 2 * dims * sizeof(double));
  swaps->gain = km_allocate(hooks, k, sizeof *swaps->gain);
  swaps->known = km_allocate(hooks, k, sizeof *swaps->known);
  swaps->loss = km_allocate(hooks, k, sizeof *swaps->loss);
  swaps->won = km_allocate(hooks, k, sizeof *swaps->won);
  swaps->touched = km_allocate(hooks, k, sizeof *swaps->touched);
  swaps->votes = km_allocate(hooks, k, sizeof *swaps->votes);
  swaps->axis = km_allocate(hooks, 2 * dims, sizeof *swaps->axis);
  swaps->list = km_allocate(hooks, MOST_SWAPS, sizeof *swaps->list);
  if (!swaps->halves || !swaps->gain || !swaps->known || !swaps->loss || !swaps->won ||
      !swaps->touched || !swaps->votes || !swaps->axis || !swaps->list) {
    return KM_NOMEM;
  }
  for (size_t c = 0; c < k; c++) {
    swaps->known[c] = swaps->loss[c] = swaps->won[c] = -1;
  }
  return status;
}

void km_swaps_clear(km_swaps *swaps) {
  if (swaps->hooks) {
    km_sample_clear(&swaps->sample);
    km_local_clear(&swaps->local);
    km_release(swaps->hooks, swaps->halves);
    km_release(swaps->hooks, swaps->gain);
    km_release(swaps->hooks, swaps->known);
    km_release(swaps->hooks, swaps->loss);
    km_release(swaps->hooks, swaps->won);
    km_release(swaps->hooks, swaps->touched);
    km_release(swaps->hooks, swaps->votes);
    km_release(swaps->hooks, swaps->axis);
    km_release(swaps->hooks, swaps->list);
  }
}
