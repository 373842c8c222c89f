/* Greedy k-means++ for five columns and more: all candidates of a step in one pass over the points.
**
** A step draws a few candidates and takes the one that lowers the sum of the squared distances to the
** nearest centroid the most. Nearly all points have a centroid nearer to them than any candidate, and
** single precision suffices to see that: the points are kept as floats, in tiles by columns, with one
** number each that a candidate's score must exceed to be worth a look (see core/narrow.h for scores
** and their error). Data that is in floats already is not kept twice, but turned into tiles on the way.
** Only points that pass are measured in double, about one in the number of centroids so far. So a step
** reads half the memory that points in double take and does little else, and yet every number that it
** decides by is a double distance as the plain loop rounds it: the same whatever the kernels.
**
** What a candidate would save is summed up slice by slice, and the slices are merged in their order:
** the same whatever the number of threads.
*/
#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/grouped.h"
#include "core/seed.h"
#include "core/weights.h"

/* Rows of a slice: at least this many, a multiple of every level's tile. */
#define ROWS (20 * KM_SLICE_STEP)
#define SLICES 1024

typedef struct streaming {
  km_engine *engine;
  km_narrow *narrow;
  km_random *random;
  size_t n;
  size_t dims;
  size_t trials;
  size_t chosen;
  double *centroids;
  size_t next_distinct;

  km_chunks tiles;   /* the points in float, by columns: an item is one tile; none of raw data */
  km_chunks closest; /* a double per point: squared distance to the nearest chosen centroid */
  km_chunks limit;   /* per tile, a float per point: scores above this may be nearer than closest */
  km_chunks nearer;  /* 32 bits per point: the candidates that are nearer than closest */

  size_t slice_rows;
  size_t slices;
  km_sum *part;  /* slices: the sum of closest, by weight */
  km_sum *saved; /* slices * trials: by how much each candidate would lower it */

  size_t candidate[KM_MAX_TRIALS];
  double *candidate_rows; /* trials * dims */
  size_t panels;
  float *panel; /* the candidates in float */
  float *half;
  size_t winner; /* the candidate that update() takes */
} streaming;

/* Pairs of points and candidates that wait for their distance in double. */
typedef struct pairs {
  double *room; /* 4 * dims */
  const double *row[4];
  const double *centroid[4];
  size_t point[4];
  size_t trial[4];
  size_t count;
} pairs;

static double *closest_of(const streaming *seed, size_t i) {
  return km_chunks_at(&seed->closest, i);
}

static float *limit_of(const streaming *seed, size_t i) {
  size_t tile = seed->narrow->kernels->tile;
  return (float *)km_chunks_at(&seed->limit, i / tile) + i % tile;
}

static const double *row_of(const streaming *seed, size_t i, double *room) {
  return km_dataset_row(seed->engine->blocks->data, i, room);
}

static km_bench *bench_of(const streaming *seed, size_t worker) {
  return &((km_grouped *)seed->engine->state)->bench[worker];
}

/* Adds a term of point i, times its weight. */
static inline void add_term(const streaming *seed, km_sum *sum, size_t i, double term) {
  const km_blocks *blocks = seed->engine->blocks;
  if (km_dataset_weighted(blocks->data)) {
    km_sum_add_product(sum, km_blocks_weight(blocks, i), term);
  } else {
    km_sum_add(sum, term);
  }
}

static size_t slice_end(const streaming *seed, size_t slice) {
  size_t end = (slice + 1) * seed->slice_rows;
  return end < seed->n ? end : seed->n;
}

