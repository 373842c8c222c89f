#include "core/chunks.h"

#include <stdint.h>
#include <string.h>

void km_chunks_init(km_chunks *chunks, size_t item_bytes) {
  memset(chunks, 0, sizeof *chunks);
  chunks->item_bytes = item_bytes;
  while (item_bytes <= KM_CHUNK_BYTES >> (chunks->shift + 1)) {
    chunks->shift++;
  }
}

void km_chunks_clear(km_chunks *chunks, km_hooks *hooks) {
  for (size_t i = 0; i < chunks->chunk_count; i++) {
    km_release(hooks, chunks->chunk[i]);
  }
  km_release(hooks, chunks->chunk);
  chunks->chunk = NULL;
  chunks->chunk_count = chunks->chunk_capacity = 0;
  chunks->head = chunks->count = chunks->first_capacity = 0;
}

/* Room for one more pointer in the list of chunks. */
static km_status reserve_pointer(km_chunks *chunks, km_hooks *hooks) {
  if (chunks->chunk_count < chunks->chunk_capacity) {
    return KM_OK;
  }
  size_t capacity = chunks->chunk_capacity ? 2 * chunks->chunk_capacity : 4;
  unsigned char **chunk = km_allocate(hooks, capacity, sizeof *chunk);
  if (!chunk) {
    return KM_NOMEM;
  }
  if (chunks->chunk_count) {
    memcpy(chunk, chunks->chunk, chunks->chunk_count * sizeof *chunk);
  }
  km_release(hooks, chunks->chunk);
  chunks->chunk = chunk;
  chunks->chunk_capacity = capacity;
  return KM_OK;
}

/* One more chunk with room for `items` items. */
static km_status add_chunk(km_chunks *chunks, km_hooks *hooks, size_t items) {
  if (reserve_pointer(chunks, hooks) != KM_OK) {
    return KM_NOMEM;
  }
  unsigned char *memory = km_allocate(hooks, items, chunks->item_bytes);
  if (!memory) {
    return KM_NOMEM;
  }
  if (chunks->chunk_count == 0) {
    chunks->first_capacity = items;
  }
  chunks->chunk[chunks->chunk_count++] = memory;
  return KM_OK;
}

/* Doubles the first chunk, which is the only one and full. */
static km_status grow_first(km_chunks *chunks, km_hooks *hooks) {
  size_t capacity = 2 * chunks->first_capacity;
  unsigned char *memory = km_allocate(hooks, capacity, chunks->item_bytes);
  if (!memory) {
    return KM_NOMEM;
  }
  memcpy(memory, chunks->chunk[0], chunks->first_capacity * chunks->item_bytes);
  km_release(hooks, chunks->chunk[0]);
  chunks->chunk[0] = memory;
  chunks->first_capacity = capacity;
  return KM_OK;
}

km_status km_chunks_grow(km_chunks *chunks, km_hooks *hooks) {
  size_t per_chunk = (size_t)1 << chunks->shift;
  if (chunks->chunk_count == 0) {
    return add_chunk(chunks, hooks, per_chunk < 16 ? per_chunk : 16);
  }
  if (chunks->chunk_count == 1 && chunks->first_capacity < per_chunk) {
    return grow_first(chunks, hooks);
  }
  return add_chunk(chunks, hooks, per_chunk);
}

km_status km_chunks_fill(km_chunks *chunks, km_hooks *hooks, size_t count) {
  size_t per_chunk = (size_t)1 << chunks->shift;
  if (km_times(count, chunks->item_bytes) > PTRDIFF_MAX) {
    return KM_NOMEM;
  }
  for (size_t made = 0; made < count; made += per_chunk) {
    size_t left = count - made;
    if (add_chunk(chunks, hooks, left < per_chunk ? left : per_chunk) != KM_OK) {
      return KM_NOMEM;
    }
  }
  chunks->count = count;
  return KM_OK;
}

void km_chunks_pop_front(km_chunks *chunks, km_hooks *hooks) {
  size_t per_chunk = (size_t)1 << chunks->shift;
  chunks->head++;
  chunks->count--;
  if ((chunks->head & (per_chunk - 1)) == 0) {
    size_t passed = (chunks->head >> chunks->shift) - 1;
    km_release(hooks, chunks->chunk[passed]);
    chunks->chunk[passed] = NULL;
  }
}
