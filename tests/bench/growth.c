/* How time and memory grow with the points, and what more threads bring. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "core/workers.h"
#include "core_runs.h"
#include "points.h"

enum { ROUNDS = 3, MOST_THREADS = 64 };

static const struct cloud growing[] = {
    {"gps", BLOBS, 100000, 2, 100, 8, 1.5, 0, 0, 0},
    {"gps", BLOBS, 1000000, 2, 100, 8, 1.5, 0, 0, 0},
    {"gps", BLOBS, 4000000, 2, 100, 8, 1.5, 0, 0, 0},
    {"gps", BLOBS, 10000000, 2, 100, 8, 1.5, 0, 0, 0},
    {"sift", BLOBS, 50000, 128, 256, 300, 3, 0, 1, 0},
    {"sift", BLOBS, 400000, 128, 256, 300, 3, 0, 1, 0},
    {"emb", BLOBS, 50000, 384, 100, 150, 3, 0, 1, 0},
};

static const struct cloud threaded[] = {
    {"gps", BLOBS, 1000000, 2, 100, 8, 1.5, 0, 0, 0},
    {"tab", BLOBS, 200000, 16, 32, 200, 3, 0, 0, 0},
    {"sift", BLOBS, 100000, 128, 256, 300, 3, 0, 0, 0},
    {"uniform", UNIFORM, 200000, 8, 64, 0, 0, 0, 0, 0},
};

/* The median of a few fits; the peak of memory is that of the last. */
static struct run repeat_fit(const km_dataset *data, const km_params *params, int rounds) {
  struct run runs[ROUNDS];
  for (int i = 0; i < rounds; i++) {
    runs[i] = time_fit(data, params);
  }
  struct run run = runs[rounds - 1];
  run.seconds = median_time(runs, rounds);
  return run;
}

/* Leaving poor optima of much data in many columns takes minutes. */
static int is_bearable(const struct cloud *full) {
  return full->rows * full->columns <= 25000000 || patience(1) > 1;
}

void bench_growth(void) {
  const char *last = "";
  double before = 0;
  printf("GROWTH of time and memory, %zu threads. Lloyd: from random rows, tol 0, at most 300 "
         "iterations; fit: default options.\nMB: the peak beyond the points; input: the points as "
         "they come, in double (gps) or in single precision; ratio: to the line above\n\n",
         bench_threads());
  printf("  %-8s %9s %5s %5s %9s %10s %7s %6s %8s %7s %10s %8s %7s\n", "", "rows", "cols", "k",
         "input MB", "Lloyd s", "ratio", "iter.", "MB", "share", "fit s", "MB", "share");
  for (size_t i = 0; i < COUNT(growing); i++) {
    struct cloud cloud = cloud_scaled(&growing[i]);
    km_dataset data;
    if (!wanted(cloud.name)) {
      continue;
    }
    cloud_make(&cloud, &data);
    double *initial = random_rows(&data, cloud.k);
    km_params lloyd = lloyd_params(initial, cloud.k, cloud.max_iter);
    km_params whole = default_params(cloud.k, 0);
    struct run run = repeat_fit(&data, &lloyd, ROUNDS);
    double input = (double)(cloud.rows * cloud.columns) * (cloud.single ? 4e-6 : 8e-6);
    printf("  %-8s %9zu %5zu %5zu %9.1f %10.4f", cloud.name, cloud.rows, cloud.columns, cloud.k,
           input, run.seconds);
    if (strcmp(cloud.name, last) == 0) {
      printf(" %7.2f", run.seconds / before);
    } else {
      printf(" %7s", "");
    }
    printf(" %6zu %8.1f %6.0f%%", run.iterations, run.megabytes, 100 * run.megabytes / input);
    if (is_bearable(&growing[i])) {
      struct run fit = repeat_fit(&data, &whole, 1);
      printf(" %10.4f %8.1f %6.0f%%", fit.seconds, fit.megabytes, 100 * fit.megabytes / input);
    }
    printf("\n");
    fflush(stdout);
    before = run.seconds;
    last = cloud.name;
    free(initial);
    km_dataset_clear(&data, &core_hooks);
  }
  printf("\n");
}

/* 1, 2, 4, ... and the number of processors itself. */
static size_t next_threads(size_t threads, size_t cores) {
  return threads < cores && threads * 2 > cores ? cores : threads * 2;
}

static void measure_threads(const struct cloud *full, int whole, size_t cores) {
  struct cloud cloud = cloud_scaled(full);
  km_dataset data;
  int same = 1;
  double first = 0;
  uint64_t hash = 0;
  cloud_make(&cloud, &data);
  double *initial = random_rows(&data, cloud.k);
  printf("  %-8s %9zu %5zu %5zu %-6s", cloud.name, cloud.rows, cloud.columns, cloud.k,
         whole ? "fit" : "Lloyd");
  for (size_t threads = 1; threads <= cores; threads = next_threads(threads, cores)) {
    km_params params =
        whole ? default_params(cloud.k, 0) : lloyd_params(initial, cloud.k, cloud.max_iter);
    params.threads = threads;
    struct run run = repeat_fit(&data, &params, whole ? 1 : ROUNDS);
    first = threads == 1 ? run.seconds : first;
    same = same && (threads == 1 || run.hash == hash);
    hash = run.hash;
    printf(" %9.4f %5.2f", run.seconds, first / run.seconds);
    fflush(stdout);
  }
  printf("   %s\n", same ? "equal" : "DIFFERENT");
  free(initial);
  km_dataset_clear(&data, &core_hooks);
}

void bench_threads_part(void) {
  size_t cores = km_workers_cores();
  cores = cores > MOST_THREADS ? MOST_THREADS : cores;
  printf("THREADS: seconds, and how many times faster than one; medians of %d for Lloyd. Bits: of "
         "centroids and "
         "labels\n\n",
         ROUNDS);
  printf("  %-8s %9s %5s %5s %-6s", "", "rows", "cols", "k", "");
  for (size_t threads = 1; threads <= cores; threads = next_threads(threads, cores)) {
    printf(" %9zu %5s", threads, "");
  }
  printf("   bits\n");
  for (size_t i = 0; i < COUNT(threaded); i++) {
    if (wanted(threaded[i].name)) {
      measure_threads(&threaded[i], 0, cores);
      measure_threads(&threaded[i], 1, cores);
    }
  }
  printf("\n");
}
