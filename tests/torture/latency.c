/* How long a fit goes on after it is told to stop: by sqlite3_interrupt from another thread, and by a
** progress handler with a deadline, at random moments of each phase. Prints the median and the worst, in
** seconds that the calling thread has computed, and by the clock on the wall; the promise is 50 ms. The
** former do not depend on what else the machine does. Fails on a wrong code, memory that is not given
** back, a connection that cannot go on.
**
** KMEANS_TRIES: how many tries in all, 200 unless told.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <time.h>
#include <cmocka.h>

#include "points.h"
#include "sqlite_fixture.h"

/* A phase is what takes most of the time of a statement. */
typedef struct phase {
  const char *name;
  const char *sql;
} phase;

#define TALL "'SELECT x, y FROM tall'"
#define WIDE "'SELECT v FROM wide'"
#define BROAD "'SELECT v FROM broad'"

static const phase phases[] = {
    {"tall: read", "SELECT count(*) FROM kmeans('{\"k\":1,\"init\":\"random\"}', " TALL ")"},
    {"tall: seed", "SELECT count(*) FROM kmeans(300, " TALL ")"},
    {"tall: iterate",
     "SELECT count(*) FROM kmeans('{\"k\":50,\"init\":\"random\",\"tol\":0}', " TALL ")"},
    {"tall: refine", "SELECT count(*) FROM kmeans(20, " TALL ")"},
    {"tall: one thread, lloyd",
     "SELECT count(*) FROM kmeans('{\"k\":50,\"init\":\"random\",\"algorithm\":\"lloyd\","
     "\"threads\":1}', " TALL ")"},
    {"tall: one column", "SELECT * FROM kmeans_centroids(500, 'SELECT x FROM tall')"},
    {"tall: scale and weights",
     "SELECT count(*) FROM kmeans('{\"k\":9,\"scale\":\"robust\"}', " TALL ")"},
    {"tall: output",
     "SELECT sum(silhouette + distance) FROM kmeans('{\"k\":9,\"max_iter\":1}', " TALL ")"},
    {"tall: aggregate", "SELECT kmeans_fit(20, x, y) FROM tall"},
    {"tall: predict", "SELECT sum(kmeans_predict((SELECT json_object('centroids', "
                      "json_group_array(json_array(x, y)))"
                      " FROM tall WHERE id < 100), x, y)) FROM tall"},
    {"tall: trace", "SELECT count(*) FROM kmeans_trace('{\"k\":30,\"tol\":0}', " TALL ")"},
    {"wide: read", "SELECT count(*) FROM kmeans('{\"k\":1,\"init\":\"random\"}', " WIDE ")"},
    {"wide: seed", "SELECT count(*) FROM kmeans('{\"k\":300,\"max_iter\":1}', " WIDE ")"},
    {"wide: iterate",
     "SELECT count(*) FROM kmeans('{\"k\":100,\"init\":\"random\",\"tol\":0}', " WIDE ")"},
    {"wide: refine", "SELECT count(*) FROM kmeans(20, " WIDE ")"},
    {"wide: cosine",
     "SELECT count(*) FROM kmeans('{\"k\":20,\"metric\":\"cosine\",\"refine\":\"none\"}', " WIDE
     ")"},
    {"wide: output", "SELECT sum(silhouette) FROM kmeans('{\"k\":9,\"max_iter\":1}', " WIDE ")"},
    {"wide: aggregate", "SELECT kmeans_fit(9, v) FROM wide"},
    {"broad: seed",
     "SELECT count(*) FROM kmeans('{\"k\":40,\"max_iter\":1,\"refine\":\"none\"}', " BROAD ")"},
    {"broad: iterate",
     "SELECT count(*) FROM "
     "kmeans('{\"k\":40,\"init\":\"random\",\"tol\":0,\"refine\":\"none\"}', " BROAD ")"},
    {"wide: many clusters",
     "SELECT count(*) FROM kmeans('{\"k\":8000,\"init\":\"random\",\"refine\":\"none\"}', " WIDE
     ")"},
    {"wide: profile", "SELECT count(*) FROM kmeans_profile('{\"k\":9,\"max_iter\":2}', " WIDE ")"},
};

enum { PHASES = sizeof phases / sizeof *phases, LONGEST = 4 };

static points_random rng = {1};

/* Seconds: by the clock, and those that the calling thread has computed. */
typedef struct moment {
  double wall;
  double computed;
} moment;

static clockid_t computing; /* the clock of the calling thread */

static moment now(void) {
  struct timespec time;
  clock_gettime(computing, &time);
  return (moment){db_now(), (double)time.tv_sec + 1e-9 * (double)time.tv_nsec};
}

typedef struct stopper {
  sqlite3 *db;
  double lead;
  moment stopped;
  atomic_int begun;
} stopper;

static void *stop_later(void *argument) {
  stopper *s = argument;
  db_await(s->lead, &s->begun);
  s->stopped = now();
  sqlite3_interrupt(s->db);
  return NULL;
}

static double due; /* in seconds computed */

static int past_deadline(void *context) {
  (void)context;
  return now().computed > due;
}

