#include "core/tree_walk.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/row_set.h"
#include "core/tree_filter.h"

/* A job should be worth a worker's attention and take less than 5 ms. Every job needs room for k
** tallies: fewer jobs where k is large. */
#define JOBS 32
#define MIN_JOB_POINTS ((size_t)4096)
#define MAX_JOB_POINTS ((size_t)1 << 18)

#define HINT_TRUST 16

size_t km_tree_list_jobs(const km_tree_state *state, size_t at, size_t *node) {
  const km_node *top = km_tree_node(&state->tree, at);
  if (km_tree_is_job(state, top)) {
    if (node) {
      *node = at;
    }
    return 1;
  }
  size_t left = km_tree_list_jobs(state, at + 1, node);
  return left + km_tree_list_jobs(state, km_tree_right(top, at), node ? node + left : NULL);
}

static void plan_jobs(km_tree_state *state, size_t k) {
  size_t points = km_tree_node(&state->tree, 0)->points;
  size_t jobs = k <= 256 ? JOBS : JOBS / 4;
  state->cut = points / jobs > MIN_JOB_POINTS ? points / jobs : MIN_JOB_POINTS;
  state->cut = state->cut < MAX_JOB_POINTS ? state->cut : MAX_JOB_POINTS;
  state->tally_bytes = sizeof(km_tally) + state->tree.sums * (sizeof(km_sum) + sizeof(double));
  state->max_jobs = km_tree_list_jobs(state, 0, NULL);
  while (state->max_jobs > 1 && state->max_jobs >= KM_LARGEST / km_times(k, state->tally_bytes)) {
    state->cut *= 2;
    state->max_jobs = km_tree_list_jobs(state, 0, NULL);
  }
}

static void release_room(km_tree_state *state) {
  km_release(state->hooks, state->job);
  km_release(state->hooks, state->numbers);
  km_release(state->hooks, state->tallies);
  km_release(state->hooks, state->stacks);
  km_release(state->hooks, state->owned);
  km_release(state->hooks, state->sums);
  km_release(state->hooks, state->terms);
  km_release(state->hooks, state->counts);
  km_release(state->hooks, state->stale);
  km_release(state->hooks, state->last);
  km_release(state->hooks, state->path);
  state->job = NULL;
  state->numbers = NULL;
  state->tallies = NULL;
  state->stacks = NULL;
  state->owned = NULL;
  state->sums = NULL;
  state->terms = NULL;
  state->counts = NULL;
  state->stale = NULL;
  state->last = NULL;
  state->path = NULL;
  state->k = 0;
}

km_status km_tree_reserve(km_tree_state *state, size_t k) {
  km_hooks *hooks = state->hooks;
  size_t workers = km_workers_count(state->workers);
  if (k <= state->k) {
    return KM_OK;
  }
  release_room(state);
  plan_jobs(state, k);
  size_t jobs = state->max_jobs + 1;
  state->stack_length = km_times(state->tree.depth + 1, k);
  state->job = km_allocate(hooks, jobs, sizeof *state->job);
  state->numbers = km_allocate(hooks, km_times(jobs, k), 2 * sizeof(uint32_t));
  state->tallies = km_allocate(hooks, km_times(jobs, k), state->tally_bytes);
  state->stacks = km_allocate(hooks, km_times(workers, state->stack_length), sizeof(uint32_t));
  state->owned = km_allocate(hooks, km_times(workers, k), sizeof *state->owned);
  state->sums = km_allocate(hooks, k, state->tree.sums * sizeof *state->sums);
  state->terms = km_allocate(hooks, k, state->tree.sums * sizeof *state->terms);
  state->counts = km_allocate(hooks, k, sizeof *state->counts);
  state->stale = km_allocate(hooks, k, sizeof *state->stale);
  state->last = km_allocate(hooks, k, state->tree.dims * sizeof *state->last);
  state->path = km_allocate(hooks, k, sizeof *state->path);
  if (!state->job || !state->numbers || !state->tallies || !state->stacks || !state->owned ||
      !state->sums || !state->terms || !state->counts || !state->stale || !state->last ||
      !state->path) {
    return KM_NOMEM;
  }
  memset(state->job, 0, jobs * sizeof *state->job);
  memset(state->tallies, 0, jobs * k * state->tally_bytes);
  for (size_t j = 0; j < jobs; j++) {
    state->job[j].candidate = state->numbers + 2 * j * k;
    state->job[j].list = state->numbers + (2 * j + 1) * k;
    state->job[j].tallies = state->tallies + j * k * state->tally_bytes;
  }
  state->k = k;
  return KM_OK;
}

