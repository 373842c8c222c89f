/* km_trace: what is seen on the way is what fits of so many iterations end in, and the last of it is
** the fit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/distance.h"
#include "core/trace.h"
#include "core_hooks.h"
#include "points.h"
#include "promise.h"

/* Points and how they are to be traced. */
typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_transform transform;
  km_params params;
  points_kind kind;
  double *given;
  int power; /* points are multiplied by 2^power */
} fixture;

static void set_up(fixture *f, size_t n, uint64_t seed) {
  static const km_algorithm algorithms[] = {KM_ALGORITHM_AUTO, KM_ALGORITHM_PLAIN,
                                            KM_ALGORITHM_TREE, KM_ALGORITHM_DENSE,
                                            KM_ALGORITHM_BOUNDS};
  points_random random = {seed + 5};
  size_t dims = 1 + points_below(&random, 8);
  size_t at = 0;
  km_view view = {.scale = KM_SCALE_NONE};
  double *rows = points_memory(n, dims);
  memset(f, 0, sizeof *f);
  f->kind = (points_kind)(seed % POINTS_KINDS);
  points_fill(rows, n, dims, f->kind, &random);
  f->params = (km_params){.k = 1 + points_below(&random, n < 14 ? n : 14),
                          .init = (km_init)(seed / 4 % 3),
                          .n_init = points_below(&random, 4) ? 1 : 3,
                          .max_iter = points_below(&random, 3) ? 300 : 1 + points_below(&random, 3),
                          .tol = points_below(&random, 2) ? 1e-4 : 0,
                          .clamp = 1,
                          .algorithm = algorithms[points_below(&random, 5)],
                          .threads = 1 + points_below(&random, 3),
                          .refine = KM_REFINE_AUTO, /* is not asked for */
                          .seed = seed};
  f->given = points_memory(f->params.k, dims);
  points_fill(f->given, f->params.k, dims, f->kind, &random);
  f->params.centroids = f->given;
  core_hooks_init(&f->hooks);
  km_dataset_init(&f->data, dims, points_below(&random, 4) ? KM_DOUBLE : KM_FLOAT);
  switch (points_below(&random, 8)) {
  case 0:
    view.scale = KM_SCALE_STANDARD;
    break;
  case 1:
    view.metric = KM_COSINE;
    break;
  case 2:
    f->power = f->data.element == KM_DOUBLE ? 900 : 0;
    break;
  default:
    break;
  }
  for (size_t v = 0; v < n * dims; v++) {
    rows[v] = ldexp(rows[v] + (view.metric == KM_COSINE), f->power);
  }
  for (size_t v = 0; v < f->params.k * dims; v++) {
    f->given[v] = ldexp(f->given[v] + 2 * (view.metric == KM_COSINE), f->power);
  }
  points_load(&f->data, rows, n, &f->hooks.hooks);
  if (view.scale == KM_SCALE_NONE && points_below(&random, 3) == 0) {
    for (size_t i = 0; i < n; i++) {
      double weight = (double)points_below(&random, 4);
      points_weigh(&f->data, &weight, 1, &f->hooks.hooks);
    }
  }
  assert_int_equal(km_transform_learn(&f->transform, &view, &f->data, &f->hooks.hooks, &at), KM_OK);
  km_status status = km_dataset_see(&f->data, &f->hooks.hooks, &f->transform, &at);
  assert_true(status == KM_OK || status == KM_NO_DIRECTION);
  if (status != KM_OK) { /* a row of zeros: seen as they are, all have what it takes */
    assert_int_equal(km_dataset_see(&f->data, &f->hooks.hooks, NULL, &at), KM_OK);
  }
  free(rows);
}

