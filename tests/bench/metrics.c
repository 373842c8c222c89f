/* How good a clustering is, beside scikit-learn's metrics: the exact silhouette, what follows from the
** scatter, and a whole sweep. Both sides label row i with i modulo k, or cluster themselves. */
#include <math.h>
#include <stdlib.h>

#include "bench.h"
#include "core/metrics.h"
#include "core/sweep.h"
#include "core_runs.h"
#include "points.h"

enum metric { SILHOUETTE, SCATTER, SWEEP };

static const struct task_of_both {
  const char *name;
  enum metric metric;
  struct cloud cloud;
  double bar; /* seconds that it may take; 0: none is set */
} tasks[] = {
    {"silhouette", SILHOUETTE, {.name = "blobs-2", .rows = 10000, .columns = 2}, 0.15},
    {"silhouette", SILHOUETTE, {.name = "blobs-64", .rows = 10000, .columns = 64}, 0.6},
    {"Calinski-Harabasz and Davies-Bouldin",
     SCATTER,
     {.name = "blobs-8", .rows = 200000, .columns = 8},
     0},
    {"k and silhouette, k from 2 to 12",
     SWEEP,
     {.name = "blobs-2", .rows = 10000, .columns = 2},
     0},
};

#define CLUSTERS 10
#define MOST 12

static void stop_unless(int fine, const char *what) {
  if (!fine) {
    fprintf(stderr, "bench: metrics: %s\n", what);
    exit(1);
  }
}

/* The number that both sides must agree on is in `inertia`. */
static struct run time_labels(const km_dataset *data, enum metric metric) {
  struct run run = {0};
  km_chunks labels;
  km_scatter scatter;
  km_labelled points = {.data = data, .labels = &labels, .k = CLUSTERS, .threads = bench_threads()};
  km_chunks_init(&labels, sizeof(uint32_t));
  for (size_t i = 0; i < data->rows.count; i++) {
    *(uint32_t *)checked(km_chunks_push(&labels, &core_hooks)) = (uint32_t)(i % CLUSTERS);
  }
  double began = now();
  if (metric == SILHOUETTE) {
    stop_unless(km_silhouette(&points, &core_hooks, NULL, &run.inertia) == KM_OK, "silhouette");
  } else {
    stop_unless(km_scatter_measure(&points, &core_hooks, &scatter) == KM_OK, "scatter");
    run.inertia = scatter.calinski_harabasz + scatter.davies_bouldin;
  }
  run.seconds = now() - began;
  km_chunks_clear(&labels, &core_hooks);
  return run;
}

/* The silhouettes of the default clusterings, added up: they need not be scikit-learn's. */
static struct run time_sweep(const km_dataset *data) {
  struct run run = {0};
  km_sweep sweep;
  km_sweep_line line;
  km_params params = default_params(2, 0);
  double began = now();
  stop_unless(km_sweep_begin(&sweep, data, &params, 2, MOST, KM_SWEEP_SILHOUETTE, data->rows.count,
                             &core_hooks) == KM_OK,
              "sweep");
  while (km_sweep_more(&sweep)) {
    stop_unless(km_sweep_step(&sweep, &line) == KM_OK, "a line of the sweep");
    run.inertia += line.silhouette;
  }
  km_sweep_end(&sweep);
  run.seconds = now() - began;
  return run;
}

static struct run time_peer(struct peer *peer, enum metric metric) {
  static const char *const words[] = {"silhouette", "scatter", "sweep"};
  return peer_run(peer, "%s %d", words[metric], metric == SWEEP ? MOST : CLUSTERS);
}

static void compare(struct peer *peer, const struct task_of_both *task) {
  enum { RUNS = 9 };
  struct run own[RUNS];
  struct run others[RUNS];
  km_dataset data;
  struct cloud cloud = task->cloud;
  cloud.shape = BLOBS;
  cloud.k = cloud.blobs = CLUSTERS;
  cloud.deviation = 1.5;
  cloud = cloud_scaled(&cloud);
  int runs = quick() ? 3 : RUNS;
  numbers_from(1);
  cloud_make(&cloud, &data);
  peer_give(peer, &data, NULL, 0);
  for (int r = 0; r < runs; r++) {
    own[r] = task->metric == SWEEP ? time_sweep(&data) : time_labels(&data, task->metric);
    if (peer->questions != NULL) {
      others[r] = time_peer(peer, task->metric);
      double expected = others[r].inertia;
      stop_unless(task->metric == SWEEP ||
                      fabs(own[r].inertia - expected) <= 1e-9 * fmax(1, fabs(expected)),
                  "the two disagree");
    }
  }
  double seconds = median_time(own, runs);
  printf("  %-38s %8zu x %-3zu %9.4f", task->name, cloud.rows, cloud.columns, seconds);
  if (peer->questions != NULL) {
    double other = median_time(others, runs);
    printf(" %13.4f %8.1f", other, other / seconds);
  }
  if (task->bar > 0 && !quick()) {
    printf("   at most %.2f s: %s", task->bar, seconds <= task->bar ? "met" : "MISSED");
  }
  printf("\n");
  fflush(stdout);
  km_dataset_clear(&data, &core_hooks);
}

void bench_metrics(void) {
  struct peer peer;
  int there = peer_start(&peer);
  printf("METRICS: medians of alternating runs, %zu threads\n\n", bench_threads());
  printf("  %-38s %14s %9s", "", "", "s");
  if (there) {
    printf(" %6s %-6s %8s", "sklearn", peer.version, "faster");
  }
  printf("\n");
  for (size_t i = 0; i < COUNT(tasks); i++) {
    compare(&peer, &tasks[i]);
  }
  printf("\n");
  peer_stop(&peer);
}
