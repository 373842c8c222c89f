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
  sample->moved = km_allocate(hooks, k, row);
  sample->few = km_allocate(hooks, km_panel_count(k) * KM_PANEL, row);
  sample->number = km_allocate(hooks, k, sizeof *sample->number);
  sample->tile = km_allocate(hooks, KM_LOCAL_TILE, row);
  sample->label = km_allocate(hooks, n, sizeof *sample->label);
  sample->second = km_allocate(hooks, n, sizeof *sample->second);
  sample->nearest = km_allocate(hooks, n, sizeof *sample->nearest);
  sample->next = km_allocate(hooks, n, sizeof *sample->next);
  sample->member = km_allocate(hooks, n, sizeof *sample->member);
  sample->start = km_allocate(hooks, k + 1, sizeof *sample->start);
  sample->inertia = km_allocate(hooks, k, sizeof *sample->inertia);
  sample->utility = km_allocate(hooks, k, sizeof *sample->utility);
  return sample->rows && sample->centroids && sample->panel && sample->moved && sample->few &&
                 sample->number && sample->tile && sample->label && sample->second &&
                 sample->nearest && sample->next && sample->member && sample->start &&
                 sample->inertia && sample->utility
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
    km_release(sample->hooks, sample->moved);
    km_release(sample->hooks, sample->few);
    km_release(sample->hooks, sample->number);
    km_release(sample->hooks, sample->tile);
    km_release(sample->hooks, sample->label);
    km_release(sample->hooks, sample->second);
    km_release(sample->hooks, sample->nearest);
    km_release(sample->hooks, sample->next);
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

/* Points that wait to be compared with some centroids. */
typedef struct queue {
  const double *panel;
  size_t k;
  const uint32_t *number; /* of these centroids; NULL: they are all there are, in their order */
  uint32_t point[KM_LOCAL_TILE];
  size_t count;
} queue;

/* Keeps the two nearest of those that are known and centroid c. */
static void merge(km_sample *sample, size_t i, uint32_t c, double distance) {
  if (distance < sample->nearest[i]) {
    sample->next[i] = sample->nearest[i];
    sample->second[i] = sample->label[i];
    sample->nearest[i] = distance;
    sample->label[i] = c;
  } else if (distance < sample->next[i]) {
    sample->next[i] = distance;
    sample->second[i] = c;
  }
}

/* Compares the points that wait. */
static km_status flush(km_sample *sample, queue *waiting) {
  size_t dims = sample->dims;
  km_two_nearest two;
  for (size_t w = 0; w < waiting->count; w++) {
    memcpy(sample->tile + w * dims, sample->rows + waiting->point[w] * dims, dims * sizeof(double));
  }
  km_status status =
      km_find_two_nearest(sample->kernels, sample->hooks, sample->tile, waiting->count, dims,
                          waiting->panel, waiting->k, &two);
  for (size_t w = 0; w < waiting->count; w++) {
    size_t i = waiting->point[w];
    if (waiting->number) {
      merge(sample, i, waiting->number[two.label[w]], two.nearest[w]);
      merge(sample, i, waiting->number[two.second[w]], two.next[w]);
    } else {
      sample->label[i] = two.label[w];
      sample->second[i] = two.second[w];
      sample->nearest[i] = two.nearest[w];
      sample->next[i] = two.next[w];
    }
  }
  sample->work += (double)(waiting->count * km_panel_count(waiting->k) * KM_PANEL * dims);
  waiting->count = 0;
  return status;
}

/* Packs the centroids that have moved; returns their number. */
static size_t pack_moved(km_sample *sample, const unsigned char *touched) {
  size_t dims = sample->dims;
  size_t count = 0;
  for (size_t c = 0; c < sample->k; c++) {
    if (touched[c]) {
      memcpy(sample->moved + count * dims, sample->centroids + c * dims, dims * sizeof(double));
      sample->number[count++] = (uint32_t)c;
    }
  }
  km_panel_pack(sample->moved, count, dims, 1, sample->few);
  return count;
}

/* Compares every point with the centroids that have moved; with all where one of them was among its
** two nearest. */
static km_status compare(km_sample *sample, const unsigned char *touched) {
  queue full = {.panel = sample->panel, .k = sample->k};
  queue part = {.panel = sample->few, .number = sample->number};
  km_status status = KM_OK;
  km_panel_pack(sample->centroids, sample->k, sample->dims, 1, sample->panel);
  part.k = touched ? pack_moved(sample, touched) : 0;
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    int near = !touched || touched[sample->label[i]] || touched[sample->second[i]];
    queue *waiting = near ? &full : &part;
    waiting->point[waiting->count++] = (uint32_t)i;
    if (waiting->count == KM_LOCAL_TILE) {
      status = flush(sample, waiting);
    }
  }
  if (status == KM_OK) {
    status = flush(sample, &full);
  }
  return status == KM_OK ? flush(sample, &part) : status;
}

km_status km_sample_assign(km_sample *sample, const unsigned char *touched) {
  km_status status = compare(sample, touched);
  memset(sample->inertia, 0, sample->k * sizeof *sample->inertia);
  memset(sample->utility, 0, sample->k * sizeof *sample->utility);
  sample->total = 0;
  if (status == KM_OK) {
    for (size_t i = 0; i < sample->count; i++) {
      sample->inertia[sample->label[i]] += sample->nearest[i];
      sample->utility[sample->label[i]] += sample->next[i] - sample->nearest[i];
    }
    for (size_t c = 0; c < sample->k; c++) {
      sample->total += sample->inertia[c];
    }
    list_members(sample);
    status = km_tick(sample->hooks, 4 * sample->count);
  }
  return status;
}
