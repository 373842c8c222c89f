/* Passes that bounds spare most of: Yinyang k-means (Ding, Zhao, Shen, Musuvathi & Mytkowicz 2015).
**
** Why they are exact. For each point an upper bound of the distance to its own centroid is kept, and
** for each group of centroids a lower bound of the distances to all of them but its own. When
** centroids move, the triangle inequality says how far the bounds can be off: the upper one grows by
** what its own centroid has moved, a lower one shrinks by the furthest movement in its group. Where
** upper < lower for a group, none of it can be the nearest, and the comparison is strict by a margin
** of 2^-20, far above what the double loop that defines "nearest" can round: so it cannot even tie.
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
** A point whose bounds do not hold is first measured against its own centroid, which often is enough.
** Otherwise it waits, converted to floats, in the list of each group that is in question; when 8
** points wait for a group, they are scored together with its centroids (`probe`): 8 by 8 sums in
** registers. When the slots are full, or the slice ends, all lists are emptied, and each point has its
** best and second-best distance among all centroids that can matter. If they are too near to each
** other for floats to tell, the double loop decides over all centroids.
*/
#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/grouped.h"
#include "core/sort.h"

/* The strictness of upper < lower. */
#define SLACK (1 + 0x1p-20f)

/* Up to 8 points whose stored bounds do not hold, measured against their own centroids. */
typedef struct suspects {
  size_t count;
  size_t row[KM_PANEL];
  uint32_t own[KM_PANEL];
  float upper[KM_PANEL];
  km_measure measure;
} suspects;

/* Upper bounds of the distances of suspects to their own centroids, from the squared distances in float.
** Rounding the two vectors moves them by 2^-24 (|Y| + |Z|), and |Y| is at most distance + |Z|. A row that is
** turned is rounded twice: 2 |Y| instead of |Y|. */
static void bound_above(const km_narrow *narrow, suspects *some) {
  double roundings = narrow->turned ? 2 : 1; /* of Y */
  double factor =
      (1 + ((double)km_additions(narrow->dims) + 12) * 0x1p-24) * (1 + 1.02 * 0x1p-24 * roundings);
  for (size_t q = 0; q < KM_PANEL; q++) {
    double moved = 1.02 * 0x1p-24 * (roundings + 1) * (double)narrow->length[some->own[q]];
    double distance = sqrt((double)some->measure.squared[q]);
    some->upper[q] = km_round_up(distance * factor + moved + 0x1p-60);
  }
}

/* Those that are not there in floats already are converted to the rows after the slots in use. */
static void measure_suspects(const km_grouped *grouped, km_bench *bench, suspects *some) {
  const km_narrow *narrow = &grouped->narrow;
  for (size_t q = 0; q < KM_PANEL; q++) {
    size_t row = some->row[q < some->count ? q : 0];
    some->own[q] = *(const uint32_t *)km_chunks_at(grouped->engine->labels, row);
    some->measure.centroid[q] = narrow->row + some->own[q] * narrow->padded;
    if (narrow->raw || narrow->copied) {
      float *to = bench->rows + (bench->slots + q) * narrow->padded;
      some->measure.row[q] = NULL;
      some->measure.floats[q] = km_narrow_row(narrow, row, NULL, to);
    } else {
      some->measure.row[q] =
          km_dataset_row(narrow->blocks->data, row, bench->room + q * narrow->dims);
    }
  }
  narrow->kernels->measure(&some->measure, narrow->mean, narrow->scale, narrow->dims,
                           bench->rows + bench->slots * narrow->padded);
  bound_above(narrow, some);
}

