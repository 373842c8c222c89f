/* NEON: every AArch64 processor. */
#include "simd/levels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>

typedef float64x2_t vd;
#define DOUBLES 2
#define POINTS 4
#define vd_load vld1q_f64
#define vd_store vst1q_f64
#define vd_set1 vdupq_n_f64
#define vd_add vaddq_f64
#define vd_sub vsubq_f64
#define vd_mul vmulq_f64
#define vd_max vmaxq_f64
#define vd_other_sub vsubq_f64
#define vd_sqrt vsqrtq_f64

static inline int vd_less(vd a, vd b) {
  uint64x2_t mask = vcltq_f64(a, b);
  return (int)((vgetq_lane_u64(mask, 0) & 1) | (vgetq_lane_u64(mask, 1) & 2));
}

static inline void vd_turn(vd r[2]) {
  vd first = vzip1q_f64(r[0], r[1]);
  r[1] = vzip2q_f64(r[0], r[1]);
  r[0] = first;
}
#include "simd/exact_template.inc"

#define vd_min vminq_f64
static uint64_t block_match(const uint16_t *labels, uint16_t label) {
  static const uint8_t bit[8] = {1, 2, 4, 8, 16, 32, 64, 128};
  uint64_t bits = 0;
  for (size_t i = 0; i < KM_BLOCK; i += 8) {
    uint8x8_t equal = vmovn_u16(vceqq_u16(vld1q_u16(labels + i), vdupq_n_u16(label)));
    bits |= (uint64_t)vaddv_u8(vand_u8(equal, vld1_u8(bit))) << i;
  }
  return bits;
}
#include "simd/block_template.inc"

/* 8 points by 8 centroids: 16 sums in the 32 registers. */
#define four_fma(a, b, c) vfmaq_f32(c, a, b)
#include "simd/eight_pair.inc"
#define TILE_CENTROIDS 8
#include "simd/fast_template.inc"

static const km_block_kernels block_kernels = BLOCK_KERNELS;

const km_kernels km_kernels_neon = {
    .name = "neon",
    EXACT_KERNELS,
    FAST_KERNELS,
    .block = &block_kernels,
};
#else
typedef int km_no_neon; /* an empty file is not C */
#endif
