/* Greedy k-means++ for five columns and more: many candidates in one pass over the points.
**
** A step draws a few candidates and takes the one that lowers the sum of the squared distances to the
** nearest centroid the most. Nearly all points have a centroid nearer to them than any candidate, and
** single precision suffices to see that: the points are kept as floats, in tiles by columns, with one
** number each that a candidate's score must exceed to be worth a look (see core/narrow.h for scores
** and their error). Data that is in floats already is not kept twice, but turned into tiles on the way.
**
** Reading all points takes longer than scoring a few candidates. So rows are drawn for several steps at
** once, the pool, and the points that each of them may be nearer to are listed: about one in the number
** of centroids so far. By the time that a later step comes to a row of the pool, some points have got
** nearer centroids. Where the row's squared distance was D when it was drawn and is D' now, it is
** accepted with probability D'/D: rejection sampling (von Neumann 1951), so what a step accepts has the
** very distribution of rows drawn now. What is left of a pool too small for a step is thrown away,
** unseen but for how many were accepted, which says nothing about them.
**
** The scores of the hits tell what a candidate would gain, within a bound that is proved in seed_scores.c.
** Where that leaves more than one candidate for the best, they are measured in double (seed_exact.c). The
** points of the winner are always: their distances decide later draws. So every number that something
** depends on is a double distance as the plain loop rounds it: the same whatever the kernels.
**
** Sums are taken slice by slice and merged in their order: the same whatever the number of threads.
*/
#include "core/seed_stream.h"

#include <math.h>

/* Rows of a slice: at least this many, a multiple of every level's tile; of wide rows, as many as a worker is
** soon done with. */
#define ROWS (20 * KM_SLICE_STEP)
#define SLICE_WORK ((size_t)1 << 21)
#define SLICES 1024

/* With so many centroids a pool is 2 panels, 4 or 8: so many that lists seldom overflow. */
#define TWO_PANELS 8
#define FOUR_PANELS 20
#define EIGHT_PANELS 48

static km_status run_slices(km_streaming *seed, km_task *task) {
  return km_workers_run(seed->engine->workers, seed->engine->blocks->hooks, task, seed,
                        seed->slices);
}

/* Takes row i as the next centroid. */
static void choose(km_streaming *seed, size_t i) {
  km_dataset_copy(seed->engine->blocks->data, i, seed->centroids + seed->chosen * seed->dims);
  seed->chosen++;
}

static double potential_of(const km_streaming *seed) {
  km_sum potential = {0, 0};
  for (size_t s = 0; s < seed->slices; s++) {
    km_sum_merge(&potential, &seed->part[s]);
  }
  return km_sum_value(&potential);
}

/* Thresholds in ascending order, uniform below the potential: that of pool row place[t] is threshold[t]. */
static void draw_thresholds(km_streaming *seed, double potential, double *threshold,
                            size_t *place) {
  for (size_t t = 0; t < seed->pooled; t++) {
    double value = km_random_unit(seed->random) * potential;
    size_t at = t;
    for (; at > 0 && threshold[at - 1] > value; at--) {
      threshold[at] = threshold[at - 1];
      place[at] = place[at - 1];
    }
    threshold[at] = value;
    place[at] = t;
  }
}

/* Draws row i with probability weight * closest[i] / potential: where the running sum of closest exceeds
** a threshold. Slices that hold none are passed over by their sum. By rounding the last thresholds may
** find none: they get the row `open`. */
static void draw_rows(km_streaming *seed, double potential, size_t open) {
  double threshold[KM_POOL];
  size_t place[KM_POOL];
  size_t drawn = 0;
  km_sum running = {0, 0};
  draw_thresholds(seed, potential, threshold, place);
  for (size_t s = 0; s < seed->slices && drawn < seed->pooled; s++) {
    km_sum after = running;
    size_t last = seed->n;
    km_sum_merge(&after, &seed->part[s]);
    size_t base = s * seed->slice_rows;
    size_t end = km_seed_slice_end(seed, s);
    const double *closest = km_seed_closest(seed, s);
    for (size_t i = base;
         i < end && drawn < seed->pooled && km_sum_value(&after) > threshold[drawn]; i++) {
      if (closest[i - base] > 0) {
        last = i;
        km_seed_add(seed, &running, i, closest[i - base]);
        while (drawn < seed->pooled && km_sum_value(&running) > threshold[drawn]) {
          seed->pool[place[drawn++]] = i;
        }
      }
    }
    while (last < seed->n && drawn < seed->pooled && km_sum_value(&after) > threshold[drawn]) {
      /* unreached: the threshold lies between two sums that agree to a hundred bits */
      seed->pool[place[drawn++]] = last;
    }
    running = after;
  }
  while (drawn < seed->pooled) {
    /* unreached: as above, between the last sum and the potential */
    seed->pool[place[drawn++]] = open;
  }
}

static double closest_of(const km_streaming *seed, size_t i) {
  return km_seed_closest(seed, i / seed->slice_rows)[i % seed->slice_rows];
}

