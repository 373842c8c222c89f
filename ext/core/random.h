/* Pseudo-random numbers: xoshiro256** (Blackman & Vigna 2018) seeded by splitmix64, so that every
** seed, 0 included, gives a good stream, the same on every machine. */
#ifndef KM_CORE_RANDOM_H
#define KM_CORE_RANDOM_H

#include <stdint.h>

#include "core/hooks.h"

typedef struct km_random {
  uint64_t state[4];
} km_random;

static inline KM_WRAPS void km_random_seed(km_random *random, uint64_t seed) {
  for (int i = 0; i < 4; i++) {
    uint64_t z = (seed += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    random->state[i] = z ^ z >> 31;
  }
}

static inline KM_WRAPS uint64_t km_random_next(km_random *random) {
  uint64_t *s = random->state;
  uint64_t x = s[1] * 5;
  uint64_t result = (x << 7 | x >> 57) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = s[3] << 45 | s[3] >> 19;
  return result;
}

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double km_random_unit(km_random *random) {
  return (double)(km_random_next(random) >> 11) * 0x1p-53;
}

/* Uniform in 0 .. bound-1, without bias; bound > 0. */
static inline uint64_t km_random_below(km_random *random, uint64_t bound) {
  uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value;
  do {
    value = km_random_next(random);
  } while (value >= limit);
  return value % bound;
}

#endif
