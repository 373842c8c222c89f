#include "core/sample.h"

#include <math.h>
#include <string.h>

#include "core/importance.h"
#include "core/local.h"

static km_status allocate_arrays(km_sample *sample, int weighted, int uneven) {
  km_hooks *hooks = sample->hooks;
  size_t n = sample->count;
  size_t k = sample->k;
  size_t row = sample->dims * sizeof(double);
  weighted |= uneven;
  sample->weights = weighted ? km_allocate(hooks, n, sizeof *sample->weights) : NULL;
  sample->missed = uneven ? km_allocate(hooks, n, sizeof *sample->missed) : NULL;
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
  return (sample->weights || !weighted) && (sample->missed || !uneven) && sample->centroids &&
                 sample->panel && sample->moved && sample->few && sample->number && sample->tile &&
                 sample->label && sample->second && sample->nearest && sample->next &&
                 sample->member && sample->start && sample->inertia && sample->utility
             ? KM_OK
             : KM_NOMEM;
}

/* Takes one row from each of `count` equal stretches of the data: so sorted data is represented
** evenly. Rows are drawn whatever their weights, which count in all sums. */
static km_status take_evenly(km_sample *sample, const km_blocks *blocks, km_random *random) {
  const km_dataset *data = blocks->data;
  size_t stretch = data->rows.count / sample->count;
  size_t longer = data->rows.count % sample->count;
  size_t first = 0;
  km_status status = KM_OK;
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    size_t length = stretch + (i < longer);
    size_t chosen = first + (length > 1 ? (size_t)km_random_below(random, length) : 0);
    km_picked_set(&sample->rows, i, chosen);
    if (sample->weights) {
      sample->weights[i] = km_blocks_weight(blocks, chosen);
    }
    first += length;
    status = km_tick(sample->hooks, data->dims);
  }
  return status;
}

/* The same with stretches that matter equally: what matters more than one is taken from two or three of them. What is
** drawn more often counts for less. */
static km_status take_by_importance(km_sample *sample, const km_importance *importance,
                                    km_random *random) {
  const km_blocks *blocks = importance->blocks;
  size_t n = blocks->data->rows.count;
  double stretch = importance->total / (double)sample->count;
  double matters = km_importance_of(importance, 0);
  double end = matters; /* how much the rows up to the present one matter together */
  size_t row = 0;
  km_status status = KM_OK;
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    double at = ((double)i + km_random_unit(random)) * stretch;
    while (end <= at && row + 1 < n && status == KM_OK) {
      matters = km_importance_of(importance, ++row);
      end += matters;
      status = km_tick(sample->hooks, blocks->data->dims);
    }
    km_picked_set(&sample->rows, i, row);
    sample->weights[i] = km_blocks_weight(blocks, row) / matters;
    sample->missed[i] = fmax(1 - matters / stretch, 0);
  }
  return status;
}

static km_status take_rows(km_sample *sample, const km_importance *importance, km_random *random) {
  const km_blocks *blocks = importance->blocks;
  int uneven = km_importance_differs(importance);
  km_status status =
      km_picked_init(&sample->rows, blocks->data, blocks->hooks, blocks->one, sample->count);
  if (status != KM_OK ||
      allocate_arrays(sample, km_dataset_weighted(blocks->data), uneven) != KM_OK) {
    return KM_NOMEM;
  }
  return uneven ? take_by_importance(sample, importance, random)
                : take_evenly(sample, blocks, random);
}

km_status km_sample_init(km_sample *sample, km_blocks *blocks, km_random *random, size_t wanted,
                         const double *centroids, size_t k) {
  size_t n = blocks->data->rows.count;
  km_importance importance;
  memset(sample, 0, sizeof *sample);
  sample->hooks = blocks->hooks;
  sample->kernels = blocks->kernels;
  sample->dims = blocks->data->dims;
  sample->k = k;
  sample->count = wanted < n ? wanted : n;
  sample->share = (double)sample->count / (double)n;
  km_status status = km_importance_init(&importance, blocks, sample->count);
  if (status == KM_OK) {
    status = take_rows(sample, &importance, random);
  }
  km_importance_clear(&importance);
  for (size_t v = 0; v < k * sample->dims && status == KM_OK; v++) {
    sample->centroids[v] = centroids[v] * blocks->one;
  }
  return status;
}

