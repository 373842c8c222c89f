#include "simd/block.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
/* -O2 leaves short loops as they are, and their vectors in memory. */
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE __m256d squared_distance(const double *block, size_t dims, size_t i, const double *point) {
  __m256d sum = _mm256_setzero_pd();
  UNROLL
  for (size_t j = 0; j < dims; j++) {
    __m256d difference =
        _mm256_sub_pd(_mm256_loadu_pd(block + j * KM_BLOCK + i), _mm256_set1_pd(point[j]));
    sum = _mm256_add_pd(sum, _mm256_mul_pd(difference, difference));
  }
  return sum;
}

INLINE double largest_lane(__m256d v) {
  v = _mm256_max_pd(v, _mm256_permute2f128_pd(v, v, 1));
  return _mm256_cvtsd_f64(_mm256_max_pd(v, _mm256_permute_pd(v, 5)));
}

INLINE double smallest_lane(__m256d v) {
  v = _mm256_min_pd(v, _mm256_permute2f128_pd(v, v, 1));
  return _mm256_cvtsd_f64(_mm256_min_pd(v, _mm256_permute_pd(v, 5)));
}

INLINE unsigned won_by(__m256d squared, __m256d best) {
  return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(squared, best, _CMP_LT_OQ));
}

/* Sixteen points at a time, so that what is best so far stays in registers. */
INLINE km_nearness nearest_dims(const double *block, size_t dims, const double *centroids,
                                const uint32_t *candidate, size_t m, uint64_t *owned,
                                double *distance) {
  __m256d smallest = _mm256_set1_pd(__builtin_inf());
  __m256d least_gap = smallest;
  __m256d furthest = _mm256_setzero_pd();
  for (size_t c = 0; c < m; c++) {
    owned[c] = 0;
  }
  for (size_t i = 0; i < KM_BLOCK; i += 16) {
    __m256d best[4];
    __m256d second[4];
    UNROLL
    for (size_t v = 0; v < 4; v++) {
      best[v] = _mm256_set1_pd(__builtin_inf());
      second[v] = best[v];
    }
    for (size_t c = 0; c < m; c++) {
      const double *centroid = centroids + candidate[c] * dims;
      uint64_t won = 0;
      UNROLL
      for (size_t v = 0; v < 4; v++) {
        __m256d squared = squared_distance(block, dims, i + 4 * v, centroid);
        won |= (uint64_t)won_by(squared, best[v]) << (4 * v);
        second[v] = _mm256_min_pd(second[v], _mm256_max_pd(squared, best[v]));
        best[v] = _mm256_min_pd(squared, best[v]);
      }
      owned[c] |= won << i;
    }
    UNROLL
    for (size_t v = 0; v < 4; v++) {
      _mm256_storeu_pd(distance + i + 4 * v, best[v]);
      smallest = _mm256_min_pd(smallest, best[v]);
      least_gap = _mm256_min_pd(least_gap, _mm256_sub_pd(second[v], best[v]));
      furthest = _mm256_max_pd(furthest, second[v]);
    }
  }
  km_settle_owners(owned, m);
  return (km_nearness){smallest_lane(smallest), smallest_lane(least_gap), largest_lane(furthest)};
}

TARGET static km_nearness nearest(const double *block, size_t dims, const double *centroids,
                                  const uint32_t *candidate, size_t m, uint64_t *owned,
                                  double *distance) {
  switch (dims) {
  case 1:
    return nearest_dims(block, 1, centroids, candidate, m, owned, distance);
  case 2:
    return nearest_dims(block, 2, centroids, candidate, m, owned, distance);
  case 3:
    return nearest_dims(block, 3, centroids, candidate, m, owned, distance);
  case 4:
    return nearest_dims(block, 4, centroids, candidate, m, owned, distance);
  default:
    return nearest_dims(block, KM_BLOCK_MAX_DIMS, centroids, candidate, m, owned, distance);
  }
}

TARGET static uint64_t match(const uint16_t *labels, uint16_t label) {
  __m256i wanted = _mm256_set1_epi16((short)label);
  uint64_t bits = 0;
  for (size_t i = 0; i < KM_BLOCK; i += 32) {
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(labels + i));
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(labels + i + 16));
    __m256i equal =
        _mm256_packs_epi16(_mm256_cmpeq_epi16(a, wanted), _mm256_cmpeq_epi16(b, wanted));
    equal = _mm256_permute4x64_epi64(equal, 0xD8);
    bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(equal) << i;
  }
  return bits;
}

