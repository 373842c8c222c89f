/* The upper part of the tree, and the order of the whole build.
**
** A kd tree over a small sample divides space into cells that hold about CELL_POINTS points each.
** One pass finds the cell of every point and counts, a second one carries the points to the blocks
** of their cell, then every cell is arranged by itself: three loops over the data, all of which run
** in parallel. A cell that is much larger than it should be (one value that makes up half of the
** data) is cut into pieces, whatever they contain. Boxes are found from the points themselves: what
** happens here decides how fast the tree is, never what comes out of it. */
#include <string.h>

#include "core/random.h"
#include "core/tree.h"
#include "simd/levels.h"

#define CELL_POINTS 1024
#define CELL_SAMPLE 8
#define MAX_LEVELS 14
#define GROUP 16
#define PIECE_POINTS ((size_t)8192)

typedef struct piece {
  size_t node;
  size_t leaf;
  size_t points;
} piece;

typedef struct build {
  km_tree *tree;
  const km_dataset *data;
  km_hooks *hooks;
  km_workers *workers;
  size_t levels;  /* of the kd tree of the sample */
  size_t cells;   /* 2^levels */
  double *split;  /* per inner node of that tree, in heap order from 1: to the right from here on */
  uint8_t *axis;  /* along this column */
  double *sample; /* rows */
  size_t slice_rows;
  size_t slices;
  km_chunks cell;   /* of each point: GROUP uint16_t */
  uint32_t *count;  /* slices * cells: points; then the position of the next one in its cell */
  size_t *first;    /* cells + 1: leaves before the cell */
  uint32_t *total;  /* cells: points */
  km_chunks pieces; /* piece */
  km_chunks joins;  /* size_t: nodes above the pieces, parents first */
  double *room;     /* of each worker */
} build;

static void swap_rows(double *a, double *b, size_t dims) {
  for (size_t j = 0; j < dims; j++) {
    double value = a[j];
    a[j] = b[j];
    b[j] = value;
  }
}

/* Quickselect: afterwards rows before the middle are at most, and those after it at least, what
** the middle one is along the axis. */
static void select_middle(double *rows, size_t count, size_t dims, size_t axis) {
  size_t middle = count / 2;
  size_t low = 0;
  size_t high = count - 1;
  while (low < high) {
    double pivot = rows[(low + (high - low) / 2) * dims + axis];
    size_t i = low;
    size_t j = high;
    for (;;) {
      while (rows[i * dims + axis] < pivot) {
        i++;
      }
      while (rows[j * dims + axis] > pivot) {
        j--;
      }
      if (i >= j) {
        break;
      }
      swap_rows(rows + i * dims, rows + j * dims, dims);
      i++;
      j--;
    }
    /* Rows up to j are at most the pivot, rows from j + 1 on at least; j < high. */
    if (middle <= j) {
      high = j;
    } else {
      low = j + 1;
    }
  }
}

static size_t widest_axis(const double *rows, size_t count, size_t dims) {
  size_t widest = 0;
  double width = -1;
  for (size_t j = 0; j < dims; j++) {
    double low = rows[j];
    double high = rows[j];
    for (size_t i = 1; i < count; i++) {
      low = rows[i * dims + j] < low ? rows[i * dims + j] : low;
      high = rows[i * dims + j] > high ? rows[i * dims + j] : high;
    }
    if (high - low > width) {
      width = high - low;
      widest = j;
    }
  }
  return widest;
}

/* Splits a sample of at least two rows for each cell below node h of the heap. */
static void split_sample(build *b, size_t h, double *rows, size_t count) {
  size_t dims = b->tree->dims;
  if (h >= b->cells) {
    return;
  }
  size_t axis = widest_axis(rows, count, dims);
  select_middle(rows, count, dims, axis);
  b->axis[h] = (uint8_t)axis;
  b->split[h] = rows[count / 2 * dims + axis];
  split_sample(b, 2 * h, rows, count / 2);
  split_sample(b, 2 * h + 1, rows + count / 2 * dims, count - count / 2);
}

