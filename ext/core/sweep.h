/* Clusterings of the same points for one number of clusters after the other, and how good each is. */
#ifndef KM_CORE_SWEEP_H
#define KM_CORE_SWEEP_H

#include "core/fit.h"

/* What is to be found out beside the inertia. */
enum {
  KM_SWEEP_SILHOUETTE = 1,
  KM_SWEEP_SCATTER = 2, /* Calinski-Harabasz and Davies-Bouldin */
  KM_SWEEP_GAP = 4,
  KM_SWEEP_F = 8
};

/* One clustering. NaN: not asked for, or undefined. */
typedef struct km_sweep_line {
  size_t k;
  size_t iterations;
  int converged;
  double inertia;
  double silhouette; /* mean, over the sample */
  double calinski_harabasz;
  double davies_bouldin;
  double explained; /* see km_scatter */
  double gap;
  double gap_error;
  double f; /* Pham, Dimov & Nguyen 2005; of two columns at least, as they define it */
} km_sweep_line;

typedef struct km_sweep {
  const km_dataset *data; /* none of its rows has weight 0 */
  km_dataset selected;    /* where the caller's has such rows: the others */
  km_params params;       /* k is the one at hand */
  unsigned wanted;
  km_hooks *hooks;
  size_t next;     /* the next k */
  size_t most;     /* the last one */
  size_t distinct; /* with KM_TOO_FEW, and where clamp has lowered `most`: how many there are */
  km_chunks drawn; /* the rows that the silhouette looks at; empty: all */
  km_result best;  /* the last clustering; k is 0 before the first */
  double before;   /* the inertia of one cluster less; NaN: not known */
} km_sweep;

/* Prepares to cluster data into `least` .. `most` clusters, 1 <= least <= most; params as in km_fit, their
** k aside: with given initial centroids, least and most are as many. wanted: KM_SWEEP_*; the silhouette
** looks at `sample` rows at most, drawn with the seed. data and what params points to are borrowed. There is
** at least one row. KM_TOO_FEW: fewer distinct points than `most`; with params->clamp it is lowered
** instead, and least with it. On any status km_sweep_end is due. */
km_status km_sweep_begin(km_sweep *sweep, const km_dataset *data, const km_params *params,
                         size_t least, size_t most, unsigned wanted, size_t sample,
                         km_hooks *hooks);
void km_sweep_end(km_sweep *sweep);

/* Whether there is a next line. */
static inline int km_sweep_more(const km_sweep *sweep) {
  return sweep->next <= sweep->most;
}

/* Clusters the points and tells how good it is. The clustering is the better one of two: that of km_fit,
** and the one to which Lloyd's iterations lead from the last one and one centroid more. So from line to
** line the inertia never rises. */
km_status km_sweep_step(km_sweep *sweep, km_sweep_line *line);

/* How good a line's k is beside those of others: the silhouette times the root of the explained share,
** which is the correlation ratio of points and clusters; NaN where these are not known. The silhouette alone
** takes a few groups far apart for all there is to see, where each falls into smaller ones that are as
** clear; the share alone always rises with k. */
double km_sweep_score(const km_sweep_line *line);

#endif
