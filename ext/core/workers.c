#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "core/workers.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* How often a thread looks again before it gives up its processor: loops of one fit follow each
** other within microseconds, and waking a sleeper can cost more than a loop. */
#define SPINS 2000

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t slices_left(uint64_t ticket) {
  return ticket & UINT32_MAX;
}

/* Takes a slice of the current loop; returns 0 when there is none. */
static int take_slice(km_workers *workers, size_t *slice) {
  uint64_t ticket = atomic_load(&workers->ticket);
  while (slices_left(ticket) > 0) {
    if (atomic_compare_exchange_weak(&workers->ticket, &ticket, ticket - 1)) {
      *slice = workers->slices - (size_t)slices_left(ticket);
      return 1;
    }
  }
  return 0;
}

static int idle(km_workers *workers) {
  return slices_left(atomic_load(&workers->ticket)) == 0 && !atomic_load(&workers->ending);
}

static void await_slices(km_workers *workers) {
  for (int spin = 0; spin < SPINS && idle(workers); spin++) {
    pause_briefly();
  }
  if (idle(workers)) {
    pthread_mutex_lock(&workers->mutex);
    atomic_fetch_add(&workers->sleeping, 1);
    while (idle(workers)) {
      pthread_cond_wait(&workers->wake, &workers->mutex);
    }
    atomic_fetch_sub(&workers->sleeping, 1);
    pthread_mutex_unlock(&workers->mutex);
  }
}

static void *work(void *argument) {
  km_workers *workers = argument;
  size_t number = atomic_fetch_add(&workers->numbered, 1) + 1;
  size_t slice;
  while (!atomic_load(&workers->ending)) {
    if (take_slice(workers, &slice)) {
      workers->task(workers->context, slice, number);
      atomic_fetch_add(&workers->done, 1);
    } else {
      await_slices(workers);
    }
  }
  return NULL;
}

/* Those who sleep have counted themselves before they looked at the ticket for the last time, so
** either they saw what the caller wrote, or the caller sees them here. */
static void wake_sleepers(km_workers *workers) {
  if (atomic_load(&workers->sleeping) > 0) {
    pthread_mutex_lock(&workers->mutex);
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->mutex);
  }
}

/* Signals stay with the threads of the host: the workers block them all. */
static size_t create_threads(km_workers *workers, size_t count) {
  sigset_t all;
  sigset_t before;
  size_t created = 0;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
    return 0;
  }
  while (created < count && pthread_create(&workers->thread[created], NULL, work, workers) == 0) {
    created++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return created;
}

void km_workers_start(km_workers *workers, size_t threads) {
  memset(workers, 0, sizeof *workers);
  threads = threads < KM_MAX_WORKERS ? threads : KM_MAX_WORKERS;
  if (threads < 2 || pthread_mutex_init(&workers->mutex, NULL) != 0) {
    return;
  }
  if (pthread_cond_init(&workers->wake, NULL) != 0) {
    pthread_mutex_destroy(&workers->mutex);
    return;
  }
  workers->started = create_threads(workers, threads - 1);
  if (workers->started == 0) {
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->mutex);
  }
}

void km_workers_stop(km_workers *workers) {
  if (workers->started == 0) {
    return;
  }
  atomic_store(&workers->ending, 1);
  wake_sleepers(workers);
  for (size_t t = 0; t < workers->started; t++) {
    pthread_join(workers->thread[t], NULL);
  }
  pthread_cond_destroy(&workers->wake);
  pthread_mutex_destroy(&workers->mutex);
  workers->started = 0;
}

static km_status run_alone(km_hooks *hooks, km_task *task, void *context, size_t slices) {
  km_status status = KM_OK;
  for (size_t slice = 0; slice < slices && status == KM_OK; slice++) {
    task(context, slice, 0);
    status = km_tick(hooks, KM_TICK);
  }
  return status;
}

/* Nobody takes another slice; waits for those that were taken. */
static void finish_loop(km_workers *workers) {
  uint64_t left = slices_left(atomic_fetch_and(&workers->ticket, ~(uint64_t)UINT32_MAX));
  size_t taken = workers->slices - (size_t)left;
  for (int spin = 0; atomic_load(&workers->done) < taken; spin++) {
    if (spin < SPINS) {
      pause_briefly();
    } else {
      sched_yield();
    }
  }
}

km_status km_workers_run(km_workers *workers, km_hooks *hooks, km_task *task, void *context,
                         size_t slices) {
  km_status status = KM_OK;
  size_t slice;
  if (km_workers_count(workers) == 1 || slices < 2 || slices > UINT32_MAX) {
    return run_alone(hooks, task, context, slices);
  }
  workers->task = task;
  workers->context = context;
  workers->slices = slices;
  atomic_store(&workers->done, 0);
  uint64_t loop = (atomic_load(&workers->ticket) >> 32) + 1;
  atomic_store(&workers->ticket, loop << 32 | slices);
  wake_sleepers(workers);
  while (status == KM_OK && take_slice(workers, &slice)) {
    task(context, slice, 0);
    atomic_fetch_add(&workers->done, 1);
    status = km_tick(hooks, KM_TICK);
  }
  finish_loop(workers);
  return status;
}

size_t km_workers_cores(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return (size_t)CPU_COUNT(&allowed);
  }
#endif
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores > 0 ? (size_t)cores : 1;
}
