/* Quantiles of one column. */
#ifndef KM_CORE_QUANTILES_H
#define KM_CORE_QUANTILES_H

#include "core/weights.h"

typedef struct km_quantiles {
  km_chunks values; /* sorted: a double each; with weights, and behind it the sum of them so far */
  int weighted;
  double total; /* of all weights */
} km_quantiles;

/* Sorts the values of a column, none of them NaN; there is at least one row. weights, or NULL, are the
** data's and not all 0. On any status km_quantiles_clear is due. */
km_status km_quantiles_init(km_quantiles *quantiles, const km_dataset *data, km_hooks *hooks,
                            const km_weights *weights, size_t column);
void km_quantiles_clear(km_quantiles *quantiles, km_hooks *hooks);

/* The quantile as numpy takes it by default: between the two values around (n - 1) * share, in
** proportion, reckoned from the nearer one. Whole weights count as copies do; others are first
** multiplied by what makes them 1 in the mean. */
double km_quantile(const km_quantiles *quantiles, double share);

#endif
