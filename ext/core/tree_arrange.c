/* The lower part of the tree: a few thousand points at a time, in the cache of one worker.
**
** Points are sorted along the widest side of their box and halved twice, then sorted again. The sort
** is one counting sort on 256 equal intervals: it leaves points of one interval in any order, which
** costs the boxes a hundredth of their width and saves three quarters of the time of an exact one.
** It is stable, and so the same on every machine. */
#include <math.h>
#include <string.h>

#include "core/tree.h"
#include "simd/levels.h"

#define INTERVALS 256

/* A list holds a point as dims coordinates and its row, in dims + 1 doubles. */

KM_INLINE void find_box(const double *list, size_t dims, size_t count, double *box) {
  size_t width = dims + 1;
  double low[KM_BLOCK_MAX_DIMS];
  double high[KM_BLOCK_MAX_DIMS];
  KM_UNROLL
  for (size_t j = 0; j < dims; j++) {
    low[j] = high[j] = list[j];
  }
  for (size_t i = 1; i < count; i++) {
    KM_UNROLL
    for (size_t j = 0; j < dims; j++) {
      double value = list[i * width + j];
      low[j] = value < low[j] ? value : low[j];
      high[j] = value > high[j] ? value : high[j];
    }
  }
  memcpy(box, low, dims * sizeof *box);
  memcpy(box + dims, high, dims * sizeof *box);
}

/* Sorts `from` into `to` along the widest side of its box. Returns 0, and does nothing, where there
** is nothing to sort: all points are equal, or too near to scale. */
KM_INLINE int sort_dims(size_t dims, const double *from, double *to, size_t count) {
  double box[2 * KM_BLOCK_MAX_DIMS];
  uint32_t next[INTERVALS + 1] = {0};
  size_t width = dims + 1;
  size_t widest = 0;
  find_box(from, dims, count, box);
  for (size_t j = 1; j < dims; j++) {
    widest = box[dims + j] - box[j] > box[dims + widest] - box[widest] ? j : widest;
  }
  double low = box[widest];
  double side = box[dims + widest] - low;
  double scale = side > 0 ? (INTERVALS - 0.5) / side : INFINITY;
  if (!(scale < 1e300)) {
    return 0;
  }
  for (size_t i = 0; i < count; i++) {
    next[(uint32_t)(int32_t)((from[i * width + widest] - low) * scale) + 1]++;
  }
  for (size_t b = 1; b < INTERVALS; b++) {
    next[b] += next[b - 1];
  }
  for (size_t i = 0; i < count; i++) {
    const double *point = from + i * width;
    uint32_t at = next[(uint32_t)(int32_t)((point[widest] - low) * scale)]++;
    memcpy(to + at * width, point, width * sizeof(double));
  }
  return 1;
}

/* Copies a list into a block, and finds its box and sum. */
KM_INLINE void fill_dims(size_t dims, const km_tree *tree, const double *list, size_t count,
                         double *block, double *box, km_sum *sums) {
  size_t width = dims + 1;
  for (size_t i = 0; i < KM_BLOCK; i++) {
    const double *point = list + (i < count ? i * width : 0);
    KM_UNROLL
    for (size_t j = 0; j < dims; j++) {
      block[j * KM_BLOCK + i] = point[j];
    }
  }
  for (size_t j = 0; j < dims; j++) {
    sums[j] = tree->kernels->total(block + j * KM_BLOCK, &box[j], &box[dims + j]);
    if (count < KM_BLOCK) { /* that counts the first point too often */
      sums[j] = (km_sum){0, 0};
      for (size_t i = 0; i < count; i++) {
        km_sum_add(&sums[j], block[j * KM_BLOCK + i]);
      }
    }
  }
}

/* Takes the weights of a leaf's points, and its sums by them. */
static void weigh_leaf(const km_tree *tree, const km_node *leaf, km_sum *sums) {
  const uint32_t *rows = km_tree_rows(tree, leaf->leaf);
  const double *block = km_tree_points(tree, leaf->leaf);
  double *weights = km_tree_weights(tree, leaf->leaf);
  memset(sums, 0, tree->sums * sizeof *sums);
  for (size_t i = 0; i < KM_BLOCK; i++) {
    double given = i < leaf->points ? km_dataset_weight(tree->data, rows[i]) : 0;
    weights[i] = km_weight_in_sums(given, tree->weight_unit);
    km_tree_add_weighted(tree, sums, block + i, weights[i]);
  }
}

