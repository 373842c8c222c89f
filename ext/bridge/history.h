/* What there was to see of a trace so far: the rows of kmeans_trace. They are kept, so that who reads
** them again, as the inner loop of a join does, need not wait for them again. */
#ifndef KM_BRIDGE_HISTORY_H
#define KM_BRIDGE_HISTORY_H

#include "bridge/what.h"
#include "core/trace.h"

/* A cluster at one iteration. */
typedef struct km_moment {
  size_t size;
  size_t moved;
  double weight;
  double inertia;
  double shift;
  double centroid[]; /* dims, in the units of the input */
} km_moment;

typedef struct km_history {
  km_trace trace; /* ended as soon as it is done */
  int done;
  size_t k; /* 0: there are no clusters, and no rows */
  size_t dims;
  km_chunks moments; /* km_moment: iteration after iteration, k for each */
} km_history;

/* Begins a trace of the points as `what` says, with iteration 0. An error is the host's;
** km_history_clear is due on any, unless the struct is zeroed. data and what stay in place until done. */
void km_history_begin(km_host *host, km_what *what, const km_input *input, km_history *history);

/* Makes the next iteration; the history is not done. */
void km_history_next(km_host *host, const km_what *what, km_history *history);

void km_history_clear(km_history *history, km_host *host);

static inline const km_moment *km_history_at(const km_history *history, size_t row) {
  return km_chunks_at(&history->moments, row);
}

#endif
