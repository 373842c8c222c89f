/* How often a fit finds the best clusters known, and what it costs: default options and plain Lloyd
** beside scikit-learn with one start and with ten, over many seeds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "core_runs.h"
#include "points.h"

enum { SEEDS = 20 };

/* tests/data/NAME.csv, or BENCH_SETS/NAME.csv; best: the least inertia known, or 0. */
static const struct published {
  const char *name;
  size_t k;
  double best;
} published[] = {
    {"s1", 15, 8.917616e12},       {"s2", 15, 1.327911e13}, {"s3", 15, 1.688965e13},
    {"s4", 15, 1.570373e13},       {"d31", 31, 3393.341},   {"r15", 15, 108.6190},
    {"unbalance", 8, 2.144921e11}, {"iris", 3, 78.85144},   {"faithful", 2, 8901.769},
    {"birch1", 100, 9.277312e13},
};

static const struct cloud generated[] = {
    {"grid-50", GRID, 5000, 2, 50, 50, 0.15, 0, 0, 0},
    {"grid-50-wide", GRID, 5000, 2, 50, 50, 0.25, 0, 0, 0},
    {"grid-128", GRID, 12800, 2, 128, 128, 0.15, 0, 0, 0},
    {"grid-512", GRID, 25600, 2, 512, 512, 0.15, 0, 0, 0},
    {"nested", NESTED, 30000, 2, 300, 300, 1, 0, 0, 0},
    {"heavy-10", HEAVY, 4000, 10, 20, 20, 2, 0, 0, 0},
    {"heavy-30", HEAVY, 6000, 30, 30, 30, 2, 0, 0, 0},
    {"heavy-60", HEAVY, 8000, 60, 40, 40, 2, 0, 0, 0},
    {"uniform-2", UNIFORM, 5000, 2, 50, 0, 0, 0, 0, 0},
    {"uniform-8", UNIFORM, 5000, 8, 20, 0, 0, 0, 0, 0},
    {"digits", DIGITS, 1797, 64, 10, 10, 3.5, 0, 0, 0},
    {"amounts", AMOUNTS, 100000, 10, 50, 0, 2, 0, 0, 0},
    {"flags", FLAGS, 50000, 64, 20, 0, 0, 0, 0, 0},
};

enum { DEFAULT, PLAIN, ONE, TEN, METHODS };

static const char *const names[METHODS] = {"kmeans", "kmeans, refine none",
                                           "scikit-learn, n_init 1", "scikit-learn, n_init 10"};

static struct run run_method(int method, const km_dataset *data, size_t k, uint64_t seed,
                             struct peer *peer) {
  if (method == ONE || method == TEN) {
    return peer_run(peer, "default %zu %d %d", k, method == ONE ? 1 : 10, (int)seed);
  }
  km_params params = default_params(k, seed);
  params.refine = method == PLAIN ? KM_REFINE_NONE : KM_REFINE_AUTO;
  return time_fit(data, &params);
}

/* Sums up one method's runs against the best inertia. */
static double print_method(int method, const struct run *runs, int count, double best,
                           double ours) {
  double ratios[SEEDS];
  double seconds = median_time(runs, count), iterations = 0;
  int hits = 0;
  for (int i = 0; i < count; i++) {
    ratios[i] = runs[i].inertia / best;
    hits += ratios[i] <= 1.001;
    iterations += (double)runs[i].iterations / count;
  }
  double middle = median(ratios, count); /* sorts them */
  printf("%-24s %4d %5.0f%% %9.5f %9.5f %9.4f", names[method], count, 100.0 * hits / count, middle,
         ratios[count - 1], seconds);
  if (method == DEFAULT) {
    printf(" %7s", "");
  } else {
    printf(" %7.2f", seconds / ours);
  }
  printf(" %8.1f\n", iterations);
  return seconds;
}

static void measure_set(const char *name, const km_dataset *data, size_t k, double best,
                        struct peer *peer) {
  struct run runs[METHODS][SEEDS];
  int count[METHODS] = {0};
  double spent[METHODS] = {0};
  int seeds = quick() ? 5 : SEEDS;
  int methods = peer->questions != NULL ? METHODS : ONE;
  double least = INFINITY, seconds = 0;
  peer_give(peer, data, NULL, 0);
  for (int seed = 0; seed < seeds; seed++) {
    for (int m = 0; m < methods; m++) {
      if (m != DEFAULT && seed >= 3 && spent[m] > patience(3)) {
        continue;
      }
      struct run run = run_method(m, data, k, (uint64_t)seed, peer);
      least = fmin(least, run.inertia);
      spent[m] += run.seconds;
      runs[m][count[m]++] = run;
    }
  }
  for (int m = 0; m < methods; m++) {
    if (m == DEFAULT) {
      printf("  %-13s %7zu %4zu %4zu  ", name, data->rows.count, data->dims, k);
    } else {
      printf("  %-13s %7s %4s %4s  ", "", "", "", "");
    }
    double each = print_method(m, runs[m], count[m], best > 0 ? best : least, seconds);
    seconds = m == DEFAULT ? each : seconds;
  }
  fflush(stdout);
}

static int read_published(const char *name, km_dataset *data) {
  char path[4096];
  const char *folder = getenv("BENCH_SETS");
  snprintf(path, sizeof path, "tests/data/%s.csv", name);
  if (read_table(path, data)) {
    return 1;
  }
  if (folder == NULL || *folder == '\0') {
    return 0;
  }
  snprintf(path, sizeof path, "%s/%s.csv", folder, name);
  return read_table(path, data);
}

void bench_quality(void) {
  struct peer peer;
  km_dataset data;
  int compared = peer_start(&peer);
  printf(
      "QUALITY over up to %d seeds, %zu threads: hits are runs within 0.1%% of the best inertia "
      "known (or seen here, for sets that are\nmade here); inertia over that; median seconds of a "
      "run, and their ratio to those of kmeans",
      SEEDS, bench_threads());
  printf(compared ? "; scikit-learn %s\n\n" : "%s\n\n", peer.version);
  printf("  %-13s %7s %4s %4s  %-24s %4s %6s %9s %9s %9s %7s %8s\n", "", "rows", "cols", "k", "",
         "runs", "hits", "median", "worst", "s", "ratio", "iter.");
  for (size_t i = 0; i < COUNT(published); i++) {
    if (wanted(published[i].name) && read_published(published[i].name, &data)) {
      measure_set(published[i].name, &data, published[i].k, published[i].best, &peer);
      km_dataset_clear(&data, &core_hooks);
    }
  }
  for (size_t i = 0; i < COUNT(generated); i++) {
    if (wanted(generated[i].name)) {
      cloud_make(&generated[i], &data);
      measure_set(generated[i].name, &data, generated[i].k, 0, &peer);
      km_dataset_clear(&data, &core_hooks);
    }
  }
  printf("\n");
  peer_stop(&peer);
}
