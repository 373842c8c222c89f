#include "core/split.h"

#include <math.h>
#include <string.h>

#define POWER_STEPS 3
#define SPLIT_ITERATIONS 5

/* axis = row - centroid; returns its squared length. */
static double offset_from(const double *row, const double *centroid, size_t dims, double *axis) {
  double squared = 0;
  for (size_t j = 0; j < dims; j++) {
    axis[j] = row[j] - centroid[j];
    squared += axis[j] * axis[j];
  }
  return squared;
}

/* One step of the power iteration: the axis becomes the covariance of the points times the axis,
** scaled to the standard deviation along it. Returns 0 where the points do not vary along it. */
static int turn_axis(const km_local *local, size_t count, const double *centroid, double *axis) {
  size_t dims = local->dims;
  double *next = axis + dims;
  double old_squared = 0;
  double squared = 0;
  double weight = 0;
  memset(next, 0, dims * sizeof *next);
  for (size_t i = 0; i < count; i++) {
    const double *row = km_local_row(local, i);
    double dot = 0;
    for (size_t j = 0; j < dims; j++) {
      dot += (row[j] - centroid[j]) * axis[j];
    }
    dot *= km_local_weight(local, i);
    weight += km_local_weight(local, i);
    for (size_t j = 0; j < dims; j++) {
      next[j] += dot * (row[j] - centroid[j]);
    }
  }
  for (size_t j = 0; j < dims; j++) {
    old_squared += axis[j] * axis[j];
    squared += next[j] * next[j];
  }
  if (!(squared > 0) || !(old_squared > 0)) {
    return 0;
  }
  double deviation = sqrt(sqrt(squared / old_squared) / weight);
  for (size_t j = 0; j < dims; j++) {
    axis[j] = next[j] / sqrt(squared) * deviation;
  }
  return 1;
}

/* The main axis of the gathered points around their centroid, as long as the standard deviation
** along it: the power iteration, from the direction of the furthest point. */
static km_status find_axis(const km_local *local, size_t count, const double *centroid,
                           double *axis) {
  size_t dims = local->dims;
  double furthest = -1;
  km_status status = KM_OK;
  for (size_t i = 0; i < count; i++) {
    const double *row = km_local_row(local, i);
    double squared = offset_from(row, centroid, dims, axis + dims);
    if (squared > furthest) {
      furthest = squared;
      memcpy(axis, axis + dims, dims * sizeof(double));
    }
  }
  for (int step = 0; step < POWER_STEPS && status == KM_OK; step++) {
    if (!turn_axis(local, count, centroid, axis)) {
      break;
    }
    status = km_tick(local->hooks, 2 * count * dims);
  }
  return status;
}

km_status km_split(km_local *local, size_t count, const double *centroid, double *axis) {
  size_t dims = local->dims;
  km_status status = find_axis(local, count, centroid, axis);
  for (size_t j = 0; j < dims; j++) {
    local->centroids[j] = centroid[j] - axis[j];
    local->centroids[dims + j] = centroid[j] + axis[j];
  }
  return status == KM_OK ? km_local_run(local, count, 2, SPLIT_ITERATIONS, 1, INFINITY) : status;
}
