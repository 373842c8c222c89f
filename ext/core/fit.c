#include "core/fit.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/empty.h"
#include "core/engine.h"
#include "core/line.h"
#include "core/lloyd.h"
#include "core/order.h"
#include "core/refine.h"
#include "core/row_set.h"
#include "core/seed.h"
#include "core/weights.h"

/* Allocates the arrays of a result for k clusters of data, but for the labels. */
static km_status result_init(km_result *result, const km_dataset *data, size_t k, km_hooks *hooks) {
  memset(result, 0, sizeof *result);
  result->k = k;
  result->dims = data->dims;
  km_chunks_init(&result->labels, sizeof(uint32_t));
  result->centroids = km_allocate(hooks, k, data->dims * sizeof(double));
  result->sizes = km_allocate(hooks, k, sizeof *result->sizes);
  result->weights = km_allocate(hooks, k, sizeof *result->weights);
  result->inertias = km_allocate(hooks, k, sizeof *result->inertias);
  result->radii = km_allocate(hooks, k, sizeof *result->radii);
  result->restored = result->centroids;
  if (km_transform_moves(data->transform)) {
    result->restored = km_allocate(hooks, k, data->dims * sizeof(double));
  }
  if (!result->centroids || !result->restored || !result->sizes || !result->weights ||
      !result->inertias || !result->radii) {
    return KM_NOMEM;
  }
  return KM_OK;
}

const char *km_kernel_name(void) {
  return km_kernels_best()->name;
}

int km_kernel_known(const char *name) {
  return km_kernels_named(name) != NULL;
}

void km_result_clear(km_result *result, km_hooks *hooks) {
  if (result->restored != result->centroids) {
    km_release(hooks, result->restored);
  }
  km_release(hooks, result->centroids);
  km_release(hooks, result->sizes);
  km_release(hooks, result->weights);
  km_release(hooks, result->inertias);
  km_release(hooks, result->radii);
  km_chunks_clear(&result->labels, hooks);
  memset(result, 0, sizeof *result);
}

/* Finds the given points (k * dims) in the space of the clustering. */
static void place(const km_transform *transform, const double *from, size_t k, size_t dims,
                  double *to) {
  if (to != from) {
    memcpy(to, from, k * dims * sizeof *to);
  }
  for (size_t c = 0; c < k && km_transform_moves(transform); c++) {
    km_transform_point(transform, to + c * dims, dims);
  }
}

/* The centroids in the units of the points. These are the ones that a model carries, rounded as they
** are: so the labels are found by what they come to in the space of the clustering. */
static void restore(const km_transform *transform, km_result *result) {
  for (size_t c = 0; c < result->k && km_transform_moves(transform); c++) {
    km_transform_restore(transform, result->centroids + c * result->dims, result->dims,
                         result->restored + c * result->dims);
  }
}

/* Where a centroid lies on the only point of its cluster, it is restored to that point itself: so
** clusters that were empty and got a point keep it when their centroids are placed again. */
static km_status restore_points(const km_dataset *data, km_hooks *hooks, km_result *result,
                                double *room) {
  const km_transform *transform = data->transform;
  size_t dims = data->dims;
  km_status status = KM_OK;
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    uint32_t c = km_result_label(result, i);
    double *restored = result->restored + c * dims;
    if (result->sizes[c] == 1 &&
        km_rows_equal(km_dataset_row(data, i, room), result->centroids + c * dims, dims)) {
      memcpy(restored, result->centroids + c * dims, dims * sizeof *restored);
      if (transform->factor) {
        km_transform filled = {.impute = transform->impute};
        km_dataset_stored(data, i, restored);
        km_transform_columns(&filled, 0, dims, restored);
      }
    }
    status = km_tick(hooks, dims);
  }
  return status;
}

