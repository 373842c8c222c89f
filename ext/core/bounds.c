/* Passes that bounds spare most of: Yinyang k-means (Ding, Zhao, Shen, Musuvathi & Mytkowicz 2015).
**
** Why they are exact. For each point an upper bound of the distance to its own centroid is kept, and
** for each group of centroids a lower bound of the distances to all of them but its own. When
** centroids move, the triangle inequality says how far the bounds can be off: the upper one grows by
** what its own centroid has moved, a lower one shrinks by the furthest movement in its group. Where
** upper < lower for a group, none of it can be the nearest, and the comparison is strict by a margin
** of 2^-21, far above what the double loop that defines "nearest" can round: so it cannot even tie.
** Every bound is rounded to its safe side.
**
** The bounds are seldom written. Instead of moving every bound in every iteration, the movements are
** summed up per centroid (`travelled`) and per group (`strayed`), and a bound is stored as it would
** have been when the sums were zero: upper - travelled, lower + strayed. A point whose bounds hold
** costs an eighth of a comparison for each group: the bounds of 8 points stand together, group by group.
**
** A group is as restless as its most restless centroid, and mostly a few centroids are still on their
** way while the others have nearly settled. So the groups are made of centroids that have moved about
** as far, not of such as lie near each other: on blobs and on uniform data that lets a half to a quarter
** as many points fail. They are made anew whenever all bounds are written.
**
** A point whose bounds do not hold is either probed (probe.c), which touches only the groups in question,
** or ranked: rows that failed are gathered into a tile and scored with all centroids as in a dense pass
** (dense.c), which does more, but more evenly, and leaves every bound as tight as it can be. The model of
** costs in grouped_choice.c says which it is in a pass: where many fail, or few groups can be ruled out,
** ranking takes up to a fifth less time. What does not fill a tile at the end of a slice is probed. Both
** find the label that the double loop does.
*/
#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/probe.h"
#include "core/sort.h"

/* The bounds of 8 rows of a ranked tile, as they would have been when the movements were last zero. Two
** roundings of 2^-24 each are less than the 2^-22 that a lower one is made smaller by. */
static void bound_back(const km_grouped *grouped, const km_ranked *tile, size_t i, float *lower,
                       float *upper) {
  km_grouped_bound(grouped, tile, i, lower, upper);
  for (size_t g = 0; g < grouped->groups; g++) {
    float strayed = km_round_down(grouped->strayed[g]);
    for (size_t q = 0; q < KM_PANEL; q++) {
      lower[g * KM_PANEL + q] = (lower[g * KM_PANEL + q] + strayed) * (1 - 0x1p-22F);
    }
  }
  for (size_t q = 0; q < KM_PANEL; q++) {
    upper[q] = km_round_up((double)upper[q] - grouped->travelled[tile->ranking.label[i + q]]);
  }
}

/* Ranks a tile of rows among all centroids, and writes their bounds anew. No slots are in use. */
static void rank_rows(km_grouped *grouped, km_bench *bench, const size_t *row) {
  km_ranked tile;
  float upper[KM_PANEL];
  tile.row = row;
  tile.count = grouped->narrow.kernels->tile;
  tile.ranking.ahead_lines = 0;
  tile.ranking.group_best = bench->group_best;
  km_narrow_gather(&grouped->narrow, row, bench->room, bench->rows, bench->points);
  km_grouped_rank(grouped, bench, &tile);
  for (size_t i = 0; i < tile.count; i++) {
    size_t q = i % KM_PANEL;
    uint32_t place = tile.ranking.label[i];
    uint32_t *label = km_chunks_at(grouped->engine->labels, row[i]);
    float *lower = km_grouped_lower(grouped, row[i], 0);
    if (q == 0) {
      bound_back(grouped, &tile, i, bench->lower, upper);
    }
    for (size_t g = 0; g < grouped->groups; g++) {
      lower[g * KM_PANEL] = bench->lower[g * KM_PANEL + q];
    }
    *km_grouped_upper(grouped, row[i]) = upper[q];
    if (*label != place) {
      km_grouped_note(grouped, bench, row[i], *label, place);
      *label = place;
      bench->moved++;
    }
  }
  bench->failed += tile.count;
}

