/* What the kernel files share: regions of code for one instruction set, without a compiler flag that
** would let those instructions into the rest of the program. */
#ifndef KM_SIMD_LEVELS_H
#define KM_SIMD_LEVELS_H

#include "simd/kernels.h"

#define KM_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define KM_TARGET_BEGIN(names)                                                                     \
  KM_PRAGMA(clang attribute push(__attribute__((target(names))), apply_to = function))
#define KM_TARGET_END KM_PRAGMA(clang attribute pop)
#define KM_UNROLL KM_PRAGMA(clang loop unroll(full))
#else
#define KM_TARGET_BEGIN(names) KM_PRAGMA(GCC push_options) KM_PRAGMA(GCC target(names))
#define KM_TARGET_END KM_PRAGMA(GCC pop_options)
#define KM_UNROLL KM_PRAGMA(GCC unroll 32)
#endif

#if defined(__x86_64__)
extern const km_kernels km_kernels_avx2;
extern const km_kernels km_kernels_avx512;
extern const km_block_kernels km_block_kernels_avx2;
#elif defined(__aarch64__)
extern const km_kernels km_kernels_neon;
#endif

#endif
