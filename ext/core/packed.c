#include "core/packed.h"

#include <string.h>

#include "core/blocks.h"
#include "core/weights.h"

static double weight_of(const km_packed *packed, size_t row) {
  return km_dataset_weight(packed->points->data, row) * packed->weight_unit;
}

/* Whole weights are taken as they are: they and their sums are exact. */
static km_status find_units(km_packed *packed) {
  const km_dataset *data = packed->points->data;
  km_weights weights;
  double max_abs;
  km_status status = km_dataset_max_abs(data, packed->hooks, NULL, &max_abs);
  if (status == KM_OK) {
    status = km_weights_measure(data, packed->hooks, &weights);
  }
  if (status == KM_OK) {
    packed->unit = km_unit_for(max_abs);
    packed->whole = weights.whole;
    packed->weight_unit = weights.whole ? 1 : weights.unit;
  }
  return status;
}

static km_status count_clusters(km_packed *packed) {
  km_status status = KM_OK;
  memset(packed->sizes, 0, packed->k * sizeof *packed->sizes);
  memset(packed->weights, 0, packed->k * sizeof *packed->weights);
  for (size_t i = 0; i < packed->n && status == KM_OK; i++) {
    size_t row = km_labelled_row(packed->points, i);
    uint32_t label = km_labelled_label(packed->points, row);
    packed->sizes[label]++;
    km_sum_add(&packed->weights[label], weight_of(packed, row));
    km_sum_add(&packed->total, weight_of(packed, row));
    status = km_tick(packed->hooks, 4);
  }
  packed->first[0] = 0;
  for (size_t c = 0; c < packed->k; c++) {
    packed->first[c + 1] = packed->first[c] + km_panel_count(packed->sizes[c]);
    packed->filled += packed->sizes[c] > 0;
  }
  return status;
}

km_status km_packed_init(km_packed *packed, const km_labelled *points, km_hooks *hooks) {
  memset(packed, 0, sizeof *packed);
  packed->points = points;
  packed->hooks = hooks;
  packed->dims = points->data->dims;
  packed->k = points->k;
  packed->n = km_labelled_count(points);
  km_chunks_init(&packed->panels, packed->dims * KM_PANEL * sizeof(double));
  km_chunks_init(&packed->lanes, KM_PANEL * sizeof(double));
  packed->sizes = km_allocate(hooks, packed->k, sizeof *packed->sizes);
  packed->weights = km_allocate(hooks, packed->k, sizeof *packed->weights);
  if (packed->sizes) { /* else k + 1 may be none at all */
    packed->first = km_allocate(hooks, packed->k + 1, sizeof *packed->first);
  }
  if (!packed->first || !packed->sizes || !packed->weights) {
    return KM_NOMEM;
  }
  km_status status = find_units(packed);
  return status == KM_OK ? count_clusters(packed) : status;
}

static km_status clear_panels(km_packed *packed) {
  size_t count = packed->first[packed->k];
  km_status status = km_chunks_fill(&packed->panels, packed->hooks, count);
  if (status == KM_OK) {
    status = km_chunks_fill(&packed->lanes, packed->hooks, count);
  }
  for (size_t p = 0; p < count && status == KM_OK; p++) {
    memset(km_chunks_at(&packed->panels, p), 0, packed->panels.item_bytes);
    memset(km_chunks_at(&packed->lanes, p), 0, packed->lanes.item_bytes);
    status = km_tick(packed->hooks, packed->dims);
  }
  return status;
}

km_status km_packed_fill(km_packed *packed) {
  size_t *begun = km_allocate(packed->hooks, packed->k, sizeof *begun);
  double *row = km_allocate(packed->hooks, packed->dims, sizeof *row);
  km_status status = begun && row ? clear_panels(packed) : KM_NOMEM;
  if (begun) {
    memset(begun, 0, packed->k * sizeof *begun);
  }
  for (size_t i = 0; i < packed->n && status == KM_OK; i++) {
    km_packed_place at = km_packed_next(packed, i, begun);
    double *panel = (double *)km_chunks_at(&packed->panels, at.panel) + at.lane;
    km_dataset_copy(packed->points->data, at.row, row);
    for (size_t j = 0; j < packed->dims; j++) {
      panel[j * KM_PANEL] = row[j] * packed->unit;
    }
    ((double *)km_chunks_at(&packed->lanes, at.panel))[at.lane] = weight_of(packed, at.row);
    status = km_tick(packed->hooks, 2 * packed->dims);
  }
  km_release(packed->hooks, begun);
  km_release(packed->hooks, row);
  return status;
}

void km_packed_clear(km_packed *packed) {
  km_release(packed->hooks, packed->first);
  km_release(packed->hooks, packed->sizes);
  km_release(packed->hooks, packed->weights);
  km_chunks_clear(&packed->panels, packed->hooks);
  km_chunks_clear(&packed->lanes, packed->hooks);
}
