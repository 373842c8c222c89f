#include "core/moves.h"

#include <math.h>
#include <string.h>

/* Coordinates that are added up between two questions whether to go on: about a millisecond. */
#define STRETCH_WORK ((size_t)1 << 21)

/* Rows that are added to a sum at a time: what the kernel takes. */
#define BATCH KM_PANEL

/* Coordinates of rows that are listed at a time while they lie in the cache, where slices have sums. */
#define CACHED_WORK ((size_t)1 << 14)

/* Slices have sums where merging them is at most this share of adding up the points. At 16 bytes a
** coordinate they take an eighth of the memory of the points then. */
#define MERGE_SHARE 16
#define MERGE_SHARE_FLOATS 32

/* From this share of the points on, it costs less to add up all than to add and take away those that
** move: they are read from here and there. */
#define MOVE_SHARE 8

/* A sum this much smaller than it has been is taken anew. */
#define SHRUNK 0x1p-30

/* Gets memory for sums of slices, where they pay. */
static km_status start_slices(km_moves *moves, size_t slice_rows) {
  km_hooks *hooks = moves->blocks->hooks;
  size_t n = moves->blocks->data->rows.count;
  size_t dims = moves->blocks->data->dims;
  size_t slices = (n + slice_rows - 1) / slice_rows;
  size_t share = moves->blocks->data->element == KM_FLOAT ? MERGE_SHARE_FLOATS : MERGE_SHARE;
  moves->slice_rows = slice_rows;
  if (slices > n / share / moves->k) {
    return KM_OK;
  }
  moves->slices = slices;
  moves->slice_high = km_allocate(hooks, slices * moves->k, dims * sizeof(double));
  moves->slice_low = km_allocate(hooks, slices * moves->k, dims * sizeof(double));
  moves->slice_counts = km_allocate(hooks, slices * moves->k, sizeof *moves->slice_counts);
  return moves->slice_high && moves->slice_low && moves->slice_counts ? KM_OK : KM_NOMEM;
}

km_status km_moves_start(km_moves *moves, km_blocks *blocks, km_workers *workers, size_t k,
                         size_t slice_rows, const km_chunks *now) {
  km_hooks *hooks = blocks->hooks;
  size_t n = blocks->data->rows.count;
  size_t dims = blocks->data->dims;
  size_t count = km_workers_count(workers);
  km_moves_clear(moves);
  moves->blocks = blocks;
  moves->workers = workers;
  moves->k = k;
  moves->now = now;
  /* A task for each worker, of whole cache lines. */
  moves->columns = (dims + 8 * count - 1) / (8 * count) * 8;
  moves->values = (dims + moves->columns - 1) / moves->columns * moves->columns * k;
  km_chunks_init(&moves->before, sizeof(uint32_t));
  if (start_slices(moves, slice_rows) != KM_OK) {
    return KM_NOMEM;
  }
  size_t work = (moves->slices > 0 ? CACHED_WORK : STRETCH_WORK) / dims;
  size_t least = moves->slices > 0 ? KM_MAX_TILE : 4 * k;
  moves->stretch = work > least ? work : least;
  moves->stretch = moves->stretch < n ? moves->stretch : n;
  moves->width = moves->slices > 0 ? dims : moves->columns;
  moves->moved = km_allocate(hooks, n / 64 + 1, 8);
  moves->high = km_allocate(hooks, moves->values, sizeof(double));
  moves->low = km_allocate(hooks, moves->values, sizeof(double));
  moves->peak = km_allocate(hooks, moves->values, sizeof(double));
  moves->counts = km_allocate(hooks, k, sizeof *moves->counts);
  moves->room = km_allocate(hooks, count * 2 * BATCH, moves->width * sizeof(double));
  size_t lists = moves->slices > 0 ? count : 1;
  moves->listed = km_allocate(hooks, lists, moves->stretch * sizeof *moves->listed);
  moves->start = km_allocate(hooks, lists, (k + 1) * sizeof *moves->start);
  moves->spare = km_allocate(hooks, k, moves->columns * sizeof(double));
  if (!moves->spare || !moves->listed || !moves->start || !moves->room || !moves->moved ||
      !moves->high || !moves->low || !moves->peak || !moves->counts) {
    return KM_NOMEM;
  }
  memset(moves->moved, 0, (n / 64 + 1) * 8);
  return km_chunks_fill(&moves->before, hooks, n);
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
    km_release(hooks, moves->slice_high);
    km_release(hooks, moves->slice_low);
    km_release(hooks, moves->slice_counts);
    memset(moves, 0, sizeof *moves);
  }
}

