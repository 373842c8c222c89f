/* Every level of kernels computes the bits of the definition in simd/kernels.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "oracle.h"
#include "points.h"
#include "simd/kernels.h"

#define LEVELS 4

/* Each level by turns; the plain one instead of those that this processor lacks. */
static const km_kernels *level(size_t i) {
  static const char *const names[LEVELS] = {"scalar", "avx2", "avx512", "neon"};
  const km_kernels *table = km_kernels_named(names[i]);
  return table ? table : &km_kernels_scalar;
}

static void levels_have_names(void **state) {
  (void)state;
  assert_string_equal(km_kernels_scalar.name, "scalar");
  assert_non_null(km_kernels_best()->name);
  assert_ptr_equal(km_kernels_best(), km_kernels_best());
  assert_ptr_equal(km_kernels_named(km_kernels_best()->name), km_kernels_best());
  assert_ptr_equal(km_kernels_named("scalar"), &km_kernels_scalar);
  assert_null(km_kernels_named("mmx"));
}

/* One case: n points, k centroids, some columns, with what the panels are. */
typedef struct sample {
  size_t n;
  size_t k;
  size_t dims;
  size_t panels;
  double *points;
  double *centroids;
  double *panel;
} sample;

static void sample_make(sample *s, size_t t, points_random *random) {
  s->n = points_below(random, 40);
  s->k = 1 + points_below(random, 40);
  s->dims = t % 50 == 0 ? 300 + points_below(random, 20) : 1 + points_below(random, 20);
  s->panels = (s->k + 7) / 8;
  assert_int_equal(km_panel_count(s->k), s->panels);
  s->points = points_memory(s->n + s->k, s->dims);
  s->panel = points_memory(s->panels * KM_PANEL, s->dims);
  points_fill(s->points, s->n + s->k, s->dims, (points_kind)(t % POINTS_KINDS), random);
  s->centroids = s->points + s->n * s->dims;
  km_panel_pack(s->centroids, s->k, s->dims, 1, s->panel);
}

static void sample_free(sample *s) {
  free(s->panel);
  free(s->points);
}

static void packs_panels(void **state) {
  (void)state;
  points_random random = {1};
  for (size_t t = 0; t < 300; t++) {
    static const double units[] = {1, 0.25, 0x1p-900, 0x1p900};
    double unit = units[t % 4];
    sample s;
    sample_make(&s, t, &random);
    km_panel_pack(s.centroids, s.k, s.dims, unit, s.panel);
    for (size_t c = 0; c < s.panels * KM_PANEL; c++) {
      for (size_t j = 0; j < s.dims; j++) {
        double packed = s.panel[(c / KM_PANEL * s.dims + j) * KM_PANEL + c % KM_PANEL];
        assert_true(packed == (c < s.k ? s.centroids[c * s.dims + j] * unit : HUGE_VAL));
      }
    }
    sample_free(&s);
  }
}

static void distances(void **state) {
  (void)state;
  points_random random = {2};
  for (size_t t = 0; t < 1000; t++) {
    sample s;
    sample_make(&s, t, &random);
    double *found = points_memory(s.n * KM_PANEL, 1);
    for (size_t v = 0; v < LEVELS * s.panels; v++) {
      size_t p = v / LEVELS;
      found[s.n * KM_PANEL] = -1; /* one past the end: not to be written */
      level(v % LEVELS)->distances(s.points, s.n, s.dims, s.panel + p * s.dims * KM_PANEL, found);
      for (size_t d = 0; d < s.n * KM_PANEL; d++) {
        size_t c = p * KM_PANEL + d % KM_PANEL;
        const double *point = s.points + d / KM_PANEL * s.dims;
        double expected =
            c < s.k ? oracle_squared(point, s.centroids + c * s.dims, s.dims) : HUGE_VAL;
        assert_true(found[d] == expected);
      }
      assert_true(found[s.n * KM_PANEL] == -1);
    }
    free(found);
    sample_free(&s);
  }
}

