/* Pictures as a whole: how large they are, that every fault is reported, and that the same goes in as
** comes out. What they look like is for tests/surface/test_pictures.sh. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_hooks.h"
#include "plot/clusters.h"
#include "plot/drawing.h"
#include "plot/elbow.h"
#include "points.h"

typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_params params;
  km_picture picture;
  km_result result;
} fixture;

static void set_up(fixture *f, size_t n, size_t dims, size_t k) {
  points_random random = {n + dims};
  memset(f, 0, sizeof *f);
  core_hooks_init(&f->hooks);
  free(points_make(&f->data, n, dims, POINTS_CONTINUOUS, &random, &f->hooks.hooks));
  f->params = (km_params){
      .k = k, .n_init = 1, .max_iter = 300, .tol = 1e-4, .refine = KM_REFINE_NONE, .threads = 1};
  f->picture = (km_picture){.width = 720, .height = 480, .voronoi = 1};
  assert_int_equal(km_fit(&f->data, &f->params, &f->hooks.hooks, &f->result), KM_OK);
}

static void tear_down(fixture *f) {
  km_result_clear(&f->result, &f->hooks.hooks);
  km_dataset_clear(&f->data, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
}

static km_status draw(fixture *f, km_writer *out) {
  km_writer_init(out, &f->hooks.hooks);
  return km_draw_clusters(&f->picture, &f->data, &f->result, &f->hooks.hooks, out);
}

static int contains(const km_writer *out, const char *text) {
  size_t bytes = strlen(text);
  for (size_t i = 0; i + bytes <= out->length; i++) {
    if (memcmp(out->text + i, text, bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

static void expect_no_script(const km_writer *out) {
  assert_false(contains(out, "<script"));
  assert_false(contains(out, "javascript"));
  assert_false(contains(out, "<style"));
  assert_false(contains(out, "href"));
  assert_false(contains(out, " id="));
  assert_false(contains(out, "nan"));
  assert_false(contains(out, "inf\""));
}

/* Sixty bytes a point, axes and legend included, for a thousand points and more. */
static void bytes_per_point(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{1000, 2, 3},   {1000, 2, 40},  {1000, 1, 10},  {1000, 3, 8},
                                     {5000, 2, 100}, {20000, 2, 15}, {20001, 2, 15}, {60000, 1, 7},
                                     {3000, 70, 9},  {5000, 2, 1000}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    fixture f;
    km_writer out;
    set_up(&f, shapes[s][0], shapes[s][1], shapes[s][2]);
    assert_int_equal(draw(&f, &out), KM_OK);
    size_t drawn = shapes[s][0] < KM_MOST_DRAWN ? shapes[s][0] : KM_MOST_DRAWN;
    print_message("%d points, %d columns, %d clusters: %.1f bytes a point\n", (int)shapes[s][0],
                  (int)shapes[s][1], (int)shapes[s][2], (double)out.length / (double)drawn);
    assert_true(out.length <= 60 * drawn);
    assert_true(contains(&out, "sample") == (shapes[s][0] > KM_MOST_DRAWN));
    expect_no_script(&out);
    km_writer_clear(&out);
    tear_down(&f);
  }
}

static void hostile_texts(void **state) {
  (void)state;
  static const char *const labels[] = {"<script>x</script>", "\"/><style>"};
  fixture f;
  km_writer out;
  set_up(&f, 50, 2, 3);
  f.picture.title = "</title><script>alert(1)</script> \x01 \xFF javascript";
  f.picture.labels = labels;
  assert_int_equal(draw(&f, &out), KM_OK);
  assert_false(contains(&out, "<script"));
  assert_false(contains(&out, "<style"));
  assert_false(contains(&out, "\x01"));
  assert_false(contains(&out, "\xFF"));
  assert_true(contains(&out, "&lt;/title&gt;&lt;script&gt;"));
  km_writer_clear(&out);
  tear_down(&f);
}

