#include "core/dataset.h"

#include <math.h>
#include <string.h>

#include "core/row_set.h"
#include "simd/kernels.h"
#include "simd/sum.h"

void km_dataset_init(km_dataset *data, size_t dims, km_element element) {
  data->dims = dims;
  data->element = element;
  km_chunks_init(&data->rows, dims * (element == KM_FLOAT ? sizeof(float) : sizeof(double)));
}

void km_dataset_clear(km_dataset *data, km_hooks *hooks) {
  km_chunks_clear(&data->rows, hooks);
}

void km_dataset_convert(const km_dataset *data, size_t i, size_t first, size_t count, double *to) {
  if (data->element == KM_DOUBLE) {
    memcpy(to, (const double *)km_chunks_at(&data->rows, i) + first, count * sizeof *to);
  } else {
    km_kernels_best()->widen((const float *)km_chunks_at(&data->rows, i) + first, count, to);
  }
}

void km_dataset_copy(const km_dataset *data, size_t i, double *to) {
  km_dataset_convert(data, i, 0, data->dims, to);
}

km_status km_dataset_max_abs(const km_dataset *data, km_hooks *hooks, double *max_abs) {
  km_status status = KM_OK;
  double largest[4] = {0};
  size_t run;
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i += run) {
    run = km_chunks_run(&data->rows, i);
    if (data->element == KM_DOUBLE) {
      const double *value = km_chunks_at(&data->rows, i);
      for (size_t v = 0; v < run * data->dims; v++) {
        double magnitude = fabs(value[v]);
        largest[v % 4] = magnitude > largest[v % 4] ? magnitude : largest[v % 4];
      }
    } else {
      const float *value = km_chunks_at(&data->rows, i);
      for (size_t v = 0; v < run * data->dims; v++) {
        double magnitude = fabs((double)value[v]);
        largest[v % 4] = magnitude > largest[v % 4] ? magnitude : largest[v % 4];
      }
    }
    status = km_tick(hooks, run * data->dims);
  }
  *max_abs = fmax(fmax(largest[0], largest[1]), fmax(largest[2], largest[3]));
  return status;
}

km_status km_dataset_distinct(const km_dataset *data, km_hooks *hooks, size_t limit,
                              size_t *distinct) {
  km_row_set seen;
  size_t found = 0;
  limit = limit < data->rows.count ? limit : data->rows.count;
  km_status status = km_row_set_init(&seen, hooks, limit, data);
  for (size_t i = 0; i < data->rows.count && found < limit && status == KM_OK; i++) {
    found += (size_t)km_row_set_add(&seen, i);
    status = km_tick(hooks, data->dims);
  }
  km_row_set_clear(&seen, hooks);
  *distinct = found;
  return status;
}

km_status km_dataset_mean_variance(const km_dataset *data, km_hooks *hooks, double unit,
                                   double *mean_variance) {
  km_status status = KM_OK;
  size_t n = data->rows.count;
  km_sum total = {0, 0};
  km_sum *mean = km_allocate(hooks, data->dims, sizeof *mean);
  double *room = km_allocate(hooks, data->dims, sizeof *room);
  if (!mean || !room) {
    km_release(hooks, mean);
    km_release(hooks, room);
    return KM_NOMEM;
  }
  memset(mean, 0, data->dims * sizeof *mean);
  for (size_t i = 0; i < n && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      km_sum_add(&mean[j], row[j] * unit);
    }
    status = km_tick(hooks, data->dims);
  }
  for (size_t j = 0; j < data->dims; j++) {
    mean[j].high = km_sum_mean(&mean[j], n);
  }
  for (size_t i = 0; i < n && status == KM_OK; i++) {
    const double *row = km_dataset_row(data, i, room);
    for (size_t j = 0; j < data->dims; j++) {
      double difference = row[j] * unit - mean[j].high;
      km_sum_add(&total, difference * difference);
    }
    status = km_tick(hooks, data->dims);
  }
  *mean_variance = km_sum_value(&total) / (double)n / (double)data->dims;
  km_release(hooks, mean);
  km_release(hooks, room);
  return status;
}
