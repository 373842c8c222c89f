/* The assign step of the tree engine.
**
** A node whose points all have one label is its `owner`'s, and what its descendants hold is out of
** date: labels are pushed down only when the walk has to look below. So a node that keeps its owner
** costs nothing, and one that changes it costs one addition of its sum, once the box has decided.
**
** The sums of the clusters are kept from call to call and only what moves is added and subtracted.
** They are of twice double precision and normalised after each call, so that their error stays near
** 2^-106 of the terms, as that of a fresh sum does, and the centroids, rounded once to 2^-53, are
** those of the plain engine. But terms that have left leave their error behind: when an outlier of
** 1e9 moves on from a cluster of small values, the error is large beside what remains. So `terms`
** adds up the magnitudes of all terms that came and went, and where a sum is smaller than that by
** more than SAFE_RATIO, which leaves 20 bits beyond the 53, it is taken anew. */
#include <math.h>
#include <string.h>

#include "core/tree_engine.h"

#define SAFE_RATIO 0x1p+33
#define TINY_STEP 0x1p-400 /* where the square of a step underflows */

static uint16_t *labels_of(const km_tree_state *state, size_t leaf) {
  return km_chunks_at(&state->labels, leaf);
}

/* The label of all points of a leaf becomes that of each. */
static void spread_label(const km_tree_state *state, km_node *leaf) {
  if (leaf->owner != KM_MIXED) {
    uint16_t *labels = labels_of(state, leaf->leaf);
    for (size_t i = 0; i < KM_BLOCK; i++) {
      labels[i] = (uint16_t)leaf->owner;
    }
    leaf->owner = KM_MIXED;
  }
}

static void push_down(const km_walk *walk, size_t at) {
  km_node *node = km_tree_node(&walk->state->tree, at);
  if (node->owner != KM_MIXED) {
    km_node *left = km_tree_node(&walk->state->tree, at + 1);
    km_node *right = km_tree_node(&walk->state->tree, km_tree_right(node, at));
    left->owner = node->owner;
    right->owner = node->owner;
    km_node_forget(left);
    km_node_forget(right);
    node->owner = KM_MIXED;
  }
}

static void pull_up(const km_walk *walk, size_t at) {
  km_node *node = km_tree_node(&walk->state->tree, at);
  uint32_t left = km_tree_node(&walk->state->tree, at + 1)->owner;
  uint32_t right = km_tree_node(&walk->state->tree, km_tree_right(node, at))->owner;
  if (left == right) {
    node->owner = (uint16_t)left;
  }
}

/* Adds a point of a leaf, the i-th, to sums and the magnitudes of their terms; with sign -1, takes it
** away. */
static void add_point(const km_tree *tree, size_t leaf, size_t i, double sign, km_sum *sums,
                      double *terms) {
  const double *point = km_tree_points(tree, leaf) + i;
  const double *weights = km_tree_weights(tree, leaf);
  if (weights) {
    km_tree_add_weighted(tree, sums, point, sign * weights[i]);
    for (size_t j = 0; j < tree->dims; j++) {
      terms[j] += fabs(weights[i] * point[j * KM_BLOCK]);
    }
    terms[tree->dims] += weights[i];
    return;
  }
  for (size_t j = 0; j < tree->dims; j++) {
    km_sum_add(&sums[j], sign * point[j * KM_BLOCK]);
    terms[j] += fabs(point[j * KM_BLOCK]);
  }
}

/* At least the sum of the magnitudes of all terms in sum s of a node. */
static double node_terms(const km_tree *tree, km_node *node, size_t s) {
  size_t dims = tree->dims;
  double weight = (double)node->points;
  if (tree->sums > dims) { /* with room for the rounding of a sum */
    weight = km_sum_value(&km_node_sums(node, dims)[dims]) * (1 + 0x1p-50);
  }
  return s == dims ? weight : weight * fmax(fabs(node->box[s]), fabs(node->box[dims + s]));
}