static int is_inside(const km_point *corner, size_t count, km_point p, double slack) {
  for (size_t c = 0; c < count; c++) {
    km_point a = corner[c];
    km_point b = corner[(c + 1) % count];
    double length = hypot(b.x - a.x, b.y - a.y);
    if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) < -slack * length) {
      return 0;
    }
  }
  return count > 0;
}

/* Every point lies on the cell of its cluster, to a hundredth of a pixel, however the clustering has
** looked at it; directions, where the columns are of about the same magnitude. */
static void points_lie_on_their_cells(void **state) {
  (void)state;
  static const km_view views[] = {{.scale = KM_SCALE_NONE},
                                  {.scale = KM_SCALE_STANDARD},
                                  {.scale = KM_SCALE_ROBUST},
                                  {.metric = KM_COSINE}};
  static const double units[] = {1, 1e-7, 1e200};
  for (size_t v = 0; v < 4; v++) {
    for (size_t u = 0; u < (v == 3 ? 1 : 3); u++) {
      for (size_t dims = v == 3 ? 2 : 1; dims < 3; dims++) {
        enum { N = 400, K = 9 };
        points_random random = {v + u};
        double *rows = points_memory(N, dims);
        km_transform transform;
        fixture f;
        km_drawing drawing;
        km_writer out;
        size_t at;
        km_point corner[K + 4];
        km_point spare[K + 4];
        points_fill(rows, N, dims, POINTS_CONTINUOUS, &random);
        for (size_t i = 0; i < N; i++) { /* the last column in another unit */
          rows[i * dims + dims - 1] *= units[u];
        }
        memset(&f, 0, sizeof f);
        core_hooks_init(&f.hooks);
        km_dataset_init(&f.data, dims, KM_DOUBLE);
        points_load(&f.data, rows, N, &f.hooks.hooks);
        free(rows);
        f.params = (km_params){.k = K, .n_init = 1, .max_iter = 300, .clamp = 1};
        f.picture = (km_picture){.width = 900, .height = 500, .voronoi = 1};
        assert_int_equal(km_transform_learn(&transform, &views[v], &f.data, &f.hooks.hooks, &at),
                         KM_OK);
        assert_int_equal(km_dataset_see(&f.data, &f.hooks.hooks, &transform, &at), KM_OK);
        assert_int_equal(km_fit(&f.data, &f.params, &f.hooks.hooks, &f.result), KM_OK);
        km_writer_init(&out, &f.hooks.hooks);
        assert_int_equal(
            km_drawing_prepare(&drawing, &f.picture, &f.data, &f.result, &f.hooks.hooks, &out),
            KM_OK);
        km_sites sites = {drawing.site,
                          f.result.k,
                          km_drawing_weight(&drawing),
                          {drawing.chart.left, drawing.chart.top},
                          {drawing.chart.right, drawing.chart.bottom}};
        for (size_t c = 0; c < f.result.k; c++) {
          size_t count = km_cell(&sites, c, corner, spare);
          for (size_t i = drawing.strata.first[c]; i < drawing.strata.first[c + 1]; i++) {
            if (!is_inside(corner, count, drawing.point[i], 0.01)) {
              fail_msg("view %d, unit %g, %d columns: point %d is not in cell %d", (int)v, units[u],
                       (int)dims, (int)i, (int)c);
            }
          }
        }
        km_drawing_clear(&drawing);
        km_transform_clear(&transform, &f.hooks.hooks);
        tear_down(&f);
      }
    }
  }
}

static const size_t small[][3] = {{1, 1, 1},  {1, 2, 1},  {1, 3, 1},   {12, 1, 3},
                                  {12, 2, 3}, {12, 3, 3}, {12, 70, 3}, {14, 2, 12}};

static void set_up_small(fixture *f, size_t shape, int moving) {
  set_up(f, small[shape][0], small[shape][1], small[shape][2]);
  f->picture.theme = shape % 2 ? KM_DARK : KM_LIGHT;
  f->picture.traced = moving ? &f->params : NULL;
}

