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
  return (vgetq_lane_u64(mask, 0) | vgetq_lane_u64(mask, 1)) != 0;
}
#include "simd/exact_template.inc"

/* 8 points by 8 centroids: 16 sums in the 32 registers. */
#define four_fma(a, b, c) vfmaq_f32(c, a, b)
#include "simd/eight_pair.inc"
#define TILE_CENTROIDS 8
#include "simd/fast_template.inc"

const km_kernels km_kernels_neon = {
    .name = "neon",
    EXACT_KERNELS,
    FAST_KERNELS,
    .block = &km_block_kernels_scalar,
};
#else
typedef int km_no_neon; /* an empty file is not C */
#endif
