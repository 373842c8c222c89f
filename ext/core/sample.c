#include "core/sample.h"

#include <string.h>

#include "core/local.h"

static km_status allocate_arrays(km_sample *sample) {
  km_hooks *hooks = sample->hooks;
  size_t n = sample->count;
  size_t k = sample->k;
  size_t row = sample->dims * sizeof(double);
  sample->rows = km_allocate(hooks, n, row);
  sample->centroids = km_allocate(hooks, k, row);
  sample->panel = km_allocate(hooks, km_panel_count(k) * KM_PANEL, row);
  sample->label = km_allocate(hooks, n, sizeof *sample->label);
  sample->second = km_allocate(hooks, n, sizeof *sample->second);
  sample->nearest = km_allocate(hooks, n, sizeof *sample->nearest);
  sample->member = km_allocate(hooks, n, sizeof *sample->member);
  sample->start = km_allocate(hooks, k + 1, sizeof *sample->start);
  sample->inertia = km_allocate(hooks, k, sizeof *sample->inertia);
  sample->utility = km_allocate(hooks, k, sizeof *sample->utility);
  return sample->rows && sample->centroids && sample->panel && sample->label && sample->second &&
                 sample->nearest && sample->member && sample->start && sample->inertia &&
                 sample->utility
             ? KM_OK
             : KM_NOMEM;
}

/* Copies one row from each of `count` equal stretches of the data: so sorted data is represented
** evenly. */
static km_status copy_rows(km_sample *sample, const km_blocks *blocks, km_random *random) {
  const km_dataset *data = blocks->data;
  size_t stretch = data->rows.count / sample->count;
  size_t longer = data->rows.count % sample->count;
  size_t first = 0;
  km_status status = KM_OK;
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    size_t length = stretch + (i < longer);
    size_t chosen = first + (length > 1 ? (size_t)km_random_below(random, length) : 0);
    const double *row = km_dataset_row(data, chosen, blocks->row);
    for (size_t j = 0; j < data->dims; j++) {
      sample->rows[i * data->dims + j] = row[j] * blocks->one;
    }
    first += length;
    status = km_tick(sample->hooks, data->dims);
  }
  return status;
}

km_status km_sample_init(km_sample *sample, km_blocks *blocks, km_random *random, size_t wanted,
                         const double *centroids, size_t k) {
  size_t n = blocks->data->rows.count;
  memset(sample, 0, sizeof *sample);
  sample->hooks = blocks->hooks;
  sample->kernels = blocks->kernels;
  sample->dims = blocks->data->dims;
  sample->k = k;
  sample->count = wanted < n ? wanted : n;
  sample->complete = sample->count == n;
  if (allocate_arrays(sample) != KM_OK) {
    return KM_NOMEM;
  }
  for (size_t v = 0; v < k * sample->dims; v++) {
    sample->centroids[v] = centroids[v] * blocks->one;
  }
  return copy_rows(sample, blocks, random);
}

void km_sample_clear(km_sample *sample) {
  if (sample->hooks) {
    km_release(sample->hooks, sample->rows);
    km_release(sample->hooks, sample->centroids);
    km_release(sample->hooks, sample->panel);
    km_release(sample->hooks, sample->label);
    km_release(sample->hooks, sample->second);
    km_release(sample->hooks, sample->nearest);
    km_release(sample->hooks, sample->member);
    km_release(sample->hooks, sample->start);
    km_release(sample->hooks, sample->inertia);
    km_release(sample->hooks, sample->utility);
  }
}

/* Lists the points by cluster: a counting sort. start[c+1] first holds where c ends, and walks down
** to where c begins, one place too late in the array. */
static void list_members(km_sample *sample) {
  size_t k = sample->k;
  memset(sample->start, 0, (k + 1) * sizeof *sample->start);
  for (size_t i = 0; i < sample->count; i++) {
    sample->start[sample->label[i] + 1]++;
  }
  for (size_t c = 0; c < k; c++) {
    sample->start[c + 1] += sample->start[c];
  }
  for (size_t i = sample->count; i-- > 0;) {
    sample->member[--sample->start[sample->label[i] + 1]] = (uint32_t)i;
  }
  memmove(sample->start, sample->start + 1, k * sizeof *sample->start);
  sample->start[k] = sample->count;
}

km_status km_sample_assign(km_sample *sample) {
  size_t dims = sample->dims;
  km_two_nearest two;
  km_status status = KM_OK;
  memset(sample->inertia, 0, sample->k * sizeof *sample->inertia);
  memset(sample->utility, 0, sample->k * sizeof *sample->utility);
  km_panel_pack(sample->centroids, sample->k, dims, 1, sample->panel);
  for (size_t first = 0; first < sample->count && status == KM_OK; first += KM_LOCAL_TILE) {
    size_t count = sample->count - first < KM_LOCAL_TILE ? sample->count - first : KM_LOCAL_TILE;
    status = km_find_two_nearest(sample->kernels, sample->hooks, sample->rows + first * dims, count,
                                 dims, sample->panel, sample->k, &two);
    for (size_t i = 0; i < count; i++) {
      sample->label[first + i] = two.label[i];
      sample->second[first + i] = two.second[i];
      sample->nearest[first + i] = two.nearest[i];
      sample->inertia[two.label[i]] += two.nearest[i];
      sample->utility[two.label[i]] += two.next[i] - two.nearest[i];
    }
  }
  sample->total = 0;
  for (size_t c = 0; c < sample->k; c++) {
    sample->total += sample->inertia[c];
  }
  if (status == KM_OK) {
    list_members(sample);
    status = km_tick(sample->hooks, 2 * sample->count);
  }
  return status;
}

km_status km_sample_update(km_sample *sample) {
  size_t dims = sample->dims;
  km_status status = KM_OK;
  for (size_t c = 0; c < sample->k; c++) {
    if (km_sample_size(sample, c) > 0) {
      memset(sample->centroids + c * dims, 0, dims * sizeof(double));
    }
  }
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    double *centroid = sample->centroids + sample->label[i] * dims;
    for (size_t j = 0; j < dims; j++) {
      centroid[j] += sample->rows[i * dims + j];
    }
    status = km_tick(sample->hooks, dims);
  }
  for (size_t c = 0; c < sample->k; c++) {
    for (size_t j = 0; j < dims && km_sample_size(sample, c) > 0; j++) {
      sample->centroids[c * dims + j] /= (double)km_sample_size(sample, c);
    }
  }
  return status;
}
