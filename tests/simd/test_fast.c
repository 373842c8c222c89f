/* Every level of the fast kernels is as right as simd/kernels.h says: what core/narrow.h builds on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "points.h"
#include "simd/kernels.h"

#define UNIT 0x1p-24

/* A tile of points and a panel of centroids, in floats. */
typedef struct sample {
  size_t dims;
  size_t padded;
  float *rows;     /* KM_MAX_TILE, padded */
  float *centroid; /* KM_PANEL, padded */
  float *panel;
  float *columns;
  float half[KM_PANEL];
} sample;

static float *floats(size_t count) {
  float *memory = calloc(count, sizeof *memory);
  assert_non_null(memory);
  return memory;
}

/* What is added up: always the same, so that every addition of a long chain errs to the same side; terms of
** one sign; terms of both. */
enum { SAME, POSITIVE, MIXED, KINDS };

static float value(int kind, points_random *random) {
  return kind == SAME       ? 0.1F
         : kind == POSITIVE ? (float)points_unit(random)
                            : (float)(points_unit(random) - 0.5);
}

static void sample_make(sample *s, size_t dims, int kind, points_random *random) {
  s->dims = dims;
  s->padded = km_padded(dims);
  s->rows = floats(KM_MAX_TILE * s->padded);
  s->columns = floats(KM_MAX_TILE * s->padded);
  s->centroid = floats(KM_PANEL * s->padded);
  s->panel = floats(KM_PANEL * dims);
  for (size_t i = 0; i < KM_MAX_TILE; i++) {
    for (size_t j = 0; j < dims; j++) {
      s->rows[i * s->padded + j] = value(kind, random);
    }
  }
  for (size_t c = 0; c < KM_PANEL; c++) {
    double squared = 0;
    for (size_t j = 0; j < dims; j++) {
      float z = (float)(c + 1) * value(kind, random);
      s->panel[j * KM_PANEL + c] = s->centroid[c * s->padded + j] = z;
      squared += (double)z * (double)z;
    }
    s->half[c] = (float)(-squared / 2);
  }
}

static void sample_free(const sample *s) {
  free(s->rows);
  free(s->columns);
  free(s->centroid);
  free(s->panel);
}

/* That `found` is within so many roundings of the sum of terms whose magnitudes add up to `size`; but for
** the squares of the roundings. */
static void expect(float found, double sum, double size, size_t roundings) {
  assert_true(fabs((double)found - sum) <= 1.01 * (double)roundings * UNIT * size);
}

static void expect_score(const sample *s, size_t row, size_t lane, float found) {
  double sum = (double)s->half[lane];
  double size = fabs(sum);
  for (size_t j = 0; j < s->dims; j++) {
    double term = (double)s->rows[row * s->padded + j] * (double)s->centroid[lane * s->padded + j];
    sum += term;
    size += fabs(term);
  }
  expect(found, sum, size, km_additions(s->dims) + 1);
}

/* That `found` is the squared distance of a row to a centroid, or to the origin for NULL. */
static void expect_squared(const sample *s, size_t row, const float *centroid, float found,
                           size_t roundings) {
  double sum = 0;
  for (size_t j = 0; j < s->dims; j++) {
    double difference = (double)s->rows[row * s->padded + j] - (centroid ? (double)centroid[j] : 0);
    sum += difference * difference;
  }
  expect(found, sum, sum, roundings);
}

static void check(const km_kernels *kernels, const sample *s) {
  float scores[KM_PANEL * KM_MAX_TILE];
  km_ranking ranking = {.group_panels = 1};
  km_probe probe;
  km_measure measure;
  size_t additions = km_additions(s->dims);
  kernels->transpose(s->rows, s->padded, NULL, s->columns);
  kernels->scores(s->columns, s->dims, s->panel, s->half, scores);
  kernels->rank(s->columns, s->dims, s->panel, s->half, 1, &ranking);
  for (size_t i = 0; i < kernels->tile; i++) {
    for (size_t c = 0; c < KM_PANEL; c++) {
      expect_score(s, i, c, scores[c * kernels->tile + i]);
    }
    expect_score(s, i, ranking.label[i], ranking.best[i]);
    expect_squared(s, i, NULL, ranking.norm[i], additions + 1);
  }
  for (size_t q = 0; q < KM_PANEL; q++) {
    probe.row[q] = measure.floats[q] = s->rows + q * s->padded;
    probe.skip[q] = (int32_t)q - 1;
    measure.row[q] = NULL;
    measure.centroid[q] = s->centroid + q * s->padded;
  }
  kernels->probe(&probe, s->dims, s->panel, s->half, 1);
  kernels->measure(&measure, NULL, 1, s->dims, NULL);
  for (size_t q = 0; q < KM_PANEL; q++) {
    assert_true(probe.label[q] != probe.skip[q]);
    expect_score(s, q, (size_t)probe.label[q], probe.best[q]);
    expect_squared(s, q, NULL, measure.norm[q], additions + 4);
    expect_squared(s, q, measure.centroid[q], measure.squared[q], additions + 6);
  }
}

static const char *const levels[] = {"scalar", "avx2", "avx512", "neon"};
#define LEVELS (sizeof levels / sizeof *levels)