/* Labels every point by the centroids of the result, and fills in sizes, weights, inertias and radii. */
static km_status summarise(km_engine *engine, km_result *result) {
  km_hooks *hooks = engine->blocks->hooks;
  double unit = engine->blocks->unit;
  int cosine = km_dataset_metric(engine->blocks->data) == KM_COSINE;
  double weight_unit = engine->blocks->weight_unit;
  int weighted = km_dataset_weighted(engine->blocks->data);
  km_sum total = {0, 0};
  km_sum *sums = km_allocate(hooks, weighted ? 2 * result->k : result->k, sizeof *sums);
  km_summary summary = {
      .labels = &result->labels,
      .sizes = result->sizes,
      .inertias = sums,
      .farthest = result->radii,
      .weights = sums && weighted ? sums + result->k : NULL,
  };
  if (!sums) {
    return KM_NOMEM;
  }
  km_status status = engine->type->summarise(engine, result->centroids, result->k, &summary);
  for (size_t c = 0; c < result->k && status == KM_OK; c++) {
    km_sum_merge(&total, &sums[c]);
    result->inertias[c] = km_sum_value(&sums[c]) / unit / unit / weight_unit;
    result->inertias[c] /= cosine ? 2 : 1;
    result->weights[c] =
        weighted ? km_sum_value(&summary.weights[c]) / weight_unit : (double)result->sizes[c];
    result->radii[c] = cosine ? result->radii[c] / 2 : sqrt(result->radii[c]) / unit;
  }
  result->cost = km_sum_value(&total);
  result->inertia = result->cost / unit / unit / weight_unit / (cosine ? 2 : 1);
  km_release(hooks, sums);
  return status;
}

/* Whether a cluster is so small beside the rest of the data that the squares of its distances may have
** underflowed. */
static int is_doubtful(const km_blocks *blocks, const km_result *result, size_t c) {
  return result->radii[c] * blocks->unit < 0x1p-450 && result->sizes[c] > 0;
}

/* Computes the inertias of doubtful clusters from distances in units of their radius. */
static km_status mend_inertias(const km_blocks *blocks, km_result *result) {
  const km_dataset *data = blocks->data;
  km_status status = KM_OK;
  km_sum total = {0, 0};
  km_sum *sums = km_allocate(blocks->hooks, result->k, sizeof *sums);
  if (!sums) {
    return KM_NOMEM;
  }
  memset(sums, 0, result->k * sizeof *sums);
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    uint32_t label = km_result_label(result, i);
    double weight = km_dataset_weight(data, i);
    if (is_doubtful(blocks, result, label) && result->radii[label] > 0 && weight > 0) {
      double distance = km_distance(km_dataset_row(data, i, blocks->row),
                                    result->centroids + label * result->dims, result->dims);
      double ratio = distance / result->radii[label];
      km_sum_add(&sums[label], weight * (ratio * ratio));
    }
    status = km_tick(blocks->hooks, data->dims);
  }
  for (size_t c = 0; c < result->k; c++) {
    if (is_doubtful(blocks, result, c)) {
      result->inertias[c] = km_sum_value(&sums[c]) * result->radii[c] * result->radii[c];
    }
    km_sum_add(&total, result->inertias[c]);
  }
  if (isfinite(km_sum_value(&total))) {
    result->inertia = km_sum_value(&total);
  }
  km_release(blocks->hooks, sums);
  return status;
}

/* Finds radii and inertias that have been lost to underflow. With cosine nothing is that small beside
** the rest. */
static km_status mend_small(const km_blocks *blocks, km_result *result) {
  const km_dataset *data = blocks->data;
  km_status status = KM_OK;
  size_t doubtful = 0;
  size_t mended = 0;
  for (size_t c = 0; c < result->k && km_dataset_metric(data) != KM_COSINE; c++) {
    if (is_doubtful(blocks, result, c)) {
      result->radii[c] = 0; /* underflow rounds up, too */
      doubtful++;
    }
  }
  for (size_t i = 0; doubtful > 0 && i < data->rows.count && status == KM_OK; i++) {
    uint32_t label = km_result_label(result, i);
    if (is_doubtful(blocks, result, label) && km_dataset_weight(data, i) > 0) {
      double distance = km_distance(km_dataset_row(data, i, blocks->row),
                                    result->centroids + label * result->dims, result->dims);
      result->radii[label] = fmax(result->radii[label], distance);
      mended += distance > 0;
    }
    status = km_tick(blocks->hooks, data->dims);
  }
  return status == KM_OK && mended > 0 ? mend_inertias(blocks, result) : status;
}