/* Eight pairs of points each, any of which may be the same. */
static void pairs(void **state) {
  (void)state;
  points_random random = {7};
  for (size_t t = 0; t < 500; t++) {
    sample s;
    const double *point[KM_PANEL], *centroid[KM_PANEL];
    sample_make(&s, t, &random);
    for (size_t i = 0; i < KM_PANEL && s.n > 0; i++) {
      point[i] = s.points + points_below(&random, s.n) * s.dims;
      centroid[i] = s.centroids + points_below(&random, s.k) * s.dims;
    }
    for (size_t v = 0; v < LEVELS && s.n > 0; v++) {
      double squared[KM_PANEL];
      level(v)->pairs(point, centroid, s.dims, squared);
      for (size_t i = 0; i < KM_PANEL; i++) {
        assert_true(squared[i] == oracle_squared(point[i], centroid[i], s.dims));
      }
    }
    sample_free(&s);
  }
}

/* Roots and squares, of one point or many, with the sums of the lanes or without. */
static void adds_distances(void **state) {
  (void)state;
  points_random random = {5};
  double squared[32 * KM_PANEL], before[32 * KM_PANEL], weights[32], lanes[KM_PANEL];
  for (size_t t = 0; t < 400; t++) {
    size_t n = 1 + points_below(&random, 32);
    int squares = t % 2 == 0;
    int columns = t % 3 != 0;
    for (size_t i = 0; i < n * KM_PANEL; i++) {
      squared[i] = points_unit(&random) * 100;
      before[i] = points_unit(&random);
      weights[i / KM_PANEL] = points_unit(&random);
      lanes[i % KM_PANEL] = (double)points_below(&random, 3);
    }
    for (size_t v = 0; v < LEVELS; v++) {
      double sum[32 * KM_PANEL], column[KM_PANEL], expected[KM_PANEL] = {0};
      memcpy(sum, before, sizeof sum);
      level(v)->add_distances(squared, n, squares, lanes, sum, weights, columns ? column : NULL);
      for (size_t i = 0; i < n * KM_PANEL; i++) {
        double distance = squares ? squared[i] : sqrt(squared[i]);
        double added = lanes[i % KM_PANEL] * distance;
        assert_true(sum[i] == before[i] + added);
        added = weights[i / KM_PANEL] * distance;
        expected[i % KM_PANEL] += added;
      }
      if (columns) {
        assert_memory_equal(column, expected, sizeof column);
      }
    }
  }
}

/* All panels in one call, and panel by panel: the nearest, and the lowest number on a tie. */
static void nearest(void **state) {
  (void)state;
  points_random random = {3};
  for (size_t t = 0; t < 3000; t++) {
    sample s;
    sample_make(&s, t, &random);
    const km_kernels *kernels = level(t / POINTS_KINDS % LEVELS);
    double distance[41];
    uint32_t label[41];
    size_t step = t % 3 == 0 ? s.panels : 1 + points_below(&random, 2);
    for (size_t i = 0; i <= s.n; i++) {
      distance[i] = HUGE_VAL;
      label[i] = 99;
    }
    for (size_t p = 0; p < s.panels; p += step) {
      size_t some = s.panels - p < step ? s.panels - p : step;
      kernels->nearest(s.points, s.n, s.dims, s.panel + p * s.dims * KM_PANEL, some,
                       (uint32_t)(p * KM_PANEL), label, distance);
    }
    for (size_t i = 0; i < s.n; i++) {
      const double *point = s.points + i * s.dims;
      uint32_t expected = oracle_nearest(point, s.centroids, s.k, s.dims);
      assert_int_equal(label[i], expected);
      assert_true(distance[i] == oracle_squared(point, s.centroids + expected * s.dims, s.dims));
    }
    assert_true(label[s.n] == 99 && distance[s.n] == HUGE_VAL);
    sample_free(&s);
  }
}

/* What is not strictly nearer than before stays as it was; numbers count from `first`. */
static void nearest_only_lowers(void **state) {
  (void)state;
  const double points[] = {0, 0, 10, 0};
  const double centroids[] = {3, 4, 0, 5, 10, 1};
  double panel[2 * KM_PANEL];
  km_panel_pack(centroids, 3, 2, 1, panel);
  for (size_t v = 0; v < LEVELS; v++) {
    double distance[] = {25, 25};
    uint32_t label[] = {7, 7};
    level(v)->nearest(points, 2, 2, panel, 1, 1000, label, distance);
    assert_true(label[0] == 7 && distance[0] == 25);
    assert_true(label[1] == 1002 && distance[1] == 1);
    distance[0] = 25.5;
    level(v)->nearest(points, 1, 2, panel, 1, 1000, label, distance);
    assert_true(label[0] == 1000 && distance[0] == 25);
  }
}

