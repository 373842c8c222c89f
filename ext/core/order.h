/* The canonical order of centroids. */
#ifndef KM_CORE_ORDER_H
#define KM_CORE_ORDER_H

#include <stdint.h>

#include "core/hooks.h"

/* Sorts k rows of dims doubles by their first column, then the second, and so on. `numbers`, one per row
** or NULL, move with the rows. Needs room for a copy of all. */
km_status km_sort_rows(double *rows, size_t k, size_t dims, uint32_t *numbers, km_hooks *hooks);

#endif
