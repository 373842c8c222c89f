/* A growing array in chunks of at most KM_CHUNK_BYTES.
**
** No allocation is ever large, so the array can pass the host's limit on one allocation, growing
** never holds two copies of the data, and items can leave at the front (a window frame that slides)
** with their memory given back. Every chunk holds the same power of two of items, so that item i is
** found by a shift; only the first chunk starts small and doubles until it is full-sized.
*/
#ifndef KM_CORE_CHUNKS_H
#define KM_CORE_CHUNKS_H

#include "core/hooks.h"

#ifndef KM_CHUNK_BYTES
#define KM_CHUNK_BYTES ((size_t)1 << 20)
#endif

typedef struct km_chunks {
  size_t item_bytes;
  unsigned shift;        /* a chunk holds 2^shift items */
  size_t head;           /* items that have left at the front */
  size_t count;          /* items present */
  size_t first_capacity; /* items that the first chunk has room for */
  unsigned char **chunk; /* chunk_count pointers; NULL where all items have left */
  size_t chunk_count;
  size_t chunk_capacity;
} km_chunks;

/* An empty array; allocates nothing. item_bytes > 0. */
void km_chunks_init(km_chunks *chunks, size_t item_bytes);

/* Gives back all memory; the array is empty again and can be used. A zeroed struct is allowed. */
void km_chunks_clear(km_chunks *chunks, km_hooks *hooks);

/* Makes room for items to be pushed to the array, which has none left. */
km_status km_chunks_grow(km_chunks *chunks, km_hooks *hooks);

/* Makes the empty array count items long, not initialised. It has no room for more: nothing may be
** pushed after it. */
km_status km_chunks_fill(km_chunks *chunks, km_hooks *hooks, size_t count);

/* Drops the first item; the array is not empty. */
void km_chunks_pop_front(km_chunks *chunks, km_hooks *hooks);

/* Drops the last item, which was the last to be pushed; the array is not empty. */
static inline void km_chunks_pop_back(km_chunks *chunks) {
  chunks->count--;
}

/* Item i < count. The pointer stays valid until the next push or pop. */
static inline void *km_chunks_at(const km_chunks *chunks, size_t i) {
  size_t at = chunks->head + i;
  size_t within = at & (((size_t)1 << chunks->shift) - 1);
  return chunks->chunk[at >> chunks->shift] + within * chunks->item_bytes;
}

/* Room for one more item at the end, not initialised; NULL when out of memory (nothing changed). */
static inline void *km_chunks_push(km_chunks *chunks, km_hooks *hooks) {
  size_t end = chunks->head + chunks->count;
  size_t room =
      chunks->chunk_count == 1 ? chunks->first_capacity : chunks->chunk_count << chunks->shift;
  if (end == room && km_chunks_grow(chunks, hooks) != KM_OK) {
    return NULL;
  }
  chunks->count++;
  return km_chunks_at(chunks, chunks->count - 1);
}

/* How many items lie one after the other from item i on, in memory; at least 1 for i < count. */
static inline size_t km_chunks_run(const km_chunks *chunks, size_t i) {
  size_t per_chunk = (size_t)1 << chunks->shift;
  size_t run = per_chunk - ((chunks->head + i) & (per_chunk - 1));
  size_t left = chunks->count - i;
  return run < left ? run : left;
}

#endif
