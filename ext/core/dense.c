/* Dense passes: every point against every centroid, in single precision.
**
** A tile of points is converted, turned into columns and scored with all centroids while it lies in
** the innermost cache (see `rank` in simd/fast_template.inc). What comes out, the best and the
** second-best score of each point, tells nearly always which centroid is nearest: where the two are
** further apart than the errors that narrow.h proves. Elsewhere, at one point in a thousand or at
** exact ties, the double loop of the plain engine decides, over all centroids in the order of their
** numbers. So every label is that of the plain engine.
**
** Converting a tile again in every pass costs a tenth of the pass at k = 100, and spares a copy of
** all points, which is made only where that goes on for long (see km_grouped_copy).
**
** On the way the pass can write the bounds that bounds.c begins with. The highest score of a group gives
** its lower bound. For the group of the point's own centroid, which must be left out, the second-best
** score of all serves: nobody else in the group has a better one.
*/
#include <math.h>
#include <string.h>

#include "core/grouped.h"

/* Points that floats could not decide: the nearest centroid of each might be any within the errors of the
** best score. So nothing is said about the others but what that implies. */
static void settle_doubts(km_grouped *grouped, km_bench *bench, const unsigned char *doubt,
                          km_ranked *tile) {
  size_t dims = grouped->narrow.dims;
  size_t doubts = 0;
  size_t index[KM_MAX_TILE];
  uint32_t place[KM_MAX_TILE];
  double distance[KM_MAX_TILE];
  for (size_t eight = 0; eight < tile->count; eight += 8) {
    unsigned doubtful = grouped->narrow.usable ? doubt[eight / 8] : 0xFF;
    for (size_t i = eight; doubtful && i < tile->count; i++, doubtful >>= 1) {
      if (doubtful & 1) {
        km_dataset_copy(grouped->narrow.blocks->data, tile->row ? tile->row[i] : tile->first + i,
                        bench->doubtful + doubts * dims);
        index[doubts++] = i;
      }
    }
  }
  if (doubts > 0) {
    km_grouped_settle(grouped, bench, doubts, place, distance);
    for (size_t q = 0; q < doubts; q++) {
      tile->ranking.label[index[q]] = place[q];
      tile->ranking.second[index[q]] = tile->ranking.best[index[q]];
    }
  }
}

void km_grouped_rank(km_grouped *grouped, km_bench *bench, km_ranked *tile) {
  const km_narrow *narrow = &grouped->narrow;
  unsigned char doubt[KM_MAX_TILE / 8];
  tile->ranking.group_panels = grouped->group_panels;
  narrow->kernels->rank(bench->points, narrow->dims, narrow->panel, narrow->half, narrow->panels,
                        &tile->ranking);
  narrow->kernels->margins(&tile->ranking, narrow->slope, narrow->level, narrow->k, tile->below,
                           tile->above, doubt);
  settle_doubts(grouped, bench, doubt, tile);
}

/* A point's own centroid may be another than that with the best score, but it is no further away than that
** one is for certain. */
void km_grouped_bound(const km_grouped *grouped, const km_ranked *tile, size_t i, float *lower,
                      float *upper) {
  uint32_t own[KM_PANEL];
  for (size_t q = 0; q < KM_PANEL; q++) {
    own[q] = grouped->group[tile->ranking.label[i + q]];
  }
  grouped->narrow.kernels->bounds(&tile->ranking, i, tile->below, tile->above, grouped->groups, own,
                                  lower, upper);
}

static void write_bounds(const km_grouped *grouped, const km_ranked *tile) {
  for (size_t i = 0; i < tile->count; i += KM_PANEL) {
    float last[KM_PANEL];
    float *upper = km_grouped_upper(grouped, tile->first + i);
    int whole = tile->count - i >= KM_PANEL;
    km_grouped_bound(grouped, tile, i, km_grouped_lower(grouped, tile->first + i, 0),
                     whole ? upper : last);
    if (!whole) {
      memcpy(upper, last, (tile->count - i) * sizeof *upper);
    }
  }
}

static void take_labels(km_grouped *grouped, km_bench *bench, size_t first, size_t count,
                        const uint32_t *found) {
  size_t run;
  for (size_t i = 0; i < count; i += run) {
    uint32_t *label = km_chunks_at(grouped->engine->labels, first + i);
    run = km_chunks_run(grouped->engine->labels, first + i);
    run = run < count - i ? run : count - i;
    if (memcmp(label, found + i, run * sizeof *label) == 0) {
      continue;
    }
    for (size_t q = 0; q < run; q++) {
      if (label[q] != found[i + q]) {
        if (!grouped->moves.anew) { /* else many calls would do nothing */
          km_grouped_note(grouped, bench, first + i + q, label[q], found[i + q]);
        }
        label[q] = found[i + q];
        bench->moved++;
      }
    }
  }
}

static void dense_slice(void *context, size_t slice, size_t worker) {
  km_grouped *grouped = context;
  km_bench *bench = &grouped->bench[worker];
  const km_narrow *narrow = &grouped->narrow;
  size_t most = narrow->kernels->tile;
  size_t first;
  size_t end;
  km_ranked tile;
  tile.row = NULL;
  tile.ranking.group_best = grouped->write ? bench->group_best : NULL;
  km_grouped_slice(grouped, slice, &first, &end);
  size_t added = first;
  for (; first < end; first += most) {
    tile.first = first;
    tile.count = end - first < most ? end - first : most;
    km_narrow_tile(narrow, first, end, bench->room, bench->rows, bench->points);
    tile.ranking.ahead = km_narrow_ahead(narrow, first + most, end, &tile.ranking.ahead_lines);
    km_grouped_rank(grouped, bench, &tile);
    if (grouped->write) {
      write_bounds(grouped, &tile);
    }
    take_labels(grouped, bench, first, tile.count, tile.ranking.label);
    size_t done = first + tile.count;
    if (grouped->moves.anew && (done == end || done + most - added > grouped->moves.stretch)) {
      km_moves_add(&grouped->moves, added, done, worker);
      added = done;
    }
  }
}

km_status km_dense_pass(km_grouped *grouped) {
  return km_grouped_run(grouped, dense_slice);
}
