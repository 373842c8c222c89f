/* Distances between one point and centroids, right over the whole range of double.
**
** The squared distance of x and c is defined as the sum of (x[j] - c[j])^2, j ascending, rounded
** after each operation as if exponents had no limit. As long as nothing leaves the range of double
** that is the plain loop; squares of 1e300 or 1e-300 do, and then the same sum is computed with the
** exponents kept apart. So the answer to "which centroid is nearest" never depends on the units.
*/
#ifndef KM_CORE_DISTANCE_H
#define KM_CORE_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/transform.h"

/* A squared distance within these bounds was not harmed by underflow or overflow on the way. */
#define KM_SAFE_MIN 0x1p-900
#define KM_SAFE_MAX 0x1p+1000

/* The power of two that brings magnitudes of at most `largest` to about 1. */
double km_one_for(double largest);

/* Squared Euclidean distance of two points of dims columns; may overflow or underflow. */
double km_squared_distance(const double *a, const double *b, size_t dims);

/* Euclidean distance of two points of dims columns, for all magnitudes up to 1e300. */
double km_distance(const double *a, const double *b, size_t dims);

/* The distance by this metric: with cosine, half of the squared Euclidean one, 1 - cos of the angle. */
double km_metric_distance(km_metric metric, const double *a, const double *b, size_t dims);

/* The number of the centroid (k of them, row-major) nearest to the point; the lowest on a tie.
** `skip` is left out of the comparison: pass the nearest to find the second-nearest, or k for none.
** Returns k when there is no other centroid. */
size_t km_nearest(const double *point, const double *centroids, size_t k, size_t dims, size_t skip);

#endif
