/* The picture of a clustering, as an SVG document.
**
** 1. Two columns: the points on a plane, on the Voronoi cells of the centroids. One: a strip, in which
**    points near each other are stacked, with the breaks between the classes. More: the plane of the
**    first two principal components of what the clustering saw, scaled or on the sphere.
** 2. Axes are in the units of the points where there are up to two columns, whatever scale was used: a
**    cell of the scaled space is a polygon here, too. With the metric cosine, cells are sectors around
**    the origin, and a centroid, being a direction, is marked at the mean length of its points.
** 3. More than KM_MOST_DRAWN points are drawn as a sample (see strata.h), and the caption says so.
** 4. A point takes about 14 bytes, a cluster about 170 with its cell, which up to 1,000 have: at most 60 bytes
**    a point where there are a thousand or more, and five or more to a cluster.
** 5. With `traced`, the picture moves through the iterations of Lloyd's algorithm: see moving.c. Then up to
**    KM_MOST_MOVING points are drawn, and a point takes as many bytes as its changes do.
** 6. The same data and options give the same document. It holds no script, no style sheet and no id.
*/
#ifndef KM_PLOT_CLUSTERS_H
#define KM_PLOT_CLUSTERS_H

#include "core/fit.h"
#include "plot/palette.h"
#include "plot/writer.h"

#define KM_MOST_DRAWN 20000
#define KM_MOST_CELLS 1000
#define KM_MOST_MOVING 2000
#define KM_MOST_MOVING_CLUSTERS 100

/* What somebody asks for. Texts are UTF-8, closed, from anyone. */
typedef struct km_picture {
  size_t width; /* pixels */
  size_t height;
  km_theme_name theme;
  int voronoi;
  const char *title;         /* NULL: says how many points and clusters there are */
  const char *const *labels; /* the names of the columns, as many as there are; or NULL */
  size_t skipped;            /* rows that took no part, for the caption */
  int applied;               /* the clusters are a model's: nothing was fitted */
  const km_params *traced; /* NULL: a still picture. Or how the result was fitted, without refining:
                                at most KM_MOST_MOVING_CLUSTERS clusters */
} km_picture;

/* Draws points, at least one, and the clusters they are in. */
km_status km_draw_clusters(const km_picture *picture, const km_dataset *data,
                           const km_result *result, km_hooks *hooks, km_writer *out);

#endif
