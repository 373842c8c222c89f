/* The rows' keys: values of any type, kept as they came, and found again by value. Also a list of
** different values, each with its number: labels of clusters that somebody else has given. */
#ifndef KM_BRIDGE_IDS_H
#define KM_BRIDGE_IDS_H

#include <stdint.h>

#include "bridge/host.h"

/* How ids are kept: as small as all so far allow. */
typedef enum km_id_kind {
  KM_IDS_SMALL,   /* integers of 32 bits */
  KM_IDS_INTEGER, /* integers */
  KM_IDS_MIXED    /* of any type, 16 bytes */
} km_id_kind;

typedef struct km_ids {
  km_chunks items;
  km_id_kind kind;  /* of items */
  km_chunks arenas; /* blocks of memory that hold the text and BLOBs */
  size_t arena_left;
  /* For looking up: chains of rows whose ids have the same hash. Built when first needed, and kept up
  ** by km_ids_number alone. */
  km_chunks head; /* uint64: the first row of the chain + 1, or 0 */
  km_chunks next; /* uint64 per row: the next row + 1, or 0 */
  size_t heads;   /* a power of two; 0 while not built */
} km_ids;

/* No ids; allocates nothing. */
void km_ids_init(km_ids *ids);
void km_ids_clear(km_ids *ids, km_host *host);

/* Adds the id of the next row. */
void km_ids_add(km_ids *ids, km_host *host, sqlite3_value *id);

/* Hands out the id of a row. */
void km_ids_result(const km_ids *ids, size_t row, sqlite3_context *context);

/* Looking up, after all rows are added: the first row whose id may equal the value, and the next one
** after `row`; ids->items.count when there is none. Every row that SQL's = could find equal is among
** them, whatever affinity it applies (1 = 1.0 = '1'); the caller checks. */
size_t km_ids_first(km_ids *ids, km_host *host, sqlite3_value *value);
size_t km_ids_next(const km_ids *ids, size_t row);

/* The number of the value, from 0: that of the first value given here that is the same, as GROUP BY has
** it, so 1 and 1.0 are, and 1 and '1' are not. Nothing is added otherwise; values are different. */
uint32_t km_ids_number(km_ids *ids, km_host *host, sqlite3_value *value);

#endif
