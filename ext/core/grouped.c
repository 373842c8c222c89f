/* The engine for five columns and more. Each iteration is a dense pass or one with bounds. */
#include "core/grouped.h"

#include <math.h>
#include <string.h>

/* Multiply-adds in a slice: less than a millisecond. Bringing a coordinate into floats, and the rest that
** is done whatever k is, takes as long as some tens of them. */
#define SLICE_WORK ((size_t)1 << 24)
#define ROW_WORK 40

/* Small data is cut into so many slices, for threads to share, as long as each has some ten microseconds of
** work, and so many rows for each cluster: every slice has sums of its own. */
#define SMALL_SLICES 8
#define SMALL_WORK ((size_t)1 << 18)
#define SMALL_CLUSTER 32

static void clear_run(km_grouped *grouped) {
  km_hooks *hooks = grouped->engine->blocks->hooks;
  for (size_t b = 0; grouped->bench && b < grouped->benches; b++) {
    km_bench *bench = &grouped->bench[b];
    km_release(hooks, bench->rows);
    km_release(hooks, bench->points);
    km_release(hooks, bench->group_best);
    km_release(hooks, bench->lower);
    km_release(hooks, bench->doubtful);
    km_release(hooks, bench->room);
    km_release(hooks, bench->slot);
    km_release(hooks, bench->waiting);
    km_release(hooks, bench->count);
  }
  km_release(hooks, grouped->bench);
  km_release(hooks, grouped->group);
  km_release(hooks, grouped->previous);
  km_release(hooks, grouped->moved);
  km_release(hooks, grouped->travelled);
  km_release(hooks, grouped->strayed);
  km_release(hooks, grouped->travelled_up);
  km_release(hooks, grouped->strayed_up);
  grouped->bench = NULL;
  grouped->group = NULL;
  grouped->previous = grouped->moved = grouped->travelled = grouped->strayed = NULL;
  grouped->travelled_up = grouped->strayed_up = NULL;
  if (grouped->lower.item_bytes) {
    km_chunks_clear(&grouped->lower, hooks);
    km_chunks_clear(&grouped->upper, hooks);
    grouped->lower.item_bytes = 0;
  }
  km_moves_clear(&grouped->moves);
  grouped->valid = 0;
  grouped->k = 0;
}

static km_status begin(km_engine *engine) {
  km_grouped *grouped = km_allocate(engine->blocks->hooks, 1, sizeof *grouped);
  if (!grouped) {
    return KM_NOMEM;
  }
  memset(grouped, 0, sizeof *grouped);
  grouped->engine = engine;
  grouped->n = engine->blocks->data->rows.count;
  engine->state = grouped;
  return km_narrow_init(&grouped->narrow, engine->blocks);
}

static void end(km_engine *engine) {
  km_grouped *grouped = engine->state;
  if (grouped) {
    clear_run(grouped);
    km_narrow_clear(&grouped->narrow);
    km_release(engine->blocks->hooks, grouped);
    engine->state = NULL;
  }
}

static km_status start_bench(const km_grouped *grouped, km_bench *bench) {
  km_hooks *hooks = grouped->engine->blocks->hooks;
  size_t tile = grouped->narrow.kernels->tile;
  size_t dims = grouped->narrow.dims;
  size_t padded = grouped->narrow.padded;
  size_t rows = grouped->max_slots > tile ? grouped->max_slots : tile;
  memset(bench, 0, sizeof *bench);
  bench->rows = km_allocate(hooks, rows, padded * sizeof(float));
  bench->points = km_allocate(hooks, tile, padded * sizeof(float));
  size_t scores = km_times(grouped->groups, tile);
  bench->group_best = km_allocate(hooks, scores, sizeof(float));
  bench->lower = km_allocate(hooks, grouped->groups, KM_PANEL * sizeof(float));
  bench->doubtful = km_allocate(hooks, tile, dims * sizeof(double));
  bench->room = km_allocate(hooks, KM_PANEL, dims * sizeof(double));
  bench->slot = km_allocate(hooks, grouped->max_slots, sizeof *bench->slot);
  bench->waiting = km_allocate(hooks, grouped->groups, KM_PANEL * sizeof *bench->waiting);
  bench->count = km_allocate(hooks, grouped->groups, 1);
  if (!bench->rows || !bench->points || !bench->group_best || !bench->lower || !bench->doubtful ||
      !bench->room || !bench->slot || !bench->waiting || !bench->count) {
    return KM_NOMEM;
  }
  memset(bench->count, 0, grouped->groups);
  return KM_OK;
}

