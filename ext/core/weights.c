#include "core/weights.h"

#include <math.h>
#include <string.h>

#include "core/distance.h"
#include "simd/sum.h"

km_status km_weights_measure(const km_dataset *data, km_hooks *hooks, km_weights *weights) {
  km_status status = KM_OK;
  double largest = 0;
  *weights = (km_weights){.unit = 1, .whole = 1};
  for (size_t i = 0; i < data->weights.count && status == KM_OK; i++) {
    double weight = km_dataset_weight(data, i);
    largest = weight > largest ? weight : largest;
    weights->zeros += weight == 0;
    weights->whole &= weight == floor(weight);
    status = km_tick(hooks, 4);
  }
  weights->unit = km_one_for(largest);
  km_sum total = {0, 0};
  for (size_t i = 0; i < data->weights.count && status == KM_OK; i++) {
    km_sum_add(&total, km_dataset_weight(data, i) * weights->unit);
    status = km_tick(hooks, 4);
  }
  weights->total = km_sum_value(&total) / weights->unit;
  weights->whole &= weights->total < 0x1p53;
  return status;
}

km_status km_weights_select(const km_dataset *data, km_hooks *hooks, const km_weights *weights,
                            km_dataset *selected) {
  size_t count = data->rows.count - weights->zeros;
  size_t at = 0;
  km_dataset_init(selected, data->dims, data->element);
  km_status status = km_chunks_fill(&selected->rows, hooks, count);
  if (status == KM_OK) {
    status = km_chunks_fill(&selected->weights, hooks, count);
  }
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    double weight = km_dataset_weight(data, i);
    if (weight > 0) {
      memcpy(km_chunks_at(&selected->rows, at), km_chunks_at(&data->rows, i),
             data->rows.item_bytes);
      *(double *)km_chunks_at(&selected->weights, at++) = weight;
    }
    status = km_tick(hooks, data->dims);
  }
  return status == KM_OK ? km_dataset_see(selected, hooks, data->transform, &at) : status;
}

km_status km_lottery_init(km_lottery *lottery, const km_dataset *data, km_hooks *hooks) {
  km_sum sum = {0, 0};
  memset(lottery, 0, sizeof *lottery);
  lottery->data = data;
  km_chunks_init(&lottery->tickets, sizeof(double));
  if (!km_dataset_weighted(data)) {
    return KM_OK;
  }
  km_status status = km_weights_measure(data, hooks, &lottery->weights);
  if (status == KM_OK) {
    status = km_chunks_fill(&lottery->tickets, hooks, data->rows.count);
  }
  double unit = lottery->weights.whole ? 1 : lottery->weights.unit;
  for (size_t i = 0; i < data->rows.count && status == KM_OK; i++) {
    km_sum_add(&sum, km_dataset_weight(data, i) * unit);
    *(double *)km_chunks_at(&lottery->tickets, i) = km_sum_value(&sum);
    status = km_tick(hooks, 4);
  }
  return status;
}

void km_lottery_clear(km_lottery *lottery, km_hooks *hooks) {
  km_chunks_clear(&lottery->tickets, hooks);
}

size_t km_lottery_draw(const km_lottery *lottery, km_random *random) {
  const km_chunks *tickets = &lottery->tickets;
  size_t low = 0;
  size_t high = lottery->data->rows.count - 1;
  if (tickets->count == 0) {
    return (size_t)km_random_below(random, lottery->data->rows.count);
  }
  double drawn = lottery->weights.whole
                     ? (double)km_random_below(random, (uint64_t)lottery->weights.total)
                     : km_random_unit(random) * *(const double *)km_chunks_at(tickets, high);
  while (low < high) { /* the first row whose sum exceeds what was drawn */
    size_t middle = low + (high - low) / 2;
    if (*(const double *)km_chunks_at(tickets, middle) > drawn) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

km_status km_draw_row(const km_dataset *data, km_hooks *hooks, km_random *random, size_t *row) {
  km_lottery lottery;
  km_status status = km_lottery_init(&lottery, data, hooks);
  if (status == KM_OK) {
    *row = km_lottery_draw(&lottery, random);
  }
  km_lottery_clear(&lottery, hooks);
  return status;
}
