#include "core/moves_part.h"

#include <math.h>
#include <string.h>

km_part km_part_of(km_moves *moves, size_t task, size_t worker) {
  size_t first = task * moves->columns;
  size_t at = km_moves_at(moves, 0, first);
  size_t left = moves->blocks->data->dims - first;
  size_t count = left < moves->columns ? left : moves->columns;
  return (km_part){
      .moves = moves,
      .first = first,
      .count = count,
      .high = moves->high + at,
      .low = moves->low + at,
      .apart = moves->columns,
      .room = km_part_room(moves, worker),
  };
}

/* A row times its weight: `product`, and `left`, what was lost by rounding it. The row may lie in
** `product`. */
static void weigh(const km_part *part, size_t i, const double *row, double *product, double *left) {
  double weight = km_blocks_weight(part->moves->blocks, i);
  for (size_t j = 0; j < part->count; j++) {
    double value = weight * row[j];
    left[j] = fma(weight, row[j], -value);
    product[j] = value;
  }
}

void km_part_fetch(const km_part *part, size_t i) {
  if (i < part->moves->blocks->data->rows.count) {
    km_dataset_fetch(part->moves->blocks->data, i, part->first, part->count);
  }
}

/* Row i, times its weight. *left: what was lost by rounding it, or NULL. */
static const double *weighted_row(const km_part *part, size_t i, const double **left) {
  const km_dataset *data = part->moves->blocks->data;
  const double *row = km_dataset_part(data, i, part->first, part->count, part->room);
  *left = NULL;
  if (km_dataset_weighted(data)) {
    double *rest = part->room + part->count;
    weigh(part, i, row, part->room, rest);
    row = part->room;
    *left = rest;
  }
  return row;
}

void km_part_give(const km_part *part, size_t i, uint32_t to) {
  const double *left;
  const double *row = weighted_row(part, i, &left);
  if (left) {
    km_part_add(part, left, to, 1);
  }
  km_part_add(part, row, to, 1);
}

void km_part_move(const km_part *part, size_t i, uint32_t from, uint32_t to) {
  const double *left;
  const double *row = weighted_row(part, i, &left);
  if (left) {
    km_part_add(part, left, from, -1);
    km_part_add(part, left, to, 1);
  }
  km_part_add(part, row, from, -1);
  km_part_add(part, row, to, 1);
}

km_stretch km_stretch_of(km_moves *moves, size_t first, size_t most, size_t worker) {
  size_t run = km_chunks_run(moves->now, first);
  return (km_stretch){moves, first, first + (run < most ? run : most),
                      moves->listed + worker * moves->stretch,
                      moves->start + worker * (moves->k + 1)};
}

void km_stretch_list(const km_stretch *stretch) {
  const km_moves *moves = stretch->moves;
  size_t *start = stretch->start;
  const uint32_t *cluster = km_chunks_at(moves->now, stretch->first);
  size_t rows = stretch->end - stretch->first;
  memset(start, 0, (moves->k + 1) * sizeof *start);
  for (size_t i = 0; i < rows; i++) {
    start[cluster[i]]++;
  }
  for (size_t c = 1; c <= moves->k; c++) {
    start[c] += start[c - 1];
  }
  for (size_t i = rows; i > 0; i--) {
    stretch->listed[--start[cluster[i - 1]]] = (uint32_t)(i - 1);
  }
}

/* Puts weighted rows in place of `count` rows listed from m on, and adds to the sums at `at` what
** rounding takes from them. */
static void add_left(const km_part *part, const km_stretch *stretch, size_t m, size_t count,
                     size_t at, const double **row) {
  const double *left[KM_MOVES_BATCH];
  for (size_t q = 0; q < count; q++) {
    double *product = part->room + q * part->count;
    double *rest = product + KM_MOVES_BATCH * part->count;
    weigh(part, stretch->first + stretch->listed[m + q], row[q], product, rest);
    row[q] = product;
    left[q] = rest;
  }
  part->moves->blocks->kernels->sum(part->high + at, part->low + at, left, count, part->count);
}

void km_stretch_add(const km_stretch *stretch, const km_part *part) {
  const km_moves *moves = part->moves;
  const km_dataset *data = moves->blocks->data;
  const size_t *start = stretch->start;
  size_t rows = stretch->end - stretch->first;
  for (size_t c = 0; c < moves->k; c++) {
    size_t at = c * part->apart;
    for (size_t m = start[c]; m < start[c + 1]; m += KM_MOVES_BATCH) {
      const double *row[KM_MOVES_BATCH];
      size_t count = start[c + 1] - m < KM_MOVES_BATCH ? start[c + 1] - m : KM_MOVES_BATCH;
      for (size_t q = m + KM_MOVES_BATCH;
           q < m + 2 * KM_MOVES_BATCH && q < rows && moves->slices == 0; q++) {
        km_part_fetch(part, stretch->first + stretch->listed[q]);
      }
      for (size_t q = 0; q < count; q++) {
        row[q] = km_dataset_part(data, stretch->first + stretch->listed[m + q], part->first,
                                 part->count, part->room + q * part->count);
      }
      if (km_dataset_weighted(data)) {
        add_left(part, stretch, m, count, at, row);
      }
      moves->blocks->kernels->sum(part->high + at, part->low + at, row, count, part->count);
    }
  }
}