static km_status divide_space(build *b) {
  size_t dims = b->tree->dims;
  size_t n = b->data->rows.count;
  size_t count = b->cells * CELL_SAMPLE;
  km_random random;
  km_random_seed(&random, 0);
  b->split = km_allocate(b->hooks, b->cells, sizeof *b->split);
  b->axis = km_allocate(b->hooks, b->cells, sizeof *b->axis);
  b->sample = km_allocate(b->hooks, count, dims * sizeof(double));
  if (!b->split || !b->axis || !b->sample) {
    return KM_NOMEM;
  }
  if (b->levels > 0) {
    for (size_t i = 0; i < count; i++) {
      km_dataset_copy(b->data, (size_t)km_random_below(&random, n), b->sample + i * dims);
    }
    split_sample(b, 1, b->sample, count);
  }
  km_release(b->hooks, b->sample);
  b->sample = NULL;
  return km_tick(b->hooks, count * b->levels * 8);
}

/* The rows of a group, one after the other: where they are, or copied to `room`. */
KM_INLINE const double *group_rows(size_t dims, const km_dataset *data, size_t first, size_t count,
                                   double *room) {
  if (count == GROUP && data->direct && km_chunks_run(&data->rows, first) >= GROUP) {
    return km_chunks_at(&data->rows, first);
  }
  for (size_t p = 0; p < GROUP; p++) {
    km_dataset_copy(data, first + (p < count ? p : 0), room + p * dims);
  }
  return room;
}

/* Goes down the kd tree with GROUP points at a time: each step waits for the one before, and so the
** steps of several points had better overlap. */
KM_INLINE void find_group(size_t dims, const build *b, const double *rows, size_t h[GROUP]) {
  const double *split = b->split;
  const uint8_t *axis = b->axis;
  for (size_t p = 0; p < GROUP; p++) {
    h[p] = 1;
  }
  for (size_t level = 0; level < b->levels; level++) {
    KM_UNROLL
    for (size_t p = 0; p < GROUP; p++) {
      h[p] = 2 * h[p] + (rows[p * dims + axis[h[p]]] >= split[h[p]]);
    }
  }
}

static size_t slice_end(const build *b, size_t slice) {
  size_t n = b->data->rows.count;
  return n - slice * b->slice_rows < b->slice_rows ? n : (slice + 1) * b->slice_rows;
}

KM_INLINE void find_dims(size_t dims, build *b, size_t slice) {
  size_t end = slice_end(b, slice);
  uint32_t *counts = b->count + slice * b->cells;
  double room[GROUP * KM_BLOCK_MAX_DIMS];
  memset(counts, 0, b->cells * sizeof *counts);
  for (size_t i = slice * b->slice_rows; i < end; i += GROUP) {
    size_t count = end - i < GROUP ? end - i : GROUP;
    uint16_t *cell = km_chunks_at(&b->cell, i / GROUP);
    size_t h[GROUP];
    find_group(dims, b, group_rows(dims, b->data, i, count, room), h);
    for (size_t p = 0; p < count; p++) {
      cell[p] = (uint16_t)(h[p] - b->cells);
      counts[cell[p]]++;
    }
  }
}

static void find_cells(void *context, size_t slice, size_t worker) {
  build *b = context;
  (void)worker;
  KM_BY_DIMS(b->tree->dims, find_dims, b, slice);
}

/* Turns counts into positions, and gives each cell its leaves. */
static void place_cells(build *b) {
  b->first[0] = 0;
  for (size_t c = 0; c < b->cells; c++) {
    uint32_t points = 0;
    for (size_t s = 0; s < b->slices; s++) {
      uint32_t here = b->count[s * b->cells + c];
      b->count[s * b->cells + c] = points;
      points += here;
    }
    b->total[c] = points;
    b->first[c + 1] = b->first[c] + (points + KM_BLOCK - 1) / KM_BLOCK;
  }
}

