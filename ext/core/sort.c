#include "core/sort.h"

#include <string.h>

/* A double's 64 bits in 6 digits of 11 bits: the counts of all digits fit in the second-level
** cache, and one pass over the values finds them all. A digit that all values share costs nothing.
** */
#define DIGIT_BITS 11
#define DIGITS 6
#define BUCKETS ((size_t)1 << DIGIT_BITS)

/* A number whose order as an unsigned integer is the order of the doubles: negative ones have all
** bits flipped, the others the sign bit. */
static uint64_t key_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

static size_t digit_of(double value, unsigned digit) {
  return (size_t)(key_of(value) >> (digit * DIGIT_BITS)) & (BUCKETS - 1);
}

/* Counts every digit of every value: counts[digit * BUCKETS + d]. */
static km_status count_digits(km_chunks *values, km_hooks *hooks, size_t *counts) {
  km_status status = KM_OK;
  memset(counts, 0, DIGITS * BUCKETS * sizeof *counts);
  for (size_t i = 0; i < values->count && status == KM_OK; i++) {
    double *value = km_chunks_at(values, i);
    *value += 0.0; /* -0.0 becomes 0.0 */
    for (unsigned digit = 0; digit < DIGITS; digit++) {
      counts[digit * BUCKETS + digit_of(*value, digit)]++;
    }
    status = km_tick(hooks, DIGITS);
  }
  return status;
}

/* Turns counts into the places where each bucket begins; returns 1 if one bucket has all values. */
static int begin_buckets(size_t *counts, size_t total) {
  size_t begin = 0;
  for (size_t d = 0; d < BUCKETS; d++) {
    size_t count = counts[d];
    if (count == total) {
      return 1;
    }
    counts[d] = begin;
    begin += count;
  }
  return 0;
}

static km_status distribute(const km_chunks *from, km_chunks *to, km_hooks *hooks, unsigned digit,
                            size_t *next) {
  km_status status = KM_OK;
  for (size_t i = 0; i < from->count && status == KM_OK; i++) {
    double value = *(const double *)km_chunks_at(from, i);
    double *place = km_chunks_at(to, next[digit_of(value, digit)]++);
    place[0] = value;
    if (from->item_bytes > sizeof(double)) {
      place[1] = ((const double *)km_chunks_at(from, i))[1];
    }
    status = km_tick(hooks, 2);
  }
  return status;
}

km_status km_sort_doubles(km_chunks *values, km_hooks *hooks) {
  km_chunks other;
  km_status status = KM_NOMEM;
  size_t *counts = km_allocate(hooks, DIGITS * BUCKETS, sizeof *counts);
  km_chunks_init(&other, values->item_bytes);
  if (counts && km_chunks_fill(&other, hooks, values->count) == KM_OK) {
    status = count_digits(values, hooks, counts);
  }
  for (unsigned digit = 0; digit < DIGITS && status == KM_OK; digit++) {
    if (!begin_buckets(counts + digit * BUCKETS, values->count)) {
      status = distribute(values, &other, hooks, digit, counts + digit * BUCKETS);
      km_chunks sorted = other;
      other = *values;
      *values = sorted;
    }
  }
  km_chunks_clear(&other, hooks);
  km_release(hooks, counts);
  return status;
}

typedef struct km_heap {
  uint32_t *numbers; /* the first comes last */
  int (*before)(const void *context, uint32_t a, uint32_t b);
  const void *context;
} km_heap;

/* Lets the number at `at` sink to its place in the heap of the first `count`. */
static void sink(const km_heap *heap, size_t at, size_t count) {
  uint32_t *numbers = heap->numbers;
  uint32_t number = numbers[at];
  size_t child;
  while ((child = 2 * at + 1) < count) {
    child += child + 1 < count && heap->before(heap->context, numbers[child], numbers[child + 1]);
    if (!heap->before(heap->context, number, numbers[child])) {
      break;
    }
    numbers[at] = numbers[child];
    at = child;
  }
  numbers[at] = number;
}

void km_sort_numbers(uint32_t *numbers, size_t count,
                     int (*before)(const void *context, uint32_t a, uint32_t b),
                     const void *context) {
  km_heap heap = {numbers, before, context};
  for (size_t at = count / 2; at > 0; at--) {
    sink(&heap, at - 1, count);
  }
  for (size_t left = count; left > 1; left--) {
    uint32_t last = numbers[0];
    numbers[0] = numbers[left - 1];
    numbers[left - 1] = last;
    sink(&heap, 0, left - 1);
  }
}
