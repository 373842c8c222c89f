#include "core/importance.h"

#include <math.h>
#include <string.h>

/* From so many rows, evenly apart, the middle is known well enough. */
#define MIDDLE_ROWS 1024

/* A row is far that has so many times the mean part in the inertia, and more than a row of the sample stands for: next to
** none of Gaussian or uniform points is. */
#define FAR 16

static void find_middle(km_importance *importance) {
  const km_blocks *blocks = importance->blocks;
  const km_dataset *data = blocks->data;
  double *middle = importance->middle;
  size_t step = data->rows.count / MIDDLE_ROWS + 1;
  double number = 0;
  memset(middle, 0, data->dims * sizeof *middle);
  for (size_t i = step / 2; i < data->rows.count; i += step) {
    const double *row = km_dataset_row(data, i, blocks->row);
    number++;
    for (size_t j = 0; j < data->dims; j++) {
      middle[j] += (row[j] * blocks->unit - middle[j] * blocks->unit) / number / blocks->unit;
    }
  }
}

/* The part of row i in the inertia about the middle. */
static double part_of(const km_importance *importance, size_t i) {
  const km_blocks *blocks = importance->blocks;
  return km_blocks_distance(blocks, i, importance->middle) * km_blocks_weight(blocks, i);
}

double km_importance_of(const km_importance *importance, size_t i) {
  return fmin(fmax(part_of(importance, i) / importance->share, 1), importance->most);
}

km_status km_importance_init(km_importance *importance, km_blocks *blocks, size_t count) {
  size_t dims = blocks->data->dims;
  size_t n = blocks->data->rows.count;
  double sum = 0;
  double largest = 0;
  km_status status = KM_OK;
  *importance =
      (km_importance){.blocks = blocks, .most = 2 * (double)n / (double)count, .total = (double)n};
  if (count == n) {
    return KM_OK;
  }
  importance->middle = km_allocate(blocks->hooks, dims, sizeof *importance->middle);
  if (!importance->middle) {
    return KM_NOMEM;
  }
  find_middle(importance);
  for (size_t i = 0; i < n && status == KM_OK; i++) {
    double part = part_of(importance, i);
    sum += part;
    largest = part > largest ? part : largest;
    status = km_tick(blocks->hooks, dims);
  }
  importance->share = sum / (double)n * fmax((double)n / (double)count, FAR);
  for (size_t i = 0; largest > importance->share && i < n && status == KM_OK; i++) {
    importance->total += km_importance_of(importance, i) - 1;
    status = km_tick(blocks->hooks, dims);
  }
  return status;
}

void km_importance_clear(km_importance *importance) {
  km_release(importance->blocks->hooks, importance->middle);
}
