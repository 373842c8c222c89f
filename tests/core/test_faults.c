/* km_fit and km_apply when memory runs out or the host says stop: the right status, nothing leaked,
** and promptly. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/fit.h"
#include "core_hooks.h"
#include "points.h"

#define N 90
#define DIMS 3
#define K 6

/* Each takes another way through the code. */
typedef struct scenario {
  const char *name;
  km_init init;
  size_t n_init;
  double tol;
  int power; /* the points are multiplied by 2^power */
  int mixed; /* all points but three, by 2^-900 more */
  int far;   /* given centroids leave clusters empty */
  int apply;
} scenario;

static const scenario scenarios[] = {
    {.name = "k-means++", .init = KM_INIT_PLUS_PLUS, .n_init = 1},
    {.name = "two runs and a tolerance", .init = KM_INIT_PLUS_PLUS, .n_init = 2, .tol = 1e-4},
    {.name = "random rows", .init = KM_INIT_RANDOM, .n_init = 2},
    {.name = "given centroids", .init = KM_INIT_CENTROIDS, .n_init = 1},
    {.name = "empty clusters", .init = KM_INIT_CENTROIDS, .n_init = 1, .far = 1},
    {.name = "huge coordinates", .init = KM_INIT_PLUS_PLUS, .n_init = 1, .tol = 1e-4, .power = 900},
    {.name = "tiny coordinates, empty", .init = KM_INIT_CENTROIDS, .power = -900, .far = 1},
    {.name = "clusters of all magnitudes", .init = KM_INIT_PLUS_PLUS, .n_init = 1, .mixed = 1},
    {.name = "apply", .apply = 1},
    {.name = "apply to huge coordinates", .apply = 1, .power = 900},
};

#define SCENARIOS (sizeof scenarios / sizeof *scenarios)

/* Runs a scenario with the faults that the hooks are set to. */
static km_status run(const scenario *s, const km_dataset *data, core_hooks *hooks,
                     km_result *result) {
  double centroids[K * DIMS];
  km_params params = {.k = K,
                      .init = s->init,
                      .centroids = centroids,
                      .n_init = s->n_init,
                      .max_iter = 300,
                      .tol = s->tol};
  for (size_t c = 0; c < K; c++) {
    for (size_t j = 0; j < DIMS; j++) {
      centroids[c * DIMS + j] = km_dataset_row(data, c, NULL)[j] * (s->far && c > 1 ? 100 : 1);
    }
  }
  return s->apply ? km_apply(data, centroids, K, 0, &hooks->hooks, result)
                  : km_fit(data, &params, &hooks->hooks, result);
}

static void load(const scenario *s, km_dataset *data, core_hooks *hooks) {
  double rows[N * DIMS];
  points_random random = {11};
  points_fill(rows, N, DIMS, POINTS_CONTINUOUS, &random);
  for (size_t v = 0; v < N * DIMS; v++) {
    rows[v] = ldexp(rows[v], s->power - (s->mixed && v >= 3 * DIMS ? 900 : 0));
  }
  core_hooks_init(hooks);
  km_dataset_init(data, DIMS, KM_DOUBLE);
  points_load(data, rows, N, &hooks->hooks);
}

/* Runs a scenario again and again, with a fault one stride later each time, until it succeeds; returns
** before how many steps it failed. Nothing that a fault leaves behind may change what the success is. */
static size_t count_faults(const scenario *s, km_status expected, int onward) {
  size_t faults = 0;
  km_status status = expected;
  while (status == expected) {
    km_dataset data;
    core_hooks hooks;
    km_result result;
    load(s, &data, &hooks);
    size_t live = hooks.live;
    if (expected == KM_NOMEM) {
      hooks.fail_at = hooks.allocations + faults + 1;
      hooks.fail_onward = onward;
    } else {
      core_hooks_eager(&hooks);
      hooks.cancel_at = faults + 1;
    }
    status = run(s, &data, &hooks, &result);
    assert_true(status == expected || status == KM_OK);
    assert_true(status == KM_OK || expected == KM_NOMEM || hooks.polls == faults + 1);
    km_result_clear(&result, &hooks.hooks);
    assert_int_equal(hooks.live, live);
    km_result_clear(&result, &hooks.hooks); /* cleared twice is allowed: it is zeroed */
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    faults += status == expected ? points_stride() : 0;
  }
  return faults;
}

