#include "plot/cells.h"

#include <string.h>

/* Squared distance, as the sites have it. */
static double apart(const km_sites *sites, km_point a, km_point b) {
  double x = sites->weight.x * (a.x - b.x);
  double y = sites->weight.y * (a.y - b.y);
  return x * x + y * y;
}

/* The side of the bisector that is nearer to `from`: normal . (p - middle) <= 0. */
typedef struct half_plane {
  km_point middle;
  km_point normal;
} half_plane;

static half_plane nearer(const km_sites *sites, km_point from, km_point to) {
  half_plane half = {{from.x / 2 + to.x / 2, from.y / 2 + to.y / 2},
                     {sites->weight.x * sites->weight.x * (to.x - from.x),
                      sites->weight.y * sites->weight.y * (to.y - from.y)}};
  return half;
}

static double outside(const half_plane *half, km_point p) {
  return half->normal.x * (p.x - half->middle.x) + half->normal.y * (p.y - half->middle.y);
}

/* Cuts a polygon of count corners; returns how many are left, in `to`. */
static size_t cut(const half_plane *half, const km_point *from, size_t count, km_point *to) {
  size_t left = 0;
  for (size_t c = 0; c < count; c++) {
    km_point a = from[c];
    km_point b = from[c + 1 < count ? c + 1 : 0];
    double at_a = outside(half, a);
    double at_b = outside(half, b);
    if (at_a <= 0) {
      to[left++] = a;
    }
    if ((at_a < 0 && at_b > 0) || (at_a > 0 && at_b < 0)) {
      double part = at_a / (at_a - at_b);
      to[left++] = (km_point){a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
    }
  }
  return left < 3 ? 0 : left;
}

static double farthest_corner(const km_sites *sites, km_point from, const km_point *corner,
                              size_t count) {
  double most = 0;
  for (size_t c = 0; c < count; c++) {
    double distance = apart(sites, from, corner[c]);
    most = distance > most ? distance : most;
  }
  return most;
}

/* Takes site j into account. Returns how many corners are left. */
static size_t bound(const km_sites *sites, size_t i, size_t j, km_point *corner, size_t count,
                    km_point *spare, double *reach) {
  double distance = apart(sites, sites->at[i], sites->at[j]);
  if (distance == 0) {
    return i < j ? count : 0;
  }
  if (distance >= 4 * *reach) { /* the bisector passes beyond all corners */
    return count;
  }
  half_plane half = nearer(sites, sites->at[i], sites->at[j]);
  count = cut(&half, corner, count, spare);
  memcpy(corner, spare, count * sizeof *corner);
  *reach = farthest_corner(sites, sites->at[i], corner, count);
  return count;
}

size_t km_cell(const km_sites *sites, size_t i, km_point *corner, km_point *spare) {
  size_t count = 4;
  corner[0] = sites->low;
  corner[1] = (km_point){sites->high.x, sites->low.y};
  corner[2] = sites->high;
  corner[3] = (km_point){sites->low.x, sites->high.y};
  double reach = farthest_corner(sites, sites->at[i], corner, count);
  /* Sites of near numbers first: they are mostly near, and what they leave is small. */
  for (size_t step = 1; step < sites->count && count > 0; step++) {
    if (step <= i) {
      count = bound(sites, i, i - step, corner, count, spare, &reach);
    }
    if (i + step < sites->count && count > 0) {
      count = bound(sites, i, i + step, corner, count, spare, &reach);
    }
  }
  return count;
}
