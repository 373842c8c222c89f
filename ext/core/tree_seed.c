/* Greedy k-means++ on the blocks of the tree.
**
** As in seed.c, each centroid is the best of a few rows drawn with probability proportional to
** their squared distance to the nearest centroid so far: the one that lowers the sum of these
** distances most. Every node keeps the sum and the maximum of the distances below it. A draw goes
** down by the sums; and a candidate that is further from a node's box than the node's maximum can
** change nothing there: with many centroids that leaves 3% of the points to look at.
**
** Where there are many points to a centroid, nearly all leaves lie next to a single one. Then what is
** kept of a point is the number of its nearest centroid, in 2 bytes: its distance, which would take 8,
** is computed again where it is needed, to the same bits.
**
** Parts of the tree, fixed by the data, are the slices of the workers; what a candidate gains is
** added up in the order of the parts. */
#include <math.h>
#include <string.h>

#include "core/seed.h"
#include "core/tree_engine.h"
#include "core/weights.h"

/* So many are many: below, leaves with several centroids cost more time than is won. */
#define MANY_POINTS 4096

/* Of the points below a node: squared distances to the nearest centroid. */
typedef struct spread {
  double sum; /* by weight */
  double maximum;
} spread;

typedef struct tree_seeding {
  km_tree_state *state;
  km_blocks *blocks;
  km_random *random;
  double *centroids; /* chosen so far: `chosen` rows */
  size_t chosen;
  size_t trials;
  size_t next_row;   /* see km_seed_next_distinct */
  int many;          /* points to a centroid */
  km_chunks nearest; /* per leaf, if so: KM_BLOCK uint16_t, the numbers of centroids */
  km_chunks
      closest; /* per leaf, if not: KM_BLOCK doubles, squared distances; 0 past the last point */
  km_chunks spreads; /* per node */
  size_t *part;      /* nodes */
  size_t parts;
  double *gains; /* parts * trials */
  double infinite[KM_BLOCK];
  double candidate[KM_MAX_TRIALS * KM_BLOCK_MAX_DIMS];
} tree_seeding;

static spread *spread_of(const tree_seeding *seed, size_t at) {
  return km_chunks_at(&seed->spreads, at);
}

/* Squared distance of a point to the nearest point of a box. */
static double box_distance(const double *box, size_t dims, const double *point) {
  double sum = 0;
  for (size_t j = 0; j < dims; j++) {
    double below = box[j] - point[j];
    double above = point[j] - box[dims + j];
    double outside = below > above ? below : above;
    sum += outside > 0 ? outside * outside : 0;
  }
  return sum;
}

static int out_of_reach(const tree_seeding *seed, const km_node *node, size_t at,
                        const double *point) {
  return box_distance(node->box, seed->state->tree.dims, point) >= spread_of(seed, at)->maximum;
}

/* The sum of the squared distances in a leaf, by weight, in lanes as everywhere. */
static double weighted_sum(const double *closest, const double *weights) {
  double lane[KM_LANES] = {0};
  for (size_t i = 0; i < KM_BLOCK; i++) {
    lane[i % KM_LANES] += weights[i] * closest[i];
  }
  return km_lanes_sum(lane);
}

/* By how much it would fall with the point for a centroid. */
static double weighted_gain(const double *block, size_t dims, const double *point,
                            const double *closest, const double *weights) {
  double squared[KM_BLOCK] = {0};
  double lane[KM_LANES] = {0};
  for (size_t j = 0; j < dims; j++) {
    for (size_t i = 0; i < KM_BLOCK; i++) {
      double difference = block[j * KM_BLOCK + i] - point[j];
      squared[i] += difference * difference;
    }
  }
  for (size_t i = 0; i < KM_BLOCK; i++) {
    double less = closest[i] - squared[i];
    lane[i % KM_LANES] += less > 0 ? weights[i] * less : 0;
  }
  return km_lanes_sum(lane);
}

/* Copied, since wide loads, which follow, would wait for the narrow stores of a loop. */
static void forget_closest(const tree_seeding *seed, const km_node *leaf, double *closest) {
  memcpy(closest, seed->infinite, sizeof seed->infinite);
  memset(closest + leaf->points, 0, (KM_BLOCK - leaf->points) * sizeof *closest);
}

/* The squared distances of a leaf's points to the nearest centroid, 0 past the last point: where they
** are kept, or in `room`. */
static double *find_closest(const tree_seeding *seed, const km_node *leaf, double *room) {
  if (!seed->many) {
    return km_chunks_at(&seed->closest, leaf->leaf);
  }
  const km_tree *tree = &seed->state->tree;
  const km_block_kernels *kernels = tree->kernels;
  const uint16_t *nearest = km_chunks_at(&seed->nearest, leaf->leaf);
  uint64_t points = km_leaf_points(leaf);
  double maximum;
  forget_closest(seed, leaf, room);
  while (points) {
    uint16_t number = nearest[__builtin_ctzll(points)];
    kernels->lower(km_tree_points(tree, leaf->leaf), tree->dims,
                   seed->centroids + number * tree->dims, room, &maximum);
    points &= ~kernels->match(nearest, number);
  }
  return room;
}

