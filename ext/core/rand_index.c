#include "core/rand_index.h"

#include <math.h>
#include <string.h>

/* A pair of labels and how many points have it. */
typedef struct cell {
  uint64_t pair;
  uint64_t points;
} cell;

#define NO_PAIR UINT64_MAX
#define LEAST_CELLS 16

void km_contingency_init(km_contingency *table) {
  memset(table, 0, sizeof *table);
  km_chunks_init(&table->first, sizeof(uint64_t));
  km_chunks_init(&table->second, sizeof(uint64_t));
  km_chunks_init(&table->cells, sizeof(cell));
}

void km_contingency_clear(km_contingency *table, km_hooks *hooks) {
  km_chunks_clear(&table->first, hooks);
  km_chunks_clear(&table->second, hooks);
  km_chunks_clear(&table->cells, hooks);
}

static KM_WRAPS size_t hash_pair(uint64_t pair) {
  uint64_t hash = (pair ^ pair >> 32) * 0x9E3779B97F4A7C15u;
  return (size_t)(hash ^ hash >> 32);
}

/* The cell of the pair, or the free one where it belongs. There is a free one. */
static cell *find(const km_chunks *cells, uint64_t pair) {
  size_t mask = cells->count - 1;
  size_t at = hash_pair(pair) & mask;
  cell *found = km_chunks_at(cells, at);
  while (found->pair != pair && found->pair != NO_PAIR) {
    at = (at + 1) & mask;
    found = km_chunks_at(cells, at);
  }
  return found;
}

/* Doubles the hash table. */
static km_status grow(km_contingency *table, km_hooks *hooks) {
  km_chunks cells;
  size_t count = table->cells.count ? 2 * table->cells.count : LEAST_CELLS;
  km_chunks_init(&cells, sizeof(cell));
  km_status status = km_chunks_fill(&cells, hooks, count);
  for (size_t i = 0; i < count && status == KM_OK; i++) {
    *(cell *)km_chunks_at(&cells, i) = (cell){NO_PAIR, 0};
    status = km_tick(hooks, 4);
  }
  for (size_t i = 0; i < table->cells.count && status == KM_OK; i++) {
    const cell *old = km_chunks_at(&table->cells, i);
    if (old->pair != NO_PAIR) {
      *find(&cells, old->pair) = *old;
    }
    status = km_tick(hooks, 32);
  }
  if (status == KM_OK) {
    km_chunks_clear(&table->cells, hooks);
    table->cells = cells;
  } else {
    km_chunks_clear(&cells, hooks);
  }
  return status;
}

/* The counts reach up to this label. */
static km_status reach(km_chunks *counts, km_hooks *hooks, uint32_t label) {
  km_status status = KM_OK;
  while (counts->count <= label && status == KM_OK) {
    uint64_t *count = km_chunks_push(counts, hooks);
    status = count ? km_tick(hooks, 4) : KM_NOMEM;
    if (count) {
      *count = 0;
    }
  }
  return status;
}

/* Changes a count by 1 or -1, and the sum of the squares with it. */
static void change(uint64_t *count, int sign, km_twice *squares) {
  double before = (double)*count;
  *count = sign > 0 ? *count + 1 : *count - 1;
  *squares = km_twice_add(*squares, (km_twice){sign * 2 * before + 1, 0});
}

static void change_all(km_contingency *table, cell *pair, uint32_t first, uint32_t second,
                       int sign) {
  change(&pair->points, sign, &table->cell_squares);
  change(km_chunks_at(&table->first, first), sign, &table->first_squares);
  change(km_chunks_at(&table->second, second), sign, &table->second_squares);
  table->points = sign > 0 ? table->points + 1 : table->points - 1;
}

static uint64_t pair_of(uint32_t first, uint32_t second) {
  return (uint64_t)first << 32 | second;
}

km_status km_contingency_add(km_contingency *table, km_hooks *hooks, uint32_t first,
                             uint32_t second) {
  km_status status = reach(&table->first, hooks, first);
  if (status == KM_OK) {
    status = reach(&table->second, hooks, second);
  }
  if (status == KM_OK && 2 * table->used >= table->cells.count) {
    status = grow(table, hooks);
  }
  if (status == KM_OK) {
    cell *pair = find(&table->cells, pair_of(first, second));
    if (pair->pair == NO_PAIR) {
      pair->pair = pair_of(first, second);
      table->used++;
    }
    change_all(table, pair, first, second, 1);
  }
  return status;
}

void km_contingency_remove(km_contingency *table, uint32_t first, uint32_t second) {
  change_all(table, find(&table->cells, pair_of(first, second)), first, second, -1);
}

/* Of ordered pairs of points: those that are together in both labelings, in the first or the second one
** only, and in none. Products of their counts reach 2^128, and their difference may be small. */
double km_rand_index(const km_contingency *table) {
  km_twice n = {(double)(table->points >> 32) * 0x1p32, (double)(table->points & UINT32_MAX)};
  n = km_twice_sum(n.high, n.low);
  km_twice both = km_twice_subtract(table->cell_squares, n);
  km_twice first = km_twice_subtract(table->first_squares, table->cell_squares);
  km_twice second = km_twice_subtract(table->second_squares, table->cell_squares);
  km_twice none = km_twice_subtract(km_twice_multiply(n, n), table->first_squares);
  none = km_twice_subtract(none, second);
  if (table->points == 0) {
    return NAN;
  }
  if (first.high == 0 && second.high == 0) {
    return 1;
  }
  km_twice agreed = km_twice_multiply(both, none);
  agreed = km_twice_subtract(agreed, km_twice_multiply(first, second));
  km_twice chance = km_twice_multiply(km_twice_add(both, first), km_twice_add(first, none));
  chance = km_twice_add(chance,
                        km_twice_multiply(km_twice_add(both, second), km_twice_add(second, none)));
  return 2 * agreed.high / chance.high;
}
