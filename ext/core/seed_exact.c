/* Distances of drawn rows, in double, where scores say that they matter: see seed_stream.c. */
#include <math.h>

#include "core/seed_stream.h"

/* How many pairs wait: rows that are not in the cache are on their way meanwhile. */
#define PAIRS 32
#define PREFETCHED 64 /* columns: the processor guesses the rest */

/* Pairs of points and candidates that wait for their distance. */
typedef struct pairs {
  km_streaming *seed;
  size_t slice;
  size_t base; /* the slice's first point */
  double *closest;
  float *limits;
  void (*take)(const struct pairs *pairs, size_t q, double squared);
  double *room; /* KM_PANEL * dims */
  const double *centroid[PAIRS];
  size_t point[PAIRS]; /* of the slice */
  size_t trial[PAIRS];
  size_t count;
} pairs;

/* Measures some of the pairs that wait: count, 1 .. 8. */
static void measure_some(pairs *waiting, size_t first, size_t count) {
  const km_dataset *data = waiting->seed->engine->blocks->data;
  size_t dims = waiting->seed->dims;
  const double *row[KM_PANEL];
  const double *centroid[KM_PANEL];
  double squared[KM_PANEL];
  for (size_t q = 0; q < KM_PANEL; q++) {
    if (q > 0 && q >= count) {
      row[q] = row[0];
      centroid[q] = centroid[0];
    } else {
      size_t point = waiting->base + waiting->point[first + q];
      row[q] = km_dataset_row(data, point, waiting->room + q * dims);
      centroid[q] = waiting->centroid[first + q];
    }
  }
  waiting->seed->engine->blocks->kernels->pairs(row, centroid, dims, squared);
  for (size_t q = 0; q < count; q++) {
    if (squared[q] < waiting->closest[waiting->point[first + q]]) {
      waiting->take(waiting, first + q, squared[q]);
    }
  }
}

static void measure(pairs *waiting) {
  for (size_t first = 0; first < waiting->count; first += KM_PANEL) {
    size_t left = waiting->count - first;
    measure_some(waiting, first, left < KM_PANEL ? left : KM_PANEL);
  }
  waiting->count = 0;
}

static void add_pair(pairs *waiting, size_t point, size_t trial) {
  const km_streaming *seed = waiting->seed;
  size_t q = waiting->count++;
  km_dataset_fetch(seed->engine->blocks->data, waiting->base + point, 0,
                   seed->dims < PREFETCHED ? seed->dims : PREFETCHED);
  waiting->centroid[q] = seed->pool_rows + seed->candidate[trial] * seed->dims;
  waiting->point[q] = point;
  waiting->trial[q] = trial;
  if (waiting->count == PAIRS) {
    measure(waiting);
  }
}

/* Measures all pairs of a slice whose trial is among `trials`, a bit each. */
static void measure_slice(pairs *waiting, uint32_t trials) {
  const km_streaming *seed = waiting->seed;
  size_t listed = seed->listed[waiting->slice];
  if (listed == KM_UNLISTED) {
    const uint32_t *bits = km_chunks_at(&seed->room, waiting->slice);
    size_t points = km_seed_slice_end(seed, waiting->slice) - waiting->base;
    for (size_t i = 0; i < points; i++) {
      uint32_t some = bits[i] & trials;
      for (size_t t = 0; some != 0; t++, some >>= 1) {
        if (some & 1) {
          add_pair(waiting, i, t);
        }
      }
    }
  } else {
    const km_hit *list = km_chunks_at(&seed->room, waiting->slice);
    for (size_t h = 0; h < listed; h++) {
      int t = seed->trial[km_hit_row(&list[h])];
      size_t i = km_hit_point(&list[h]);
      if (t >= 0 && (trials >> t & 1) && list[h].score > waiting->limits[i]) {
        add_pair(waiting, i, (size_t)t);
      }
    }
  }
  measure(waiting);
}

/* Measures the pairs of a slice as above and hands those that are nearer than closest to `take`. */
static void measure_trials(km_streaming *seed, size_t slice, size_t worker, uint32_t trials,
                           void (*take)(const pairs *, size_t, double)) {
  const km_grouped *grouped = seed->engine->state;
  pairs waiting = {.seed = seed, .slice = slice, .take = take};
  waiting.base = slice * seed->slice_rows;
  waiting.closest = km_seed_closest(seed, slice);
  waiting.limits = km_seed_limits(seed, slice);
  waiting.room = grouped->bench[worker].room;
  measure_slice(&waiting, trials);
}

static void add_saving(const pairs *waiting, size_t q, double squared) {
  km_streaming *seed = waiting->seed;
  size_t point = waiting->point[q];
  km_seed_add(seed, &seed->saved[waiting->slice * seed->trials + waiting->trial[q]],
              waiting->base + point, waiting->closest[point] - squared);
}

void km_seed_measure(void *context, size_t slice, size_t worker) {
  km_streaming *seed = context;
  for (size_t t = 0; t < seed->trials; t++) {
    seed->saved[slice * seed->trials + t] = (km_sum){0, 0};
  }
  measure_trials(seed, slice, worker, seed->unsure, add_saving);
}

/* The limit rises by half of what the point saves. */
static void lower_closest(const pairs *waiting, size_t q, double squared) {
  km_streaming *seed = waiting->seed;
  size_t i = waiting->base + waiting->point[q];
  double *closest = waiting->closest + waiting->point[q];
  float *limit = waiting->limits + waiting->point[q];
  double unit = seed->narrow->scale * seed->narrow->scale;
  double raised = (double)*limit + (*closest - squared) * unit / 2;
  *limit = squared > 0 ? km_round_down(raised) : (float)INFINITY;
  if (squared > 0) {
    seed->slack[waiting->slice] += (raised - (double)*limit) * km_seed_weight(seed, i);
  }
  km_seed_add(seed, &seed->part[waiting->slice], i, -*closest);
  km_seed_add(seed, &seed->part[waiting->slice], i, squared);
  *closest = squared;
}

void km_seed_update(void *context, size_t slice, size_t worker) {
  km_streaming *seed = context;
  measure_trials(seed, slice, worker, (uint32_t)1 << seed->winner, lower_closest);
}