/* The last row that is no centroid yet, or n. */
static size_t last_open(const km_streaming *seed) {
  size_t i = seed->n;
  while (i > 0 && !(closest_of(seed, i - 1) > 0)) {
    i--;
  }
  return i > 0 ? i - 1 : seed->n;
}

/* Converts the pool to float. Its share of the error raises its scores: the limits hold that of the
** points. */
static void pack_pool(km_streaming *seed) {
  const km_narrow *narrow = seed->narrow;
  float *row = ((km_grouped *)seed->engine->state)->bench->rows;
  for (size_t p = 0; p < seed->pooled; p++) {
    double *from = seed->pool_rows + p * seed->dims;
    km_dataset_copy(seed->engine->blocks->data, seed->pool[p], from);
    double squared = km_narrow_pack(narrow, from, row, seed->panel, p);
    seed->level[p] = km_narrow_level(narrow, squared);
    seed->half[p] = (float)(((double)seed->level[p] - squared) / 2);
  }
}

/* How many rows to draw at a time: panels full. */
static size_t pool_size(const km_streaming *seed) {
  size_t least = km_panel_count(seed->trials);
  size_t panels = seed->chosen < TWO_PANELS     ? 1
                  : seed->chosen < FOUR_PANELS  ? 2
                  : seed->chosen < EIGHT_PANELS ? 4
                                                : 8;
  return (panels > least ? panels : least) * KM_PANEL;
}

/* Draws a new pool, and takes this step's candidates from it. */
static km_status fill_pool(km_streaming *seed, double potential, size_t open) {
  km_status status = KM_OK;
  seed->pooled = pool_size(seed);
  seed->next = seed->trials;
  draw_rows(seed, potential, open);
  for (size_t p = 0; p < seed->pooled; p++) {
    seed->drawn[p] = closest_of(seed, seed->pool[p]);
  }
  for (size_t t = 0; t < seed->trials; t++) {
    seed->candidate[t] = t;
  }
  pack_pool(seed);
  for (size_t s = 0; s < seed->slices; s++) {
    seed->listed[s] = KM_UNLISTED;
  }
  if (seed->pooled >= 2 * seed->trials) {
    status = run_slices(seed, km_seed_list);
  }
  return status;
}

/* Takes this step's candidates from the pool, if it has enough of them. */
static int take_from_pool(km_streaming *seed) {
  size_t taken = 0;
  for (; seed->next < seed->pooled && taken < seed->trials; seed->next++) {
    double now = closest_of(seed, seed->pool[seed->next]);
    if (km_random_unit(seed->random) * seed->drawn[seed->next] < now) {
      seed->candidate[taken++] = seed->next;
    }
  }
  return taken == seed->trials;
}

/* The row that a trial tries. */
static size_t row_of(const km_streaming *seed, size_t trial) {
  return seed->pool[seed->candidate[trial]];
}

/* Adds up the slices' estimates. Sets `winner` to the candidate that may gain the most, and `unsure` to
** those that might gain more after all. */
static void compare_estimates(km_streaming *seed) {
  double most[KM_MAX_TRIALS] = {0};
  double doubt[KM_MAX_TRIALS] = {0};
  double least = 0;
  for (size_t s = 0; s < seed->slices; s++) {
    for (size_t t = 0; t < seed->trials; t++) {
      most[t] += seed->gain[s * seed->trials + t];
      doubt[t] += seed->doubt[s * seed->trials + t];
    }
  }
  for (size_t t = 0; t < seed->trials; t++) {
    /* More than double rounding takes. */
    double sure = most[t] * (1 - 0x1p-30) - doubt[t] * (1 + 0x1p-20);
    if (t == 0 || sure > least) {
      least = sure;
      seed->winner = t;
    }
  }
  seed->unsure = 0;
  for (size_t t = 0; t < seed->trials; t++) {
    if (!(most[t] < least)) {
      seed->unsure |= (uint32_t)1 << t;
    }
  }
}

/* The best of the unsure candidates by what they save: the first row on a tie. */
static void compare_savings(km_streaming *seed) {
  double most = -1;
  for (size_t t = 0; t < seed->trials; t++) {
    km_sum saved = {0, 0};
    for (size_t s = 0; s < seed->slices; s++) {
      km_sum_merge(&saved, &seed->saved[s * seed->trials + t]);
    }
    double value = km_sum_value(&saved);
    if ((seed->unsure >> t & 1) &&
        (value > most || (value == most && row_of(seed, t) < row_of(seed, seed->winner)))) {
      most = value;
      seed->winner = t;
    }
  }
}

/* Finds the best of this step's candidates. */
static km_status find_winner(km_streaming *seed) {
  for (size_t p = 0; p < seed->pooled; p++) {
    seed->trial[p] = -1;
  }
  for (size_t t = 0; t < seed->trials; t++) {
    seed->trial[seed->candidate[t]] = (int)t;
  }
  km_status status = run_slices(seed, km_seed_estimate);
  if (status == KM_OK) {
    compare_estimates(seed);
  }
  /* More than one is unsure. */
  if (status == KM_OK && (seed->unsure & (seed->unsure - 1)) != 0) {
    status = run_slices(seed, km_seed_measure);
    if (status == KM_OK) {
      compare_savings(seed);
    }
  }
  return status;
}

