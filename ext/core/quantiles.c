#include "core/quantiles.h"

#include <math.h>

#include "core/sort.h"
#include "simd/sum.h"

/* Sums of weights that are this near to a whole number, in parts of all weights, are that number: so
** weights that are equal are as good as none. */
#define SNAP 1e-12

/* Puts the sum of the weights so far in the place of each weight. */
static km_status sum_up(km_quantiles *quantiles, km_hooks *hooks, const km_weights *weights,
                        size_t counted) {
  km_status status = KM_OK;
  km_sum sum = {0, 0};
  double factor = 1;
  for (size_t i = 0; i < quantiles->values.count && status == KM_OK && !weights->whole; i++) {
    km_sum_add(&sum, ((const double *)km_chunks_at(&quantiles->values, i))[1]);
    status = km_tick(hooks, 8);
  }
  if (!weights->whole) {
    factor = (double)counted / km_sum_value(&sum);
    sum = (km_sum){0, 0};
  }
  quantiles->total = weights->whole ? weights->total : (double)counted;
  for (size_t i = 0; i < quantiles->values.count && status == KM_OK; i++) {
    double *value = km_chunks_at(&quantiles->values, i);
    km_sum_add(&sum, value[1]);
    value[1] = km_sum_value(&sum) * factor;
    if (fabs(value[1] - nearbyint(value[1])) <= SNAP * quantiles->total) {
      value[1] = nearbyint(value[1]);
    }
    status = km_tick(hooks, 8);
  }
  return status;
}

km_status km_quantiles_init(km_quantiles *quantiles, const km_dataset *data, km_hooks *hooks,
                            const km_weights *weights, size_t column) {
  size_t counted = weights ? data->rows.count - weights->zeros : data->rows.count;
  double unit = weights && !weights->whole ? weights->unit : 1;
  size_t at = 0;
  quantiles->weighted = weights != NULL;
  quantiles->total = (double)counted;
  km_chunks_init(&quantiles->values, (weights ? 2 : 1) * sizeof(double));
  km_status status = km_chunks_fill(&quantiles->values, hooks, counted);
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    double room;
    double weight = weights ? km_dataset_weight(data, i) : 1;
    if (weight > 0) {
      double *value = km_chunks_at(&quantiles->values, at++);
      *value = *km_dataset_part(data, i, column, 1, &room);
      if (weights) {
        value[1] = weight * unit;
      }
    }
    status = km_tick(hooks, 8);
  }
  if (status == KM_OK) {
    status = km_sort_doubles(&quantiles->values, hooks);
  }
  return status == KM_OK && weights ? sum_up(quantiles, hooks, weights, counted) : status;
}

void km_quantiles_clear(km_quantiles *quantiles, km_hooks *hooks) {
  km_chunks_clear(&quantiles->values, hooks);
}

/* The value at a whole place from 0, were there as many copies of each as its weight says. */
static double value_at(const km_quantiles *quantiles, double place) {
  size_t low = 0;
  size_t high = quantiles->values.count - 1;
  if (!quantiles->weighted) {
    low = place < (double)high ? (size_t)place : high;
  }
  while (quantiles->weighted && low < high) {
    size_t middle = low + (high - low) / 2;
    if (((const double *)km_chunks_at(&quantiles->values, middle))[1] > place) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return *(const double *)km_chunks_at(&quantiles->values, low);
}

double km_quantile(const km_quantiles *quantiles, double share) {
  double place = (quantiles->total - 1) * share;
  double below = floor(place);
  double part = place - below;
  double low = value_at(quantiles, below);
  double high = value_at(quantiles, below + 1);
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
