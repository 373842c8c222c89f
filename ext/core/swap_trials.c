/* Trials of swaps, each on the clusters around its two ends, over their points in the sample. */
#include "core/swap_trials.h"

#include <math.h>
#include <string.h>

#include "core/split.h"

/* A swap is taken that lowers the inertia by this share. */
#define LEAST_GAIN 2e-5

/* Where the sample is not all of the data, it has to bring more than chance might, too: so many
** standard deviations. With few points to a cluster there is always a pair whose numbers are lucky. */
#define DEVIATIONS 2

/* Iterations of a trial. */
#define TRIAL_ITERATIONS 30

/* Adds the points of cluster c to the `count` points of the local problem; returns their number. */
static size_t gather(km_swaps *swaps, uint32_t c, size_t count) {
  const km_sample *sample = &swaps->sample;
  size_t size = km_sample_size(sample, c);
  memcpy(swaps->local.point + count, sample->member + sample->start[c],
         size * sizeof *sample->member);
  return count + size;
}

km_status km_swaps_split(km_swaps *swaps, uint32_t c) {
  const km_sample *sample = &swaps->sample;
  size_t dims = sample->dims;
  size_t count = gather(swaps, c, 0);
  swaps->known[c] = sample->inertia[c];
  swaps->gain[c] = 0;
  if (count < 2 || !(sample->inertia[c] > 0)) {
    return KM_OK;
  }
  km_status status = km_split(&swaps->local, count, sample->centroids + c * dims, swaps->axis);
  if (status == KM_OK) {
    swaps->gain[c] = sample->inertia[c] - swaps->local.inertia;
    memcpy(swaps->halves + c * 2 * dims, swaps->local.centroids, 2 * dims * sizeof(double));
  }
  return status;
}

static void add_around(km_swaps *swaps, uint32_t c) {
  for (size_t a = 0; a < swaps->around_count; a++) {
    if (swaps->around[a] == c) {
      return;
    }
  }
  swaps->around[swaps->around_count++] = c;
}

/* Adds the clusters that most points of c have as their second-nearest. */
static void add_neighbours(km_swaps *swaps, uint32_t c) {
  const km_sample *sample = &swaps->sample;
  memset(swaps->votes, 0, sample->k * sizeof *swaps->votes);
  for (size_t m = sample->start[c]; m < sample->start[c + 1]; m++) {
    swaps->votes[sample->second[sample->member[m]]]++;
  }
  for (int chosen = 0; chosen < KM_NEIGHBOURS; chosen++) {
    size_t best = 0;
    for (size_t d = 1; d < sample->k; d++) {
      best = swaps->votes[d] > swaps->votes[best] ? d : best;
    }
    if (swaps->votes[best] == 0) {
      return;
    }
    swaps->votes[best] = 0;
    add_around(swaps, (uint32_t)best);
  }
}

static void look_around_one(km_swaps *swaps, uint32_t c) {
  swaps->around_count = 0;
  add_around(swaps, c);
  add_neighbours(swaps, c);
}

static int any_touched(const km_swaps *swaps) {
  size_t a = 0;
  while (a < swaps->around_count && !swaps->touched[swaps->around[a]]) {
    a++;
  }
  return a < swaps->around_count;
}

int km_swaps_touched_around(km_swaps *swaps, uint32_t c) {
  look_around_one(swaps, c);
  return any_touched(swaps);
}

int km_swaps_look_around(km_swaps *swaps, const km_swap *tried) {
  swaps->around_count = 0;
  if (swaps->touched[tried->from] || swaps->touched[tried->to]) {
    return 0;
  }
  add_around(swaps, tried->from);
  add_around(swaps, tried->to);
  add_neighbours(swaps, tried->from);
  add_neighbours(swaps, tried->to);
  return !any_touched(swaps);
}

/* The points of the clusters around, their inertia, and k centroids: the halves of cluster `split`, unless that
** is NONE, in place of those of the first `ends` clusters. */
typedef struct problem {
  size_t count;
  size_t k;
  double inertia;
} problem;

#define NONE UINT32_MAX

static problem pose(km_swaps *swaps, size_t ends, uint32_t split) {
  const km_sample *sample = &swaps->sample;
  km_local *local = &swaps->local;
  size_t dims = sample->dims;
  problem posed = {0, 0, 0};
  if (split != NONE) {
    memcpy(local->centroids, swaps->halves + split * 2 * dims, 2 * dims * sizeof(double));
    posed.k = 2;
  }
  for (size_t a = 0; a < swaps->around_count; a++) {
    uint32_t c = swaps->around[a];
    posed.count = gather(swaps, c, posed.count);
    posed.inertia += sample->inertia[c];
    if (a >= ends) {
      memcpy(local->centroids + posed.k * dims, sample->centroids + c * dims,
             dims * sizeof(double));
      posed.k++;
    }
  }
  return posed;
}

km_status km_swaps_try(km_swaps *swaps, const km_swap *tried, double stride, int *taken) {
  km_sample *sample = &swaps->sample;
  km_local *local = &swaps->local;
  size_t dims = sample->dims;
  problem posed = pose(swaps, 2, tried->to);
  double most = posed.inertia - LEAST_GAIN * sample->total;
  km_status status = km_local_run(local, posed.count, posed.k, TRIAL_ITERATIONS, stride, most);
  most -= DEVIATIONS * sqrt((sample->missed ? 1 : 1 - sample->share) * local->spread);
  *taken = status == KM_OK && local->inertia < most;
  for (size_t a = 0; a < swaps->around_count && *taken; a++) {
    uint32_t c = swaps->around[a];
    swaps->touched[c] = 1;
    memcpy(sample->centroids + c * dims, local->centroids + a * dims, dims * sizeof(double));
  }
  return status;
}

km_status km_swaps_weigh_loss(km_swaps *swaps, uint32_t c, double most) {
  km_status status = KM_OK;
  look_around_one(swaps, c);
  problem posed = pose(swaps, 1, NONE);
  swaps->loss[c] = swaps->sample.utility[c];
  if (posed.k > 0) {
    status = km_local_run(&swaps->local, posed.count, posed.k, TRIAL_ITERATIONS, KM_LONG_STRIDE,
                          posed.inertia + most);
    swaps->loss[c] = fmax(swaps->local.inertia - posed.inertia, 0);
  }
  return status;
}

km_status km_swaps_weigh_won(km_swaps *swaps, uint32_t c, double least) {
  swaps->won[c] = 0;
  if (!(swaps->gain[c] > 0)) { /* it has no halves */
    return KM_OK;
  }
  look_around_one(swaps, c);
  problem posed = pose(swaps, 1, c);
  km_status status = km_local_run(&swaps->local, posed.count, posed.k, TRIAL_ITERATIONS,
                                  KM_LONG_STRIDE, posed.inertia - least);
  swaps->won[c] = fmax(posed.inertia - swaps->local.inertia, 0);
  return status;
}
