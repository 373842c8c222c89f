/* The chart of a sweep: inertia against the number of clusters. */
#ifndef KM_PLOT_ELBOW_H
#define KM_PLOT_ELBOW_H

#include "core/chunks.h"
#include "plot/palette.h"
#include "plot/writer.h"

typedef struct km_elbow_point {
  double k;
  double inertia;
  int best; /* marked */
} km_elbow_point;

/* Draws the points (km_elbow_point items, at least one, finite numbers), whatever their order; they are
** sorted by k and then inertia. */
km_status km_draw_elbow(km_chunks *points, km_theme_name theme, km_hooks *hooks, km_writer *out);

#endif
