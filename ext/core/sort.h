/* Sorting. */
#ifndef KM_CORE_SORT_H
#define KM_CORE_SORT_H

#include <stdint.h>

#include "core/chunks.h"

/* Sorts an array of doubles, or of pairs of doubles by the first, none of them NaN, in ascending order: a radix sort, least significant
** digit first, stable and without comparisons. -0.0 becomes 0.0. Takes as much memory again while
** it works; `values` owns what it holds before and after, whatever the status. */
km_status km_sort_doubles(km_chunks *values, km_hooks *hooks);

/* Sorts `count` numbers, of whatever they stand for, so that none comes before the one in front of it:
** a heapsort (Williams 1964), in place, since qsort may take memory of its own. `before` says whether a
** comes before b; where neither does, their order is any. */
void km_sort_numbers(uint32_t *numbers, size_t count,
                     int (*before)(const void *context, uint32_t a, uint32_t b),
                     const void *context);

#endif