/* Carries points and the numbers of their rows to the leaves of their cells, where they are row by row
** until they are arranged: a place to write to per cell, not one per column of it. */
KM_INLINE void carry_dims(size_t dims, build *b, size_t slice) {
  size_t end = slice_end(b, slice);
  uint32_t *position = b->count + slice * b->cells;
  double room[GROUP * KM_BLOCK_MAX_DIMS];
  for (size_t i = slice * b->slice_rows; i < end; i += GROUP) {
    size_t count = end - i < GROUP ? end - i : GROUP;
    const uint16_t *cell = km_chunks_at(&b->cell, i / GROUP);
    const double *rows = group_rows(dims, b->data, i, count, room);
    for (size_t p = 0; p < count; p++) {
      uint32_t at = position[cell[p]]++;
      size_t leaf = b->first[cell[p]] + at / KM_BLOCK;
      double *to = km_tree_points(b->tree, leaf) + at % KM_BLOCK * dims;
      memcpy(to, rows + p * dims, dims * sizeof *to);
      km_tree_rows(b->tree, leaf)[at % KM_BLOCK] = (uint32_t)(i + p);
    }
  }
}

static void carry_points(void *context, size_t slice, size_t worker) {
  build *b = context;
  (void)worker;
  KM_BY_DIMS(b->tree->dims, carry_dims, b, slice);
}

static km_status add_join(build *b, size_t node, size_t left, size_t depth) {
  size_t *join = km_chunks_push(&b->joins, b->hooks);
  if (!join) {
    return KM_NOMEM;
  }
  *join = node;
  km_tree_node(b->tree, node)->left = (uint32_t)left;
  b->tree->depth = depth > b->tree->depth ? depth : b->tree->depth;
  return KM_OK;
}

/* Plans the nodes over the points of one cell, from leaf `first` on. */
static km_status plan_pieces(build *b, size_t node, size_t first, size_t points, size_t depth) {
  if (points <= PIECE_POINTS) {
    piece *next = km_chunks_push(&b->pieces, b->hooks);
    if (!next) {
      return KM_NOMEM;
    }
    *next = (piece){node, first, points};
    b->tree->depth = depth > b->tree->depth ? depth : b->tree->depth;
    return KM_OK;
  }
  size_t half = ((points + PIECE_POINTS - 1) / PIECE_POINTS) / 2 * PIECE_POINTS;
  size_t left = half / KM_BLOCK;
  km_status status = add_join(b, node, left, depth);
  if (status == KM_OK) {
    status = plan_pieces(b, node + 1, first, half, depth + 1);
  }
  if (status == KM_OK) {
    status = plan_pieces(b, node + 2 * left, first + left, points - half, depth + 1);
  }
  return status;
}

/* Plans the nodes over the cells [begin, end), a power of two, which are not all empty. */
static km_status plan_cells(build *b, size_t node, size_t begin, size_t end, size_t depth) {
  size_t middle = begin + (end - begin) / 2;
  size_t left = b->first[middle] - b->first[begin];
  size_t right = b->first[end] - b->first[middle];
  if (end - begin == 1) {
    return plan_pieces(b, node, b->first[begin], b->total[begin], depth);
  }
  if (left == 0) {
    return plan_cells(b, node, middle, end, depth);
  }
  if (right == 0) {
    return plan_cells(b, node, begin, middle, depth);
  }
  km_status status = add_join(b, node, left, depth);
  if (status == KM_OK) {
    status = plan_cells(b, node + 1, begin, middle, depth + 1);
  }
  if (status == KM_OK) {
    status = plan_cells(b, node + 2 * left, middle, end, depth + 1);
  }
  return status;
}

static size_t piece_room(const build *b) {
  size_t n = b->data->rows.count;
  return 2 * (n < PIECE_POINTS ? n : PIECE_POINTS) * (b->tree->dims + 1);
}

static void arrange_piece(void *context, size_t slice, size_t worker) {
  build *b = context;
  const piece *own = km_chunks_at(&b->pieces, slice);
  km_tree_arrange(b->tree, own->node, own->leaf, own->points, b->room + worker * piece_room(b));
}