/* Chooses the next centroid, not the first. */
static km_status choose_next(km_streaming *seed) {
  double potential = potential_of(seed);
  size_t open = potential > 0 ? last_open(seed) : seed->n;
  km_status status = KM_OK;
  if (open == seed->n) {
    status = km_seed_next_distinct(seed->engine->blocks, seed->centroids, seed->chosen,
                                   &seed->next_distinct);
    if (status == KM_OK) {
      choose(seed, seed->next_distinct);
    }
    return status;
  }
  if (!take_from_pool(seed)) {
    status = fill_pool(seed, potential, open);
  }
  if (status == KM_OK) {
    status = find_winner(seed);
  }
  if (status == KM_OK) {
    choose(seed, row_of(seed, seed->winner));
    status = run_slices(seed, km_seed_update);
  }
  return status;
}

static km_status choose_first(km_streaming *seed) {
  size_t first;
  km_status status =
      km_draw_row(seed->engine->blocks->data, seed->engine->blocks->hooks, seed->random, &first);
  if (status == KM_OK) {
    choose(seed, first);
  }
  return status;
}

static km_status prepare(km_streaming *seed) {
  km_hooks *hooks = seed->engine->blocks->hooks;
  size_t tile = seed->narrow->kernels->tile;
  size_t tiles = (seed->n + tile - 1) / tile;
  seed->slice_rows = (seed->n / SLICES / KM_SLICE_STEP + 1) * KM_SLICE_STEP;
  size_t least = SLICE_WORK / seed->dims / KM_SLICE_STEP * KM_SLICE_STEP + KM_SLICE_STEP;
  least = least < ROWS ? least : ROWS;
  seed->slice_rows = seed->slice_rows > least ? seed->slice_rows : least;
  seed->slices = (seed->n + seed->slice_rows - 1) / seed->slice_rows;
  seed->panel = km_allocate(hooks, KM_POOL, seed->dims * sizeof(float));
  seed->pool_rows = km_allocate(hooks, KM_POOL, seed->dims * sizeof(double));
  seed->part = km_allocate(hooks, seed->slices, sizeof *seed->part);
  seed->largest = km_allocate(hooks, seed->slices, sizeof *seed->largest);
  seed->slack = km_allocate(hooks, seed->slices, sizeof *seed->slack);
  seed->listed = km_allocate(hooks, seed->slices, sizeof *seed->listed);
  seed->gain = km_allocate(hooks, seed->slices * seed->trials, sizeof *seed->gain);
  seed->doubt = km_allocate(hooks, seed->slices * seed->trials, sizeof *seed->doubt);
  seed->saved = km_allocate(hooks, seed->slices * seed->trials, sizeof *seed->saved);
  km_chunks_init(&seed->tiles, tile * seed->dims * sizeof(float));
  km_chunks_init(&seed->closest, seed->slice_rows * sizeof(double));
  km_chunks_init(&seed->limit, seed->slice_rows * sizeof(float));
  km_chunks_init(&seed->room, KM_HITS_PER_POINT * seed->slice_rows * sizeof(km_hit));
  if (!seed->panel || !seed->pool_rows || !seed->part || !seed->largest || !seed->slack ||
      !seed->listed || !seed->gain || !seed->doubt || !seed->saved ||
      km_chunks_fill(&seed->tiles, hooks, seed->narrow->raw ? 0 : tiles) != KM_OK ||
      km_chunks_fill(&seed->closest, hooks, seed->slices) != KM_OK ||
      km_chunks_fill(&seed->limit, hooks, seed->slices) != KM_OK) {
    return KM_NOMEM;
  }
  return km_chunks_fill(&seed->room, hooks, seed->slices);
}

static void finish(km_streaming *seed) {
  km_hooks *hooks = seed->engine->blocks->hooks;
  km_release(hooks, seed->panel);
  km_release(hooks, seed->pool_rows);
  km_release(hooks, seed->part);
  km_release(hooks, seed->largest);
  km_release(hooks, seed->slack);
  km_release(hooks, seed->listed);
  km_release(hooks, seed->gain);
  km_release(hooks, seed->doubt);
  km_release(hooks, seed->saved);
  km_chunks_clear(&seed->tiles, hooks);
  km_chunks_clear(&seed->closest, hooks);
  km_chunks_clear(&seed->limit, hooks);
  km_chunks_clear(&seed->room, hooks);
}

km_status km_seed_stream(km_engine *engine, km_narrow *narrow, km_random *random, size_t k,
                         double *centroids) {
  km_streaming seed = {.engine = engine, .narrow = narrow, .random = random};
  seed.centroids = centroids;
  seed.n = engine->blocks->data->rows.count;
  seed.dims = narrow->dims;
  seed.trials = km_seed_trials(k);
  km_status status = prepare(&seed);
  if (status == KM_OK) {
    status = choose_first(&seed);
  }
  if (status == KM_OK) {
    status = run_slices(&seed, km_seed_fill);
  }
  while (status == KM_OK && seed.chosen < k) {
    status = choose_next(&seed);
  }
  finish(&seed);
  return status;
}