/* Rows whose bounds are checked at a time. */
#define STRIP 256

/* Rows that failed lie anywhere: the processor is told of so many of them before they are needed, even
** where they are of later strips. */
#define AHEAD KM_MAX_TILE

/* Rows whose bounds do not hold, that nobody has examined. */
typedef struct failed_rows {
  size_t count;
  size_t fetched;
  size_t row[AHEAD + STRIP];
} failed_rows;

static void fetch(const km_grouped *grouped, failed_rows *failed, size_t end) {
  for (; failed->fetched < end && failed->fetched < failed->count; failed->fetched++) {
    km_narrow_fetch(&grouped->narrow, failed->row[failed->fetched]);
  }
}

/* Examines rows until at most `left` are left, AHEAD or none. */
static void examine_most(km_grouped *grouped, km_bench *bench, failed_rows *failed, size_t left) {
  size_t tile = grouped->narrow.kernels->tile;
  size_t done = 0;
  fetch(grouped, failed, AHEAD);
  while (failed->count - done > left) {
    size_t rest = failed->count - done;
    int ranks = grouped->ranks && rest >= tile;
    const size_t *row = failed->row + done;
    km_suspects some;
    some.count = rest < KM_PANEL ? rest : KM_PANEL;
    done += ranks ? tile : some.count;
    fetch(grouped, failed, done + AHEAD);
    if (ranks) {
      rank_rows(grouped, bench, row);
    } else {
      memcpy(some.row, row, some.count * sizeof *row);
      km_probe_examine(grouped, bench, &some);
    }
  }
  failed->count -= done;
  failed->fetched -= done;
  memmove(failed->row, failed->row + done, failed->count * sizeof *failed->row);
}

/* Those of `count` rows from `first` on whose bounds do not hold, counted from there: how many. */
static size_t list_failing(const km_grouped *grouped, size_t first, size_t count,
                           uint32_t *number) {
  return grouped->narrow.kernels->failing(km_grouped_lower(grouped, first, 0), grouped->groups,
                                          km_grouped_upper(grouped, first), grouped->travelled_up,
                                          grouped->k, km_chunks_at(grouped->engine->labels, first),
                                          grouped->strayed_up, count, KM_SLACK, number);
}

static void check_strip(km_grouped *grouped, km_bench *bench, size_t first, size_t count,
                        failed_rows *failed) {
  uint32_t number[STRIP];
  size_t found = list_failing(grouped, first, count, number);
  for (size_t f = 0; f < found; f++) {
    failed->row[failed->count++] = first + number[f];
  }
  examine_most(grouped, bench, failed, AHEAD);
}

/* How many rows from `first`, a multiple of 8, on, at most `most`, have their bounds in one piece. */
static size_t run_of(const km_grouped *grouped, size_t first, size_t most) {
  /* The largest items have the shortest runs. */
  size_t run = km_chunks_run(&grouped->lower, first / KM_PANEL) * KM_PANEL;
  return run < most ? run : most;
}

static void bounds_slice(void *context, size_t slice, size_t worker) {
  km_grouped *grouped = context;
  km_bench *bench = &grouped->bench[worker];
  size_t first;
  size_t end;
  size_t count;
  failed_rows failed;
  failed.count = failed.fetched = 0;
  km_grouped_slice(grouped, slice, &first, &end);
  for (; first < end; first += count) {
    count = run_of(grouped, first, end - first < STRIP ? end - first : STRIP);
    check_strip(grouped, bench, first, count, &failed);
  }
  examine_most(grouped, bench, &failed, 0);
  km_probe_flush(grouped, bench);
}

km_status km_bounds_pass(km_grouped *grouped) {
  return km_grouped_run(grouped, bounds_slice);
}

/* About how many points a sample takes, in eights that lie together; of few points one in so many, for
** to measure them all costs as much as a pass. */
#define SAMPLE 1024
#define LEAST_STEP 16