static void tear_down(fixture *f) {
  km_dataset_clear(&f->data, &f->hooks.hooks);
  km_transform_clear(&f->transform, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
  free(f->given);
}

/* Whether two results are the same but for the numbers of the clusters; with `numbers`, in them too. */
static int same(const km_result *a, const km_result *b, int numbers) {
  size_t bytes = a->dims * sizeof(double);
  uint32_t to[64];
  if (a->k != b->k || a->dims != b->dims || a->labels.count != b->labels.count ||
      a->iterations != b->iterations || memcmp(&a->inertia, &b->inertia, sizeof a->inertia) != 0) {
    return 0;
  }
  for (size_t c = 0; c < a->k; c++) {
    size_t d = 0;
    while (d < b->k && memcmp(a->restored + c * a->dims, b->restored + d * a->dims, bytes) != 0) {
      d++;
    }
    if (d == b->k || (numbers && d != c) ||
        memcmp(a->centroids + c * a->dims, b->centroids + d * a->dims, bytes) != 0 ||
        a->sizes[c] != b->sizes[d] || a->weights[c] != b->weights[d] ||
        a->inertias[c] != b->inertias[d] || a->radii[c] != b->radii[d]) {
      return 0;
    }
    to[c] = (uint32_t)d;
  }
  for (size_t i = 0; i < a->labels.count; i++) {
    if (to[km_result_label(a, i)] != km_result_label(b, i)) {
      return 0;
    }
  }
  return 1;
}

/* Fits with so many iterations at most. */
static km_status fit(fixture *f, size_t iterations, km_result *result) {
  km_params params = f->params;
  params.refine = KM_REFINE_NONE;
  params.max_iter = iterations < params.max_iter ? iterations : params.max_iter;
  return km_fit(&f->data, &params, &f->hooks.hooks, result);
}

/* What is known of the result before. */
typedef struct memory {
  double *centroids;
  uint32_t *labels;
} memory;

/* Checks moved and shift against what they are, and remembers the result. */
static void follow(const km_trace *trace, memory *before, uint64_t seed) {
  const km_result *now = &trace->result;
  size_t moved[64] = {0};
  for (size_t i = 0; i < now->labels.count; i++) {
    uint32_t label = km_result_label(now, i);
    moved[label] += now->iterations == 0 || before->labels[i] != label;
    before->labels[i] = label;
  }
  for (size_t c = 0; c < now->k; c++) {
    double *from = before->centroids + c * now->dims;
    const double *to = now->centroids + c * now->dims;
    PROMISE(trace->moved[c] == moved[c]);
    PROMISE(trace->shift[c] == (now->iterations == 0 ? 0 : km_distance(from, to, now->dims)));
    memcpy(from, to, now->dims * sizeof *from);
  }
}

/* The seeding: numbers in the order of the seeds, or as the centroids were given. */
static void check_seeding(const fixture *f, const km_result *now, uint64_t seed) {
  for (size_t c = 0; c < now->k; c++) {
    const double *centroid = now->restored + c * now->dims;
    if (f->params.init != KM_INIT_CENTROIDS) {
      const double *before = c > 0 ? centroid - now->dims : centroid;
      size_t j = 0;
      while (j + 1 < now->dims && centroid[j] == before[j]) {
        j++;
      }
      PROMISE(centroid[j] >= before[j]);
    } else if (!km_transform_moves(f->data.transform)) {
      PROMISE(memcmp(centroid, f->given + c * now->dims, now->dims * sizeof *centroid) == 0);
    }
  }
}

/* A fit that stops there ends in what is seen there; where no distances are equal, no cluster is empty
** and nothing is scaled, for then a fit that ends does more. */
static void check_on_the_way(fixture *f, const km_result *now, uint64_t seed) {
  size_t empty = 0;
  km_result stopped;
  for (size_t c = 0; c < now->k; c++) {
    empty += now->weights[c] == 0;
  }
  if (f->kind != POINTS_CONTINUOUS || empty > 0 || f->params.n_init > 1 || now->iterations == 0 ||
      km_transform_moves(f->data.transform)) {
    return;
  }
  PROMISE(fit(f, now->iterations, &stopped) == KM_OK);
  PROMISE(same(now, &stopped, f->params.init == KM_INIT_CENTROIDS));
  km_result_clear(&stopped, &f->hooks.hooks);
}

static void check(fixture *f, uint64_t seed) {
  km_trace trace;
  km_result expected;
  size_t iteration = 0;
  memory before = {points_memory(f->params.k, f->data.dims),
                   calloc(f->data.rows.count, sizeof(uint32_t))};
  km_status status = fit(f, SIZE_MAX, &expected);
  PROMISE(km_trace_begin(&trace, &f->data, &f->params, &f->hooks.hooks) == status);
  PROMISE(trace.result.distinct == expected.distinct);
  if (expected.k == 0) { /* no point has weight */
    PROMISE(status != KM_OK || (trace.done && trace.result.k == 0));
    status = KM_NOMEM;
  }
  while (status == KM_OK) {
    PROMISE(trace.result.iterations == iteration++);
    if (iteration == 1) {
      check_seeding(f, &trace.result, seed);
    }
    follow(&trace, &before, seed);
    if (trace.done) {
      PROMISE(same(&trace.result, &expected, f->params.init == KM_INIT_CENTROIDS));
      PROMISE(trace.result.converged == expected.converged);
      break;
    }
    check_on_the_way(f, &trace.result, seed);
    status = km_trace_next(&trace);
  }
  km_trace_end(&trace);
  km_trace_end(&trace); /* a zeroed trace is allowed */
  km_result_clear(&expected, &f->hooks.hooks);
  free(before.centroids);
  free(before.labels);
}

static void ends_in_the_fit(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(4000); seed++) {
    fixture f;
    points_random random = {seed};
    set_up(&f, 1 + points_below(&random, seed % 16 == 0 ? 1500 : 90), seed);
    check(&f, seed);
    tear_down(&f);
  }
}

