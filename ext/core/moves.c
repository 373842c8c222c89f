#include "core/moves_part.h"

#include <math.h>
#include <string.h>

/* Coordinates that are added up between two questions whether to go on: about a millisecond. */
#define STRETCH_WORK ((size_t)1 << 21)

/* Coordinates of rows that are listed at a time while they lie in the cache, where slices have sums. */
#define CACHED_WORK ((size_t)1 << 14)

/* A sum this much smaller than it has been is taken anew, with the others of its cluster. */
#define SHRUNK 0x1p-30

/* Gets memory to mark the rows that move. */
static km_status start_marks(km_moves *moves) {
  km_hooks *hooks = moves->blocks->hooks;
  size_t n = moves->blocks->data->rows.count;
  moves->moved = km_allocate(hooks, n / 64 + 1, 8);
  if (!moves->moved) {
    return KM_NOMEM;
  }
  memset(moves->moved, 0, (n / 64 + 1) * 8);
  return km_chunks_fill(&moves->before, hooks, n);
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
  moves->values = km_part_tasks(moves) * moves->columns * k;
  km_chunks_init(&moves->before, sizeof(uint32_t));
  if (km_moves_start_slices(moves, slice_rows) != KM_OK) {
    return KM_NOMEM;
  }
  size_t work = (moves->slices > 0 ? CACHED_WORK : STRETCH_WORK) / dims;
  size_t least = moves->slices > 0 ? KM_MAX_TILE : 4 * k;
  moves->stretch = work > least ? work : least;
  moves->stretch = moves->stretch < n ? moves->stretch : n;
  moves->width = moves->slices > 0 ? dims : moves->columns;
  moves->high = km_allocate(hooks, moves->values, sizeof(double));
  moves->low = km_allocate(hooks, moves->values, sizeof(double));
  moves->peak = km_allocate(hooks, moves->values, sizeof(double));
  moves->shrunk = km_allocate(hooks, k, 1);
  moves->counts = km_allocate(hooks, k, sizeof *moves->counts);
  moves->room = km_allocate(hooks, count * 2 * KM_MOVES_BATCH, moves->width * sizeof(double));
  size_t lists = moves->slices > 0 ? count : 1;
  moves->listed = km_allocate(hooks, lists, moves->stretch * sizeof *moves->listed);
  moves->start = km_allocate(hooks, lists, (k + 1) * sizeof *moves->start);
  moves->spare = km_allocate(hooks, k, moves->columns * sizeof(double));
  if (!moves->spare || !moves->listed || !moves->start || !moves->room || !moves->high ||
      !moves->low || !moves->peak || !moves->shrunk || !moves->counts) {
    return KM_NOMEM;
  }
  return moves->slices == 0 ? start_marks(moves) : KM_OK;
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
    km_release(hooks, moves->shrunk);
    km_release(hooks, moves->counts);
    km_release(hooks, moves->slice_high);
    km_release(hooks, moves->slice_low);
    km_release(hooks, moves->gained);
    km_release(hooks, moves->touched);
    memset(moves, 0, sizeof *moves);
  }
}

