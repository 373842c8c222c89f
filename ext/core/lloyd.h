/* Lloyd's iterations: assign every point to its nearest centroid, move every centroid to the mean
** of its points, until no label changes (Lloyd 1982). */
#ifndef KM_CORE_LLOYD_H
#define KM_CORE_LLOYD_H

#include "core/engine.h"

typedef struct km_lloyd {
  km_engine *engine;
  size_t k;
  double *centroids; /* k * dims: in, the initial ones; out, the final ones */
  km_chunks *labels; /* one uint32_t per point; on return not necessarily set */
  size_t *counts;    /* k: points in each cluster; none has weight 0 */
  size_t run;        /* for reports */
  size_t earlier;    /* for reports: iterations of the same run before these */
  size_t max_iter;
  double tol; /* stop when the squared movement, times unit^2, is at most this */
  size_t iterations;
  int converged;
  size_t moved; /* in the last assignment: points with another label than before */
  km_sum *sums; /* k * dims: of the clusters, while the run goes on */
} km_lloyd;

/* Runs the iterations. Empty clusters are re-seeded as they occur (see km_fill_empty). As in
** scikit-learn, an iteration is one assignment and one update, and the one that finds no label
** changed counts. A centroid is the mean of its points, summed to twice double precision and rounded
** once: it does not depend on the order of the points. */
km_status km_lloyd_run(km_lloyd *lloyd);

/* The same in steps, for who wants to look on: begin; then, as long as it goes on, assign and update;
** end, which is due in any case. Other runs with the engine have to wait until then. */
km_status km_lloyd_begin(km_lloyd *lloyd);
km_status km_lloyd_assign(km_lloyd *lloyd); /* labels by the centroids; sets counts and moved */
km_status km_lloyd_update(km_lloyd *lloyd); /* new centroids; counts an iteration, and reports it */
void km_lloyd_end(km_lloyd *lloyd);

static inline int km_lloyd_goes_on(const km_lloyd *lloyd) {
  return !lloyd->converged && lloyd->iterations < lloyd->max_iter;
}

/* Goes on with a run that has ended: `next` is a copy of it, with other centroids and with k, centroids and counts of
** its own where those differ. Runs at most `most` iterations, and lloyd->max_iter in all, which count as the run's. */
km_status km_lloyd_follow(km_lloyd *lloyd, km_lloyd *next, size_t most);

/* Between runs: sets *inertia to that of the centroids, times unit^2, and inertias (k, or NULL) to those of the
** clusters. Labels and counts are then those of the nearest centroids. */
km_status km_lloyd_measure(const km_lloyd *lloyd, km_sum *inertias, double *inertia);

/* After an assignment: copies the labels, one uint32_t per point, to the caller's. */
km_status km_lloyd_look(const km_lloyd *lloyd, km_chunks *to);

#endif
