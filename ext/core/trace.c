#include "core/trace.h"

#include <string.h>

#include "core/distance.h"
#include "core/fitting.h"
#include "core/order.h"
#include "core/result.h"

/* The run that is watched. */
typedef struct km_tracing {
  km_fitting fit;
  km_params params;
  km_hooks *hooks;
  size_t threads;   /* at most, in this and all later calls: engines have room for so many */
  km_lloyd lloyd;   /* with the arrays of: */
  km_result run;    /* its clusters are in the order of the seeding */
  uint32_t *number; /* k: what each of them is called */
} km_tracing;

/* Numbers the clusters by their seeds. */
static km_status number_clusters(km_tracing *state) {
  size_t k = state->run.k;
  km_hooks *hooks = state->hooks;
  state->number = km_allocate(hooks, k, sizeof *state->number);
  double *seeds = km_allocate(hooks, k, state->run.dims * sizeof *seeds);
  uint32_t *order = km_allocate(hooks, k, sizeof *order);
  km_status status = state->number && seeds && order ? KM_OK : KM_NOMEM;
  for (size_t c = 0; c < k && status == KM_OK; c++) {
    order[c] = (uint32_t)c;
  }
  if (status == KM_OK) {
    km_result_restore(state->fit.data->transform, &state->run);
    memcpy(seeds, state->run.restored, k * state->run.dims * sizeof *seeds);
    if (state->params.init != KM_INIT_CENTROIDS) {
      status = km_sort_rows(seeds, k, state->run.dims, order, hooks);
    }
  }
  for (size_t c = 0; c < k && status == KM_OK; c++) {
    state->number[order[c]] = (uint32_t)c;
  }
  km_release(hooks, order);
  km_release(hooks, seeds);
  return status;
}

/* What is to be seen after an assignment. */
static km_status look(km_tracing *state, km_result *result) {
  const km_dataset *data = state->fit.data;
  km_status status = km_result_init(result, data, state->run.k, state->hooks);
  if (status == KM_OK) {
    status = km_chunks_fill(&result->labels, state->hooks, data->rows.count);
  }
  if (status == KM_OK) {
    memcpy(result->centroids, state->run.centroids, result->k * result->dims * sizeof(double));
    km_result_restore(data->transform, result);
    status = km_lloyd_look(&state->lloyd, &result->labels);
  }
  if (status == KM_OK) {
    status = km_result_measure(&state->fit.blocks, result);
  }
  if (status == KM_OK) {
    status = km_result_mend(&state->fit.blocks, result);
  }
  result->distinct = state->fit.distinct;
  result->iterations = state->lloyd.iterations;
  return status;
}

/* The end of the run is the result that a fit makes of it. */
static km_status finish(km_tracing *state, km_result *result) {
  km_lloyd_end(&state->lloyd);
  km_status status = km_fitting_finish(&state->fit, &state->lloyd, &state->run, state->number);
  *result = state->run;
  memset(&state->run, 0, sizeof state->run);
  return status;
}

/* Counts who has come and how far the centroids have gone since the result before. */
static km_status compare(km_trace *trace, const km_result *next) {
  const km_result *before = &trace->result;
  size_t dims = next->dims;
  km_status status = KM_OK;
  for (size_t c = 0; c < next->k && status == KM_OK; c++) {
    const double *to = next->centroids + c * dims;
    trace->moved[c] = 0;
    trace->shift[c] = before->k == 0 ? 0 : km_distance(to, before->centroids + c * dims, dims);
    status = km_tick(trace->state->hooks, dims);
  }
  for (size_t i = 0; i < next->labels.count && status == KM_OK; i++) {
    uint32_t label = km_result_label(next, i);
    trace->moved[label] += before->k == 0 || label != km_result_label(before, i);
    status = km_tick(trace->state->hooks, 2);
  }
  return status;
}

