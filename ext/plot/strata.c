#include "plot/strata.h"

#include <string.h>

#include "core/random.h"

/* How many points of each cluster are drawn, into quota; returns their sum. */
static size_t apportion(const km_result *result, size_t most, size_t *quota) {
  size_t n = result->labels.count;
  size_t nonempty = 0;
  size_t sum = 0;
  for (size_t c = 0; c < result->k; c++) {
    nonempty += result->sizes[c] > 0;
  }
  size_t least = nonempty <= most; /* one for each, and the rest by size */
  double share = n > most ? (double)(most - least * nonempty) / (double)(n - least * nonempty) : 1;
  for (size_t c = 0; c < result->k; c++) {
    size_t size = result->sizes[c];
    quota[c] = n <= most || size == 0 ? size : least + (size_t)((double)(size - least) * share);
    sum += quota[c];
  }
  /* What rounding has left. */
  for (size_t c = 0; c < result->k && n > most && sum < most; c++) {
    if (quota[c] < result->sizes[c]) {
      quota[c]++;
      sum++;
    }
  }
  return sum;
}

km_status km_strata_draw(km_strata *strata, const km_result *result, size_t most, km_hooks *hooks) {
  km_status status = KM_NOMEM;
  size_t *left;   /* k: points of the cluster that are still to come */
  size_t *wanted; /* k: and how many of them are to be drawn */
  km_random random;
  km_random_seed(&random, 0);
  memset(strata, 0, sizeof *strata);
  strata->first = km_allocate(hooks, result->k + 1, sizeof *strata->first);
  left = km_allocate(hooks, result->k, sizeof *left);
  wanted = km_allocate(hooks, result->k, sizeof *wanted);
  if (strata->first && left && wanted) {
    strata->count = apportion(result, most, wanted);
    strata->row = km_allocate(hooks, strata->count, sizeof *strata->row);
    status = strata->row ? KM_OK : KM_NOMEM;
  }
  for (size_t c = 0, at = 0; c <= result->k && status == KM_OK; c++) {
    strata->first[c] = at;
    if (c < result->k) {
      at += wanted[c];
      left[c] = result->sizes[c];
    }
  }
  for (size_t i = 0; i < result->labels.count && status == KM_OK; i++) {
    size_t c = km_result_label(result, i);
    if (wanted[c] > 0 && (wanted[c] == left[c] || km_random_below(&random, left[c]) < wanted[c])) {
      strata->row[strata->first[c + 1] - wanted[c]] = i;
      wanted[c]--;
    }
    left[c]--;
    status = km_tick(hooks, 16);
  }
  km_release(hooks, left);
  km_release(hooks, wanted);
  return status;
}

void km_strata_clear(km_strata *strata, km_hooks *hooks) {
  km_release(hooks, strata->row);
  km_release(hooks, strata->first);
  memset(strata, 0, sizeof *strata);
}
