/* AVX-512 (F, VL, DQ). */
#include "simd/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

KM_TARGET_BEGIN("avx512f,avx512vl,avx512dq,avx2,fma")
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
#include "simd/exact_template.inc"

/* 48 points by 8 centroids: 24 sums, 3 points and 1 centroid in the 32 registers. */
#include "simd/eight_x86.inc"
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