/* Scores the points that wait for a group, and lowers or raises what is known about them. */
static void probe_group(km_grouped *grouped, km_bench *bench, size_t group) {
  const km_narrow *narrow = &grouped->narrow;
  size_t first = group * grouped->group_panels;
  size_t panels = narrow->panels - first;
  size_t count = bench->count[group];
  km_probe probe;
  float norm[KM_PANEL];
  float error[KM_PANEL];
  float lower[KM_PANEL];
  panels = panels < grouped->group_panels ? panels : grouped->group_panels;
  for (size_t q = 0; q < KM_PANEL; q++) {
    size_t s = bench->waiting[group * KM_PANEL + (q < count ? q : 0)];
    const km_slot *slot = &bench->slot[s];
    probe.row[q] = slot->floats;
    probe.skip[q] = grouped->group[slot->own] == group
                        ? (int32_t)(slot->own - (uint32_t)(first * KM_PANEL))
                        : -1;
    norm[q] = slot->norm;
    error[q] = slot->error;
  }
  narrow->kernels->probe(&probe, narrow->dims, narrow->panel + first * narrow->dims * KM_PANEL,
                         narrow->half + first * KM_PANEL, panels);
  narrow->kernels->bound(norm, error, probe.best, lower);
  for (size_t q = 0; q < count; q++) {
    km_slot *slot = &bench->slot[bench->waiting[group * KM_PANEL + q]];
    double best = (double)norm[q] - 2 * (double)probe.best[q];
    double second = (double)norm[q] - 2 * (double)probe.second[q];
    *km_grouped_lower(grouped, slot->row, group) =
        km_round_down((double)lower[q] + grouped->strayed[group]);
    if (best < slot->best) {
      slot->second = second < slot->best ? second : slot->best;
      slot->best = best;
      slot->place = (uint32_t)(first * KM_PANEL) + (uint32_t)probe.label[q];
    } else if (best < slot->second) {
      slot->second = best;
    }
  }
  bench->count[group] = 0;
}

/* Gives a point another place. `others` is a lower bound of its distance to all centroids but the new
** one, of those in the groups probed; `upper` an upper bound of that to the new one. */
static void change_place(km_grouped *grouped, km_bench *bench, const km_slot *slot, uint32_t place,
                         double others, double upper) {
  size_t old_group = grouped->group[slot->own];
  size_t group = grouped->group[place];
  double left = slot->own_squared - (double)slot->error;
  float *lower = km_grouped_lower(grouped, slot->row, old_group);
  left = left > 0 ? sqrt(left) : 0;
  float bound = km_round_down(left + grouped->strayed[old_group]);
  *lower = bound < *lower ? bound : *lower;
  *km_grouped_lower(grouped, slot->row, group) = km_round_down(others + grouped->strayed[group]);
  *km_grouped_upper(grouped, slot->row) = km_round_up(upper - grouped->travelled[place]);
  km_grouped_note(grouped, bench, slot->row, slot->own, place);
  *(uint32_t *)km_chunks_at(grouped->engine->labels, slot->row) = place;
  bench->moved++;
}

/* Decides about one slot; nonzero when floats cannot. */
static int decide(km_grouped *grouped, km_bench *bench, const km_slot *slot) {
  double error = (double)slot->error;
  double level = (double)grouped->narrow.level[slot->place];
  if (!(slot->second - slot->best > 2 * (error + level))) {
    return 1;
  }
  if (slot->place != slot->own) {
    double others = slot->second - error;
    double upper = slot->best + error + 2 * level;
    change_place(grouped, bench, slot, slot->place, sqrt(others > 0 ? others : 0),
                 sqrt(upper > 0 ? upper : 0));
  }
  return 0;
}

static void settle(km_grouped *grouped, km_bench *bench, const size_t *doubt, size_t count) {
  uint32_t place[KM_PANEL];
  double distance[KM_PANEL];
  km_grouped_settle(grouped, bench, count, place, distance);
  for (size_t q = 0; q < count; q++) {
    const km_slot *slot = &bench->slot[doubt[q]];
    double others = slot->best - (double)slot->error;
    if (place[q] != slot->own) {
      change_place(grouped, bench, slot, place[q], sqrt(others > 0 ? others : 0),
                   sqrt(distance[q]) * grouped->narrow.scale * (1 + 0x1p-30) + 0x1p-60);
    }
  }
}

/* Empties all lists and all slots. */
static void flush(km_grouped *grouped, km_bench *bench) {
  size_t dims = grouped->narrow.dims;
  size_t doubt[KM_PANEL];
  size_t doubts = 0;
  for (size_t g = 0; g < grouped->groups; g++) {
    if (bench->count[g] > 0) {
      probe_group(grouped, bench, g);
    }
  }
  for (size_t s = 0; s < bench->slots; s++) {
    if (decide(grouped, bench, &bench->slot[s])) {
      km_dataset_copy(grouped->narrow.blocks->data, bench->slot[s].row,
                      bench->doubtful + doubts * dims);
      doubt[doubts++] = s;
    }
    if (doubts == KM_PANEL || (s + 1 == bench->slots && doubts > 0)) {
      settle(grouped, bench, doubt, doubts);
      doubts = 0;
    }
  }
  bench->slots = 0;
}