void km_bounds_sample(km_grouped *grouped, double *failed, double *probes) {
  size_t eights = grouped->n / SAMPLE + 1;
  size_t step = (eights > LEAST_STEP ? eights : LEAST_STEP) * KM_PANEL;
  size_t points = 0;
  size_t failures = 0;
  size_t questions = 0;
  for (size_t first = 0; first < grouped->n; first += step) {
    km_suspects some;
    uint32_t number[KM_PANEL];
    size_t count =
        run_of(grouped, first, grouped->n - first < KM_PANEL ? grouped->n - first : KM_PANEL);
    some.count = list_failing(grouped, first, count, number);
    points += count;
    failures += some.count;
    for (size_t q = 0; q < some.count; q++) {
      some.row[q] = first + number[q];
    }
    if (some.count > 0) {
      km_probe_measure(grouped, &grouped->bench[0], &some);
    }
    for (size_t q = 0; q < some.count; q++) {
      const float *lower = km_grouped_lower(grouped, some.row[q], 0);
      for (size_t g = 0; g < grouped->groups; g++) {
        questions += (size_t)km_probe_asks(grouped, lower, g, some.upper[q]);
      }
    }
  }
  *failed = (double)failures / (double)points;
  *probes = (double)questions / (double)points;
}

km_status km_bounds_drift(km_grouped *grouped, const double *centroids) {
  const km_narrow *narrow = &grouped->narrow;
  size_t dims = narrow->dims;
  km_status status = KM_OK;
  for (size_t g = 0; g < grouped->groups; g++) {
    size_t first = g * grouped->group_panels * KM_PANEL;
    size_t end = first + grouped->group_panels * KM_PANEL;
    double furthest = 0;
    for (size_t p = first; p < end && p < grouped->k && status == KM_OK; p++) {
      const double *centroid = centroids + narrow->order[p] * dims;
      double *previous = grouped->previous + p * dims;
      double moved = sqrt(km_squared_distance(centroid, previous, dims)) * narrow->scale;
      furthest = moved > furthest ? moved : furthest;
      grouped->moved[p] = moved;
      if (moved > 0) {
        grouped->travelled[p] = (grouped->travelled[p] + moved) * (1 + 0x1p-48);
        grouped->travelled_up[p] = km_round_up(grouped->travelled[p]);
      }
      memcpy(previous, centroid, dims * sizeof *previous);
      status = km_tick(grouped->engine->blocks->hooks, 8 * dims);
    }
    if (furthest > 0) {
      grouped->strayed[g] = (grouped->strayed[g] + furthest) * (1 + 0x1p-48);
      grouped->strayed_up[g] = km_round_up(grouped->strayed[g]);
    }
  }
  return status;
}

/* The largest movement first; the lower place on a tie. */
static int moved_more(const void *context, uint32_t a, uint32_t b) {
  const km_grouped *grouped = context;
  return grouped->moved[a] != grouped->moved[b] ? grouped->moved[a] > grouped->moved[b] : a < b;
}

km_status km_bounds_regroup(km_grouped *grouped, const double *centroids) {
  km_narrow *narrow = &grouped->narrow;
  km_hooks *hooks = grouped->engine->blocks->hooks;
  size_t k = grouped->k;
  size_t dims = narrow->dims;
  km_status status = KM_NOMEM;
  uint32_t *from = km_allocate(hooks, k, sizeof *from); /* new place -> old place */
  uint32_t *to = km_allocate(hooks, k, sizeof *to);
  uint32_t *order = km_allocate(hooks, k, sizeof *order);
  if (from && to && order) {
    for (size_t p = 0; p < k; p++) {
      from[p] = (uint32_t)p;
    }
    km_sort_numbers(from, grouped->k, moved_more, grouped);
    for (size_t p = 0; p < k; p++) {
      order[p] = narrow->order[from[p]];
      to[from[p]] = (uint32_t)p;
    }
    memcpy(narrow->order, order, k * sizeof *order);
    status = KM_OK;
    for (size_t p = 0; p < k && status == KM_OK; p++) {
      memcpy(grouped->previous + p * dims, centroids + order[p] * dims, dims * sizeof(double));
      status = km_tick(hooks, dims);
    }
    if (status == KM_OK) {
      status = km_moves_reorder(&grouped->moves, to);
    }
    if (status == KM_OK) {
      status = km_grouped_translate(grouped, grouped->engine->labels, to);
    }
    if (status == KM_OK) {
      status = km_narrow_aim(narrow, centroids);
    }
  }
  km_release(hooks, from);
  km_release(hooks, to);
  km_release(hooks, order);
  return status;
}
