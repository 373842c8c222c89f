/* How the clustering sees a point: a missing coordinate filled in, columns shifted and scaled, the
** whole divided by its length.
**
** Rows stay as they came (core/dataset.h); this is applied whenever one is handed out, operation by
** operation the same for a row of the data, for a given centroid and for a point that is predicted:
**
**     x[j] = impute[j]                         where x[j] is NaN, which stands for NULL
**     x[j] = (x[j] - shift[j]) * factor[j]     at most KM_MAX_COORDINATE in magnitude
**     x[j] = x[j] * km_direction(x)            with the metric cosine
*/
#ifndef KM_CORE_TRANSFORM_H
#define KM_CORE_TRANSFORM_H

#include "core/hooks.h"

/* The largest magnitude of a coordinate that a dataset may hold: the host refuses more. */
#define KM_MAX_COORDINATE 1e300

typedef enum km_scale {
  KM_SCALE_NONE,
  KM_SCALE_STANDARD, /* the mean; the population standard deviation */
  KM_SCALE_MINMAX,   /* the minimum; the range */
  KM_SCALE_ROBUST,   /* the median; the distance of the quartiles */
  KM_SCALES
} km_scale;

typedef enum km_metric {
  KM_EUCLIDEAN,
  KM_COSINE /* points are directions: vectors of length 1 */
} km_metric;

/* What somebody asks for, before the data is known. */
typedef struct km_view {
  km_scale scale; /* not with cosine */
  km_metric metric;
  int impute;                   /* the mean of its column stands for NaN */
  const unsigned char *is_code; /* dims, borrowed: columns that are one-hot codes; NULL: none */
} km_view;

/* What one-hot codes, 0 and 1, are multiplied by, whatever the scale: the root of 1/2. So rows that
** differ in one categorical column are at distance 1. */
#define KM_CODE_FACTOR 0x1.6a09e667f3bcdp-1

/* What came of it. All zeros: points are seen as they are. */
typedef struct km_transform {
  km_scale scale;
  km_metric metric;
  double *impute; /* dims, or NULL: there is no NaN */
  double *shift;  /* dims, or NULL, with factor */
  double *factor; /* dims, each greater than 0; or NULL */
} km_transform;

struct km_dataset;

/* Finds what the view needs to know about the data: means, deviations, quantiles. On any status
** km_transform_clear is due. KM_NO_VALUE: column *at is NaN in all rows. The dataset shows its rows
** as they are afterwards; there is at least one. */
km_status km_transform_learn(km_transform *transform, const km_view *view, struct km_dataset *data,
                             km_hooks *hooks, size_t *at);

/* Gives back the arrays. A zeroed transform is allowed. */
void km_transform_clear(km_transform *transform, km_hooks *hooks);

/* Whether points and centroids are seen otherwise than they are. */
static inline int km_transform_moves(const km_transform *transform) {
  return transform && (transform->factor || transform->metric == KM_COSINE);
}

/* The first two steps for columns [first, first + count) of a row, in place: row[0] is the first of
** them. */
void km_transform_columns(const km_transform *transform, size_t first, size_t count, double *row);

/* All steps, in place, for a point of dims columns. Returns 0 when it has no direction and should. */
int km_transform_point(const km_transform *transform, double *point, size_t dims);

/* Takes the scale back: from the space of the clustering to the units of the points. */
void km_transform_restore(const km_transform *transform, const double *from, size_t dims,
                          double *to);

/* Below this a point has no direction, and a column no spread: the reciprocal must be a number. */
#define KM_LEAST_LENGTH 1e-300

/* What a point is multiplied by to have length 1; exactly 1 when it has that already, but for
** rounding; 0 when all its coordinates are below KM_LEAST_LENGTH. */
double km_direction(const double *point, size_t dims);

#endif
