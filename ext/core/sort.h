/* Sorting numbers. */
#ifndef KM_CORE_SORT_H
#define KM_CORE_SORT_H

#include "core/chunks.h"

/* Sorts an array of doubles, or of pairs of doubles by the first, none of them NaN, in ascending order: a radix sort, least significant
** digit first, stable and without comparisons. -0.0 becomes 0.0. Takes as much memory again while
** it works; `values` owns what it holds before and after, whatever the status. */
km_status km_sort_doubles(km_chunks *values, km_hooks *hooks);

#endif
