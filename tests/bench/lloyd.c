/* Lloyd's iterations alone, from the same random rows, beside scikit-learn in double and in single
** precision; and greedy k-means++ alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "core_runs.h"
#include "points.h"

static const struct cloud lloyd_clouds[] = {
    {"gps-8", BLOBS, 1000000, 2, 8, 8, 1.5, 0, 0, 0},
    {"gps-100", BLOBS, 1000000, 2, 100, 200, 1.5, 0, 0, 0},
    {"tab", BLOBS, 200000, 16, 32, 40, 3, 0, 0, 0},
    {"emb", BLOBS, 50000, 384, 100, 150, 3, 0, 1, 0},
    {"sift", BLOBS, 100000, 128, 256, 300, 3, 0, 0, 0},
    {"pixels", PIXELS, 273280, 3, 64, 0, 0, 0, 0, 0},
    {"uniform", UNIFORM, 200000, 8, 64, 0, 0, 0, 0, 0},
    {"digits", DIGITS, 1797, 64, 10, 10, 3.5, 0, 0, 0},
    {"line", BLOBS, 200000, 1, 20, 30, 1.5, 0, 0, 0},
    {"two", BLOBS, 1000000, 2, 2, 8, 1.5, 0, 0, 0},
    {"two-wide", BLOBS, 100000, 32, 2, 2, 3, 0, 0, 0},
    {"many", BLOBS, 1000000, 2, 1000, 200, 1.5, 0, 0, 10},
    {"many-wide", BLOBS, 50000, 32, 2000, 3000, 3, 0, 0, 20},
    {"five", BLOBS, 200000, 5, 50, 60, 3, 0, 0, 100},
    {"noise", UNIFORM, 50000, 64, 64, 0, 0, 0, 0, 100},
    {"tiny", BLOBS, 100, 2, 5, 5, 1.5, 0, 0, 0},
    {"thousand", BLOBS, 5000, 1000, 20, 30, 3, 0, 0, 0},
    {"topics", BLOBS, 20000, 1536, 50, 5, 2, 0, 1, 0},
    {"amounts", AMOUNTS, 200000, 10, 50, 0, 2, 0, 0, 100},
    {"flags", FLAGS, 100000, 64, 20, 0, 0, 0, 0, 100},
    {"sorted", BLOBS, 1000000, 2, 20, 30, 1.5, 1, 0, 50},
};

static const struct cloud seeding_clouds[] = {
    {"gps", BLOBS, 1000000, 2, 100, 200, 1.5, 0, 0, 0},
    {"sift", BLOBS, 100000, 128, 256, 300, 3, 0, 0, 0},
    {"tab", BLOBS, 200000, 16, 32, 40, 3, 0, 0, 0},
};

/* A workload gets as many rounds as fit in some seconds, three at least, but one where that is
** long. */
static int another_round(int done, double begin) {
  double spent = now() - begin;
  double limit = patience(4);
  return done == 0 || (done < MAX_RUNS && spent < limit) || (done < 3 && spent < 1.5 * limit);
}

static void print_side(const struct run *runs, int rounds, double ours) {
  double seconds = median_time(runs, rounds);
  printf(" %10.5f %7.1f", seconds, seconds / ours);
}

static void measure_lloyd(const struct cloud *full, struct peer *peer) {
  struct cloud cloud = cloud_scaled(full);
  km_dataset data;
  struct run ours[2 * MAX_RUNS], wide[MAX_RUNS], narrow[MAX_RUNS];
  int rounds = 0;
  cloud_make(&cloud, &data);
  double *initial = random_rows(&data, cloud.k);
  km_params params = lloyd_params(initial, cloud.k, cloud.max_iter);
  peer_give(peer, &data, initial, cloud.k);
  for (double begin = now(); another_round(rounds, begin); rounds++) {
    ours[2 * rounds] = time_fit(&data, &params);
    if (peer->questions != NULL) {
      wide[rounds] = peer_run(peer, "lloyd 64 %zu", cloud.max_iter);
    }
    ours[2 * rounds + 1] = time_fit(&data, &params);
    if (peer->questions != NULL) {
      narrow[rounds] = peer_run(peer, "lloyd 32 %zu", cloud.max_iter);
    }
  }
  double seconds = median_time(ours, 2 * rounds);
  printf("  %-10s %8zu %5zu %5zu %3d %6zu", cloud.name, cloud.rows, cloud.columns, cloud.k, rounds,
         ours[0].iterations);
  if (peer->questions != NULL) {
    printf(" %6zu %10.5f", wide[0].iterations, seconds);
    print_side(wide, rounds, seconds);
    print_side(narrow, rounds, seconds);
    printf(" %8.0e", fabs(ours[0].inertia / wide[0].inertia - 1));
  } else {
    printf(" %6s %10.5f", "", seconds);
  }
  printf("\n");
  fflush(stdout);
  free(initial);
  km_dataset_clear(&data, &core_hooks);
}

