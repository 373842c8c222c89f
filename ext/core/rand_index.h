/* How far two labelings of the same points agree. */
#ifndef KM_CORE_RAND_INDEX_H
#define KM_CORE_RAND_INDEX_H

#include <stdint.h>

#include "core/chunks.h"
#include "core/twice.h"

/* How many points have each label, and each pair of labels: the memory grows with these, not with the
** points. The sums of the squares of the counts are kept up, exactly as far as 2^106. */
typedef struct km_contingency {
  km_chunks first;  /* a uint64_t per label of the first labeling: points that have it */
  km_chunks second; /* the same of the second one */
  km_chunks cells;  /* a hash table of pairs, a power of two long; or empty */
  size_t used;      /* cells that are taken */
  uint64_t points;
  km_twice first_squares;
  km_twice second_squares;
  km_twice cell_squares;
} km_contingency;

/* No points; allocates nothing. */
void km_contingency_init(km_contingency *table);
void km_contingency_clear(km_contingency *table, km_hooks *hooks);

/* Adds a point with these labels, which are numbers below 2^32 - 1: best small ones. After an error the
** table is of no more use. */
km_status km_contingency_add(km_contingency *table, km_hooks *hooks, uint32_t first,
                             uint32_t second);

/* Takes back a point that was added with these labels. */
void km_contingency_remove(km_contingency *table, uint32_t first, uint32_t second);

/* The Rand index adjusted for chance (Hubert & Arabie 1985): 1 for the same clusters, whatever they are
** called, and 0 on average for labels that have nothing to do with each other; NaN without points. */
double km_rand_index(const km_contingency *table);

#endif