/* Distances that overflow or underflow must not become NaN, nor labels past the last centroid. */
static void extremes(void **state) {
  (void)state;
  const double points[] = {1e300, 0, -1e300};
  const double centroids[] = {-1e300, 1e-300, 1e300};
  double panel[KM_PANEL];
  km_panel_pack(centroids, 3, 1, 1, panel);
  for (size_t v = 0; v < LEVELS; v++) {
    double distance[] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
    uint32_t label[] = {0, 0, 0};
    level(v)->nearest(points, 3, 1, panel, 1, 0, label, distance);
    assert_true(label[0] == 2 && distance[0] == 0);
    assert_true(label[1] == 1 && distance[1] == 0);
    assert_true(label[2] == 0 && distance[2] == 0);
  }
}

/* Rows become columns, times a factor each where there are factors: floats times floats, rounded once. */
static void transposes(void **state) {
  (void)state;
  enum { COLUMNS = 24 };
  points_random random = {11};
  for (size_t v = 0; v < LEVELS; v++) {
    size_t tile = level(v)->tile;
    float rows[KM_MAX_TILE * COLUMNS];
    float factor[KM_MAX_TILE];
    float columns[KM_MAX_TILE * COLUMNS];
    for (size_t r = 0; r < tile * COLUMNS; r++) {
      rows[r] = (float)(points_unit(&random) - 0.5);
    }
    for (size_t i = 0; i < tile; i++) {
      factor[i] = (float)(1000 * points_unit(&random));
    }
    level(v)->transpose(rows, COLUMNS, NULL, columns);
    for (size_t r = 0; r < tile * COLUMNS; r++) {
      assert_true(columns[r % COLUMNS * tile + r / COLUMNS] == rows[r]);
    }
    level(v)->transpose(rows, COLUMNS, factor, columns);
    for (size_t r = 0; r < tile * COLUMNS; r++) {
      float expected = (float)((double)rows[r] * (double)factor[r / COLUMNS]);
      assert_true(columns[r % COLUMNS * tile + r / COLUMNS] == expected);
    }
  }
}

static void widens_floats(void **state) {
  (void)state;
  static const double factors[] = {1, 0.1, 1e300, -1e-300};
  points_random random = {5};
  float from[40];
  double to[41];
  for (size_t count = 0; count <= 40; count++) {
    for (size_t i = 0; i < count; i++) {
      from[i] = (float)(points_unit(&random) - 0.5);
    }
    for (size_t v = 0; v < LEVELS; v++) {
      double factor = factors[count % 4];
      to[count] = 7;
      level(v)->widen(from, factor, count, to);
      for (size_t i = 0; i < count; i++) {
        assert_true(to[i] == (double)from[i] * factor);
      }
      assert_true(to[count] == 7); /* and no more */
    }
  }
}

static void finds_the_largest(void **state) {
  (void)state;
  points_random random = {6};
  double values[40];
  for (size_t count = 0; count <= 40; count++) {
    double expected = 0;
    for (size_t i = 0; i < count; i++) {
      values[i] = (points_unit(&random) - 0.5) * pow(10, points_unit(&random) * 600 - 300);
      expected = fmax(expected, fabs(values[i]));
    }
    for (size_t v = 0; v < LEVELS; v++) {
      assert_true(level(v)->largest(values, count) == expected);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_have_names),   cmocka_unit_test(packs_panels),
      cmocka_unit_test(distances),           cmocka_unit_test(nearest),
      cmocka_unit_test(nearest_only_lowers), cmocka_unit_test(extremes),
      cmocka_unit_test(adds_distances),      cmocka_unit_test(pairs),
      cmocka_unit_test(transposes),          cmocka_unit_test(widens_floats),
      cmocka_unit_test(finds_the_largest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
