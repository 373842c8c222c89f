#include "core/fit.h"

#include <string.h>

#include "core/fitting.h"
#include "core/result.h"

/* From so many centroids on, building a tree for a single pass pays. */
#define TREE_K 48

const char *km_kernel_name(void) {
  return km_kernels_best()->name;
}

int km_kernel_known(const char *name) {
  return km_kernels_named(name) != NULL;
}

km_status km_fit(const km_dataset *data, const km_params *params, km_hooks *hooks,
                 km_result *result) {
  km_fitting fit;
  km_random start;
  size_t run = 0;
  memset(result, 0, sizeof *result);
  km_status status = km_fitting_begin(&fit, data, params, hooks);
  size_t distinct = fit.distinct;
  int nothing = fit.k == 0;
  int some = fit.data != data;
  if (status == KM_OK && !nothing) {
    status = km_fitting_run(&fit, result, &start, &run);
  }
  km_fitting_end(&fit);
  result->distinct = distinct;
  if (status == KM_OK && nothing) {
    result->dims = data->dims;
    result->converged = 1;
  } else if (status == KM_OK && some) {
    status = km_result_extend(data, hooks, result);
  }
  return status;
}

/* One pass over all points: bounds do not pay, and a tree only with many centroids. */
static const km_engine_type *choose_once(const km_blocks *blocks, size_t k) {
  int low = blocks->data->dims < 5;
  if (blocks->data->rows.count == 0) {
    return &km_engine_plain;
  }
  return km_engine_choose(low && k < TREE_K ? KM_ALGORITHM_PLAIN
                          : low             ? KM_ALGORITHM_AUTO
                                            : KM_ALGORITHM_DENSE,
                          blocks, k);
}

km_status km_apply(const km_dataset *data, const double *centroids, size_t k, size_t threads,
                   km_hooks *hooks, km_result *result) {
  km_blocks blocks;
  km_engine engine;
  km_workers workers;
  memset(&blocks, 0, sizeof blocks);
  memset(&engine, 0, sizeof engine);
  memset(&workers, 0, sizeof workers);
  memset(result, 0, sizeof *result);
  if (!km_centroids_fit(k, data->dims)) {
    return KM_TOO_LARGE;
  }
  km_status status = km_result_init(result, data, k, hooks);
  if (status == KM_OK) {
    memcpy(result->restored, centroids, k * data->dims * sizeof(double));
    km_result_place(data->transform, result->restored, k, data->dims, result->centroids);
    status = km_chunks_fill(&result->labels, hooks, data->rows.count);
  }
  if (status == KM_OK) {
    status = km_blocks_init(&blocks, data, hooks, NULL, k, result->centroids);
  }
  if (status == KM_OK) {
    const km_engine_type *type = choose_once(&blocks, k);
    if (type != &km_engine_plain) {
      km_workers_start(&workers, km_engine_threads(threads, data, k));
    }
    status = km_engine_begin(&engine, type, &blocks, &workers);
  }
  if (status == KM_OK) {
    status = km_result_summarise(&engine, result);
  }
  if (status == KM_OK) {
    status = km_result_mend(&blocks, result);
  }
  km_engine_end(&engine);
  km_workers_stop(&workers);
  km_blocks_clear(&blocks);
  return status;
}