/* Converts a slice to tiles; closest is the distance to the first centroid, and the limits follow. */
static void fill_slice(void *context, size_t slice, size_t worker) {
  streaming *seed = context;
  const km_narrow *narrow = seed->narrow;
  size_t tile = narrow->kernels->tile;
  size_t dims = seed->dims;
  km_bench *bench = bench_of(seed, worker);
  seed->part[slice] = (km_sum){0, 0};
  for (size_t first = slice * seed->slice_rows; first < slice_end(seed, slice); first += tile) {
    km_ranking ranking = {.group_best = NULL};
    const float *points =
        km_narrow_tile(narrow, first, seed->n, bench->room, bench->rows, bench->points);
    if (!narrow->raw) {
      memcpy(km_chunks_at(&seed->tiles, first / tile), points, tile * dims * sizeof(float));
    }
    narrow->kernels->rank(points, dims, seed->panel, seed->half, 0, &ranking);
    for (size_t i = 0; i < tile && first + i < seed->n; i++) {
      double squared =
          km_squared_distance(row_of(seed, first + i, bench->room), seed->centroids, dims);
      double scaled = squared * narrow->scale * narrow->scale;
      *closest_of(seed, first + i) = squared;
      *limit_of(seed, first + i) = km_round_down(
          ((double)ranking.norm[i] - scaled - (double)(narrow->slope * ranking.norm[i])) / 2);
      *(uint32_t *)km_chunks_at(&seed->nearer, first + i) = 0;
      add_term(seed, &seed->part[slice], first + i, squared);
    }
    for (size_t i = seed->n - first; i < tile; i++) {
      *limit_of(seed, first + i) = INFINITY;
    }
  }
}

/* Measures the waiting pairs and adds up what they save. */
static void measure_pairs(streaming *seed, pairs *waiting, km_sum *saved) {
  double squared[4];
  for (size_t q = waiting->count; q < 4; q++) {
    waiting->row[q] = waiting->row[0];
    waiting->centroid[q] = waiting->centroid[0];
  }
  km_squared_distance_four(waiting->row, waiting->centroid, seed->dims, squared);
  for (size_t q = 0; q < waiting->count; q++) {
    double closest = *closest_of(seed, waiting->point[q]);
    if (squared[q] < closest) {
      add_term(seed, &saved[waiting->trial[q]], waiting->point[q], closest - squared[q]);
      *(uint32_t *)km_chunks_at(&seed->nearer, waiting->point[q]) |= (uint32_t)1
                                                                     << waiting->trial[q];
    }
  }
  waiting->count = 0;
}

/* Puts a point and the candidates whose scores exceed its limit on the waiting list. */
static void add_pairs(streaming *seed, pairs *waiting, size_t point, size_t panel,
                      const float *scores, float limit, km_sum *saved) {
  size_t tile = seed->narrow->kernels->tile;
  size_t first = panel * KM_PANEL;
  for (size_t t = first; t < first + KM_PANEL && t < seed->trials; t++) {
    if (scores[(t - first) * tile] > limit) {
      size_t q = waiting->count++;
      waiting->row[q] = row_of(seed, point, waiting->room + q * seed->dims);
      waiting->centroid[q] = seed->candidate_rows + t * seed->dims;
      waiting->point[q] = point;
      waiting->trial[q] = t;
      if (waiting->count == 4) {
        measure_pairs(seed, waiting, saved);
      }
    }
  }
}

static void try_slice(void *context, size_t slice, size_t worker) {
  streaming *seed = context;
  const km_kernels *kernels = seed->narrow->kernels;
  size_t tile = kernels->tile;
  km_bench *bench = bench_of(seed, worker);
  km_sum *saved = seed->saved + slice * seed->trials;
  pairs waiting = {.room = bench->room};
  float scores[KM_PANEL * KM_MAX_TILE];
  unsigned char mask[KM_MAX_TILE / 8];
  for (size_t t = 0; t < seed->trials; t++) {
    saved[t] = (km_sum){0, 0};
  }
  for (size_t first = slice * seed->slice_rows; first < slice_end(seed, slice); first += tile) {
    const float *limit = km_chunks_at(&seed->limit, first / tile);
    const float *points = seed->narrow->raw ? km_narrow_tile(seed->narrow, first, seed->n, NULL,
                                                             bench->rows, bench->points)
                                            : km_chunks_at(&seed->tiles, first / tile);
    for (size_t p = 0; p < seed->panels; p++) {
      kernels->scores(points, seed->dims, seed->panel + p * seed->dims * KM_PANEL,
                      seed->half + p * KM_PANEL, scores);
      kernels->exceed(scores, limit, mask);
      for (size_t i = 0; i < tile; i++) {
        if (mask[i / 8] >> i % 8 & 1) {
          add_pairs(seed, &waiting, first + i, p, scores + i, limit[i], saved);
        }
      }
    }
  }
  if (waiting.count > 0) {
    measure_pairs(seed, &waiting, saved);
  }
}

