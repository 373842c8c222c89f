#include "core/local.h"

#include <math.h>
#include <string.h>

/* A trial is run to see whether a swap pays, hundreds of times a fit, and mostly it does not: so
** what counts is how soon that is known. Three things help, and none needs to be exact, since
** Lloyd's iterations over all points follow wherever a swap is taken.
**
** Bounds. Far from the swap nothing changes: a point whose centroid is nearer than a lower bound on
** all others is not compared with them (Hamerly 2010).
**
** Long strides. Where clusters touch, the iterations approach their end slowly, by a factor of 0.9
** or so each time; centroids that move further than to the mean of their points get there sooner
** (over-relaxation), if not always to the same place.
**
** Giving up. The progress of the iterations to come is at most PACE times that of the last one. */
#define PACE 4.0

/* Progress of less than this share of the inertia ends the iterations. */
#define ENOUGH 1e-6

/* What it costs to handle a point once, in multiply-adds. */
#define POINT_WORK 8

km_status km_local_init(km_local *local, km_hooks *hooks, const km_kernels *kernels,
                        const km_picked *rows, size_t max_count, size_t max_k) {
  size_t dims = rows->data->dims;
  size_t row = dims * sizeof(double);
  memset(local, 0, sizeof *local);
  local->hooks = hooks;
  local->kernels = kernels;
  local->rows = rows;
  local->dims = dims;
  local->point = km_allocate(hooks, max_count, sizeof *local->point);
  local->centroids = km_allocate(hooks, max_k, row);
  local->panel = km_allocate(hooks, km_panel_count(max_k) * KM_PANEL, row);
  local->tile = km_allocate(hooks, KM_LOCAL_TILE, row);
  local->room = km_allocate(hooks, dims, sizeof *local->room);
  local->sum = km_allocate(hooks, max_k, row);
  local->size = km_allocate(hooks, max_k, sizeof *local->size);
  local->label = km_allocate(hooks, max_count, sizeof *local->label);
  local->bound = km_allocate(hooks, max_count, sizeof *local->bound);
  return local->point && local->centroids && local->panel && local->tile && local->room &&
                 local->sum && local->size && local->label && local->bound
             ? KM_OK
             : KM_NOMEM;
}

void km_local_clear(km_local *local) {
  if (local->hooks) {
    km_release(local->hooks, local->point);
    km_release(local->hooks, local->centroids);
    km_release(local->hooks, local->panel);
    km_release(local->hooks, local->tile);
    km_release(local->hooks, local->room);
    km_release(local->hooks, local->sum);
    km_release(local->hooks, local->size);
    km_release(local->hooks, local->label);
    km_release(local->hooks, local->bound);
  }
}

/* Keeps the two least of the distances so far and those of the lanes of one more panel, for point i.
** What is written is nearly free of branches, which could not be foreseen. */
static void merge_panel(km_two_nearest *two, size_t i, const double *distance, uint32_t first,
                        size_t lanes) {
  double nearest = two->nearest[i];
  double next = two->next[i];
  uint32_t label = two->label[i];
  uint32_t second = two->second[i];
  for (size_t lane = 0; lane < lanes; lane++) {
    double d = distance[lane];
    double further = d < nearest ? nearest : d;
    uint32_t number = first + (uint32_t)lane;
    second = d < next ? number : second;
    second = d < nearest ? label : second;
    label = d < nearest ? number : label;
    nearest = d < nearest ? d : nearest;
    next = further < next ? further : next;
  }
  two->nearest[i] = nearest;
  two->next[i] = next;
  two->label[i] = label;
  two->second[i] = second;
}

km_status km_find_two_nearest(const km_kernels *kernels, km_hooks *hooks, const double *rows,
                              size_t count, size_t dims, const double *panel, size_t k,
                              km_two_nearest *two) {
  double distance[KM_LOCAL_TILE * KM_PANEL];
  km_status status = KM_OK;
  for (size_t i = 0; i < count; i++) {
    two->nearest[i] = two->next[i] = INFINITY;
    two->label[i] = two->second[i] = 0;
  }
  for (size_t p = 0; p < km_panel_count(k) && status == KM_OK; p++) {
    size_t first = p * KM_PANEL;
    size_t lanes = k - first < KM_PANEL ? k - first : KM_PANEL;
    kernels->distances(rows, count, dims, panel + first * dims, distance);
    for (size_t i = 0; i < count; i++) {
      merge_panel(two, i, distance + i * KM_PANEL, (uint32_t)first, lanes);
    }
    status = km_tick(hooks, count * dims * KM_PANEL);
  }
  return status;
}

