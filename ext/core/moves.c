#include "core/moves.h"

#include <math.h>
#include <string.h>

/* Coordinates that are added up between two questions whether to go on: about a millisecond. */
#define STRETCH_WORK ((size_t)1 << 21)

/* Rows that are added to a sum at a time: what the kernel takes. */
#define BATCH KM_PANEL

/* A sum this much smaller than it has been is taken anew. */
#define SHRUNK 0x1p-30

km_status km_moves_start(km_moves *moves, km_blocks *blocks, km_workers *workers, size_t k,
                         const km_chunks *now) {
  size_t n = blocks->data->rows.count;
  size_t dims = blocks->data->dims;
  km_moves_clear(moves);
  moves->blocks = blocks;
  moves->workers = workers;
  moves->k = k;
  moves->now = now;
  /* A task for each worker, of whole cache lines. */
  size_t tasks = km_workers_count(workers);
  moves->columns = (dims + 8 * tasks - 1) / (8 * tasks) * 8;
  moves->values = (dims + moves->columns - 1) / moves->columns * moves->columns * k;
  km_chunks_init(&moves->before, sizeof(uint32_t));
  moves->moved = km_allocate(blocks->hooks, n / 64 + 1, 8);
  moves->high = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->low = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->peak = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->counts = km_allocate(blocks->hooks, k, sizeof *moves->counts);
  moves->room = km_allocate(blocks->hooks, km_workers_count(workers) * 2 * BATCH,
                            moves->columns * sizeof(double));
  moves->stretch = STRETCH_WORK / dims > 4 * k ? STRETCH_WORK / dims : 4 * k;
  moves->stretch = moves->stretch < n ? moves->stretch : n;
  moves->listed = km_allocate(blocks->hooks, moves->stretch, sizeof *moves->listed);
  moves->start = km_allocate(blocks->hooks, k + 1, sizeof *moves->start);
  moves->spare = km_allocate(blocks->hooks, k, moves->columns * sizeof(double));
  if (!moves->spare || !moves->listed || !moves->start || !moves->room || !moves->moved ||
      !moves->high || !moves->low || !moves->peak || !moves->counts) {
    return KM_NOMEM;
  }
  memset(moves->moved, 0, (n / 64 + 1) * 8);
  return km_chunks_fill(&moves->before, blocks->hooks, n);
}

void km_moves_clear(km_moves *moves) {
  if (moves->blocks) {
    km_hooks *hooks = moves->blocks->hooks;
    km_chunks_clear(&moves->before, hooks);
    km_release(hooks, moves->room);
    km_release(hooks, moves->listed);
    km_release(hooks, moves->start);
    km_release(hooks, moves->spare);
    km_release(hooks, moves->moved);
    km_release(hooks, moves->high);
    km_release(hooks, moves->low);
    km_release(hooks, moves->peak);
    km_release(hooks, moves->counts);
    memset(moves, 0, sizeof *moves);
  }
}

/* The columns of one task. */
typedef struct part {
  km_moves *moves;
  size_t first;
  size_t count;
  double *room;
} part;

static part part_of(km_moves *moves, size_t task, size_t worker) {
  part own = {moves, task * moves->columns, moves->columns,
              moves->room + worker * 2 * BATCH * moves->columns};
  size_t left = moves->blocks->data->dims - own.first;
  own.count = left < own.count ? left : own.count;
  return own;
}

static size_t count_tasks(const km_moves *moves) {
  return (moves->blocks->data->dims + moves->columns - 1) / moves->columns;
}

/* A row times its weight: `product`, and `left`, what was lost by rounding it. The row may lie in
** `product`. */
static void weigh(const part *own, size_t i, const double *row, double *product, double *left) {
  double weight = km_blocks_weight(own->moves->blocks, i);
  for (size_t j = 0; j < own->count; j++) {
    double value = weight * row[j];
    left[j] = fma(weight, row[j], -value);
    product[j] = value;
  }
}

