#include "core/lloyd.h"

#include <math.h>
#include <string.h>

#include "core/empty.h"

/* Gives empty clusters a point. The sums are taken anew rather than corrected: a point that far away
** can have drowned the low bits of all others in its cluster. The engine may keep the labels elsewhere:
** it hands them over and takes them back. */
static km_status repair(km_lloyd *lloyd, size_t *filled) {
  km_engine *engine = lloyd->engine;
  km_status status = KM_OK;
  size_t full = 0;
  *filled = 0;
  for (size_t c = 0; engine->rest && c < lloyd->k; c++) {
    engine->rest[c] = KM_NO_REST;
  }
  while (full < lloyd->k && lloyd->counts[full] > 0) {
    full++;
  }
  if (full == lloyd->k) {
    return KM_OK;
  }
  if (engine->type->labels) {
    status = engine->type->labels(engine);
  }
  if (status == KM_OK) {
    status = km_fill_empty(lloyd, 0, filled);
  }
  return status == KM_OK ? engine->type->adopt(engine, lloyd->sums, lloyd->counts) : status;
}

/* The means of cluster c's points, divided by their length with cosine (Dhillon & Modha 2001): where
** that is 0, the centroid stays. */
static void find_mean(const km_lloyd *lloyd, size_t c, double *mean) {
  const km_dataset *data = lloyd->engine->blocks->data;
  const km_sum *weights = lloyd->engine->weights;
  km_sum weight = weights ? weights[c] : (km_sum){(double)lloyd->counts[c], 0};
  for (size_t j = 0; j < data->dims; j++) {
    mean[j] = km_sum_ratio(&lloyd->sums[c * data->dims + j], &weight);
  }
  if (km_dataset_metric(data) == KM_COSINE) {
    double direction = km_direction(mean, data->dims);
    for (size_t j = 0; j < data->dims; j++) {
      mean[j] = direction > 0 ? mean[j] * direction : lloyd->centroids[c * data->dims + j];
    }
  }
}

/* Moves every centroid to the mean of its points; *shift is the sum of their squared movements,
** times unit^2, which may underflow: *changed says whether any moved at all. */
static km_status update(km_lloyd *lloyd, double *shift, int *changed) {
  size_t dims = lloyd->engine->blocks->data->dims;
  double unit = lloyd->engine->blocks->unit;
  double *room = lloyd->engine->blocks->row;
  km_status status = KM_OK;
  *shift = 0;
  *changed = 0;
  for (size_t c = 0; c < lloyd->k && status == KM_OK; c++) {
    double *centroid = lloyd->centroids + c * dims;
    find_mean(lloyd, c, room);
    for (size_t j = 0; j < dims; j++) {
      double mean = room[j];
      double movement = (mean - centroid[j]) * unit;
      if (!isfinite(mean)) {
        return KM_OVERFLOW;
      }
      *shift += movement * movement;
      *changed |= mean != centroid[j];
      centroid[j] = mean;
    }
    status = km_tick(lloyd->engine->blocks->hooks, dims * 8);
  }
  return status;
}

/* With cosine, brings the centroids to length 1: those of refine's sample are means. One that is 0 has
** no direction, and any will do. */
static km_status aim(const km_lloyd *lloyd) {
  const km_dataset *data = lloyd->engine->blocks->data;
  km_status status = KM_OK;
  for (size_t c = 0; c < lloyd->k && km_dataset_metric(data) == KM_COSINE && status == KM_OK; c++) {
    double *centroid = lloyd->centroids + c * data->dims;
    double direction = km_direction(centroid, data->dims);
    for (size_t j = 0; j < data->dims; j++) {
      centroid[j] = direction > 0 ? centroid[j] * direction : j == 0;
    }
    status = km_tick(lloyd->engine->blocks->hooks, 8 * data->dims);
  }
  return status;
}

/* Whether the last repair parted a row: then its copies do not all keep their labels, though the row
** may. */
static int parted(const km_lloyd *lloyd) {
  size_t c = 0;
  while (lloyd->engine->rest && c < lloyd->k && lloyd->engine->rest[c] == KM_NO_REST) {
    c++;
  }
  return lloyd->engine->rest && c < lloyd->k;
}

km_status km_lloyd_begin(km_lloyd *lloyd) {
  km_engine *engine = lloyd->engine;
  km_hooks *hooks = engine->blocks->hooks;
  int weighted = km_dataset_weighted(engine->blocks->data);
  lloyd->iterations = 0;
  lloyd->converged = 0;
  lloyd->sums = km_allocate(hooks, lloyd->k, engine->blocks->data->dims * sizeof *lloyd->sums);
  if (weighted) {
    engine->weights = km_allocate(hooks, lloyd->k, sizeof *engine->weights);
    engine->rest = km_allocate(hooks, lloyd->k, sizeof *engine->rest);
  }
  if (!lloyd->sums || (weighted && (!engine->weights || !engine->rest))) {
    return KM_NOMEM;
  }
  for (size_t c = 0; weighted && c < lloyd->k; c++) {
    engine->rest[c] = KM_NO_REST;
  }
  km_status status = aim(lloyd);
  return status == KM_OK ? engine->type->start(engine, lloyd->k, lloyd->labels) : status;
}

