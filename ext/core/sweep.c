#include "core/sweep.h"

#include <math.h>
#include <string.h>

#include "core/gap.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/seed.h"
#include "core/weights.h"

/* Streams of random numbers of their own: a fit is the same within a sweep and without. */
#define SAMPLE_STREAM 0x53414D504C450001u
#define GROWTH_STREAM 0x47524F5754480001u

/* Draws `sample` rows, each set of so many with the same probability, in their order (selection sampling:
** Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
static km_status draw_rows(km_sweep *sweep, size_t sample) {
  size_t n = sweep->data->rows.count;
  km_random random;
  km_status status = KM_OK;
  km_random_seed(&random, sweep->params.seed ^ SAMPLE_STREAM);
  for (size_t i = 0; i < n && sweep->drawn.count < sample && sample < n && status == KM_OK; i++) {
    if (km_random_below(&random, n - i) < sample - sweep->drawn.count) {
      uint64_t *row = km_chunks_push(&sweep->drawn, sweep->hooks);
      if (!row) {
        return KM_NOMEM;
      }
      *row = i;
    }
    status = km_tick(sweep->hooks, 8);
  }
  return status;
}

/* Leaves rows of weight 0 out. */
static km_status select_rows(km_sweep *sweep, const km_dataset *data) {
  km_weights weights;
  km_status status = km_weights_measure(data, sweep->hooks, &weights);
  sweep->data = data;
  if (status == KM_OK && weights.zeros == data->rows.count) {
    sweep->most = 0; /* there is nothing to cluster */
  } else if (status == KM_OK && weights.zeros > 0) {
    status = km_weights_select(data, sweep->hooks, &weights, &sweep->selected);
    sweep->data = &sweep->selected;
  }
  return status;
}

km_status km_sweep_begin(km_sweep *sweep, const km_dataset *data, const km_params *params,
                         size_t least, size_t most, unsigned wanted, size_t sample,
                         km_hooks *hooks) {
  memset(sweep, 0, sizeof *sweep);
  sweep->params = *params;
  sweep->wanted = wanted;
  sweep->hooks = hooks;
  sweep->next = least;
  sweep->most = most;
  sweep->before = NAN;
  km_chunks_init(&sweep->drawn, sizeof(uint64_t));
  km_status status = select_rows(sweep, data);
  if (status != KM_OK || sweep->most == 0) {
    return status;
  }
  status = km_dataset_distinct(sweep->data, hooks, most, &sweep->distinct);
  if (status == KM_OK && sweep->distinct < most) {
    if (!params->clamp) {
      return KM_TOO_FEW;
    }
    sweep->most = sweep->distinct;
    sweep->next = least < sweep->most ? least : sweep->most;
  }
  return status == KM_OK ? draw_rows(sweep, sample) : status;
}

void km_sweep_end(km_sweep *sweep) {
  if (sweep->hooks) {
    km_result_clear(&sweep->best, sweep->hooks);
    km_dataset_clear(&sweep->selected, sweep->hooks);
    km_chunks_clear(&sweep->drawn, sweep->hooks);
  }
  memset(sweep, 0, sizeof *sweep);
}

/* The centroids of the last clustering and one more, chosen as greedy k-means++ chooses it: params->k of
** them, in the units of the points. */
static km_status grow(const km_sweep *sweep, double *centroids) {
  const km_dataset *data = sweep->data;
  const km_result *last = &sweep->best;
  size_t values = last->k * data->dims;
  km_blocks blocks;
  km_random random;
  memcpy(centroids, last->centroids, values * sizeof *centroids);
  km_random_seed(&random, sweep->params.seed ^ GROWTH_STREAM);
  km_status status = km_blocks_init(&blocks, data, sweep->hooks, NULL, last->k, last->centroids);
  if (status == KM_OK) {
    status = km_seed_further(&blocks, &random, last->k, last->k + 1, centroids);
  }
  km_blocks_clear(&blocks);
  if (status == KM_OK && km_transform_moves(data->transform)) {
    km_transform_restore(data->transform, centroids + values, data->dims, centroids + values);
    memcpy(centroids, last->restored, values * sizeof *centroids);
  }
  return status;
}

/* Lloyd's iterations from the last clustering and one centroid more. */
static km_status fit_grown(const km_sweep *sweep, km_result *result) {
  km_params params = sweep->params;
  double *centroids = km_allocate(sweep->hooks, params.k, sweep->data->dims * sizeof *centroids);
  km_status status = centroids ? grow(sweep, centroids) : KM_NOMEM;
  params.init = KM_INIT_CENTROIDS;
  params.centroids = centroids;
  params.refine = KM_REFINE_NONE;
  if (status == KM_OK) {
    status = km_fit(sweep->data, &params, sweep->hooks, result);
  }
  km_release(sweep->hooks, centroids);
  return status;
}

