#include "core/dataset.h"

#include <math.h>
#include <string.h>

#include "core/row_set.h"
#include "simd/kernels.h"

void km_dataset_init(km_dataset *data, size_t dims, km_element element) {
  memset(data, 0, sizeof *data);
  data->dims = dims;
  data->element = element;
  data->direct = element == KM_DOUBLE;
  size_t bytes = km_times(dims, element == KM_FLOAT ? sizeof(float) : sizeof(double));
  km_chunks_init(&data->rows, dims <= KM_MAX_DIMS ? bytes : SIZE_MAX);
  km_chunks_init(&data->weights, sizeof(double));
}

void km_dataset_clear(km_dataset *data, km_hooks *hooks) {
  km_dataset_unsee(data, hooks);
  km_chunks_clear(&data->rows, hooks);
  km_chunks_clear(&data->weights, hooks);
}

void km_dataset_unsee(km_dataset *data, km_hooks *hooks) {
  km_chunks_clear(&data->directions, hooks);
  data->transform = NULL;
  data->direct = data->element == KM_DOUBLE;
}

/* Finds the directions of all rows, which are handed out without them until that is done. */
static km_status find_directions(km_dataset *data, km_hooks *hooks, size_t *at) {
  km_chunks directions;
  km_chunks_init(&directions, sizeof(double));
  double *room = km_allocate(hooks, data->dims, sizeof *room);
  km_status status = room ? km_chunks_fill(&directions, hooks, data->rows.count) : KM_NOMEM;
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    double direction = km_direction(km_dataset_row(data, i, room), data->dims);
    *(double *)km_chunks_at(&directions, i) = direction;
    status = km_tick(hooks, 4 * data->dims);
    if (direction == 0 && status == KM_OK) {
      *at = i;
      status = KM_NO_DIRECTION;
    }
  }
  data->directions = directions;
  km_release(hooks, room);
  return status;
}

km_status km_dataset_see(km_dataset *data, km_hooks *hooks, const km_transform *transform,
                         size_t *at) {
  km_dataset_unsee(data, hooks);
  if (!transform || (!transform->impute && !km_transform_moves(transform))) {
    return KM_OK;
  }
  data->transform = transform;
  data->direct = 0;
  return transform->metric == KM_COSINE ? find_directions(data, hooks, at) : KM_OK;
}

static void stored_part(const km_dataset *data, size_t i, size_t first, size_t count, double *to) {
  if (data->element == KM_DOUBLE) {
    memcpy(to, (const double *)km_chunks_at(&data->rows, i) + first, count * sizeof *to);
  } else {
    km_kernels_best()->widen((const float *)km_chunks_at(&data->rows, i) + first, 1, count, to);
  }
}

void km_dataset_stored(const km_dataset *data, size_t i, double *to) {
  stored_part(data, i, 0, data->dims, to);
}

int km_dataset_directed(const km_dataset *data, size_t i) {
  const void *row = km_chunks_at(&data->rows, i);
  size_t j = 0;
  while (j < data->dims) {
    double value =
        data->element == KM_DOUBLE ? ((const double *)row)[j] : (double)((const float *)row)[j];
    if (!(fabs(value) < KM_LEAST_LENGTH)) {
      break;
    }
    j++;
  }
  return j < data->dims;
}

void km_dataset_convert(const km_dataset *data, size_t i, size_t first, size_t count, double *to) {
  if (data->element == KM_FLOAT && data->directions.count > 0 && !data->transform->impute &&
      !data->transform->factor) {
    const float *row = km_chunks_at(&data->rows, i);
    double direction = *(const double *)km_chunks_at(&data->directions, i);
    km_kernels_best()->widen(row + first, direction, count, to);
    return;
  }
  stored_part(data, i, first, count, to);
  if (data->transform) {
    km_transform_columns(data->transform, first, count, to);
  }
  if (data->directions.count > 0) {
    double direction = *(const double *)km_chunks_at(&data->directions, i);
    for (size_t j = 0; j < count; j++) {
      to[j] *= direction;
    }
  }
}

