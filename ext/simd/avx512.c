/* AVX-512 (F, VL, DQ). */
#include "simd/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

KM_TARGET_BEGIN("avx512f,avx512vl,avx512dq,avx2,fma,popcnt")
typedef __m512d vd;
#define DOUBLES 8
#define POINTS 8
#define vd_load _mm512_loadu_pd
#define vd_store _mm512_storeu_pd
#define vd_set1 _mm512_set1_pd
#define vd_add _mm512_add_pd
#define vd_sub _mm512_sub_pd
#define vd_mul _mm512_mul_pd
#define vd_max _mm512_max_pd
/* Processors that add in some units and multiply in others have twice as many additions as products to do
** here: x * 1 - y is the same difference, rounded once. */
#define vd_other_sub(a, b) _mm512_fmsub_pd(a, _mm512_set1_pd(1), b)
#define vd_sqrt _mm512_sqrt_pd
#define vd_less(a, b) _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)

/* Pairs of rows interleaved, then quarters sorted twice: the first time even columns come before odd ones. */
static inline __attribute__((always_inline)) void vd_turn(vd r[8]) {
  vd pair[8];
  vd part[8];
  KM_UNROLL
  for (size_t i = 0; i < 4; i++) {
    pair[i] = _mm512_unpacklo_pd(r[2 * i], r[2 * i + 1]);
    pair[i + 4] = _mm512_unpackhi_pd(r[2 * i], r[2 * i + 1]);
  }
  KM_UNROLL
  for (size_t i = 0; i < 4; i++) {
    part[i] = _mm512_shuffle_f64x2(pair[2 * i], pair[2 * i + 1], 0x88);
    part[i + 4] = _mm512_shuffle_f64x2(pair[2 * i], pair[2 * i + 1], 0xDD);
  }
  KM_UNROLL
  for (size_t odd = 0; odd < 2; odd++) {
    r[odd] = _mm512_shuffle_f64x2(part[2 * odd], part[2 * odd + 1], 0x88);
    r[odd + 4] = _mm512_shuffle_f64x2(part[2 * odd], part[2 * odd + 1], 0xDD);
    r[odd + 2] = _mm512_shuffle_f64x2(part[2 * odd + 4], part[2 * odd + 5], 0x88);
    r[odd + 6] = _mm512_shuffle_f64x2(part[2 * odd + 4], part[2 * odd + 5], 0xDD);
  }
}
#include "simd/exact_template.inc"

/* 48 points by 8 centroids: 24 sums, 3 points and 1 centroid in the 32 registers. */
#include "simd/eight_x86.inc"

static inline v8 v8_narrow(const double *row, const double *mean, double scale) {
  __m512d difference = _mm512_sub_pd(_mm512_loadu_pd(row), _mm512_loadu_pd(mean));
  return _mm512_cvtpd_ps(_mm512_mul_pd(difference, _mm512_set1_pd(scale)));
}

static inline v8 v8_narrow_part(const double *row, const double *mean, double scale, size_t count) {
  __mmask8 few = (__mmask8)((1U << count) - 1);
  __m512d difference =
      _mm512_sub_pd(_mm512_maskz_loadu_pd(few, row), _mm512_maskz_loadu_pd(few, mean));
  return _mm512_cvtpd_ps(_mm512_mul_pd(difference, _mm512_set1_pd(scale)));
}

/* Few floats are kept in two registers, where a permutation finds eight. */
#define V8_TABLE
#define FEW 32
typedef struct v8_table {
  const float *from;
  size_t count;
  __m512 low;
  __m512 high;
} v8_table;

static inline v8_table v8_table_of(const float *from, size_t count) {
  uint32_t there = count < FEW ? ((uint32_t)1 << count) - 1 : UINT32_MAX;
  size_t half = count > FEW / 2 ? FEW / 2 : 0; /* nothing is read there then */
  return (v8_table){from, count, _mm512_maskz_loadu_ps((__mmask16)there, from),
                    _mm512_maskz_loadu_ps((__mmask16)(there >> 16), from + half)};
}

static inline v8 v8_look_up(const v8_table *table, const uint32_t *index) {
  if (table->count > FEW) {
    return v8_gather(table->from, index);
  }
  __m256i at = _mm256_loadu_si256((const __m256i *)(const void *)index);
  return _mm512_castps512_ps256(
      _mm512_permutex2var_ps(table->low, _mm512_castsi256_si512(at), table->high));
}

#define V8_LIST
static inline size_t v8_list(unsigned bits, uint32_t first, uint32_t *to) {
  __m256i number =
      _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32((int)first));
  _mm256_storeu_si256((__m256i *)(void *)to, _mm256_maskz_compress_epi32((__mmask8)bits, number));
  return (size_t)__builtin_popcount(bits);
}

typedef __m512 vt;
#define TILE_FLOATS 16
#define TILE_VECTORS 3
#define TILE_CENTROIDS 8
#define vt_load _mm512_loadu_ps
#define vt_store _mm512_storeu_ps
#define vt_set1 _mm512_set1_ps
#define vt_fma _mm512_fmadd_ps
#define vt_max _mm512_max_ps
#define vt_min _mm512_min_ps

static inline vt vt_pick(vt a, vt b, vt x, vt y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), y, x);
}

static inline vt vt_rows(const float *from, size_t apart) {
  vt rows = _mm512_castps128_ps512(_mm_loadu_ps(from));
  rows = _mm512_insertf32x4(rows, _mm_loadu_ps(from + apart), 1);
  rows = _mm512_insertf32x4(rows, _mm_loadu_ps(from + 2 * apart), 2);
  return _mm512_insertf32x4(rows, _mm_loadu_ps(from + 3 * apart), 3);
}

static inline __attribute__((always_inline)) void vt_turn(vt r[4]) {
  vt a = _mm512_unpacklo_ps(r[0], r[1]);
  vt b = _mm512_unpackhi_ps(r[0], r[1]);
  vt c = _mm512_unpacklo_ps(r[2], r[3]);
  vt d = _mm512_unpackhi_ps(r[2], r[3]);
  r[0] = _mm512_shuffle_ps(a, c, 0x44);
  r[1] = _mm512_shuffle_ps(a, c, 0xEE);
  r[2] = _mm512_shuffle_ps(b, d, 0x44);
  r[3] = _mm512_shuffle_ps(b, d, 0xEE);
}
#include "simd/fast_template.inc"
KM_TARGET_END

const km_kernels km_kernels_avx512 = {
    .name = "avx512",
    EXACT_KERNELS,
    FAST_KERNELS,
    .block = &km_block_kernels_avx2, /* with 8 lanes two columns gain 3%, four lose 13% */
};
#else
typedef int km_no_avx512; /* an empty file is not C */
#endif