/* Adds a row to a cluster, or takes it away. */
static void add_row(const part *own, const double *row, uint32_t cluster, double sign) {
  const km_moves *moves = own->moves;
  size_t at = km_moves_at(moves, cluster, own->first);
  moves->blocks->kernels->accumulate(moves->high + at, moves->low + at, row, own->count, sign);
}

/* Rows are read a few cache lines each, far from one another: no processor foresees that. */
static void fetch_row(const part *own, size_t i) {
  if (i < own->moves->blocks->data->rows.count) {
    km_dataset_fetch(own->moves->blocks->data, i, own->first, own->count);
  }
}

/* The first marked row at or after row i, or n. */
static size_t next_marked(const km_moves *moves, size_t i, size_t n) {
  while (i < n && !(moves->moved[i / 8] >> i % 8 & 1)) {
    uint64_t word;
    if (i % 64 == 0 && (memcpy(&word, moves->moved + i / 8, sizeof word), word == 0)) {
      i += 64;
    } else if (i % 8 == 0 && moves->moved[i / 8] == 0) {
      i += 8;
    } else {
      i++;
    }
  }
  return i < n ? i : n;
}

/* Rows [first, end). */
typedef struct stretch {
  km_moves *moves;
  size_t first;
  size_t end;
} stretch;

static void move_columns(void *context, size_t task, size_t worker) {
  const stretch *now = context;
  const km_moves *moves = now->moves;
  part own = part_of(now->moves, task, worker);
  size_t i = next_marked(moves, now->first, now->end);
  while (i < now->end) {
    size_t next = next_marked(moves, i + 1, now->end);
    const double *row = km_dataset_part(moves->blocks->data, i, own.first, own.count, own.room);
    fetch_row(&own, next);
    uint32_t from = *(const uint32_t *)km_chunks_at(&moves->before, i);
    uint32_t to = *(const uint32_t *)km_chunks_at(moves->now, i);
    if (km_dataset_weighted(moves->blocks->data)) {
      double *left = own.room + moves->columns;
      weigh(&own, i, row, own.room, left);
      row = own.room;
      add_row(&own, left, from, -1);
      add_row(&own, left, to, 1);
    }
    add_row(&own, row, from, -1);
    add_row(&own, row, to, 1);
    i = next;
  }
}

/* Puts weighted rows in place of `count` rows listed from m on, and adds to the sums at `at` what
** rounding takes from them. */
static void add_left(const part *own, size_t first, size_t m, size_t count, size_t at,
                     const double **row) {
  const km_moves *moves = own->moves;
  const double *left[BATCH];
  for (size_t q = 0; q < count; q++) {
    double *product = own->room + q * moves->columns;
    double *rest = product + BATCH * moves->columns;
    weigh(own, first + moves->listed[m + q], row[q], product, rest);
    row[q] = product;
    left[q] = rest;
  }
  moves->blocks->kernels->sum(moves->high + at, moves->low + at, left, count, own->count);
}

/* Adds up the listed rows, cluster by cluster. */
static void add_columns(void *context, size_t task, size_t worker) {
  const stretch *now = context;
  const km_moves *moves = now->moves;
  part own = part_of(now->moves, task, worker);
  size_t rows = now->end - now->first;
  for (size_t c = 0; c < moves->k; c++) {
    size_t at = km_moves_at(moves, c, own.first);
    for (size_t m = moves->start[c]; m < moves->start[c + 1]; m += BATCH) {
      const double *row[BATCH];
      size_t count = moves->start[c + 1] - m < BATCH ? moves->start[c + 1] - m : BATCH;
      for (size_t q = m + BATCH; q < m + 2 * BATCH && q < rows; q++) {
        fetch_row(&own, now->first + moves->listed[q]);
      }
      for (size_t q = 0; q < count; q++) {
        row[q] = km_dataset_part(moves->blocks->data, now->first + moves->listed[m + q], own.first,
                                 own.count, own.room + q * moves->columns);
      }
      if (km_dataset_weighted(moves->blocks->data)) {
        add_left(&own, now->first, m, count, at, row);
      }
      moves->blocks->kernels->sum(moves->high + at, moves->low + at, row, count, own.count);
    }
  }
}