/* Lowers closest of the waiting points, and with it the limits and the sum of the slice. */
static void update_points(streaming *seed, pairs *waiting, km_sum *part) {
  double unit = seed->narrow->scale * seed->narrow->scale;
  double squared[4];
  for (size_t q = waiting->count; q < 4; q++) {
    waiting->row[q] = waiting->row[0];
    waiting->centroid[q] = waiting->centroid[0];
  }
  km_squared_distance_four(waiting->row, waiting->centroid, seed->dims, squared);
  for (size_t q = 0; q < waiting->count; q++) {
    double *closest = closest_of(seed, waiting->point[q]);
    float *limit = limit_of(seed, waiting->point[q]);
    *limit = squared[q] > 0 ? km_round_down((double)*limit + (*closest - squared[q]) * unit / 2)
                            : (float)INFINITY;
    add_term(seed, part, waiting->point[q], -*closest);
    add_term(seed, part, waiting->point[q], squared[q]);
    *closest = squared[q];
  }
  waiting->count = 0;
}

/* Finds the points to which the winner is nearer than all centroids before. */
static void update_slice(void *context, size_t slice, size_t worker) {
  streaming *seed = context;
  const double *winner = seed->candidate_rows + seed->winner * seed->dims;
  pairs waiting = {.room = bench_of(seed, worker)->room};
  for (size_t i = slice * seed->slice_rows; i < slice_end(seed, slice); i++) {
    uint32_t *nearer = km_chunks_at(&seed->nearer, i);
    if (*nearer >> seed->winner & 1) {
      size_t q = waiting.count++;
      waiting.row[q] = row_of(seed, i, waiting.room + q * seed->dims);
      waiting.centroid[q] = winner;
      waiting.point[q] = i;
      if (waiting.count == 4) {
        update_points(seed, &waiting, &seed->part[slice]);
      }
    }
    *nearer = 0;
  }
  if (waiting.count > 0) {
    update_points(seed, &waiting, &seed->part[slice]);
  }
}

static km_status run_slices(streaming *seed, km_task *task) {
  return km_workers_run(seed->engine->workers, seed->engine->blocks->hooks, task, seed,
                        seed->slices);
}

/* Takes row i as the next centroid. */
static void choose(streaming *seed, size_t i) {
  km_dataset_copy(seed->engine->blocks->data, i, seed->centroids + seed->chosen * seed->dims);
  seed->chosen++;
}

static double potential_of(const streaming *seed) {
  km_sum potential = {0, 0};
  for (size_t s = 0; s < seed->slices; s++) {
    km_sum_merge(&potential, &seed->part[s]);
  }
  return km_sum_value(&potential);
}

/* Thresholds in ascending order, uniform below the potential. */
static void draw_thresholds(streaming *seed, double potential, double *threshold) {
  for (size_t t = 0; t < seed->trials; t++) {
    double value = km_random_unit(seed->random) * potential;
    size_t at = t;
    for (; at > 0 && threshold[at - 1] > value; at--) {
      threshold[at] = threshold[at - 1];
    }
    threshold[at] = value;
  }
}