/* Stops the statement after `lead` seconds; returns whether it did, and how much longer it ran. */
static int stop(sqlite3 *db, const char *sql, double lead, int by_handler, moment *latency) {
  moment began = now();
  stopper s = {.db = db, .lead = lead, .stopped = {began.wall + lead, began.computed + lead}};
  pthread_t thread;
  if (by_handler) {
    due = s.stopped.computed;
    sqlite3_progress_handler(db, 1000, past_deadline, NULL);
  } else {
    assert_int_equal(pthread_create(&thread, NULL, stop_later, &s), 0);
  }
  int rc = db_try_begun(db, sql, &s.begun);
  moment ended = now();
  if (by_handler) {
    sqlite3_progress_handler(db, 0, NULL, NULL);
  } else {
    pthread_join(thread, NULL);
  }
  if (rc != SQLITE_OK && rc != SQLITE_INTERRUPT) {
    fail_msg("%s\n-> %d: %s", sql, rc, sqlite3_errmsg(db));
  }
  latency->computed = ended.computed - s.stopped.computed;
  latency->wall = by_handler ? latency->computed : ended.wall - s.stopped.wall;
  return rc == SQLITE_INTERRUPT;
}

static void expect_usable(sqlite3 *db, sqlite3_int64 before, const char *name) {
  db_expect(db, "SELECT count(*) FROM kmeans(2, 'SELECT x FROM tall LIMIT 9')", "9");
  if (sqlite3_memory_used() > before + 2000) {
    fail_msg("%s: %lld bytes are not given back", name,
             (long long)(sqlite3_memory_used() - before));
  }
}

/* How long the statement computes, at most LONGEST: what random moments are drawn from. */
static double duration(sqlite3 *db, const char *sql) {
  double began = now().computed;
  due = began + LONGEST;
  sqlite3_progress_handler(db, 1000, past_deadline, NULL);
  db_try(db, sql);
  sqlite3_progress_handler(db, 0, NULL, NULL);
  return now().computed - began;
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

static void latencies(void **state) {
  sqlite3 *db = *state;
  const char *given = getenv("KMEANS_TRIES");
  size_t tries = given ? (size_t)atoi(given) : 200;
  double *wall = points_memory(tries + PHASES, 1);
  double *computed = points_memory(tries + PHASES, 1);
  size_t count = 0;
  assert_int_equal(pthread_getcpuclockid(pthread_self(), &computing), 0);
  for (size_t p = 0; p < PHASES; p++) {
    double seconds = duration(db, phases[p].sql);
    double worst = 0;
    size_t stopped = 0;
    expect_usable(db, INT64_MAX - 5000, phases[p].name);
    sqlite3_int64 before = sqlite3_memory_used();
    for (size_t t = 0; t < (tries + p) / PHASES; t++) {
      moment latency;
      if (stop(db, phases[p].sql, seconds * points_unit(&rng), t % 2 == 1, &latency)) {
        worst = latency.computed > worst ? latency.computed : worst;
        computed[count] = latency.computed;
        wall[count++] = latency.wall;
        stopped++;
      }
      expect_usable(db, before, phases[p].name);
    }
    print_message("%-26s %5.2f s, %2zu times stopped, worst %5.1f ms\n", phases[p].name, seconds,
                  stopped, 1e3 * worst);
  }
  qsort(wall, count, sizeof *wall, by_size);
  qsort(computed, count, sizeof *computed, by_size);
  print_message(
      "%zu times stopped: median %.1f ms, worst %.1f ms computed; %.1f ms and %.1f ms by the"
      " clock; promised 50 ms\n",
      count, 1e3 * computed[count / 2], 1e3 * computed[count - 1], 1e3 * wall[count / 2],
      1e3 * wall[count - 1]);
  assert_true(count > tries / 2);
  free(wall);
  free(computed);
}

/* Adds vectors of float32 in 60 groups to a table. */
static void make_vectors(sqlite3 *db, const char *table, int rows, size_t dims) {
  float *row = calloc(dims, sizeof *row);
  char *sql = sqlite3_mprintf("INSERT INTO %s VALUES (?)", table);
  assert_non_null(row);
  sqlite3_stmt *insert = db_prepare(db, sql);
  for (int i = 0; i < rows; i++) {
    size_t group = points_below(&rng, 60);
    for (size_t j = 0; j < dims; j++) {
      row[j] = (float)((double)(group * (j + 3) % 17) / 4 + points_unit(&rng));
    }
    sqlite3_bind_blob(insert, 1, row, (int)(dims * sizeof *row), SQLITE_STATIC);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  sqlite3_free(sql);
  free(row);
}

/* 1,000,000 x 2, and 100,000 x 128 and 4,000 x 8,192 (float32). */
static int open_tables(void **state) {
  sqlite3 *db = db_open(":memory:");
  db_exec(db, "CREATE TABLE tall(id INTEGER PRIMARY KEY, x, y); CREATE TABLE wide(v);"
              "CREATE TABLE broad(v); BEGIN");
  sqlite3_stmt *insert = db_prepare(db, "INSERT INTO tall(x, y) VALUES (?, ?)");
  for (int i = 0; i < 1000000; i++) {
    double group = (double)points_below(&rng, 40);
    sqlite3_bind_double(insert, 1, group * 3 + points_unit(&rng) + points_unit(&rng));
    sqlite3_bind_double(insert, 2, group * group + 9 * points_unit(&rng));
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  make_vectors(db, "wide", 100000, 128);
  make_vectors(db, "broad", 4000, 8192);
  db_exec(db, "COMMIT");
  *state = db;
  return 0;
}

static int close_tables(void **state) {
  db_close(*state);
  return 0;
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(latencies),
  };
  return cmocka_run_group_tests(tests, open_tables, close_tables);
}
