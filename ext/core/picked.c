#include "core/picked.h"

#include <string.h>

#include "simd/kernels.h"

km_status km_picked_init(km_picked *picked, const km_dataset *data, km_hooks *hooks, double one,
                         size_t count) {
  *picked = (km_picked){.data = data, .one = one};
  if (data->element == KM_FLOAT) {
    picked->number = km_allocate(hooks, count, sizeof *picked->number);
    return picked->number ? KM_OK : KM_NOMEM;
  }
  picked->copy = km_allocate(hooks, count, data->dims * sizeof *picked->copy);
  return picked->copy ? KM_OK : KM_NOMEM;
}

void km_picked_clear(km_picked *picked, km_hooks *hooks) {
  km_release(hooks, picked->copy);
  km_release(hooks, picked->number);
  memset(picked, 0, sizeof *picked);
}

static void convert(const km_picked *picked, size_t row, double *to) {
  const km_dataset *data = picked->data;
  if (data->element == KM_FLOAT && !data->transform) {
    km_kernels_best()->widen(km_chunks_at(&data->rows, row), picked->one, data->dims, to);
    return;
  }
  km_dataset_copy(data, row, to);
  for (size_t j = 0; j < data->dims && picked->one != 1; j++) {
    to[j] *= picked->one;
  }
}

void km_picked_set(km_picked *picked, size_t i, size_t row) {
  if (picked->copy) {
    convert(picked, row, picked->copy + i * picked->data->dims);
  } else {
    picked->number[i] = row;
  }
}

void km_picked_copy(const km_picked *picked, size_t i, double *to) {
  if (picked->copy) {
    size_t dims = picked->data->dims;
    memcpy(to, picked->copy + i * dims, dims * sizeof *to);
  } else {
    convert(picked, picked->number[i], to);
  }
}