static void write_leaf(km_tree *tree, size_t at, size_t leaf, const double *list, size_t count) {
  size_t dims = tree->dims;
  km_node *node = km_tree_node(tree, at);
  uint32_t *rows = km_tree_rows(tree, leaf);
  node->left = 0;
  node->leaf = (uint32_t)leaf;
  node->points = (uint32_t)count;
  KM_BY_DIMS(dims, fill_dims, tree, list, count, km_tree_points(tree, leaf), node->box,
             km_node_sums(node, dims));
  for (size_t i = 0; i < count; i++) {
    memcpy(&rows[i], list + i * (dims + 1) + dims, sizeof rows[i]);
  }
  if (km_tree_weights(tree, leaf)) {
    weigh_leaf(tree, node, km_node_sums(node, dims));
  }
}

/* Writes the subtree over a list; `spare` is as long. The next `sorted` halvings need no sort. */
static void arrange(km_tree *tree, size_t at, size_t leaf, double *list, double *spare,
                    size_t count, int sorted) {
  size_t leaves = (count + KM_BLOCK - 1) / KM_BLOCK;
  if (leaves == 1) {
    write_leaf(tree, at, leaf, list, count);
    return;
  }
  if (sorted == 0) {
    sorted = 1000;
    if (KM_BY_DIMS(tree->dims, sort_dims, list, spare, count)) {
      double *other = list;
      list = spare;
      spare = other;
      sorted = 2;
    }
  }
  size_t left = leaves / 2;
  size_t half = left * KM_BLOCK * (tree->dims + 1);
  km_node *node = km_tree_node(tree, at);
  node->left = (uint32_t)left;
  arrange(tree, at + 1, leaf, list, spare, left * KM_BLOCK, sorted - 1);
  arrange(tree, km_tree_right(node, at), leaf + left, list + half, spare + half,
          count - left * KM_BLOCK, sorted - 1);
  km_tree_join(tree, at);
}

/* Makes a list of the points that the leaves from `leaf` on hold, row by row. */
KM_INLINE void list_dims(size_t dims, const km_tree *tree, size_t leaf, size_t count,
                         double *list) {
  size_t width = dims + 1;
  for (size_t first = 0; first < count; first += KM_BLOCK, leaf++) {
    const double *points = km_tree_points(tree, leaf);
    const uint32_t *rows = km_tree_rows(tree, leaf);
    size_t here = count - first < KM_BLOCK ? count - first : KM_BLOCK;
    for (size_t i = 0; i < here; i++) {
      double *to = list + (first + i) * width;
      memcpy(to, points + i * dims, dims * sizeof *to);
      memcpy(to + dims, &rows[i], sizeof rows[i]);
    }
  }
}

void km_tree_arrange(km_tree *tree, size_t node, size_t first_leaf, size_t points, double *room) {
  KM_BY_DIMS(tree->dims, list_dims, tree, first_leaf, points, room);
  arrange(tree, node, first_leaf, room, room + points * (tree->dims + 1), points, 0);
}

void km_tree_join(km_tree *tree, size_t at) {
  size_t dims = tree->dims;
  km_node *node = km_tree_node(tree, at);
  km_node *left = km_tree_node(tree, at + 1);
  km_node *right = km_tree_node(tree, km_tree_right(node, at));
  km_sum *sums = km_node_sums(node, dims);
  node->leaf = left->leaf;
  node->points = left->points + right->points;
  for (size_t j = 0; j < dims; j++) {
    size_t high = dims + j;
    node->box[j] = left->box[j] < right->box[j] ? left->box[j] : right->box[j];
    node->box[high] = left->box[high] > right->box[high] ? left->box[high] : right->box[high];
  }
  for (size_t s = 0; s < tree->sums; s++) {
    sums[s] = km_node_sums(left, dims)[s];
    km_sum_merge(&sums[s], &km_node_sums(right, dims)[s]);
  }
}
