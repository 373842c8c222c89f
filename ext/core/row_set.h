/* A set of rows of a dataset by value: an open hash table of their numbers. 0.0 and -0.0 are equal.
**
** Rows that are multiples of each other have one direction, though dividing them by their lengths can
** leave them an ulp apart. By their ratios, each coordinate over the largest, they are equal: the quotient
** of two coordinates is the same number whatever both were multiplied by, and is rounded once. */
#ifndef KM_CORE_ROW_SET_H
#define KM_CORE_ROW_SET_H

#include "core/dataset.h"

typedef struct km_row_set {
  const km_dataset *data;
  size_t *slot; /* row numbers plus 1; 0: free */
  size_t slots; /* a power of two, at least twice the rows it may hold */
  int ratios;   /* rows are compared by their ratios, before they are divided by their lengths; 0 at
                    first */
  double *added; /* room for the row that is added, and for one in the set */
  double *held;
} km_row_set;

/* An empty set for up to max_rows rows of data, which must outlive it: at most 32 bytes each. After a
** failure km_row_set_clear is still due. */
km_status km_row_set_init(km_row_set *set, km_hooks *hooks, size_t max_rows,
                          const km_dataset *data);
void km_row_set_clear(km_row_set *set, km_hooks *hooks);

/* Adds row i; returns 0 when an equal one was there. */
int km_row_set_add(km_row_set *set, size_t i);

/* True when two rows have equal coordinates. */
int km_rows_equal(const double *a, const double *b, size_t dims);

#endif