static void keep_better(km_result *better, km_result *other, km_hooks *hooks) {
  if (other->cost < better->cost) {
    km_result worse = *better;
    *better = *other;
    *other = worse;
  }
  km_result_clear(other, hooks);
}

/* The clustering into params.k clusters becomes the last one. */
static km_status cluster(km_sweep *sweep) {
  km_result result;
  km_status status = km_fit(sweep->data, &sweep->params, sweep->hooks, &result);
  if (status == KM_OK && sweep->best.k > 0) {
    km_result grown = {0};
    status = fit_grown(sweep, &grown);
    if (status == KM_OK) {
      keep_better(&result, &grown, sweep->hooks);
    } else {
      km_result_clear(&grown, sweep->hooks);
    }
  }
  km_result_clear(&sweep->best, sweep->hooks);
  sweep->best = result;
  return status;
}

/* Where the sweep begins with more than one cluster, f wants the inertia of one less. */
static km_status find_before(km_sweep *sweep) {
  km_params params = sweep->params;
  km_result result;
  params.k--;
  params.init = params.init == KM_INIT_CENTROIDS ? KM_INIT_PLUS_PLUS : params.init;
  km_status status = km_fit(sweep->data, &params, sweep->hooks, &result);
  sweep->before = result.inertia;
  km_result_clear(&result, sweep->hooks);
  return status;
}

/* f(k) of Pham, Dimov & Nguyen 2005: the inertia of k clusters over that which k - 1 let expect if the
** points were uniform, with the weight a(2) = 1 - 3 / (4 dims), a(k) = a(k - 1) + (1 - a(k - 1)) / 6. */
static double evaluate(const km_sweep *sweep) {
  double k = (double)sweep->params.k;
  double dims = (double)sweep->data->dims;
  if (k == 1) {
    return 1;
  }
  if (sweep->data->dims < 2) {
    return NAN;
  }
  double expected = (1 - 0.75 / dims * pow(5.0 / 6, k - 2)) * sweep->before;
  return sweep->before == 0 ? 1 : sweep->best.inertia / expected;
}

static km_status measure(const km_sweep *sweep, km_sweep_line *line) {
  km_labelled points = {
      .data = sweep->data,
      .labels = &sweep->best.labels,
      .k = sweep->best.k,
      .threads = sweep->params.threads,
      .kernels = sweep->params.kernels,
  };
  km_status status = KM_OK;
  if (sweep->wanted & KM_SWEEP_SCATTER) {
    km_scatter scatter = {0};
    status = km_scatter_measure(&points, sweep->hooks, &scatter);
    line->calinski_harabasz = scatter.calinski_harabasz;
    line->davies_bouldin = scatter.davies_bouldin;
    line->explained = scatter.explained;
  }
  if (status == KM_OK && sweep->wanted & KM_SWEEP_SILHOUETTE) {
    points.rows = sweep->drawn.count > 0 ? &sweep->drawn : NULL;
    status = km_silhouette(&points, sweep->hooks, NULL, &line->silhouette);
  }
  if (status == KM_OK && sweep->wanted & KM_SWEEP_GAP) {
    km_gap gap = {0};
    status = km_gap_measure(sweep->data, &sweep->params, sweep->best.inertia, sweep->hooks, &gap);
    line->gap = gap.gap;
    line->gap_error = gap.error;
  }
  return status;
}

km_status km_sweep_step(km_sweep *sweep, km_sweep_line *line) {
  int expects = (sweep->wanted & KM_SWEEP_F) != 0;
  km_status status = KM_OK;
  *line = (km_sweep_line){sweep->next, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  sweep->params.k = sweep->next;
  if (sweep->best.k > 0) {
    sweep->before = sweep->best.inertia;
  } else if (expects && sweep->params.k > 1) {
    status = find_before(sweep);
  }
  if (status == KM_OK) {
    status = cluster(sweep);
  }
  if (status == KM_OK) {
    line->inertia = sweep->best.inertia;
    line->iterations = sweep->best.iterations;
    line->converged = sweep->best.converged;
    line->f = expects ? evaluate(sweep) : NAN;
    status = measure(sweep, line);
  }
  sweep->next++;
  return status;
}

double km_sweep_score(const km_sweep_line *line) {
  return line->silhouette * sqrt(line->explained);
}
