/* The silhouettes of n points take the distances of all pairs: that is where the time goes. Each distance
** between two clusters is computed once and counts for both of its points.
**
** The points are packed into panels, cluster by cluster (core/packed.h), and cut into tiles: a few panels
** of one cluster. The panels from its own cluster on pass over a tile. What its points add up to a panel's
** cluster is kept only until that cluster has passed; what the panel's points add up to the tile's cluster
** is collected panel by panel, over the tiles of that cluster in their order, and kept only until the last of
** these. So there are one sum per point and direction at a time, however many clusters there are.
**
** Batches of tiles are slices for the workers, in rounds of panels that are short enough to ask the host in
** between; after each round the panels' sums are collected, a stretch of panels being a slice. What is added
** up, and in which order, depends on neither batches, rounds nor threads.
*/
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/packed.h"
#include "core/workers.h"

#define TILE_PANELS 4                  /* in a tile, at most */
#define TILE_VALUES ((size_t)1 << 15)  /* and as many as have so many coordinates, at least one */
#define BATCH_TILES 64                 /* in a batch, at most */
#define BATCH_VALUES ((size_t)1 << 20) /* and as many as have so many coordinates */
#define ROUND_PANELS 1024              /* in a round, at most */
#define ROUND_WORK ((size_t)1 << 22)   /* multiply-adds of a slice: a few milliseconds in plain C */
#define ROOT_WORK 16                   /* a root is worth so many */
#define COLLECTED_PANELS 64            /* in a slice of collecting */
#define THREADED_WORK 4e6              /* less is not worth waking anybody */

#define TILE_POINTS (TILE_PANELS * KM_PANEL)

/* What is known of the points of a panel. */
typedef struct known {
  double own[KM_PANEL];     /* mean distance to the others of their cluster; NaN: there are none */
  double nearest[KM_PANEL]; /* smallest mean distance to another cluster so far */
  double sums[KM_PANEL]; /* of the distances to the points of an earlier cluster that is passing */
} known;

typedef struct tile {
  size_t panel; /* its first */
  size_t count; /* points */
  size_t cluster;
} tile;

typedef struct silhouette {
  km_packed packed;
  km_hooks *hooks;
  const km_kernels *kernels;
  km_workers workers;
  size_t dims;
  int squares;      /* distances are compared by their squares: 1 - cos is half of one */
  km_chunks knowns; /* one for each panel */
  km_chunks tiles;
  size_t most;  /* tiles in a batch */
  size_t first; /* the batch: its first tile */
  size_t batch; /* and how many */
  size_t from;  /* the panels of the round */
  size_t to;
  size_t step;     /* how many they are at most */
  double *rows;    /* most * TILE_POINTS * dims: the points of the tiles, row by row */
  double *weights; /* most * TILE_POINTS */
  double *sums; /* most * TILE_POINTS * KM_PANEL: of the distances to the cluster that is passing */
  double *columns; /* most * step * KM_PANEL: for each tile, what the panels of the round add up */
} silhouette;

static tile *tile_at(const silhouette *s, size_t t) {
  return km_chunks_at(&s->tiles, t);
}

static known *known_of(const silhouette *s, size_t panel) {
  return km_chunks_at(&s->knowns, panel);
}

/* Cuts the clusters into tiles of at most so many panels. */
static km_status cut(silhouette *s, size_t panels) {
  const km_packed *packed = &s->packed;
  km_status status = KM_OK;
  for (size_t c = 0; c < packed->k && status == KM_OK; c++) {
    for (size_t p = packed->first[c]; p < packed->first[c + 1] && status == KM_OK; p += panels) {
      size_t left = packed->sizes[c] - (p - packed->first[c]) * KM_PANEL;
      tile *next = km_chunks_push(&s->tiles, s->hooks);
      if (!next) {
        return KM_NOMEM;
      }
      *next = (tile){p, left < panels * KM_PANEL ? left : panels * KM_PANEL, c};
      status = km_tick(s->hooks, 8);
    }
    status = status == KM_OK ? km_tick(s->hooks, 1) : status;
  }
  return status;
}

/* Writes the points of a tile row by row. */
static void unpack(const silhouette *s, const tile *t, double *rows, double *weights) {
  for (size_t i = 0; i < t->count; i++) {
    size_t p = t->panel + i / KM_PANEL;
    const double *panel = (const double *)km_chunks_at(&s->packed.panels, p) + i % KM_PANEL;
    weights[i] = ((const double *)km_chunks_at(&s->packed.lanes, p))[i % KM_PANEL];
    for (size_t j = 0; j < s->dims; j++) {
      rows[i * s->dims + j] = panel[j * KM_PANEL];
    }
  }
}