/* Draws row i with probability weight * closest[i] / potential: where the running sum of closest exceeds a
** threshold. Slices that hold none are passed over by their sum. Returns how many rows were found:
** fewer than trials only by rounding. */
static size_t draw_rows(streaming *seed, const double *threshold) {
  size_t drawn = 0;
  km_sum running = {0, 0};
  for (size_t s = 0; s < seed->slices && drawn < seed->trials; s++) {
    km_sum after = running;
    size_t last = seed->n;
    km_sum_merge(&after, &seed->part[s]);
    size_t end = slice_end(seed, s);
    for (size_t i = s * seed->slice_rows;
         i < end && drawn < seed->trials && km_sum_value(&after) > threshold[drawn]; i++) {
      double closest = *closest_of(seed, i);
      if (closest > 0) {
        last = i;
        add_term(seed, &running, i, closest);
        while (drawn < seed->trials && km_sum_value(&running) > threshold[drawn]) {
          seed->candidate[drawn++] = i;
        }
      }
    }
    while (last < seed->n && drawn < seed->trials && km_sum_value(&after) > threshold[drawn]) {
      seed->candidate[drawn++] = last;
    }
    running = after;
  }
  return drawn;
}

/* The last row that is no centroid yet, or n. */
static size_t last_open(const streaming *seed) {
  size_t i = seed->n;
  while (i > 0 && !(*closest_of(seed, i - 1) > 0)) {
    i--;
  }
  return i > 0 ? i - 1 : seed->n;
}

/* Packs the candidates in float. Their share of the error raises their scores: the limits hold that of
** the points. */
static void pack_candidates(streaming *seed, float *row) {
  const km_narrow *narrow = seed->narrow;
  double squared[KM_MAX_TRIALS] = {0};
  double largest = 0;
  for (size_t t = 0; t < seed->panels * KM_PANEL; t++) {
    float *panel = seed->panel + t / KM_PANEL * seed->dims * KM_PANEL + t % KM_PANEL;
    const double *from = seed->candidate_rows + (t < seed->trials ? t : 0) * seed->dims;
    narrow->kernels->narrow(from, narrow->mean, narrow->scale, seed->dims, row);
    squared[t] = 0;
    for (size_t j = 0; j < seed->dims; j++) {
      double z = (from[j] - narrow->mean[j]) * narrow->scale;
      squared[t] += z * z;
      panel[j * KM_PANEL] = row[j];
    }
    largest = squared[t] > largest ? squared[t] : largest;
  }
  double level = (double)km_narrow_level(narrow, largest);
  for (size_t t = 0; t < seed->panels * KM_PANEL; t++) {
    seed->half[t] = t < seed->trials ? (float)((level - squared[t]) / 2) : -INFINITY;
  }
}

/* Chooses the next centroid, not the first. */
static km_status choose_next(streaming *seed) {
  double threshold[KM_MAX_TRIALS];
  double potential = potential_of(seed);
  size_t open = potential > 0 ? last_open(seed) : seed->n;
  km_status status;
  if (open == seed->n) {
    status = km_seed_next_distinct(seed->engine->blocks, seed->centroids, seed->chosen,
                                   &seed->next_distinct);
    if (status == KM_OK) {
      choose(seed, seed->next_distinct);
    }
    return status;
  }
  draw_thresholds(seed, potential, threshold);
  for (size_t t = draw_rows(seed, threshold); t < seed->trials; t++) {
    seed->candidate[t] = open;
  }
  for (size_t t = 0; t < seed->trials; t++) {
    km_dataset_copy(seed->engine->blocks->data, seed->candidate[t],
                    seed->candidate_rows + t * seed->dims);
  }
  pack_candidates(seed, bench_of(seed, 0)->rows);
  status = run_slices(seed, try_slice);
  if (status != KM_OK) {
    return status;
  }
  double most = -1;
  for (size_t t = 0; t < seed->trials; t++) {
    km_sum saved = {0, 0};
    for (size_t s = 0; s < seed->slices; s++) {
      km_sum_merge(&saved, &seed->saved[s * seed->trials + t]);
    }
    if (km_sum_value(&saved) > most) {
      most = km_sum_value(&saved);
      seed->winner = t;
    }
  }
  choose(seed, seed->candidate[seed->winner]);
  return run_slices(seed, update_slice);
}

