/* The mean and the spread of columns: what a cluster, and a step of the iterations, is compared with. */
#ifndef KM_CORE_MOMENTS_H
#define KM_CORE_MOMENTS_H

#include "core/dataset.h"

/* Of each of the dims columns, by weight, the mean and the population standard deviation, the root of the mean
** squared difference from the mean, accurate whatever the offset and magnitude of the numbers; the deviation of a
** column of equal numbers is 0. Both are in the units of the points, whatever scale shows them; with cosine, of the
** points divided by their lengths. There is at least one row. */
km_status km_moments(const km_dataset *seen, km_hooks *hooks, double *means, double *deviations);

/* The mean over the columns of their population variance, by weight, each coordinate, as the clustering
** sees it, times the power of two `unit`: what scikit-learn multiplies `tol` with. There is at least one
** row. */
km_status km_mean_variance(const km_dataset *data, km_hooks *hooks, double unit,
                           double *mean_variance);

/* The mean of k numbers, `stride` apart, each weighted with its weight, which is not negative; NaN where
** all weights are 0. */
double km_weighted_mean(const double *numbers, size_t stride, const double *weights, size_t k);

#endif
