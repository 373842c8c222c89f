/* What is summed up about the clusters when all is done: sizes, inertias, radii. */
#include <string.h>

#include "core/grouped.h"

/* Squared distances in double of a stretch of rows to their centroids. */
typedef struct measuring {
  const km_grouped *grouped;
  const double *centroids;
  const km_chunks *labels;
  size_t first;
  size_t end;
  double *distance;
} measuring;

#define MEASURE_ROWS 512
#define MEASURE_STRETCH ((size_t)1 << 14)

/* How long rows are at most, in coordinates, of which the next eight are told of: processors foresee
** long ones by themselves. */
#define MEASURE_AHEAD 256

static void measure(void *context, size_t slice, size_t worker) {
  const measuring *now = context;
  size_t dims = now->grouped->narrow.dims;
  const km_kernels *kernels = now->grouped->narrow.kernels;
  size_t i = now->first + slice * MEASURE_ROWS;
  size_t end = i + MEASURE_ROWS < now->end ? i + MEASURE_ROWS : now->end;
  double *room = now->grouped->bench[worker].room;
  for (; i < end; i += KM_PANEL) {
    const double *row[KM_PANEL];
    const double *centroid[KM_PANEL];
    double distance[KM_PANEL];
    size_t count = end - i < KM_PANEL ? end - i : KM_PANEL;
    for (size_t q = i + KM_PANEL; dims <= MEASURE_AHEAD && q < i + 2 * KM_PANEL && q < end; q++) {
      km_dataset_fetch(now->grouped->engine->blocks->data, q, 0, dims);
    }
    for (size_t q = 0; q < KM_PANEL; q++) {
      size_t r = i + (q < count ? q : 0);
      row[q] = km_dataset_row(now->grouped->engine->blocks->data, r, room + q * dims);
      centroid[q] = now->centroids + *(const uint32_t *)km_chunks_at(now->labels, r) * dims;
    }
    kernels->pairs(row, centroid, dims, distance);
    memcpy(now->distance + (i - now->first), distance, count * sizeof(double));
  }
}

km_status km_grouped_sum_distances(km_grouped *grouped, const double *centroids, size_t k,
                                   const km_summary *summary) {
  km_engine *engine = grouped->engine;
  km_status status = KM_OK;
  double *distance = km_allocate(engine->blocks->hooks, MEASURE_STRETCH, sizeof *distance);
  measuring now = {grouped, centroids, summary->labels, 0, 0, distance};
  if (!distance) {
    return KM_NOMEM;
  }
  km_summary_clear(summary, k);
  for (; now.first < grouped->n && status == KM_OK; now.first = now.end) {
    size_t left = grouped->n - now.first;
    now.end = now.first + (left < MEASURE_STRETCH ? left : MEASURE_STRETCH);
    status = km_workers_run(engine->workers, engine->blocks->hooks, measure, &now,
                            (now.end - now.first + MEASURE_ROWS - 1) / MEASURE_ROWS);
    for (size_t i = now.first; i < now.end && status == KM_OK; i++) {
      uint32_t label = *(const uint32_t *)km_chunks_at(summary->labels, i);
      km_summary_add(summary, engine->blocks, i, label, distance[i - now.first]);
    }
  }
  km_release(engine->blocks->hooks, distance);
  return status;
}
