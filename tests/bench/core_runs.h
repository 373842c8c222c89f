/* The core alone, without a database: timed runs in this process, and the points given to
** scikit-learn, a Python process that lives as long as this one, where there is one. */
#ifndef CORE_RUNS_H
#define CORE_RUNS_H

#include <stdio.h>

#include "core/fit.h"

/* Counts the bytes that the core holds. */
extern km_hooks core_hooks;

/* The argument, unless it is NULL: then the benchmark ends. */
void *checked(void *memory);

struct run {
  double seconds;
  size_t iterations;
  double inertia;
  uint64_t hash;    /* of centroids and labels; 0 for scikit-learn */
  double megabytes; /* peak of what the core held beyond the points; 0 for scikit-learn */
};

/* How many threads both sides use: BENCH_THREADS, else 2. */
size_t bench_threads(void);

/* Whether this workload is to be run: BENCH_ONLY names some, separated by blanks, or is not set. */
int wanted(const char *name);

/* `params` with the threads of the benchmark and BENCH_ALGORITHM are up to the caller: */
km_params lloyd_params(const double *initial, size_t k, size_t max_iter);
km_params default_params(size_t k, uint64_t seed);

/* What has just done something else is slow to begin: processors and threads sleep, memory is new. So
** both sides run three times at least, and until a tenth of a second has passed, but not again after a
** second; the last run counts. */
static inline int warm(int runs, double seconds) {
  return runs > 0 && (seconds >= 1 || (runs >= 3 && seconds >= 0.1));
}

struct run time_fit(const km_dataset *data, const km_params *params);

/* Greedy k-means++ alone; the inertia is the sum of squared distances to what it chose. */
struct run time_seeding(const km_dataset *data, size_t k, uint64_t seed);

/* scikit-learn: see peer.py for the questions. */
struct peer {
  FILE *questions;
  FILE *answers;
  char version[32];
};

/* False where there is none. */
int peer_start(struct peer *peer);
void peer_stop(struct peer *peer);

/* Gives the points, and initial centroids (k rows, or NULL), through files in BENCH_DATA. */
void peer_give(struct peer *peer, const km_dataset *data, const double *initial, size_t k);

/* Asks for a run, in words as printf takes them, until it is warm; and waits until its threads
** are asleep. */
struct run peer_run(struct peer *peer, const char *format, ...);

/* Medians. */
double median_time(const struct run *runs, int count);
double median_inertia(const struct run *runs, int count);

#endif
