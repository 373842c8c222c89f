/* Initial centroids: their distribution, and that they are distinct rows of the data. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/engine.h"
#include "core/seed.h"
#include "core_hooks.h"
#include "points.h"

typedef km_status (*seeder)(km_blocks *, km_random *, size_t, double *);

/* A dataset that is ready to be seeded. */
typedef struct fixture {
  core_hooks hooks;
  km_dataset data;
  km_blocks blocks;
} fixture;

static void set_up(fixture *f, const double *rows, size_t n, size_t dims, size_t max_k) {
  core_hooks_init(&f->hooks);
  km_dataset_init(&f->data, dims, KM_DOUBLE);
  points_load(&f->data, rows, n, &f->hooks.hooks);
  assert_int_equal(km_blocks_init(&f->blocks, &f->data, &f->hooks.hooks, NULL, max_k, NULL), KM_OK);
}

static void tear_down(fixture *f) {
  km_blocks_clear(&f->blocks);
  km_dataset_clear(&f->data, &f->hooks.hooks);
  assert_int_equal(f->hooks.live, 0);
}

#define N 5
#define MOST_K 4
#define SEEDS 40000

/* Which of N rows were drawn, one after the other, as one number: digits to the base N. */
#define OUTCOMES (N * N * N * N)

static double square(double x) {
  return x * x;
}

/* The exact distribution of greedy k-means++ on N points in one column, after the definition: all
** tuples of candidates are enumerated, for all ways in which the centroids so far were chosen. Of
** candidates that are equally good the first row is taken. */
static void enumerate(const double *x, size_t k, size_t trials, const size_t *chosen, size_t count,
                      double probability, double *expected) {
  double closest[N];
  double potential = 0;
  size_t next[MOST_K] = {0};
  size_t outcome = 0;
  for (size_t c = 0; c < count; c++) {
    outcome = outcome * N + chosen[c];
    next[c] = chosen[c];
  }
  if (count == k) {
    expected[outcome] += probability;
    return;
  }
  for (size_t i = 0; i < N; i++) {
    closest[i] = HUGE_VAL;
    for (size_t c = 0; c < count; c++) {
      closest[i] = fmin(closest[i], square(x[i] - x[chosen[c]]));
    }
    potential += closest[i];
  }
  size_t tuples = (size_t)lround(pow(N, (double)trials));
  for (size_t tuple = 0; count > 0 && tuple < tuples; tuple++) {
    double chance = probability;
    double least = HUGE_VAL;
    size_t rest = tuple;
    for (size_t t = 0; t < trials; t++, rest /= N) {
      size_t candidate = rest % N;
      double after = 0;
      chance *= closest[candidate] / potential;
      for (size_t i = 0; i < N; i++) {
        after += fmin(closest[i], square(x[i] - x[candidate]));
      }
      if (after < least || (after == least && candidate < next[count])) {
        least = after;
        next[count] = candidate;
      }
    }
    if (chance > 0) {
      enumerate(x, k, trials, next, count + 1, chance, expected);
    }
  }
  for (size_t i = 0; count == 0 && i < N; i++) {
    next[0] = i;
    enumerate(x, k, trials, next, 1, 1.0 / N, expected);
  }
}

/* Rare outcomes need many seeds, under instruments too. */
static size_t seeds(void) {
  return points_stride() > 1 ? SEEDS / 8 : SEEDS;
}

/* Counts what some seeds draw. */
static void draw(seeder seed, const double *x, size_t k, double *observed) {
  fixture f;
  set_up(&f, x, N, 1, k);
  for (uint64_t s = 0; s < seeds(); s++) {
    km_random random;
    double centroids[MOST_K];
    size_t outcome = 0;
    km_random_seed(&random, s);
    assert_int_equal(seed(&f.blocks, &random, k, centroids), KM_OK);
    for (size_t c = 0; c < k; c++) {
      size_t i = 0;
      while (i < N && x[i] != centroids[c]) {
        i++;
      }
      assert_true(i < N);
      outcome = outcome * N + i;
    }
    observed[outcome]++;
  }
  tear_down(&f);
}

