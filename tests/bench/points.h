/* Points made for the benchmark, the same on every machine to the last digit or so that libm leaves
** open: random numbers, clouds of several shapes, and files of raw doubles. */
#ifndef POINTS_H
#define POINTS_H

#include <stdint.h>

#include "core/dataset.h"

/* The stream of random numbers begins anew; the seed is not 0. */
void numbers_from(uint64_t seed);
double uniform(void); /* in [0, 1) */
double normal(void);

enum shape {
  BLOBS,  /* Gaussians around centres in [-10, 10], of standard deviation `deviation` */
  NESTED, /* the same around centres in groups of 15, some with a hundred times the rows of others */
  HEAVY,  /* BLOBS with the tails of Student's t with 3 degrees of freedom */
  UNIFORM, /* in the unit cube */
  GRID,    /* Gaussians on a lattice twice as wide as it is high, 1 apart; 2 columns */
  PIXELS,  /* colours of a picture: smooth changes, a few edges, noise, whole numbers to 255 */
  DIGITS,  /* strokes in small pictures: whole numbers to 16, many of them 0 */
  AMOUNTS, /* lognormal: exp of `deviation` times a normal number */
  FLAGS    /* 1 in a tenth of the places, elsewhere 0 */
};

struct cloud {
  const char *name;
  enum shape shape;
  size_t rows;
  size_t columns;
  size_t k;
  size_t blobs;
  double deviation;
  int sorted;      /* by the first column */
  int single;      /* in single precision */
  size_t max_iter; /* 0: 300 */
};

/* The cloud as it is measured: a twentieth of its rows with BENCH=quick. */
struct cloud cloud_scaled(const struct cloud *cloud);

/* Fills the dataset, which is not initialised. */
void cloud_make(const struct cloud *cloud, km_dataset *data);

/* k distinct rows drawn at random, for free(). */
double *random_rows(const km_dataset *data, size_t k);

/* Reads the columns of numbers with which the lines of a CSV file begin; the first line is names.
** Returns 0 where there is no such file. */
int read_table(const char *path, km_dataset *data);

#endif
