#include "simd/levels.h"

#include <math.h>

#include "simd/eight_pair.inc"
#define TILE_CENTROIDS 4
#include "simd/fast_template.inc"

/* The eight sums run side by side: compilers turn the inner loop into vector instructions of
** whatever width the target has, without changing the order of any sum. */
static inline void panel_distances(const double *point, size_t dims, const double *panel,
                                   double sum[KM_PANEL]) {
  for (size_t lane = 0; lane < KM_PANEL; lane++) {
    sum[lane] = 0;
  }
  for (size_t j = 0; j < dims; j++) {
    for (size_t lane = 0; lane < KM_PANEL; lane++) {
      double difference = point[j] - panel[j * KM_PANEL + lane];
      sum[lane] += difference * difference;
    }
  }
}

static void nearest(const double *points, size_t n, size_t dims, const double *panel, size_t panels,
                    uint32_t first, uint32_t *label, double *distance) {
  for (size_t i = 0; i < n; i++) {
    double best = distance[i];
    uint32_t best_label = label[i];
    for (size_t p = 0; p < panels; p++) {
      double sum[KM_PANEL];
      panel_distances(points + i * dims, dims, panel + p * dims * KM_PANEL, sum);
      for (uint32_t lane = 0; lane < KM_PANEL; lane++) {
        if (sum[lane] < best) {
          best = sum[lane];
          best_label = first + (uint32_t)p * KM_PANEL + lane;
        }
      }
    }
    distance[i] = best;
    label[i] = best_label;
  }
}

static void distances(const double *points, size_t n, size_t dims, const double *panel,
                      double *distance) {
  for (size_t i = 0; i < n; i++) {
    panel_distances(points + i * dims, dims, panel, distance + i * KM_PANEL);
  }
}

/* Each sum is a chain of additions, and a processor has time for eight of them. */
static void pairs(const double *const a[KM_PANEL], const double *const b[KM_PANEL], size_t dims,
                  double *squared) {
  double sum[KM_PANEL] = {0};
  for (size_t j = 0; j < dims; j++) {
    KM_UNROLL
    for (size_t i = 0; i < KM_PANEL; i++) {
      double difference = a[i][j] - b[i][j];
      sum[i] += difference * difference;
    }
  }
  memcpy(squared, sum, sizeof sum);
}

static void add_distances(const double *squared, size_t n, int squares, const double *lane_weight,
                          double *sum, const double *point_weight, double *column) {
  double columns[KM_PANEL] = {0};
  for (size_t i = 0; i < n; i++) {
    for (size_t lane = 0; lane < KM_PANEL; lane++) {
      size_t at = i * KM_PANEL + lane;
      double distance = squares ? squared[at] : sqrt(squared[at]);
      sum[at] += lane_weight[lane] * distance;
      columns[lane] += point_weight[i] * distance;
    }
  }
  for (size_t lane = 0; lane < KM_PANEL && column; lane++) {
    column[lane] = columns[lane];
  }
}

/* km_sum_add, column by column. */
static void accumulate(double *high, double *low, const double *terms, size_t dims, double sign) {
  for (size_t j = 0; j < dims; j++) {
    double term = terms[j] * sign;
    double total = high[j] + term;
    double part = total - high[j];
    low[j] += (high[j] - (total - part)) + (term - part);
    high[j] = total;
  }
}

static void sum(double *high, double *low, const double *const row[], size_t rows, size_t dims) {
  for (size_t i = 0; i < rows; i++) {
    accumulate(high, low, row[i], dims, 1);
  }
}

static double largest(const double *values, size_t count) {
  double most[4] = {0};
  for (size_t i = 0; i < count; i++) {
    double magnitude = fabs(values[i]);
    most[i % 4] = magnitude > most[i % 4] ? magnitude : most[i % 4];
  }
  return fmax(fmax(most[0], most[1]), fmax(most[2], most[3]));
}

const km_kernels km_kernels_scalar = {
    .name = "scalar",
    .nearest = nearest,
    .distances = distances,
    .pairs = pairs,
    .add_distances = add_distances,
    .block = &km_block_kernels_scalar,
    .accumulate = accumulate,
    .sum = sum,
    .largest = largest,
    FAST_KERNELS,
};

void km_panel_pack(const double *centroids, size_t k, size_t dims, double unit, double *panel) {
  size_t lanes = km_panel_count(k) * KM_PANEL;
  for (size_t c = 0; c < lanes; c++) {
    double *to = panel + c / KM_PANEL * dims * KM_PANEL + c % KM_PANEL;
    for (size_t j = 0; j < dims; j++) {
      to[j * KM_PANEL] = c < k ? centroids[c * dims + j] * unit : (double)INFINITY;
    }
  }
}
