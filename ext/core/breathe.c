/* Breathing k-means (Fritzke 2020, arXiv 2006.15666).
**
** Where the data has clear clusters, swaps of centroids find them (swaps.c). Where it has not, every swap does
** harm at first, and what it brings in the end shows only when all centroids have moved. There it helps to
** breathe in: to add centroids where the inertia is largest, and iterate; and out: to merge those clusters
** whose merging costs least (Ward 1963), and iterate. What was merged is seldom what was added. Each time fewer
** iterations are run than it takes to converge: that is left for the end.
**
** On 5,000 uniform points in 8 dimensions, k = 20, this reaches with the iterations of three starts what the
** best of ten starts does. */
#include "core/breathe.h"

#include <math.h>
#include <string.h>

#include "core/random.h"

/* Iterations after breathing in, and after breathing out. */
#define ITERATIONS 15

/* A breath is taken that lowers the inertia by this share. */
#define LEAST_GAIN 1e-4

/* Finding the cheapest pairs to merge takes a fraction of an iteration, if clusters have so many points. */
#define CLUSTER_POINTS 64

/* Multiply-adds of an iteration that compares all. With more than MUCH_WORK of them a fit takes a good part of a
** second, and breathing a quarter of the iterations that it had: the first breaths bring the most. With more than MOST_WORK
** it takes seconds, which nobody expects to wait for half a percent. */
#define MUCH_WORK 3e7
#define MOST_WORK 3e8

/* No row of the cluster is wanted, or it has been found. */
#define DRAWN UINT32_MAX

typedef struct breath {
  km_lloyd *lloyd;
  km_random random;
  size_t dims;
  double *centroids; /* (k + KM_BREATH) * dims */
  size_t *counts;    /* k + KM_BREATH */
  km_sum *inertias;  /* k: of the clusters */
  uint32_t *wanted;  /* k: rows of the cluster before the one that is wanted */
} breath;

/* Finds the inertias of the clusters of given centroids, and labels all rows. */
static km_status measure(breath *b, double *centroids, double *inertia) {
  km_lloyd of = *b->lloyd;
  of.centroids = centroids;
  of.counts = b->counts;
  return km_lloyd_measure(&of, b->inertias, inertia);
}

/* Lloyd's iterations with the first k of b's centroids. */
static km_status iterate(breath *b, size_t k, size_t most) {
  km_lloyd next = *b->lloyd;
  next.k = k;
  next.centroids = b->centroids;
  next.counts = b->counts;
  km_status status = km_lloyd_follow(b->lloyd, &next, most);
  b->lloyd->converged = next.converged;
  return status;
}

/* The cluster of the largest inertia that has no row wanted of it. */
static size_t worst(const breath *b) {
  size_t found = 0;
  double largest = -1;
  for (size_t c = 0; c < b->lloyd->k; c++) {
    double inertia = b->wanted[c] == DRAWN ? km_sum_value(&b->inertias[c]) : -1;
    found = inertia > largest ? c : found;
    largest = inertia > largest ? inertia : largest;
  }
  return found;
}

/* Adds up to `more` centroids, each halfway from one of the worst clusters' to a row of it that is drawn; *added
** says how many. The labels and sizes are those of the last measure. */
static km_status add_centroids(breath *b, size_t more, size_t *added) {
  const km_lloyd *lloyd = b->lloyd;
  km_blocks *blocks = lloyd->engine->blocks;
  km_status status = KM_OK;
  *added = 0;
  memset(b->wanted, 0xFF, lloyd->k * sizeof *b->wanted);
  for (size_t q = 0; q < more; q++) {
    size_t c = worst(b);
    b->wanted[c] = (uint32_t)km_random_below(&b->random, b->counts[c] > 0 ? b->counts[c] : 1);
  }
  memcpy(b->centroids, lloyd->centroids, lloyd->k * b->dims * sizeof(double));
  for (size_t i = 0; i < blocks->data->rows.count && *added < more && status == KM_OK; i++) {
    size_t c = *(const uint32_t *)km_chunks_at(lloyd->labels, i);
    if (b->wanted[c] == 0) {
      const double *row = km_dataset_row(blocks->data, i, blocks->row);
      double *centroid = b->centroids + (lloyd->k + *added) * b->dims;
      for (size_t j = 0; j < b->dims; j++) {
        centroid[j] = 0.5 * row[j] + 0.5 * lloyd->centroids[c * b->dims + j];
      }
      b->wanted[c] = DRAWN;
      ++*added;
    } else if (b->wanted[c] != DRAWN) {
      b->wanted[c]--;
    }
    status = km_tick(blocks->hooks, 1);
  }
  return status;
}

/* By how much the inertia grows when two clusters become one (Ward 1963), times unit^2. With weights that is a
** guess, for rows are counted: what comes of it is measured. */
static double merging_cost(const breath *b, size_t a, size_t c) {
  const double *x = b->centroids + a * b->dims;
  const double *y = b->centroids + c * b->dims;
  double unit = b->lloyd->engine->blocks->unit;
  double m = (double)b->counts[a];
  double n = (double)b->counts[c];
  double squared = 0;
  for (size_t j = 0; j < b->dims; j++) {
    squared += (x[j] - y[j]) * unit * ((x[j] - y[j]) * unit);
  }
  return m * n / (m + n) * squared;
}

