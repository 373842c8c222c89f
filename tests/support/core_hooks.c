#include "core_hooks.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For MemorySanitizer and valgrind, the garbage is no value. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define FORGET(memory, bytes) __msan_allocated_memory(memory, bytes)
#endif
#endif
#if !defined(FORGET) && defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define FORGET(memory, bytes) VALGRIND_MAKE_MEM_UNDEFINED(memory, bytes)
#endif
#endif
#ifndef FORGET
#define FORGET(memory, bytes) ((void)0)
#endif

/* Before each block of memory. 24 bytes: malloc aligns to 16, so the block is aligned to 8 only. */
typedef struct header {
  uint64_t bytes;
  uint64_t magic;
  uint64_t unused;
} header;

#define TAKEN 0x5AFE
#define GIVEN_BACK 0xDEAD

static void *allocate(void *context, size_t bytes) {
  core_hooks *hooks = context;
  hooks->allocations++;
  if (hooks->fail_at != 0 && (hooks->allocations == hooks->fail_at ||
                              (hooks->fail_onward && hooks->allocations > hooks->fail_at))) {
    return NULL;
  }
  if (hooks->most != 0 && bytes > hooks->most) {
    return NULL;
  }
  header *block = malloc(sizeof *block + bytes);
  if (!block) {
    return NULL;
  }
  block->bytes = bytes;
  block->magic = TAKEN;
  memset(block + 1, 0xA5, bytes);
  (void)FORGET(block + 1, bytes);
  hooks->live++;
  hooks->live_bytes += bytes;
  if (hooks->live_bytes > hooks->peak_bytes) {
    hooks->peak_bytes = hooks->live_bytes;
  }
  return block + 1;
}

static void release(void *context, void *memory) {
  core_hooks *hooks = context;
  if (!memory) {
    return;
  }
  header *block = (header *)memory - 1;
  if (block->magic != TAKEN) {
    fprintf(stderr, "memory given back that was not taken\n");
    abort();
  }
  block->magic = GIVEN_BACK;
  hooks->live--;
  hooks->live_bytes -= (size_t)block->bytes;
  free(block);
}

static int cancelled(void *context) {
  core_hooks *hooks = context;
  hooks->polls++;
  if (hooks->eager) {
    hooks->hooks.work = KM_TICK;
  }
  return hooks->cancel_at != 0 && hooks->polls >= hooks->cancel_at;
}

static void report(void *context, const km_report *news) {
  core_hooks *hooks = context;
  if (hooks->report_count < CORE_HOOKS_REPORTS) {
    hooks->reports[hooks->report_count] = *news;
  }
  hooks->report_count++;
}

void core_hooks_init(core_hooks *hooks) {
  memset(hooks, 0, sizeof *hooks);
  hooks->hooks.context = hooks;
  hooks->hooks.allocate = allocate;
  hooks->hooks.release = release;
  hooks->hooks.cancelled = cancelled;
  hooks->hooks.report = report;
}

/* km_tick polls once the work since the last poll has reached KM_TICK: let it be there always. */
void core_hooks_eager(core_hooks *hooks) {
  hooks->eager = 1;
  hooks->hooks.work = KM_TICK;
}

void core_hooks_break(core_hooks *hooks, int cancel, size_t fault) {
  if (cancel) {
    core_hooks_eager(hooks);
    hooks->cancel_at = hooks->polls + fault;
  } else {
    hooks->fail_at = hooks->allocations + fault;
  }
}
