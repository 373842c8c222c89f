#include "simd/levels.h"

#include <string.h>

/* Every table that this processor can run, the fastest first. */
static const km_kernels *available(size_t i) {
  const km_kernels *table[3];
  size_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("popcnt")) {
    table[count++] = &km_kernels_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    table[count++] = &km_kernels_avx2;
  }
#elif defined(__aarch64__)
  table[count++] = &km_kernels_neon;
#endif
  table[count++] = &km_kernels_scalar;
  return i < count ? table[i] : NULL;
}

const km_kernels *km_kernels_best(void) {
  return available(0);
}

const km_kernels *km_kernels_named(const char *name) {
  const km_kernels *table = NULL;
  for (size_t i = 0; (table = available(i)) != NULL; i++) {
    if (strcmp(table->name, name) == 0) {
      break;
    }
  }
  return table;
}