/* Takes point i, whose row is given, into the sum of its centroid (sign 1) or out of it (-1). */
static void count_point(km_local *local, size_t i, const double *row, double sign) {
  size_t dims = local->dims;
  double *sum = local->sum + local->label[i] * dims;
  sign *= km_local_weight(local, i);
  local->size[local->label[i]] += sign;
  for (size_t j = 0; j < dims; j++) {
    sum[j] += sign * row[j];
  }
}

static void add_inertia(km_local *local, size_t i, double squared) {
  double weight = km_local_weight(local, i);
  double change = weight * (local->before[local->point[i]] - squared);
  local->inertia += weight * squared;
  local->spread += change * change * (local->missed ? local->missed[local->point[i]] : 1);
}

/* Compares the points listed (at most KM_LOCAL_TILE), whose rows are in the tile, with all centroids. */
static km_status compare(km_local *local, size_t k, const uint32_t *list, size_t listed,
                         int first) {
  km_two_nearest two;
  size_t dims = local->dims;
  km_status status = km_find_two_nearest(local->kernels, local->hooks, local->tile, listed, dims,
                                         local->panel, k, &two);
  for (size_t l = 0; l < listed; l++) {
    size_t i = list[l];
    const double *row = local->tile + l * dims;
    local->bound[i] = sqrt(two.next[l]) + local->moved;
    add_inertia(local, i, two.nearest[l]);
    if (first || local->label[i] != two.label[l]) {
      if (!first) {
        count_point(local, i, row, -1);
      }
      local->label[i] = two.label[l];
      count_point(local, i, row, 1);
    }
  }
  local->work += (double)(listed * (km_panel_count(k) * KM_PANEL * dims + POINT_WORK));
  return status;
}

/* Assigns the points and sums up their inertia. The first time none has a bound. */
static km_status assign(km_local *local, size_t count, size_t k, int first) {
  uint32_t list[KM_LOCAL_TILE];
  size_t listed = 0;
  size_t dims = local->dims;
  km_status status = KM_OK;
  local->inertia = local->spread = 0;
  km_panel_pack(local->centroids, k, dims, 1, local->panel);
  for (size_t i = 0; i < count && status == KM_OK; i++) {
    double room = first ? 0 : local->bound[i] - local->moved;
    double squared = 0;
    double *place = local->tile + listed * dims;
    const double *row = km_picked_row(local->rows, local->point[i], place);
    km_picked_fetch(local->rows, local->point, i, count);
    if (room > 0) {
      const double *centroid = local->centroids + local->label[i] * dims;
      for (size_t j = 0; j < dims; j++) {
        squared += (row[j] - centroid[j]) * (row[j] - centroid[j]);
      }
    }
    if (room > 0 && squared < room * room) {
      add_inertia(local, i, squared);
    } else {
      if (row != place) {
        memcpy(place, row, dims * sizeof *place);
      }
      list[listed++] = (uint32_t)i;
    }
    if (listed == KM_LOCAL_TILE || (i + 1 == count && listed > 0)) {
      status = compare(local, k, list, listed, first);
      listed = 0;
    }
    if (status == KM_OK) {
      status = km_tick(local->hooks, dims + POINT_WORK);
    }
  }
  local->work += (double)(count * (dims + POINT_WORK));
  return status;
}

/* Moves the centroids towards the means of their points, `stride` times as far. */
static void move(km_local *local, size_t k, double stride) {
  size_t dims = local->dims;
  double largest = 0;
  for (size_t c = 0; c < k; c++) {
    double movement = 0;
    for (size_t j = 0; j < dims && local->size[c] > local->least; j++) {
      double *value = local->centroids + c * dims + j;
      double step = stride * (local->sum[c * dims + j] / local->size[c] - *value);
      movement += step * step;
      *value += step;
    }
    largest = movement > largest ? movement : largest;
  }
  local->moved += sqrt(largest);
}

km_status km_local_run(km_local *local, size_t count, size_t k, int max_iter, double stride,
                       double hope) {
  km_status status = KM_OK;
  double before = INFINITY;
  memset(local->size, 0, k * sizeof *local->size);
  memset(local->sum, 0, k * local->dims * sizeof *local->sum);
  local->moved = 0;
  for (int iteration = 1; iteration <= max_iter && status == KM_OK; iteration++) {
    status = assign(local, count, k, iteration == 1);
    double progress = before - local->inertia;
    before = local->inertia;
    if (iteration > 1 &&
        (progress <= ENOUGH * local->inertia || local->inertia - PACE * progress > hope)) {
      break;
    }
    move(local, k, iteration < max_iter ? stride : 1);
  }
  return status;
}