/* The streaming seeder draws from a pool. */
static km_status stream(km_blocks *blocks, km_random *random, size_t k, double *centroids) {
  km_engine engine;
  assert_int_equal(km_engine_begin(&engine, &km_engine_grouped, blocks, NULL), KM_OK);
  km_status status = engine.type->seed(&engine, random, k, centroids);
  km_engine_end(&engine);
  return status;
}

/* The chi-square statistic lies within six standard deviations of its mean. The seeds are fixed, so
** that this either holds for good or never does. */
static void assert_distribution(const double *observed, const double *expected) {
  double chi_square = 0;
  double freedom = -1;
  double total = 0;
  for (size_t o = 0; o < OUTCOMES; o++) {
    double mean = expected[o] * (double)seeds();
    total += expected[o];
    if (mean < 1e-9) {
      assert_true(observed[o] == 0);
    } else {
      chi_square += square(observed[o] - mean) / mean;
      freedom++;
    }
  }
  assert_true(fabs(total - 1) < 1e-9);
  if (chi_square > freedom + 6 * sqrt(2 * freedom)) {
    fail_msg("chi-square %g with %g degrees of freedom", chi_square, freedom);
  }
}

/* 2 + floor(ln k) trials: 2 for two centroids, 3 for three and four. */
static void plus_plus_draws_the_exact_distribution(void **state) {
  (void)state;
  static const double sets[][N] = {
      {0, 1, 2.5, 7, 11}, {-3, -2.75, 0.5, 4, 4.125}, {1e9, 1e9 + 1, 1e9 + 3, 1e9 + 4.5, 1e9 + 9}};
  for (size_t v = 0; v < sizeof sets / sizeof *sets; v++) {
    for (size_t k = 1; k <= MOST_K; k++) {
      double observed[OUTCOMES] = {0};
      double streamed[OUTCOMES] = {0};
      double expected[OUTCOMES] = {0};
      enumerate(sets[v], k, k < 3 ? 2 : 3, NULL, 0, 1, expected);
      draw(km_seed_plus_plus, sets[v], k, observed);
      assert_distribution(observed, expected);
      draw(stream, sets[v], k, streamed);
      assert_distribution(streamed, expected);
    }
  }
}

/* Where squares would leave the range of double, the same rows are drawn. */
static void plus_plus_has_no_units(void **state) {
  (void)state;
  points_random points = {1};
  double *rows = points_memory(60, 3);
  points_fill(rows, 60, 3, POINTS_CONTINUOUS, &points);
  for (int power = -900; power <= 900; power += 450) {
    fixture f;
    double *scaled = points_memory(60, 3);
    for (size_t v = 0; v < 180; v++) {
      scaled[v] = ldexp(rows[v], power);
    }
    set_up(&f, scaled, 60, 3, 8);
    for (uint64_t s = 0; s < 50; s++) {
      fixture plain;
      km_random random;
      double expected[24];
      double found[24];
      set_up(&plain, rows, 60, 3, 8);
      km_random_seed(&random, s);
      assert_int_equal(km_seed_plus_plus(&plain.blocks, &random, 8, expected), KM_OK);
      km_random_seed(&random, s);
      assert_int_equal(km_seed_plus_plus(&f.blocks, &random, 8, found), KM_OK);
      for (size_t v = 0; v < 24; v++) {
        assert_true(found[v] == ldexp(expected[v], power));
      }
      tear_down(&plain);
    }
    tear_down(&f);
    free(scaled);
  }
  free(rows);
}

/* Every sequence of k different rows is as likely as any other. */
static void random_rows_are_uniform(void **state) {
  (void)state;
  static const double x[N] = {0, 1, 2.5, 7, 11};
  for (size_t k = 1; k <= MOST_K; k++) {
    double observed[OUTCOMES] = {0};
    double expected[OUTCOMES] = {0};
    double sequences = 1;
    for (size_t c = 0; c < k; c++) {
      sequences *= (double)(N - c);
    }
    for (size_t outcome = 0; outcome < (size_t)lround(pow(N, (double)k)); outcome++) {
      size_t seen[N] = {0};
      size_t repeated = 0;
      for (size_t c = 0, rest = outcome; c < k; c++, rest /= N) {
        repeated += seen[rest % N]++;
      }
      expected[outcome] = repeated ? 0 : 1 / sequences;
    }
    draw(km_seed_rows, x, k, observed);
    assert_distribution(observed, expected);
  }
}