/* km_sum_add, lane by lane. */
INLINE void sum_add(__m256d *high, __m256d *low, __m256d term) {
  __m256d sum = _mm256_add_pd(*high, term);
  __m256d part = _mm256_sub_pd(sum, *high);
  __m256d lost =
      _mm256_add_pd(_mm256_sub_pd(*high, _mm256_sub_pd(sum, part)), _mm256_sub_pd(term, part));
  *low = _mm256_add_pd(*low, lost);
  *high = sum;
}

TARGET static km_sum total(const double *value, double *maximum) {
  __m256d h[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
  __m256d l[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
  double highs[KM_LANES];
  double lows[KM_LANES];
  __m256d largest = _mm256_setzero_pd();
  for (size_t i = 0; i < KM_BLOCK; i += KM_LANES) {
    UNROLL
    for (size_t v = 0; v < 2; v++) {
      __m256d term = _mm256_loadu_pd(value + i + 4 * v);
      sum_add(&h[v], &l[v], term);
      largest = _mm256_max_pd(largest, term);
    }
  }
  *maximum = largest_lane(largest);
  UNROLL
  for (size_t v = 0; v < 2; v++) {
    _mm256_storeu_pd(highs + 4 * v, h[v]);
    _mm256_storeu_pd(lows + 4 * v, l[v]);
  }
  return km_lanes_merge(highs, lows);
}

INLINE double gain_dims(const double *block, size_t dims, const double *point,
                        const double *closest) {
  __m256d zero = _mm256_setzero_pd();
  __m256d sum[2] = {zero, zero};
  double lane[KM_LANES];
  for (size_t i = 0; i < KM_BLOCK; i += KM_LANES) {
    UNROLL
    for (size_t v = 0; v < 2; v++) {
      __m256d squared = squared_distance(block, dims, i + 4 * v, point);
      __m256d less = _mm256_sub_pd(_mm256_loadu_pd(closest + i + 4 * v), squared);
      sum[v] = _mm256_add_pd(sum[v], _mm256_max_pd(less, zero));
    }
  }
  _mm256_storeu_pd(lane, sum[0]);
  _mm256_storeu_pd(lane + 4, sum[1]);
  return km_lanes_sum(lane);
}

TARGET static double gain(const double *block, size_t dims, const double *point,
                          const double *closest) {
  switch (dims) {
  case 1:
    return gain_dims(block, 1, point, closest);
  case 2:
    return gain_dims(block, 2, point, closest);
  case 3:
    return gain_dims(block, 3, point, closest);
  case 4:
    return gain_dims(block, 4, point, closest);
  default:
    return gain_dims(block, KM_BLOCK_MAX_DIMS, point, closest);
  }
}

INLINE double lower_dims(const double *block, size_t dims, const double *point, double *closest,
                         double *maximum) {
  __m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
  __m256d largest = _mm256_setzero_pd();
  double lane[KM_LANES];
  for (size_t i = 0; i < KM_BLOCK; i += KM_LANES) {
    UNROLL
    for (size_t v = 0; v < 2; v++) {
      __m256d squared = squared_distance(block, dims, i + 4 * v, point);
      __m256d now = _mm256_min_pd(squared, _mm256_loadu_pd(closest + i + 4 * v));
      _mm256_storeu_pd(closest + i + 4 * v, now);
      sum[v] = _mm256_add_pd(sum[v], now);
      largest = _mm256_max_pd(largest, now);
    }
  }
  _mm256_storeu_pd(lane, sum[0]);
  _mm256_storeu_pd(lane + 4, sum[1]);
  *maximum = largest_lane(largest);
  return km_lanes_sum(lane);
}

TARGET static double lower(const double *block, size_t dims, const double *point, double *closest,
                           double *maximum) {
  switch (dims) {
  case 1:
    return lower_dims(block, 1, point, closest, maximum);
  case 2:
    return lower_dims(block, 2, point, closest, maximum);
  case 3:
    return lower_dims(block, 3, point, closest, maximum);
  case 4:
    return lower_dims(block, 4, point, closest, maximum);
  default:
    return lower_dims(block, KM_BLOCK_MAX_DIMS, point, closest, maximum);
  }
}

const km_block_kernels km_block_kernels_avx2 = {
    .name = "avx2",
    .nearest = nearest,
    .match = match,
    .total = total,
    .gain = gain,
    .lower = lower,
};

#else

typedef int km_no_avx2; /* a file must declare something */

#endif