static void every_allocation_fails(void **state) {
  (void)state;
  for (size_t s = 0; s < sizeof small / sizeof *small; s++) {
    for (int moving = 0; moving < 2; moving++) {
      fixture f;
      km_writer out;
      km_writer again;
      set_up_small(&f, s, moving);
      size_t before = f.hooks.allocations;
      assert_int_equal(draw(&f, &out), KM_OK);
      size_t count = f.hooks.allocations - before;
      assert_true(contains(&out, "</svg>"));
      assert_true(contains(&out, "<animate") == moving || small[s][2] == 1);
      expect_no_script(&out);
      for (size_t at = 1; at <= count; at++) {
        f.hooks.fail_at = f.hooks.allocations + at;
        assert_int_equal(draw(&f, &again), KM_NOMEM);
        km_writer_clear(&again);
      }
      f.hooks.fail_at = 0;
      assert_int_equal(draw(&f, &again), KM_OK);
      assert_int_equal(again.length, out.length);
      assert_memory_equal(again.text, out.text, out.length);
      km_writer_clear(&again);
      km_writer_clear(&out);
      tear_down(&f);
    }
  }
}

static void every_poll_cancels(void **state) {
  (void)state;
  for (size_t s = 0; s < sizeof small / sizeof *small; s++) {
    for (int moving = 0; moving < 2; moving++) {
      fixture f;
      km_writer out;
      set_up_small(&f, s, moving);
      core_hooks_eager(&f.hooks);
      size_t before = f.hooks.polls;
      assert_int_equal(draw(&f, &out), KM_OK);
      size_t count = f.hooks.polls - before;
      km_writer_clear(&out);
      assert_true(count > 0);
      for (size_t at = 1; at <= count; at += 1 + count / 100) {
        f.hooks.cancel_at = f.hooks.polls + at;
        assert_int_equal(draw(&f, &out), KM_CANCELLED);
        km_writer_clear(&out);
      }
      f.hooks.cancel_at = 0;
      tear_down(&f);
    }
  }
}

/* So many coordinates that the components are those of a sample: two columns that vary, and the rest
** nothing to see. */
static void wide_points(void **state) {
  (void)state;
  enum { N = 257, DIMS = 31250 };
  fixture f;
  km_writer out;
  float *row = calloc(DIMS, sizeof *row);
  assert_non_null(row);
  memset(&f, 0, sizeof f);
  core_hooks_init(&f.hooks);
  km_dataset_init(&f.data, DIMS, KM_FLOAT);
  for (size_t i = 0; i < N; i++) {
    row[7] = (float)(i % 16) * 3;
    row[DIMS - 1] = (float)(i / 16);
    memcpy(km_chunks_push(&f.data.rows, &f.hooks.hooks), row, DIMS * sizeof *row);
  }
  free(row);
  f.params = (km_params){.k = 1, .n_init = 1, .max_iter = 1, .refine = KM_REFINE_NONE};
  f.picture = (km_picture){.width = 720, .height = 480};
  assert_int_equal(km_fit(&f.data, &f.params, &f.hooks.hooks, &f.result), KM_OK);
  size_t before = f.hooks.allocations;
  assert_int_equal(draw(&f, &out), KM_OK);
  size_t count = f.hooks.allocations - before;
  assert_true(contains(&out, "257 points"));
  assert_true(contains(&out, "89") && contains(&out, " % of the variance"));
  expect_no_script(&out);
  km_writer_clear(&out);
  for (size_t at = 1; at <= count && at < 20; at += points_stride()) {
    f.hooks.fail_at = f.hooks.allocations + at;
    assert_int_equal(draw(&f, &out), KM_NOMEM);
    km_writer_clear(&out);
  }
  tear_down(&f);
}