/* Cluster c has passed over the tile: the mean distances of its points to it are known. Of whole weights a
** point leaves itself, one copy, out of its own cluster; of others its row. It is alone, too, where the others
** weigh less than 2^-106 of it. */
static void settle_tile(const silhouette *s, const tile *t, size_t c, const double *weights,
                        double *sums) {
  const km_packed *packed = &s->packed;
  for (size_t i = 0; i < t->count; i++, sums += KM_PANEL) {
    known *about = known_of(s, t->panel + i / KM_PANEL);
    double sum = km_lanes_sum(sums);
    if (c == t->cluster) {
      const km_sum *all = &packed->weights[c];
      double others = (all->high - (packed->whole ? 1 : weights[i])) + all->low;
      int alone = packed->whole ? others < 1 : packed->sizes[c] == 1 || !(others > 0);
      about->own[i % KM_PANEL] = alone ? NAN : sum / others;
    } else {
      double *nearest = &about->nearest[i % KM_PANEL];
      *nearest = fmin(*nearest, sum / km_sum_value(&packed->weights[c]));
    }
    memset(sums, 0, KM_PANEL * sizeof *sums);
  }
}

/* The cluster of a panel. */
static size_t cluster_of(const km_packed *packed, size_t panel) {
  size_t low = 0;
  size_t high = packed->k - 1;
  while (low < high) { /* the first cluster that ends after it */
    size_t middle = low + (high - low) / 2;
    if (packed->first[middle + 1] > panel) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/* One tile, and the panels of the round. */
static void pass(void *context, size_t slice, size_t worker) {
  const silhouette *s = context;
  const km_packed *packed = &s->packed;
  const tile *t = tile_at(s, s->first + slice);
  double *rows = s->rows + slice * TILE_POINTS * s->dims;
  double *weights = s->weights + slice * TILE_POINTS;
  double *sums = s->sums + slice * TILE_POINTS * KM_PANEL;
  double *columns = s->columns + slice * s->step * KM_PANEL;
  size_t begin = packed->first[t->cluster];
  size_t p = s->from > begin ? s->from : begin;
  double squared[TILE_POINTS * KM_PANEL];
  (void)worker;
  if (p >= s->to) {
    return; /* the tile's clusters come later */
  }
  if (p == begin) {
    unpack(s, t, rows, weights);
    memset(sums, 0, TILE_POINTS * KM_PANEL * sizeof *sums);
  }
  size_t c = cluster_of(packed, p);
  for (; p < s->to; p++) {
    double *column = c == t->cluster ? NULL : columns + (p - s->from) * KM_PANEL;
    s->kernels->distances(rows, t->count, s->dims, km_chunks_at(&packed->panels, p), squared);
    s->kernels->add_distances(squared, t->count, s->squares, km_chunks_at(&packed->lanes, p), sums,
                              weights, column);
    if (p + 1 == packed->first[c + 1]) {
      settle_tile(s, t, c, weights, sums);
      do {
        c++;
      } while (c < packed->k && packed->first[c + 1] == p + 1);
    }
  }
}

/* The tiles of an earlier cluster have all passed over a panel. */
static void settle_panel(known *about, double weight) {
  for (size_t lane = 0; lane < KM_PANEL; lane++) {
    about->nearest[lane] = fmin(about->nearest[lane], about->sums[lane] / weight);
    about->sums[lane] = 0;
  }
}

/* Adds up what the tiles of the batch have left for some panels. */
static void collect(void *context, size_t slice, size_t worker) {
  const silhouette *s = context;
  const km_packed *packed = &s->packed;
  size_t begin = s->from + slice * COLLECTED_PANELS;
  size_t end = s->to - begin < COLLECTED_PANELS ? s->to : begin + COLLECTED_PANELS;
  (void)worker;
  for (size_t i = 0; i < s->batch; i++) {
    const tile *t = tile_at(s, s->first + i);
    size_t after = packed->first[t->cluster + 1];
    int last = t->panel + (t->count + KM_PANEL - 1) / KM_PANEL == after;
    for (size_t p = begin > after ? begin : after; p < end; p++) {
      const double *column = s->columns + (i * s->step + p - s->from) * KM_PANEL;
      known *about = known_of(s, p);
      for (size_t lane = 0; lane < KM_PANEL; lane++) {
        about->sums[lane] += column[lane];
      }
      if (last) {
        settle_panel(about, km_sum_value(&packed->weights[t->cluster]));
      }
    }
  }
}

/* All panels pass over all tiles. */
static km_status run(silhouette *s) {
  size_t panels = s->packed.panels.count;
  km_status status = KM_OK;
  for (s->first = 0; s->first < s->tiles.count && status == KM_OK; s->first += s->batch) {
    size_t left = s->tiles.count - s->first;
    s->batch = left < s->most ? left : s->most;
    s->from = s->packed.first[tile_at(s, s->first)->cluster];
    for (; s->from < panels && status == KM_OK; s->from = s->to) {
      s->to = panels - s->from < s->step ? panels : s->from + s->step;
      status = km_workers_run(&s->workers, s->hooks, pass, s, s->batch);
      if (status == KM_OK) {
        size_t slices = (s->to - s->from + COLLECTED_PANELS - 1) / COLLECTED_PANELS;
        status = km_workers_run(&s->workers, s->hooks, collect, s, slices);
      }
    }
  }
  return status;
}

static double silhouette_of(double own, double nearest) {
  double larger = fmax(own, nearest);
  return isnan(own) || larger == 0 ? 0 : (nearest - own) / larger;
}

/* Turns what is known into silhouettes, row by row. */
static km_status finish(const silhouette *s, km_chunks *each, double *mean) {
  const km_packed *packed = &s->packed;
  km_sum sum = {0, 0};
  size_t *begun = km_allocate(s->hooks, packed->k, sizeof *begun);
  km_status status = begun ? KM_OK : KM_NOMEM;
  if (status == KM_OK && each) {
    status = km_chunks_fill(each, s->hooks, packed->n);
  }
  if (begun) {
    memset(begun, 0, packed->k * sizeof *begun);
  }
  for (size_t i = 0; i < packed->n && status == KM_OK; i++) {
    km_packed_place at = km_packed_next(packed, i, begun);
    const known *about = known_of(s, at.panel);
    double weight = ((const double *)km_chunks_at(&packed->lanes, at.panel))[at.lane];
    double value = silhouette_of(about->own[at.lane], about->nearest[at.lane]);
    km_sum_add_product(&sum, weight, value);
    if (each) {
      *(double *)km_chunks_at(each, i) = value;
    }
    status = km_tick(s->hooks, 8);
  }
  *mean = status == KM_OK ? km_sum_value(&sum) / km_sum_value(&packed->total) : NAN;
  km_release(s->hooks, begun);
  return status;
}

static km_status begin(silhouette *s) {
  size_t panel_values = KM_PANEL * s->dims;
  size_t panels =
      TILE_VALUES / panel_values < TILE_PANELS ? TILE_VALUES / panel_values : TILE_PANELS;
  km_status status = cut(s, panels ? panels : 1);
  s->most = BATCH_VALUES / (TILE_POINTS * s->dims);
  s->most = s->most < BATCH_TILES ? s->most : BATCH_TILES;
  s->most = s->most < s->tiles.count ? s->most : s->tiles.count;
  s->most = s->most ? s->most : 1;
  s->step = ROUND_WORK / (TILE_POINTS * KM_PANEL * (s->dims + ROOT_WORK));
  s->step = s->step < ROUND_PANELS ? s->step : ROUND_PANELS;
  s->step = s->step ? s->step : 1;
  size_t points = s->most * TILE_POINTS;
  s->rows = km_allocate(s->hooks, points, s->dims * sizeof *s->rows);
  s->weights = km_allocate(s->hooks, points, sizeof *s->weights);
  s->sums = km_allocate(s->hooks, points, KM_PANEL * sizeof *s->sums);
  s->columns = km_allocate(s->hooks, s->most * s->step, KM_PANEL * sizeof *s->columns);
  if (!s->rows || !s->weights || !s->sums || !s->columns) {
    return KM_NOMEM;
  }
  if (status == KM_OK) {
    status = km_chunks_fill(&s->knowns, s->hooks, s->packed.panels.count);
  }
  for (size_t p = 0; p < s->knowns.count && status == KM_OK; p++) {
    known *about = known_of(s, p);
    for (size_t lane = 0; lane < KM_PANEL; lane++) {
      about->own[lane] = NAN;
      about->nearest[lane] = INFINITY;
      about->sums[lane] = 0;
    }
    status = km_tick(s->hooks, 3 * KM_PANEL);
  }
  return status;
}

static km_status measure(silhouette *s, km_chunks *each, double *mean) {
  double panels = (double)s->packed.first[s->packed.k];
  double work = (double)s->packed.n * panels * KM_PANEL * (double)(s->dims + ROOT_WORK);
  size_t threads = s->packed.points->threads ? s->packed.points->threads : km_workers_cores();
  km_status status = km_packed_fill(&s->packed);
  if (status == KM_OK) {
    status = begin(s);
  }
  if (status == KM_OK) {
    km_workers_start(&s->workers, work < THREADED_WORK ? 1 : threads);
    status = run(s);
    km_workers_stop(&s->workers);
  }
  return status == KM_OK ? finish(s, each, mean) : status;
}

km_status km_silhouette(const km_labelled *points, km_hooks *hooks, km_chunks *each, double *mean) {
  silhouette s = {
      .hooks = hooks,
      .kernels = points->kernels ? km_kernels_named(points->kernels) : km_kernels_best(),
      .dims = points->data->dims,
      .squares = km_dataset_metric(points->data) == KM_COSINE,
  };
  *mean = NAN;
  km_chunks_init(&s.knowns, sizeof(known));
  km_chunks_init(&s.tiles, sizeof(tile));
  km_status status = km_packed_init(&s.packed, points, hooks);
  if (status == KM_OK) {
    double count = s.packed.whole ? km_sum_value(&s.packed.total) : (double)s.packed.n;
    if (km_metrics_defined(s.packed.filled, count)) {
      status = measure(&s, each, mean);
    }
  }
  km_packed_clear(&s.packed);
  km_chunks_clear(&s.knowns, hooks);
  km_chunks_clear(&s.tiles, hooks);
  km_release(hooks, s.rows);
  km_release(hooks, s.weights);
  km_release(hooks, s.sums);
  km_release(hooks, s.columns);
  return status;
}
