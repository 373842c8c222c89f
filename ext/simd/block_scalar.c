#include <math.h>

#include "simd/block.h"

static inline double squared_distance(const double *block, size_t dims, size_t i,
                                      const double *point) {
  double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    double difference = block[j * KM_BLOCK + i] - point[j];
    sum += difference * difference;
  }
  return sum;
}

static km_nearness nearest(const double *block, size_t dims, const double *centroids,
                           const uint32_t *candidate, size_t m, uint64_t *owned, double *distance) {
  double second[KM_BLOCK];
  km_nearness found = {(double)INFINITY, (double)INFINITY, 0};
  for (size_t i = 0; i < KM_BLOCK; i++) {
    distance[i] = (double)INFINITY;
    second[i] = (double)INFINITY;
  }
  for (size_t c = 0; c < m; c++) {
    const double *centroid = centroids + candidate[c] * dims;
    uint64_t won = 0;
    for (size_t i = 0; i < KM_BLOCK; i++) {
      double squared = squared_distance(block, dims, i, centroid);
      double other = squared < distance[i] ? distance[i] : squared;
      won |= (uint64_t)(squared < distance[i]) << i;
      second[i] = other < second[i] ? other : second[i];
      distance[i] = squared < distance[i] ? squared : distance[i];
    }
    owned[c] = won;
  }
  km_settle_owners(owned, m);
  for (size_t i = 0; i < KM_BLOCK; i++) {
    double gap = second[i] - distance[i];
    found.smallest = distance[i] < found.smallest ? distance[i] : found.smallest;
    found.gap = gap < found.gap ? gap : found.gap;
    found.second = second[i] > found.second ? second[i] : found.second;
  }
  return found;
}

static uint64_t match(const uint16_t *labels, uint16_t label) {
  uint64_t bits = 0;
  for (size_t i = 0; i < KM_BLOCK; i++) {
    bits |= (uint64_t)(labels[i] == label) << i;
  }
  return bits;
}

static km_sum total(const double *value, double *least, double *largest) {
  double low = value[0];
  double high = value[0];
  double highs[KM_LANES] = {0};
  double lows[KM_LANES] = {0};
  for (size_t i = 0; i < KM_BLOCK; i++) {
    km_sum lane = {highs[i % KM_LANES], lows[i % KM_LANES]};
    km_sum_add(&lane, value[i]);
    highs[i % KM_LANES] = lane.high;
    lows[i % KM_LANES] = lane.low;
    low = value[i] < low ? value[i] : low;
    high = value[i] > high ? value[i] : high;
  }
  *least = low;
  *largest = high;
  return km_lanes_merge(highs, lows);
}

static double gain(const double *block, size_t dims, const double *point, const double *closest) {
  double lane[KM_LANES] = {0};
  for (size_t i = 0; i < KM_BLOCK; i++) {
    double squared = squared_distance(block, dims, i, point);
    double less = closest[i] - squared;
    lane[i % KM_LANES] += less > 0 ? less : 0;
  }
  return km_lanes_sum(lane);
}

static double lower(const double *block, size_t dims, const double *point, double *closest,
                    double *maximum) {
  double lane[KM_LANES] = {0};
  double largest = 0;
  for (size_t i = 0; i < KM_BLOCK; i++) {
    double squared = squared_distance(block, dims, i, point);
    closest[i] = squared < closest[i] ? squared : closest[i];
    lane[i % KM_LANES] += closest[i];
    largest = closest[i] > largest ? closest[i] : largest;
  }
  *maximum = largest;
  return km_lanes_sum(lane);
}

const km_block_kernels km_block_kernels_scalar = {
    .nearest = nearest,
    .match = match,
    .total = total,
    .gain = gain,
    .lower = lower,
};
