/* Points whose bounds do not hold, one group of centroids at a time.
**
** Such a point is first measured against its own centroid, which often is enough: the upper bound becomes
** tight, and all groups may be ruled out by it. Otherwise the point waits, converted to floats, in the list
** of each group that is in question; when 8 points wait for a group, they are scored together with its
** centroids (`probe` of simd/kernels.h): 8 by 8 sums in registers. When the slots are full, or the slice
** ends, all lists are emptied.
**
** Why that is exact. A group that is not in question has no centroid as near as the point's own (bounds.c).
** Of all others each point then knows the best and the second-best squared distance, within the errors that
** narrow.h proves. Where these two are further apart than the errors, the best is the nearest for certain;
** else the double loop of the plain engine decides, over all centroids in the order of their numbers.
**
** What was found goes back into the bounds, which are stored as they would have been when the movements
** were last zero: an upper one less what its centroid has travelled, rounded up, a lower one with what its
** group has strayed, rounded down.
*/
#include "core/probe.h"

#include <math.h>
#include <string.h>

/* Upper bounds of the distances of suspects to their own centroids, from the squared distances in float.
** Rounding the two vectors moves them by 2^-24 (|Y| + |Z|), and |Y| is at most distance + |Z|. A row that is
** turned is rounded twice: 2 |Y| instead of |Y|. */
static void bound_above(const km_narrow *narrow, km_suspects *some) {
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
void km_probe_measure(const km_grouped *grouped, km_bench *bench, km_suspects *some) {
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

void km_probe_flush(km_grouped *grouped, km_bench *bench) {
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
static void take_slot(const km_grouped *grouped, km_bench *bench, const km_suspects *some, size_t q,
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

void km_probe_examine(km_grouped *grouped, km_bench *bench, km_suspects *some) {
  if (bench->slots + KM_PANEL > grouped->max_slots) {
    km_probe_flush(grouped, bench);
  }
  size_t first_slot = bench->slots;
  km_probe_measure(grouped, bench, some);
  for (size_t q = 0; q < some->count; q++) {
    size_t row = some->row[q];
    float upper = some->upper[q];
    const float *lower = km_grouped_lower(grouped, row, 0);
    int taken = 0;
    *km_grouped_upper(grouped, row) = km_round_up((double)upper - grouped->travelled[some->own[q]]);
    for (size_t g = 0; g < grouped->groups; g++) {
      if (km_probe_asks(grouped, lower, g, upper)) {
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