void km_tree_state_clear(km_tree_state *state) {
  release_room(state);
  km_chunks_clear(&state->labels, state->hooks);
  km_tree_clear(&state->tree, state->hooks);
}

km_tally *km_job_tally(const km_walk *walk, uint32_t label) {
  km_job *job = walk->job;
  const km_tree_state *state = walk->state;
  km_tally *tally = (km_tally *)(void *)(job->tallies + label * state->tally_bytes);
  if (!tally->listed) {
    memset(tally, 0, state->tally_bytes);
    tally->listed = 1;
    job->list[job->listed++] = label;
  }
  return tally;
}

static void empty_job(km_tree_state *state, km_job *job) {
  for (size_t i = 0; i < job->listed; i++) {
    ((km_tally *)(void *)(job->tallies + job->list[i] * state->tally_bytes))->listed = 0;
  }
  job->listed = 0;
  job->moved = 0;
}

size_t km_tree_merge(km_tree_state *state, void *context,
                     void (*merge)(void *context, uint32_t label, km_tally *tally)) {
  size_t moved = 0;
  for (size_t j = 0; j <= state->jobs; j++) {
    km_job *job = &state->job[j < state->jobs ? j : state->max_jobs];
    for (size_t i = 0; i < job->listed; i++) {
      uint32_t label = job->list[i];
      merge(context, label, (km_tally *)(void *)(job->tallies + label * state->tally_bytes));
    }
    moved += job->moved;
    empty_job(state, job);
  }
  return moved;
}

/* Up to KM_SEEN candidates as one number. */
static uint64_t pack_candidates(const uint32_t *in, size_t m) {
  uint64_t packed = 0;
  for (size_t c = 0; c < m; c++) {
    packed = packed << 16 | (in[c] + 1);
  }
  return packed;
}

static double path_length(const km_walk *walk, const uint32_t *in, size_t m) {
  double length = 0;
  for (size_t c = 0; c < m; c++) {
    length += walk->path[in[c]];
  }
  return length;
}

static double visit(const km_walk *walk, size_t at, const uint32_t *in, size_t m, uint32_t *stack,
                    double slack);

/* Filters the candidates for a node. Every node is looked at without its hint once in HINT_TRUST
** iterations, not all at the same time. */
static size_t filter(const km_walk *walk, size_t at, const uint32_t *in, size_t m, uint32_t *out,
                     double *slack) {
  const km_tree_state *state = walk->state;
  km_node *node = km_tree_node(&state->tree, at);
  uint64_t hint = 0;
  if (walk->path && (state->iteration + at) % HINT_TRUST > 0) {
    hint = m > KM_SEEN ? node->seen : node->hint;
  }
  size_t kept = km_filter(node->box, state->tree.dims, walk->centroids, in, m, out, slack, &hint);
  if (m > KM_SEEN) {
    node->seen = hint;
  } else {
    node->hint = (uint16_t)hint;
  }
  return kept;
}

/* Visits a node unless it remembers the outcome; `in` are the m candidates left for its parent.
** Returns how far the candidates may yet move: 0 where nothing is remembered. The stack has room
** for the candidates of all descendants. */
static double walk_down(const km_walk *walk, size_t at, const uint32_t *in, size_t m,
                        uint32_t *stack) {
  km_node *node = km_tree_node(&walk->state->tree, at);
  if (!walk->path || m > KM_SEEN) {
    km_node_forget(node);
    visit(walk, at, in, m, stack, 0);
    return 0;
  }
  uint64_t seen = pack_candidates(in, m);
  double length = path_length(walk, in, m);
  /* In this order: a node that has forgotten has no `seen`. */
  if (!(length * (1 + 0x1p-48) < node->expiry) || node->seen != seen) {
    double slack = visit(walk, at, in, m, stack, (double)INFINITY);
    node->seen = seen;
    node->expiry = length + slack;
  }
  return node->expiry - length;
}

/* Finds out to which centroids the points of a node belong. Returns the least slack, of this node and
** those below; where it is given as 0, it is not wanted. */
static double visit(const km_walk *walk, size_t at, const uint32_t *in, size_t m, uint32_t *stack,
                    double slack) {
  km_tree_state *state = walk->state;
  const km_node *node = km_tree_node(&state->tree, at);
  const km_visitor *visitor = walk->visitor;
  size_t kept = filter(walk, at, in, m, stack, slack > 0 ? &slack : NULL);
  if (kept == 1) {
    visitor->uniform(walk, at, stack[0]);
  } else if (node->left == 0) {
    km_lower(&slack, visitor->leaf(walk, at, stack, kept));
  } else {
    if (visitor->enter) {
      visitor->enter(walk, at);
    }
    km_lower(&slack, walk_down(walk, at + 1, stack, kept, stack + kept));
    km_lower(&slack, walk_down(walk, km_tree_right(node, at), stack, kept, stack + kept));
    if (visitor->leave) {
      visitor->leave(walk, at);
    }
  }
  return slack;
}

