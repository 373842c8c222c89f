/* Which centroids can be nearest to a point of a box (Pelleg & Moore 1999; Kanungo et al. 2002).
**
** Let z be the candidate nearest to the middle of the box, and y another one. The difference
** |x - y|^2 - |x - z|^2 is linear in x, so that over the box it is least in one corner, v: the one
** furthest in the direction from z to y. Where it is positive there, y is nearest to no point of the
** box, and no descendant need look at it.
**
** This must hold for the distances as they are rounded, ties included, or labels would differ from
** those of a comparison of all distances. Let g = (dims + 3) 2^-53 <= 2^-50: a squared distance, as
** computed, differs from the true one by at most g times the latter (or, on underflow, by less than
** 2^-1000). With f the true difference in v and R the true squared distance from z to the furthest
** point of the box, for every x of the box
**
**     computed |x - y|^2 - computed |x - z|^2 >= f - g |x - y|^2 - g |x - z|^2
**                                             >= f (1 - g) - 2 g R,
**
** which is positive if f > 2.1 g R. The computed difference in v exceeds the true one by at most
** 1.1 g (|v - y|^2 + |v - z|^2), where |v - z|^2 <= R. So y may go if the computed difference
** exceeds 2^-46 (|v - y|^2 + R) + 2^-900: sixteen g, where four would do. Ties and near ties stay,
** and are settled point by point.
**
** The slack of a decision is how far the candidates may move, all together, before y could be nearest
** to a point x of the box: less than |x - y| - |x - z|, which is f / (|x - y| + |x - z|) or more, and
** that is at least f / (2 R^(1/2) + |y - z|) >= f / (8 R + 2 |y - z|^2)^(1/2), one root instead of two,
** nearly the same where the box lies between y and z. Of this KM_SLACK_GUARD times the denominator is
** held back, far more than the roundings of all distances involved.
**
** To keep a candidate takes no proof, and to exclude one any z will do. So what a box decided the last
** time, here called a hint, may be taken on trust as far as candidates were kept; those that were
** excluded are tried again, against the z of that time. Between two iterations next to nothing changes.
**
** A walk waits for these decisions, of which most are about two candidates, and nobody can foresee them:
** so what leads to them has no branches, and little that waits for something else.
*/
#ifndef KM_CORE_TREE_FILTER_H
#define KM_CORE_TREE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include "core/distance.h"
#include "core/tree.h"

#define KM_FILTER_MARGIN 0x1p-46
#define KM_SLACK_GUARD 0x1p-40

/* The slack where squared distances differ by `difference`, and distances sum up to `sum` at most. */
static inline double km_slack(double difference, double sum) {
  return sum > 0 ? difference / sum * (1 - 0x1p-20) - KM_SLACK_GUARD * sum : 0;
}

static inline void km_lower(double *least, double value) {
  *least = value < *least ? value : *least;
}

/* The slack of an exclusion: f as above, `reach` is R, `apart` is |y - z|^2. */
static inline double km_exclusion_slack(double f, double reach, double apart) {
  return km_slack(f, sqrt(8 * reach + 2 * apart));
}

/* R: the squared distance from z to the furthest point of the box. */
KM_INLINE double km_reach(const double *box, size_t dims, const double *z) {
  double reach = 0;
  for (size_t j = 0; j < dims; j++) {
    double below = z[j] - box[j];
    double above = box[dims + j] - z[j];
    double further = below > above ? below : above;
    reach += further * further;
  }
  return reach;
}

/* Whether y is excluded by its squared distance, and that of z, in the corner v. */
static inline int km_excluded(double to_y, double to_z, double reach) {
  return to_y - to_z > KM_FILTER_MARGIN * (to_y + reach) + KM_SAFE_MIN;
}

/* A hint: the position of z among m <= KM_HINTED candidates, below 256; and, above that, one bit for each
** that was kept, from the first on, and another one behind them. */
#define KM_HINTED 55

static inline uint64_t km_hint(uint64_t kept, size_t m, size_t z) {
  return m <= KM_HINTED ? (kept | (uint64_t)1 << m) << 8 | z : 0;
}

/* Whether a hint can be one about m candidates. */
static inline int km_hint_fits(uint64_t hint, size_t m) {
  return m <= KM_HINTED && hint >> 8 >> m == 1 && (hint & 255) < m;
}

/* Tries y against z. Lowers *slack, unless that is NULL, where y is excluded. */
KM_INLINE int km_try(const double *box, size_t dims, const double *y, const double *z, double reach,
                     double *slack) {
  double to_y = 0;
  double to_z = 0;
  for (size_t j = 0; j < dims; j++) {
    double corner = box[(y[j] > z[j]) * dims + j];
    to_y += (corner - y[j]) * (corner - y[j]);
    to_z += (corner - z[j]) * (corner - z[j]);
  }
  int excluded = km_excluded(to_y, to_z, reach);
  if (slack && excluded) {
    double apart = 0;
    for (size_t j = 0; j < dims; j++) {
      apart += (y[j] - z[j]) * (y[j] - z[j]);
    }
    km_lower(slack, km_exclusion_slack(to_y - to_z, reach, apart));
  }
  return excluded;
}

