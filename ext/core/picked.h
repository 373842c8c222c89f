/* Rows picked from a dataset, in units: coordinates times km_blocks.one.
**
** Whoever goes over the same few rows again and again wants them in double and close together. Rows of
** doubles are therefore copied. A copy of floats would take twice the room that they have where they
** are, and converting them costs little beside what is done with them: of those only the numbers are
** kept.
*/
#ifndef KM_CORE_PICKED_H
#define KM_CORE_PICKED_H

#include <stdint.h>

#include "core/dataset.h"

typedef struct km_picked {
  const km_dataset *data; /* borrowed */
  double one;
  double *copy;   /* count * dims; or NULL */
  size_t *number; /* count: which rows they are; NULL where there are copies */
} km_picked;

/* Room for count rows of the data. On any status km_picked_clear is due. */
km_status km_picked_init(km_picked *picked, const km_dataset *data, km_hooks *hooks, double one,
                         size_t count);
void km_picked_clear(km_picked *picked, km_hooks *hooks);

/* The i-th shall be this row of the data. */
void km_picked_set(km_picked *picked, size_t i, size_t row);

/* Writes the i-th, dims doubles, to `to`. */
void km_picked_copy(const km_picked *picked, size_t i, double *to);

/* While the at-th of a list of `count` is looked at, tells the processor of one that is needed soon: rows
** of the data lie far apart. */
static inline void km_picked_fetch(const km_picked *picked, const uint32_t *list, size_t at,
                                   size_t count) {
  enum { AHEAD = 4 };
  if (picked->number && at + AHEAD < count) {
    km_dataset_fetch(picked->data, picked->number[list[at + AHEAD]], 0, picked->data->dims);
  }
}

/* The i-th: where it is, or written to `room`, dims doubles of the caller's. */
static inline const double *km_picked_row(const km_picked *picked, size_t i, double *room) {
  if (picked->copy) {
    return picked->copy + i * picked->data->dims;
  }
  km_picked_copy(picked, i, room);
  return room;
}

#endif