/* Takes the next slot for suspect q. Floats that have been written for it come to lie where the slot's
** belong. */
static void take_slot(const km_grouped *grouped, km_bench *bench, const suspects *some, size_t q,
                      size_t first_slot) {
  const km_narrow *narrow = &grouped->narrow;
  km_slot *slot = &bench->slot[bench->slots];
  const float *written = bench->rows + (first_slot + q) * narrow->padded;
  float *own = bench->rows + bench->slots * narrow->padded;
  slot->floats = some->measure.floats[q];
  if (slot->floats == written && own != written) {
    memcpy(own, written, narrow->padded * sizeof *own);
    slot->floats = own;
  }
  slot->row = some->row[q];
  slot->own = slot->place = some->own[q];
  slot->norm = some->measure.norm[q];
  slot->error = km_narrow_error(narrow, slot->norm);
  slot->own_squared = slot->best =
      (double)some->measure.squared[q] - (double)narrow->level[slot->own];
  slot->second = INFINITY;
  bench->slots++;
}

/* Puts the last slot on the list of a group. */
static void join_list(km_grouped *grouped, km_bench *bench, size_t group) {
  bench->waiting[group * KM_PANEL + bench->count[group]++] = (uint32_t)bench->slots - 1;
  if (bench->count[group] == KM_PANEL) {
    probe_group(grouped, bench, group);
  }
}

/* Whether a centroid of a group may be as near to a row as one at a distance of at most `upper`; `lower`
** is the row's bound for the first group. */
static int in_question(const km_grouped *grouped, const float *lower, size_t group, float upper) {
  return !(lower[group * KM_PANEL] > (upper + grouped->strayed_up[group]) * SLACK);
}

/* Tightens the upper bounds of the suspects, and where that is not enough, puts them on the lists of
** the groups in question. */
static void examine(km_grouped *grouped, km_bench *bench, suspects *some) {
  if (bench->slots + KM_PANEL > grouped->max_slots) {
    flush(grouped, bench);
  }
  size_t first_slot = bench->slots;
  measure_suspects(grouped, bench, some);
  for (size_t q = 0; q < some->count; q++) {
    size_t row = some->row[q];
    float upper = some->upper[q];
    const float *lower = km_grouped_lower(grouped, row, 0);
    int taken = 0;
    *km_grouped_upper(grouped, row) = km_round_up((double)upper - grouped->travelled[some->own[q]]);
    for (size_t g = 0; g < grouped->groups; g++) {
      if (in_question(grouped, lower, g, upper)) {
        if (!taken) {
          take_slot(grouped, bench, some, q, first_slot);
          taken = 1;
        }
        join_list(grouped, bench, g);
      }
    }
  }
  bench->failed += some->count;
}

/* Rows whose bounds are checked at a time. */
#define STRIP 256

/* Rows that failed lie anywhere: the processor is told of so many of them before they are needed, even
** where they are of later strips. */
#define AHEAD 32

/* Rows whose bounds do not hold, that nobody has examined. */
typedef struct failed_rows {
  size_t count;
  size_t fetched;
  size_t row[AHEAD + KM_PANEL + STRIP];
} failed_rows;

static void fetch(const km_grouped *grouped, failed_rows *failed, size_t end) {
  for (; failed->fetched < end && failed->fetched < failed->count; failed->fetched++) {
    km_narrow_fetch(&grouped->narrow, failed->row[failed->fetched]);
  }
}

/* Examines rows until at most `left` are left. */
static void examine_most(km_grouped *grouped, km_bench *bench, failed_rows *failed, size_t left) {
  size_t done = 0;
  fetch(grouped, failed, AHEAD);
  while (failed->count - done > left) {
    suspects some;
    size_t rest = failed->count - done;
    some.count = rest < KM_PANEL ? rest : KM_PANEL;
    memcpy(some.row, failed->row + done, some.count * sizeof *some.row);
    done += some.count;
    fetch(grouped, failed, done + AHEAD);
    examine(grouped, bench, &some);
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
                                          grouped->strayed_up, count, SLACK, number);
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
  flush(grouped, bench);
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
    suspects some;
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
      measure_suspects(grouped, &grouped->bench[0], &some);
    }
    for (size_t q = 0; q < some.count; q++) {
      const float *lower = km_grouped_lower(grouped, some.row[q], 0);
      for (size_t g = 0; g < grouped->groups; g++) {
        questions += (size_t)in_question(grouped, lower, g, some.upper[q]);
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
    for (size_t p = 0; p < k; p++) {
      memcpy(grouped->previous + p * dims, centroids + order[p] * dims, dims * sizeof(double));
    }
    status = km_moves_reorder(&grouped->moves, to);
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