/* km_filter for two candidates: each is tried against the other. At most one is excluded, for the
** proof holds of any z. */
KM_INLINE size_t km_filter_pair(const double *box, size_t dims, const double *centroids,
                                const uint32_t *in, uint32_t *out, double *slack, uint64_t *hint) {
  const double *a = centroids + in[0] * dims;
  const double *b = centroids + in[1] * dims;
  double a_near_a = 0; /* squared distances to a, and so on, in the corner that favours a */
  double b_near_a = 0;
  double a_near_b = 0;
  double b_near_b = 0;
  double apart = 0;
  for (size_t j = 0; j < dims; j++) {
    double near_a = box[(b[j] <= a[j]) * dims + j];
    double near_b = box[(b[j] > a[j]) * dims + j];
    a_near_a += (near_a - a[j]) * (near_a - a[j]);
    b_near_a += (near_a - b[j]) * (near_a - b[j]);
    a_near_b += (near_b - a[j]) * (near_b - a[j]);
    b_near_b += (near_b - b[j]) * (near_b - b[j]);
    apart += (a[j] - b[j]) * (a[j] - b[j]);
  }
  double reach_a = km_reach(box, dims, a);
  double reach_b = km_reach(box, dims, b);
  int without_a = km_excluded(a_near_a, b_near_a, reach_b);
  int without_b = km_excluded(b_near_b, a_near_b, reach_a);
  out[0] = in[without_a];
  out[1] = in[1];
  if (!(without_a | without_b)) {
    *hint = km_hint(3, 2, 0);
    return 2;
  }
  *hint = 0;
  if (slack) {
    double difference = without_a ? a_near_a - b_near_a : b_near_b - a_near_b;
    double reach = without_a ? reach_b : reach_a;
    km_lower(slack, km_exclusion_slack(difference, reach, apart));
  }
  return 1;
}

/* km_filter with a hint that fits. */
KM_INLINE size_t km_filter_again(const double *box, size_t dims, const double *centroids,
                                 const uint32_t *in, size_t m, uint32_t *out, double *slack,
                                 uint64_t *hint) {
  uint64_t all = ((uint64_t)1 << m) - 1;
  uint64_t stay = *hint >> 8 & all;
  uint64_t doubtful = all & ~stay;
  size_t nearest = *hint & 255;
  size_t kept = 0;
  if (doubtful) {
    const double *z = centroids + in[nearest] * dims;
    double reach = km_reach(box, dims, z);
    do {
      size_t c = (size_t)__builtin_ctzll(doubtful);
      const double *y = centroids + in[c] * dims;
      stay |= (uint64_t)!km_try(box, dims, y, z, reach, slack) << c;
      doubtful &= doubtful - 1;
    } while (doubtful);
    *hint = km_hint(stay, m, nearest);
  }
  while (stay) {
    out[kept++] = in[__builtin_ctzll(stay)];
    stay &= stay - 1;
  }
  return kept;
}

/* Copies the candidates (m >= 1 numbers of rows of `centroids`, ascending) that are not excluded for
** the box (dims lower bounds, then dims upper bounds) from in to out; returns how many: at least 1. Lowers
** *slack, unless that is NULL, to that of each exclusion. *hint is that of the last time, or 0, and becomes
** that of this time. */
KM_INLINE size_t km_filter_dims(size_t dims, const double *box, const double *centroids,
                                const uint32_t *in, size_t m, uint32_t *out, double *slack,
                                uint64_t *hint) {
  size_t nearest = 0;
  double least = INFINITY;
  size_t kept = 0;
  uint64_t stay = 0;
  if (km_hint_fits(*hint, m)) {
    return km_filter_again(box, dims, centroids, in, m, out, slack, hint);
  }
  if (m == 2) {
    return km_filter_pair(box, dims, centroids, in, out, slack, hint);
  }
  for (size_t c = 0; c < m; c++) {
    const double *y = centroids + in[c] * dims;
    double distance = 0;
    for (size_t j = 0; j < dims; j++) {
      double difference = (box[j] + box[dims + j]) * 0.5 - y[j];
      distance += difference * difference;
    }
    nearest = distance < least ? c : nearest;
    least = distance < least ? distance : least;
  }
  const double *z = centroids + in[nearest] * dims;
  double reach = km_reach(box, dims, z);
  for (size_t c = 0; c < m; c++) {
    int excluded = km_try(box, dims, centroids + in[c] * dims, z, reach, slack);
    out[kept] = in[c];
    kept += !excluded;
    stay |= (uint64_t)!excluded << (c & 63);
  }
  *hint = km_hint(stay, m, nearest);
  return kept;
}

/* The same, with the number of columns fixed where it is small. */
static inline size_t km_filter(const double *box, size_t dims, const double *centroids,
                               const uint32_t *in, size_t m, uint32_t *out, double *slack,
                               uint64_t *hint) {
  return KM_BY_DIMS(dims, km_filter_dims, box, centroids, in, m, out, slack, hint);
}

#endif
