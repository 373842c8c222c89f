#include "core/blocks.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/row_set.h"
#include "core/weights.h"

/* The bounds leave room for 2^16 columns and 2^40 rows. */
double km_unit_for(double max_abs) {
  int exponent;
  frexp(max_abs, &exponent);
  return exponent >= -300 && exponent <= 450 ? 1 : km_one_for(max_abs);
}

km_status km_blocks_init(km_blocks *blocks, const km_dataset *data, km_hooks *hooks,
                         km_workers *workers, size_t max_k, const double *centroids) {
  double max_abs;
  size_t dims = data->dims;
  memset(blocks, 0, sizeof *blocks);
  blocks->data = data;
  blocks->hooks = hooks;
  blocks->kernels = km_kernels_best();
  blocks->max_k = max_k;
  blocks->weight_unit = 1;
  km_status status = km_dataset_max_abs(data, hooks, workers, &max_abs);
  if (status == KM_OK && km_dataset_weighted(data)) {
    km_weights weights;
    status = km_weights_measure(data, hooks, &weights);
    blocks->weight_unit = weights.unit;
  }
  if (status != KM_OK) {
    return status;
  }
  blocks->tame = km_unit_for(max_abs) == 1;
  for (size_t v = 0; centroids && v < max_k * dims; v++) {
    max_abs = fmax(max_abs, fabs(centroids[v]));
  }
  blocks->unit = km_unit_for(max_abs);
  blocks->one = km_one_for(max_abs);
  blocks->tame &= blocks->unit == 1;
  blocks->rows = dims < (KM_TICK / KM_BLOCK_ROWS) ? KM_BLOCK_ROWS : KM_TICK / dims;
  blocks->rows = blocks->rows ? blocks->rows : 1;
  blocks->panel = km_allocate(hooks, km_panel_count(max_k) * KM_PANEL, dims * sizeof(double));
  blocks->row = km_allocate(hooks, dims, sizeof(double));
  if (!blocks->panel || !blocks->row) {
    return KM_NOMEM;
  }
  if (blocks->unit != 1 || !data->direct) {
    blocks->scaled = km_allocate(hooks, blocks->rows, dims * sizeof(double));
    if (!blocks->scaled) {
      return KM_NOMEM;
    }
  }
  return KM_OK;
}

void km_blocks_clear(km_blocks *blocks) {
  if (blocks->hooks) {
    km_release(blocks->hooks, blocks->panel);
    km_release(blocks->hooks, blocks->row);
    km_release(blocks->hooks, blocks->scaled);
  }
}

const double *km_blocks_rows(km_blocks *blocks, size_t first, size_t *count) {
  size_t dims = blocks->data->dims;
  size_t run = km_chunks_run(&blocks->data->rows, first);
  *count = run < blocks->rows ? run : blocks->rows;
  if (!blocks->scaled) {
    return km_dataset_row(blocks->data, first, NULL);
  }
  for (size_t i = 0; i < *count; i++) {
    km_dataset_copy(blocks->data, first + i, blocks->scaled + i * dims);
  }
  for (size_t i = 0; i < *count * dims && blocks->unit != 1; i++) {
    blocks->scaled[i] *= blocks->unit;
  }
  return blocks->scaled;
}

km_status km_blocks_whole(km_blocks *blocks, int *whole) {
  const km_dataset *data = blocks->data;
  size_t n = data->rows.count;
  double most = 0x1p53 / (double)n; /* doubles hold all integers up to 2^53 */
  int found = !km_dataset_weighted(data);
  km_status status = KM_OK;
  for (size_t i = 0; i < n && found && !blocks->asked && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, blocks->row);
    for (size_t j = 0; j < data->dims; j++) {
      found &= fabs(row[j]) <= most && row[j] == (double)(int64_t)row[j];
    }
    status = km_tick(blocks->hooks, 4 * data->dims);
  }
  if (status == KM_OK && !blocks->asked) {
    blocks->asked = 1;
    blocks->whole = found;
  }
  *whole = blocks->whole;
  return status;
}

