/* What the core needs from its host, and the status codes that it answers with.
**
** The core does not know where it runs: it takes memory, is told to stop and reports its progress
** through these hooks only. All of them are called by the thread that called the core, never by a
** worker.
*/
#ifndef KM_CORE_HOOKS_H
#define KM_CORE_HOOKS_H

#include <stddef.h>
#include <stdint.h>

typedef enum km_status {
  KM_OK = 0,
  KM_NOMEM,       /* allocate() returned NULL, or a size does not fit in size_t */
  KM_CANCELLED,   /* cancelled() returned nonzero */
  KM_TOO_FEW,     /* fewer distinct points than clusters: km_result.distinct says how many */
  KM_OVERFLOW,    /* a sum of coordinates is too large for a double */
  KM_TOO_LARGE,   /* the centroids are more numbers than KM_MAX_CENTROIDS: see core/fit.h */
  KM_NO_VALUE,    /* a column has no value at all, so no mean */
  KM_NO_DIRECTION /* a point is zero where its direction counts */
} km_status;

/* One line of news from a running fit. */
typedef struct km_report {
  size_t run;       /* which of the n_init runs, from 1 */
  size_t iteration; /* from 1 */
  size_t moved;     /* points whose label changed in this iteration */
  double shift;     /* root of the sum over the centroids of their squared movement */
} km_report;

typedef struct km_hooks {
  void *context;
  void *(*allocate)(void *context, size_t bytes); /* aligned to 8 bytes at least; NULL: none left */
  void (*release)(void *context, void *memory);   /* NULL is allowed */
  int (*cancelled)(void *context);                /* nonzero: stop as soon as possible */
  void (*report)(void *context, const km_report *report);
  size_t work; /* multiply-adds since cancelled() was last asked: see km_tick */
} km_hooks;

/* a * b, or SIZE_MAX where that is too large: a size that there is no memory of. */
static inline size_t km_times(size_t a, size_t b) {
  return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

/* Memory for count items of item_bytes each, or NULL (out of memory, or more than PTRDIFF_MAX bytes,
** which no object can have). The caller owns it and gives it back with km_release. A count of 0 yields
** a valid pointer. */
void *km_allocate(km_hooks *hooks, size_t count, size_t item_bytes);
void km_release(km_hooks *hooks, void *memory);

/* What is asked for at a time, in bytes, where there is a choice: hosts give no 2 GB at once. */
#ifndef KM_LARGEST
#define KM_LARGEST ((size_t)1 << 30)
#endif

/* Notes that `work` multiply-adds were done, and asks the host now and then whether to go on.
** Returns KM_OK or KM_CANCELLED. Loops call it at least once per KM_TICK units of work. */
km_status km_tick(km_hooks *hooks, size_t work);

/* About 50 microseconds of arithmetic: short enough to stop promptly, long enough to cost nothing. */
#define KM_TICK ((size_t)1 << 17)

/* Says of a function that unsigned numbers wrap around in it on purpose: in hashes, random numbers and
** counts modulo 2^64. `make integers` reports all others, and nothing else heeds it. */
#if defined(__clang__)
#define KM_WRAPS __attribute__((no_sanitize("unsigned-integer-overflow")))
#else
#define KM_WRAPS
#endif

#endif
