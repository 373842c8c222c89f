/* BLOBs of float32: how fast they are read, in bytes of theirs a second. Each statement runs several times
** in its process, so that most of its memory is warm. Every number is 0.747, the bytes "????". */
#include <sqlite3.h>
#include <stdio.h>
#include "bench.h"

enum { DIMS = 768 };
enum { SCAN, READ, PREDICT, STATEMENTS };

static const char *const names[STATEMENTS] = {"bare scan, max(v)", "kmeans, 1 centroid",
                                              "kmeans_predict, 2 centroids"};

void bench_vectors(void) {
  int rows = quick() ? 5000 : 100000;
  int runs = quick() ? 3 : 5;
  double bytes = (double)rows * DIMS * sizeof(float);
  char *before = sqlite3_mprintf(
      "CREATE TEMP TABLE vectors AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
      " WHERE i < %d) SELECT CAST(printf('%%.*c', %d, '?') AS BLOB) AS v FROM n;"
      "CREATE TEMP TABLE model AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
      " WHERE i < %d) SELECT json_array(json_group_array(0)) AS one,"
      " json_array(json_group_array(0), json_group_array(1)) AS two FROM n",
      rows, DIMS * (int)sizeof(float), DIMS);
  struct task tasks[STATEMENTS] = {
      [SCAN] = {.timed = "SELECT max(v) FROM vectors"},
      [READ] = {.timed = "SELECT count(*) FROM model,"
                         " kmeans(json_object('centroids', json(one)), 'SELECT v FROM vectors')"},
      [PREDICT] = {.timed = "SELECT max(kmeans_predict((SELECT json_object('centroids', json(two))"
                            " FROM model), v)) FROM vectors"},
  };
  for (int i = 0; i < STATEMENTS; i++) {
    tasks[i].path = ":memory:";
    tasks[i].before = before;
    tasks[i].repeats = 5;
  }
  struct sample samples[STATEMENTS][MAX_RUNS];
  runs = alternate(tasks, STATEMENTS, runs, samples);

  char *title = sqlite3_mprintf("%,d vectors of %d", rows, DIMS);
  printf("VECTORS: %s; medians of %d alternating runs\n\n", title, runs);
  sqlite3_free(title);
  printf("  %-28s %10s %10s\n", "", "ms", "GB/s");
  for (int i = 0; i < STATEMENTS; i++) {
    double seconds = median_seconds(samples[i], runs);
    printf("  %-28s %10.1f %10.2f\n", names[i], seconds * 1e3, bytes / seconds / 1e9);
  }
  printf("\n");
  sqlite3_free(before);
}
