/* What is promised of a random case. */
#ifndef KM_TESTS_PROMISE_H
#define KM_TESTS_PROMISE_H

#include <inttypes.h>

/* Fails, with the variable `seed` that the case was made from, unless the condition holds. After cmocka. */
#define PROMISE(condition)                                                                         \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fail_msg("seed %" PRIu64 ": %s", seed, #condition);                                          \
    }                                                                                              \
  } while (0)

#endif