void km_sample_clear(km_sample *sample) {
  if (sample->hooks) {
    km_picked_clear(&sample->rows, sample->hooks);
    km_release(sample->hooks, sample->weights);
    km_release(sample->hooks, sample->missed);
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
  for (size_t i = sample->count; i > 0; i--) {
    sample->member[--sample->start[sample->label[i - 1] + 1]] = (uint32_t)(i - 1);
  }
  memmove(sample->start, sample->start + 1, k * sizeof *sample->start);
  sample->start[k] = sample->count;
}

/* Points that wait to be compared with k centroids. */
typedef struct queue {
  const double *panel;
  size_t k;
  uint32_t point[KM_LOCAL_TILE];
  size_t count;
  km_two_nearest two;
} queue;

static km_status compare(km_sample *sample, queue *waiting) {
  size_t dims = sample->dims;
  for (size_t w = 0; w < waiting->count; w++) {
    km_picked_fetch(&sample->rows, waiting->point, w, waiting->count);
    km_picked_copy(&sample->rows, waiting->point[w], sample->tile + w * dims);
  }
  sample->work += (double)(waiting->count * km_panel_count(waiting->k) * KM_PANEL * dims);
  return km_find_two_nearest(sample->kernels, sample->hooks, sample->tile, waiting->count, dims,
                             waiting->panel, waiting->k, &waiting->two);
}

/* Compares the points that wait with all centroids. */
static km_status compare_all(km_sample *sample, queue *all) {
  km_status status = compare(sample, all);
  for (size_t w = 0; w < all->count; w++) {
    size_t i = all->point[w];
    sample->label[i] = all->two.label[w];
    sample->second[i] = all->two.second[w];
    sample->nearest[i] = all->two.nearest[w];
    sample->next[i] = all->two.next[w];
  }
  all->count = 0;
  return status;
}

static km_status add(km_sample *sample, queue *all, uint32_t i) {
  all->point[all->count++] = i;
  return all->count == KM_LOCAL_TILE ? compare_all(sample, all) : KM_OK;
}

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

/* Compares the points that wait with the centroids that moved. Any other than these and the two that
** were nearest is no nearer than the second of those was: only if fewer than two are known to be
** within that distance now, the point has to be compared with all. */
static km_status compare_moved(km_sample *sample, queue *moved, const unsigned char *touched,
                               queue *all) {
  km_status status = compare(sample, moved);
  for (size_t w = 0; w < moved->count && status == KM_OK; w++) {
    uint32_t i = moved->point[w];
    double others = sample->next[i];
    if (touched[sample->second[i]]) {
      sample->next[i] = INFINITY;
    }
    if (touched[sample->label[i]]) {
      sample->nearest[i] = sample->next[i];
      sample->label[i] = sample->second[i];
      sample->next[i] = INFINITY;
    }
    merge(sample, i, sample->number[moved->two.label[w]], moved->two.nearest[w]);
    merge(sample, i, sample->number[moved->two.second[w]], moved->two.next[w]);
    status = sample->next[i] > others ? add(sample, all, i) : KM_OK;
  }
  moved->count = 0;
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

static km_status find_nearest(km_sample *sample, const unsigned char *touched) {
  queue all = {.panel = sample->panel, .k = sample->k};
  queue moved = {.panel = sample->few};
  km_status status = KM_OK;
  km_panel_pack(sample->centroids, sample->k, sample->dims, 1, sample->panel);
  moved.k = touched ? pack_moved(sample, touched) : 0;
  for (size_t i = 0; i < sample->count && status == KM_OK; i++) {
    if (!touched) {
      status = add(sample, &all, (uint32_t)i);
      continue;
    }
    moved.point[moved.count++] = (uint32_t)i;
    if (moved.count == KM_LOCAL_TILE || i + 1 == sample->count) {
      status = compare_moved(sample, &moved, touched, &all);
    }
  }
  return status == KM_OK ? compare_all(sample, &all) : status;
}

km_status km_sample_assign(km_sample *sample, const unsigned char *touched) {
  km_status status = find_nearest(sample, touched);
  memset(sample->inertia, 0, sample->k * sizeof *sample->inertia);
  memset(sample->utility, 0, sample->k * sizeof *sample->utility);
  sample->total = 0;
  if (status == KM_OK) {
    for (size_t i = 0; i < sample->count; i++) {
      double weight = sample->weights ? sample->weights[i] : 1;
      sample->inertia[sample->label[i]] += weight * sample->nearest[i];
      sample->utility[sample->label[i]] += weight * (sample->next[i] - sample->nearest[i]);
    }
    for (size_t c = 0; c < sample->k; c++) {
      sample->total += sample->inertia[c];
    }
    list_members(sample);
    status = km_tick(sample->hooks, 4 * sample->count);
  }
  return status;
}
