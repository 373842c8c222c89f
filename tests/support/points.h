/* Random points for tests, the same on every machine. */
#ifndef KM_TESTS_POINTS_H
#define KM_TESTS_POINTS_H

#include <stdint.h>

#include "core/dataset.h"

/* Random numbers: splitmix64, not the generator that is tested. */
typedef struct points_random {
  uint64_t state;
} points_random;

uint64_t points_next(points_random *random);
double points_unit(points_random *random);                /* in [0, 1), all 53 bits */
size_t points_below(points_random *random, size_t bound); /* 0 .. bound-1 */

typedef enum points_kind {
  POINTS_CONTINUOUS, /* groups of points at any position, no two alike */
  POINTS_GRID,       /* small integers: many duplicates, many distances exactly equal */
  POINTS_OFFSET,     /* unit differences, 1e9 from zero */
  POINTS_FEW,        /* few values, each many times, that the mean of n copies may round off */
  POINTS_KINDS
} points_kind;

/* How many of so many random cases to run: a twentieth under sanitizers, fewer under valgrind and
** emulators, more when KMEANS_TORTURE is set. */
size_t points_cases(size_t cases);

/* From one fault to the next that is tried: 1, but where everything is slow. */
size_t points_stride(void);

/* Fills n rows of dims columns. */
void points_fill(double *rows, size_t n, size_t dims, points_kind kind, points_random *random);

/* Exactly how many distinct rows there are, by comparing all pairs. */
size_t points_distinct(const double *rows, size_t n, size_t dims);

/* Appends n rows to a dataset, of doubles or of floats. */
void points_load(km_dataset *data, const double *rows, size_t n, km_hooks *hooks);

/* Appends the rows of a CSV file with a header line: the first dims columns. Returns how many, 0 where
** there is no such file. */
size_t points_load_csv(km_dataset *data, const char *path, km_hooks *hooks);

/* Appends n weights to those of a dataset. */
void points_weigh(km_dataset *data, const double *weights, size_t n, km_hooks *hooks);

/* Makes a dataset of doubles, n rows as points_fill has them. Returns these, to be given back with free. */
double *points_make(km_dataset *data, size_t n, size_t dims, points_kind kind,
                    points_random *random, km_hooks *hooks);

/* Memory for a test: the program ends when there is none. Give it back with free. */
double *points_memory(size_t n, size_t dims);

#endif
