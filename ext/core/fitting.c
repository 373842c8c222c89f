#include "core/fitting.h"

#include <math.h>
#include <string.h>

#include "core/breathe.h"
#include "core/empty.h"
#include "core/line.h"
#include "core/moments.h"
#include "core/order.h"
#include "core/refine.h"
#include "core/result.h"
#include "core/seed.h"
#include "core/weights.h"

/* Finds the points that have weight, and how many points they stand for. */
static km_status select_points(km_fitting *fit) {
  const km_dataset *data = fit->all;
  km_weights weights;
  km_status status = km_weights_measure(data, fit->hooks, &weights);
  if (status != KM_OK || (weights.zeros > 0 && weights.zeros == data->rows.count)) {
    return status;
  }
  /* Whole weights stand for copies; others for rows, since they have no unit. */
  fit->points = data->weights.count > 0 && weights.whole ? weights.total : (double)data->rows.count;
  fit->data = data;
  if (weights.zeros > 0) {
    fit->data = &fit->selected;
    status = km_weights_select(data, fit->hooks, &weights, &fit->selected);
  }
  return status;
}

/* Finds out how many clusters the data allows and how strict the tolerance is; starts the engine. */
static km_status prepare(km_fitting *fit) {
  const km_params *params = fit->params;
  const km_dataset *data = fit->data;
  km_hooks *hooks = fit->hooks;
  double mean_variance = 0;
  km_status status = km_dataset_distinct(data, hooks, params->k, &fit->distinct);
  if (status != KM_OK) {
    return status;
  }
  fit->k = params->k;
  if (fit->distinct < params->k) {
    if (!params->clamp) {
      return KM_TOO_FEW;
    }
    fit->k = fit->distinct;
  }
  if (!km_centroids_fit(fit->k, data->dims)) {
    return KM_TOO_LARGE;
  }
  if (params->init == KM_INIT_CENTROIDS) {
    fit->initial = km_allocate(hooks, fit->k, data->dims * sizeof *fit->initial);
    if (!fit->initial) {
      return KM_NOMEM;
    }
    km_result_place(data->transform, params->centroids, fit->k, data->dims, fit->initial);
  }
  km_workers_start(&fit->workers, km_engine_threads(params->threads, data, fit->k));
  size_t most = fit->initial ? fit->k : fit->k + KM_BREATH;
  status = km_blocks_init(&fit->blocks, data, hooks, &fit->workers, most, fit->initial);
  if (params->kernels) {
    fit->blocks.kernels = km_kernels_named(params->kernels);
  }
  if (status == KM_OK && params->tol > 0) {
    status = km_mean_variance(data, hooks, fit->blocks.unit, &mean_variance);
  }
  fit->tol = params->tol * mean_variance;
  if (status == KM_OK) {
    status =
        km_engine_begin(&fit->engine, km_engine_choose(params->algorithm, &fit->blocks, fit->k),
                        &fit->blocks, &fit->workers);
  }
  return status;
}

km_status km_fitting_begin(km_fitting *fit, const km_dataset *data, const km_params *params,
                           km_hooks *hooks) {
  memset(fit, 0, sizeof *fit);
  fit->params = params;
  fit->hooks = hooks;
  fit->all = data;
  fit->refine = params->refine == KM_REFINE_DEFAULT ? params->init != KM_INIT_CENTROIDS
                                                    : params->refine == KM_REFINE_AUTO;
  km_random_seed(&fit->random, params->seed);
  km_random_seed(&fit->swaps, ~params->seed);
  km_status status = select_points(fit);
  return status == KM_OK && fit->data ? prepare(fit) : status;
}

void km_fitting_end(km_fitting *fit) {
  km_engine_end(&fit->engine);
  km_workers_stop(&fit->workers);
  km_blocks_clear(&fit->blocks);
  km_release(fit->hooks, fit->initial);
  km_release(fit->hooks, fit->ends);
  if (fit->data == &fit->selected) {
    km_dataset_clear(&fit->selected, fit->hooks);
  }
  memset(fit, 0, sizeof *fit);
}

/* True for one-dimensional data whose optimum is computed: no seed and no restart can better it. */
static int is_line(const km_fitting *fit) {
  return fit->refine && fit->data->dims == 1 && fit->data->rows.count <= KM_LINE_MAX_ROWS &&
         fit->params->init != KM_INIT_CENTROIDS && km_dataset_metric(fit->data) == KM_EUCLIDEAN;
}

static km_status choose_initial(km_fitting *fit, double *centroids) {
  if (is_line(fit)) {
    return km_line(fit->data, fit->hooks, fit->blocks.unit, fit->k, centroids);
  }
  switch (fit->params->init) {
  case KM_INIT_PLUS_PLUS:
    return km_engine_seed(&fit->engine, &fit->random, fit->k, centroids);
  case KM_INIT_RANDOM:
    return km_seed_rows(&fit->blocks, &fit->random, fit->k, centroids);
  case KM_INIT_CENTROIDS:
    memcpy(centroids, fit->initial, fit->k * fit->data->dims * sizeof(double));
  }
  return KM_OK;
}

/* The labels are allocated after the initial centroids are found: that needs as much memory for
** itself. */
km_status km_fitting_seed(km_fitting *fit, size_t run, km_lloyd *lloyd, km_result *result) {
  *lloyd = (km_lloyd){
      .engine = &fit->engine,
      .k = fit->k,
      .run = run,
      .max_iter = fit->params->max_iter,
      .tol = fit->tol,
  };
  km_status status = km_result_init(result, fit->data, fit->k, fit->hooks);
  lloyd->centroids = result->centroids;
  lloyd->labels = &result->labels;
  lloyd->counts = result->sizes;
  if (status == KM_OK) {
    status = choose_initial(fit, lloyd->centroids);
  }
  return status == KM_OK ? km_chunks_fill(lloyd->labels, fit->hooks, fit->data->rows.count)
                         : status;
}

