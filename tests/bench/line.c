/* One dimension: the optimum of a million values, beside sorting them with ORDER BY. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"

enum { SORT, CLUSTER, LABELS, AGGREGATE, STATEMENTS };

static const char *const names[STATEMENTS] = {
    "SELECT x ... ORDER BY x", "SELECT count(*) FROM kmeans(10, ...)",
    "SELECT id, cluster FROM kmeans(10, ...)", "SELECT kmeans_fit(10, x)"};

/* u is uniform in [0, 1): a congruential generator in SQL. */
static const struct kind {
  const char *name;
  const char *value;
} kinds[] = {
    {"uniform", "u"},
    {"skewed", "1 / (1.0001 - u)"},
    {"whole numbers to 999", "CAST(u * 1000 AS INTEGER)"},
};

static void fill(const char *path, const struct kind *kind, int rows) {
  char *sql = sqlite3_mprintf(
      "PRAGMA synchronous = OFF; DROP TABLE IF EXISTS line;"
      "CREATE TABLE line(id INTEGER PRIMARY KEY, x REAL);"
      "WITH RECURSIVE s(i, n) AS (SELECT 1, 12345 UNION ALL "
      "SELECT i + 1, (n * 1103515245 + 12345) %% 2147483648 FROM s WHERE i < %d),"
      "v(i, u) AS (SELECT i, n / 2147483648.0 FROM s) INSERT INTO line SELECT i, %s FROM v",
      rows, kind->value);
  execute(path, sql);
  sqlite3_free(sql);
}

static void compare(const char *path, const struct kind *kind, int rows) {
  struct task tasks[STATEMENTS] = {
      [SORT] = {.timed = "SELECT x FROM line ORDER BY x"},
      [CLUSTER] = {.timed = "SELECT count(*) FROM kmeans(10, 'SELECT x FROM line')"},
      [LABELS] = {.timed = "SELECT id, cluster FROM kmeans(10, 'SELECT id, x FROM line')"},
      [AGGREGATE] = {.timed = "SELECT kmeans_fit(10, x) FROM line"},
  };
  struct sample samples[STATEMENTS][MAX_RUNS];
  for (int i = 0; i < STATEMENTS; i++) {
    tasks[i].path = path;
    tasks[i].repeats = 1;
  }
  fill(path, kind, rows);
  int runs = alternate(tasks, STATEMENTS, quick() ? 3 : 7, samples);
  double sort = median_seconds(samples[SORT], runs);
  for (int i = 0; i < STATEMENTS; i++) {
    double seconds = median_seconds(samples[i], runs);
    printf("  %-22s %-42s %9.4f %9.2f\n", i == 0 ? kind->name : "", names[i], seconds,
           seconds / sort);
  }
}

void bench_line(void) {
  int rows = quick() ? 50000 : 1000000;
  char *path = sqlite3_mprintf("%s/line.db", getenv("BENCH_DATA"));
  char *title = sqlite3_mprintf("%,d values, k = 10", rows);
  printf("LINE: the best clusters of %s; medians of alternating runs, each in a process of its "
         "own\n\n",
         title);
  printf("  %-22s %-42s %9s %9s\n", "", "", "s", "x sorting");
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    compare(path, &kinds[i], rows);
  }
  printf("\n");
  remove(path);
  sqlite3_free(title);
  sqlite3_free(path);
}
