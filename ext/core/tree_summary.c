/* The last step of a fit with the tree engine: labels in the order of the rows, and for each cluster
** how many points there are, how far they lie and how far the furthest. */
#include "core/tree_engine.h"

static void write_label(const km_walk *walk, const km_node *leaf, uint64_t points, uint32_t label) {
  const uint32_t *row = km_tree_rows(&walk->state->tree, leaf->leaf);
  while (points) {
    *(uint32_t *)km_chunks_at(walk->summary->labels, row[km_next_bit(&points)]) = label;
  }
}

/* join_cluster where points have weights: the sum of these stands behind that of the distances. */
static void join_weighted(const km_walk *walk, const km_node *leaf, uint64_t points,
                          km_tally *tally, const double *distance) {
  const double *weights = km_tree_weights(&walk->state->tree, leaf->leaf);
  tally->count += (size_t)__builtin_popcountll(points);
  while (points) {
    size_t i = km_next_bit(&points);
    km_sum_add_product(&tally->sums[0], weights[i], distance[i]);
    km_sum_add(&tally->sums[1], weights[i]);
    if (weights[i] > 0 && distance[i] > tally->farthest) {
      tally->farthest = distance[i];
    }
  }
}

/* Some points of a leaf, with their distances, join a cluster. */
static void join_cluster(const km_walk *walk, const km_node *leaf, uint64_t points, uint32_t label,
                         const double *distance) {
  km_tally *tally = km_job_tally(walk, label);
  if (km_tree_weights(&walk->state->tree, leaf->leaf)) {
    join_weighted(walk, leaf, points, tally, distance);
    write_label(walk, leaf, points, label);
    return;
  }
  double own[KM_BLOCK];
  double nearest;
  double furthest;
  for (size_t i = 0; i < KM_BLOCK && points != UINT64_MAX; i++) {
    own[i] = points >> i & 1 ? distance[i] : 0;
  }
  km_sum sum =
      walk->state->tree.kernels->total(points == UINT64_MAX ? distance : own, &nearest, &furthest);
  km_sum_merge(&tally->sums[0], &sum);
  tally->farthest = furthest > tally->farthest ? furthest : tally->farthest;
  tally->count += (size_t)__builtin_popcountll(points);
  write_label(walk, leaf, points, label);
}

static double summarise_leaf(const km_walk *walk, size_t at, const uint32_t *candidate, size_t m) {
  const km_node *leaf = km_tree_node(&walk->state->tree, at);
  double distance[KM_BLOCK];
  km_tree_nearest(walk, at, candidate, m, distance);
  for (size_t c = 0; c < m; c++) {
    uint64_t owned = walk->owned[c] & km_leaf_points(leaf);
    if (owned) {
      join_cluster(walk, leaf, owned, candidate[c], distance);
    }
  }
  return 0;
}

static void summarise_node(const km_walk *walk, size_t at, uint32_t label) {
  const km_node *node = km_tree_node(&walk->state->tree, at);
  if (node->left > 0) {
    summarise_node(walk, at + 1, label);
    summarise_node(walk, km_tree_right(node, at), label);
  } else {
    summarise_leaf(walk, at, &label, 1);
  }
}

static const km_visitor summarising = {
    .uniform = summarise_node,
    .leaf = summarise_leaf,
    .thorough = 1,
};

static void merge_summary(void *context, uint32_t label, km_tally *tally) {
  const km_summary *summary = context;
  double *farthest = &summary->farthest[label];
  summary->sizes[label] += tally->count;
  km_sum_merge(&summary->inertias[label], &tally->sums[0]);
  *farthest = tally->farthest > *farthest ? tally->farthest : *farthest;
  if (summary->weights) {
    km_sum_merge(&summary->weights[label], &tally->sums[1]);
  }
}

km_status km_tree_summarise(km_engine *engine, const double *centroids, size_t k,
                            const km_summary *summary) {
  km_tree_state *state = engine->state;
  km_summary result = *summary;
  km_status status = km_tree_reserve(state, k);
  if (status == KM_OK) {
    status = km_tree_walk(state, &summarising, centroids, k, NULL, summary);
  }
  km_summary_clear(summary, k);
  if (status == KM_OK) {
    km_tree_merge(state, &result, merge_summary);
  }
  return status;
}
