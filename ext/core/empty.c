/* How the points for empty clusters are found.
**
** The rule takes one point after the other, each the furthest from its own centroid that is allowed.
** Distances do not change on the way, and what is not allowed once never becomes so again: a cluster
** only shrinks, and values only get taken. So the points can be gone through once, the furthest
** first. They are gathered some at a time, each pass over the data keeping those that come next in a
** heap: mostly one pass is enough, and memory stays small.
*/
#include "core/empty.h"

#include <math.h>
#include <string.h>

#include "core/row_set.h"

typedef struct candidate {
  double distance; /* squared, to the centroid of its cluster, times unit^2 */
  size_t row;
} candidate;

/* The candidates that come next, the last of them on top. */
typedef struct queue {
  candidate *heap;
  size_t count;
  size_t room;
} queue;

/* True when a is asked before b. */
static int before(candidate a, candidate b) {
  return a.distance != b.distance ? a.distance > b.distance : a.row < b.row;
}

static void sift_down(queue *next, size_t at) {
  candidate item = next->heap[at];
  size_t child;
  while ((child = 2 * at + 1) < next->count) {
    if (child + 1 < next->count && before(next->heap[child], next->heap[child + 1])) {
      child++;
    }
    if (!before(item, next->heap[child])) {
      break;
    }
    next->heap[at] = next->heap[child];
    at = child;
  }
  next->heap[at] = item;
}

/* Puts a candidate in; when there is no more room, the last one falls out. */
static void offer(queue *next, candidate item) {
  if (next->count < next->room) {
    size_t at = next->count++;
    while (at > 0 && before(next->heap[(at - 1) / 2], item)) {
      next->heap[at] = next->heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    next->heap[at] = item;
  } else if (before(item, next->heap[0])) {
    next->heap[0] = item;
    sift_down(next, 0);
  }
}

/* Whether a row is known to come after all candidates there is room for. Of one that has been moved the
** engine may say anything: its turn is over. */
static int comes_later(const km_lloyd *lloyd, size_t i, int running, const queue *next) {
  const km_engine *engine = lloyd->engine;
  return running && engine->type->reach && next->count == next->room &&
         engine->type->reach(engine, i) < next->heap[0].distance;
}

/* Gathers the candidates that come after `last`. */
static km_status gather(const km_lloyd *lloyd, candidate last, int running, queue *next) {
  km_blocks *blocks = lloyd->engine->blocks;
  size_t dims = blocks->data->dims;
  km_status status = KM_OK;
  next->count = 0;
  for (size_t i = 0; i < blocks->data->rows.count && status == KM_OK; i++) {
    if (comes_later(lloyd, i, running, next)) {
      status = km_tick(blocks->hooks, 4);
      continue;
    }
    uint32_t label = *(const uint32_t *)km_chunks_at(lloyd->labels, i);
    candidate item = {km_blocks_distance(blocks, i, lloyd->centroids + label * dims), i};
    if (before(last, item)) {
      offer(next, item);
    }
    status = km_tick(blocks->hooks, dims + 16);
  }
  return status;
}

/* Sorts the heap: the first candidate comes first. */
static void sort(queue *next) {
  size_t all = next->count;
  while (next->count > 1) {
    candidate last = next->heap[0];
    next->heap[0] = next->heap[--next->count];
    next->heap[next->count] = last;
    sift_down(next, 0);
  }
  next->count = all;
}

/* Moves a point to the empty cluster c, if it may: it must not be all of its cluster, nor lie on its
** centroid, nor equal a point that was moved before (all in `taken`). */
static int move(km_lloyd *lloyd, size_t i, size_t c, int centroids, km_row_set *taken) {
  const km_dataset *data = lloyd->engine->blocks->data;
  const double *row = km_dataset_row(data, i, lloyd->engine->blocks->row);
  uint32_t *label = km_chunks_at(lloyd->labels, i);
  int part = km_dataset_weight(data, i) > 1;
  if ((lloyd->counts[*label] < 2 && !part) ||
      km_rows_equal(row, lloyd->centroids + *label * data->dims, data->dims) ||
      !km_row_set_add(taken, i)) {
    return 0;
  }
  if (part && lloyd->engine->rest) {
    lloyd->engine->rest[c] = *label;
  }
  lloyd->counts[*label] -= !part;
  lloyd->counts[c] = 1;
  if (centroids) {
    memcpy(lloyd->centroids + c * data->dims, row, data->dims * sizeof(double));
  } else if (lloyd->engine->type->relabel) {
    lloyd->engine->type->relabel(lloyd->engine, i, *label, (uint32_t)c);
  }
  *label = (uint32_t)c;
  return 1;
}

/* Fills all empty clusters, in ascending order. There are points enough while there are at least k
** distinct ones: every full cluster whose points may not move accounts for one value only, and so
** does every point that was moved. */
static km_status fill(km_lloyd *lloyd, int centroids, queue *next, km_row_set *taken,
                      size_t *filled) {
  candidate last = {INFINITY, 0};
  km_status status = KM_OK;
  size_t at = 0;
  size_t c = 0;
  next->count = 0;
  while (status == KM_OK && c < lloyd->k) {
    if (lloyd->counts[c] > 0) {
      c++;
    } else if (at < next->count) {
      last = next->heap[at++];
      *filled += (size_t)move(lloyd, last.row, c, centroids, taken);
    } else {
      status = gather(lloyd, last, !centroids, next);
      sort(next);
      at = 0;
      if (next->count == 0) {
        break; /* unreached: see above; but better an empty cluster than an endless loop */
      }
    }
  }
  return status;
}

km_status km_fill_empty(km_lloyd *lloyd, int centroids, size_t *filled) {
  km_blocks *blocks = lloyd->engine->blocks;
  km_hooks *hooks = blocks->hooks;
  km_status status = KM_NOMEM;
  km_row_set taken = {.slot = NULL};
  queue next = {.heap = NULL};
  size_t empty = 0;
  *filled = 0;
  for (size_t c = 0; c < lloyd->k; c++) {
    empty += lloyd->counts[c] == 0;
  }
  if (empty == 0) {
    return KM_OK;
  }
  next.room = 2 * empty + 64;
  next.heap = km_allocate(hooks, next.room, sizeof *next.heap);
  if (next.heap) {
    status = km_row_set_init(&taken, hooks, empty, blocks->data);
  }
  if (status == KM_OK) {
    status = fill(lloyd, centroids, &next, &taken, filled);
  }
  km_row_set_clear(&taken, hooks);
  km_release(hooks, next.heap);
  return status;
}