static km_status prepare(build *b) {
  size_t n = b->data->rows.count;
  while (b->levels < MAX_LEVELS && n >> (b->levels + 1) >= CELL_POINTS) {
    b->levels++;
  }
  b->cells = (size_t)1 << b->levels;
  b->slice_rows = n / 128 > 16384 ? n / 128 : 16384;
  b->slice_rows = (b->slice_rows + GROUP - 1) / GROUP * GROUP;
  b->slices = (n + b->slice_rows - 1) / b->slice_rows;
  km_chunks_init(&b->cell, GROUP * sizeof(uint16_t));
  km_chunks_init(&b->pieces, sizeof(piece));
  km_chunks_init(&b->joins, sizeof(size_t));
  b->count = km_allocate(b->hooks, b->slices * b->cells, sizeof *b->count);
  b->first = km_allocate(b->hooks, b->cells + 1, sizeof *b->first);
  b->total = km_allocate(b->hooks, b->cells, sizeof *b->total);
  b->room = km_allocate(b->hooks, km_workers_count(b->workers) * piece_room(b), sizeof(double));
  if (!b->count || !b->first || !b->total || !b->room) {
    return KM_NOMEM;
  }
  return km_chunks_fill(&b->cell, b->hooks, (n + GROUP - 1) / GROUP);
}

/* Blocks for all points and nodes over the blocks, not yet filled. */
static km_status reserve(build *b) {
  km_tree *tree = b->tree;
  tree->leaves = b->first[b->cells];
  km_status status = km_chunks_fill(&tree->points, b->hooks, tree->leaves);
  if (status == KM_OK) {
    status = km_chunks_fill(&tree->rows, b->hooks, tree->leaves);
  }
  if (status == KM_OK) {
    status = km_chunks_fill(&tree->nodes, b->hooks, 2 * tree->leaves - 1);
  }
  if (status == KM_OK && km_dataset_weighted(b->data)) {
    status = km_chunks_fill(&tree->weights, b->hooks, tree->leaves);
  }
  return status;
}

static km_status run_build(build *b) {
  km_status status = prepare(b);
  if (status == KM_OK) {
    status = divide_space(b);
  }
  if (status == KM_OK) {
    status = km_workers_run(b->workers, b->hooks, find_cells, b, b->slices);
  }
  if (status == KM_OK) {
    place_cells(b);
    status = reserve(b);
  }
  if (status == KM_OK) {
    status = plan_cells(b, 0, 0, b->cells, 1);
  }
  if (status == KM_OK) {
    status = km_workers_run(b->workers, b->hooks, carry_points, b, b->slices);
  }
  if (status == KM_OK) {
    status = km_workers_run(b->workers, b->hooks, arrange_piece, b, b->pieces.count);
  }
  for (size_t i = b->joins.count; i > 0 && status == KM_OK; i--) {
    km_tree_join(b->tree, *(const size_t *)km_chunks_at(&b->joins, i - 1));
  }
  return status;
}

km_status km_tree_build(km_tree *tree, const km_blocks *blocks, km_workers *workers) {
  const km_dataset *data = blocks->data;
  km_hooks *hooks = blocks->hooks;
  build b = {.tree = tree, .data = data, .hooks = hooks, .workers = workers};
  memset(tree, 0, sizeof *tree);
  tree->data = data;
  tree->kernels = blocks->kernels->block;
  tree->weight_unit = blocks->weight_unit;
  tree->dims = data->dims;
  tree->sums = data->dims + (size_t)km_dataset_weighted(data);
  km_chunks_init(&tree->nodes,
                 sizeof(km_node) + 2 * data->dims * sizeof(double) + tree->sums * sizeof(km_sum));
  km_chunks_init(&tree->weights, KM_BLOCK * sizeof(double));
  km_chunks_init(&tree->points, data->dims * KM_BLOCK * sizeof(double));
  km_chunks_init(&tree->rows, KM_BLOCK * sizeof(uint32_t));
  km_status status = run_build(&b);
  for (size_t points = PIECE_POINTS; points > KM_BLOCK; points /= 2) {
    tree->depth++; /* below a piece */
  }
  km_release(hooks, b.split);
  km_release(hooks, b.axis);
  km_release(hooks, b.sample);
  km_release(hooks, b.count);
  km_release(hooks, b.first);
  km_release(hooks, b.total);
  km_release(hooks, b.room);
  km_chunks_clear(&b.cell, hooks);
  km_chunks_clear(&b.pieces, hooks);
  km_chunks_clear(&b.joins, hooks);
  return status;
}

void km_tree_clear(km_tree *tree, km_hooks *hooks) {
  km_chunks_clear(&tree->nodes, hooks);
  km_chunks_clear(&tree->points, hooks);
  km_chunks_clear(&tree->rows, hooks);
  km_chunks_clear(&tree->weights, hooks);
}