void km_moves_note(km_moves *moves, size_t i, uint32_t from, uint32_t to, size_t worker) {
  if (moves->moved) {
    *(uint32_t *)km_chunks_at(&moves->before, i) = from;
    moves->moved[i / 8] |= (unsigned char)(1u << i % 8);
  } else if (moves->slices > 0 && !moves->anew) {
    km_moves_shift(moves, i, from, to, worker);
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

static void move_columns(void *context, size_t task, size_t worker) {
  const km_stretch *now = context;
  const km_moves *moves = now->moves;
  km_part own = km_part_of(now->moves, task, worker);
  size_t i = next_marked(moves, now->first, now->end);
  while (i < now->end) {
    size_t next = next_marked(moves, i + 1, now->end);
    km_part_fetch(&own, next);
    km_part_move(&own, i, *(const uint32_t *)km_chunks_at(&moves->before, i),
                 *(const uint32_t *)km_chunks_at(moves->now, i));
    i = next;
  }
}

static void add_columns(void *context, size_t task, size_t worker) {
  const km_stretch *now = context;
  km_part own = km_part_of(now->moves, task, worker);
  km_stretch_add(now, &own);
}

static void count_moved(km_moves *moves) {
  size_t n = moves->blocks->data->rows.count;
  for (size_t i = 0; (i = next_marked(moves, i, n)) < n; i++) {
    moves->counts[*(const uint32_t *)km_chunks_at(&moves->before, i)]--;
    moves->counts[*(const uint32_t *)km_chunks_at(moves->now, i)]++;
  }
}

/* How many rows are looked at between two questions whether to go on. */
static size_t some_rows(const km_moves *moves) {
  return STRETCH_WORK / moves->blocks->data->dims + 1;
}

/* Goes through all rows: those marked, or all, whose sums are then zero. */
static km_status go_through(km_moves *moves, km_task *task, size_t rows) {
  size_t n = moves->blocks->data->rows.count;
  km_status status = KM_OK;
  size_t end;
  for (size_t first = 0; first < n && status == KM_OK; first = end) {
    km_stretch now = km_stretch_of(moves, first, rows, 0);
    end = now.end;
    if (task == add_columns) {
      km_stretch_list(&now);
      for (size_t c = 0; c < moves->k; c++) {
        moves->counts[c] += now.start[c + 1] - now.start[c];
      }
    }
    status = km_workers_run(moves->workers, moves->blocks->hooks, task, &now, km_part_tasks(moves));
  }
  return status;
}

/* Values that are looked at between two questions whether to go on. */
#define SOME_VALUES ((size_t)1 << 18)

static km_status forget(km_moves *moves) {
  km_status status = KM_OK;
  size_t some;
  for (size_t v = 0; v < moves->values && status == KM_OK; v += some) {
    some = moves->values - v < SOME_VALUES ? moves->values - v : SOME_VALUES;
    memset(moves->high + v, 0, some * sizeof(double));
    memset(moves->low + v, 0, some * sizeof(double));
    memset(moves->peak + v, 0, some * sizeof(double));
    status = km_tick(moves->blocks->hooks, 4 * some);
  }
  memset(moves->counts, 0, moves->k * sizeof *moves->counts);
  return status;
}

/* Where slices have sums, the pass has taken theirs anew. */
static km_status take_anew(km_moves *moves) {
  km_status status = forget(moves);
  if (status == KM_OK && moves->slices == 0) {
    return go_through(moves, add_columns, moves->stretch);
  }
  return status == KM_OK ? km_moves_merge(moves) : status;
}

static km_status take_moved(km_moves *moves) {
  if (moves->slices > 0) {
    return km_moves_merge(moves);
  }
  count_moved(moves);
  return go_through(moves, move_columns, some_rows(moves));
}

/* The sum of no points is 0, whatever has been added and taken away. */
static km_status clear_empty(km_moves *moves) {
  km_status status = KM_OK;
  for (size_t task = 0; task < km_part_tasks(moves); task++) {
    for (size_t c = 0; c < moves->k && status == KM_OK; c++) {
      size_t at = km_moves_at(moves, c, task * moves->columns);
      size_t bytes = moves->counts[c] == 0 ? moves->columns * sizeof(double) : 0;
      memset(moves->high + at, 0, bytes);
      memset(moves->low + at, 0, bytes);
      memset(moves->peak + at, 0, bytes);
      status = km_tick(moves->blocks->hooks, bytes);
    }
  }
  return status;
}

/* Raises the peaks, and marks the clusters that have a sum which has shrunk too far below its own; *found:
** there are some. */
static km_status find_shrunk(km_moves *moves, int *found) {
  km_status status = KM_OK;
  *found = 0;
  memset(moves->shrunk, 0, moves->k);
  for (size_t v = 0; v < moves->values && status == KM_OK; v += moves->columns) {
    int shrunk = 0;
    for (size_t at = v; at < v + moves->columns; at++) {
      double magnitude = fabs(moves->high[at]);
      shrunk |= magnitude < SHRUNK * moves->peak[at];
      moves->peak[at] = magnitude > moves->peak[at] ? magnitude : moves->peak[at];
    }
    moves->shrunk[v / moves->columns % moves->k] |= (unsigned char)shrunk;
    *found |= shrunk;
    status = km_tick(moves->blocks->hooks, 4 * moves->columns);
  }
  return status;
}

/* The next row from i on of a cluster whose sums have shrunk, at most `end`. */
static size_t next_shrunk(const km_moves *moves, size_t i, size_t end) {
  while (i < end && !moves->shrunk[*(const uint32_t *)km_chunks_at(moves->now, i)]) {
    i++;
  }
  return i;
}

static void give_columns(void *context, size_t task, size_t worker) {
  const km_stretch *now = context;
  const km_moves *moves = now->moves;
  km_part own = km_part_of(now->moves, task, worker);
  size_t i = next_shrunk(moves, now->first, now->end);
  while (i < now->end) {
    size_t next = next_shrunk(moves, i + 1, now->end);
    km_part_fetch(&own, next);
    km_part_give(&own, i, *(const uint32_t *)km_chunks_at(moves->now, i));
    i = next;
  }
}

/* Takes anew the sums of the clusters that are marked. */
static km_status take_shrunk(km_moves *moves) {
  km_status status = KM_OK;
  size_t bytes = moves->columns * sizeof(double);
  for (size_t v = 0; v < moves->values && status == KM_OK; v += moves->columns) {
    if (moves->shrunk[v / moves->columns % moves->k]) {
      memset(moves->high + v, 0, bytes);
      memset(moves->low + v, 0, bytes);
      memset(moves->peak + v, 0, bytes);
      status = km_tick(moves->blocks->hooks, bytes);
    }
  }
  return status == KM_OK ? go_through(moves, give_columns, some_rows(moves)) : status;
}

/* The rows of a k * columns array by their new numbers. */
static km_status reorder_rows(const km_moves *moves, double *rows, const uint32_t *to) {
  size_t columns = moves->columns;
  km_status status = KM_OK;
  memcpy(moves->spare, rows, moves->k * columns * sizeof *rows);
  for (size_t c = 0; c < moves->k && status == KM_OK; c++) {
    memcpy(rows + to[c] * columns, moves->spare + c * columns, columns * sizeof *rows);
    status = km_tick(moves->blocks->hooks, 4 * columns);
  }
  return status;
}

km_status km_moves_reorder(km_moves *moves, const uint32_t *to) {
  km_status status = KM_OK;
  double *const kept[] = {moves->high, moves->low, moves->peak};
  for (size_t at = 0; at < moves->values; at += moves->k * moves->columns) {
    for (size_t a = 0; a < 3 && status == KM_OK; a++) {
      status = reorder_rows(moves, kept[a] + at, to);
    }
  }
  for (size_t c = 0; c < moves->k; c++) {
    moves->start[to[c]] = moves->counts[c];
  }
  memcpy(moves->counts, moves->start, moves->k * sizeof *moves->counts);
  return status;
}

/* Takes the sums anew that have lost too much; `all`: all have been. */
static km_status check(km_moves *moves, int all) {
  int shrunk = 0;
  int whole = 0;
  km_status status = clear_empty(moves);
  if (status == KM_OK) {
    status = find_shrunk(moves, &shrunk);
  }
  if (status != KM_OK || !shrunk || all) {
    return status;
  }
  status = km_blocks_whole(moves->blocks, &whole);
  if (status == KM_OK && !whole) {
    status = take_shrunk(moves);
    return status == KM_OK ? find_shrunk(moves, &shrunk) : status;
  }
  return status;
}

km_status km_moves_apply(km_moves *moves) {
  int all = moves->anew || !moves->valid;
  km_status status = all ? take_anew(moves) : take_moved(moves);
  if (status == KM_OK) {
    status = check(moves, all);
  }
  if (moves->moved) {
    memset(moves->moved, 0, (moves->blocks->data->rows.count / 64 + 1) * 8);
  }
  moves->valid = status == KM_OK;
  moves->anew = 0;
  return status;
}

void km_moves_change(km_moves *moves, size_t i, uint32_t from, uint32_t to) {
  for (size_t task = 0; task < km_part_tasks(moves); task++) {
    km_part own = km_part_of(moves, task, 0);
    km_part_move(&own, i, from, to);
  }
  moves->counts[from]--;
  moves->counts[to]++;
}