static void print_head(const struct peer *peer) {
  if (peer->questions == NULL) {
    printf("nothing to compare with: no Python here has scikit-learn\n");
  }
  printf("\n");
}

void bench_lloyd(void) {
  struct peer peer;
  int compared = peer_start(&peer);
  printf(
      "LLOYD alone, from the same random rows, tol 0, at most 300 iterations (many 10, many-wide "
      "20, sorted 50,\nfive, noise, amounts and flags 100); medians of alternating rounds, %zu "
      "threads\n",
      bench_threads());
  if (compared) {
    printf("scikit-learn %s in double and in single precision; inertia: how far the first is off\n",
           peer.version);
  }
  print_head(&peer);
  printf("  %-10s %8s %5s %5s %3s %13s %10s", "", "", "", "", "", "iterations", "kmeans");
  printf(compared ? " %18s %18s\n" : "\n", "double", "single");
  printf("  %-10s %8s %5s %5s %3s %6s %6s %10s", "", "rows", "cols", "k", "n", "ours",
         compared ? "theirs" : "", "s");
  printf(compared ? " %10s %7s %10s %7s %8s\n" : "\n", "s", "ratio", "s", "ratio", "inertia");
  for (size_t i = 0; i < COUNT(lloyd_clouds); i++) {
    if (wanted(lloyd_clouds[i].name)) {
      measure_lloyd(&lloyd_clouds[i], &peer);
    }
  }
  printf("\n");
  peer_stop(&peer);
}

static void measure_seeding(const struct cloud *full, struct peer *peer) {
  struct cloud cloud = cloud_scaled(full);
  km_dataset data;
  struct run ours[MAX_RUNS], theirs[MAX_RUNS];
  int rounds = 0;
  cloud_make(&cloud, &data);
  peer_give(peer, &data, NULL, 0);
  for (double begin = now(); another_round(rounds, begin); rounds++) {
    ours[rounds] = time_seeding(&data, cloud.k, (uint64_t)rounds);
    if (peer->questions != NULL) {
      theirs[rounds] = peer_run(peer, "seeding %zu %d", cloud.k, rounds);
    }
  }
  double seconds = median_time(ours, rounds);
  printf("  %-10s %8zu %5zu %5zu %3d %10.5f %8.1f", cloud.name, cloud.rows, cloud.columns, cloud.k,
         rounds, seconds, ours[0].megabytes);
  if (peer->questions != NULL) {
    print_side(theirs, rounds, seconds);
    printf(" %9.4f", median_inertia(ours, rounds) / median_inertia(theirs, rounds));
  }
  printf("\n");
  fflush(stdout);
  km_dataset_clear(&data, &core_hooks);
}

void bench_seeding(void) {
  struct peer peer;
  int compared = peer_start(&peer);
  printf(
      "SEEDING by greedy k-means++ alone, another seed each round; medians of alternating rounds, "
      "%zu threads\n",
      bench_threads());
  if (compared) {
    printf("scikit-learn %s: kmeans_plusplus; inertia: ours / theirs, of what was chosen\n",
           peer.version);
  }
  print_head(&peer);
  printf("  %-10s %8s %5s %5s %3s %10s %8s", "", "rows", "cols", "k", "n", "kmeans s", "MB");
  printf(compared ? " %10s %7s %9s\n" : "\n", "sklearn s", "ratio", "inertia");
  for (size_t i = 0; i < COUNT(seeding_clouds); i++) {
    if (wanted(seeding_clouds[i].name)) {
      measure_seeding(&seeding_clouds[i], &peer);
    }
  }
  printf("\n");
  peer_stop(&peer);
}
