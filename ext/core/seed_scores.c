/* Scores of drawn rows, in float: the streaming part of greedy k-means++ (see seed_stream.c).
**
** What is proved of them. Let e = slope |y|^2 + level be the error of narrow.h for a point and a row of
** the pool, s = closest - |x - c|^2 what the point would save, in the scaled unit. `half` of the row is
** raised by level / 2, and the point's limit is at most (|y|^2 - closest - slope |y|^2) / 2: lower by what
** it was rounded by, its slack. Then
**
**     s <= 2 (score - limit) <= s + 2 e + 2 slack.
**
** So a score that is not above the limit saves nothing for certain; and the sum of 2 (score - limit) over
** the hits is at least what the row would gain, and too large by at most the sum of 2 e + 2 slack.
*/
#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "core/seed_stream.h"

static km_bench *bench_of(const km_streaming *seed, size_t worker) {
  return &((km_grouped *)seed->engine->state)->bench[worker];
}

void km_seed_fill(void *context, size_t slice, size_t worker) {
  km_streaming *seed = context;
  const km_narrow *narrow = seed->narrow;
  size_t tile = narrow->kernels->tile;
  size_t dims = seed->dims;
  km_bench *bench = bench_of(seed, worker);
  double unit = narrow->scale * narrow->scale;
  size_t base = slice * seed->slice_rows;
  double *closest = km_seed_closest(seed, slice);
  float *limits = km_seed_limits(seed, slice);
  seed->part[slice] = (km_sum){0, 0};
  seed->largest[slice] = 0;
  seed->slack[slice] = 0;
  for (size_t first = base; first < km_seed_slice_end(seed, slice); first += tile) {
    km_ranking ranking = {.group_best = NULL};
    const float *points =
        km_narrow_tile(narrow, first, seed->n, bench->room, bench->rows, bench->points);
    if (!narrow->raw) {
      memcpy(km_chunks_at(&seed->tiles, first / tile), points, tile * dims * sizeof(float));
    }
    narrow->kernels->rank(points, dims, seed->panel, seed->half, 0, &ranking);
    for (size_t i = 0; i < tile && first + i < seed->n; i++) {
      const double *row = km_dataset_row(seed->engine->blocks->data, first + i, bench->room);
      double squared = km_squared_distance(row, seed->centroids, dims);
      float norm = ranking.norm[i];
      double limit = ((double)norm - squared * unit - (double)(narrow->slope * norm)) / 2;
      float lower = km_round_down(limit);
      closest[first - base + i] = squared;
      limits[first - base + i] = lower;
      km_seed_add(seed, &seed->part[slice], first + i, squared);
      seed->slack[slice] += (limit - (double)lower) * km_seed_weight(seed, first + i);
      seed->largest[slice] = norm > seed->largest[slice] ? norm : seed->largest[slice];
    }
    for (size_t i = seed->n - first; i < tile; i++) {
      limits[first - base + i] = INFINITY;
    }
  }
}

/* The points [first, first + tile) by columns. */
static const float *points_at(const km_streaming *seed, km_bench *bench, size_t first) {
  if (!seed->narrow->raw) {
    return km_chunks_at(&seed->tiles, first / seed->narrow->kernels->tile);
  }
  return km_narrow_tile(seed->narrow, first, seed->n, NULL, bench->rows, bench->points);
}

/* Finds the hits of a panel of the pool in the tile of a slice that begins at its point `from`, whose
** limits are given: at most tile * KM_PANEL. Returns how many. */
static size_t find_hits(const km_streaming *seed, const float *points, size_t from,
                        const float *limit, size_t panel, km_hit *hits) {
  const km_kernels *kernels = seed->narrow->kernels;
  size_t tile = kernels->tile;
  float scores[KM_PANEL * KM_MAX_TILE];
  unsigned char mask[KM_MAX_TILE / 8];
  size_t count = 0;
  kernels->scores(points, seed->dims, seed->panel + panel * seed->dims * KM_PANEL,
                  seed->half + panel * KM_PANEL, scores);
  kernels->exceed(scores, limit, mask);
  for (size_t i = 0; i < tile; i++) {
    if (mask[i / 8] >> i % 8 & 1) {
      size_t at = (from + i) * KM_POOL + panel * KM_PANEL;
      for (size_t lane = 0; lane < KM_PANEL; lane++) {
        hits[count] = (km_hit){(uint32_t)(at + lane), scores[lane * tile + i]};
        count += scores[lane * tile + i] > limit[i];
      }
    }
  }
  return count;
}

