#include "core/order.h"

#include <string.h>

#include "core/sort.h"

typedef struct row_list {
  const double *rows;
  size_t dims;
} row_list;

/* By coordinates, first to last. */
static int row_before(const void *context, uint32_t a, uint32_t b) {
  const row_list *list = context;
  const double *row_a = list->rows + a * list->dims;
  const double *row_b = list->rows + b * list->dims;
  for (size_t j = 0; j < list->dims; j++) {
    if (row_a[j] != row_b[j]) {
      return row_a[j] < row_b[j];
    }
  }
  return 0;
}

km_status km_sort_rows(double *rows, size_t k, size_t dims, uint32_t *numbers, km_hooks *hooks) {
  km_status status = KM_NOMEM;
  double *copy = km_allocate(hooks, k, dims * sizeof *copy);
  uint32_t *order = km_allocate(hooks, k, sizeof *order);
  uint32_t *before = numbers ? km_allocate(hooks, k, sizeof *before) : NULL;
  if (copy && order && (before || !numbers)) {
    row_list list = {copy, dims};
    memcpy(copy, rows, k * dims * sizeof *copy);
    for (size_t c = 0; c < k; c++) {
      order[c] = (uint32_t)c;
    }
    km_sort_numbers(order, k, row_before, &list);
    for (size_t c = 0; c < k; c++) {
      memcpy(rows + c * dims, copy + order[c] * dims, dims * sizeof *rows);
    }
    if (numbers) {
      memcpy(before, numbers, k * sizeof *before);
    }
    for (size_t c = 0; numbers && c < k; c++) {
      numbers[c] = before[order[c]];
    }
    status = KM_OK;
  }
  km_release(hooks, before);
  km_release(hooks, order);
  km_release(hooks, copy);
  return status;
}
