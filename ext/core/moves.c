#include "core/moves.h"

#include <math.h>
#include <string.h>

/* The columns are cut into about this many tasks, of whole cache lines each. */
#define TASKS 8

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
  moves->columns = (dims + 8 * TASKS - 1) / (8 * TASKS) * 8;
  moves->values = (dims + moves->columns - 1) / moves->columns * moves->columns * k;
  km_chunks_init(&moves->before, sizeof(uint32_t));
  moves->moved = km_allocate(blocks->hooks, n / 64 + 1, 8);
  moves->high = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->low = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->peak = km_allocate(blocks->hooks, moves->values, sizeof(double));
  moves->counts = km_allocate(blocks->hooks, k, sizeof *moves->counts);
  moves->room = km_allocate(blocks->hooks, km_workers_count(workers) * moves->columns, 8);
  if (!moves->room || !moves->moved || !moves->high || !moves->low || !moves->peak ||
      !moves->counts) {
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

#define NONE UINT32_MAX

/* Adds row i to one cluster, and takes it from another unless that is NONE. */
static void move_row(const part *own, size_t i, uint32_t to, uint32_t from) {
  const km_moves *moves = own->moves;
  const km_kernels *kernels = moves->blocks->kernels;
  const double *row = km_dataset_part(moves->blocks->data, i, own->first, own->count, own->room);
  if (from != NONE) {
    size_t at = km_moves_at(moves, from, own->first);
    kernels->accumulate(moves->high + at, moves->low + at, row, own->count, -1);
  }
  size_t at = km_moves_at(moves, to, own->first);
  kernels->accumulate(moves->high + at, moves->low + at, row, own->count, 1);
}

/* Rows are read a few cache lines each, far from one another: no processor foresees that. */
static void fetch_row(const part *own, size_t i) {
  if (i < own->moves->blocks->data->rows.count) {
    km_dataset_fetch(own->moves->blocks->data, i, own->first, own->count);
  }
}

/* What one loop over the columns does. */
typedef struct pass {
  km_moves *moves;
  size_t first_row;
  size_t end_row;
  int all; /* every point, not only those moved */
} pass;

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

static void move_columns(void *context, size_t task, size_t worker) {
  const pass *now = context;
  km_moves *moves = now->moves;
  size_t i = now->first_row;
  part own = {moves, task * moves->columns, moves->columns, moves->room + worker * moves->columns};
  size_t left = moves->blocks->data->dims - own.first;
  own.count = left < own.count ? left : own.count;
  for (; now->all && i < now->end_row; i++) {
    fetch_row(&own, i + 16);
    move_row(&own, i, *(const uint32_t *)km_chunks_at(moves->now, i), NONE);
  }
  i = next_marked(moves, i, now->end_row);
  while (i < now->end_row) {
    size_t next = next_marked(moves, i + 1, now->end_row);
    fetch_row(&own, next);
    move_row(&own, i, *(const uint32_t *)km_chunks_at(moves->now, i),
             *(const uint32_t *)km_chunks_at(&moves->before, i));
    i = next;
  }
}

/* All columns, a stretch of rows at a time: no task takes long, and the pages of a stretch are known to
** the processor when the next task comes to them. */
static km_status move_all_columns(km_moves *moves, int all) {
  size_t n = moves->blocks->data->rows.count;
  size_t tasks = (moves->blocks->data->dims + moves->columns - 1) / moves->columns;
  size_t stretch = ((size_t)1 << (all ? 18 : 21)) / moves->blocks->data->dims + 1;
  km_status status = KM_OK;
  for (size_t first = 0; first < n && status == KM_OK; first += stretch) {
    size_t end = n - first < stretch ? n : first + stretch;
    pass now = {moves, first, end, all};
    status = km_workers_run(moves->workers, moves->blocks->hooks, move_columns, &now, tasks);
  }
  return status;
}

static void count_all(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  memset(moves->counts, 0, moves->k * sizeof *moves->counts);
  for (size_t i = 0; i < n; i++) {
    moves->counts[*(const uint32_t *)km_chunks_at(moves->now, i)]++;
  }
}

static void count_moved(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  for (size_t i = 0; (i = next_marked(moves, i, n)) < n; i++) {
    moves->counts[*(const uint32_t *)km_chunks_at(&moves->before, i)]--;
    moves->counts[*(const uint32_t *)km_chunks_at(moves->now, i)]++;
  }
}

static km_status take_anew(km_moves *moves) {
  size_t values = moves->values;
  memset(moves->high, 0, values * sizeof(double));
  memset(moves->low, 0, values * sizeof(double));
  memset(moves->peak, 0, values * sizeof(double));
  count_all(moves);
  return move_all_columns(moves, 1);
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

km_status km_moves_apply(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  km_status status;
  if (moves->valid) {
    count_moved(moves);
    status = move_all_columns(moves, 0);
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