void km_seed_list(void *context, size_t slice, size_t worker) {
  km_streaming *seed = context;
  size_t tile = seed->narrow->kernels->tile;
  size_t base = slice * seed->slice_rows;
  km_bench *bench = bench_of(seed, worker);
  const float *limits = km_seed_limits(seed, slice);
  km_hit *list = km_chunks_at(&seed->room, slice);
  size_t listed = 0;
  km_hit hits[KM_MAX_TILE * KM_PANEL];
  for (size_t first = base; first < km_seed_slice_end(seed, slice); first += tile) {
    const float *points = points_at(seed, bench, first);
    for (size_t p = 0; p < seed->pooled / KM_PANEL; p++) {
      size_t count = find_hits(seed, points, first - base, limits + (first - base), p, hits);
      if (count > KM_HITS_PER_POINT * seed->slice_rows - listed) {
        seed->listed[slice] = KM_UNLISTED;
        return;
      }
      memcpy(list + listed, hits, count * sizeof *hits);
      listed += count;
    }
  }
  seed->listed[slice] = listed;
}

/* What the hits of one slice amount to. */
typedef struct estimate {
  const km_streaming *seed;
  size_t slice;
  const float *limits;
  double gain[KM_MAX_TRIALS];
  double mass[KM_MAX_TRIALS]; /* the weight of the hits */
} estimate;

/* Adds a hit of this step's candidates, if it still is one. Returns its trial, or -1. */
static inline int add_hit(estimate *sums, const km_hit *hit) {
  int t = sums->seed->trial[km_hit_row(hit)];
  size_t point = km_hit_point(hit);
  double over = (double)hit->score - (double)sums->limits[point];
  if (t < 0 || !(over > 0)) {
    return -1;
  }
  double weight = km_seed_weight(sums->seed, sums->slice * sums->seed->slice_rows + point);
  sums->gain[t] += 2 * over * weight;
  sums->mass[t] += weight;
  return t;
}

/* Where there is no list: scores the slice again, and notes this step's hits as bits. */
static void estimate_anew(estimate *sums, size_t worker) {
  const km_streaming *seed = sums->seed;
  size_t tile = seed->narrow->kernels->tile;
  size_t base = sums->slice * seed->slice_rows;
  size_t first_panel = seed->candidate[0] / KM_PANEL;
  size_t last_panel = seed->candidate[seed->trials - 1] / KM_PANEL;
  km_bench *bench = bench_of(seed, worker);
  uint32_t *bits = km_chunks_at(&seed->room, sums->slice);
  km_hit hits[KM_MAX_TILE * KM_PANEL];
  memset(bits, 0, seed->slice_rows * sizeof *bits);
  for (size_t first = base; first < km_seed_slice_end(seed, sums->slice); first += tile) {
    const float *points = points_at(seed, bench, first);
    for (size_t p = first_panel; p <= last_panel; p++) {
      size_t from = first - base;
      size_t count = find_hits(seed, points, from, sums->limits + from, p, hits);
      for (size_t h = 0; h < count; h++) {
        int t = add_hit(sums, &hits[h]);
        if (t >= 0) {
          bits[km_hit_point(&hits[h])] |= (uint32_t)1 << t;
        }
      }
    }
  }
}

void km_seed_estimate(void *context, size_t slice, size_t worker) {
  km_streaming *seed = context;
  estimate sums = {.seed = seed, .slice = slice, .limits = km_seed_limits(seed, slice)};
  if (seed->listed[slice] == KM_UNLISTED) {
    estimate_anew(&sums, worker);
  } else {
    const km_hit *list = km_chunks_at(&seed->room, slice);
    for (size_t h = 0; h < seed->listed[slice]; h++) {
      add_hit(&sums, &list[h]);
    }
  }
  double slope = (double)seed->narrow->slope * (double)seed->largest[slice];
  for (size_t t = 0; t < seed->trials; t++) {
    double level = (double)seed->level[seed->candidate[t]];
    seed->gain[slice * seed->trials + t] = sums.gain[t];
    seed->doubt[slice * seed->trials + t] =
        sums.mass[t] > 0 ? 2 * (sums.mass[t] * (slope + level) + seed->slack[slice]) : 0;
  }
}
