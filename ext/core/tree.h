/* The points of a dataset in blocks, and a binary tree of boxes over the blocks.
**
** A leaf is one block: up to KM_BLOCK points that lie near each other, column by column, with the
** rows that they came from. Points of a leaf past its last repeat the first one. Nodes are in
** preorder: the left child of node i is i + 1, the right one i + 2 * left, where `left` is the
** number of leaves below the left child. Everything is in chunks; nothing changes after the build,
** but for `owner`, `hint`, `seen` and `expiry`, which belong to the run.
*/
#ifndef KM_CORE_TREE_H
#define KM_CORE_TREE_H

#include <stdint.h>

#include "core/blocks.h"
#include "simd/sum.h"
#include "core/workers.h"
#include "simd/block.h"

typedef struct km_node {
  uint32_t left;   /* leaves below the left child; 0: this is a leaf */
  uint32_t leaf;   /* the first leaf of the node */
  uint32_t points; /* how many */
  uint16_t owner;  /* the label of all its points, or KM_MIXED */
  uint16_t hint;   /* what the last visit found out, about which candidates, */
  uint64_t seen;   /* and until when it holds: see tree_walk.h */
  double expiry;
  double
      box[]; /* dims lower bounds, dims upper bounds; then the sum of the points, `sums` km_sum */
} km_node;

typedef struct km_tree {
  const km_dataset *data;
  const km_block_kernels *kernels;
  size_t dims;
  size_t sums;        /* in a sum of points: dims; with weights, and the sum of the weights */
  double weight_unit; /* what weights are multiplied by */
  size_t leaves;
  size_t depth;      /* nodes on the longest way down */
  km_chunks nodes;   /* 2 * leaves - 1 */
  km_chunks points;  /* per leaf, dims * KM_BLOCK doubles */
  km_chunks rows;    /* per leaf, KM_BLOCK uint32_t */
  km_chunks weights; /* per leaf, KM_BLOCK doubles, 0 past the last point; empty without weights */
} km_tree;

/* Builds the tree of the blocks' data, which has 1 .. 2^32 - 1 rows of at most KM_BLOCK_MAX_DIMS columns,
** whose squares are in the range of double. Depends on the data alone, not on the number of workers. After a
** failure km_tree_clear is still due. */
km_status km_tree_build(km_tree *tree, const km_blocks *blocks, km_workers *workers);
void km_tree_clear(km_tree *tree, km_hooks *hooks);

/* Orders the `points` points of the leaves from first_leaf on in space, and writes the nodes over
** them, the topmost at `node`. The leaves hold the points in any order, row by row, not column by
** column as afterwards; all are full but the last. `room`
** is memory for two lists of them, each of dims + 1 doubles a point. */
void km_tree_arrange(km_tree *tree, size_t node, size_t first_leaf, size_t points, double *room);

/* Sets box, sum, points and leaf of an inner node from its children. */
void km_tree_join(km_tree *tree, size_t node);

/* f(dims, ...), with the number of columns as a constant: for functions that touch every point. */
#define KM_BY_DIMS(dims, f, ...)                                                                   \
  ((dims) == 1   ? f(1, __VA_ARGS__)                                                               \
   : (dims) == 2 ? f(2, __VA_ARGS__)                                                               \
   : (dims) == 3 ? f(3, __VA_ARGS__)                                                               \
   : (dims) == 4 ? f(4, __VA_ARGS__)                                                               \
                 : f(KM_BLOCK_MAX_DIMS, __VA_ARGS__))
#define KM_INLINE static inline __attribute__((always_inline))

static inline km_node *km_tree_node(const km_tree *tree, size_t i) {
  return km_chunks_at(&tree->nodes, i);
}

static inline size_t km_tree_right(const km_node *node, size_t i) {
  return i + 2 * (size_t)node->left;
}

static inline double *km_tree_points(const km_tree *tree, size_t leaf) {
  return km_chunks_at(&tree->points, leaf);
}

/* The weights of the points of a leaf, times weight_unit; NULL where there are none. */
static inline double *km_tree_weights(const km_tree *tree, size_t leaf) {
  return tree->weights.count > 0 ? km_chunks_at(&tree->weights, leaf) : NULL;
}

static inline uint32_t *km_tree_rows(const km_tree *tree, size_t leaf) {
  return km_chunks_at(&tree->rows, leaf);
}

/* Adds a point, whose columns are KM_BLOCK apart, to sums with its weight. */
static inline void km_tree_add_weighted(const km_tree *tree, km_sum *sums, const double *point,
                                        double weight) {
  for (size_t j = 0; j < tree->dims; j++) {
    km_sum_add_product(&sums[j], weight, point[j * KM_BLOCK]);
  }
  km_sum_add(&sums[tree->dims], weight);
}

static inline km_sum *km_node_sums(km_node *node, size_t dims) {
  return (km_sum *)(node->box + 2 * dims);
}

#endif