/* Merges the two of k clusters that cost least: the last one takes the place of the second. */
static km_status merge_two(breath *b, size_t k) {
  size_t first = 0;
  size_t second = 1;
  double least = INFINITY;
  km_status status = KM_OK;
  for (size_t a = 0; a < k && status == KM_OK; a++) {
    for (size_t c = a + 1; c < k; c++) {
      double cost = merging_cost(b, a, c);
      if (cost < least) {
        first = a;
        second = c;
        least = cost;
      }
    }
    status = km_tick(b->lloyd->engine->blocks->hooks, (k - a) * b->dims);
  }
  double *x = b->centroids + first * b->dims;
  double *y = b->centroids + second * b->dims;
  double share = (double)b->counts[first] / (double)(b->counts[first] + b->counts[second]);
  for (size_t j = 0; j < b->dims; j++) {
    x[j] = share * x[j] + (1 - share) * y[j];
  }
  b->counts[first] += b->counts[second];
  b->counts[second] = b->counts[k - 1];
  memmove(y, b->centroids + (k - 1) * b->dims, b->dims * sizeof(double));
  return status;
}

/* Breathes in and out once, from the centroids of the run. */
static km_status breathe_once(breath *b, size_t more) {
  size_t k = b->lloyd->k;
  km_status status = add_centroids(b, more, &more);
  if (status == KM_OK) {
    status = iterate(b, k + more, ITERATIONS);
  }
  for (size_t left = k + more; left > k && status == KM_OK; left--) {
    status = merge_two(b, left);
  }
  return status == KM_OK ? iterate(b, k, ITERATIONS) : status;
}

/* The same, and takes what lowers the inertia, which is *least: then *better is set. Other clusters than those
** there were may have sums too large for a double: such are not taken. */
static km_status try_breath(breath *b, size_t more, double *least, int *better) {
  km_lloyd *lloyd = b->lloyd;
  double inertia = INFINITY;
  km_status status = breathe_once(b, more);
  if (status == KM_OK) {
    status = measure(b, b->centroids, &inertia);
  }
  *better = status == KM_OK && inertia < *least * (1 - LEAST_GAIN);
  if (*better) {
    memcpy(lloyd->centroids, b->centroids, lloyd->k * b->dims * sizeof(double));
    *least = inertia;
  } else if (status == KM_OK || status == KM_OVERFLOW) {
    status = measure(b, lloyd->centroids, &inertia);
  }
  return status;
}

/* Lets iterations end from the centroids that were taken; these stay where a sum becomes too large. */
static km_status settle(breath *b) {
  km_lloyd *lloyd = b->lloyd;
  size_t bytes = lloyd->k * b->dims * sizeof(double);
  memcpy(b->centroids, lloyd->centroids, bytes);
  km_status status = iterate(b, lloyd->k, SIZE_MAX);
  if (status == KM_OK) {
    memcpy(lloyd->centroids, b->centroids, bytes);
  }
  return status == KM_OVERFLOW ? KM_OK : status;
}

static double work_of(const km_lloyd *lloyd) {
  const km_dataset *data = lloyd->engine->blocks->data;
  return (double)data->rows.count * (double)(lloyd->k * data->dims);
}

/* About as many iterations as there were before are run at most, or a quarter of them, and as many as there were are left
** for the end, whatever the last breath takes. */
static km_status breathe(breath *b) {
  km_lloyd *lloyd = b->lloyd;
  size_t before = lloyd->iterations;
  size_t wanted = work_of(lloyd) > MUCH_WORK ? before / 4 : before;
  size_t left = lloyd->max_iter - before;
  size_t kept = before + 2 * ITERATIONS;
  size_t most = left > kept ? left - kept : 0;
  size_t stop = before + (wanted < most ? wanted : most);
  size_t more = KM_BREATH;
  int any = 0;
  double least;
  km_status status = measure(b, lloyd->centroids, &least);
  while (status == KM_OK && more > 0 && least > 0 && lloyd->iterations < stop) {
    int better;
    status = try_breath(b, more, &least, &better);
    more -= !better;
    any |= better;
  }
  lloyd->converged = 1;
  return status == KM_OK && any ? settle(b) : status;
}

km_status km_breathe(km_lloyd *lloyd) {
  const km_dataset *data = lloyd->engine->blocks->data;
  km_hooks *hooks = lloyd->engine->blocks->hooks;
  size_t wide = lloyd->k + KM_BREATH;
  size_t distinct;
  breath b = {.lloyd = lloyd, .dims = data->dims};
  if (lloyd->k < KM_BREATH || lloyd->engine->blocks->max_k < wide ||
      data->rows.count / CLUSTER_POINTS < wide || work_of(lloyd) > MOST_WORK) {
    return KM_OK;
  }
  km_status status = km_dataset_distinct(data, hooks, wide, &distinct);
  if (status != KM_OK || distinct < wide) {
    return status;
  }
  km_random_seed(&b.random, lloyd->k); /* the same for the same centroids: runs differ by these */
  b.centroids = km_allocate(hooks, wide, b.dims * sizeof *b.centroids);
  b.counts = km_allocate(hooks, wide, sizeof *b.counts);
  b.inertias = km_allocate(hooks, lloyd->k, sizeof *b.inertias);
  b.wanted = km_allocate(hooks, lloyd->k, sizeof *b.wanted);
  if (b.centroids && b.counts && b.inertias && b.wanted) {
    status = breathe(&b);
  } else {
    status = KM_NOMEM;
  }
  km_release(hooks, b.centroids);
  km_release(hooks, b.counts);
  km_release(hooks, b.inertias);
  km_release(hooks, b.wanted);
  return status;
}
