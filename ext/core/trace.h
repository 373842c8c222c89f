/* A fit that can be watched: Lloyd's iterations one at a time, with what is to be seen after each.
**
**   km_trace trace;
**   km_status status = km_trace_begin(&trace, data, params, hooks);   // the seeding: iteration 0
**   while (status == KM_OK) {
**     ... trace.result.restored, km_result_label(&trace.result, i), trace.moved ...
**     if (trace.done) break;
**     status = km_trace_next(&trace);
**   }
**   km_trace_end(&trace);                                             // in any case
**
** What is traced is plain Lloyd, whatever params->refine says: the last result has the clusters of
** km_fit with KM_REFINE_NONE, bit for bit, but for their numbers. Clusters keep their numbers all the
** way: i is the one that grew from centroid i of those given, or else of the seeds in canonical order.
** On the way a cluster may be empty: the next iteration gives it the point furthest from its centroid;
** in the last result none is. With several runs (n_init) all are made first, and the best is traced.
**
** No thread outlives a call, so that a step may come when it likes. The data, the hooks and what
** params point at stay in place until the end; the data must not change.
*/
#ifndef KM_CORE_TRACE_H
#define KM_CORE_TRACE_H

#include "core/fit.h"

typedef struct km_trace {
  /* Of the present iteration, which is result.iterations: centroids; and the labels that they give,
  ** with sizes, inertias and radii. k is 0 where no point has weight: then all is done. */
  km_result result;
  size_t *
      moved; /* k: points that have come into the cluster since the iteration before; at the seeding,
                    all of them */
  double *shift; /* k: how far the centroid has moved since then, Euclidean, in the space of the
                    clustering; 0 at the seeding */
  int done;      /* this is the last iteration */
  struct km_tracing *state;
} km_trace;

/* Chooses the initial centroids, and labels the points by them. On any status km_trace_end is due. With
** KM_TOO_FEW, trace->result.distinct says how many distinct points there are. */
km_status km_trace_begin(km_trace *trace, const km_dataset *data, const km_params *params,
                         km_hooks *hooks);

/* The next iteration; the trace is not done. */
km_status km_trace_next(km_trace *trace);

/* Gives everything back. A zeroed trace is allowed. */
void km_trace_end(km_trace *trace);

#endif