km_status km_blocks_aim(km_blocks *blocks, const double *centroids, size_t k) {
  size_t dims = blocks->data->dims;
  km_status status = KM_OK;
  blocks->centroids = centroids;
  blocks->k = k;
  for (size_t c = 0; c < k && status == KM_OK; c += KM_PANEL) {
    size_t some = k - c < KM_PANEL ? k - c : KM_PANEL;
    km_panel_pack(centroids + c * dims, some, dims, blocks->unit, blocks->panel + c * dims);
    status = km_tick(blocks->hooks, dims * KM_PANEL);
  }
  return status;
}

/* Puts labels right that underflow or overflow may have harmed. A distance of zero is harmless where
** the point lies on its centroid: no lower number can have been nearer, and equal ones come later. */
static km_status mend_extremes(km_blocks *blocks, size_t first, size_t count) {
  size_t dims = blocks->data->dims;
  km_status status = KM_OK;
  for (size_t i = 0; i < count && status == KM_OK; i++) {
    double distance = blocks->distance[i];
    if (distance >= KM_SAFE_MIN && distance <= KM_SAFE_MAX) {
      continue;
    }
    const double *row = km_dataset_row(blocks->data, first + i, blocks->row);
    if (!km_rows_equal(row, blocks->centroids + blocks->label[i] * dims, dims)) {
      size_t label = km_nearest(row, blocks->centroids, blocks->k, dims, blocks->k);
      blocks->label[i] = (uint32_t)label;
      blocks->distance[i] = km_blocks_distance(blocks, first + i, blocks->centroids + label * dims);
      status = km_tick(blocks->hooks, blocks->k * dims * 8); /* it is slow work */
    }
  }
  return status;
}

km_status km_blocks_nearest(km_blocks *blocks, size_t first, size_t *count) {
  size_t dims = blocks->data->dims;
  size_t panels = km_panel_count(blocks->k);
  const double *rows = km_blocks_rows(blocks, first, count);
  size_t panel_work = *count * dims * KM_PANEL;
  size_t step = panel_work < KM_TICK ? KM_TICK / panel_work : 1;
  km_status status = KM_OK;
  for (size_t i = 0; i < *count; i++) {
    blocks->distance[i] = INFINITY;
    blocks->label[i] = 0;
  }
  for (size_t p = 0; p < panels && status == KM_OK; p += step) {
    size_t some = panels - p < step ? panels - p : step;
    blocks->kernels->nearest(rows, *count, dims, blocks->panel + p * dims * KM_PANEL, some,
                             (uint32_t)(p * KM_PANEL), blocks->label, blocks->distance);
    status = km_tick(blocks->hooks, some * panel_work);
  }
  return status == KM_OK ? mend_extremes(blocks, first, *count) : status;
}

void km_blocks_settle(const km_blocks *blocks, const double *rows, size_t n, uint32_t *label,
                      double *distance) {
  size_t dims = blocks->data->dims;
  for (size_t i = 0; i < n; i++) {
    distance[i] = INFINITY;
    label[i] = 0;
  }
  blocks->kernels->nearest(rows, n, dims, blocks->panel, km_panel_count(blocks->k), 0, label,
                           distance);
  for (size_t i = 0; i < n; i++) {
    const double *row = rows + i * dims;
    if ((distance[i] < KM_SAFE_MIN || distance[i] > KM_SAFE_MAX) &&
        !km_rows_equal(row, blocks->centroids + label[i] * dims, dims)) {
      label[i] = (uint32_t)km_nearest(row, blocks->centroids, blocks->k, dims, blocks->k);
      distance[i] = km_squared_distance(row, blocks->centroids + label[i] * dims, dims);
    }
  }
}

double km_blocks_distance(const km_blocks *blocks, size_t i, const double *centroid) {
  const double *row = km_dataset_row(blocks->data, i, blocks->row);
  size_t dims = blocks->data->dims;
  double sum = 0;
  if (blocks->unit == 1) {
    return km_squared_distance(row, centroid, dims);
  }
  for (size_t j = 0; j < dims; j++) {
    double difference = row[j] * blocks->unit - centroid[j] * blocks->unit;
    sum += difference * difference;
  }
  return sum;
}
