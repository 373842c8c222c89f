/* Voronoi cells: they cover the rectangle, and whoever is in one is nearest to its site. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plot/cells.h"
#include "points.h"

#define MOST 200

static double area(const km_point *corner, size_t count) {
  double sum = 0;
  for (size_t c = 0; c < count; c++) {
    km_point a = corner[c];
    km_point b = corner[(c + 1) % count];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum / 2;
}

static double distance(const km_sites *sites, size_t i, km_point p) {
  double x = sites->weight.x * (p.x - sites->at[i].x);
  double y = sites->weight.y * (p.y - sites->at[i].y);
  return x * x + y * y;
}

static int inside(const km_point *corner, size_t count, km_point p) {
  for (size_t c = 0; c < count; c++) {
    km_point a = corner[c];
    km_point b = corner[(c + 1) % count];
    if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) < 0) {
      return 0;
    }
  }
  return count > 0;
}

/* The cells of all sites. Each is checked on its own, and then their areas together. */
static void check(const km_sites *sites, points_random *random) {
  static km_point corner[MOST + 4];
  static km_point spare[MOST + 4];
  double total = 0;
  double width = sites->high.x - sites->low.x;
  double height = sites->high.y - sites->low.y;
  for (size_t i = 0; i < sites->count; i++) {
    size_t count = km_cell(sites, i, corner, spare);
    double own = area(corner, count);
    assert_true(count == 0 || count >= 3);
    assert_true(own >= 0);
    total += own;
    for (size_t c = 0; c < count; c++) {
      assert_true(corner[c].x >= sites->low.x && corner[c].x <= sites->high.x);
      assert_true(corner[c].y >= sites->low.y && corner[c].y <= sites->high.y);
    }
    for (int probe = 0; probe < 20; probe++) {
      km_point p = {sites->low.x + points_unit(random) * width,
                    sites->low.y + points_unit(random) * height};
      if (!inside(corner, count, p)) {
        continue;
      }
      double at = distance(sites, i, p);
      for (size_t j = 0; j < sites->count; j++) {
        assert_true(at <= distance(sites, j, p) * (1 + 1e-9) + 1e-9);
      }
    }
  }
  assert_true(fabs(total - width * height) <= 1e-9 * width * height);
}

static void random_sites(void **state) {
  (void)state;
  points_random random = {5};
  static km_point at[MOST];
  for (size_t run = 0; run < points_cases(400); run++) {
    km_sites sites = {at, 1 + points_below(&random, MOST), {1, 1}, {60, 20}, {600, 420}};
    if (run % 3 == 1) {
      sites.weight.x = points_unit(&random);
    } else if (run % 3 == 2) {
      sites.weight.y = points_unit(&random) * 1e-3;
    }
    for (size_t i = 0; i < sites.count; i++) {
      at[i] = (km_point){60 + 540 * points_unit(&random), 20 + 400 * points_unit(&random)};
      if (run % 5 == 4) { /* ties, four cells in a corner, sites in one place */
        at[i].x = floor(at[i].x / 90) * 90;
        at[i].y = floor(at[i].y / 100) * 100;
      } else if (run % 7 == 6) { /* some outside */
        at[i].x *= 2;
      }
    }
    check(&sites, &random);
  }
}

static void known_cells(void **state) {
  (void)state;
  km_point at[3] = {{25, 50}, {75, 50}, {75, 50}};
  km_point corner[7];
  km_point spare[7];
  km_sites sites = {at, 3, {1, 1}, {0, 0}, {100, 100}};
  assert_int_equal(km_cell(&sites, 0, corner, spare), 4);
  assert_true(area(corner, 4) == 5000);
  assert_true(corner[1].x == 50 && corner[2].x == 50);
  assert_int_equal(km_cell(&sites, 1, corner, spare), 4);
  assert_int_equal(km_cell(&sites, 2, corner, spare), 0); /* the lower number has it */
  sites.count = 1;
  assert_int_equal(km_cell(&sites, 0, corner, spare), 4);
  assert_true(area(corner, 4) == 10000);
  /* On a slope that the scale of an axis tilts. */
  at[0] = (km_point){0, 0};
  at[1] = (km_point){100, 100};
  sites.count = 2;
  sites.weight.y = 0.5;
  assert_int_equal(km_cell(&sites, 0, corner, spare), 4);
  assert_true(fabs(area(corner, 4) - 5000) < 1e-9);
  assert_true(corner[1].x == 62.5 && corner[2].x == 37.5);
}

/* An axis on which nothing counts any more. */
static void flat_sites(void **state) {
  (void)state;
  points_random random = {5};
  km_point at[3] = {{10, 90}, {90, 10}, {50, 50}};
  km_sites sites = {at, 3, {1, 0}, {0, 0}, {100, 100}};
  check(&sites, &random);
  sites.weight = (km_point){1e-200, 1};
  check(&sites, &random);
  sites.weight = (km_point){1, 1};
  at[0] = (km_point){1e12, 5};
  check(&sites, &random);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_sites),
      cmocka_unit_test(known_cells),
      cmocka_unit_test(flat_sites),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