/* The labels are found anew, since sorting changes who wins a tie, and max_iter or tol can stop
** between an update and its assignment. Then a cluster can be empty: it is filled and the labels
** found again. Each round puts a centroid on a point that had none, and moves no centroid that has
** points, so that distances only fall: it ends. */
km_status km_fitting_finish(km_fitting *fit, km_lloyd *lloyd, km_result *result,
                            uint32_t *numbers) {
  const km_dataset *data = fit->data;
  km_status status = KM_OK;
  size_t filled = 1;
  km_result_restore(data->transform, result);
  while (status == KM_OK && filled > 0) {
    if (fit->params->init != KM_INIT_CENTROIDS) {
      status = km_sort_rows(result->restored, result->k, result->dims, numbers, fit->hooks);
    }
    if (status == KM_OK) {
      km_result_place(data->transform, result->restored, result->k, result->dims,
                      result->centroids);
      status = km_result_summarise(&fit->engine, result);
    }
    if (status == KM_OK) {
      status = km_fill_empty(lloyd, 1, &filled);
    }
    if (status == KM_OK && filled > 0 && km_transform_moves(data->transform)) {
      status = km_result_restore_points(data, fit->hooks, result, fit->blocks.row);
    }
  }
  if (status == KM_OK) {
    status = km_result_mend(&fit->blocks, result);
  }
  result->distinct = fit->distinct;
  result->iterations = lloyd->iterations;
  result->converged = lloyd->converged;
  return status;
}

/* Small data deserves more than one start: they cost less than anybody notices, and where there are few
** points, refining finds little to go by. */
#define SMALL_WORK 4e6 /* a start is some 40 passes: seeding and a few iterations */
#define SMALL_RUNS 10

static double small_runs(const km_fitting *fit) {
  double work = 40 * fit->points * (double)fit->data->dims * (double)fit->k;
  return fmin(SMALL_RUNS, SMALL_WORK / work);
}

/* Finds out whether a run has ended where an earlier one did, from where refining would do the same again: of
** the same clusters, the centroids are the same bits. The earlier one has had no fewer iterations left, though
** breathing, which takes as many as there were, may have been given fewer of them. */
static km_status recognise(km_fitting *fit, const km_lloyd *lloyd, int *known) {
  size_t values = fit->k * fit->data->dims;
  double *end = fit->ends + fit->ended * (values + 1);
  memcpy(end, lloyd->centroids, values * sizeof *end);
  end[values] = (double)lloyd->iterations;
  km_status status = km_sort_rows(end, fit->k, fit->data->dims, NULL, fit->hooks);
  for (size_t r = 0; r < fit->ended && !*known; r++) {
    const double *other = fit->ends + r * (values + 1);
    *known = memcmp(other, end, values * sizeof *end) == 0 && other[values] <= end[values];
  }
  fit->ended += !*known && fit->ended < SMALL_RUNS;
  return status;
}

/* Sets *known where the run ends as an earlier one did: there is no result then. */
static km_status run_once(km_fitting *fit, size_t run, km_result *result, int *known) {
  km_lloyd lloyd;
  km_status status = km_fitting_seed(fit, run, &lloyd, result);
  *known = 0;
  /* Where the optimum was computed, Lloyd's iterations find nothing to improve; they round the means
  ** as everywhere. */
  if (status == KM_OK) {
    status = km_lloyd_run(&lloyd);
  }
  if (status == KM_OK && fit->ends && km_refine_acts(&lloyd)) {
    status = recognise(fit, &lloyd, known);
  }
  if (status == KM_OK && fit->refine && !is_line(fit) && !*known) {
    status = km_refine(&lloyd, &fit->swaps);
  }
  return status == KM_OK && !*known ? km_fitting_finish(fit, &lloyd, result, NULL) : status;
}

/* A later run is taken where it is better by more than rounding: the same clusters are found often. */
#define BETTER (1 - 0x1p-40)

static size_t count_runs(const km_fitting *fit) {
  const km_params *params = fit->params;
  double runs = small_runs(fit);
  if (params->init == KM_INIT_CENTROIDS || is_line(fit)) {
    return 1;
  }
  return fit->refine && runs > (double)params->n_init ? (size_t)runs : params->n_init;
}

km_status km_fitting_run(km_fitting *fit, km_result *result, km_random *start, size_t *run) {
  km_status status = KM_OK;
  size_t runs = count_runs(fit);
  memset(result, 0, sizeof *result);
  if (fit->refine && runs > 1 && small_runs(fit) >= 1 &&
      km_refine_sample(fit->data->rows.count, fit->data->dims, fit->k) == fit->data->rows.count) {
    size_t values = fit->k * fit->data->dims;
    fit->ends = km_allocate(fit->hooks, SMALL_RUNS + 1, (values + 1) * sizeof(double));
    status = fit->ends ? KM_OK : KM_NOMEM;
  }
  for (size_t r = 1; r <= runs && status == KM_OK; r++) {
    km_result attempt;
    km_random random = fit->random;
    int known;
    status = run_once(fit, r, &attempt, &known);
    if (status == KM_OVERFLOW && r > 1) { /* the earlier ones stand */
      status = KM_OK;
      known = 1;
    }
    if (status == KM_OK && !known && (r == 1 || attempt.cost < result->cost * BETTER)) {
      km_result worse = *result;
      *result = attempt;
      attempt = worse;
      *start = random;
      *run = r;
    }
    km_result_clear(&attempt, fit->hooks);
  }
  return status;
}