/* Columns of all clusters' sums that one worker adds to. */
typedef struct part {
  km_moves *moves;
  size_t first;
  size_t count;
  double *high; /* of the first cluster, from column `first` on */
  double *low;
  size_t apart; /* from one cluster to the next */
  double *room;
} part;

static double *room_of(const km_moves *moves, size_t worker) {
  return moves->room + worker * 2 * BATCH * moves->width;
}

/* The columns of one task. */
static part part_of(km_moves *moves, size_t task, size_t worker) {
  size_t first = task * moves->columns;
  size_t at = km_moves_at(moves, 0, first);
  size_t left = moves->blocks->data->dims - first;
  size_t count = left < moves->columns ? left : moves->columns;
  return (part){moves,
                first,
                count,
                moves->high + at,
                moves->low + at,
                moves->columns,
                room_of(moves, worker)};
}

/* All columns of a slice's own sums. */
static part part_of_slice(km_moves *moves, size_t slice, size_t worker) {
  size_t dims = moves->blocks->data->dims;
  size_t at = slice * moves->k * dims;
  return (part){
      moves, 0, dims, moves->slice_high + at, moves->slice_low + at, dims, room_of(moves, worker)};
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
  size_t at = cluster * own->apart;
  own->moves->blocks->kernels->accumulate(own->high + at, own->low + at, row, own->count, sign);
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

/* Rows [first, end), and where they are listed. */
typedef struct stretch {
  km_moves *moves;
  size_t first;
  size_t end;
  uint32_t *listed;
  size_t *start;
} stretch;

static stretch stretch_of(km_moves *moves, size_t first, size_t end, size_t worker) {
  return (stretch){moves, first, end, moves->listed + worker * moves->stretch,
                   moves->start + worker * (moves->k + 1)};
}

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
      double *left = own.room + own.count;
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
static void add_left(const part *own, const stretch *now, size_t m, size_t count, size_t at,
                     const double **row) {
  const double *left[BATCH];
  for (size_t q = 0; q < count; q++) {
    double *product = own->room + q * own->count;
    double *rest = product + BATCH * own->count;
    weigh(own, now->first + now->listed[m + q], row[q], product, rest);
    row[q] = product;
    left[q] = rest;
  }
  own->moves->blocks->kernels->sum(own->high + at, own->low + at, left, count, own->count);
}

/* Adds up the listed rows, cluster by cluster. */
static void add_listed(const part *own, const stretch *now) {
  const km_moves *moves = own->moves;
  const km_dataset *data = moves->blocks->data;
  size_t rows = now->end - now->first;
  for (size_t c = 0; c < moves->k; c++) {
    size_t at = c * own->apart;
    for (size_t m = now->start[c]; m < now->start[c + 1]; m += BATCH) {
      const double *row[BATCH];
      size_t count = now->start[c + 1] - m < BATCH ? now->start[c + 1] - m : BATCH;
      for (size_t q = m + BATCH; q < m + 2 * BATCH && q < rows && moves->slices == 0; q++) {
        fetch_row(own, now->first + now->listed[q]);
      }
      for (size_t q = 0; q < count; q++) {
        row[q] = km_dataset_part(data, now->first + now->listed[m + q], own->first, own->count,
                                 own->room + q * own->count);
      }
      if (km_dataset_weighted(data)) {
        add_left(own, now, m, count, at, row);
      }
      moves->blocks->kernels->sum(own->high + at, own->low + at, row, count, own->count);
    }
  }
}

static void add_columns(void *context, size_t task, size_t worker) {
  const stretch *now = context;
  part own = part_of(now->moves, task, worker);
  add_listed(&own, now);
}

/* Lists the rows of a stretch by cluster, each cluster's in their order: a counting sort. Counts them,
** too. */
static void list_rows(const stretch *now, size_t *counts) {
  const km_moves *moves = now->moves;
  size_t *start = now->start;
  memset(start, 0, (moves->k + 1) * sizeof *start);
  for (size_t i = now->first; i < now->end; i++) {
    start[*(const uint32_t *)km_chunks_at(moves->now, i)]++;
  }
  size_t before = 0;
  for (size_t c = 0; c < moves->k; c++) {
    counts[c] += start[c];
    start[c] += before;
    before = start[c];
  }
  start[moves->k] = before;
  for (size_t i = now->end; i > now->first; i--) {
    now->listed[--start[*(const uint32_t *)km_chunks_at(moves->now, i - 1)]] =
        (uint32_t)(i - 1 - now->first);
  }
}

void km_moves_begin(km_moves *moves, size_t many) {
  size_t n = moves->blocks ? moves->blocks->data->rows.count : 0;
  moves->anew = moves->slices > 0 && (!moves->valid || many > n / MOVE_SHARE);
}

void km_moves_add(km_moves *moves, size_t first, size_t end, size_t worker) {
  size_t slice = first / moves->slice_rows;
  size_t *counts = moves->slice_counts + slice * moves->k;
  part own = part_of_slice(moves, slice, worker);
  if (first == slice * moves->slice_rows) {
    memset(own.high, 0, moves->k * own.apart * sizeof *own.high);
    memset(own.low, 0, moves->k * own.apart * sizeof *own.low);
    memset(counts, 0, moves->k * sizeof *counts);
  }
  for (; first < end; first += moves->stretch) {
    size_t rows = end - first < moves->stretch ? end - first : moves->stretch;
    stretch now = stretch_of(moves, first, first + rows, worker);
    list_rows(&now, counts);
    add_listed(&own, &now);
  }
}

static void add_slice(void *context, size_t slice, size_t worker) {
  km_moves *moves = context;
  size_t n = moves->blocks->data->rows.count;
  size_t first = slice * moves->slice_rows;
  km_moves_add(moves, first, n - first < moves->slice_rows ? n : first + moves->slice_rows, worker);
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
    stretch now = stretch_of(moves, first, n - first < rows ? n : first + rows, 0);
    if (task == add_columns) {
      list_rows(&now, moves->counts);
    }
    status = km_workers_run(moves->workers, moves->blocks->hooks, task, &now, count_tasks(moves));
  }
  return status;
}

