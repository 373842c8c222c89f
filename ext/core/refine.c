#include "core/refine.h"

#include <math.h>
#include <string.h>

#include "core/breathe.h"
#include "core/engine.h"
#include "core/swaps.h"

/* Points per cluster in the sample; the share of the data that it may hold; the number of doubles
** that it always may. */
#define SAMPLE_POINTS 512
#define SAMPLE_SHARE 16
#define SAMPLE_VALUES ((size_t)1 << 20)

/* Work that may be spent on weighing swaps that are unlikely to pay: this share of the plain fit's if all
** distances were computed on the sample, counting at most so many iterations (the engines compute a
** fraction of them, too); and at least, in multiply-adds, half a millisecond. */
#define BUDGET 0.1
#define BUDGET_ITERATIONS 40
#define LEAST_BUDGET 1e6

size_t km_refine_sample(size_t rows, size_t dims, size_t k) {
  size_t least = SAMPLE_VALUES / dims;
  size_t most = KM_LARGEST / (dims * sizeof(double));
  size_t share = rows / SAMPLE_SHARE < most ? rows / SAMPLE_SHARE : most;
  size_t room = share > least ? share : least;
  size_t wanted = km_times(SAMPLE_POINTS, k);
  wanted = wanted < room ? wanted : room;
  return wanted < rows ? wanted : rows;
}

static size_t sample_size(const km_dataset *data, size_t k) {
  return km_refine_sample(data->rows.count, data->dims, k);
}

/* Greedy k-means++ makes 2 + ln k passes over the points, each iteration one. */
static double budget_for(const km_lloyd *lloyd) {
  const km_dataset *data = lloyd->engine->blocks->data;
  double count = (double)sample_size(data, lloyd->k);
  double iterations = fmin((double)lloyd->iterations, BUDGET_ITERATIONS);
  double passes = iterations + 2 + log((double)lloyd->k);
  return fmax(LEAST_BUDGET, BUDGET * passes * count * (double)(lloyd->k * data->dims));
}

static void exchange(double *a, double *b, size_t count) {
  for (size_t v = 0; v < count; v++) {
    double value = a[v];
    a[v] = b[v];
    b[v] = value;
  }
}

/* Runs Lloyd's iterations from other centroids over all the data. Unless they end, all sums being doubles, with
** less inertia than the present ones have, these stay. The array `other` is used up. */
static km_status confirm(km_lloyd *lloyd, double *other) {
  size_t values = lloyd->k * lloyd->engine->blocks->data->dims;
  double before = 0;
  double after = INFINITY;
  km_status status = km_lloyd_measure(lloyd, NULL, &before);
  km_lloyd next = *lloyd;
  exchange(lloyd->centroids, other, values);
  if (status == KM_OK) {
    status = km_lloyd_follow(lloyd, &next, SIZE_MAX);
  }
  if (status == KM_OK) {
    status = km_lloyd_measure(&next, NULL, &after);
  }
  status = status == KM_OVERFLOW ? KM_OK : status;
  if (after < before) {
    lloyd->converged = next.converged;
  } else {
    memcpy(lloyd->centroids, other, values * sizeof *other);
  }
  return status;
}

/* Looks for better centroids on a sample, which is gone when this returns. Sets *found to them, an
** array of the caller's to release, or to NULL where there are none. */
static km_status search(const km_lloyd *lloyd, km_random *random, double **found, int *unclear) {
  km_blocks *blocks = lloyd->engine->blocks;
  size_t dims = blocks->data->dims;
  km_swaps swaps;
  int changed = 0;
  *found = NULL;
  km_status status = km_swaps_init(&swaps, blocks, random, sample_size(blocks->data, lloyd->k),
                                   lloyd->centroids, lloyd->k);
  if (status == KM_OK) {
    status = km_swaps_run(&swaps, budget_for(lloyd), &changed);
  }
  if (status == KM_OK && changed) {
    *found = km_allocate(blocks->hooks, lloyd->k, dims * sizeof **found);
    status = *found ? KM_OK : KM_NOMEM;
  }
  for (size_t v = 0; *found && v < lloyd->k * dims; v++) {
    (*found)[v] = swaps.sample.centroids[v] / blocks->one;
  }
  *unclear = swaps.unclear;
  km_swaps_clear(&swaps);
  return status;
}

/* Whether the engine keeps its labels elsewhere, and writes the run's when it is asked for them. */
static int labels_itself(const km_engine_type *type) {
  return type->labels && !type->resume;
}

int km_refine_acts(const km_lloyd *lloyd) {
  return lloyd->converged && lloyd->k >= 2 && lloyd->k < lloyd->engine->blocks->data->rows.count &&
         lloyd->iterations < lloyd->max_iter;
}

/* The run's labels make room for the sample where they hold nothing. */
km_status km_refine(km_lloyd *lloyd, km_random *random) {
  km_blocks *blocks = lloyd->engine->blocks;
  int idle = labels_itself(lloyd->engine->type);
  double *found;
  int unclear;
  if (!km_refine_acts(lloyd)) {
    return KM_OK;
  }
  if (idle) {
    km_chunks_clear(lloyd->labels, blocks->hooks);
  }
  km_status status = search(lloyd, random, &found, &unclear);
  if (status == KM_OK && idle) {
    status = km_chunks_fill(lloyd->labels, blocks->hooks, blocks->data->rows.count);
  }
  if (status == KM_OK && found) {
    status = confirm(lloyd, found);
  }
  km_release(blocks->hooks, found);
  if (status == KM_OK && unclear && km_refine_acts(lloyd)) {
    status = km_breathe(lloyd);
  }
  return status;
}
