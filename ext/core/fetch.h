/* Reading ahead: rows that are needed soon, and lie anywhere, are asked for while others are looked at. */
#ifndef KM_CORE_FETCH_H
#define KM_CORE_FETCH_H

#include <stddef.h>

/* Tells the processor that these bytes will be read soon; bytes > 0. They may begin within a cache line. */
static inline void km_fetch(const void *from, size_t bytes) {
  const char *at = from;
  for (size_t done = 0; done < bytes; done += 64) {
    __builtin_prefetch(at + done);
  }
  __builtin_prefetch(at + bytes - 1);
  /* To GCC, a function that does nothing but prefetch has no effect: it leaves out the calls. */
  __asm__ volatile("");
}

#endif
