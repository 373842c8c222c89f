/* The gap statistic: does k clusters' inertia fall below what data without clusters would have? */
#ifndef KM_CORE_GAP_H
#define KM_CORE_GAP_H

#include "core/fit.h"

/* How many sets of reference points there are: B of the paper. */
#define KM_GAP_SETS 10

typedef struct km_gap {
  double gap;   /* the mean of log(inertia) over the reference sets - log(inertia); or NaN */
  double error; /* the standard deviation over the sets (divisor B) * sqrt(1 + 1 / B); or NaN */
} km_gap;

/* The gap of a clustering into k = params->k clusters that has this inertia (Tibshirani, Walther & Hastie
** 2001, with reference points uniform over the box of the data: their choice (a)). A reference set has as
** many points as the data, with its weights, and is clustered with the same params, but for given initial
** centroids. The box is that of the points as they are seen; with cosine the reference points get length
** 1, too. The sets follow from params->seed: they are the same for every k. NaN where an inertia is 0 or
** not finite. No weight is 0. */
km_status km_gap_measure(const km_dataset *data, const km_params *params, double inertia,
                         km_hooks *hooks, km_gap *gap);

#endif