/* How many rows of floats fit well into a second-level cache, within limits. */
static size_t slots_for(size_t padded) {
  size_t slots = ((size_t)1 << 18) / (padded * sizeof(float));
  slots = slots < KM_MAX_SLOTS ? slots : KM_MAX_SLOTS;
  return slots > 64 ? slots : 64;
}

/* Bounds may take half as much as the points themselves. Those who bring points in single precision have
** many: there it is a 16th, or what 8 groups take. That costs up to 7% of the time where there are no
** clusters to find, and nothing elsewhere. */
static void choose_groups(km_grouped *grouped) {
  size_t panels = grouped->narrow.panels;
  size_t dims = grouped->narrow.dims;
  int single = grouped->engine->blocks->data->element == KM_FLOAT;
  size_t least = single && dims >= 64 ? 8 : 14;
  size_t most = dims <= 16 ? least : single ? dims / 16 : dims - 2;
  most = most > least ? most : least;
  grouped->group_panels = (panels + most - 1) / most;
  grouped->groups = (panels + grouped->group_panels - 1) / grouped->group_panels;
}

static void choose_slices(km_grouped *grouped) {
  size_t row_work = grouped->narrow.dims * (grouped->k + ROW_WORK);
  size_t least = SMALL_WORK / row_work;
  least = least > SMALL_CLUSTER * grouped->k ? least : SMALL_CLUSTER * grouped->k;
  size_t share = grouped->n / SMALL_SLICES > least ? grouped->n / SMALL_SLICES : least;
  size_t rows = SLICE_WORK / row_work < share ? SLICE_WORK / row_work : share;
  grouped->slice_rows = (rows / KM_SLICE_STEP + 1) * KM_SLICE_STEP;
}

static void forget_movements(km_grouped *grouped) {
  grouped->cheapest = INFINITY;
  grouped->excess = 0;
  grouped->saved = 0;
  memset(grouped->travelled, 0, grouped->k * sizeof(double));
  memset(grouped->travelled_up, 0, grouped->k * sizeof(float));
  memset(grouped->strayed, 0, grouped->groups * sizeof(double));
  memset(grouped->strayed_up, 0, grouped->groups * sizeof(float));
}

static km_status start_run(km_grouped *grouped, size_t k) {
  km_engine *engine = grouped->engine;
  km_hooks *hooks = engine->blocks->hooks;
  size_t dims = grouped->narrow.dims;
  clear_run(grouped);
  km_status status = km_narrow_start(&grouped->narrow, k);
  if (status != KM_OK) {
    return status;
  }
  grouped->k = k;
  choose_groups(grouped);
  grouped->max_slots = slots_for(grouped->narrow.padded);
  choose_slices(grouped);
  grouped->benches = km_workers_count(engine->workers);
  grouped->bench = km_allocate(hooks, grouped->benches, sizeof *grouped->bench);
  if (!grouped->bench) {
    return KM_NOMEM;
  }
  memset(grouped->bench, 0, grouped->benches * sizeof *grouped->bench);
  grouped->group = km_allocate(hooks, k, sizeof *grouped->group);
  grouped->previous = km_allocate(hooks, k, dims * sizeof(double));
  grouped->moved = km_allocate(hooks, k, sizeof(double));
  grouped->travelled = km_allocate(hooks, k, sizeof(double));
  grouped->strayed = km_allocate(hooks, grouped->groups, sizeof(double));
  grouped->travelled_up = km_allocate(hooks, k, sizeof(float));
  grouped->strayed_up = km_allocate(hooks, grouped->groups, sizeof(float));
  if (!grouped->group || !grouped->previous || !grouped->moved || !grouped->travelled ||
      !grouped->strayed || !grouped->travelled_up || !grouped->strayed_up) {
    return KM_NOMEM;
  }
  for (size_t p = 0; p < k; p++) {
    grouped->group[p] = (uint32_t)(p / (KM_PANEL * grouped->group_panels));
  }
  memset(grouped->previous, 0, k * dims * sizeof(double));
  forget_movements(grouped);
  for (size_t b = 0; b < grouped->benches && status == KM_OK; b++) {
    status = start_bench(grouped, &grouped->bench[b]);
  }
  return status;
}

