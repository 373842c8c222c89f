/* How a fit went: some of its iterations, at most KM_MOST_STEPS, evenly spread, the first and the last
** among them. */
#ifndef KM_PLOT_STEPS_H
#define KM_PLOT_STEPS_H

#include "core/fit.h"
#include "plot/cells.h"

#define KM_MOST_STEPS 32

typedef struct km_steps {
  size_t count;
  size_t iteration[KM_MOST_STEPS]; /* 0: the seeding */
  double inertia[KM_MOST_STEPS];
  km_point *mark;  /* count * k: the centroids, in the numbering of the result */
  uint32_t *label; /* count times as many as points are drawn: their clusters, likewise */
} km_steps;

void km_steps_clear(km_steps *steps, km_hooks *hooks);

#endif