/* Whatever the magnitudes, nothing on the paper lies outside of it. */
static void extreme_points(void **state) {
  (void)state;
  static const double units[] = {1e300, 1e-300, 5e-324, 1e-12, 0};
  static const double offsets[] = {0, 1.7e9, -1e15, 1e300};
  for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
    for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
      for (size_t dims = 1; dims < 4; dims++) {
        fixture f;
        km_writer out;
        double rows[9 * 3];
        for (size_t v = 0; v < 9 * dims; v++) {
          double value = (double)(v * v % 13) / 13 * units[u] + offsets[o];
          rows[v] = fmin(value, 1e300);
        }
        memset(&f, 0, sizeof f);
        core_hooks_init(&f.hooks);
        km_dataset_init(&f.data, dims, KM_DOUBLE);
        points_load(&f.data, rows, 9, &f.hooks.hooks);
        f.params = (km_params){.k = 3, .n_init = 1, .max_iter = 300, .clamp = 1, .threads = 1};
        f.picture = (km_picture){.width = 300, .height = 300, .voronoi = 1};
        assert_int_equal(km_fit(&f.data, &f.params, &f.hooks.hooks, &f.result), KM_OK);
        assert_int_equal(draw(&f, &out), KM_OK);
        assert_false(contains(&out, "1000000"));
        expect_no_script(&out);
        km_writer_clear(&out);
        tear_down(&f);
      }
    }
  }
}

static void add(km_chunks *points, km_hooks *hooks, double k, double inertia, int best) {
  km_elbow_point *point = km_chunks_push(points, hooks);
  *point = (km_elbow_point){k, inertia, best};
}

static void elbows(void **state) {
  (void)state;
  core_hooks hooks;
  km_chunks points;
  core_hooks_init(&hooks);
  km_chunks_init(&points, sizeof(km_elbow_point));
  points_random random = {1};
  for (size_t i = 0; i < 1000; i++) {
    double k = (double)points_below(&random, 400);
    add(&points, &hooks.hooks, k, 1e6 / (k + 1), i == 5);
  }
  size_t live = hooks.live;
  size_t before = hooks.allocations;
  km_writer out;
  km_writer_init(&out, &hooks.hooks);
  assert_int_equal(km_draw_elbow(&points, KM_LIGHT, &hooks.hooks, &out), KM_OK);
  assert_true(contains(&out, "best: k = "));
  expect_no_script(&out);
  km_writer_clear(&out);
  for (size_t i = 1; i < points.count; i++) {
    const km_elbow_point *a = km_chunks_at(&points, i - 1);
    const km_elbow_point *b = km_chunks_at(&points, i);
    assert_true(a->k < b->k || (a->k == b->k && a->inertia <= b->inertia));
  }
  size_t count = hooks.allocations - before;
  for (size_t at = 1; at <= count; at++) {
    hooks.fail_at = hooks.allocations + at;
    assert_int_equal(km_draw_elbow(&points, KM_DARK, &hooks.hooks, &out), KM_NOMEM);
    km_writer_clear(&out);
  }
  hooks.fail_at = 0;
  core_hooks_eager(&hooks);
  size_t polls = hooks.polls;
  assert_int_equal(km_draw_elbow(&points, KM_DARK, &hooks.hooks, &out), KM_OK);
  km_writer_clear(&out);
  polls = hooks.polls - polls;
  for (size_t at = 1; at <= polls; at += 100) {
    hooks.cancel_at = hooks.polls + at;
    assert_int_equal(km_draw_elbow(&points, KM_DARK, &hooks.hooks, &out), KM_CANCELLED);
    km_writer_clear(&out);
  }
  assert_int_equal(hooks.live, live);
  km_chunks_clear(&points, &hooks.hooks);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_per_point),
      cmocka_unit_test(hostile_texts),
      cmocka_unit_test(every_allocation_fails),
      cmocka_unit_test(every_poll_cancels),
      cmocka_unit_test(wide_points),
      cmocka_unit_test(extreme_points),
      cmocka_unit_test(elbows),
      cmocka_unit_test(points_lie_on_their_cells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
