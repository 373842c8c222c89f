#include "core/result.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/row_set.h"

km_status km_result_init(km_result *result, const km_dataset *data, size_t k, km_hooks *hooks) {
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

void km_result_place(const km_transform *transform, const double *from, size_t k, size_t dims,
                     double *to) {
  if (to != from) {
    memcpy(to, from, k * dims * sizeof *to);
  }
  for (size_t c = 0; c < k && km_transform_moves(transform); c++) {
    km_transform_point(transform, to + c * dims, dims);
  }
}

void km_result_restore(const km_transform *transform, km_result *result) {
  for (size_t c = 0; c < result->k && km_transform_moves(transform); c++) {
    km_transform_restore(transform, result->centroids + c * result->dims, result->dims,
                         result->restored + c * result->dims);
  }
}

km_status km_result_restore_points(const km_dataset *data, km_hooks *hooks, km_result *result,
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

/* Fills in the result from sums of squared distances and of weights. */
static void take(const km_blocks *blocks, const km_summary *summary, km_result *result) {
  double unit = blocks->unit;
  double weight_unit = blocks->weight_unit;
  int cosine = km_dataset_metric(blocks->data) == KM_COSINE;
  for (size_t c = 0; c < result->k; c++) {
    result->inertias[c] = km_sum_value(&summary->inertias[c]) / unit / unit / weight_unit;
    result->inertias[c] /= cosine ? 2 : 1;
    result->weights[c] = summary->weights ? km_sum_value(&summary->weights[c]) / weight_unit
                                          : (double)result->sizes[c];
    result->radii[c] = cosine ? result->radii[c] / 2 : sqrt(result->radii[c]) / unit;
  }
  result->cost = km_summary_inertia(summary, result->k);
  result->inertia = result->cost / unit / unit / weight_unit / (cosine ? 2 : 1);
}

/* Adds the points up by the labels that they have. */
static km_status add_up(const km_blocks *blocks, const double *centroids, size_t k,
                        const km_summary *summary) {
  const km_dataset *data = blocks->data;
  km_status status = KM_OK;
  km_summary_clear(summary, k);
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    uint32_t label = *(const uint32_t *)km_chunks_at(summary->labels, i);
    km_summary_add(summary, blocks, i, label,
                   km_blocks_distance(blocks, i, centroids + label * data->dims));
    status = km_tick(blocks->hooks, 2 * data->dims);
  }
  return status;
}

/* `engine`: who labels the points; NULL: they have labels. */
static km_status summarise(km_blocks *blocks, km_engine *engine, km_result *result) {
  km_hooks *hooks = blocks->hooks;
  int weighted = km_dataset_weighted(blocks->data);
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
  km_status status = engine
                         ? engine->type->summarise(engine, result->centroids, result->k, &summary)
                         : add_up(blocks, result->centroids, result->k, &summary);
  if (status == KM_OK) {
    take(blocks, &summary, result);
  }
  km_release(hooks, sums);
  return status;
}

km_status km_result_summarise(km_engine *engine, km_result *result) {
  return summarise(engine->blocks, engine, result);
}

km_status km_result_measure(km_blocks *blocks, km_result *result) {
  return summarise(blocks, NULL, result);
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

km_status km_result_mend(const km_blocks *blocks, km_result *result) {
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

km_status km_result_extend(const km_dataset *data, km_hooks *hooks, km_result *result) {
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

/* Puts k items in their new places; `room` is memory for as many. */
static void renumber(void *items, size_t k, size_t bytes, const uint32_t *to, void *room) {
  memcpy(room, items, k * bytes);
  for (size_t c = 0; c < k; c++) {
    memcpy((char *)items + to[c] * bytes, (const char *)room + c * bytes, bytes);
  }
}

km_status km_result_renumber(km_result *result, const uint32_t *to, km_hooks *hooks) {
  size_t k = result->k;
  km_status status = KM_OK;
  double *room = km_allocate(hooks, k, result->dims * sizeof *room);
  if (!room) {
    return KM_NOMEM;
  }
  _Static_assert(sizeof *result->sizes <= sizeof *room, "a size fits into the room of a double");
  renumber(result->centroids, k, result->dims * sizeof *room, to, room);
  if (result->restored != result->centroids) {
    renumber(result->restored, k, result->dims * sizeof *room, to, room);
  }
  renumber(result->sizes, k, sizeof *result->sizes, to, room);
  renumber(result->weights, k, sizeof *room, to, room);
  renumber(result->inertias, k, sizeof *room, to, room);
  renumber(result->radii, k, sizeof *room, to, room);
  for (size_t i = 0; i < result->labels.count && status == KM_OK; i++) {
    uint32_t *label = km_chunks_at(&result->labels, i);
    *label = to[*label];
    status = km_tick(hooks, 1);
  }
  km_release(hooks, room);
  return status;
}
