#include "core/row_set.h"

#include <stdint.h>
#include <string.h>

#include "simd/kernels.h"

km_status km_row_set_init(km_row_set *set, km_hooks *hooks, size_t max_rows,
                          const km_dataset *data) {
  memset(set, 0, sizeof *set);
  set->data = data;
  set->slots = 16;
  while (set->slots / 2 < max_rows) {
    if (set->slots > SIZE_MAX / 2) {
      return KM_NOMEM;
    }
    set->slots *= 2;
  }
  set->slot = km_allocate(hooks, set->slots, sizeof *set->slot);
  set->added = km_allocate(hooks, data->dims, sizeof *set->added);
  set->held = km_allocate(hooks, data->dims, sizeof *set->held);
  if (!set->slot || !set->added || !set->held) {
    return KM_NOMEM;
  }
  memset(set->slot, 0, set->slots * sizeof *set->slot);
  return KM_OK;
}

void km_row_set_clear(km_row_set *set, km_hooks *hooks) {
  km_release(hooks, set->slot);
  km_release(hooks, set->added);
  km_release(hooks, set->held);
}

static KM_WRAPS size_t hash_row(const double *row, size_t dims) {
  uint64_t hash = 0x9E3779B97F4A7C15u;
  for (size_t j = 0; j < dims; j++) {
    double value = row[j] + 0.0; /* -0.0 becomes 0.0 */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0xBF58476D1CE4E5B9u;
    hash ^= hash >> 29;
  }
  hash *= 0x94D049BB133111EBu; /* small integers differ in the upper bits of their doubles only */
  return (size_t)(hash >> 32 ^ hash >> 17);
}

/* Row i as it is compared. */
static const double *row_of(const km_row_set *set, size_t i, double *room) {
  const km_dataset *data = set->data;
  if (!set->ratios) {
    return km_dataset_row(data, i, room);
  }
  km_dataset_stored(data, i, room);
  if (data->transform) {
    km_transform_columns(data->transform, 0, data->dims, room);
  }
  double largest = km_kernels_best()->largest(room, data->dims);
  for (size_t j = 0; j < data->dims && largest > 0; j++) {
    room[j] /= largest;
  }
  return room;
}

int km_row_set_add(km_row_set *set, size_t i) {
  size_t dims = set->data->dims;
  const double *row = row_of(set, i, set->added);
  size_t s = hash_row(row, dims) & (set->slots - 1);
  while (set->slot[s]) {
    if (km_rows_equal(row_of(set, set->slot[s] - 1, set->held), row, dims)) {
      return 0;
    }
    s = (s + 1) & (set->slots - 1);
  }
  set->slot[s] = i + 1;
  return 1;
}

int km_rows_equal(const double *a, const double *b, size_t dims) {
  for (size_t j = 0; j < dims; j++) {
    if (a[j] != b[j]) {
      return 0;
    }
  }
  return 1;
}
