#include "core/seed.h"

#include <math.h>
#include <string.h>

#include "core/row_set.h"
#include "core/weights.h"
#include "simd/sum.h"

/* What greedy k-means++ carries from one centroid to the next. */
typedef struct seeding {
  km_blocks *blocks;
  km_random *random;
  size_t dims;
  double *centroids; /* chosen so far: `chosen` rows */
  size_t chosen;
  size_t trials;
  km_chunks closest; /* one double per row: squared distance to the nearest chosen centroid */
  double potential;  /* the sum of closest, by weight */
  size_t
      plain_next; /* rows before this one all equal a chosen centroid: see km_seed_next_distinct */
  size_t candidate[KM_MAX_TRIALS];
  double *candidate_rows;      /* trials * dims */
  double *candidate_panel;     /* the same, packed */
  double *distance;            /* KM_BLOCK_ROWS * KM_PANEL */
  km_sum after[KM_MAX_TRIALS]; /* the potential that each candidate would leave */
} seeding;

/* Takes row i as the next centroid. */
static void choose(seeding *seed, size_t i) {
  km_dataset_copy(seed->blocks->data, i, seed->centroids + seed->chosen * seed->dims);
  seed->chosen++;
}

static inline void add_weighted(const seeding *seed, size_t i, double term, km_sum *sum) {
  if (km_dataset_weighted(seed->blocks->data)) {
    km_sum_add_product(sum, km_blocks_weight(seed->blocks, i), term);
  } else {
    km_sum_add(sum, term);
  }
}

/* Lowers closest[] by the distances to the newest centroid and sums it up. */
static km_status update_closest(seeding *seed) {
  km_status status = KM_OK;
  const double *newest = seed->centroids + (seed->chosen - 1) * seed->dims;
  km_sum potential = {0, 0};
  size_t rows = seed->blocks->data->rows.count;
  for (size_t i = 0; i < rows && status == KM_OK; i++) {
    double *closest = km_chunks_at(&seed->closest, i);
    double distance = km_blocks_distance(seed->blocks, i, newest);
    if (seed->chosen == 1 || distance < *closest) {
      *closest = distance;
    }
    add_weighted(seed, i, *closest, &potential);
    status = km_tick(seed->blocks->hooks, seed->dims);
  }
  seed->potential = km_sum_value(&potential);
  return status;
}

/* Draws the candidates: row i with probability weight * closest[i] / potential. One pass finds them all:
** the thresholds are sorted, and each takes the first row where the running sum exceeds it. */
static km_status draw_candidates(seeding *seed) {
  double threshold[KM_MAX_TRIALS];
  size_t rows = seed->blocks->data->rows.count;
  size_t drawn = 0;
  size_t last = 0;
  km_sum running = {0, 0};
  km_status status = KM_OK;
  for (size_t t = 0; t < seed->trials; t++) {
    double value = km_random_unit(seed->random) * seed->potential;
    size_t at = t;
    for (; at > 0 && threshold[at - 1] > value; at--) {
      threshold[at] = threshold[at - 1];
    }
    threshold[at] = value;
  }
  for (size_t i = 0; i < rows && drawn < seed->trials && status == KM_OK; i++) {
    double closest = *(const double *)km_chunks_at(&seed->closest, i);
    if (closest > 0) {
      last = i;
      add_weighted(seed, i, closest, &running);
      while (drawn < seed->trials && km_sum_value(&running) > threshold[drawn]) {
        seed->candidate[drawn++] = i;
      }
    }
    status = km_tick(seed->blocks->hooks, 1);
  }
  while (drawn < seed->trials) {
    seed->candidate[drawn++] = last;
  }
  return status;
}

/* The potential that each candidate would leave, all in one pass over the points. */
static km_status try_candidates(seeding *seed) {
  size_t rows = seed->blocks->data->rows.count;
  size_t dims = seed->dims;
  size_t panels = km_panel_count(seed->trials);
  km_status status = KM_OK;
  size_t count;
  for (size_t t = 0; t < seed->trials; t++) {
    km_dataset_copy(seed->blocks->data, seed->candidate[t], seed->candidate_rows + t * dims);
    seed->after[t] = (km_sum){0, 0};
  }
  km_panel_pack(seed->candidate_rows, seed->trials, dims, seed->blocks->unit,
                seed->candidate_panel);
  for (size_t first = 0; first < rows && status == KM_OK; first += count) {
    const double *points = km_blocks_rows(seed->blocks, first, &count);
    for (size_t p = 0; p < panels && status == KM_OK; p++) {
      size_t lanes = seed->trials - p * KM_PANEL;
      lanes = lanes < KM_PANEL ? lanes : KM_PANEL;
      seed->blocks->kernels->distances(points, count, dims,
                                       seed->candidate_panel + p * dims * KM_PANEL, seed->distance);
      for (size_t i = 0; i < count; i++) {
        double closest = *(const double *)km_chunks_at(&seed->closest, first + i);
        for (size_t lane = 0; lane < lanes; lane++) {
          double distance = seed->distance[i * KM_PANEL + lane];
          add_weighted(seed, first + i, distance < closest ? distance : closest,
                       &seed->after[p * KM_PANEL + lane]);
        }
      }
      status = km_tick(seed->blocks->hooks, count * dims * KM_PANEL);
    }
  }
  return status;
}

size_t km_seed_trials(size_t k) {
  return 2 + (size_t)log((double)k);
}

