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
  size_t n = data->rows.count;
  size_t step = n / MIDDLE_ROWS + 1;
  double number = 0;
  memset(importance->middle, 0, data->dims * sizeof *importance->middle);
  for (size_t i = step / 2; i < n; i += step) {
    const double *row = km_dataset_row(data, i, blocks->row);
    number++;
    for (size_t j = 0; j < data->dims; j++) {
      importance->middle[j] += (row[j] * blocks->unit - importance->middle[j]) / number;
    }
  }
}

/* The part of row i in the inertia about the middle; its coordinates times `unit` are those that blocks have. */
static double inertia_of(const km_importance *importance, size_t i, const double *row,
                         double unit) {
  const km_blocks *blocks = importance->blocks;
  size_t dims = blocks->data->dims;
  double squared = 0;
  for (size_t j = 0; j < dims; j++) {
    double difference = row[j] * unit - importance->middle[j];
    squared += difference * difference;
  }
  return squared * km_blocks_weight(blocks, i);
}

static double matters(const km_importance *importance, double inertia) {
  return fmin(fmax(inertia / importance->share, 1), importance->most);
}

double km_importance_of(const km_importance *importance, size_t i) {
  const km_blocks *blocks = importance->blocks;
  const double *row = km_dataset_row(blocks->data, i, blocks->row);
  return matters(importance, inertia_of(importance, i, row, blocks->unit));
}

typedef struct parts {
  double sum;
  double largest;
  double total; /* how much the rows matter, given `share` */
} parts;

static km_status add_parts(km_importance *importance, parts *all) {
  km_blocks *blocks = importance->blocks;
  size_t dims = blocks->data->dims;
  km_status status = KM_OK;
  size_t count;
  *all = (parts){0, 0, 0};
  for (size_t first = 0; first < blocks->data->rows.count && status == KM_OK; first += count) {
    const double *rows = km_blocks_rows(blocks, first, &count);
    for (size_t r = 0; r < count; r++) {
      double part = inertia_of(importance, first + r, rows + r * dims, 1);
      all->sum += part;
      all->largest = part > all->largest ? part : all->largest;
      all->total += importance->share > 0 ? matters(importance, part) : 1;
    }
    status = km_tick(blocks->hooks, count * dims);
  }
  return status;
}

km_status km_importance_init(km_importance *importance, km_blocks *blocks, size_t count) {
  size_t dims = blocks->data->dims;
  size_t n = blocks->data->rows.count;
  parts all;
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
  km_status status = add_parts(importance, &all);
  double share = all.sum / (double)n * fmax((double)n / (double)count, FAR);
  if (status == KM_OK && all.largest > share) {
    importance->share = share;
    status = add_parts(importance, &all);
    importance->total = all.total;
  }
  return status;
}

void km_importance_clear(km_importance *importance) {
  km_release(importance->blocks->hooks, importance->middle);
}