static km_status start(km_engine *engine, size_t k, km_chunks *labels) {
  km_grouped *grouped = engine->state;
  engine->k = k;
  km_status status = start_run(grouped, k);
  if (status == KM_OK) {
    status = km_moves_start(&grouped->moves, engine->blocks, engine->workers, k,
                            grouped->slice_rows, labels);
  }
  return status == KM_OK ? km_engine_take_labels(engine, labels) : status;
}

static km_status seed(km_engine *engine, km_random *random, size_t k, double *centroids) {
  km_grouped *grouped = engine->state;
  km_status status = start_run(grouped, KM_PANEL);
  if (status == KM_OK) {
    status = km_seed_stream(engine, &grouped->narrow, random, k, centroids);
  }
  clear_run(grouped);
  return status;
}

km_status km_grouped_translate(const km_grouped *grouped, km_chunks *labels,
                               const uint32_t *table) {
  km_status status = KM_OK;
  size_t run;
  for (size_t i = 0; i < grouped->n && status == KM_OK; i += run) {
    uint32_t *label = km_chunks_at(labels, i);
    run = km_chunks_run(labels, i);
    for (size_t q = 0; q < run; q++) {
      label[q] = table[label[q]];
    }
    status = km_tick(grouped->engine->blocks->hooks, run);
  }
  return status;
}

void km_grouped_settle(km_grouped *grouped, km_bench *bench, size_t count, uint32_t *place,
                       double *distance) {
  km_blocks_settle(grouped->engine->blocks, bench->doubtful, count, place, distance);
  for (size_t i = 0; i < count; i++) {
    place[i] = grouped->narrow.place[place[i]];
  }
}

km_status km_grouped_run(km_grouped *grouped, km_task *task) {
  size_t slices = (grouped->n + grouped->slice_rows - 1) / grouped->slice_rows;
  return km_workers_run(grouped->engine->workers, grouped->engine->blocks->hooks, task, grouped,
                        slices);
}

/* Gets room for the bounds, when they are first written. */
static km_status prepare_bounds(km_grouped *grouped) {
  km_status status = KM_OK;
  if (!grouped->lower.item_bytes) {
    km_hooks *hooks = grouped->engine->blocks->hooks;
    km_chunks_init(&grouped->lower, km_times(grouped->groups, KM_PANEL * sizeof(float)));
    km_chunks_init(&grouped->upper, sizeof(float));
    status = km_chunks_fill(&grouped->lower, hooks, (grouped->n + KM_PANEL - 1) / KM_PANEL);
    if (status == KM_OK) {
      status = km_chunks_fill(&grouped->upper, hooks, grouped->n);
    }
  }
  return status;
}

static size_t sum_up(km_grouped *grouped, size_t offset) {
  size_t total = 0;
  for (size_t b = 0; b < grouped->benches; b++) {
    total += *(const size_t *)(const void *)((const char *)&grouped->bench[b] + offset);
  }
  return total;
}

/* A dense pass; where it `may_bound`, it may write bounds, in groups made anew where there are movements
** to go by. */
static km_status look_everywhere(km_grouped *grouped, const double *centroids, int may_bound) {
  km_status status = km_grouped_copy(grouped);
  grouped->write = may_bound && grouped->narrow.usable && km_grouped_writes(grouped);
  if (status == KM_OK && grouped->write && grouped->moves.valid) {
    status = km_bounds_regroup(grouped, centroids);
  }
  grouped->valid = 0;
  if (status == KM_OK) {
    km_moves_begin(&grouped->moves, grouped->last_moved);
    status = km_dense_pass(grouped);
  }
  if (status == KM_OK) {
    km_narrow_copied(&grouped->narrow);
    grouped->converted += grouped->n;
  }
  if (status == KM_OK && grouped->write) {
    forget_movements(grouped);
    grouped->valid = 1;
  }
  return status;
}

