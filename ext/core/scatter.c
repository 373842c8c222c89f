#include <math.h>
#include <string.h>

#include "core/blocks.h"
#include "core/distance.h"
#include "core/metrics.h"
#include "core/weights.h"

typedef struct scatter {
  const km_labelled *points;
  km_hooks *hooks;
  km_blocks blocks; /* coordinates come times its unit: it makes no difference to a ratio */
  km_weights about; /* the weights of the data */
  double *
      origin; /* dims: the first point; the others are seen from there, so that a mean is as precise
                       as the points are near each other, whatever their offset */
  double *point; /* dims: the point at hand, seen from the origin */
  size_t dims;
  size_t k;
  size_t filled;   /* clusters that have points */
  double count;    /* of the points; of their copies, where weights are whole */
  km_sum *sums;    /* k * dims */
  km_sum *weights; /* k */
  double *means;   /* k * dims */
  double *overall; /* dims: the mean of all points; after it, origin and point */
  km_sum within;   /* W of metrics.h */
  km_sum *spreads; /* k: sums, later means, of the distances to the mean of the cluster */
} scatter;

typedef void (*visitor)(scatter *s, size_t label, double weight, const double *point);

/* Shows all points, their coordinates times the unit and as seen from the origin, to visit. */
static km_status visit_points(scatter *s, visitor visit) {
  const km_dataset *data = s->points->data;
  km_status status = KM_OK;
  size_t count;
  for (size_t first = 0; first < data->rows.count && status == KM_OK; first += count) {
    const double *rows = km_blocks_rows(&s->blocks, first, &count);
    for (size_t i = 0; i < count; i++) {
      double weight = km_dataset_weight(data, first + i) * s->about.unit;
      for (size_t j = 0; j < s->dims; j++) {
        s->point[j] = rows[i * s->dims + j] - s->origin[j];
      }
      visit(s, km_labelled_label(s->points, first + i), weight, s->point);
    }
    status = km_tick(s->hooks, 8 * count * s->dims);
  }
  return status;
}

static void add_point(scatter *s, size_t label, double weight, const double *point) {
  km_sum_add(&s->weights[label], weight);
  for (size_t j = 0; j < s->dims; j++) {
    km_sum_add_product(&s->sums[label * s->dims + j], weight, point[j]);
  }
}

static void add_distance(scatter *s, size_t label, double weight, const double *point) {
  double squared = km_squared_distance(point, s->means + label * s->dims, s->dims);
  km_sum_add_product(&s->within, weight, squared);
  km_sum_add_product(&s->spreads[label], weight, sqrt(squared));
}

static int is_filled(const scatter *s, size_t c) {
  return km_sum_value(&s->weights[c]) > 0;
}

/* The means of the clusters that are filled, and of all points. */
static km_status find_means(scatter *s) {
  km_status status = visit_points(s, add_point);
  km_sum weight = {0, 0};
  for (size_t c = 0; c < s->k; c++) {
    s->filled += (size_t)is_filled(s, c);
    km_sum_merge(&weight, &s->weights[c]);
  }
  for (size_t j = 0; j < s->dims && status == KM_OK; j++) {
    km_sum sum = {0, 0};
    for (size_t c = 0; c < s->k; c++) {
      const km_sum *own = &s->sums[c * s->dims + j];
      km_sum_merge(&sum, own);
      s->means[c * s->dims + j] = is_filled(s, c) ? km_sum_ratio(own, &s->weights[c]) : 0;
    }
    s->overall[j] = km_sum_ratio(&sum, &weight);
    status = km_tick(s->hooks, 8 * s->k);
  }
  s->count =
      s->about.whole ? km_sum_value(&weight) / s->about.unit : (double)s->points->data->rows.count;
  return status;
}

/* How far the means of the clusters lie from the mean of all: B. */
static double measure_between(const scatter *s) {
  km_sum between = {0, 0};
  for (size_t c = 0; c < s->k; c++) {
    if (is_filled(s, c)) {
      double squared = km_squared_distance(s->means + c * s->dims, s->overall, s->dims);
      km_sum_add_product(&between, km_sum_value(&s->weights[c]), squared);
    }
  }
  return km_sum_value(&between);
}

