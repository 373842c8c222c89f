#include "core/gap.h"

#include <math.h>

#include "core/random.h"

/* The box of the points: least and most, dims doubles each. */
static km_status find_box(const km_dataset *data, km_hooks *hooks, double *room, double *least,
                          double *most) {
  km_status status = KM_OK;
  for (size_t j = 0; j < data->dims; j++) {
    least[j] = INFINITY;
    most[j] = -INFINITY;
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      least[j] = row[j] < least[j] ? row[j] : least[j];
      most[j] = row[j] > most[j] ? row[j] : most[j];
    }
    status = km_tick(hooks, data->dims);
  }
  return status;
}

/* A set of points uniform over the box, with the weights of data; km_dataset_clear is due in any case. */
static km_status draw_set(const km_dataset *data, km_hooks *hooks, const double *least,
                          const double *most, km_random *random, km_dataset *set) {
  size_t n = data->rows.count;
  km_dataset_init(set, data->dims, KM_DOUBLE);
  km_status status = km_chunks_fill(&set->rows, hooks, n);
  if (status == KM_OK && km_dataset_weighted(data)) {
    status = km_chunks_fill(&set->weights, hooks, n);
  }
  for (size_t i = 0; i < n && status == KM_OK; i++) {
    double *row = km_chunks_at(&set->rows, i);
    for (size_t j = 0; j < data->dims; j++) {
      row[j] = least[j] + (most[j] - least[j]) * km_random_unit(random);
    }
    if (km_dataset_weighted(data)) {
      *(double *)km_chunks_at(&set->weights, i) = km_dataset_weight(data, i);
    }
    status = km_tick(hooks, 8 * data->dims);
  }
  return status;
}

/* The logarithm of the inertia that one reference set has. */
static km_status measure_set(const km_dataset *data, const km_params *params, km_hooks *hooks,
                             const double *least, const double *most, km_random *random,
                             double *logarithm) {
  static const km_transform directions = {.metric = KM_COSINE};
  km_dataset set;
  km_result result = {0};
  size_t at;
  km_status status = draw_set(data, hooks, least, most, random, &set);
  if (status == KM_OK && km_dataset_metric(data) == KM_COSINE) {
    status = km_dataset_see(&set, hooks, &directions, &at);
  }
  if (status == KM_OK) {
    status = km_fit(&set, params, hooks, &result);
  }
  *logarithm = log(result.inertia);
  km_result_clear(&result, hooks);
  km_dataset_clear(&set, hooks);
  return status;
}

km_status km_gap_measure(const km_dataset *data, const km_params *params, double inertia,
                         km_hooks *hooks, km_gap *gap) {
  double logarithms[KM_GAP_SETS];
  km_params reference = *params;
  km_random random;
  double mean = 0;
  double squares = 0;
  double *box = km_allocate(hooks, data->dims, 3 * sizeof *box);
  double *most = box ? box + data->dims : NULL;
  *gap = (km_gap){NAN, NAN};
  if (!box) {
    return KM_NOMEM;
  }
  reference.init = params->init == KM_INIT_CENTROIDS ? KM_INIT_PLUS_PLUS : params->init;
  reference.clamp = 1; /* a box can be too narrow for k different doubles */
  km_random_seed(&random, ~params->seed);
  km_status status = find_box(data, hooks, most + data->dims, box, most);
  for (size_t b = 0; b < KM_GAP_SETS && status == KM_OK; b++) {
    status = measure_set(data, &reference, hooks, box, most, &random, &logarithms[b]);
    mean += status == KM_OK ? logarithms[b] / KM_GAP_SETS : 0;
  }
  for (size_t b = 0; b < KM_GAP_SETS && status == KM_OK; b++) {
    squares += (logarithms[b] - mean) * (logarithms[b] - mean);
  }
  if (status == KM_OK && isfinite(log(inertia)) && isfinite(mean)) {
    gap->gap = mean - log(inertia);
    gap->error = sqrt(squares / KM_GAP_SETS) * sqrt(1 + 1.0 / KM_GAP_SETS);
  }
  km_release(hooks, box);
  return status;
}