/* Where the work is worth it there are threads, but only during a call. */
static void ends_in_the_fit_with_threads(void **state) {
  static const size_t dims[] = {2, 7};
  (void)state;
  for (uint64_t seed = 0; seed < 2; seed++) {
    fixture f = {.kind = POINTS_CONTINUOUS};
    points_random random = {seed};
    size_t n = 20000;
    core_hooks_init(&f.hooks);
    double *rows = points_make(&f.data, n, dims[seed], f.kind, &random, &f.hooks.hooks);
    f.params = (km_params){.k = 40, .n_init = 1, .max_iter = 12, .threads = 3};
    check(&f, seed);
    tear_down(&f);
    free(rows);
  }
}

/* A start from which clusters lose all their points: they are seen empty, and then filled. */
static void shows_empty_clusters_on_the_way(void **state) {
  (void)state;
  static const double rows[] = {0, 1, 2, 10, 11, 12};
  static const double given[] = {5, 100, 200};
  uint64_t seed = 0;
  core_hooks hooks;
  km_dataset data;
  km_trace trace;
  km_params params = {
      .k = 3, .init = KM_INIT_CENTROIDS, .centroids = given, .n_init = 1, .max_iter = 300};
  core_hooks_init(&hooks);
  km_dataset_init(&data, 1, KM_DOUBLE);
  points_load(&data, rows, 6, &hooks.hooks);
  assert_int_equal(km_trace_begin(&trace, &data, &params, &hooks.hooks), KM_OK);
  PROMISE(trace.result.sizes[0] == 6 && trace.result.sizes[1] == 0 && trace.result.sizes[2] == 0);
  PROMISE(trace.moved[0] == 6 && trace.moved[1] == 0);
  PROMISE(trace.result.restored[1] == 100);
  assert_int_equal(km_trace_next(&trace), KM_OK);
  PROMISE(trace.result.restored[0] == 3.25 && trace.result.restored[1] == 12 &&
          trace.result.restored[2] == 11);
  PROMISE(trace.shift[1] == 88 && trace.shift[2] == 189);
  while (!trace.done) {
    assert_int_equal(km_trace_next(&trace), KM_OK);
  }
  for (size_t c = 0; c < 3; c++) {
    PROMISE(trace.result.sizes[c] > 0);
  }
  km_trace_end(&trace);
  km_dataset_clear(&data, &hooks.hooks);
  assert_int_equal(hooks.live, 0);
}

/* Follows a trace for so many steps at most. */
static km_status watch(fixture *f, size_t steps) {
  km_trace trace;
  km_status status = km_trace_begin(&trace, &f->data, &f->params, &f->hooks.hooks);
  for (; status == KM_OK && !trace.done && steps > 0; steps--) {
    status = km_trace_next(&trace);
  }
  km_trace_end(&trace);
  return status;
}

/* Whoever stops watching, or has to, leaves nothing behind. */
static void gives_all_back(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < points_cases(400); seed++) {
    fixture f;
    set_up(&f, 40, seed);
    size_t live = f.hooks.live;
    watch(&f, seed % 4);
    assert_int_equal(f.hooks.live, live);
    f.hooks.allocations = f.hooks.polls = 0;
    watch(&f, SIZE_MAX);
    size_t allocations = f.hooks.allocations;
    size_t survived = 0; /* a fit can do without some of its memory */
    for (size_t fail = 1; fail <= allocations; fail += 1 + allocations / 60) {
      f.hooks.allocations = 0;
      f.hooks.fail_at = fail;
      km_status status = watch(&f, SIZE_MAX);
      assert_true(status == KM_NOMEM || status == KM_OK);
      assert_int_equal(f.hooks.live, live);
      survived += status == KM_OK;
    }
    assert_true(survived <= 2); /* the copy in floats: its list of chunks, and its chunk */
    f.hooks.fail_at = f.hooks.polls = 0;
    core_hooks_eager(&f.hooks);
    watch(&f, SIZE_MAX);
    size_t polls = f.hooks.polls;
    for (size_t poll = 1; poll <= polls; poll += 1 + polls / 40) {
      f.hooks.polls = 0;
      f.hooks.cancel_at = poll;
      assert_int_equal(watch(&f, SIZE_MAX), KM_CANCELLED);
      assert_int_equal(f.hooks.polls, poll);
      assert_int_equal(f.hooks.live, live);
    }
    f.hooks.cancel_at = 0;
    tear_down(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_in_the_fit),
      cmocka_unit_test(ends_in_the_fit_with_threads),
      cmocka_unit_test(shows_empty_clusters_on_the_way),
      cmocka_unit_test(gives_all_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