/* Walks the top of the tree, down to nodes that are small enough to become jobs. */
static void plan_walk(const km_walk *walk, size_t at, const uint32_t *in, size_t m,
                      uint32_t *stack) {
  km_tree_state *state = walk->state;
  const km_node *node = km_tree_node(&state->tree, at);
  if (km_tree_is_job(state, node)) {
    km_job *job = &state->job[state->jobs++];
    job->node = at;
    job->m = m;
    memcpy(job->candidate, in, m * sizeof *in);
    return;
  }
  size_t kept = filter(walk, at, in, m, stack, NULL);
  if (kept == 1 && !walk->visitor->thorough) {
    walk->visitor->uniform(walk, at, stack[0]);
    return;
  }
  if (walk->visitor->enter) {
    walk->visitor->enter(walk, at);
  }
  plan_walk(walk, at + 1, stack, kept, stack + kept);
  plan_walk(walk, km_tree_right(node, at), stack, kept, stack + kept);
}

static void run_job(void *context, size_t slice, size_t worker) {
  km_walk walk = *(const km_walk *)context;
  km_tree_state *state = walk.state;
  walk.job = &state->job[slice];
  walk.owned = state->owned + worker * state->k;
  walk_down(&walk, walk.job->node, walk.job->candidate, walk.job->m,
            state->stacks + worker * state->stack_length);
}

km_status km_tree_walk(km_tree_state *state, const km_visitor *visitor, const double *centroids,
                       size_t k, const double *path, const km_summary *summary) {
  km_walk walk = {
      .state = state,
      .visitor = visitor,
      .centroids = centroids,
      .k = k,
      .summary = summary,
      .path = path,
      .job = &state->job[state->max_jobs],
      .owned = state->owned,
  };
  state->jobs = 0;
  for (size_t c = 0; c < k; c++) {
    state->stacks[c] = (uint32_t)c;
  }
  plan_walk(&walk, 0, state->stacks, k, state->stacks + k);
  km_status status = km_tick(state->hooks, state->jobs * k);
  if (status == KM_OK) {
    status = km_workers_run(state->workers, state->hooks, run_job, &walk, state->jobs);
  }
  for (size_t j = 0; j <= state->jobs && status != KM_OK; j++) {
    empty_job(state, &state->job[j < state->jobs ? j : state->max_jobs]);
  }
  return status;
}

/* Finds the nearest centroid of point i of a leaf once more, by distances of any magnitude. It is
** among the candidates: the filter excludes no centroid whose distance is that small. */
static void mend(const km_walk *walk, const double *block, size_t i, const uint32_t *candidate,
                 size_t m, double *distance) {
  size_t dims = walk->state->tree.dims;
  uint64_t bit = (uint64_t)1 << i;
  double row[KM_BLOCK_MAX_DIMS];
  size_t c = 0;
  for (size_t j = 0; j < dims; j++) {
    row[j] = block[j * KM_BLOCK + i];
  }
  while (!(walk->owned[c] & bit)) {
    c++;
  }
  if (km_rows_equal(row, walk->centroids + candidate[c] * dims, dims)) {
    return;
  }
  walk->owned[c] &= ~bit;
  size_t label = km_nearest(row, walk->centroids, walk->k, dims, walk->k);
  for (c = 0; c + 1 < m && candidate[c] != label; c++) {
  }
  walk->owned[c] |= bit;
  *distance = km_squared_distance(row, walk->centroids + label * dims, dims);
}

double km_tree_nearest(const km_walk *walk, size_t at, const uint32_t *candidate, size_t m,
                       double *distance) {
  const km_tree_state *state = walk->state;
  const km_node *node = km_tree_node(&state->tree, at);
  const double *block = km_tree_points(&state->tree, node->leaf);
  km_nearness found = state->tree.kernels->nearest(block, state->tree.dims, walk->centroids,
                                                   candidate, m, walk->owned, distance);
  for (size_t i = 0; found.smallest < KM_SAFE_MIN && i < KM_BLOCK; i++) {
    if (distance[i] < KM_SAFE_MIN) {
      mend(walk, block, i, candidate, m, &distance[i]);
    }
  }
  return km_slack(found.gap, 2 * sqrt(found.second));
}
