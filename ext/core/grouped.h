/* The engine for five columns and more: dense passes in single precision (dense.c), and passes that
** bounds over groups of centroids spare most of (bounds.c, probe.c). What they share; private to them, to
** grouped*.c, which is the engine, and to the seeding that uses its benches (seed_stream.h).
**
** Inside, a cluster goes by its place in the order of narrow->order, in which a group's centroids stand
** next to each other; the run's `labels` hold places until the caller asks.
*/
#ifndef KM_CORE_GROUPED_H
#define KM_CORE_GROUPED_H

#include "core/engine.h"
#include "core/moves.h"
#include "core/narrow.h"

/* A slice is a multiple of every level's tile. */
#define KM_SLICE_STEP 48

/* Points that await the probes of their groups. */
#define KM_MAX_SLOTS 512

typedef struct km_slot {
  size_t row;
  const float *floats; /* the row: where it is, or in the bench's `rows` */
  uint32_t own;        /* the place before this pass */
  uint32_t place;      /* the best so far */
  float norm;          /* |y|^2 */
  float error;         /* km_narrow_error */
  double own_squared;
  double best; /* q of narrow.h for the best and the second-best centroid evaluated */
  double second;
} km_slot;

/* A tile of rows, ranked among all centroids. */
typedef struct km_ranked {
  const size_t *row; /* their numbers; NULL: they follow each other */
  size_t first;      /* the first one then */
  size_t count;
  km_ranking
      ranking; /* `second` is `best` where floats do not tell them apart; labels are places */
  float below[KM_MAX_TILE]; /* as `margins` finds them */
  float above[KM_MAX_TILE];
} km_ranked;

/* What one worker needs, and what it counts. */
typedef struct km_bench {
  float *rows;          /* tile or slots, times padded */
  float *points;        /* tile * padded, by columns */
  float *group_best;    /* groups * tile */
  float *lower;         /* groups * 8 */
  double *doubtful;     /* tile * dims: rows whose nearest centroid floats cannot tell */
  double *room;         /* KM_PANEL * dims: rows converted to double */
  km_slot *slot;        /* slots */
  uint32_t *waiting;    /* groups * 8: slots that wait for a probe of the group */
  unsigned char *count; /* groups: how many */
  size_t slots;         /* in use */
  size_t moved;         /* points with a new place */
  size_t failed;        /* points whose bounds did not hold */
} km_bench;

typedef struct km_grouped {
  km_engine *engine;
  km_narrow narrow;
  km_moves moves;
  size_t k;
  size_t n;
  size_t slice_rows;
  size_t last_moved; /* points with a new place, in the last pass */
  km_bench *bench;   /* one per worker */
  size_t benches;
  size_t max_slots;

  /* Bounds. */
  size_t group_panels; /* panels in a group */
  uint32_t *group; /* k: the group of each place, which takes less time to look up than to divide */
  size_t groups;
  km_chunks lower;     /* for every 8 points 8 * groups floats: their lower bounds */
  km_chunks upper;     /* a float per point: upper bounds */
  int valid;           /* the bounds and `previous` hold */
  double cheapest;     /* the least that a pass with bounds has cost since they were written */
  double excess;       /* by how much all passes since have cost more: ns a point */
  double saved;        /* what they have saved since they were written: ns a point */
  size_t vain;         /* how often in a row that was less than writing them costs */
  size_t waiting;      /* dense passes before they are written again */
  int write;           /* this dense pass writes them */
  int ranks;           /* in a pass with bounds, rows that fail them are ranked, not probed */
  size_t converted;    /* points that have been brought into floats: here and there counts twice */
  double *previous;    /* k * dims: the centroids of the last pass, by place */
  double *moved;       /* k: how far each has moved in the last iteration, by place */
  double *travelled;   /* k: how far each has moved since the bounds were written, by place */
  double *strayed;     /* groups: the sum of the largest movements in the group */
  float *travelled_up; /* the same, rounded up: k */
  float *strayed_up;   /* groups */
} km_grouped;

/* What the next pass is to be (grouped_choice.c): whether it uses the bounds, and if not, whether it writes
** them. */
int km_grouped_uses_bounds(km_grouped *grouped);
int km_grouped_writes(km_grouped *grouped);

/* Lets the next dense pass copy the rows in floats, where that pays. */
km_status km_grouped_copy(km_grouped *grouped);

/* Runs the task for every slice of the rows, its context `grouped`. */
km_status km_grouped_run(km_grouped *grouped, km_task *task);

/* Ranks the rows of a tile, which lie in bench->points by columns, among all centroids. The caller has set
** its numbers and what is ahead, and group_best to that of the bench or, where no bounds are wanted, NULL. */
void km_grouped_rank(km_grouped *grouped, km_bench *bench, km_ranked *tile);

/* The bounds of 8 rows of a ranked tile, from the i-th on: lower ones group by group, and upper ones. */
void km_grouped_bound(const km_grouped *grouped, const km_ranked *tile, size_t i, float *lower,
                      float *upper);

/* Finds the place of every point by the centroids aimed at; with grouped->write also its bounds. */
km_status km_dense_pass(km_grouped *grouped);

/* The same where the bounds of the last pass still hold. */
km_status km_bounds_pass(km_grouped *grouped);

/* Estimates from a few points how many would fail their bounds, and how many groups would be
** probed, as shares of the points. */
void km_bounds_sample(km_grouped *grouped, double *failed, double *probes);

/* Makes the groups anew, of centroids that have moved about as far. The bounds do not hold afterwards;
** labels, sums and `previous` follow the new places. */
km_status km_bounds_regroup(km_grouped *grouped, const double *centroids);

/* Fills the summary but for its labels, which are given, by k centroids; the benches are ready. */
km_status km_grouped_sum_distances(km_grouped *grouped, const double *centroids, size_t k,
                                   const km_summary *summary);

/* Replaces every label x by table[x]. */
km_status km_grouped_translate(const km_grouped *grouped, km_chunks *labels, const uint32_t *table);

/* Takes note of how far the centroids have moved since the last pass. */
km_status km_bounds_drift(km_grouped *grouped, const double *centroids);

/* Compares the first `count` rows of bench->doubtful in double: their places and distances. */
void km_grouped_settle(km_grouped *grouped, km_bench *bench, size_t count, uint32_t *place,
                       double *distance);

/* Greedy k-means++ (seed_stream.c); the engine's benches are ready. As km_seed_plus_plus. */
km_status km_seed_stream(km_engine *engine, km_narrow *narrow, km_random *random, size_t k,
                         double *centroids);

/* The lower bound of a row for a group; that for the next one lies KM_PANEL further. */
static inline float *km_grouped_lower(const km_grouped *grouped, size_t row, size_t group) {
  float *eight = km_chunks_at(&grouped->lower, row / KM_PANEL);
  return eight + group * KM_PANEL + row % KM_PANEL;
}

static inline float *km_grouped_upper(const km_grouped *grouped, size_t row) {
  return km_chunks_at(&grouped->upper, row);
}

/* Rows [*first, *end) of a slice. */
static inline void km_grouped_slice(const km_grouped *grouped, size_t slice, size_t *first,
                                    size_t *end) {
  *first = slice * grouped->slice_rows;
  *end = *first + grouped->slice_rows < grouped->n ? *first + grouped->slice_rows : grouped->n;
}

/* Notes that a point has moved from one place to another, where somebody keeps sums. */
static inline void km_grouped_note(km_grouped *grouped, const km_bench *bench, size_t row,
                                   uint32_t from, uint32_t to) {
  km_moves_note(&grouped->moves, row, from, to, (size_t)(bench - grouped->bench));
}

#endif
