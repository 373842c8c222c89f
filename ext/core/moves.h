/* The sums of the clusters, kept up to date by the points that move.
**
** After the first iterations few points change their cluster, and adding and subtracting those alone
** gives the sums. In plain doubles that would drift; here each sum is a km_sum, whose rounding error
** is about 2^-106 of the largest value it has passed through. What remains is the case that this
** largest value has left the cluster again: where a sum has shrunk to a billionth of what it was, those of
** the cluster are taken anew from its points. In data that is mostly zeros that happens all the time; but
** most such data are counts or flags, whose sums are exact whatever has left them (km_blocks_whole).
**
** When all are taken anew, the points of a stretch are listed by cluster first, so that a sum stays in
** registers while eight points are added to it. That is done in the first pass, and, where each slice has
** sums of its own, as long as so many points move that it costs less.
**
** Every sum is made in the same order whatever the number of threads. Where clusters are few, each slice
** of the points has sums of its own, of all its points or of what moves, which are merged in the order of
** the slices: then a pass adds up on the way, while the points lie in the cache. Where there are many,
** the merging would cost as much as the adding, and the sums more memory than the points. There the points
** that move are marked, and the work is shared out by columns when the pass is over: each worker goes
** through all points concerned in their order, and adds up a few columns of them.
*/
#ifndef KM_CORE_MOVES_H
#define KM_CORE_MOVES_H

#include "core/blocks.h"
#include "simd/sum.h"
#include "core/workers.h"

typedef struct km_moves {
  km_blocks *blocks;
  km_workers *workers;
  size_t k;
  const km_chunks *now; /* one uint32_t per point: its cluster; borrowed */
  size_t columns;       /* of one task */
  size_t width;         /* the most columns that a worker adds up: those of a task, or all */
  double *room;         /* 16 * width for each worker: parts of rows, in double, and times weight */
  size_t stretch;       /* rows that are listed at a time, at most */
  /* Of each worker where slices have sums, else one: */
  uint32_t *listed; /* stretch: rows by cluster, counted from the first */
  size_t *start;    /* k + 1: where in `listed` a cluster begins */
  double *spare;    /* k * columns: for km_moves_reorder */
  size_t values;    /* in each of the arrays below, found by km_moves_at */
  double *high;     /* the sums */
  double *low;
  double *peak; /* the largest magnitudes of `high` since the sums were taken from their points */
  unsigned char *shrunk; /* k: whether a sum of the cluster is to be taken anew */
  size_t *counts;
  int valid; /* high, low and counts hold, but for moves that wait */

  /* Without sums of slices: */
  km_chunks before;     /* one uint32_t per point that is marked: the cluster whose sum it is in */
  unsigned char *moved; /* a bit per point, its mark; a multiple of 8 bytes */

  /* Sums of slices. */
  size_t slice_rows;
  size_t slices;      /* 0: there are no such sums */
  double *slice_high; /* slices * k * dims */
  double *slice_low;
  ptrdiff_t *gained;      /* slices * k: points that the cluster has got there */
  unsigned char *touched; /* slices * k: whether there is such a sum, in this pass */
  int anew;               /* this pass adds up all points */
} km_moves;

/* Prepares for k clusters, and passes in slices of slice_rows. A zeroed struct is started anew;
** km_moves_clear is due in any case. */
km_status km_moves_start(km_moves *moves, km_blocks *blocks, km_workers *workers, size_t k,
                         size_t slice_rows, const km_chunks *now);
void km_moves_clear(km_moves *moves);

/* A dense pass begins, which gives all points their clusters; `many` of them are expected to move. Sets
** `anew` where the pass is to add up all points by km_moves_add, and to note none. */
void km_moves_begin(km_moves *moves, size_t many);

/* Adds up rows [first, end), whose clusters are `now`, of one slice: one stretch after the other of it,
** by one worker. */
void km_moves_add(km_moves *moves, size_t first, size_t end, size_t worker);

/* Notes that row i, until now in cluster `from`, has moved to `to`; nothing where nobody keeps sums. All
** rows of a slice belong to one worker. */
void km_moves_note(km_moves *moves, size_t i, uint32_t from, uint32_t to, size_t worker);

/* Between passes, for the calling thread: row i goes from one cluster to another. Where the sums have lost
** much by that, km_moves_apply sees to it. */
void km_moves_change(km_moves *moves, size_t i, uint32_t from, uint32_t to);

/* Where column j of a cluster's sum is: the columns of one task lie together for all clusters. */
static inline size_t km_moves_at(const km_moves *moves, size_t cluster, size_t j) {
  return (j / moves->columns * moves->k + cluster) * moves->columns + j % moves->columns;
}

/* The cluster that went by number c goes by number to[c] from now on, a permutation. No move has been
** noted since the sums were brought up to date. */
km_status km_moves_reorder(km_moves *moves, const uint32_t *to);

/* Brings sums and counts up to date with `now`, and forgets the moves. */
km_status km_moves_apply(km_moves *moves);

#endif
