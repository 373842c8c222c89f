/* The canonical order of centroids. */
#ifndef KM_CORE_ORDER_H
#define KM_CORE_ORDER_H

#include "core/hooks.h"

/* Sorts k rows of dims doubles by their first column, then the second, and so on. Needs room for a
** copy of the rows. */
km_status km_sort_rows(double *rows, size_t k, size_t dims, km_hooks *hooks);

#endif