static void forget(km_moves *moves) {
  size_t values = moves->values;
  memset(moves->high, 0, values * sizeof(double));
  memset(moves->low, 0, values * sizeof(double));
  memset(moves->peak, 0, values * sizeof(double));
  memset(moves->counts, 0, moves->k * sizeof *moves->counts);
}

/* Adds up the sums of the slices: km_sum_merge on each. */
static km_status merge_slices(km_moves *moves) {
  size_t k = moves->k;
  km_status status = KM_OK;
  forget(moves);
  for (size_t s = 0; s < moves->slices && status == KM_OK; s++) {
    for (size_t c = 0; c < k; c++) {
      moves->counts[c] += moves->slice_counts[s * k + c];
    }
    for (size_t task = 0; task < count_tasks(moves); task++) {
      part to = part_of(moves, task, 0);
      part from = part_of_slice(moves, s, 0);
      for (size_t c = 0; c < k; c++) {
        add_row(&to, from.high + c * from.apart + to.first, (uint32_t)c, 1);
        for (size_t j = 0; j < to.count; j++) {
          to.low[c * to.apart + j] += from.low[c * from.apart + to.first + j];
        }
      }
    }
    status = km_tick(moves->blocks->hooks, 2 * moves->values);
  }
  return status;
}

static km_status take_anew(km_moves *moves) {
  km_status status;
  if (moves->slices == 0) {
    forget(moves);
    return go_through(moves, add_columns, moves->stretch);
  }
  status = moves->anew ? KM_OK
                       : km_workers_run(moves->workers, moves->blocks->hooks, add_slice, moves,
                                        moves->slices);
  return status == KM_OK ? merge_slices(moves) : status;
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
  int all = moves->anew || !moves->valid;
  km_status status = all ? take_anew(moves) : take_moved(moves);
  if (status == KM_OK && too_small(moves) && !all) {
    status = take_anew(moves);
    too_small(moves);
  }
  memset(moves->moved, 0, (n / 64 + 1) * 8);
  moves->valid = status == KM_OK;
  moves->anew = 0;
  return status;
}