/* A pass with bounds. */
static km_status look_where_needed(km_grouped *grouped) {
  km_status status = km_bounds_pass(grouped);
  grouped->converted += 2 * sum_up(grouped, offsetof(km_bench, failed));
  return status;
}

/* Finds the place of every point. */
static km_status find_places(km_grouped *grouped, const double *centroids, int may_bound) {
  km_status status = may_bound ? prepare_bounds(grouped) : KM_OK;
  if (status != KM_OK) {
    return status;
  }
  status = km_narrow_aim(&grouped->narrow, centroids);
  if (status == KM_OK) {
    status = km_blocks_aim(grouped->engine->blocks, centroids, grouped->k);
  }
  if (status == KM_OK && may_bound) {
    status = km_bounds_drift(grouped, centroids);
  }
  if (status != KM_OK) {
    return status;
  }
  for (size_t b = 0; b < grouped->benches; b++) {
    grouped->bench[b].moved = grouped->bench[b].failed = 0;
  }
  return km_grouped_uses_bounds(grouped) ? look_where_needed(grouped)
                                         : look_everywhere(grouped, centroids, may_bound);
}

/* Brings the sums up to date, and hands them out by the numbers of the clusters. */
static km_status give_sums(km_grouped *grouped, km_sum *sums) {
  km_status status = km_moves_apply(&grouped->moves);
  size_t dims = grouped->narrow.dims;
  size_t columns = grouped->moves.columns;
  for (size_t p = 0; p < grouped->k && status == KM_OK; p++) {
    km_sum *sum = sums + grouped->narrow.order[p] * dims;
    for (size_t first = 0; first < dims; first += columns) {
      const double *high = grouped->moves.high + km_moves_at(&grouped->moves, p, first);
      const double *low = grouped->moves.low + km_moves_at(&grouped->moves, p, first);
      for (size_t j = 0; j < columns && first + j < dims; j++) {
        sum[first + j] = (km_sum){high[j], low[j]};
      }
    }
    status = km_tick(grouped->engine->blocks->hooks, 4 * dims);
  }
  return status;
}

/* The weights of the clusters, row by row. */
static km_status give_weights(const km_grouped *grouped) {
  const km_engine *engine = grouped->engine;
  km_status status = KM_OK;
  memset(engine->weights, 0, grouped->k * sizeof *engine->weights);
  for (size_t i = 0; i < grouped->n && status == KM_OK; i++) {
    uint32_t place = *(const uint32_t *)km_chunks_at(engine->labels, i);
    km_sum_add(&engine->weights[grouped->narrow.order[place]], km_blocks_weight(engine->blocks, i));
    status = km_tick(engine->blocks->hooks, 4);
  }
  return status;
}

static km_status assign(km_engine *engine, const double *centroids, km_sum *sums, size_t *counts,
                        size_t *moved) {
  km_grouped *grouped = engine->state;
  km_status status = find_places(grouped, centroids, engine->type != &km_engine_dense);
  if (status == KM_OK) {
    status = give_sums(grouped, sums);
  }
  if (status == KM_OK && engine->weights) {
    status = give_weights(grouped);
  }
  for (size_t p = 0; p < grouped->k && status == KM_OK; p++) {
    counts[grouped->narrow.order[p]] = grouped->moves.counts[p];
  }
  *moved = grouped->last_moved = sum_up(grouped, offsetof(km_bench, moved));
  return status;
}

static km_status labels(km_engine *engine) {
  km_grouped *grouped = engine->state;
  return km_grouped_translate(grouped, engine->labels, grouped->narrow.order);
}

static km_status resume(km_engine *engine) {
  km_grouped *grouped = engine->state;
  return km_grouped_translate(grouped, engine->labels, grouped->narrow.place);
}

