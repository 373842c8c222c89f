/* What the two ways of keeping sums (moves.h) share: rows that are added to a few columns of the
** clusters' sums, one by one or listed by cluster. Private to moves.c and moves_slices.c. */
#ifndef KM_CORE_MOVES_PART_H
#define KM_CORE_MOVES_PART_H

#include "core/moves.h"

/* Rows that are added to a sum at a time: what the kernel takes. */
#define KM_MOVES_BATCH KM_PANEL

/* Columns of all clusters' sums that one worker adds to. */
typedef struct km_part {
  km_moves *moves;
  size_t first;
  size_t count;
  double *high; /* of the first cluster, from column `first` on */
  double *low;
  size_t apart; /* from one cluster to the next */
  double *room; /* 2 * KM_MOVES_BATCH * count */
} km_part;

/* Rows [first, end), and where they are listed. */
typedef struct km_stretch {
  km_moves *moves;
  size_t first;
  size_t end;
  uint32_t *listed;
  size_t *start;
} km_stretch;

static inline double *km_part_room(const km_moves *moves, size_t worker) {
  return moves->room + worker * 2 * KM_MOVES_BATCH * moves->width;
}

/* How many tasks share the columns of the sums; and the columns of one of them. */
static inline size_t km_part_tasks(const km_moves *moves) {
  return (moves->blocks->data->dims + moves->columns - 1) / moves->columns;
}
km_part km_part_of(km_moves *moves, size_t task, size_t worker);

/* Adds a row's columns to a cluster, or takes them away: `sign` is 1 or -1. */
static inline void km_part_add(const km_part *part, const double *row, uint32_t cluster,
                               double sign) {
  size_t at = cluster * part->apart;
  part->moves->blocks->kernels->accumulate(part->high + at, part->low + at, row, part->count, sign);
}

/* Tells the processor that row i, if there is one, will be needed. Rows are read a few cache lines each,
** far from one another: no processor foresees that. */
void km_part_fetch(const km_part *part, size_t i);

/* Gives row i, with its weight, to a cluster. */
void km_part_give(const km_part *part, size_t i, uint32_t to);

/* Takes row i, with its weight, from one cluster and gives it to another. */
void km_part_move(const km_part *part, size_t i, uint32_t from, uint32_t to);

/* Room for a worker's list of rows from `first` on, at most so many: those whose clusters lie in one piece. */
km_stretch km_stretch_of(km_moves *moves, size_t first, size_t most, size_t worker);

/* Lists the rows of a stretch by cluster, each cluster's in their order: a counting sort. */
void km_stretch_list(const km_stretch *stretch);

/* Adds up the listed rows, cluster by cluster. */
void km_stretch_add(const km_stretch *stretch, const km_part *part);

/* Sums of slices (moves_slices.c). Gets memory for them, where they pay; after a failure what there is
** is released by km_moves_clear. */
km_status km_moves_start_slices(km_moves *moves, size_t slice_rows);

/* Row i moves from one cluster to another, in the sums of its slice. */
void km_moves_shift(km_moves *moves, size_t i, uint32_t from, uint32_t to, size_t worker);

/* Adds what the slices have to the sums of all, and clears them. */
km_status km_moves_merge(km_moves *moves);

#endif