/* What the runs of one fit share. */
typedef struct fitting {
  const km_params *params;
  km_blocks blocks;
  km_workers workers;
  km_engine engine;
  km_random random;
  km_random swaps; /* a stream of its own: every run starts as it would without refine */
  size_t k;
  double *initial; /* k * dims, or NULL: given centroids, in the space of the clustering */
  int refine;
  double points; /* how many the rows stand for */
  double tol;    /* times unit^2 and the mean variance */
} fitting;

static km_status choose_initial(fitting *fit, double *centroids) {
  switch (fit->params->init) {
  case KM_INIT_PLUS_PLUS:
    return km_engine_seed(&fit->engine, &fit->random, fit->k, centroids);
  case KM_INIT_RANDOM:
    return km_seed_rows(&fit->blocks, &fit->random, fit->k, centroids);
  case KM_INIT_CENTROIDS:
    memcpy(centroids, fit->initial, fit->k * fit->blocks.data->dims * sizeof(double));
    return KM_OK;
  }
  return KM_OK;
}

/* True for one-dimensional data whose optimum is computed: no seed and no restart can better it. */
static int is_line(const fitting *fit) {
  return fit->refine && fit->blocks.data->dims == 1 && fit->params->init != KM_INIT_CENTROIDS &&
         km_dataset_metric(fit->blocks.data) == KM_EUCLIDEAN;
}

/* The labels are allocated after the initial centroids are found: that needs as much memory for
** itself. */
static km_status allocate_labels(fitting *fit, km_lloyd *lloyd) {
  return km_chunks_fill(lloyd->labels, fit->blocks.hooks, fit->blocks.data->rows.count);
}

static km_status run_line(fitting *fit, km_lloyd *lloyd) {
  km_hooks *hooks = fit->blocks.hooks;
  km_status status = km_line(fit->blocks.data, hooks, fit->blocks.unit, fit->k, lloyd->centroids);
  if (status == KM_OK) {
    status = allocate_labels(fit, lloyd);
  }
  /* Lloyd's iterations find nothing to improve; they round the means as everywhere. */
  return status == KM_OK ? km_lloyd_run(lloyd) : status;
}

/* Initial centroids, Lloyd's iterations, and what gets them out of poor optima. */
static km_status run_lloyd(fitting *fit, km_lloyd *lloyd) {
  km_status status = choose_initial(fit, lloyd->centroids);
  if (status == KM_OK) {
    status = allocate_labels(fit, lloyd);
  }
  if (status == KM_OK) {
    status = km_lloyd_run(lloyd);
  }
  if (status == KM_OK && fit->refine) {
    status = km_refine(lloyd, &fit->swaps);
  }
  return status;
}