/* Some points of a leaf, whose labels have been spread, get another label. */
static KM_WRAPS void move_points(const km_walk *walk, const km_node *leaf, uint64_t points,
                                 uint32_t label) {
  const km_tree_state *state = walk->state;
  const km_tree *tree = &state->tree;
  uint16_t *labels = labels_of(state, leaf->leaf);
  km_tally *to = km_job_tally(walk, label);
  while (points) {
    size_t i = km_next_bit(&points);
    add_point(tree, leaf->leaf, i, 1, to->sums, km_tally_terms(to, tree->sums));
    to->count++;
    walk->job->moved++;
    if (labels[i] != KM_TREE_NO_LABEL) {
      km_tally *from = km_job_tally(walk, labels[i]);
      add_point(tree, leaf->leaf, i, -1, from->sums, km_tally_terms(from, tree->sums));
      from->count--;
    }
    labels[i] = (uint16_t)label;
  }
}

/* All points of a node go from one owner to another. */
static KM_WRAPS void move_node(const km_walk *walk, km_node *node, uint32_t label) {
  const km_tree *tree = &walk->state->tree;
  const km_sum *sums = km_node_sums(node, tree->dims);
  km_tally *to = km_job_tally(walk, label);
  for (size_t s = 0; s < tree->sums; s++) {
    km_sum_merge(&to->sums[s], &sums[s]);
    km_tally_terms(to, tree->sums)[s] += node_terms(tree, node, s);
  }
  to->count += node->points;
  if (node->owner != KM_TREE_NO_LABEL) {
    km_tally *from = km_job_tally(walk, node->owner);
    for (size_t s = 0; s < tree->sums; s++) {
      km_sum less = {-sums[s].high, -sums[s].low};
      km_sum_merge(&from->sums[s], &less);
      km_tally_terms(from, tree->sums)[s] += node_terms(tree, node, s);
    }
    from->count -= node->points;
  }
  walk->job->moved += node->points;
  node->owner = (uint16_t)label;
}

static void give_node(const km_walk *walk, size_t at, uint32_t label) {
  const km_tree_state *state = walk->state;
  km_node *node = km_tree_node(&state->tree, at);
  if (node->owner == label) {
    return;
  }
  km_node_forget(node);
  if (node->owner != KM_MIXED) {
    move_node(walk, node, label);
    return;
  }
  if (node->left == 0) {
    const uint16_t *labels = labels_of(state, node->leaf);
    uint64_t others = km_leaf_points(node) & ~state->tree.kernels->match(labels, (uint16_t)label);
    move_points(walk, node, others, label);
  } else {
    give_node(walk, at + 1, label);
    give_node(walk, km_tree_right(node, at), label);
  }
  node->owner = (uint16_t)label;
}

static double assign_leaf(const km_walk *walk, size_t at, const uint32_t *candidate, size_t m) {
  const km_tree_state *state = walk->state;
  km_node *leaf = km_tree_node(&state->tree, at);
  uint64_t points = km_leaf_points(leaf);
  double distance[KM_BLOCK];
  double slack = km_tree_nearest(walk, at, candidate, m, distance);
  for (size_t c = 0; c < m; c++) {
    if ((walk->owned[c] & points) == points) {
      give_node(walk, at, candidate[c]);
      return slack;
    }
  }
  spread_label(state, leaf);
  for (size_t c = 0; c < m; c++) {
    uint64_t owned = walk->owned[c] & points;
    if (owned) {
      uint16_t label = (uint16_t)candidate[c];
      owned &= ~state->tree.kernels->match(labels_of(state, leaf->leaf), label);
      if (owned) {
        move_points(walk, leaf, owned, label);
      }
    }
  }
  return slack;
}

static const km_visitor assigning = {
    .uniform = give_node,
    .leaf = assign_leaf,
    .enter = push_down,
    .leave = pull_up,
};

/* Adds what a job found to the sums. Those that it leaves too small for their weight are marked;
** what a further job adds decides anew. */
static KM_WRAPS void merge_sums(void *context, uint32_t label, km_tally *tally) {
  km_tree_state *state = context;
  size_t count = state->tree.sums;
  km_sum *sums = state->sums + label * count;
  double *terms = state->terms + label * count;
  state->stale[label] = 0;
  for (size_t s = 0; s < count; s++) {
    km_sum_merge(&sums[s], &tally->sums[s]);
    terms[s] += km_tally_terms(tally, count)[s];
    state->stale[label] |= terms[s] > SAFE_RATIO * fabs(km_sum_value(&sums[s]));
  }
  state->counts[label] += tally->count;
}