/* A ranked tile, made up, of points whose centroids are of `count` with levels of their own. */
static void rank_anything(km_ranking *ranking, float *group_best, size_t groups, size_t count,
                          points_random *random) {
  for (size_t i = 0; i < KM_MAX_TILE; i++) {
    ranking->norm[i] = (float)points_unit(random);
    ranking->second[i] = (float)points_unit(random) - 1;
    ranking->best[i] = ranking->second[i] + (i % 3 ? (float)points_unit(random) * 0x1p-6F : 0);
    ranking->label[i] =
        i < count ? (uint32_t)(count - 1 - i) : (uint32_t)(points_unit(random) * (double)count);
  }
  for (size_t v = 0; v < groups * KM_MAX_TILE; v++) {
    group_best[v] = (float)points_unit(random) - 1;
  }
  ranking->group_best = group_best;
}

/* That a lower bound is one, and near. */
static void expect_below(float found, float norm, float error, float score) {
  double root = sqrt(fmax(0, (double)norm - 2 * (double)score - (double)error));
  assert_true((double)found <= root && (double)found >= root * (1 - 0x1p-19));
}

static void check_bounds(const km_kernels *kernels, size_t count, points_random *random) {
  enum { GROUPS = 3 };
  float group_best[GROUPS * KM_MAX_TILE];
  float *level = floats(count);
  float below[KM_MAX_TILE];
  float above[KM_MAX_TILE];
  unsigned char doubt[KM_MAX_TILE / 8];
  km_ranking ranking;
  rank_anything(&ranking, group_best, GROUPS, count, random);
  for (size_t c = 0; c < count; c++) {
    level[c] = (float)points_unit(random) * 0x1p-8F;
  }
  kernels->margins(&ranking, 0x1p-9F, level, count, below, above, doubt);
  for (size_t i = 0; i < kernels->tile; i++) {
    float error = 0x1p-9F * ranking.norm[i];
    float both = error + 2 * level[ranking.label[i]];
    assert_true(below[i] == error && above[i] == -both);
    assert_int_equal(doubt[i / 8] >> i % 8 & 1,
                     !(2 * (ranking.best[i] - ranking.second[i]) > both));
  }
  for (size_t first = 0; first < kernels->tile; first += 8) {
    uint32_t own[8];
    float lower[GROUPS * 8];
    float upper[8];
    for (size_t q = 0; q < 8; q++) {
      own[q] = ranking.label[first + q] % GROUPS;
    }
    kernels->bounds(&ranking, first, below, above, GROUPS, own, lower, upper);
    for (size_t q = 0; q < 8; q++) {
      size_t i = first + q;
      double square = (double)ranking.norm[i] - 2 * (double)ranking.best[i] - (double)above[i];
      assert_true((double)upper[q] >= sqrt(fmax(0, square)));
      assert_true((double)upper[q] <= sqrt(fmax(0, square)) * (1 + 0x1p-17));
      for (size_t g = 0; g < GROUPS; g++) {
        expect_below(lower[g * 8 + q], ranking.norm[i], below[i],
                     g == own[q] ? ranking.second[i] : group_best[g * kernels->tile + i]);
      }
    }
  }
  free(level);
}

/* Whether bounds fail, where roundings make no difference: all numbers are small and whole. */
static void check_failing(const km_kernels *kernels, size_t places, size_t count,
                          points_random *random) {
  enum { GROUPS = 3, MOST = 64 };
  float lower[GROUPS * MOST];
  float upper[MOST];
  float drift[GROUPS] = {1, 2, 3};
  uint32_t place[MOST];
  uint32_t failed[MOST];
  float *travelled = floats(places);
  uint32_t expected = 0;
  for (size_t c = 0; c < places; c++) {
    travelled[c] = (float)(int)(points_unit(random) * 16);
  }
  for (size_t i = 0; i < count; i++) {
    place[i] = (uint32_t)(points_unit(random) * (double)places);
    upper[i] = (float)(int)(points_unit(random) * 16);
  }
  for (size_t v = 0; v < GROUPS * MOST; v++) {
    lower[v] = (float)(int)(points_unit(random) * 64);
  }
  size_t found =
      kernels->failing(lower, GROUPS, upper, travelled, places, place, drift, count, 1, failed);
  for (size_t i = 0; i < count; i++) {
    int fails = 0;
    for (size_t g = 0; g < GROUPS; g++) {
      fails |=
          !(lower[(i / 8 * GROUPS + g) * 8 + i % 8] > upper[i] + travelled[place[i]] + drift[g]);
    }
    if (fails) {
      assert_true(expected < found);
      assert_int_equal(failed[expected++], i);
    }
  }
  assert_int_equal(found, expected);
  free(travelled);
}

static void bounds_are_looked_up(void **state) {
  (void)state;
  points_random random = {18};
  for (size_t v = 0; v < LEVELS; v++) {
    const km_kernels *kernels = km_kernels_named(levels[v]);
    for (size_t count = 1; kernels && count <= 70; count++) {
      check_bounds(kernels, count, &random);
      for (size_t points = 1; points <= 64; points += 1 + points / 9) {
        check_failing(kernels, count, points, &random);
      }
    }
  }
}

static void roundings_do_not_pile_up(void **state) {
  (void)state;
  static const size_t sizes[] = {1, 2, 3, 8, 63, 64, 65, 127, 128, 129, 1000, 4097, 20000};
  points_random random = {17};
  for (size_t d = 0; d < sizeof sizes / sizeof *sizes; d++) {
    for (int kind = SAME; kind < KINDS; kind++) {
      sample s;
      sample_make(&s, sizes[d], kind, &random);
      for (size_t v = 0; v < LEVELS; v++) {
        if (km_kernels_named(levels[v])) {
          check(km_kernels_named(levels[v]), &s);
        }
      }
      sample_free(&s);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(roundings_do_not_pile_up),
      cmocka_unit_test(bounds_are_looked_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
