/* Threads that live as long as one fit, and share out its loops.
**
** A loop is cut into slices, whose number must not depend on the number of threads; whoever is free
** takes the next slice, the calling thread too. So a worker that the machine is slow to wake costs
** nothing, and where a slice has results of its own, merged in the order of the slices, the bits are
** the same for any number of threads. Workers never allocate and never touch the hooks: the calling
** thread asks the host whether to stop between its own slices.
**
** How: `ticket` holds the number of the loop in its upper half and the slices not yet taken in its
** lower half. Whoever lowers it by one, by compare-and-swap, owns a slice, and the loop cannot end
** before that slice is counted in `done`: so the loop's other fields can be read without a lock.
*/
#ifndef KM_CORE_WORKERS_H
#define KM_CORE_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/hooks.h"

#define KM_MAX_WORKERS 64

/* Does one slice, in at most about 5 ms. `worker` is below km_workers_count: slices that have it in
** common run one after the other, and may share scratch memory. */
typedef void km_task(void *context, size_t slice, size_t worker);

typedef struct km_workers {
  size_t started; /* threads besides the calling one; 0: the fields below are not set up */
  pthread_t thread[KM_MAX_WORKERS];
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  atomic_size_t sleeping;
  atomic_size_t numbered; /* how many workers have taken a number */
  atomic_int ending;
  _Atomic uint64_t ticket;
  atomic_size_t done; /* slices of this loop that have returned */
  km_task *task;
  void *context;
  size_t slices;
} km_workers;

/* Starts threads - 1 workers, or fewer where the system refuses; threads >= 1, and at most
** KM_MAX_WORKERS are used. */
void km_workers_start(km_workers *workers, size_t threads);

/* Ends and joins the workers. A zeroed struct is allowed. */
void km_workers_stop(km_workers *workers);

/* How many threads may run a slice: the calling one included. NULL counts 1. */
static inline size_t km_workers_count(const km_workers *workers) {
  return workers ? workers->started + 1 : 1;
}

/* Calls task(context, s, worker) for every s < slices < 2^32, in any order, and returns when all
** calls have returned. The host is asked after each slice of the calling thread whether to go on;
** after KM_CANCELLED some slices have not been called. `workers` may be NULL. */
km_status km_workers_run(km_workers *workers, km_hooks *hooks, km_task *task, void *context,
                         size_t slices);

/* How many processors the calling thread may run on (on Linux as taskset, a container's cpuset or a batch
** system allow; elsewhere all that are there); at least 1. */
size_t km_workers_cores(void);

#endif
