/* Threads that cannot be had: the system refuses to create the first, the second and so on, once or from
** there on, or has no mutex, no condition or no way to hold signals back. The fit goes on with those that
** there are, to the same bits. As many are wanted as there are processors that the thread may use.
**
** The functions of the system are replaced: what stands in the program comes before its libraries.
*/
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core/workers.h"
#include "core_hooks.h"
#include "points.h"

enum { ROWS = 30000, THREADS = 5 };

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
typedef int mutex_function(pthread_mutex_t *, const pthread_mutexattr_t *);
typedef int cond_function(pthread_cond_t *, const pthread_condattr_t *);
typedef int mask_function(int, const sigset_t *, sigset_t *);

static size_t created;   /* threads asked for */
static size_t refuse_at; /* the one that is refused, from 1; 0: none */
static int refuse_onward;
static int no_mutex;
static int no_cond;
static int no_mask;
static int allowed; /* processors that the thread may use; 0: the system does not tell */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument) {
  static create_function *real;
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
  }
  created++;
  if (refuse_at && (created == refuse_at || (refuse_onward && created > refuse_at))) {
    return EAGAIN;
  }
  return real(thread, attributes, run, argument);
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
  static mutex_function *real;
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_init");
  }
  return no_mutex ? ENOMEM : real(mutex, attributes);
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes) {
  static cond_function *real;
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_init");
  }
  return no_cond ? ENOMEM : real(cond, attributes);
}

int pthread_sigmask(int how, const sigset_t *signals, sigset_t *before) {
  static mask_function *real;
  if (!real) {
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_sigmask");
  }
  return no_mask ? EINVAL : real(how, signals, before);
}

/* Fits, and gives the centroids: k * dims doubles that the caller frees. */
static double *fit(size_t dims, size_t threads) {
  core_hooks hooks;
  km_dataset data;
  km_result result;
  points_random random = {dims};
  km_params params = {
      .k = 40, .n_init = 1, .max_iter = 5, .threads = threads, .refine = KM_REFINE_NONE};
  double *rows = points_memory(ROWS, dims);
  double *centroids = points_memory(params.k, dims);
  points_fill(rows, ROWS, dims, POINTS_CONTINUOUS, &random);
  core_hooks_init(&hooks);
  km_dataset_init(&data, dims, KM_DOUBLE);
  points_load(&data, rows, ROWS, &hooks.hooks);
  created = 0;
  assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
  memcpy(centroids, result.centroids, params.k * dims * sizeof *centroids);
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
  free(rows);
  return centroids;
}

int sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set) {
  if (allowed == 0 || process != 0 || bytes != sizeof *set) {
    errno = ENOSYS;
    return -1;
  }
  CPU_ZERO(set);
  for (int i = 0; i < allowed; i++) {
    CPU_SET(2 * i + 1, set);
  }
  return 0;
}

static void expect_same(const double *expected, size_t dims) {
  double *centroids = fit(dims, THREADS);
  assert_memory_equal(centroids, expected, 40 * dims * sizeof *centroids);
  free(centroids);
}

static void threads_are_refused(void **state) {
  (void)state;
  for (size_t dims = 2; dims <= 12; dims += 10) {
    double *alone = fit(dims, 1);
    assert_int_equal(created, 0);
    expect_same(alone, dims);
    size_t most = created;
    assert_true(most >= THREADS - 1);
    for (refuse_onward = 0; refuse_onward < 2; refuse_onward++) {
      for (refuse_at = 1; refuse_at <= most; refuse_at++) {
        expect_same(alone, dims);
        assert_true(created >= refuse_at);
      }
    }
    refuse_at = 0;
    no_mutex = 1;
    expect_same(alone, dims);
    assert_int_equal(created, 0);
    no_mutex = 0;
    no_cond = 1;
    expect_same(alone, dims);
    assert_int_equal(created, 0);
    no_cond = 0;
    no_mask = 1;
    expect_same(alone, dims);
    assert_int_equal(created, 0);
    no_mask = 0;
    expect_same(alone, dims);
    assert_int_equal(created, most);
    free(alone);
  }
}

static void processors_that_may_be_used(void **state) {
  (void)state;
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  assert_true(km_workers_cores() == (size_t)online);
  created = 0;
  for (allowed = 1; allowed <= 9; allowed += 4) {
    assert_int_equal(km_workers_cores(), allowed);
    free(fit(12, 0));
    assert_true(created < (size_t)allowed);
  }
  assert_true(created > 0);
  allowed = 0;
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(processors_that_may_be_used),
      cmocka_unit_test(threads_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