/* Adds up the points of the stale clusters below a node. */
static km_status sum_stale(km_tree_state *state, size_t at) {
  const km_tree *tree = &state->tree;
  km_node *node = km_tree_node(tree, at);
  size_t dims = tree->dims;
  size_t count = tree->sums;
  if (node->owner != KM_MIXED) {
    for (size_t s = 0; s < count && state->stale[node->owner]; s++) {
      km_sum_merge(&state->sums[node->owner * count + s], &km_node_sums(node, dims)[s]);
      state->terms[node->owner * count + s] += node_terms(tree, node, s);
    }
    return km_tick(state->hooks, dims);
  }
  if (node->left > 0) {
    km_status status = sum_stale(state, at + 1);
    return status != KM_OK ? status : sum_stale(state, km_tree_right(node, at));
  }
  const uint16_t *labels = labels_of(state, node->leaf);
  for (size_t i = 0; i < node->points; i++) {
    if (state->stale[labels[i]]) {
      add_point(tree, node->leaf, i, 1, state->sums + labels[i] * count,
                state->terms + labels[i] * count);
    }
  }
  return km_tick(state->hooks, KM_BLOCK * dims);
}

static void normalise(km_sum *sum) {
  km_sum exact = {sum->high, 0};
  km_sum_add(&exact, sum->low);
  *sum = exact;
}

/* Takes the sums of stale clusters anew. */
static km_status renew_sums(km_tree_state *state, size_t k) {
  size_t count = state->tree.sums;
  size_t stale = 0;
  km_status status = KM_OK;
  for (size_t c = 0; c < k; c++) {
    if (state->stale[c]) {
      stale++;
      memset(state->sums + c * count, 0, count * sizeof *state->sums);
      memset(state->terms + c * count, 0, count * sizeof *state->terms);
    }
  }
  if (stale > 0) {
    status = sum_stale(state, 0);
  }
  for (size_t s = 0; s < k * count; s++) {
    normalise(&state->sums[s]);
  }
  return status;
}

/* Takes over what the jobs have found out. */
static km_status settle(km_tree_state *state, size_t k, size_t *moved) {
  memset(state->stale, 0, k);
  *moved = km_tree_merge(state, state, merge_sums);
  return renew_sums(state, k);
}

static void forget_all(km_tree_state *state) {
  for (size_t at = 0; at < state->tree.nodes.count; at++) {
    km_node *node = km_tree_node(&state->tree, at);
    km_node_forget(node);
    node->hint = 0;
    node->seen = 0;
  }
}

km_status km_tree_start(km_engine *engine, size_t k, km_chunks *labels) {
  km_tree_state *state = engine->state;
  km_status status = km_tree_reserve(state, k);
  engine->k = k;
  engine->labels = labels;
  if (status == KM_OK && state->labels.count == 0) {
    status = km_chunks_fill(&state->labels, state->hooks, state->tree.leaves);
  }
  if (status == KM_OK) {
    forget_all(state);
    state->iteration = 0;
    km_tree_node(&state->tree, 0)->owner = KM_TREE_NO_LABEL;
    memset(state->path, 0, k * sizeof *state->path);
    memset(state->sums, 0, k * state->tree.sums * sizeof *state->sums);
    memset(state->terms, 0, k * state->tree.sums * sizeof *state->terms);
    memset(state->counts, 0, k * sizeof *state->counts);
  }
  return status;
}

/* Adds to the path of each centroid how far it has moved since the last call, rounded up: so the
** difference of two sums of paths is at least the movement between them. */
static void extend_paths(km_tree_state *state, const double *centroids, size_t k) {
  size_t dims = state->tree.dims;
  for (size_t c = 0; c < k && state->iteration > 0; c++) {
    const double *old = state->last + c * dims;
    const double *now = centroids + c * dims;
    double squared = 0;
    int moved = 0;
    for (size_t j = 0; j < dims; j++) {
      moved |= now[j] != old[j];
      squared += (now[j] - old[j]) * (now[j] - old[j]);
    }
    if (moved) {
      double step = sqrt(squared) * (1 + 0x1p-48) + TINY_STEP;
      state->path[c] = (state->path[c] + step) * (1 + 0x1p-50);
    }
  }
  memcpy(state->last, centroids, k * dims * sizeof *centroids);
  state->iteration++;
}

