#include "core/distance.h"

#include <limits.h>
#include <math.h>

double km_one_for(double largest) {
  int exponent;
  frexp(largest, &exponent);
  return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

double km_squared_distance(const double *a, const double *b, size_t dims) {
  double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    double difference = a[j] - b[j];
    sum += difference * difference;
  }
  return sum;
}

/* fraction * 2^exponent, fraction in [0.5, 1); or 0 with the least exponent. */
typedef struct wide {
  double fraction;
  int exponent;
} wide;

/* The squared distance with its exponent kept apart: differences are scaled by the power of two
** that brings the largest into [0.5, 1), which changes no rounding. */
static wide wide_squared_distance(const double *a, const double *b, size_t dims) {
  wide result = {0, INT_MIN};
  double largest = 0;
  for (size_t j = 0; j < dims; j++) {
    double magnitude = fabs(a[j] - b[j]);
    largest = magnitude > largest ? magnitude : largest;
  }
  if (largest > 0) {
    int exponent;
    int carry;
    double sum = 0;
    frexp(largest, &exponent);
    for (size_t j = 0; j < dims; j++) {
      double difference = ldexp(a[j] - b[j], -exponent);
      sum += difference * difference;
    }
    result.fraction = frexp(sum, &carry);
    result.exponent = 2 * exponent + carry;
  }
  return result;
}

static int wide_less(wide a, wide b) {
  return a.exponent != b.exponent ? a.exponent < b.exponent : a.fraction < b.fraction;
}

double km_distance(const double *a, const double *b, size_t dims) {
  double squared = km_squared_distance(a, b, dims);
  if (squared >= KM_SAFE_MIN && squared <= KM_SAFE_MAX) {
    return sqrt(squared);
  }
  wide exact = wide_squared_distance(a, b, dims);
  if (exact.fraction == 0) {
    return 0;
  }
  if (exact.exponent % 2 != 0) {
    exact.fraction *= 2;
    exact.exponent -= 1;
  }
  return ldexp(sqrt(exact.fraction), exact.exponent / 2);
}

double km_metric_distance(km_metric metric, const double *a, const double *b, size_t dims) {
  return metric == KM_COSINE ? km_squared_distance(a, b, dims) / 2 : km_distance(a, b, dims);
}

static size_t wide_nearest(const double *point, const double *centroids, size_t k, size_t dims,
                           size_t skip) {
  wide best = {1, INT_MAX};
  size_t nearest = k;
  for (size_t c = 0; c < k; c++) {
    if (c != skip) {
      wide distance = wide_squared_distance(point, centroids + c * dims, dims);
      if (wide_less(distance, best)) {
        best = distance;
        nearest = c;
      }
    }
  }
  return nearest;
}

size_t km_nearest(const double *point, const double *centroids, size_t k, size_t dims,
                  size_t skip) {
  double best = INFINITY;
  size_t nearest = k;
  for (size_t c = 0; c < k; c++) {
    double squared = km_squared_distance(point, centroids + c * dims, dims);
    if (squared < best && c != skip) {
      best = squared;
      nearest = c;
    }
  }
  if (best >= KM_SAFE_MIN && best <= KM_SAFE_MAX) {
    return nearest;
  }
  return wide_nearest(point, centroids, k, dims, skip);
}
