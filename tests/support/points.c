#include "points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

KM_WRAPS uint64_t points_next(points_random *random) {
  uint64_t z = (random->state += 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

double points_unit(points_random *random) {
  return (double)(points_next(random) >> 11) * 0x1p-53;
}

size_t points_below(points_random *random, size_t bound) {
  return (size_t)(points_next(random) % bound);
}

/* Sanitizers make everything about ten times slower, valgrind and emulators fifty times. */
static size_t slowness(void) {
  const char *instrument = getenv("KMEANS_INSTRUMENTED");
  if (!instrument || !instrument[0]) {
    return 1;
  }
  return strstr(instrument, "valgrind") || strstr(instrument, "qemu") ? 60 : 20;
}

size_t points_cases(size_t cases) {
  if (slowness() > 1) {
    return cases / slowness() + 1;
  }
  return getenv("KMEANS_TORTURE") ? 5 * cases : cases;
}

size_t points_stride(void) {
  return slowness() == 1 ? 1 : slowness() == 20 ? 7 : 23;
}

void points_fill(double *rows, size_t n, size_t dims, points_kind kind, points_random *random) {
  size_t groups = 1 + points_below(random, 8);
  size_t side = 2 + points_below(random, 9);
  for (size_t i = 0; i < n; i++) {
    double group = (double)points_below(random, groups);
    size_t copied = points_below(random, groups);
    for (size_t j = 0; j < dims; j++) {
      double *value = &rows[i * dims + j];
      switch (kind) {
      case POINTS_CONTINUOUS:
        *value = 3 * group * (j % 2 == 0 ? 1 : -1) + points_unit(random) + points_unit(random);
        break;
      case POINTS_GRID:
        *value = (double)points_below(random, side) - (double)(side / 2);
        break;
      case POINTS_OFFSET:
        *value = 1e9 + 2 * group + points_unit(random);
        break;
      default:
        *value = i < groups ? points_unit(random) : rows[copied * dims + j];
        break;
      }
    }
  }
}

size_t points_distinct(const double *rows, size_t n, size_t dims) {
  size_t distinct = 0;
  for (size_t i = 0; i < n; i++) {
    int is_new = 1;
    for (size_t earlier = 0; earlier < i && is_new; earlier++) {
      size_t j = 0;
      while (j < dims && rows[i * dims + j] == rows[earlier * dims + j]) {
        j++;
      }
      is_new = j < dims;
    }
    distinct += (size_t)is_new;
  }
  return distinct;
}

static void *checked(void *memory) {
  if (!memory) {
    fprintf(stderr, "no memory for a test\n");
    abort();
  }
  return memory;
}

void points_load(km_dataset *data, const double *rows, size_t n, km_hooks *hooks) {
  for (size_t i = 0; i < n; i++) {
    void *row = checked(km_chunks_push(&data->rows, hooks));
    for (size_t j = 0; j < data->dims; j++) {
      if (data->element == KM_FLOAT) {
        ((float *)row)[j] = (float)rows[i * data->dims + j];
      } else {
        ((double *)row)[j] = rows[i * data->dims + j];
      }
    }
  }
}

size_t points_load_csv(km_dataset *data, const char *path, km_hooks *hooks) {
  char text[4096];
  double *row = points_memory(1, data->dims);
  FILE *file = fopen(path, "r");
  size_t rows = 0;
  int more = file && fgets(text, sizeof text, file);
  while (more && fgets(text, sizeof text, file)) {
    char *at = text;
    for (size_t j = 0; j < data->dims; j++) {
      row[j] = strtod(at, &at);
      at += *at == ',';
    }
    points_load(data, row, 1, hooks);
    rows++;
  }
  if (file) {
    fclose(file);
  }
  free(row);
  return rows;
}

void points_weigh(km_dataset *data, const double *weights, size_t n, km_hooks *hooks) {
  for (size_t i = 0; i < n; i++) {
    *(double *)checked(km_chunks_push(&data->weights, hooks)) = weights[i];
  }
}

double *points_make(km_dataset *data, size_t n, size_t dims, points_kind kind,
                    points_random *random, km_hooks *hooks) {
  double *rows = points_memory(n, dims);
  points_fill(rows, n, dims, kind, random);
  km_dataset_init(data, dims, KM_DOUBLE);
  points_load(data, rows, n, hooks);
  return rows;
}

double *points_memory(size_t n, size_t dims) {
  return checked(calloc(n * dims + 1, sizeof(double)));
}