void km_dataset_copy(const km_dataset *data, size_t i, double *to) {
  km_dataset_convert(data, i, 0, data->dims, to);
}

/* The largest magnitude among `count` floats. */
static double largest_float(const float *value, size_t count) {
  enum { PIECE = 512 };
  double room[PIECE];
  double found = 0;
  for (size_t i = 0; i < count; i += PIECE) {
    size_t some = count - i < PIECE ? count - i : PIECE;
    km_kernels_best()->widen(value + i, 1, some, room);
    found = fmax(found, km_kernels_best()->largest(room, some));
  }
  return found;
}

/* The largest magnitude of rows that are not seen as they are stored. */
static km_status max_abs_seen(const km_dataset *data, km_hooks *hooks, double *max_abs) {
  km_status status = KM_OK;
  double *room = km_allocate(hooks, data->dims, sizeof *room);
  if (!room) {
    return KM_NOMEM;
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    *max_abs = fmax(*max_abs, km_kernels_best()->largest(row, data->dims));
    status = km_tick(hooks, data->dims);
  }
  km_release(hooks, room);
  return status;
}

/* The largest magnitude that each worker has found. */
typedef struct search {
  const km_dataset *data;
  size_t rows; /* of a slice */
  double found[KM_MAX_WORKERS];
} search;

static void search_slice(void *context, size_t slice, size_t worker) {
  search *now = context;
  const km_dataset *data = now->data;
  size_t i = slice * now->rows;
  size_t end = i + now->rows < data->rows.count ? i + now->rows : data->rows.count;
  size_t run;
  for (; i < end; i += run) {
    const void *values = km_chunks_at(&data->rows, i);
    run = km_chunks_run(&data->rows, i);
    run = run < end - i ? run : end - i;
    double largest = data->element == KM_FLOAT
                         ? largest_float(values, run * data->dims)
                         : km_kernels_best()->largest(values, run * data->dims);
    now->found[worker] = fmax(now->found[worker], largest);
  }
}

km_status km_dataset_max_abs(const km_dataset *data, km_hooks *hooks, km_workers *workers,
                             double *max_abs) {
  *max_abs = 0;
  if (data->directions.count > 0) {
    *max_abs = 1;
    return KM_OK;
  }
  if (data->transform) {
    return max_abs_seen(data, hooks, max_abs);
  }
  search now = {.data = data, .rows = KM_TICK / data->dims + 1};
  size_t slices = (data->rows.count + now.rows - 1) / now.rows;
  km_status status = km_workers_run(workers, hooks, search_slice, &now, slices);
  for (size_t w = 0; w < km_workers_count(workers); w++) {
    *max_abs = fmax(*max_abs, now.found[w]);
  }
  return status;
}

static km_status count_distinct(const km_dataset *data, km_hooks *hooks, int ratios, size_t limit,
                                size_t *distinct) {
  km_row_set seen;
  size_t found = 0;
  km_status status = km_row_set_init(&seen, hooks, limit, data);
  seen.ratios = ratios;
  for (size_t i = 0; i < data->rows.count && found < limit && status == KM_OK; i++) {
    found += (size_t)km_row_set_add(&seen, i);
    status = km_tick(hooks, data->dims);
  }
  km_row_set_clear(&seen, hooks);
  *distinct = found;
  return status;
}

/* Multiples of a row may be seen as different, through rounding, and other rows as equal. */
km_status km_dataset_distinct(const km_dataset *data, km_hooks *hooks, size_t limit,
                              size_t *distinct) {
  limit = limit < data->rows.count ? limit : data->rows.count;
  km_status status = count_distinct(data, hooks, 0, limit, distinct);
  if (status == KM_OK && km_dataset_metric(data) == KM_COSINE) {
    status = count_distinct(data, hooks, 1, *distinct, distinct);
  }
  return status;
}
