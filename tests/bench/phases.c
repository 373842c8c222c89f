/* Where the time of a clustering goes: reading rows, seeding, iterating, handing rows out. A phase
** is the difference of two statements that differ in it alone. */
#include <sqlite3.h>
#include <stdio.h>
#include "bench.h"

enum statement {
  IDLE,
  SCAN,
  READ,
  SEED_RANDOM,
  SEED_GREEDY,
  ITERATE_ONCE,
  ITERATE,
  COUNT,
  LABEL,
  FIT,
  JOB,
  STATEMENTS
};

enum { FIRST = 1, LAST = 21 };

/* Options for a fit of which nothing but the phase in question differs. */
static char *fit_task(const char *columns, const struct workload *w, const char *init,
                      int max_iter) {
  const char *refine =
      accepted("SELECT kmeans_fit('{\"k\":1,\"refine\":\"none\"}', 0)") ? ", 'refine', 'none'" : "";
  return sqlite3_mprintf("CREATE TEMP TABLE task AS SELECT json_object('k', %d, 'init', %s, "
                         "'max_iter', %d, 'n_init', 1, 'tol', 0%s) AS what "
                         "FROM (SELECT json_group_array(json_array(%s)) AS first FROM pts "
                         "WHERE id <= %d)",
                         w->k, init, max_iter, refine, columns, w->k);
}

static void print_phase(const char *name, double seconds, int rows, const char *note) {
  if (seconds <= 0) {
    printf("  %-12s %10s %14s %10s   %s\n", name, "< noise", "", "", note);
  } else {
    printf("  %-12s %10.2f %14.3f %10.1f   %s\n", name, seconds * 1e3, rows / seconds / 1e6,
           seconds / rows * 1e9, note);
  }
}

static void print_ratio(const char *name, double seconds, int rows, double scan) {
  char *note = sqlite3_mprintf("%.2f x the bare scan", seconds / scan);
  print_phase(name, seconds, rows, note);
  sqlite3_free(note);
}

static void print_phases(const struct workload *w, struct sample samples[][MAX_RUNS], int runs) {
  int rows = w->rows;
  double scan = median_seconds(samples[SCAN], runs);
  print_phase("bare scan", scan, rows, "SELECT sum(x), sum(y), ...");
  print_ratio("reading", median_seconds(samples[READ], runs), rows, scan);
  print_phase("seeding", median_difference(samples[SEED_GREEDY], samples[SEED_RANDOM], runs), rows,
              "k-means++ over random");

  int iterations = (int)(samples[ITERATE][0].value - samples[ITERATE_ONCE][0].value);
  if (iterations > 0) {
    char *note = sqlite3_mprintf("mean of %d", iterations);
    double seconds = median_difference(samples[ITERATE], samples[ITERATE_ONCE], runs);
    print_phase("iteration", seconds / iterations, rows, note);
    sqlite3_free(note);
  }

  print_phase("output", median_difference(samples[LABEL], samples[COUNT], runs), rows,
              "CREATE TABLE labels AS SELECT id, cluster");
  print_ratio("fit", median_seconds(samples[FIT], runs), rows, scan);
  print_ratio("whole job", median_seconds(samples[JOB], runs), rows, scan);

  double idle = median_megabytes(samples[IDLE], runs);
  double points = 8.0 * rows * w->columns / 1e6;
  printf("  peak memory over an idle process, MB: fit %.1f, whole job %.1f (coordinates %.1f)\n\n",
         median_megabytes(samples[FIT], runs) - idle, median_megabytes(samples[JOB], runs) - idle,
         points);
}

static void measure_phases(const struct workload *w, int runs) {
  char *columns = per_column(w, "@", ", ");
  char *sums = per_column(w, "sum(@)", ", ");
  char *zeros = per_column(w, "0", ",");
  char *path = workload_path(w);
  char *title = workload_title(w);
  char *random = fit_task(columns, w, "'random'", FIRST);
  char *greedy = fit_task(columns, w, "'k-means++'", FIRST);
  char *once = fit_task(columns, w, "json(first)", FIRST);
  char *often = fit_task(columns, w, "json(first)", LAST);
  char *scan = sqlite3_mprintf("SELECT %s FROM pts", sums);
  char *read = sqlite3_mprintf("SELECT count(*) FROM kmeans('{\"centroids\":[[%s]]}', "
                               "'SELECT %s FROM pts')",
                               zeros, columns);
  char *fit = sqlite3_mprintf("SELECT json_extract(kmeans_fit((SELECT what FROM task), %s), "
                              "'$.iterations') FROM pts",
                              columns);
  char *rows = sqlite3_mprintf("FROM kmeans('{\"centroids\":[[%s]]}', 'SELECT id, %s FROM pts')",
                               zeros, columns);
  char *count = sqlite3_mprintf("SELECT count(*) %s", rows);
  char *label = sqlite3_mprintf("CREATE TABLE labels AS SELECT id, cluster %s", rows);
  char *whole =
      sqlite3_mprintf("SELECT count(*) FROM kmeans(%d, 'SELECT %s FROM pts')", w->k, columns);
  char *job = sqlite3_mprintf("CREATE TABLE labels AS SELECT id, cluster "
                              "FROM kmeans(%d, 'SELECT id, %s FROM pts')",
                              w->k, columns);
  const char *drop = "DROP TABLE labels";

  struct task tasks[STATEMENTS] = {
      [IDLE] = {.timed = "SELECT 1"},
      [SCAN] = {.timed = scan},
      [READ] = {.timed = read},
      [SEED_RANDOM] = {.before = random, .timed = fit},
      [SEED_GREEDY] = {.before = greedy, .timed = fit},
      [ITERATE_ONCE] = {.before = once, .timed = fit},
      [ITERATE] = {.before = often, .timed = fit},
      [COUNT] = {.timed = count},
      [LABEL] = {.timed = label, .after = drop},
      [FIT] = {.timed = whole},
      [JOB] = {.timed = job, .after = drop},
  };
  for (int i = 0; i < STATEMENTS; i++) {
    tasks[i].path = path;
    tasks[i].repeats = w->repeats;
  }
  struct sample samples[STATEMENTS][MAX_RUNS];
  runs = alternate(tasks, STATEMENTS, runs, samples);
  printf("%s (%d runs)\n", title, runs);
  print_phases(w, samples, runs);

  char *const texts[] = {columns, sums, zeros, path, title, random, greedy, once, often,
                         scan,    read, fit,   rows, count, label,  whole,  job};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    sqlite3_free(texts[i]);
  }
}

void bench_phases(void) {
  int runs = quick() ? 3 : 5;
  printf("\nPHASES: medians of alternating runs, each in a process of its own\n");
  printf("fit: SELECT count(*) FROM kmeans(k, 'SELECT x, y, ... FROM pts')\n");
  printf("whole job: CREATE TABLE labels AS SELECT id, cluster "
         "FROM kmeans(k, 'SELECT id, x, y, ... FROM pts')\n\n");
  printf("  %-12s %10s %14s %10s\n", "", "ms", "million rows/s", "ns/row");
  for (int i = 0; i < WORKLOADS; i++) {
    struct workload w = workload(i);
    if (!w.vectors) {
      measure_phases(&w, runs);
    }
  }
}