km_status km_lloyd_assign(km_lloyd *lloyd) {
  km_engine *engine = lloyd->engine;
  km_status status =
      engine->type->assign(engine, lloyd->centroids, lloyd->sums, lloyd->counts, &lloyd->moved);
  lloyd->moved += (size_t)parted(lloyd);
  return status;
}

km_status km_lloyd_look(const km_lloyd *lloyd, km_chunks *to) {
  km_engine *engine = lloyd->engine;
  km_status status = engine->type->labels ? engine->type->labels(engine) : KM_OK;
  for (size_t i = 0; i < to->count && status == KM_OK; i++) {
    *(uint32_t *)km_chunks_at(to, i) = *(const uint32_t *)km_chunks_at(lloyd->labels, i);
    status = km_tick(engine->blocks->hooks, 1);
  }
  return status == KM_OK && engine->type->resume ? engine->type->resume(engine) : status;
}

km_status km_lloyd_update(km_lloyd *lloyd) {
  km_engine *engine = lloyd->engine;
  km_hooks *hooks = engine->blocks->hooks;
  size_t filled = 0;
  double shift = 0;
  int changed = 0;
  km_status status = repair(lloyd, &filled);
  if (status == KM_OK) {
    status = update(lloyd, &shift, &changed);
  }
  if (status == KM_OK) {
    lloyd->iterations++;
    lloyd->converged =
        filled == 0 && (lloyd->moved == 0 || !changed || (lloyd->tol > 0 && shift <= lloyd->tol));
    km_report report = {
        .run = lloyd->run,
        .iteration = lloyd->earlier + lloyd->iterations,
        .moved = lloyd->moved,
        .shift = sqrt(shift) / engine->blocks->unit,
    };
    hooks->report(hooks->context, &report);
  }
  return status;
}

void km_lloyd_end(km_lloyd *lloyd) {
  km_engine *engine = lloyd->engine;
  km_hooks *hooks = engine->blocks->hooks;
  if (engine->type->finish) {
    engine->type->finish(engine);
  }
  km_release(hooks, lloyd->sums);
  km_release(hooks, engine->weights);
  km_release(hooks, engine->rest);
  lloyd->sums = NULL;
  engine->weights = NULL;
  engine->rest = NULL;
}

km_status km_lloyd_run(km_lloyd *lloyd) {
  km_status status = km_lloyd_begin(lloyd);
  while (status == KM_OK && km_lloyd_goes_on(lloyd)) {
    status = km_lloyd_assign(lloyd);
    if (status == KM_OK) {
      status = km_lloyd_update(lloyd);
    }
  }
  km_lloyd_end(lloyd);
  return status;
}

km_status km_lloyd_follow(km_lloyd *lloyd, km_lloyd *next, size_t most) {
  size_t left = lloyd->max_iter - lloyd->iterations;
  next->max_iter = most < left ? most : left;
  next->earlier = lloyd->iterations;
  km_status status = km_lloyd_run(next);
  lloyd->iterations += next->iterations;
  return status;
}

km_status km_lloyd_measure(const km_lloyd *lloyd, km_sum *inertias, double *inertia) {
  km_engine *engine = lloyd->engine;
  km_hooks *hooks = engine->blocks->hooks;
  km_status status = KM_NOMEM;
  int weighted = km_dataset_weighted(engine->blocks->data);
  km_summary summary = {
      .labels = lloyd->labels,
      .sizes = lloyd->counts,
      .inertias = km_allocate(hooks, lloyd->k, sizeof *summary.inertias),
      .farthest = km_allocate(hooks, lloyd->k, sizeof *summary.farthest),
      .weights = weighted ? km_allocate(hooks, lloyd->k, sizeof *summary.weights) : NULL,
  };
  if (summary.inertias && summary.farthest && (!weighted || summary.weights)) {
    status = engine->type->summarise(engine, lloyd->centroids, lloyd->k, &summary);
  }
  if (status == KM_OK) {
    *inertia = km_summary_inertia(&summary, lloyd->k);
    if (inertias) {
      memcpy(inertias, summary.inertias, lloyd->k * sizeof *inertias);
    }
  }
  km_release(hooks, summary.inertias);
  km_release(hooks, summary.farthest);
  km_release(hooks, summary.weights);
  return status;
}