/* One run: clusters, canonical order, final labels. */
static km_status run_once(fitting *fit, size_t run, km_result *result) {
  km_hooks *hooks = fit->blocks.hooks;
  const km_dataset *data = fit->blocks.data;
  km_lloyd lloyd = {
      .engine = &fit->engine,
      .k = fit->k,
      .run = run,
      .max_iter = fit->params->max_iter,
      .tol = fit->tol,
  };
  size_t filled = 1;
  km_status status = result_init(result, data, fit->k, hooks);
  lloyd.centroids = result->centroids;
  lloyd.labels = &result->labels;
  lloyd.counts = result->sizes;
  if (status == KM_OK) {
    status = is_line(fit) ? run_line(fit, &lloyd) : run_lloyd(fit, &lloyd);
  }
  if (status == KM_OK) {
    restore(data->transform, result);
  }
  /* The labels are found anew, since sorting changes who wins a tie, and max_iter or tol can stop
  ** between an update and its assignment. Then a cluster can be empty: it is filled and the labels
  ** found again. Each round puts a centroid on a point that had none, and moves no centroid that has
  ** points, so that distances only fall: it ends. */
  while (status == KM_OK && filled > 0) {
    if (fit->params->init != KM_INIT_CENTROIDS) {
      status = km_sort_rows(result->restored, result->k, result->dims, hooks);
    }
    if (status == KM_OK) {
      place(data->transform, result->restored, result->k, result->dims, result->centroids);
      status = summarise(&fit->engine, result);
    }
    if (status == KM_OK) {
      status = km_fill_empty(&lloyd, 1, &filled);
    }
    if (status == KM_OK && filled > 0 && km_transform_moves(data->transform)) {
      status = restore_points(data, hooks, result, fit->blocks.row);
    }
  }
  if (status == KM_OK) {
    status = mend_small(&fit->blocks, result);
  }
  result->iterations = lloyd.iterations;
  result->converged = lloyd.converged;
  return status;
}

/* Finds out how many clusters the data allows and how strict the tolerance is; starts the engine. */
static km_status prepare(fitting *fit, const km_dataset *data, km_hooks *hooks, size_t *distinct) {
  const km_params *params = fit->params;
  double mean_variance = 0;
  km_status status = km_dataset_distinct(data, hooks, params->k, distinct);
  if (status != KM_OK) {
    return status;
  }
  fit->k = params->k;
  if (*distinct < params->k) {
    if (!params->clamp) {
      return KM_TOO_FEW;
    }
    fit->k = *distinct;
  }
  if (params->init == KM_INIT_CENTROIDS) {
    fit->initial = km_allocate(hooks, fit->k, data->dims * sizeof *fit->initial);
    if (!fit->initial) {
      return KM_NOMEM;
    }
    place(data->transform, params->centroids, fit->k, data->dims, fit->initial);
  }
  status = km_blocks_init(&fit->blocks, data, hooks, fit->k, fit->initial);
  if (params->kernels) {
    fit->blocks.kernels = km_kernels_named(params->kernels);
  }
  if (status == KM_OK && params->tol > 0) {
    status = km_dataset_mean_variance(data, hooks, fit->blocks.unit, &mean_variance);
  }
  fit->tol = params->tol * mean_variance;
  if (status == KM_OK) {
    km_workers_start(&fit->workers, km_engine_threads(params->threads, &fit->blocks, fit->k));
    status =
        km_engine_begin(&fit->engine, km_engine_choose(params->algorithm, &fit->blocks, fit->k),
                        &fit->blocks, &fit->workers);
  }
  return status;
}

/* Small data deserves more than one start: they cost less than anybody notices, and where there are few
** points, refining finds little to go by. */
#define SMALL_WORK 4e6 /* a start is some 40 passes: seeding and a few iterations */
#define SMALL_RUNS 10

/* A later run is taken where it is better by more than rounding: the same clusters are found often. */
#define BETTER (1 - 0x1p-40)

static size_t count_runs(const fitting *fit) {
  const km_params *params = fit->params;
  double work = 40 * fit->points * (double)fit->blocks.data->dims * (double)fit->k;
  double runs = fmin(SMALL_RUNS, SMALL_WORK / work);
  if (params->init == KM_INIT_CENTROIDS || is_line(fit)) {
    return 1;
  }
  return fit->refine && runs > (double)params->n_init ? (size_t)runs : params->n_init;
}

