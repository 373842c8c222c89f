/* bench PART: one part of the benchmark. See tests/bench/run. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

static const struct workload workloads[WORKLOADS] = {
    [GPS] = {.name = "gps",
             .rows = 1000000,
             .columns = 2,
             .k = 8,
             .blobs = 8,
             .reach = 10,
             .deviation = 1.5,
             .repeats = 1},
    [TAB] = {.name = "tab",
             .rows = 200000,
             .columns = 16,
             .k = 32,
             .blobs = 200,
             .reach = 10,
             .deviation = 3,
             .repeats = 1},
    [SMALL] = {.name = "small",
               .rows = 1797,
               .columns = 64,
               .k = 10,
               .blobs = 10,
               .reach = 1.5,
               .deviation = 3,
               .repeats = 10},
    [SIFT] = {.name = "sift",
              .rows = 100000,
              .columns = 128,
              .k = 256,
              .blobs = 300,
              .reach = 10,
              .deviation = 3,
              .vectors = true,
              .repeats = 1},
};

static const struct part {
  const char *name;
  void (*run)(void);
} parts[] = {
    {"data", make_data},        {"phases", bench_phases},   {"predict", bench_predict},
    {"jobs", bench_jobs},       {"line", bench_line},       {"lloyd", bench_lloyd},
    {"seeding", bench_seeding}, {"growth", bench_growth},   {"threads", bench_threads_part},
    {"quality", bench_quality}, {"vectors", bench_vectors}, {"metrics", bench_metrics},
};

bool quick(void) {
  const char *bench = getenv("BENCH");
  return bench != NULL && strcmp(bench, "quick") == 0;
}

double patience(double seconds) {
  const char *bench = getenv("BENCH");
  bool full = bench != NULL && strcmp(bench, "full") == 0;
  return quick() ? seconds / 20 : full ? seconds * 10 : seconds;
}

struct workload workload(int which) {
  struct workload w = workloads[which];
  if (quick()) {
    if (w.rows > 10000) {
      w.rows /= 20;
    }
    w.repeats = w.repeats > 1 ? 2 : 1;
  }
  return w;
}

char *workload_path(const struct workload *w) {
  return sqlite3_mprintf("%s/%s.db", getenv("BENCH_DATA"), w->name);
}

char *workload_title(const struct workload *w) {
  return sqlite3_mprintf("%s: %,d %s x %d, k = %d", w->name, w->rows, w->vectors ? "BLOBs" : "rows",
                         w->columns, w->k);
}

char *per_column(const struct workload *w, const char *format, const char *separator) {
  sqlite3_str *text = sqlite3_str_new(NULL);
  for (int j = 0; j < (w->vectors ? 1 : w->columns); j++) {
    char *name = w->vectors        ? sqlite3_mprintf("v")
                 : w->columns == 2 ? sqlite3_mprintf("%s", j == 0 ? "x" : "y")
                                   : sqlite3_mprintf("c%d", j + 1);
    if (j > 0) {
      sqlite3_str_appendall(text, separator);
    }
    for (const char *p = format; *p != '\0'; p++) {
      if (*p == '@') {
        sqlite3_str_appendall(text, name);
      } else {
        sqlite3_str_appendchar(text, 1, *p);
      }
    }
    sqlite3_free(name);
  }
  return sqlite3_str_finish(text);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "library") == 0) {
    puts(sqlite3_libversion());
    return 0;
  }
  if (argc == 2 && getenv("BENCH_DATA") != NULL && getenv("KMEANS_EXTENSION") != NULL) {
    for (size_t i = 0; i < COUNT(parts); i++) {
      if (strcmp(argv[1], parts[i].name) == 0) {
        parts[i].run();
        return 0;
      }
    }
  }
  fputs("bench PART, run by tests/bench/run\n", stderr);
  return 1;
}