/* By how much the sum below a node would fall with the point for a centroid. */
static double gain_below(const tree_seeding *seed, size_t at, const double *point) {
  const km_tree *tree = &seed->state->tree;
  const km_node *node = km_tree_node(tree, at);
  if (out_of_reach(seed, node, at, point)) {
    return 0;
  }
  if (node->left == 0) {
    double room[KM_BLOCK];
    const double *closest = find_closest(seed, node, room);
    const double *block = km_tree_points(tree, node->leaf);
    const double *weights = km_tree_weights(tree, node->leaf);
    return weights ? weighted_gain(block, tree->dims, point, closest, weights)
                   : tree->kernels->gain(block, tree->dims, point, closest);
  }
  double left = gain_below(seed, at + 1, point);
  return left + gain_below(seed, km_tree_right(node, at), point);
}

static void try_part(void *context, size_t slice, size_t worker) {
  tree_seeding *seed = context;
  (void)worker;
  for (size_t t = 0; t < seed->trials; t++) {
    seed->gains[slice * seed->trials + t] =
        gain_below(seed, seed->part[slice], seed->candidate + t * seed->state->tree.dims);
  }
}

static void join_spreads(const tree_seeding *seed, size_t at, size_t right) {
  const spread *a = spread_of(seed, at + 1);
  const spread *b = spread_of(seed, right);
  *spread_of(seed, at) =
      (spread){a->sum + b->sum, a->maximum > b->maximum ? a->maximum : b->maximum};
}

/* Lowers the distances in a leaf by the newest centroid. */
static void lower_leaf(const tree_seeding *seed, const km_node *leaf, spread *own) {
  const km_tree *tree = &seed->state->tree;
  const double *weights = km_tree_weights(tree, leaf->leaf);
  uint16_t *nearest = seed->many ? km_chunks_at(&seed->nearest, leaf->leaf) : NULL;
  size_t newest = seed->chosen - 1;
  double room[KM_BLOCK];
  double before[KM_BLOCK];
  if (nearest && newest == 0) {
    memset(nearest, 0, KM_BLOCK * sizeof *nearest);
  }
  double *closest = find_closest(seed, leaf, room);
  if (nearest) {
    memcpy(before, closest, sizeof before);
  }
  own->sum = tree->kernels->lower(km_tree_points(tree, leaf->leaf), tree->dims,
                                  seed->centroids + newest * tree->dims, closest, &own->maximum);
  for (size_t i = 0; nearest && i < KM_BLOCK; i++) {
    nearest[i] = closest[i] < before[i] ? (uint16_t)newest : nearest[i];
  }
  if (weights) {
    own->sum = weighted_sum(closest, weights);
  }
}

/* Lowers the distances below a node by the newest centroid. */
static void lower_below(const tree_seeding *seed, size_t at, const double *point) {
  const km_tree *tree = &seed->state->tree;
  const km_node *node = km_tree_node(tree, at);
  if (out_of_reach(seed, node, at, point)) {
    return;
  }
  if (node->left == 0) {
    lower_leaf(seed, node, spread_of(seed, at));
    return;
  }
  lower_below(seed, at + 1, point);
  lower_below(seed, km_tree_right(node, at), point);
  join_spreads(seed, at, km_tree_right(node, at));
}

static void lower_part(void *context, size_t slice, size_t worker) {
  tree_seeding *seed = context;
  (void)worker;
  lower_below(seed, seed->part[slice],
              seed->centroids + (seed->chosen - 1) * seed->state->tree.dims);
}

/* Brings the nodes above the parts up to date. */
static void join_parts(const tree_seeding *seed, size_t at) {
  const km_node *node = km_tree_node(&seed->state->tree, at);
  if (!km_tree_is_job(seed->state, node)) {
    join_parts(seed, at + 1);
    join_parts(seed, km_tree_right(node, at));
    join_spreads(seed, at, km_tree_right(node, at));
  }
}

static km_status lower_all(tree_seeding *seed) {
  km_tree_state *state = seed->state;
  km_status status = km_workers_run(state->workers, state->hooks, lower_part, seed, seed->parts);
  join_parts(seed, 0);
  return status;
}

/* Draws a point; the sum at the root is positive. Copies it to `to`. */
static void draw(const tree_seeding *seed, double *to) {
  const km_tree *tree = &seed->state->tree;
  double rest = km_random_unit(seed->random) * spread_of(seed, 0)->sum;
  size_t at = 0;
  size_t last = 0;
  const km_node *node = km_tree_node(tree, at);
  while (node->left > 0) {
    double left = spread_of(seed, at + 1)->sum;
    double right = spread_of(seed, km_tree_right(node, at))->sum;
    if (left > 0 && (rest < left || !(right > 0))) {
      at = at + 1;
    } else {
      at = km_tree_right(node, at);
      rest -= left;
    }
    node = km_tree_node(tree, at);
  }
  const double *weights = km_tree_weights(tree, node->leaf);
  double room[KM_BLOCK];
  const double *closest = find_closest(seed, node, room);
  for (size_t i = 0; i < node->points && (rest >= 0 || !(closest[last] > 0)); i++) {
    last = closest[i] > 0 ? i : last;
    rest -= weights ? weights[i] * closest[i] : closest[i];
  }
  for (size_t j = 0; j < tree->dims; j++) {
    to[j] = km_tree_points(tree, node->leaf)[j * KM_BLOCK + last];
  }
}

