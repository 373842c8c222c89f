/* k-means written for no other purpose than to be obviously right: what the core is compared with.
** It shares no code with the core, is slow, and expects magnitudes whose squares fit in a double.
*/
#ifndef KM_TESTS_ORACLE_H
#define KM_TESTS_ORACLE_H

#include <stddef.h>
#include <stdint.h>

/* Points in, clusters out; the caller owns all arrays. */
typedef struct oracle {
  const double *points;  /* n * dims */
  const double *weights; /* n, above 0 and at most 1; NULL: all are 1 */
  size_t n;
  size_t dims;
  size_t k;
  double *centroids; /* k * dims: in, the initial ones; out, the final ones */
  uint32_t *labels;  /* n: out */
  size_t iterations; /* out, counted as scikit-learn does: the one that finds no change is one */
  int converged;     /* out */
  size_t filled;     /* out: how often an empty cluster was given a point */
  double inertia;    /* out */
} oracle;

/* Lloyd's algorithm until no label changes or no centroid moves, for at most max_iter iterations;
** then labels by the final centroids. There are at least k distinct points. */
void oracle_fit(oracle *o, size_t max_iter);

/* The sum over the columns, in order, of (a - b)^2. */
double oracle_squared(const double *a, const double *b, size_t dims);

/* The nearest of k centroids, the lowest number on a tie. */
uint32_t oracle_nearest(const double *point, const double *centroids, size_t k, size_t dims);

/* The sum of n terms, rounded once. */
double oracle_sum(const double *terms, size_t n);

/* The mean of n terms by weight (NULL: all are 1), rounded once. */
double oracle_mean(const double *terms, const double *weights, size_t n);

#endif
