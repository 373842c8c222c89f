#include "core/hooks.h"

void *km_allocate(km_hooks *hooks, size_t count, size_t item_bytes) {
  size_t bytes = km_times(count, item_bytes);
  if (bytes > PTRDIFF_MAX) {
    return NULL;
  }
  return hooks->allocate(hooks->context, bytes ? bytes : 1);
}

void km_release(km_hooks *hooks, void *memory) {
  hooks->release(hooks->context, memory);
}

km_status km_tick(km_hooks *hooks, size_t work) {
  hooks->work += work;
  if (hooks->work < KM_TICK) {
    return KM_OK;
  }
  hooks->work = 0;
  return hooks->cancelled(hooks->context) ? KM_CANCELLED : KM_OK;
}
