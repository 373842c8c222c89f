/* AVX2 and FMA: x86 processors since 2013. */
#include "simd/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

/* With -ffp-contract=off no compiler fuses what must be rounded twice. */
KM_TARGET_BEGIN("avx2,fma")
typedef __m256d vd;
#define DOUBLES 4
#define POINTS 4
#define vd_load _mm256_loadu_pd
#define vd_store _mm256_storeu_pd
#define vd_set1 _mm256_set1_pd
#define vd_add _mm256_add_pd
#define vd_sub _mm256_sub_pd
#define vd_mul _mm256_mul_pd
#define vd_max _mm256_max_pd
#define vd_other_sub(a, b) _mm256_fmsub_pd(a, _mm256_set1_pd(1), b) /* see avx512.c */
#define vd_sqrt _mm256_sqrt_pd
#define vd_less(a, b) _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ))

static inline __attribute__((always_inline)) void vd_turn(vd r[4]) {
  vd a = _mm256_unpacklo_pd(r[0], r[1]);
  vd b = _mm256_unpackhi_pd(r[0], r[1]);
  vd c = _mm256_unpacklo_pd(r[2], r[3]);
  vd d = _mm256_unpackhi_pd(r[2], r[3]);
  r[0] = _mm256_permute2f128_pd(a, c, 0x20);
  r[1] = _mm256_permute2f128_pd(b, d, 0x20);
  r[2] = _mm256_permute2f128_pd(a, c, 0x31);
  r[3] = _mm256_permute2f128_pd(b, d, 0x31);
}
#include "simd/exact_template.inc"

#define vd_min _mm256_min_pd
static uint64_t block_match(const uint16_t *labels, uint16_t label) {
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
#include "simd/block_template.inc"
KM_TARGET_END

/* 24 points by 4 centroids: 12 sums, 3 points and 1 centroid in the 16 registers. */
KM_TARGET_BEGIN("avx2,fma")
#include "simd/eight_x86.inc"

static inline v8 v8_narrow(const double *row, const double *mean, double scale) {
  __m256d by = _mm256_set1_pd(scale);
  __m256d low = _mm256_sub_pd(_mm256_loadu_pd(row), _mm256_loadu_pd(mean));
  __m256d high = _mm256_sub_pd(_mm256_loadu_pd(row + 4), _mm256_loadu_pd(mean + 4));
  return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_mul_pd(high, by)),
                         _mm256_cvtpd_ps(_mm256_mul_pd(low, by)));
}

static inline v8 v8_narrow_part(const double *row, const double *mean, double scale, size_t count) {
  static const int64_t on[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  size_t half = count > 4 ? 4 : 0; /* nothing is read there then */
  __m256i few = _mm256_loadu_si256((const __m256i *)(const void *)(on + 8 - count));
  __m256i more = _mm256_loadu_si256((const __m256i *)(const void *)(on + 12 - count));
  __m256d by = _mm256_set1_pd(scale);
  __m256d low = _mm256_sub_pd(_mm256_maskload_pd(row, few), _mm256_maskload_pd(mean, few));
  __m256d high =
      _mm256_sub_pd(_mm256_maskload_pd(row + half, more), _mm256_maskload_pd(mean + half, more));
  return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_mul_pd(high, by)),
                         _mm256_cvtpd_ps(_mm256_mul_pd(low, by)));
}

typedef v8 vt;
#define TILE_FLOATS 8
#define TILE_VECTORS 3
#define TILE_CENTROIDS 4
#define vt_load v8_load
#define vt_store v8_store
#define vt_set1 v8_set1
#define vt_fma v8_fma
#define vt_max v8_max
#define vt_min v8_min
#define vt_pick v8_pick

static inline vt vt_rows(const float *from, size_t apart) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)),
                              _mm_loadu_ps(from + apart), 1);
}

static inline __attribute__((always_inline)) void vt_turn(vt r[4]) {
  vt a = _mm256_unpacklo_ps(r[0], r[1]);
  vt b = _mm256_unpackhi_ps(r[0], r[1]);
  vt c = _mm256_unpacklo_ps(r[2], r[3]);
  vt d = _mm256_unpackhi_ps(r[2], r[3]);
  r[0] = _mm256_shuffle_ps(a, c, 0x44);
  r[1] = _mm256_shuffle_ps(a, c, 0xEE);
  r[2] = _mm256_shuffle_ps(b, d, 0x44);
  r[3] = _mm256_shuffle_ps(b, d, 0xEE);
}
#include "simd/fast_template.inc"
KM_TARGET_END

const km_block_kernels km_block_kernels_avx2 = BLOCK_KERNELS;

const km_kernels km_kernels_avx2 = {
    .name = "avx2",
    EXACT_KERNELS,
    FAST_KERNELS,
    .block = &km_block_kernels_avx2,
};
#else
typedef int km_no_avx2; /* an empty file is not C */
#endif
