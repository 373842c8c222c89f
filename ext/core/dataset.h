/* The points: count rows of dims coordinates each, row-major, in chunks; and how the clustering sees
** them.
**
** Rows are stored as they came, in double or float. Whoever computes with them asks for a row in
** double: a dataset of doubles hands out its own memory, any other converts the row into the caller's
** room. So vectors of floats take half the memory, and nothing is computed in less than double unless
** somebody proves that it makes no difference (core/narrow.h).
**
** With a transform (core/transform.h), rows are handed out as the clustering sees them, converted on
** the way. So who looks at the memory of rows must ask first whether there is one.
*/
#ifndef KM_CORE_DATASET_H
#define KM_CORE_DATASET_H

#include "core/chunks.h"
#include "core/fetch.h"
#include "core/transform.h"
#include "core/workers.h"

/* The most columns that a dataset can have. */
#define KM_MAX_DIMS 65536

typedef enum km_element { KM_DOUBLE, KM_FLOAT } km_element;

typedef struct km_dataset {
  size_t dims;
  km_element element;            /* of a coordinate in memory */
  km_chunks rows;                /* rows.count points; an item is one row of dims elements */
  km_chunks weights;             /* a double per row, finite and not negative; empty: all are 1 */
  const km_transform *transform; /* borrowed; NULL: rows are seen as they are */
  km_chunks directions;          /* with cosine: km_direction of each row, a double */
  int direct;                    /* rows are handed out where they are */
} km_dataset;

/* An empty dataset of 1 .. KM_MAX_DIMS columns; allocates nothing. Of more, it has memory for no row: so
** dims is small wherever there are any, and sizes of a few rows do not overflow. */
void km_dataset_init(km_dataset *data, size_t dims, km_element element);
void km_dataset_clear(km_dataset *data, km_hooks *hooks);

/* Hands out rows as the transform shows them from now on, until km_dataset_unsee: rows may not come
** or go in between. NULL: as they are. KM_NO_DIRECTION: row *at has none. */
km_status km_dataset_see(km_dataset *data, km_hooks *hooks, const km_transform *transform,
                         size_t *at);
void km_dataset_unsee(km_dataset *data, km_hooks *hooks);

static inline km_metric km_dataset_metric(const km_dataset *data) {
  return data->transform ? data->transform->metric : KM_EUCLIDEAN;
}

/* Whether row i, as it came, has a direction: see km_direction. So it is for a row with NaN. */
int km_dataset_directed(const km_dataset *data, size_t i);

/* Row i as it came, in double: dims doubles of the caller's. */
void km_dataset_stored(const km_dataset *data, size_t i, double *to);

/* Whether the rows have weights; the weight of row i. */
static inline int km_dataset_weighted(const km_dataset *data) {
  return data->weights.count > 0;
}

static inline double km_dataset_weight(const km_dataset *data, size_t i) {
  return data->weights.count > 0 ? *(const double *)km_chunks_at(&data->weights, i) : 1;
}

/* Converts columns [first, first + count) of row i to double. */
void km_dataset_convert(const km_dataset *data, size_t i, size_t first, size_t count, double *to);

/* Columns [first, first + count) of row i: where they are, valid until the next push or pop, or
** converted to `room`, count doubles of the caller's. */
static inline const double *km_dataset_part(const km_dataset *data, size_t i, size_t first,
                                            size_t count, double *room) {
  if (data->direct) {
    return (const double *)km_chunks_at(&data->rows, i) + first;
  }
  km_dataset_convert(data, i, first, count, room);
  return room;
}

/* Row i: dims doubles, as above. */
static inline const double *km_dataset_row(const km_dataset *data, size_t i, double *room) {
  return km_dataset_part(data, i, 0, data->dims, room);
}

/* Copies row i, in double, to `to`. */
void km_dataset_copy(const km_dataset *data, size_t i, double *to);

/* Tells the processor that row i will be needed, or the given columns of it. */
static inline void km_dataset_fetch(const km_dataset *data, size_t i, size_t first, size_t count) {
  size_t bytes = data->element == KM_FLOAT ? sizeof(float) : sizeof(double);
  km_fetch((const char *)km_chunks_at(&data->rows, i) + first * bytes, count * bytes);
}

/* The largest magnitude among all coordinates; 0 without rows. With cosine, 1, which none exceeds but by
** rounding. `workers` may be NULL. */
km_status km_dataset_max_abs(const km_dataset *data, km_hooks *hooks, km_workers *workers,
                             double *max_abs);

/* Counts distinct rows, exactly, and stops at `limit`: *distinct = min(limit, distinct rows). With cosine,
** rows that are multiples of each other count once. */
km_status km_dataset_distinct(const km_dataset *data, km_hooks *hooks, size_t limit,
                              size_t *distinct);

#endif