static void assert_distinct_rows(const double *centroids, size_t k, size_t dims, const double *rows,
                                 size_t n) {
  assert_int_equal(points_distinct(centroids, k, dims), k);
  for (size_t c = 0; c < k; c++) {
    size_t i = 0;
    while (i < n && memcmp(rows + i * dims, centroids + c * dims, dims * sizeof *rows) != 0) {
      i++;
    }
    assert_true(i < n);
  }
}

static const seeder seeders[] = {km_seed_plus_plus, km_seed_rows};

/* k distinct rows, for all k that the data allows; the same ones for the same seed. */
static void centroids_are_distinct_rows(void **state) {
  (void)state;
  points_random points = {2};
  for (size_t t = 0; t < points_cases(1200); t++) {
    fixture f;
    km_random random;
    size_t n = 1 + points_below(&points, t % 20 == 0 ? 700 : 60);
    size_t dims = 1 + points_below(&points, 4);
    double *rows = points_memory(n, dims);
    points_fill(rows, n, dims, (points_kind)(t / 2 % POINTS_KINDS), &points);
    size_t distinct = points_distinct(rows, n, dims);
    size_t k = t % 3 == 0 ? distinct : 1 + points_below(&points, distinct);
    double *centroids = points_memory(k, dims);
    double *again = points_memory(k, dims);
    set_up(&f, rows, n, dims, k);
    km_random_seed(&random, t);
    assert_int_equal(seeders[t % 2](&f.blocks, &random, k, centroids), KM_OK);
    assert_distinct_rows(centroids, k, dims, rows, n);
    km_random_seed(&random, t);
    assert_int_equal(seeders[t % 2](&f.blocks, &random, k, again), KM_OK);
    assert_memory_equal(centroids, again, k * dims * sizeof *again);
    tear_down(&f);
    free(again);
    free(centroids);
    free(rows);
  }
}

/* One value holds nearly all rows, and all the others must be found, without drawing for ever. */
static void finds_rare_values(void **state) {
  (void)state;
  double *rows = points_memory(5000, 1);
  double centroids[10];
  for (size_t i = 0; i < 9; i++) {
    rows[i * 500 + 123] = (double)(i + 1);
  }
  for (uint64_t s = 0; s < 20; s++) {
    fixture f;
    km_random random;
    set_up(&f, rows, 5000, 1, 10);
    km_random_seed(&random, s);
    core_hooks_eager(&f.hooks);
    f.hooks.polls = 0;
    assert_int_equal(seeders[s % 2](&f.blocks, &random, 10, centroids), KM_OK);
    assert_true(seeders[s % 2] != km_seed_rows || f.hooks.polls <= 8 * 10 + 1 + 5000);
    assert_distinct_rows(centroids, 10, 1, rows, 5000);
    tear_down(&f);
  }
  free(rows);
}

/* Squared distances that all underflow, next to one that does not. */
static void finds_values_too_close_to_square(void **state) {
  (void)state;
  double rows[40];
  double centroids[40];
  for (size_t i = 0; i < 40; i++) {
    rows[i] = i == 39 ? 1 : (double)(i / 2) * 1e-250;
  }
  for (uint64_t s = 0; s < 20; s++) {
    fixture f;
    km_random random;
    set_up(&f, rows, 40, 1, 21);
    km_random_seed(&random, s);
    assert_int_equal(seeders[s % 2](&f.blocks, &random, 21, centroids), KM_OK);
    assert_distinct_rows(centroids, 21, 1, rows, 40);
    tear_down(&f);
  }
}

