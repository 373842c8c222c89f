/* kmeans_predict, a row at a time, with a model of three centroids. */
#include <sqlite3.h>
#include <stdio.h>
#include "bench.h"

#define MODEL "{\"centroids\":[[-5,-5],[5,5],[0,8]]}"

enum { SCAN, LITERAL, SUBQUERY, STATEMENTS };

static const char *const names[STATEMENTS] = {"bare scan, max(x + y)", "model a literal",
                                              "model from a subquery"};

void bench_predict(void) {
  struct workload w = workload(GPS);
  int runs = quick() ? 3 : 9;
  char *path = workload_path(&w);
  const char *keep = "CREATE TEMP TABLE segments AS SELECT '" MODEL "' AS model";
  struct task tasks[STATEMENTS] = {
      [SCAN] = {.timed = "SELECT max(x + y) FROM pts"},
      [LITERAL] = {.timed = "SELECT max(kmeans_predict('" MODEL "', x, y)) FROM pts"},
      [SUBQUERY] = {.timed = "SELECT max(kmeans_predict((SELECT model FROM segments), x, y)) "
                             "FROM pts"},
  };
  for (int i = 0; i < STATEMENTS; i++) {
    tasks[i].path = path;
    tasks[i].before = keep;
    tasks[i].repeats = 1;
  }
  struct sample samples[STATEMENTS][MAX_RUNS];
  runs = alternate(tasks, STATEMENTS, runs, samples);

  char *title = sqlite3_mprintf("kmeans_predict over %,d rows, 3 centroids", w.rows);
  printf("PREDICT: %s; medians of %d alternating runs\n\n", title, runs);
  sqlite3_free(title);
  printf("  %-24s %10s %10s %20s\n", "", "ms", "us/row", "us/row over the scan");
  for (int i = 0; i < STATEMENTS; i++) {
    double seconds = median_seconds(samples[i], runs);
    printf("  %-24s %10.1f %10.3f", names[i], seconds * 1e3, seconds / w.rows * 1e6);
    if (i != SCAN) {
      printf(" %20.3f", median_difference(samples[i], samples[SCAN], runs) / w.rows * 1e6);
    }
    printf("\n");
  }
  printf("\n");
  sqlite3_free(path);
}
