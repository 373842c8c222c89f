#include "plot/eigen.h"

#include <math.h>

#define MAX_SWEEPS 64

/* Turns rows p and q of a set of vectors of n numbers. */
static void turn(double *p, double *q, size_t n, double sine, double tau) {
  for (size_t i = 0; i < n; i++) {
    double a = p[i];
    double b = q[i];
    p[i] = a - sine * (b + a * tau);
    q[i] = b + sine * (a - b * tau);
  }
}

/* The same of two entries of the matrix. */
static void turn_pair(double *a, double *b, double sine, double tau) {
  turn(a, b, 1, sine, tau);
}

/* Makes the entry (p, q) zero, p < q: one that counts, so that theta is below 1e17. */
static void rotate(double *matrix, size_t n, size_t p, size_t q, double *vectors) {
  double entry = matrix[p * n + q];
  double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * entry);
  double tangent = 1 / (fabs(theta) + sqrt(theta * theta + 1));
  tangent = theta < 0 ? -tangent : tangent;
  double cosine = 1 / sqrt(tangent * tangent + 1);
  double sine = tangent * cosine;
  double tau = sine / (1 + cosine);
  matrix[p * n + p] -= tangent * entry;
  matrix[q * n + q] += tangent * entry;
  matrix[p * n + q] = 0;
  for (size_t i = 0; i < p; i++) {
    turn_pair(&matrix[i * n + p], &matrix[i * n + q], sine, tau);
  }
  for (size_t i = p + 1; i < q; i++) {
    turn_pair(&matrix[p * n + i], &matrix[i * n + q], sine, tau);
  }
  for (size_t i = q + 1; i < n; i++) {
    turn_pair(&matrix[p * n + i], &matrix[q * n + i], sine, tau);
  }
  turn(vectors + p * n, vectors + q * n, n, sine, tau);
}

/* One rotation for each entry that counts; returns how many there were. */
static size_t sweep(double *matrix, size_t n, double *vectors) {
  size_t rotations = 0;
  for (size_t p = 0; p + 1 < n; p++) {
    for (size_t q = p + 1; q < n; q++) {
      double entry = fabs(matrix[p * n + q]);
      double scale = fabs(matrix[p * n + p]) + fabs(matrix[q * n + q]);
      if (entry > 1e-17 * scale && entry > 1e-300) {
        rotate(matrix, n, p, q, vectors);
        rotations++;
      }
    }
  }
  return rotations;
}

static void swap_rows(double *a, double *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double number = a[i];
    a[i] = b[i];
    b[i] = number;
  }
}

void km_eigen(double *matrix, size_t n, double *values, double *vectors) {
  for (size_t i = 0; i < n * n; i++) {
    vectors[i] = i % (n + 1) == 0;
  }
  for (int s = 0; s < MAX_SWEEPS && sweep(matrix, n, vectors) > 0; s++) {
  }
  for (size_t i = 0; i < n; i++) {
    values[i] = matrix[i * n + i];
  }
  for (size_t i = 0; i < n; i++) {
    size_t most = i;
    for (size_t j = i + 1; j < n; j++) {
      most = values[j] > values[most] ? j : most;
    }
    if (most != i) {
      swap_rows(values + i, values + most, 1);
      swap_rows(vectors + i * n, vectors + most * n, n);
    }
  }
}