/* Hands out the sums, and the weights of the clusters. */
static void give_sums(const km_engine *engine, km_sum *sums) {
  const km_tree_state *state = engine->state;
  size_t dims = state->tree.dims;
  for (size_t c = 0; c < engine->k; c++) {
    const km_sum *own = state->sums + c * state->tree.sums;
    memcpy(sums + c * dims, own, dims * sizeof *sums);
    if (engine->weights) {
      engine->weights[c] = own[dims];
    }
  }
}

km_status km_tree_assign(km_engine *engine, const double *centroids, km_sum *sums, size_t *counts,
                         size_t *moved) {
  km_tree_state *state = engine->state;
  extend_paths(state, centroids, engine->k);
  km_status status = km_tree_walk(state, &assigning, centroids, engine->k, state->path, NULL);
  if (status == KM_OK) {
    status = settle(state, engine->k, moved);
  }
  if (status == KM_OK) {
    give_sums(engine, sums);
    memcpy(counts, state->counts, engine->k * sizeof *counts);
  }
  return status;
}

/* Writes the labels of the points below a node, which all have the label `owner`, unless it is
** KM_MIXED. Changes nothing here. */
static km_status write_labels(const km_tree_state *state, km_chunks *rows, size_t at,
                              uint32_t owner) {
  const km_node *node = km_tree_node(&state->tree, at);
  owner = owner == KM_MIXED ? node->owner : owner;
  if (node->left > 0) {
    km_status status = write_labels(state, rows, at + 1, owner);
    return status != KM_OK ? status : write_labels(state, rows, km_tree_right(node, at), owner);
  }
  const uint16_t *labels = labels_of(state, node->leaf);
  const uint32_t *row = km_tree_rows(&state->tree, node->leaf);
  for (size_t i = 0; i < node->points; i++) {
    *(uint32_t *)km_chunks_at(rows, row[i]) = owner == KM_MIXED ? labels[i] : owner;
  }
  return km_tick(state->hooks, KM_BLOCK);
}

/* Takes over the labels of the points below a node, and counts. */
static km_status read_labels(const km_walk *walk, const km_chunks *rows, size_t at) {
  km_tree_state *state = walk->state;
  km_node *node = km_tree_node(&state->tree, at);
  if (node->left > 0) {
    push_down(walk, at);
    km_status status = read_labels(walk, rows, at + 1);
    return status != KM_OK ? status : read_labels(walk, rows, km_tree_right(node, at));
  }
  spread_label(state, node);
  uint16_t *labels = labels_of(state, node->leaf);
  const uint32_t *row = km_tree_rows(&state->tree, node->leaf);
  for (size_t i = 0; i < node->points; i++) {
    uint32_t label = *(const uint32_t *)km_chunks_at(rows, row[i]);
    labels[i] = (uint16_t)label;
    state->counts[label]++;
  }
  return km_tick(state->hooks, KM_BLOCK);
}

km_status km_tree_labels(km_engine *engine) {
  return write_labels(engine->state, engine->labels, 0, KM_MIXED);
}

km_status km_tree_adopt(km_engine *engine, km_sum *sums, const size_t *counts) {
  km_tree_state *state = engine->state;
  km_walk walk = {.state = state};
  (void)counts; /* of rows in parts, they are not those of the labels */
  memset(state->counts, 0, engine->k * sizeof *state->counts);
  forget_all(state);
  km_status status = read_labels(&walk, engine->labels, 0);
  if (status == KM_OK) {
    memset(state->stale, 1, engine->k);
    status = renew_sums(state, engine->k);
  }
  if (status == KM_OK && engine->weights) {
    return km_engine_sum(engine, sums); /* rows may be in parts, which the tree does not know */
  }
  if (status == KM_OK) {
    give_sums(engine, sums);
  }
  return status;
}
