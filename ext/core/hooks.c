#include "core/hooks.h"

#include <stdint.h>

void *km_allocate(km_hooks *hooks, size_t count, size_t item_bytes) {
  if (item_bytes != 0 && count > SIZE_MAX / item_bytes) {
    return NULL;
  }
  size_t bytes = count * item_bytes;
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