/* The largest (s + s') / d of cluster c and another one. */
static km_status find_worst(const scatter *s, size_t c, double *worst) {
  double own = km_sum_value(&s->spreads[c]);
  km_status status = KM_OK;
  *worst = 0;
  for (size_t other = 0; other < s->k && status == KM_OK; other++) {
    if (other != c && is_filled(s, other)) {
      double apart = km_distance(s->means + c * s->dims, s->means + other * s->dims, s->dims);
      double ratio = (own + km_sum_value(&s->spreads[other])) / apart;
      *worst = apart > 0 && ratio > *worst ? ratio : *worst;
    }
    status = km_tick(s->hooks, s->dims + 8);
  }
  return status;
}

static km_status davies_bouldin(scatter *s, double *mean) {
  km_sum sum = {0, 0};
  km_status status = KM_OK;
  for (size_t c = 0; c < s->k; c++) {
    s->spreads[c] = (km_sum){is_filled(s, c) ? km_sum_ratio(&s->spreads[c], &s->weights[c]) : 0, 0};
  }
  for (size_t c = 0; c < s->k && status == KM_OK; c++) {
    double worst = 0;
    if (is_filled(s, c)) {
      status = find_worst(s, c, &worst);
    }
    km_sum_add(&sum, worst);
  }
  *mean = km_sum_value(&sum) / (double)s->filled;
  return status;
}

static km_status begin(scatter *s) {
  const km_dataset *data = s->points->data;
  size_t values = s->dims * sizeof(double);
  s->sums = km_allocate(s->hooks, s->k, s->dims * sizeof *s->sums);
  s->weights = km_allocate(s->hooks, s->k, sizeof *s->weights);
  s->spreads = km_allocate(s->hooks, s->k, sizeof *s->spreads);
  s->means = km_allocate(s->hooks, s->k, values);
  s->overall = km_allocate(s->hooks, 3, values);
  if (!s->sums || !s->weights || !s->spreads || !s->means || !s->overall) {
    return KM_NOMEM;
  }
  s->origin = s->overall + s->dims;
  s->point = s->origin + s->dims;
  memset(s->sums, 0, s->k * s->dims * sizeof *s->sums);
  memset(s->weights, 0, s->k * sizeof *s->weights);
  memset(s->spreads, 0, s->k * sizeof *s->spreads);
  km_status status = km_weights_measure(data, s->hooks, &s->about);
  if (status == KM_OK) {
    status = km_blocks_init(&s->blocks, data, s->hooks, NULL, 1, NULL);
  }
  if (status == KM_OK) {
    size_t count;
    memcpy(s->origin, km_blocks_rows(&s->blocks, 0, &count), values);
  }
  return status;
}

km_status km_scatter_measure(const km_labelled *points, km_hooks *hooks, km_scatter *result) {
  scatter s = {.points = points, .hooks = hooks, .dims = points->data->dims, .k = points->k};
  *result = (km_scatter){NAN, NAN, NAN};
  km_status status = begin(&s);
  if (status == KM_OK) {
    status = find_means(&s);
  }
  if (status == KM_OK && km_metrics_defined(s.filled, s.count)) {
    status = visit_points(&s, add_distance);
    double within = km_sum_value(&s.within);
    double between = measure_between(&s);
    double freedom = (s.count - (double)s.filled) / (double)(s.filled - 1);
    result->calinski_harabasz = within > 0 ? between / within * freedom : NAN;
    result->explained = between / (between + within);
    if (status == KM_OK) {
      status = davies_bouldin(&s, &result->davies_bouldin);
    }
  }
  km_blocks_clear(&s.blocks);
  km_release(hooks, s.sums);
  km_release(hooks, s.weights);
  km_release(hooks, s.spreads);
  km_release(hooks, s.means);
  km_release(hooks, s.overall);
  return status;
}
