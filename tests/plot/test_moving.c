/* Steps of a fit, as a moving picture shows them: the first and the last, evenly spread, each the truth. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_hooks.h"
#include "plot/drawing.h"
#include "points.h"

typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_params params;
  km_picture picture;
  km_result result;
  km_drawing drawing;
  km_writer out;
} fixture;

/* n points evenly spread, which takes many iterations. */
static void set_up(fixture *f, size_t n, size_t dims, size_t k, double tol, size_t max_iter) {
  points_random random = {n + k};
  double *rows = points_memory(n, dims);
  for (size_t v = 0; v < n * dims; v++) {
    rows[v] = points_unit(&random) * (v % 2 ? 1 : 1000);
  }
  memset(f, 0, sizeof *f);
  core_hooks_init(&f->hooks);
  km_dataset_init(&f->data, dims, KM_DOUBLE);
  points_load(&f->data, rows, n, &f->hooks.hooks);
  free(rows);
  f->params = (km_params){.k = k,
                          .init = KM_INIT_RANDOM,
                          .n_init = 1,
                          .max_iter = max_iter,
                          .tol = tol,
                          .refine = KM_REFINE_NONE};
  f->picture = (km_picture){.width = 720, .height = 480, .voronoi = 1, .traced = &f->params};
  assert_int_equal(km_fit(&f->data, &f->params, &f->hooks.hooks, &f->result), KM_OK);
  km_writer_init(&f->out, &f->hooks.hooks);
  assert_int_equal(
      km_drawing_prepare(&f->drawing, &f->picture, &f->data, &f->result, &f->hooks.hooks, &f->out),
      KM_OK);
}

static void tear_down(fixture *f) {
  km_drawing_clear(&f->drawing);
  km_result_clear(&f->result, &f->hooks.hooks);
  km_dataset_clear(&f->data, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
}

static uint32_t label(const fixture *f, size_t step, size_t i) {
  return f->drawing.steps.label[step * f->drawing.strata.count + i];
}

/* By how much the cluster's mark is further away than the nearest one, in squared pixels. */
static double excess(const fixture *f, size_t step, size_t i) {
  km_point weight = km_drawing_weight(&f->drawing);
  km_point p = f->drawing.point[i];
  double own = INFINITY;
  double least = INFINITY;
  for (size_t c = 0; c < f->result.k; c++) {
    km_point mark = f->drawing.steps.mark[step * f->result.k + c];
    double x = weight.x * (p.x - mark.x);
    double y = weight.y * (p.y - mark.y);
    double distance = x * x + y * y;
    least = fmin(least, distance);
    own = c == label(f, step, i) ? distance : own;
  }
  return own - least;
}

static void check(fixture *f, size_t dims) {
  const km_steps *steps = &f->drawing.steps;
  size_t last = steps->count - 1;
  assert_true(steps->count >= 1 && steps->count <= KM_MOST_STEPS);
  assert_int_equal(steps->iteration[0], 0);
  assert_int_equal(steps->iteration[last], f->result.iterations);
  assert_true(steps->inertia[last] == f->result.inertia);
  assert_true(steps->count == f->result.iterations + 1 || steps->count >= KM_MOST_STEPS / 2);
  for (size_t s = 1; s < steps->count; s++) {
    size_t stride = steps->iteration[1] - steps->iteration[0];
    assert_true(steps->inertia[s] <= steps->inertia[s - 1]);
    assert_true(s == last ? steps->iteration[s] - steps->iteration[s - 1] <= stride
                          : steps->iteration[s] == s * stride);
  }
  for (size_t c = 0; c < f->result.k; c++) {
    assert_true(steps->mark[last * f->result.k + c].x == f->drawing.mark[c].x);
    assert_true(steps->mark[last * f->result.k + c].y == f->drawing.mark[c].y);
  }
  for (size_t i = 0; i < f->drawing.strata.count; i++) {
    assert_int_equal(label(f, last, i), km_result_label(&f->result, f->drawing.strata.row[i]));
    for (size_t s = 0; s < steps->count && dims == 2; s++) {
      assert_true(excess(f, s, i) <= 1e-6);
    }
  }
}

static void steps_are_true(void **state) {
  (void)state;
  static const size_t shapes[][4] = {/* n, columns, k, max_iter */
                                     {1, 2, 1, 300},     {50, 2, 3, 300},   {3000, 2, 20, 300},
                                     {3000, 2, 20, 1},   {3000, 2, 20, 31}, {3000, 2, 20, 32},
                                     {3000, 2, 20, 33},  {3000, 2, 20, 40}, {3000, 2, 100, 300},
                                     {3000, 1, 12, 300}, {2500, 5, 9, 300}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    fixture f;
    set_up(&f, shapes[s][0], shapes[s][1], shapes[s][2], 0, shapes[s][3]);
    check(&f, shapes[s][1]);
    assert_int_equal(km_draw_moving(&f.drawing, shapes[s][1] <= 2), KM_OK);
    print_message("%d points, %d clusters: %d of %d iterations, %d bytes\n", (int)shapes[s][0],
                  (int)shapes[s][2], (int)f.drawing.steps.count - 1, (int)f.result.iterations,
                  (int)f.out.length);
    assert_true(f.out.length <= 1000000);
    km_writer_clear(&f.out);
    tear_down(&f);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(steps_are_true)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
