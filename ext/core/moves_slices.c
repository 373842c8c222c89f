/* Sums of slices: what a pass adds up on its way, in sums of each slice's own. */
#include <string.h>

#include "core/moves_part.h"

/* Slices have sums where merging them is at most this share of adding up the points. At 16 bytes a
** coordinate they take an eighth of the memory of the points then. */
#define MERGE_SHARE 16
#define MERGE_SHARE_FLOATS 32

/* From this share of the points on, it costs less to add up all, eight at a time, than to take away and
** add those that move. */
#define MOVE_SHARE 4

km_status km_moves_start_slices(km_moves *moves, size_t slice_rows) {
  km_hooks *hooks = moves->blocks->hooks;
  size_t n = moves->blocks->data->rows.count;
  size_t dims = moves->blocks->data->dims;
  size_t slices = (n + slice_rows - 1) / slice_rows;
  size_t share = moves->blocks->data->element == KM_FLOAT ? MERGE_SHARE_FLOATS : MERGE_SHARE;
  moves->slice_rows = slice_rows;
  if (slices > n / share / moves->k) {
    return KM_OK;
  }
  size_t clusters = slices * moves->k;
  moves->slices = slices;
  moves->slice_high = km_allocate(hooks, clusters, dims * sizeof(double));
  moves->slice_low = km_allocate(hooks, clusters, dims * sizeof(double));
  moves->gained = km_allocate(hooks, clusters, sizeof *moves->gained);
  moves->touched = km_allocate(hooks, clusters, 1);
  if (!moves->slice_high || !moves->slice_low || !moves->gained || !moves->touched) {
    return KM_NOMEM;
  }
  memset(moves->touched, 0, clusters);
  return KM_OK;
}

/* All columns of a slice's own sums. */
static km_part part_of_slice(km_moves *moves, size_t slice, size_t worker) {
  size_t dims = moves->blocks->data->dims;
  size_t at = slice * moves->k * dims;
  return (km_part){
      .moves = moves,
      .count = dims,
      .high = moves->slice_high + at,
      .low = moves->slice_low + at,
      .apart = dims,
      .room = km_part_room(moves, worker),
  };
}

/* Readies a cluster's sum in a slice; returns where its points are counted. */
static ptrdiff_t *touch(const km_part *part, size_t slice, size_t cluster) {
  km_moves *moves = part->moves;
  size_t at = slice * moves->k + cluster;
  if (!moves->touched[at]) {
    moves->touched[at] = 1;
    moves->gained[at] = 0;
    memset(part->high + cluster * part->apart, 0, part->count * sizeof(double));
    memset(part->low + cluster * part->apart, 0, part->count * sizeof(double));
  }
  return &moves->gained[at];
}

void km_moves_begin(km_moves *moves, size_t many) {
  size_t n = moves->blocks ? moves->blocks->data->rows.count : 0;
  moves->anew = moves->slices > 0 && (!moves->valid || many > n / MOVE_SHARE);
}

void km_moves_add(km_moves *moves, size_t first, size_t end, size_t worker) {
  size_t slice = first / moves->slice_rows;
  km_part own = part_of_slice(moves, slice, worker);
  while (first < end) {
    size_t most = end - first < moves->stretch ? end - first : moves->stretch;
    km_stretch now = km_stretch_of(moves, first, most, worker);
    km_stretch_list(&now);
    for (size_t c = 0; c < moves->k; c++) {
      *touch(&own, slice, c) += (ptrdiff_t)(now.start[c + 1] - now.start[c]);
    }
    km_stretch_add(&now, &own);
    first = now.end;
  }
}

void km_moves_shift(km_moves *moves, size_t i, uint32_t from, uint32_t to, size_t worker) {
  size_t slice = i / moves->slice_rows;
  km_part own = part_of_slice(moves, slice, worker);
  --*touch(&own, slice, from);
  ++*touch(&own, slice, to);
  km_part_move(&own, i, from, to);
}

/* Adds a cluster's sum in a slice to the sum of all: km_sum_merge on each column. */
static void merge(km_moves *moves, size_t slice, size_t cluster) {
  km_part from = part_of_slice(moves, slice, 0);
  const double *high = from.high + cluster * from.apart;
  const double *low = from.low + cluster * from.apart;
  for (size_t task = 0; task < km_part_tasks(moves); task++) {
    km_part to = km_part_of(moves, task, 0);
    km_part_add(&to, high + to.first, (uint32_t)cluster, 1);
    for (size_t j = 0; j < to.count; j++) {
      to.low[cluster * to.apart + j] += low[to.first + j];
    }
  }
}

km_status km_moves_merge(km_moves *moves) {
  size_t k = moves->k;
  km_status status = KM_OK;
  for (size_t s = 0; s < moves->slices && status == KM_OK; s++) {
    for (size_t c = 0; c < k; c++) {
      if (moves->touched[s * k + c]) {
        merge(moves, s, c);
        moves->counts[c] = (size_t)((ptrdiff_t)moves->counts[c] + moves->gained[s * k + c]);
      }
    }
    status = km_tick(moves->blocks->hooks, 2 * moves->values);
  }
  memset(moves->touched, 0, moves->slices * k);
  return status;
}