/* Draws the candidates and finds the best: the first on a tie. */
static km_status best_candidate(tree_seeding *seed, size_t *best) {
  km_tree_state *state = seed->state;
  double gain[KM_MAX_TRIALS] = {0};
  for (size_t t = 0; t < seed->trials; t++) {
    draw(seed, seed->candidate + t * state->tree.dims);
  }
  km_status status = km_workers_run(state->workers, state->hooks, try_part, seed, seed->parts);
  for (size_t p = 0; p < seed->parts && status == KM_OK; p++) {
    for (size_t t = 0; t < seed->trials; t++) {
      gain[t] += seed->gains[p * seed->trials + t];
    }
  }
  *best = 0;
  for (size_t t = 1; t < seed->trials; t++) {
    *best = gain[t] > gain[*best] ? t : *best;
  }
  return status;
}

/* Where the next centroid goes. */
static double *next_centroid(tree_seeding *seed) {
  return seed->centroids + seed->chosen++ * seed->state->tree.dims;
}

static km_status choose_next(tree_seeding *seed) {
  size_t best = 0;
  km_status status;
  if (spread_of(seed, 0)->sum > 0) {
    status = best_candidate(seed, &best);
    if (status == KM_OK) {
      size_t dims = seed->state->tree.dims;
      memcpy(next_centroid(seed), seed->candidate + best * dims, dims * sizeof(double));
    }
  } else {
    status = km_seed_next_distinct(seed->blocks, seed->centroids, seed->chosen, &seed->next_row);
    if (status == KM_OK) {
      km_dataset_copy(seed->blocks->data, seed->next_row, next_centroid(seed));
    }
  }
  return status;
}

static km_status prepare(tree_seeding *seed) {
  km_tree_state *state = seed->state;
  seed->part = km_allocate(state->hooks, state->max_jobs, sizeof *seed->part);
  seed->gains = km_allocate(state->hooks, state->max_jobs * seed->trials, sizeof *seed->gains);
  if (!seed->part || !seed->gains) {
    return KM_NOMEM;
  }
  size_t leaves = state->tree.leaves;
  km_status status = seed->many ? km_chunks_fill(&seed->nearest, state->hooks, leaves)
                                : km_chunks_fill(&seed->closest, state->hooks, leaves);
  if (status == KM_OK) {
    status = km_chunks_fill(&seed->spreads, state->hooks, state->tree.nodes.count);
  }
  for (size_t at = 0; at < state->tree.nodes.count && status == KM_OK; at++) {
    const km_node *node = km_tree_node(&state->tree, at);
    *spread_of(seed, at) = (spread){(double)INFINITY, (double)INFINITY};
    if (node->left == 0 && !seed->many) {
      forget_closest(seed, node, km_chunks_at(&seed->closest, node->leaf));
    }
    status = km_tick(state->hooks, KM_BLOCK);
  }
  seed->parts = km_tree_list_jobs(state, 0, seed->part);
  return status;
}

static km_status choose_first(tree_seeding *seed) {
  size_t first;
  km_status status = km_draw_row(seed->blocks->data, seed->state->hooks, seed->random, &first);
  if (status == KM_OK) {
    km_dataset_copy(seed->blocks->data, first, next_centroid(seed));
  }
  return status;
}

km_status km_tree_seed(km_engine *engine, km_random *random, size_t k, double *centroids) {
  km_tree_state *state = engine->state;
  tree_seeding seed = {.state = state, .blocks = engine->blocks, .random = random};
  seed.centroids = centroids;
  seed.trials = km_seed_trials(k);
  seed.many = engine->blocks->data->rows.count / k >= MANY_POINTS;
  for (size_t i = 0; i < KM_BLOCK; i++) {
    seed.infinite[i] = (double)INFINITY;
  }
  km_chunks_init(&seed.nearest, KM_BLOCK * sizeof(uint16_t));
  km_chunks_init(&seed.closest, KM_BLOCK * sizeof(double));
  km_chunks_init(&seed.spreads, sizeof(spread));
  km_status status = km_tree_reserve(state, k);
  if (status == KM_OK) {
    status = prepare(&seed);
  }
  if (status == KM_OK) {
    status = choose_first(&seed);
  }
  if (status == KM_OK) {
    status = lower_all(&seed);
  }
  while (status == KM_OK && seed.chosen < k) {
    status = choose_next(&seed);
    if (status == KM_OK && seed.chosen < k) {
      status = lower_all(&seed);
    }
  }
  km_release(state->hooks, seed.part);
  km_release(state->hooks, seed.gains);
  km_chunks_clear(&seed.nearest, state->hooks);
  km_chunks_clear(&seed.closest, state->hooks);
  km_chunks_clear(&seed.spreads, state->hooks);
  return status;
}
