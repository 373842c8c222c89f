/* The tree engine, for few columns: whole regions of space at a time.
**
** The idea (Pelleg & Moore 1999; Kanungo et al. 2002). The points lie in blocks of 64, near each
** other, under a binary tree of boxes. A walk from the top carries the centroids that can be nearest
** to some point of the node's box; where only one is left, all points below are its own, without
** looking at them. In two columns and with a hundred centroids that happens for all but a fifth of
** the blocks, most of them many at once; in the others two or three centroids are left, to which
** distances are computed.
**
** Why the result is that of the plain engine, bit for bit:
**
** - Labels. A centroid is dropped for a box only when it is further, by more than rounding can hide,
**   than another one from every point of the box (tree_filter.h has the proof). So the nearest one,
**   and any that ties with it, reach the leaf; there the distances are computed as
**   km_squared_distance does, the same operations in the same order, and the lowest number wins a
**   tie. Distances that underflow are settled by km_nearest, as in the plain engine.
** - Centroids. Sums have about 106 bits and are rounded once to 53, so that the order of the points
**   does not show: sums over nodes, differences of sums (tree_assign.c) and fresh sums round alike.
** - Iterations. Which labels changed is counted exactly, from labels that are kept. (That the
**   centroids stand still would not do: on a grid, points can change places with no sum changing.)
** - Threads. The walk is cut into jobs by the tree and the centroids alone; each has its own sums,
**   which are merged in the order of the jobs.
**
** Seeding uses the same blocks (tree_seed.c). It needs the points in tree order to draw a row, so its
** draws differ from km_seed_plus_plus with the same random numbers, though not their distribution;
** therefore the choice between the two depends on the data and k only, never on the algorithm that
** was asked for, and all algorithms start from the same centroids. */
#include <string.h>

#include "core/tree_engine.h"

static km_status begin(km_engine *engine) {
  km_hooks *hooks = engine->blocks->hooks;
  km_tree_state *state = km_allocate(hooks, 1, sizeof *state);
  if (!state) {
    return KM_NOMEM;
  }
  memset(state, 0, sizeof *state);
  engine->state = state;
  state->workers = engine->workers;
  state->hooks = hooks;
  km_chunks_init(&state->labels, KM_BLOCK * sizeof(uint16_t));
  return km_tree_build(&state->tree, engine->blocks, engine->workers);
}

static void end(km_engine *engine) {
  if (engine->state) {
    km_tree_state_clear(engine->state);
    km_release(engine->blocks->hooks, engine->state);
  }
}

const km_engine_type km_engine_tree = {
    .name = "tree",
    .begin = begin,
    .seed = km_tree_seed,
    .start = km_tree_start,
    .assign = km_tree_assign,
    .labels = km_tree_labels,
    .adopt = km_tree_adopt,
    .summarise = km_tree_summarise,
    .end = end,
};