static void out_of_memory(void **state) {
  (void)state;
  for (size_t s = 0; s < SCENARIOS; s++) {
    size_t once = count_faults(&scenarios[s], KM_NOMEM, 0);
    size_t onward = count_faults(&scenarios[s], KM_NOMEM, 1);
    if (once < 6 || once != onward) {
      fail_msg("%s: %zu allocations that can fail once, %zu for good", scenarios[s].name, once,
               onward);
    }
  }
}

static void cancelled(void **state) {
  (void)state;
  for (size_t s = 0; s < SCENARIOS; s++) {
    size_t polls = count_faults(&scenarios[s], KM_CANCELLED, 0);
    if (polls < (scenarios[s].apply ? 2 : 100)) {
      fail_msg("%s: only %zu polls", scenarios[s].name, polls);
    }
  }
}

/* Too few distinct points is found before anything is kept. */
static void too_few_keeps_nothing(void **state) {
  (void)state;
  core_hooks hooks;
  km_dataset data;
  km_result result;
  km_params params = {.k = N + 1, .n_init = 1, .max_iter = 300};
  load(&scenarios[0], &data, &hooks);
  size_t live = hooks.live;
  assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_TOO_FEW);
  assert_int_equal(hooks.live, live);
  assert_int_equal(result.distinct, N);
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* The mean of points whose sum does not fit in a double: no infinity, no NaN, no leak. */
static void overflow_is_a_status(void **state) {
  (void)state;
  core_hooks hooks;
  km_dataset data;
  km_result result;
  double value = KM_MAX_COORDINATE;
  km_params params = {.k = 2, .n_init = 1, .max_iter = 300, .tol = 1e-4};
  core_hooks_init(&hooks);
  km_dataset_init(&data, 1, KM_DOUBLE);
  for (size_t i = 0; i < 1000; i++) {
    points_load(&data, &value, 1, &hooks.hooks);
  }
  value = -value;
  points_load(&data, &value, 1, &hooks.hooks);
  assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
  assert_true(result.centroids[0] == -KM_MAX_COORDINATE);
  assert_true(fabs(result.centroids[1] / KM_MAX_COORDINATE - 1) < 1e-15);
  km_result_clear(&result, &hooks.hooks);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* Two of the hook's polls are at most about two KM_TICK of multiply-adds apart: a fit of n points
** polls at least half as often as its assignments alone ask for. */
static void polls_often_enough(void **state) {
  (void)state;
  static const size_t shapes[][3] = {/* n, dims, k */
                                     {20000, 2, 3},
                                     {2000, 8, 100},
                                     {300, 700, 20},
                                     {40, 40000, 3}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    size_t n = shapes[s][0];
    size_t dims = shapes[s][1];
    core_hooks hooks;
    km_dataset data;
    km_result result;
    points_random random = {s};
    double *rows = points_memory(n, dims);
    km_params params = {.k = shapes[s][2], .n_init = 1, .max_iter = 10};
    params.algorithm = KM_ALGORITHM_PLAIN; /* the work is known for this one only */
    params.refine = KM_REFINE_NONE;
    points_fill(rows, n, dims, POINTS_CONTINUOUS, &random);
    core_hooks_init(&hooks);
    km_dataset_init(&data, dims, KM_DOUBLE);
    points_load(&data, rows, n, &hooks.hooks);
    assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_OK);
    size_t work = n * dims * params.k * (result.iterations + 1);
    assert_true(hooks.polls >= work / (2 * KM_TICK));
    size_t polls = hooks.polls;
    km_result_clear(&result, &hooks.hooks);
    hooks.cancel_at = polls + polls / 2;
    assert_int_equal(km_fit(&data, &params, &hooks.hooks, &result), KM_CANCELLED);
    assert_int_equal(hooks.polls, hooks.cancel_at);
    km_result_clear(&result, &hooks.hooks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
    free(rows);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(out_of_memory),         cmocka_unit_test(cancelled),
      cmocka_unit_test(too_few_keeps_nothing), cmocka_unit_test(overflow_is_a_status),
      cmocka_unit_test(polls_often_enough),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