/* Lists the rows of a stretch by cluster, each cluster's in their order: a counting sort. */
static void list_rows(const stretch *now) {
  km_moves *moves = now->moves;
  size_t *start = moves->start;
  memset(start, 0, (moves->k + 1) * sizeof *start);
  for (size_t i = now->first; i < now->end; i++) {
    uint32_t label = *(const uint32_t *)km_chunks_at(moves->now, i);
    start[label]++;
    moves->counts[label]++;
  }
  size_t before = 0;
  for (size_t c = 0; c <= moves->k; c++) {
    start[c] += before;
    before = start[c];
  }
  for (size_t i = now->end; i-- > now->first;) {
    moves->listed[--start[*(const uint32_t *)km_chunks_at(moves->now, i)]] =
        (uint32_t)(i - now->first);
  }
}

static void count_moved(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  for (size_t i = 0; (i = next_marked(moves, i, n)) < n; i++) {
    moves->counts[*(const uint32_t *)km_chunks_at(&moves->before, i)]--;
    moves->counts[*(const uint32_t *)km_chunks_at(moves->now, i)]++;
  }
}

/* Goes through all rows: those marked, or all, whose sums are then zero. */
static km_status go_through(km_moves *moves, km_task *task, size_t rows) {
  size_t n = moves->blocks->data->rows.count;
  km_status status = KM_OK;
  for (size_t first = 0; first < n && status == KM_OK; first += rows) {
    stretch now = {moves, first, n - first < rows ? n : first + rows};
    if (task == add_columns) {
      list_rows(&now);
    }
    status = km_workers_run(moves->workers, moves->blocks->hooks, task, &now, count_tasks(moves));
  }
  return status;
}

static km_status take_anew(km_moves *moves) {
  size_t values = moves->values;
  memset(moves->high, 0, values * sizeof(double));
  memset(moves->low, 0, values * sizeof(double));
  memset(moves->peak, 0, values * sizeof(double));
  memset(moves->counts, 0, moves->k * sizeof *moves->counts);
  return go_through(moves, add_columns, moves->stretch);
}

static km_status take_moved(km_moves *moves) {
  count_moved(moves);
  return go_through(moves, move_columns, STRETCH_WORK / moves->blocks->data->dims + 1);
}

/* Raises the peaks; returns whether a sum has shrunk too far below its own. */
static int too_small(km_moves *moves) {
  size_t values = moves->values;
  int found = 0;
  for (size_t v = 0; v < values; v++) {
    double magnitude = fabs(moves->high[v]);
    found |= magnitude < SHRUNK * moves->peak[v];
    moves->peak[v] = magnitude > moves->peak[v] ? magnitude : moves->peak[v];
  }
  return found;
}

/* The rows of a k * columns array by their new numbers. */
static void reorder_rows(const km_moves *moves, double *rows, const uint32_t *to) {
  size_t columns = moves->columns;
  memcpy(moves->spare, rows, moves->k * columns * sizeof *rows);
  for (size_t c = 0; c < moves->k; c++) {
    memcpy(rows + to[c] * columns, moves->spare + c * columns, columns * sizeof *rows);
  }
}

void km_moves_reorder(km_moves *moves, const uint32_t *to) {
  for (size_t at = 0; at < moves->values; at += moves->k * moves->columns) {
    reorder_rows(moves, moves->high + at, to);
    reorder_rows(moves, moves->low + at, to);
    reorder_rows(moves, moves->peak + at, to);
  }
  for (size_t c = 0; c < moves->k; c++) {
    moves->start[to[c]] = moves->counts[c];
  }
  memcpy(moves->counts, moves->start, moves->k * sizeof *moves->counts);
}

km_status km_moves_apply(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  km_status status;
  if (moves->valid) {
    status = take_moved(moves);
    if (status == KM_OK && too_small(moves)) {
      status = take_anew(moves);
      too_small(moves);
    }
  } else {
    status = take_anew(moves);
    too_small(moves);
  }
  memset(moves->moved, 0, (n / 64 + 1) * 8);
  moves->valid = status == KM_OK;
  return status;
}
