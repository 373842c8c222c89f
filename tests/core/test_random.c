/* Random numbers: the published generator, the same on every machine, without bias. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/random.h"

/* xoshiro256** from the state {1, 2, 3, 4}: the first outputs of the authors' C code. */
static void is_xoshiro256_star_star(void **state) {
  (void)state;
  static const uint64_t expected[] = {
      11520u,
      0u,
      1509978240u,
      1215971899390074240u,
      1216172134540287360u,
      607988272756665600u,
      16172922978634559625u,
      8476171486693032832u,
      10595114339597558777u,
      2904607092377533576u,
  };
  km_random random = {{1, 2, 3, 4}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    assert_true(km_random_next(&random) == expected[i]);
  }
}

/* splitmix64 from 1234567: the first outputs of the authors' C code. */
static void is_seeded_by_splitmix64(void **state) {
  (void)state;
  km_random random;
  km_random_seed(&random, 1234567);
  assert_true(random.state[0] == 6457827717110365317u);
  assert_true(random.state[1] == 3203168211198807973u);
  assert_true(random.state[2] == 9817491932198370423u);
  assert_true(random.state[3] == 4593380528125082431u);
}

static void every_seed_is_good(void **state) {
  (void)state;
  static const uint64_t seeds[] = {
      0, 1, 2, UINT64_MAX, UINT64_MAX - 1, 0x9E3779B97F4A7C15u, 0u - 0x9E3779B97F4A7C15u};
  for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
    km_random random;
    size_t ones = 0;
    km_random_seed(&random, seeds[s]);
    for (size_t i = 0; i < 1000; i++) {
      for (uint64_t bits = km_random_next(&random); bits != 0; bits &= bits - 1) {
        ones++;
      }
    }
    /* 64,000 fair bits: mean 32,000, standard deviation 126. */
    assert_in_range(ones, 31300, 32700);
  }
}

static void units_fill_the_interval(void **state) {
  (void)state;
  km_random random;
  size_t bucket[100] = {0};
  km_random_seed(&random, 0);
  for (size_t i = 0; i < 1000000; i++) {
    double unit = km_random_unit(&random);
    assert_true(unit >= 0 && unit < 1);
    assert_true(unit * 0x1p53 == (double)(uint64_t)(unit * 0x1p53));
    bucket[(size_t)(unit * 100)]++;
  }
  /* Mean 10,000, standard deviation 99.5. */
  for (size_t b = 0; b < 100; b++) {
    assert_in_range(bucket[b], 9400, 10600);
  }
}

static void below_has_no_bias(void **state) {
  (void)state;
  km_random random;
  km_random_seed(&random, 0);
  for (uint64_t bound = 1; bound <= 12; bound++) {
    size_t bucket[12] = {0};
    for (size_t i = 0; i < 12000 * bound; i++) {
      uint64_t value = km_random_below(&random, bound);
      assert_true(value < bound);
      bucket[value]++;
    }
    for (uint64_t b = 0; b < bound; b++) {
      assert_in_range(bucket[b], 11300, 12700);
    }
  }
}

/* With three quarters of 2^64 as bound, taking the remainder of any number would draw from the first
** third twice as often. */
static void below_has_no_bias_for_large_bounds(void **state) {
  (void)state;
  km_random random;
  uint64_t bound = 3 * ((uint64_t)1 << 62);
  size_t third[3] = {0};
  km_random_seed(&random, 0);
  for (size_t i = 0; i < 60000; i++) {
    uint64_t value = km_random_below(&random, bound);
    assert_true(value < bound);
    third[value >> 62]++;
  }
  for (size_t t = 0; t < 3; t++) {
    assert_in_range(third[t], 19300, 20700);
  }
  assert_true(km_random_below(&random, UINT64_MAX) < UINT64_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_xoshiro256_star_star),
      cmocka_unit_test(is_seeded_by_splitmix64),
      cmocka_unit_test(every_seed_is_good),
      cmocka_unit_test(units_fill_the_interval),
      cmocka_unit_test(below_has_no_bias),
      cmocka_unit_test(below_has_no_bias_for_large_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
