#include "oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *memory(size_t count, size_t item_bytes) {
  void *block = calloc(count + 1, item_bytes);
  if (!block) {
    fprintf(stderr, "no memory for the oracle\n");
    abort();
  }
  return block;
}

double oracle_squared(const double *a, const double *b, size_t dims) {
  double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    sum += (a[j] - b[j]) * (a[j] - b[j]);
  }
  return sum;
}

uint32_t oracle_nearest(const double *point, const double *centroids, size_t k, size_t dims) {
  size_t nearest = 0;
  for (size_t c = 1; c < k; c++) {
    if (oracle_squared(point, centroids + c * dims, dims) <
        oracle_squared(point, centroids + nearest * dims, dims)) {
      nearest = c;
    }
  }
  return (uint32_t)nearest;
}

/* Keeps the exact sum as parts that do not overlap, the smallest first (Shewchuk 1997, as in
** Python's math.fsum); at the end the parts are added from the largest down, until one is too small
** to be added exactly: that is the one rounding, and the part below it decides a tie. */
double oracle_sum(const double *terms, size_t n) {
  double part[64];
  size_t parts = 0;
  for (size_t i = 0; i < n; i++) {
    double x = terms[i];
    size_t kept = 0;
    for (size_t p = 0; p < parts; p++) {
      double big = fabs(x) > fabs(part[p]) ? x : part[p];
      double small = fabs(x) > fabs(part[p]) ? part[p] : x;
      x = big + small;
      double lost = small - (x - big);
      if (lost != 0) {
        part[kept++] = lost;
      }
    }
    if (x != 0) {
      part[kept++] = x;
    }
    parts = kept;
  }
  double sum = 0;
  double lost = 0;
  while (parts > 0 && lost == 0) {
    double big = sum;
    sum = big + part[--parts];
    lost = part[parts] - (sum - big);
  }
  if (parts > 0 && (lost < 0) == (part[parts - 1] < 0)) {
    double next = sum + 2 * lost;
    sum = next - sum == 2 * lost ? next : sum;
  }
  return sum;
}

/* a * b as two terms, exactly. */
static void product(double a, double b, double *terms) {
  terms[0] = a * b;
  terms[1] = fma(a, b, -terms[0]);
}

/* A quotient of rounded numbers may be one bit off; what is left of the terms when it has been taken
** from each of them puts it right. */
double oracle_mean(const double *terms, const double *weights, size_t n) {
  double *left = memory(4 * n, sizeof *left);
  double total = weights ? oracle_sum(weights, n) : (double)n;
  for (size_t i = 0; i < n; i++) {
    product(weights ? weights[i] : 1, terms[i], left + 2 * i);
  }
  double mean = oracle_sum(left, 2 * n) / total;
  for (size_t i = 0; i < n; i++) {
    product(weights ? weights[i] : 1, -mean, left + 2 * n + 2 * i);
  }
  mean += oracle_sum(left, 4 * n) / total;
  free(left);
  return mean;
}

static const double *point(const oracle *o, size_t i) {
  return o->points + i * o->dims;
}

static double *centroid(const oracle *o, size_t c) {
  return o->centroids + c * o->dims;
}

static int equal(const oracle *o, const double *a, const double *b) {
  for (size_t j = 0; j < o->dims; j++) {
    if (a[j] != b[j]) {
      return 0;
    }
  }
  return 1;
}

static size_t size_of(const oracle *o, uint32_t c) {
  size_t size = 0;
  for (size_t i = 0; i < o->n; i++) {
    size += o->labels[i] == c;
  }
  return size;
}

/* Labels all points; returns how many labels changed. */
static size_t assign(oracle *o) {
  size_t moved = 0;
  for (size_t i = 0; i < o->n; i++) {
    uint32_t label = oracle_nearest(point(o, i), o->centroids, o->k, o->dims);
    moved += label != o->labels[i];
    o->labels[i] = label;
  }
  return moved;
}

/* The point for an empty cluster: of those that share a cluster, do not lie on its centroid and
** equal none of the points given out before, the furthest from its centroid; the first on a tie. */
static size_t furthest(const oracle *o, const size_t *given, size_t given_count) {
  size_t best = o->n;
  double best_distance = -1;
  for (size_t i = 0; i < o->n; i++) {
    double distance = oracle_squared(point(o, i), centroid(o, o->labels[i]), o->dims);
    int allowed =
        size_of(o, o->labels[i]) >= 2 && !equal(o, point(o, i), centroid(o, o->labels[i]));
    for (size_t g = 0; g < given_count; g++) {
      allowed = allowed && !equal(o, point(o, i), point(o, given[g]));
    }
    if (allowed && distance > best_distance) {
      best = i;
      best_distance = distance;
    }
  }
  return best;
}

/* Moves one point into each empty cluster, lowest number first; returns how many were empty. */
static size_t fill_empty(oracle *o) {
  size_t *given = memory(o->k, sizeof *given);
  size_t filled = 0;
  for (uint32_t c = 0; c < o->k; c++) {
    if (size_of(o, c) == 0) {
      size_t i = furthest(o, given, filled);
      if (i == o->n) {
        fprintf(stderr, "the oracle finds no point for an empty cluster\n");
        abort();
      }
      o->labels[i] = c;
      given[filled++] = i;
    }
  }
  o->filled += filled;
  free(given);
  return filled;
}

/* Moves each centroid to the mean of its points; returns whether any moved. */
static int update(oracle *o) {
  double *column = memory(o->n, sizeof *column);
  double *weights = memory(o->n, sizeof *weights);
  int any = 0;
  for (size_t c = 0; c < o->k; c++) {
    for (size_t j = 0; j < o->dims; j++) {
      size_t size = 0;
      for (size_t i = 0; i < o->n; i++) {
        if (o->labels[i] == c) {
          weights[size] = o->weights ? o->weights[i] : 1;
          column[size++] = point(o, i)[j];
        }
      }
      double mean = oracle_mean(column, weights, size);
      any |= mean != centroid(o, c)[j];
      centroid(o, c)[j] = mean;
    }
  }
  free(column);
  free(weights);
  return any;
}

/* Final labels; a cluster that is empty then is given a point as its centroid, until none is. */
static void finish(oracle *o) {
  double *distance = memory(2 * o->n, sizeof *distance);
  int again = 1;
  while (again) {
    uint32_t *before = memory(o->n, sizeof *before);
    assign(o);
    memcpy(before, o->labels, o->n * sizeof *before);
    again = fill_empty(o) > 0;
    for (size_t i = 0; i < o->n; i++) {
      if (o->labels[i] != before[i]) {
        memcpy(centroid(o, o->labels[i]), point(o, i), o->dims * sizeof(double));
      }
    }
    free(before);
  }
  for (size_t i = 0; i < o->n; i++) {
    product(o->weights ? o->weights[i] : 1,
            oracle_squared(point(o, i), centroid(o, o->labels[i]), o->dims), distance + 2 * i);
  }
  o->inertia = oracle_sum(distance, 2 * o->n);
  free(distance);
}

void oracle_fit(oracle *o, size_t max_iter) {
  o->iterations = 0;
  o->converged = 0;
  o->filled = 0;
  for (size_t i = 0; i < o->n; i++) {
    o->labels[i] = UINT32_MAX;
  }
  while (!o->converged && o->iterations < max_iter) {
    size_t moved = assign(o);
    size_t filled = fill_empty(o);
    int centroids_moved = update(o);
    o->iterations++;
    o->converged = filled == 0 && (moved == 0 || !centroids_moved);
  }
  finish(o);
}
