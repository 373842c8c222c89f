/* The same job twice, from a file to a table of labels, as whole processes: Python with
** scikit-learn, and the shell with the extension. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"

enum side { PYTHON, EXTENSION, SIDES };

/* The sum of squares within the clusters of the labels: that both did the job, and how well. */
static double inertia(const struct workload *w, const char *path) {
  char *columns = per_column(w, "@", ", ");
  char *sql = sqlite3_mprintf("SELECT iif(sum(n) = %d, sum(within), -1) FROM "
                              "(SELECT count(*) AS n,"
                              " json_extract(kmeans_fit(1, %s), '$.inertia') AS within "
                              "FROM pts JOIN labels USING (id) GROUP BY cluster)",
                              w->rows, columns);
  double result = query_number(path, sql);
  if (result < 0) {
    fputs("bench: a job left rows without labels\n", stderr);
    exit(1);
  }
  sqlite3_free(sql);
  sqlite3_free(columns);
  return result;
}

/* `as`: how Python has the points, in double or as they come. */
static void compare(int which, int n_init, int pairs, const char *as) {
  struct workload w = workload(which);
  char *path = workload_path(&w);
  char *title = workload_title(&w);
  char *columns = per_column(&w, "@", ", ");
  char *k = sqlite3_mprintf("%d", w.k);
  char *starts = sqlite3_mprintf("%d", n_init);
  char *what = n_init == 1 ? sqlite3_mprintf("%d", w.k)
                           : sqlite3_mprintf("'{\"k\": %d, \"n_init\": %d}'", w.k, n_init);
  char *load = sqlite3_mprintf(".load \"%s\"", getenv("KMEANS_EXTENSION"));
  char *sql = sqlite3_mprintf("CREATE TABLE labels AS SELECT id, cluster "
                              "FROM kmeans(%s, 'SELECT id, %s FROM pts')",
                              what, columns);
  const char *python[] = {getenv("BENCH_PYTHON"), "tests/bench/job.py", path, k, starts, as, NULL};
  const char *shell[] = {
      getenv("SQLITE3"), "-batch", "-bail", "-init", "/dev/null", "-cmd", load, path, sql, NULL};
  const struct command commands[SIDES] = {{python}, {shell}};

  struct sample samples[SIDES][MAX_RUNS];
  double found[SIDES];
  for (int pair = 0; pair < pairs; pair++) {
    for (int side = 0; side < SIDES; side++) {
      samples[side][pair] = measure_command(&commands[side]);
      if (pair == 0) {
        found[side] = inertia(&w, path);
      }
      execute(path, "DROP TABLE labels");
    }
  }
  double seconds[SIDES], megabytes[SIDES];
  for (int side = 0; side < SIDES; side++) {
    seconds[side] = median_seconds(samples[side], pairs);
    megabytes[side] = median_megabytes(samples[side], pairs);
  }
  printf("  %-34s %8s %6d %5d %8.2f %8.2f %8.2f %10.1f %8.1f %8.4f\n", title, as, n_init, pairs,
         seconds[PYTHON], seconds[EXTENSION], seconds[PYTHON] / seconds[EXTENSION],
         megabytes[PYTHON], megabytes[EXTENSION], found[EXTENSION] / found[PYTHON]);

  char *const texts[] = {path, title, columns, k, starts, what, load, sql};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    sqlite3_free(texts[i]);
  }
}

void bench_jobs(void) {
  const char *python = getenv("BENCH_PYTHON");
  printf("JOBS: from a file to a table of labels, whole processes, medians of alternating pairs\n");
  if (python == NULL || python[0] == '\0') {
    printf("  skipped: no Python here has scikit-learn\n");
    return;
  }
  printf("Python: sqlite3, scikit-learn, sqlite3 (tests/bench/job.py); kmeans: the sqlite3 shell; "
         "inertia: kmeans / Python\n\n");
  printf("  %-34s %8s %6s %5s %8s %8s %8s %10s %8s %8s\n", "", "", "", "", "Python", "kmeans",
         "times", "Python", "kmeans", "inertia");
  printf("  %-34s %8s %6s %5s %8s %8s %8s %10s %8s %8s\n", "", "Python", "n_init", "pairs", "s",
         "s", "faster", "peak MB", "peak MB", "ratio");
  compare(GPS, 1, quick() ? 1 : 5, "double");
  if (!quick()) {
    compare(TAB, 1, 3, "double");
    compare(SIFT, 1, 3, "double");
    compare(SIFT, 1, 3, "single");
  }
  compare(GPS, 10, quick() ? 1 : 3, "double");
}