/* Fits points none of which has weight 0; `points` is how many they stand for. */
static km_status fit_points(const km_dataset *data, double points, const km_params *params,
                            km_hooks *hooks, km_result *result) {
  fitting fit;
  size_t runs = 0;
  size_t distinct = 0;
  memset(result, 0, sizeof *result);
  memset(&fit, 0, sizeof fit);
  fit.params = params;
  fit.points = points;
  fit.refine = params->refine == KM_REFINE_DEFAULT ? params->init != KM_INIT_CENTROIDS
                                                   : params->refine == KM_REFINE_AUTO;
  km_random_seed(&fit.random, params->seed);
  km_random_seed(&fit.swaps, ~params->seed);
  km_status status = prepare(&fit, data, hooks, &distinct);
  if (status == KM_OK) {
    runs = count_runs(&fit);
  }
  for (size_t run = 1; run <= runs && status == KM_OK; run++) {
    km_result attempt;
    status = run_once(&fit, run, &attempt);
    if (status == KM_OK && (run == 1 || attempt.cost < result->cost * BETTER)) {
      km_result worse = *result;
      *result = attempt;
      attempt = worse;
    }
    km_result_clear(&attempt, hooks);
  }
  km_engine_end(&fit.engine);
  km_workers_stop(&fit.workers);
  km_blocks_clear(&fit.blocks);
  km_release(hooks, fit.initial);
  result->distinct = distinct;
  return status;
}

/* Extends a fit of the points that have weight to all of them. */
static km_status label_others(const km_dataset *data, km_hooks *hooks, km_result *result) {
  km_chunks all;
  size_t at = 0;
  km_chunks_init(&all, sizeof(uint32_t));
  km_status status = km_chunks_fill(&all, hooks, data->rows.count);
  double *room = km_allocate(hooks, data->dims, sizeof *room);
  status = room ? status : KM_NOMEM;
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    uint32_t *label = km_chunks_at(&all, i);
    if (km_dataset_weight(data, i) > 0) {
      *label = km_result_label(result, at++);
      continue;
    }
    *label = (uint32_t)km_nearest(km_dataset_row(data, i, room), result->centroids, result->k,
                                  data->dims, result->k);
    result->sizes[*label]++;
    status = km_tick(hooks, result->k * data->dims);
  }
  km_release(hooks, room);
  km_chunks_clear(&result->labels, hooks);
  result->labels = all;
  return status;
}

km_status km_fit(const km_dataset *data, const km_params *params, km_hooks *hooks,
                 km_result *result) {
  km_weights weights;
  km_dataset selected;
  memset(result, 0, sizeof *result);
  km_status status = km_weights_measure(data, hooks, &weights);
  if (status != KM_OK || (weights.zeros > 0 && weights.zeros == data->rows.count)) {
    result->dims = data->dims;
    result->converged = 1;
    return status;
  }
  /* Whole weights stand for copies; others for rows, since they have no unit. */
  double points =
      data->weights.count > 0 && weights.whole ? weights.total : (double)data->rows.count;
  if (weights.zeros == 0) {
    return fit_points(data, points, params, hooks, result);
  }
  status = km_weights_select(data, hooks, &weights, &selected);
  if (status == KM_OK) {
    status = fit_points(&selected, points, params, hooks, result);
  }
  km_dataset_clear(&selected, hooks);
  return status == KM_OK ? label_others(data, hooks, result) : status;
}

km_status km_apply(const km_dataset *data, const double *centroids, size_t k, km_hooks *hooks,
                   km_result *result) {
  km_blocks blocks;
  km_engine engine;
  memset(&blocks, 0, sizeof blocks);
  memset(&engine, 0, sizeof engine);
  km_status status = result_init(result, data, k, hooks);
  if (status == KM_OK) {
    memcpy(result->restored, centroids, k * data->dims * sizeof(double));
    place(data->transform, result->restored, k, data->dims, result->centroids);
    status = km_chunks_fill(&result->labels, hooks, data->rows.count);
  }
  if (status == KM_OK) {
    status = km_blocks_init(&blocks, data, hooks, k, result->centroids);
  }
  if (status == KM_OK) {
    status = km_engine_begin(&engine, &km_engine_plain, &blocks, NULL);
  }
  if (status == KM_OK) {
    status = summarise(&engine, result);
  }
  if (status == KM_OK) {
    status = mend_small(&blocks, result);
  }
  km_engine_end(&engine);
  km_blocks_clear(&blocks);
  return status;
}