/* The tree keeps other things of points when there are many to a centroid. That makes no difference: with
** as many candidates for each, fewer centroids are the first of more. Sums of these squares are exact. */
static void the_tree_forgets_nothing(void **state) {
  (void)state;
  enum { ROWS = 4 * 4096 + 100, FEW = 4, MORE = 7, COLUMNS = 2 };
  points_random points = {4};
  double *rows = points_memory(ROWS, COLUMNS);
  double *weights = points_memory(ROWS, 1);
  for (size_t i = 0; i < ROWS; i++) {
    rows[2 * i] = (double)(points_below(&points, 1000) + 4000 * points_below(&points, 4));
    rows[2 * i + 1] = (double)points_below(&points, 3000);
    weights[i] = (double)(1 + points_below(&points, 3));
  }
  assert_int_equal(km_seed_trials(FEW), km_seed_trials(MORE));
  for (uint64_t s = 0; s < 20; s++) {
    core_hooks hooks;
    km_dataset data;
    km_blocks blocks;
    km_engine engine;
    double centroids[2][MORE * COLUMNS];
    core_hooks_init(&hooks);
    km_dataset_init(&data, COLUMNS, KM_DOUBLE);
    points_load(&data, rows, ROWS, &hooks.hooks);
    if (s % 2 == 1) {
      points_weigh(&data, weights, ROWS, &hooks.hooks);
    }
    assert_int_equal(km_blocks_init(&blocks, &data, &hooks.hooks, NULL, MORE, NULL), KM_OK);
    assert_ptr_equal(km_engine_choose_seeder(&blocks, FEW), &km_engine_tree);
    assert_int_equal(km_engine_begin(&engine, &km_engine_tree, &blocks, NULL), KM_OK);
    for (size_t v = 0; v < 2; v++) {
      km_random random;
      km_random_seed(&random, s);
      assert_int_equal(km_engine_seed(&engine, &random, v ? MORE : FEW, centroids[v]), KM_OK);
    }
    assert_memory_equal(centroids[0], centroids[1], FEW * COLUMNS * sizeof(double));
    assert_distinct_rows(centroids[1], MORE, COLUMNS, rows, ROWS);
    km_engine_end(&engine);
    km_blocks_clear(&blocks);
    km_dataset_clear(&data, &hooks.hooks);
    assert_int_equal(hooks.live, 0);
  }
  free(weights);
  free(rows);
}

/* Fails the Nth allocation, then cancels at the Nth poll, for every N. */
static void fails_cleanly(void **state) {
  (void)state;
  points_random points = {3};
  double rows[300];
  double centroids[30];
  points_fill(rows, 100, 3, POINTS_CONTINUOUS, &points);
  for (size_t v = 0; v < 4; v++) {
    size_t polls = 0;
    km_status expected = v < 2 ? KM_NOMEM : KM_CANCELLED;
    km_status status = expected;
    for (size_t at = 1; status == expected; at++) {
      fixture f;
      km_random random;
      set_up(&f, rows, 100, 3, 10);
      size_t live = f.hooks.live;
      core_hooks_eager(&f.hooks);
      f.hooks.polls = 0;
      f.hooks.fail_at = v < 2 ? f.hooks.allocations + at : 0;
      f.hooks.cancel_at = v < 2 ? 0 : at;
      km_random_seed(&random, 0);
      status = seeders[v % 2](&f.blocks, &random, 10, centroids);
      assert_true(status == KM_OK || status == expected);
      assert_true(status != KM_CANCELLED || f.hooks.polls == at);
      assert_int_equal(f.hooks.live, live);
      polls = f.hooks.polls;
      tear_down(&f);
    }
    assert_true(polls >= 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plus_plus_draws_the_exact_distribution),
      cmocka_unit_test(plus_plus_has_no_units),
      cmocka_unit_test(random_rows_are_uniform),
      cmocka_unit_test(centroids_are_distinct_rows),
      cmocka_unit_test(finds_rare_values),
      cmocka_unit_test(finds_values_too_close_to_square),
      cmocka_unit_test(the_tree_forgets_nothing),
      cmocka_unit_test(fails_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
