/* The points: count rows of dims doubles each, row-major, in chunks. */
#ifndef KM_CORE_DATASET_H
#define KM_CORE_DATASET_H

#include "core/chunks.h"

typedef struct km_dataset {
  size_t dims;
  km_chunks rows; /* rows.count points; an item is one row of dims doubles */
} km_dataset;

/* The largest magnitude of a coordinate that a dataset may hold: the host refuses more. */
#define KM_MAX_COORDINATE 1e300

/* An empty dataset of dims >= 1 columns; allocates nothing. */
void km_dataset_init(km_dataset *data, size_t dims);
void km_dataset_clear(km_dataset *data, km_hooks *hooks);

/* Row i: dims doubles, valid until the next push or pop. */
static inline const double *km_dataset_row(const km_dataset *data, size_t i) {
  return km_chunks_at(&data->rows, i);
}

/* The largest magnitude among all coordinates; 0 without rows. */
km_status km_dataset_max_abs(const km_dataset *data, km_hooks *hooks, double *max_abs);

/* Counts distinct rows, exactly, and stops at `limit`: *distinct = min(limit, distinct rows). */
km_status km_dataset_distinct(const km_dataset *data, km_hooks *hooks, size_t limit,
                              size_t *distinct);

/* The mean over the columns of their population variance, each coordinate times unit: what
** scikit-learn multiplies `tol` with. There is at least one row. */
km_status km_dataset_mean_variance(const km_dataset *data, km_hooks *hooks, double unit,
                                   double *mean_variance);

#endif