km_status km_seed_next_distinct(const km_blocks *blocks, const double *centroids, size_t chosen,
                                size_t *row) {
  size_t dims = blocks->data->dims;
  km_status status = KM_OK;
  for (; status == KM_OK; (*row)++) {
    const double *point = km_dataset_row(blocks->data, *row, blocks->row);
    size_t c = 0;
    while (c < chosen && !km_rows_equal(point, centroids + c * dims, dims)) {
      c++;
    }
    if (c == chosen) {
      return KM_OK;
    }
    status = km_tick(blocks->hooks, c + dims);
  }
  return status;
}

/* Chooses the next centroid, not the first. */
static km_status choose_next(seeding *seed) {
  size_t best = 0;
  km_status status;
  if (!(seed->potential > 0)) {
    status = km_seed_next_distinct(seed->blocks, seed->centroids, seed->chosen, &seed->plain_next);
    if (status == KM_OK) {
      choose(seed, seed->plain_next);
    }
    return status;
  }
  status = draw_candidates(seed);
  if (status == KM_OK) {
    status = try_candidates(seed);
  }
  if (status == KM_OK) {
    for (size_t t = 1; t < seed->trials; t++) {
      if (km_sum_value(&seed->after[t]) < km_sum_value(&seed->after[best])) {
        best = t;
      }
    }
    choose(seed, seed->candidate[best]);
  }
  return status;
}

static km_status choose_first(seeding *seed) {
  size_t first;
  km_status status = km_draw_row(seed->blocks->data, seed->blocks->hooks, seed->random, &first);
  if (status == KM_OK) {
    choose(seed, first);
  }
  return status;
}

/* Sets closest[] to the distances to the nearest of the centroids that are there, and sums it up. */
static km_status measure_closest(seeding *seed) {
  km_blocks *blocks = seed->blocks;
  size_t rows = blocks->data->rows.count;
  km_sum potential = {0, 0};
  km_status status = km_blocks_aim(blocks, seed->centroids, seed->chosen);
  size_t count;
  for (size_t first = 0; first < rows && status == KM_OK; first += count) {
    status = km_blocks_nearest(blocks, first, &count);
    for (size_t i = 0; i < count; i++) {
      *(double *)km_chunks_at(&seed->closest, first + i) = blocks->distance[i];
      add_weighted(seed, first + i, blocks->distance[i], &potential);
    }
  }
  seed->potential = km_sum_value(&potential);
  return status;
}

static km_status begin(seeding *seed) {
  if (seed->chosen > 0) {
    return measure_closest(seed);
  }
  km_status status = choose_first(seed);
  return status == KM_OK ? update_closest(seed) : status;
}

km_status km_seed_further(km_blocks *blocks, km_random *random, size_t given, size_t k,
                          double *centroids) {
  seeding seed = {.blocks = blocks, .random = random, .centroids = centroids, .chosen = given};
  km_hooks *hooks = blocks->hooks;
  size_t rows = blocks->data->rows.count;
  km_status status = KM_NOMEM;
  seed.dims = blocks->data->dims;
  seed.trials = km_seed_trials(k);
  km_chunks_init(&seed.closest, sizeof(double));
  seed.candidate_rows = km_allocate(hooks, seed.trials, seed.dims * sizeof(double));
  seed.candidate_panel =
      km_allocate(hooks, km_panel_count(seed.trials) * KM_PANEL, seed.dims * sizeof(double));
  seed.distance = km_allocate(hooks, KM_BLOCK_ROWS * KM_PANEL, sizeof(double));
  if (seed.candidate_rows && seed.candidate_panel && seed.distance) {
    status = km_chunks_fill(&seed.closest, hooks, rows);
  }
  if (status == KM_OK) {
    status = begin(&seed);
  }
  while (status == KM_OK && seed.chosen < k) {
    status = choose_next(&seed);
    if (status == KM_OK && seed.chosen < k) {
      status = update_closest(&seed);
    }
  }
  km_release(hooks, seed.distance);
  km_release(hooks, seed.candidate_panel);
  km_release(hooks, seed.candidate_rows);
  km_chunks_clear(&seed.closest, hooks);
  return status;
}

km_status km_seed_plus_plus(km_blocks *blocks, km_random *random, size_t k, double *centroids) {
  return km_seed_further(blocks, random, 0, k, centroids);
}

km_status km_seed_rows(km_blocks *blocks, km_random *random, size_t k, double *centroids) {
  const km_dataset *data = blocks->data;
  km_row_set seen;
  size_t chosen = 0;
  size_t draws = 0;
  size_t next = 0;
  km_lottery lottery;
  km_status status = km_row_set_init(&seen, blocks->hooks, k, data);
  km_status drawing = km_lottery_init(&lottery, data, blocks->hooks);
  status = status == KM_OK ? drawing : status;
  /* Draw until k different values are found. Where few values hold most rows, draws keep hitting
  ** them: after 8 k draws walk on from a random row instead, which finds all the others. */
  while (chosen < k && status == KM_OK) {
    if (draws++ <= 8 * k) {
      next = km_lottery_draw(&lottery, random);
    } else {
      next = (next + 1) % data->rows.count;
    }
    if (km_row_set_add(&seen, next)) {
      km_dataset_copy(data, next, centroids + chosen * data->dims);
      chosen++;
    }
    status = km_tick(blocks->hooks, data->dims);
  }
  km_lottery_clear(&lottery, blocks->hooks);
  km_row_set_clear(&seen, blocks->hooks);
  return status;
}
