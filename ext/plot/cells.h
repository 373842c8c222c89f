/* Voronoi cells: the part of a rectangle that is nearer to one site than to any other. */
#ifndef KM_PLOT_CELLS_H
#define KM_PLOT_CELLS_H

#include "core/hooks.h"

typedef struct km_point {
  double x;
  double y;
} km_point;

/* The sites, and how far things are from each other: the squared distance is
** (weight.x * dx)^2 + (weight.y * dy)^2, so that a picture whose axes differ in scale shows the cells of
** the space in which distances were taken. Bisectors are straight lines there all the same. */
typedef struct km_sites {
  const km_point *at; /* count of them */
  size_t count;
  km_point weight; /* the larger one is 1 */
  km_point low;    /* the rectangle: low.x < high.x, low.y < high.y */
  km_point high;
} km_sites;

/* The cell of site i, a convex polygon, its corners in order into `corner`, of which there must be room
** for sites->count + 4; spare is as much room again. Returns how many there are: 0 where the
** cell lies outside of the rectangle, or a site of a lower number is in the same place. It is the
** rectangle cut by one half-plane after the other (I. Sutherland, G. Hodgman: Reentrant polygon clipping,
** 1974), with sites too far away to matter passed over. */
size_t km_cell(const km_sites *sites, size_t i, km_point *corner, km_point *spare);

#endif