static km_status choose_first(streaming *seed) {
  const km_blocks *blocks = seed->engine->blocks;
  km_lottery lottery;
  km_status status = km_lottery_init(&lottery, blocks->data, blocks->hooks);
  if (status == KM_OK) {
    choose(seed, km_lottery_draw(&lottery, seed->random));
  }
  km_lottery_clear(&lottery, blocks->hooks);
  return status;
}

static km_status prepare(streaming *seed) {
  km_hooks *hooks = seed->engine->blocks->hooks;
  size_t tile = seed->narrow->kernels->tile;
  size_t tiles = (seed->n + tile - 1) / tile;
  seed->slice_rows = (seed->n / SLICES / KM_SLICE_STEP + 1) * KM_SLICE_STEP;
  seed->slice_rows = seed->slice_rows > ROWS ? seed->slice_rows : ROWS;
  seed->slices = (seed->n + seed->slice_rows - 1) / seed->slice_rows;
  seed->panels = km_panel_count(seed->trials);
  seed->panel = km_allocate(hooks, seed->panels * KM_PANEL, seed->dims * sizeof(float));
  seed->half = km_allocate(hooks, seed->panels * KM_PANEL, sizeof(float));
  seed->candidate_rows = km_allocate(hooks, seed->trials, seed->dims * sizeof(double));
  seed->part = km_allocate(hooks, seed->slices, sizeof *seed->part);
  seed->saved = km_allocate(hooks, seed->slices * seed->trials, sizeof *seed->saved);
  km_chunks_init(&seed->tiles, tile * seed->dims * sizeof(float));
  km_chunks_init(&seed->closest, sizeof(double));
  km_chunks_init(&seed->limit, tile * sizeof(float));
  km_chunks_init(&seed->nearer, sizeof(uint32_t));
  if (!seed->panel || !seed->half || !seed->candidate_rows || !seed->part || !seed->saved ||
      km_chunks_fill(&seed->tiles, hooks, seed->narrow->raw ? 0 : tiles) != KM_OK ||
      km_chunks_fill(&seed->closest, hooks, seed->n) != KM_OK ||
      km_chunks_fill(&seed->limit, hooks, tiles) != KM_OK) {
    return KM_NOMEM;
  }
  return km_chunks_fill(&seed->nearer, hooks, seed->n);
}

static void finish(streaming *seed) {
  km_hooks *hooks = seed->engine->blocks->hooks;
  km_release(hooks, seed->panel);
  km_release(hooks, seed->half);
  km_release(hooks, seed->candidate_rows);
  km_release(hooks, seed->part);
  km_release(hooks, seed->saved);
  km_chunks_clear(&seed->tiles, hooks);
  km_chunks_clear(&seed->closest, hooks);
  km_chunks_clear(&seed->limit, hooks);
  km_chunks_clear(&seed->nearer, hooks);
}

km_status km_seed_stream(km_engine *engine, km_narrow *narrow, km_random *random, size_t k,
                         double *centroids) {
  streaming seed = {.engine = engine, .narrow = narrow, .random = random, .centroids = centroids};
  seed.n = engine->blocks->data->rows.count;
  seed.dims = narrow->dims;
  seed.trials = 2 + (size_t)log((double)k);
  km_status status = prepare(&seed);
  if (status == KM_OK) {
    status = choose_first(&seed);
  }
  if (status == KM_OK) {
    status = run_slices(&seed, fill_slice);
  }
  while (status == KM_OK && seed.chosen < k) {
    status = choose_next(&seed);
  }
  finish(&seed);
  return status;
}
