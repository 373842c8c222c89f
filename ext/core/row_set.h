/* A set of rows by value: an open hash table of borrowed row pointers. 0.0 and -0.0 are equal. */
#ifndef KM_CORE_ROW_SET_H
#define KM_CORE_ROW_SET_H

#include "core/hooks.h"

typedef struct km_row_set {
  const double **slot;
  size_t slots; /* a power of two, at least twice the rows it may hold */
  size_t dims;
} km_row_set;

/* An empty set for up to max_rows rows: at most 32 bytes each. */
km_status km_row_set_init(km_row_set *set, km_hooks *hooks, size_t max_rows, size_t dims);
void km_row_set_clear(km_row_set *set, km_hooks *hooks);

/* Adds a row, which must outlive the set; returns 0 when an equal one was there. */
int km_row_set_add(km_row_set *set, const double *row);

/* True when two rows have equal coordinates. */
int km_rows_equal(const double *a, const double *b, size_t dims);

#endif
