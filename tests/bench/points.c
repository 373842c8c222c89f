#include "points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core_runs.h"

/* xorshift64* (Vigna 2016). */
static uint64_t state = 1;

void numbers_from(uint64_t seed) {
  state = seed;
}

double uniform(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (double)((state * UINT64_C(2685821657736338717)) >> 11) * 0x1p-53;
}

/* Box and Muller's transform; the second deviate is thrown away. */
double normal(void) {
  double radius = sqrt(-2 * log(1 - uniform()));
  return radius * cos(6.283185307179586 * uniform());
}

struct cloud cloud_scaled(const struct cloud *cloud) {
  struct cloud c = *cloud;
  if (quick() && c.rows > 2000) {
    c.rows /= 20;
    c.k = c.k > c.rows / 10 ? c.rows / 10 : c.k;
  }
  if (c.max_iter == 0) {
    c.max_iter = 300;
  }
  return c;
}

static double rounded(double value, double most) {
  return fmin(fmax(nearbyint(value), 0), most);
}

/* A picture 640 wide. */
static double pixel(size_t i, size_t column) {
  double x = (double)(i % 640) / 640;
  double y = (double)(i / 640) / 427;
  double phase = (double)column;
  double sky = y < 0.4 + 0.1 * sin(7 * x) ? 60 + 20 * phase : 0;
  double wall = sin(23 * x) * sin(17 * y) > 0.3 ? 70 - 30 * phase : 0;
  double light = 90 + 60 * sin(3 * x + 2 * y + 0.4 * phase) + 12 * sin(40 * x * y);
  return rounded(light + sky + wall + 8 * normal(), 255);
}

/* Clusters in a group of NESTED. */
#define GROUP 15

static double *make_centres(const struct cloud *cloud) {
  size_t count = cloud->blobs * cloud->columns;
  double *centres = checked(malloc((count + 1) * sizeof *centres));
  for (size_t v = 0; v < count; v++) {
    double u = uniform();
    if (cloud->shape == NESTED) {
      size_t first = v - v % (GROUP * cloud->columns) + v % cloud->columns;
      centres[v] = first == v ? 100 * (2 * u - 1) : centres[first] + 6 * normal();
      continue;
    }
    centres[v] = cloud->shape == DIGITS ? (u < 0.4 ? -4 : 16 * (u - 0.2)) : 10 * (2 * u - 1);
  }
  return centres;
}

static void make_row(const struct cloud *cloud, const double *centres, size_t i, double *row) {
  double share = uniform();
  share = cloud->shape == NESTED ? share * share * share : share;
  size_t blob = cloud->blobs > 0 ? (size_t)(share * (double)cloud->blobs) : 0;
  /* Spread over the groups; 7 has no factor in common with the number of clusters. */
  blob = cloud->shape == NESTED ? blob * 7 % cloud->blobs : blob;
  double scale = cloud->deviation;
  if (cloud->shape == HEAVY) {
    double a = normal(), b = normal(), c = normal();
    scale /= sqrt((a * a + b * b + c * c) / 3);
  }
  for (size_t j = 0; j < cloud->columns; j++) {
    size_t high = (size_t)sqrt((double)cloud->blobs / 2);
    switch (cloud->shape) {
    case BLOBS:
    case NESTED:
    case HEAVY:
      row[j] = centres[blob * cloud->columns + j] + scale * normal();
      break;
    case UNIFORM:
      row[j] = uniform();
      break;
    case GRID:
      row[j] = (double)(j == 0 ? blob / high : blob % high) + scale * normal();
      break;
    case PIXELS:
      row[j] = pixel(i, j);
      break;
    case DIGITS:
      row[j] = rounded(centres[blob * cloud->columns + j] + scale * normal(), 16);
      break;
    case AMOUNTS:
      row[j] = exp(scale * normal());
      break;
    case FLAGS:
      row[j] = uniform() < 0.1 ? 1 : 0;
      break;
    }
  }
}

static int by_first_column(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sort_rows(km_dataset *data) {
  size_t bytes = data->dims * sizeof(double);
  size_t count = data->rows.count;
  double *rows = checked(malloc(count * bytes));
  for (size_t i = 0; i < count; i++) {
    memcpy(rows + i * data->dims, km_chunks_at(&data->rows, i), bytes);
  }
  qsort(rows, count, bytes, by_first_column);
  for (size_t i = 0; i < count; i++) {
    memcpy(km_chunks_at(&data->rows, i), rows + i * data->dims, bytes);
  }
  free(rows);
}

void cloud_make(const struct cloud *cloud, km_dataset *data) {
  numbers_from(UINT64_C(0x9e3779b97f4a7c15));
  double *centres = make_centres(cloud);
  double *made = checked(malloc(cloud->columns * sizeof *made));
  km_dataset_init(data, cloud->columns, cloud->single ? KM_FLOAT : KM_DOUBLE);
  for (size_t i = 0; i < cloud->rows; i++) {
    void *row = checked(km_chunks_push(&data->rows, &core_hooks));
    make_row(cloud, centres, i, made);
    for (size_t j = 0; j < cloud->columns; j++) {
      if (cloud->single) {
        ((float *)row)[j] = (float)made[j];
      } else {
        ((double *)row)[j] = made[j];
      }
    }
  }
  free(made);
  free(centres);
  if (cloud->sorted) {
    sort_rows(data);
  }
}

double *random_rows(const km_dataset *data, size_t k) {
  size_t bytes = data->dims * sizeof(double);
  double *rows = checked(malloc(k * bytes));
  for (size_t c = 0; c < k;) {
    double *row = rows + c * data->dims;
    size_t same = 0;
    km_dataset_copy(data, (size_t)(uniform() * (double)data->rows.count), row);
    while (same < c && memcmp(rows + same * data->dims, row, bytes) != 0) {
      same++;
    }
    c += same == c;
  }
  return rows;
}

/* The numbers with which a line begins; at most `most`. */
static size_t read_numbers(const char *line, double *values, size_t most) {
  size_t count = 0;
  for (char *end; count < most; line = end + 1) {
    double value = strtod(line, &end);
    if (end == line) {
      break;
    }
    values[count++] = value;
    if (*end != ',') {
      break;
    }
  }
  return count;
}

int read_table(const char *path, km_dataset *data) {
  char line[4096];
  double values[256];
  size_t columns = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    return 0;
  }
  if (fgets(line, sizeof line, file) != NULL) {
    while (fgets(line, sizeof line, file) != NULL) {
      size_t count = read_numbers(line, values, 256);
      if (columns == 0 && count > 0) {
        columns = count;
        km_dataset_init(data, columns, KM_DOUBLE);
      }
      if (count == columns && count > 0) {
        memcpy(checked(km_chunks_push(&data->rows, &core_hooks)), values, count * sizeof *values);
      }
    }
  }
  fclose(file);
  return columns > 0;
}