/* What bounds.c knows of a row, whose label is the number of its centroid. */
static double reach(const km_engine *engine, size_t i) {
  const km_grouped *grouped = engine->state;
  if (!grouped->valid) {
    return INFINITY;
  }
  uint32_t place = grouped->narrow.place[*(const uint32_t *)km_chunks_at(engine->labels, i)];
  double upper = (double)*km_grouped_upper(grouped, i) + grouped->travelled[place];
  double distance = upper / grouped->narrow.scale;
  return distance * distance * (1 + 0x1p-30);
}

/* Rows may be in parts: then the sums of whole ones are taken when the next points are assigned. */
static void relabel(km_engine *engine, size_t i, uint32_t from, uint32_t to) {
  km_grouped *grouped = engine->state;
  if (!engine->weights) {
    km_moves_change(&grouped->moves, i, grouped->narrow.place[from], grouped->narrow.place[to]);
  }
}

static km_status adopt(km_engine *engine, km_sum *sums, const size_t *counts) {
  km_grouped *grouped = engine->state;
  (void)counts;
  grouped->valid = 0;
  grouped->moves.valid &= !engine->weights;
  km_status status = engine->weights ? km_engine_sum(engine, sums) : KM_OK;
  if (status == KM_OK) {
    status = resume(engine);
  }
  return status == KM_OK && !engine->weights ? give_sums(grouped, sums) : status;
}

/* Labels and bounds are what a summary can go on from; nobody asks for sums. */
static void finish(km_engine *engine) {
  km_grouped *grouped = engine->state;
  km_moves_clear(&grouped->moves);
}

/* Finds the nearest of the run's centroids to each given one; *done: that is one to one, the run's
** order is changed to the new numbers, and its bounds go on to hold. */
static km_status renumber(km_grouped *grouped, const double *centroids, int *done) {
  enum { BATCH = 16 };
  km_blocks *blocks = grouped->engine->blocks;
  size_t k = grouped->k;
  size_t dims = grouped->narrow.dims;
  uint32_t *taken = grouped->narrow.place;
  uint32_t place[BATCH];
  double distance[BATCH];
  km_status status = KM_OK;
  *done = 0;
  for (size_t p = 0; p < k; p++) {
    taken[p] = UINT32_MAX;
  }
  status = km_blocks_aim(blocks, grouped->previous, k);
  for (size_t first = 0; first < k && status == KM_OK; first += BATCH) {
    size_t count = k - first < BATCH ? k - first : BATCH;
    km_blocks_settle(blocks, centroids + first * dims, count, place, distance);
    for (size_t q = 0; q < count; q++) {
      if (taken[place[q]] != UINT32_MAX) {
        return KM_OK;
      }
      taken[place[q]] = (uint32_t)(first + q);
    }
    status = km_tick(blocks->hooks, count * dims * k);
  }
  memcpy(grouped->narrow.order, taken, k * sizeof *taken);
  *done = 1;
  return status;
}

static km_status summarise(km_engine *engine, const double *centroids, size_t k,
                           const km_summary *summary) {
  km_grouped *grouped = engine->state;
  km_status status = KM_OK;
  int goes_on = 0;
  if (grouped->valid && grouped->k == k && engine->labels == summary->labels) {
    status = renumber(grouped, centroids, &goes_on);
  }
  if (status == KM_OK && !goes_on) {
    status = start_run(grouped, k);
    if (status == KM_OK) {
      status = km_engine_take_labels(engine, summary->labels);
    }
  }
  if (status == KM_OK) {
    status = find_places(grouped, centroids, grouped->valid);
  }
  if (status == KM_OK) {
    status = labels(engine);
  }
  if (status == KM_OK) {
    status = km_grouped_sum_distances(grouped, centroids, k, summary);
  }
  grouped->valid = 0;
  return status;
}

/* The three differ in what they do where they may choose, and find that out from their type. */
#define GROUPED(NAME)                                                                              \
  {                                                                                                \
    .name = NAME, .begin = begin, .seed = seed, .start = start, .assign = assign,                  \
    .labels = labels, .resume = resume, .reach = reach, .relabel = relabel, .adopt = adopt,        \
    .finish = finish, .summarise = summarise, .end = end                                           \
  }

const km_engine_type km_engine_dense = GROUPED("dense");
const km_engine_type km_engine_bounds = GROUPED("bounds");
const km_engine_type km_engine_grouped = GROUPED("grouped");
