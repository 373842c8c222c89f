/* What the tests of refine and line share: hooks that count, and datasets from arrays and files. */
#ifndef KM_TESTS_CORE_WATCH_H
#define KM_TESTS_CORE_WATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fit.h"

typedef struct watch {
  long live;      /* allocations not yet released */
  long allocated; /* allocations so far */
  long fail_at;   /* this one returns NULL; 0: none */
  long asked;     /* how often cancelled() was called */
  long stop_at;   /* cancelled() says yes from this call on; 0: never */
} watch;

static inline void *watch_allocate(void *context, size_t bytes) {
  watch *seen = context;
  if (++seen->allocated == seen->fail_at) {
    return NULL;
  }
  seen->live++;
  void *memory = malloc(bytes);
  memset(memory, 0xA5, bytes);
  return memory;
}

static inline void watch_release(void *context, void *memory) {
  if (memory) {
    ((watch *)context)->live--;
    free(memory);
  }
}

static inline int watch_cancelled(void *context) {
  watch *seen = context;
  seen->asked++;
  return seen->stop_at && seen->asked >= seen->stop_at;
}

static inline void watch_report(void *context, const km_report *report) {
  (void)context;
  (void)report;
}

static inline km_hooks watch_hooks(watch *seen) {
  return (km_hooks){seen, watch_allocate, watch_release, watch_cancelled, watch_report, 0};
}

static inline void add_row(km_dataset *data, km_hooks *hooks, const double *row) {
  void *place = km_chunks_push(&data->rows, hooks);
  if (!place) {
    abort();
  }
  memcpy(place, row, data->dims * sizeof *row);
}

/* Appends the rows of a CSV file with a header line: the first dims columns. Returns how many. */
static inline size_t read_csv(km_dataset *data, km_hooks *hooks, const char *name) {
  char text[4096];
  double row[256];
  FILE *file = fopen(name, "r");
  size_t rows = 0;
  if (!file || !fgets(text, sizeof text, file)) {
    return 0;
  }
  while (fgets(text, sizeof text, file)) {
    char *at = text;
    for (size_t j = 0; j < data->dims; j++) {
      row[j] = strtod(at, &at);
      at += *at == ',';
    }
    add_row(data, hooks, row);
    rows++;
  }
  fclose(file);
  return rows;
}

#endif
