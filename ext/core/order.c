#include "core/order.h"

#include <string.h>

/* True when row a comes before row b. */
static int row_less(const double *a, const double *b, size_t dims) {
  for (size_t j = 0; j < dims; j++) {
    if (a[j] != b[j]) {
      return a[j] < b[j];
    }
  }
  return 0;
}

/* Lets the row at `root` sink in the heap of `count` row pointers, the last row on top. */
static void sift_down(const double **heap, size_t root, size_t count, size_t dims) {
  const double *row = heap[root];
  size_t child;
  while ((child = 2 * root + 1) < count) {
    if (child + 1 < count && row_less(heap[child], heap[child + 1], dims)) {
      child++;
    }
    if (!row_less(row, heap[child], dims)) {
      break;
    }
    heap[root] = heap[child];
    root = child;
  }
  heap[root] = row;
}

/* Heapsort, since qsort may take memory of its own. */
static void sort(const double **heap, size_t k, size_t dims) {
  for (size_t root = k / 2; root-- > 0;) {
    sift_down(heap, root, k, dims);
  }
  for (size_t count = k; count-- > 1;) {
    const double *last = heap[0];
    heap[0] = heap[count];
    heap[count] = last;
    sift_down(heap, 0, count, dims);
  }
}

km_status km_sort_rows(double *rows, size_t k, size_t dims, uint32_t *numbers, km_hooks *hooks) {
  km_status status = KM_NOMEM;
  double *copy = km_allocate(hooks, k, dims * sizeof *copy);
  const double **heap = km_allocate(hooks, k, sizeof *heap);
  uint32_t *before = numbers ? km_allocate(hooks, k, sizeof *before) : NULL;
  if (copy && heap && (before || !numbers)) {
    memcpy(copy, rows, k * dims * sizeof *copy);
    for (size_t c = 0; c < k; c++) {
      heap[c] = copy + c * dims;
    }
    sort(heap, k, dims);
    for (size_t c = 0; c < k; c++) {
      memcpy(rows + c * dims, heap[c], dims * sizeof *rows);
    }
    if (numbers) {
      memcpy(before, numbers, k * sizeof *before);
    }
    for (size_t c = 0; numbers && c < k; c++) {
      numbers[c] = before[(size_t)(heap[c] - copy) / dims];
    }
    status = KM_OK;
  }
  km_release(hooks, before);
  km_release(hooks, heap);
  km_release(hooks, copy);
  return status;
}