/* Puts the next result in the place of the one before. */
static km_status show(km_trace *trace) {
  km_tracing *state = trace->state;
  const km_dataset *all = state->fit.all;
  km_result next;
  km_status status = trace->done ? finish(state, &next) : look(state, &next);
  if (status == KM_OK && state->fit.data != all) {
    status = km_result_extend(all, state->hooks, &next);
  }
  if (status == KM_OK) {
    status = km_result_renumber(&next, state->number, state->hooks);
  }
  if (status == KM_OK) {
    status = compare(trace, &next);
  }
  km_result_clear(&trace->result, state->hooks);
  trace->result = next;
  return status;
}

/* Makes all runs and goes back to where the best one began. */
static km_status choose_run(km_tracing *state, size_t *run) {
  km_result result;
  km_random start;
  km_status status = km_fitting_run(&state->fit, &result, &start, run);
  km_result_clear(&result, state->hooks);
  state->fit.random = start;
  return status;
}

static km_status seed(km_trace *trace) {
  km_tracing *state = trace->state;
  size_t run = 1;
  km_status status = state->params.n_init > 1 ? choose_run(state, &run) : KM_OK;
  if (status == KM_OK) {
    status = km_fitting_seed(&state->fit, run, &state->lloyd, &state->run);
  }
  if (status == KM_OK) {
    trace->moved = km_allocate(state->hooks, state->run.k, sizeof *trace->moved);
    trace->shift = km_allocate(state->hooks, state->run.k, sizeof *trace->shift);
    status = trace->moved && trace->shift ? number_clusters(state) : KM_NOMEM;
  }
  if (status == KM_OK) {
    status = km_lloyd_begin(&state->lloyd);
  }
  if (status == KM_OK) {
    status = km_lloyd_assign(&state->lloyd);
  }
  return status == KM_OK ? show(trace) : status;
}

km_status km_trace_begin(km_trace *trace, const km_dataset *data, const km_params *params,
                         km_hooks *hooks) {
  memset(trace, 0, sizeof *trace);
  km_tracing *state = km_allocate(hooks, 1, sizeof *state);
  if (!state) {
    return KM_NOMEM;
  }
  memset(state, 0, sizeof *state);
  trace->state = state;
  state->hooks = hooks;
  state->params = *params;
  state->params.refine = KM_REFINE_NONE;
  km_status status = km_fitting_begin(&state->fit, data, &state->params, hooks);
  state->threads = km_workers_count(&state->fit.workers);
  trace->result.distinct = state->fit.distinct;
  if (status == KM_OK && state->fit.k == 0) {
    trace->result.dims = data->dims;
    trace->result.converged = trace->done = 1;
  } else if (status == KM_OK) {
    status = seed(trace);
  }
  km_workers_stop(&state->fit.workers);
  return status;
}

km_status km_trace_next(km_trace *trace) {
  km_tracing *state = trace->state;
  km_workers_start(&state->fit.workers, state->threads);
  km_status status = km_lloyd_update(&state->lloyd);
  trace->done = status == KM_OK && !km_lloyd_goes_on(&state->lloyd);
  if (status == KM_OK && !trace->done) {
    status = km_lloyd_assign(&state->lloyd);
  }
  if (status == KM_OK) {
    status = show(trace);
  }
  km_workers_stop(&state->fit.workers);
  return status;
}

void km_trace_end(km_trace *trace) {
  km_tracing *state = trace->state;
  if (state) {
    km_hooks *hooks = state->hooks;
    if (state->lloyd.engine) {
      km_lloyd_end(&state->lloyd);
    }
    km_fitting_end(&state->fit);
    km_result_clear(&state->run, hooks);
    km_result_clear(&trace->result, hooks);
    km_release(hooks, state->number);
    km_release(hooks, trace->moved);
    km_release(hooks, trace->shift);
    km_release(hooks, state);
  }
  memset(trace, 0, sizeof *trace);
}
