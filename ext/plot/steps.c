#include "plot/steps.h"

#include <string.h>

#include "core/trace.h"
#include "plot/drawing.h"

void km_steps_clear(km_steps *steps, km_hooks *hooks) {
  km_release(hooks, steps->mark);
  km_release(hooks, steps->label);
  memset(steps, 0, sizeof *steps);
}

/* Drops every other step. */
static void thin(km_steps *steps, size_t k, size_t count) {
  size_t kept = 0;
  for (size_t s = 0; s < steps->count; s += 2, kept++) {
    steps->iteration[kept] = steps->iteration[s];
    steps->inertia[kept] = steps->inertia[s];
    memmove(steps->mark + kept * k, steps->mark + s * k, k * sizeof *steps->mark);
    memmove(steps->label + kept * count, steps->label + s * count, count * sizeof *steps->label);
  }
  steps->count = kept;
}

static void add(km_drawing *drawing, const km_result *result) {
  km_steps *steps = &drawing->steps;
  size_t count = drawing->strata.count;
  size_t step = steps->count++;
  steps->iteration[step] = result->iterations;
  steps->inertia[step] = result->inertia;
  for (size_t c = 0; c < result->k; c++) {
    steps->mark[step * result->k + c] = km_drawing_place(drawing, result, c, drawing->length);
  }
  for (size_t i = 0; i < count; i++) {
    steps->label[step * count + i] = km_result_label(result, drawing->strata.row[i]);
  }
}

/* Clusters keep the numbers of their seeds while they move; the result has sorted them. The points tell
** which is which: each cluster has one that is drawn. */
static void renumber(km_drawing *drawing) {
  km_steps *steps = &drawing->steps;
  size_t k = drawing->result->k;
  size_t count = drawing->strata.count;
  uint32_t number[KM_MOST_MOVING_CLUSTERS];
  km_point mark[KM_MOST_MOVING_CLUSTERS];
  const uint32_t *last = steps->label + (steps->count - 1) * count;
  for (uint32_t c = 0; c < k; c++) {
    number[c] = c;
  }
  for (size_t i = 0; i < count; i++) {
    number[last[i]] = km_result_label(drawing->result, drawing->strata.row[i]);
  }
  for (size_t i = 0; i < steps->count * count; i++) {
    steps->label[i] = number[steps->label[i]];
  }
  for (size_t s = 0; s < steps->count; s++) {
    memcpy(mark, steps->mark + s * k, k * sizeof *mark);
    for (size_t c = 0; c < k; c++) {
      steps->mark[s * k + number[c]] = mark[c];
    }
  }
}

km_status km_steps_record(km_drawing *drawing) {
  km_steps *steps = &drawing->steps;
  km_hooks *hooks = drawing->hooks;
  size_t k = drawing->result->k;
  size_t count = drawing->strata.count;
  size_t stride = 1;
  km_trace trace;
  memset(&trace, 0, sizeof trace);
  steps->mark = km_allocate(hooks, k, KM_MOST_STEPS * sizeof *steps->mark);
  steps->label = km_allocate(hooks, count, KM_MOST_STEPS * sizeof *steps->label);
  km_status status = steps->mark && steps->label ? KM_OK : KM_NOMEM;
  if (status == KM_OK) {
    status = km_trace_begin(&trace, drawing->data, drawing->picture->traced, hooks);
  }
  for (size_t i = 0; status == KM_OK; i++) {
    if (i % stride == 0 || trace.done) {
      if (steps->count == KM_MOST_STEPS) {
        thin(steps, k, count);
        stride *= 2;
      }
      if (i % stride == 0 || trace.done) {
        add(drawing, &trace.result);
      }
    }
    status = km_tick(hooks, 16 * count);
    if (trace.done || status != KM_OK) {
      break;
    }
    status = km_trace_next(&trace);
  }
  km_trace_end(&trace);
  if (status == KM_OK) {
    renumber(drawing);
  }
  return status;
}
