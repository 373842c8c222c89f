/* Stopping: sqlite3_interrupt from another thread and a progress handler end every phase within 50
** ms, and leave nothing behind. A handler that only counts is called all the time.
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

#include "sqlite_fixture.h"

/* The promise, and what is asserted: a machine that does other things at the time is late. */
#define PROMISED 0.050
#define ASSERTED 0.500

#define NUMBERS(n)                                                                                 \
  "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " #n ")"

/* A phase that lasts for seconds, if it is let. */
typedef struct phase {
  const char *name;
  const char *sql;
  double lead; /* seconds until it is surely reached */
} phase;

static const phase phases[] = {
    {"reading", "SELECT * FROM kmeans(3, '" NUMBERS(1000000000) " SELECT i FROM n')", 0.1},
    {"reading without a row",
     "SELECT * FROM kmeans(3, '" NUMBERS(1000000000) " SELECT i FROM n WHERE i < 0')", 0.1},
    {"seeding", "SELECT * FROM kmeans(20000, 'SELECT x, y FROM big')", 0.3},
    {"seeding, one column", "SELECT * FROM kmeans_centroids(50000, 'SELECT x FROM big')", 0.3},
    {"random rows",
     "SELECT * FROM kmeans('{\"k\":90000,\"init\":\"random\"}', 'SELECT x FROM big')", 0.3},
    {"iterating, few clusters",
     "SELECT * FROM kmeans('{\"k\":90,\"init\":\"random\",\"tol\":0,\"max_iter\":1000000}',"
     " 'SELECT x, y, x * y FROM big')",
     0.4},
    {"iterating, many clusters",
     "SELECT * FROM kmeans('{\"k\":30000,\"init\":\"random\",\"tol\":0}', 'SELECT x, y FROM big')",
     0.6},
    {"iterating, many columns",
     "SELECT * FROM kmeans('{\"k\":400,\"init\":\"random\",\"tol\":0}', 'SELECT * FROM wide')",
     0.3},
    {"tracing",
     "SELECT * FROM kmeans_trace('{\"k\":90,\"init\":\"random\",\"tol\":0,\"max_iter\":1000000}',"
     " 'SELECT x, y, x * y FROM big')",
     0.4},
    {"tracing, many columns",
     "SELECT count(*) FROM kmeans_trace('{\"k\":400,\"init\":\"random\",\"tol\":0}', 'SELECT * FROM"
     " wide')",
     0.3},
    {"many runs",
     "SELECT * FROM kmeans('{\"k\":2,\"n_init\":1000000}', 'SELECT x FROM big WHERE i < 300')",
     0.2},
    {"filling empty clusters",
     "SELECT * FROM kmeans('{\"k\":3000,\"init\":' || (SELECT json_group_array(json_array(-1e6 - "
     "i))"
     " FROM big WHERE i <= 3000) || '}', 'SELECT i AS x FROM big')",
     8},
    {"labels of a model",
     "SELECT * FROM kmeans((SELECT json_object('centroids', json_group_array(json_array(x, y)))"
     " FROM big WHERE i <= 30000), 'SELECT x, y FROM big')",
     0.3},
    {"rows going out", "SELECT count(*) FROM kmeans(2, 'SELECT x FROM big') a, big b", 0.5},
    {"centroids going out",
     "SELECT count(*) FROM kmeans_centroids(90, 'SELECT x FROM big WHERE i < 1000') a, big b, big "
     "c",
     0.1},
    {"an aggregate, reading", "SELECT kmeans_fit(3, a.x) FROM big a, big b", 0.2},
    {"an aggregate, fitting", "SELECT kmeans_fit(20000, x, y) FROM big", 0.3},
    {"a picture, reading", "SELECT kmeans_svg(3, a.x, b.x) FROM big a, big b", 0.2},
    {"a picture of vectors, reading",
     "SELECT kmeans_svg(2, v) FROM (SELECT json_group_array(a.x * b.y % 1009) AS v FROM big b, big "
     "a"
     " WHERE b.i <= 40 AND a.i <= 30000 GROUP BY b.i)",
     1},
    {"pictures with cells",
     "SELECT sum(length(svg)) FROM (SELECT kmeans_svg('{\"k\":1000,\"init\":\"random\","
     "\"max_iter\":1}', x, y) AS svg FROM big GROUP BY i % 40)",
     0.3},
    {"a chart, reading", "SELECT kmeans_elbow_svg(a.i * 7919 % 100003, b.x) FROM big a, big b",
     0.2},
    {"groups", "SELECT kmeans_fit(900, x, y) FROM big GROUP BY i % 50", 0.3},
    {"a window",
     "SELECT kmeans_fit('{\"k\":3,\"clamp\":true}', x, y) OVER (ORDER BY i ROWS BETWEEN 2000 "
     "PRECEDING AND CURRENT ROW)"
     " FROM big WHERE i % 3 > 0",
     0.5},
    {"a window over all", "SELECT kmeans_fit(20000, x, y) OVER () FROM big", 0.3},
    {"sweeping", "SELECT k FROM kmeans_sweep(2, 400, 'SELECT x, y FROM big')", 0.4},
    {"a silhouette of all",
     "SELECT silhouette FROM kmeans_sweep(3, 3, 'SELECT x, y FROM big', '{\"sample\":1000000}')",
     0.5},
    {"a silhouette, many columns, many clusters",
     "SELECT silhouette FROM kmeans_sweep(900, 900, 'SELECT * FROM wide',"
     " '{\"init\":\"random\",\"refine\":\"none\",\"max_iter\":1}')",
     0.3},
    {"gap", "SELECT gap FROM kmeans_sweep(90, 90, 'SELECT x, y, x * y FROM big')", 0.4},
    {"all k for the best one",
     "SELECT k FROM kmeans_sweep(2, 90, 'SELECT x, y FROM big') WHERE best", 0.4},
    {"the silhouette of labels", "SELECT kmeans_silhouette(i % 7, x, y) FROM big", 0.3},
    {"the silhouette of many labels", "SELECT kmeans_silhouette(i / 2, x, y) FROM big", 0.3},
    {"agreement", "SELECT kmeans_rand_index(a.i + b.i, a.x) FROM big a, big b", 0.5},
    {"scalars",
     "SELECT max(kmeans_distance((SELECT json_object('centroids', json_group_array(json_array(x, "
     "y)))"
     " FROM big WHERE i <= 5000), x, y)) FROM big",
     0.2},
    {"one within the other",
     "SELECT * FROM kmeans(3, 'SELECT distance FROM kmeans(20000, ''SELECT x, y FROM big'')')",
     0.3},
    {"a subquery of each row",
     "SELECT count((SELECT cluster FROM kmeans(2, 'SELECT i AS id, x FROM big') c"
     " WHERE c.id = b.i)) FROM big b, big d",
     0.6},
};

#define PHASES (sizeof phases / sizeof *phases)

static int open_big(void **state) {
  sqlite3 *db = db_open(":memory:");
  db_exec(db, "CREATE TABLE big AS " NUMBERS(100000) " SELECT i, i * 7919 %% 100003 / 7.0 AS x, i "
                                                     "* 104729 %% 100019 / 3.0 AS y FROM n");
  char *columns = sqlite3_mprintf("x AS c0");
  for (int j = 1; j < 200; j++) {
    columns = sqlite3_mprintf("%z, (i * %d) %% 1009 AS c%d", columns, 37 + j * 2, j);
  }
  db_exec(db, "CREATE TABLE wide AS SELECT %s FROM big WHERE i <= 8000", columns);
  sqlite3_free(columns);
  *state = db;
  return 0;
}

static int close_big(void **state) {
  db_close(*state);
  return 0;
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Prints the median and the worst of some latencies, and checks the worst. */
static void judge(const char *how, double *latency, const char *const *name, size_t count) {
  double sorted[64];
  size_t worst = 0;
  memcpy(sorted, latency, count * sizeof *latency);
  qsort(sorted, count, sizeof *sorted, by_size);
  for (size_t i = 0; i < count; i++) {
    worst = latency[i] > latency[worst] ? i : worst;
    if (latency[i] > PROMISED) {
      print_message("%s: %.1f ms (%s)\n", how, 1e3 * latency[i], name[i]);
    }
  }
  print_message("%s: median %.1f ms, worst %.1f ms (%s), promised %.0f ms\n", how,
                1e3 * sorted[count / 2], 1e3 * latency[worst], name[worst], 1e3 * PROMISED);
  if (latency[worst] > ASSERTED * (db_instrumented() ? 20 : 1)) {
    fail_msg("%s: %.0f ms to stop %s", how, 1e3 * latency[worst], name[worst]);
  }
}

/* What must hold after a statement was stopped. */
static void expect_usable(sqlite3 *db, sqlite3_int64 before, const char *name) {
  sqlite3_progress_handler(db, 0, NULL, NULL);
  db_expect(db, "SELECT count(*) FROM kmeans(2, 'SELECT x FROM big WHERE i < 10')", "9");
  if (sqlite3_memory_used() > before) {
    fail_msg("%s: %lld bytes are not given back", name,
             (long long)(sqlite3_memory_used() - before));
  }
}

/* Stops what the connection runs after a while. */
typedef struct stopper {
  sqlite3 *db;
  double lead;
  atomic_int begun;
  double stopped;
} stopper;

static void *stop_later(void *argument) {
  stopper *s = argument;
  db_await(s->lead, &s->begun);
  s->stopped = db_now();
  sqlite3_interrupt(s->db);
  return NULL;
}

/* Runs the phase until it is stopped; 0 when it had ended before. */
static int interrupt(sqlite3 *db, const phase *p, double lead, double *latency) {
  stopper s = {.db = db, .lead = lead};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, stop_later, &s), 0);
  int rc = db_try_begun(db, p->sql, &s.begun);
  double ended = db_now();
  pthread_join(thread, NULL);
  if (rc == SQLITE_OK) {
    return 0;
  }
  if (rc != SQLITE_INTERRUPT || strcmp(sqlite3_errmsg(db), "interrupted") != 0) {
    fail_msg("%s: %d, %s", p->name, rc, sqlite3_errmsg(db));
  }
  *latency = ended - s.stopped;
  return 1;
}

static void from_another_thread(void **state) {
  sqlite3 *db = *state;
  double latency[PHASES];
  const char *name[PHASES];
  size_t count = 0;
  for (size_t i = 0; i < PHASES; i++) {
    if (phases[i].lead > 1 && db_instrumented()) {
      continue;
    }
    expect_usable(db, INT64_MAX, phases[i].name);
    interrupt(db, &phases[i], 0.01,
              &latency[count]); /* early: what SQLite keeps it has afterwards */
    expect_usable(db, INT64_MAX, phases[i].name);
    sqlite3_int64 before = sqlite3_memory_used();
    /* Sooner where the machine is fast. */
    double lead = phases[i].lead;
    while (lead > 0.02 && !interrupt(db, &phases[i], lead, &latency[count])) {
      print_message("%s: over before %.2f s\n", phases[i].name, lead);
      lead /= 2;
    }
    if (lead > 0.02) {
      name[count++] = phases[i].name;
    }
    expect_usable(db, before + 1000, phases[i].name);
  }
  judge("sqlite3_interrupt", latency, name, count);
  assert_true(db_instrumented() || count > PHASES * 3 / 4);
}

/* A handler as applications write it: a time limit. */
typedef struct limit {
  double due;     /* when to stop; 0: never */
  double stopped; /* when it first said so */
  long calls;
  long stops;      /* how often it said so */
  long stops_most; /* how often it does */
  double last;
  double longest; /* between two calls */
} limit;

static int progress(void *argument) {
  limit *l = argument;
  double time = db_now();
  l->calls++;
  if (l->last > 0 && time - l->last > l->longest) {
    l->longest = time - l->last;
  }
  l->last = time;
  if (l->due == 0 || time < l->due || l->stops == l->stops_most) {
    return 0;
  }
  if (l->stops++ == 0) {
    l->stopped = time;
  }
  return 1;
}

/* From when it was due: the handler must be called to know. */
static void by_progress_handler(void **state) {
  sqlite3 *db = *state;
  double latency[PHASES];
  const char *name[PHASES];
  size_t count = 0;
  for (size_t i = 0; i < PHASES; i++) {
    if (phases[i].lead > 1) {
      continue;
    }
    expect_usable(db, INT64_MAX, phases[i].name);
    sqlite3_int64 before = sqlite3_memory_used();
    limit l = {.due = db_now() + phases[i].lead, .stops_most = 1000000};
    sqlite3_progress_handler(db, 1000, progress, &l);
    int rc = db_try(db, phases[i].sql);
    double ended = db_now();
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (rc == SQLITE_OK) {
      continue;
    }
    assert_int_equal(rc, SQLITE_INTERRUPT);
    assert_string_equal(sqlite3_errmsg(db), "interrupted");
    latency[count] = ended - l.due;
    name[count++] = phases[i].name;
    expect_usable(db, before + 1000, phases[i].name);
  }
  judge("progress handler", latency, name, count);
}

/* A handler that says stop only once is obeyed, too. Not so for an aggregate that is still reading,
** as it may be where everything is slow: SQLite cleans up by calling xFinal, which cannot know and
** computes with what was read. */
static void by_one_word(void **state) {
  sqlite3 *db = *state;
  double latency[PHASES];
  const char *name[PHASES];
  size_t count = 0;
  for (size_t i = 0; i < PHASES; i++) {
    int aggregate = strstr(phases[i].sql, "FROM kmeans") == NULL;
    if (phases[i].lead > 1 || strstr(phases[i].name, ", reading") ||
        (aggregate && db_instrumented())) {
      continue;
    }
    limit l = {.due = db_now() + phases[i].lead, .stops_most = 1};
    sqlite3_progress_handler(db, 1000, progress, &l);
    int rc = db_try(db, phases[i].sql);
    double ended = db_now();
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (rc == SQLITE_OK && l.stops == 0) {
      continue;
    }
    if (rc != SQLITE_INTERRUPT) {
      fail_msg("%s: %d, %s", phases[i].name, rc, sqlite3_errmsg(db));
    }
    latency[count] = ended - l.stopped;
    name[count++] = phases[i].name;
  }
  judge("progress handler, once", latency, name, count);
}

/* Nor does it matter how short the application wants SQL to be, which is asked whether to go on. */
static void under_a_limit_of_sql(void **state) {
  static const char sql[] = "SELECT kmeans_fit(20000, x, y) FROM big";
  sqlite3 *db = *state;
  limit l = {.due = db_now() + 0.3, .stops_most = 1000000};
  int before = sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, sizeof sql);
  sqlite3_progress_handler(db, 1000, progress, &l);
  int rc = db_try(db, sql);
  sqlite3_progress_handler(db, 0, NULL, NULL);
  assert_int_equal(sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, before), sizeof sql);
  assert_int_equal(rc, SQLITE_INTERRUPT);
}

/* Fits of a second or so: the handler hears of each part of them. */
static void handler_is_driven(void **state) {
  static const char *const sqls[] = {
      "SELECT count(*) FROM kmeans('{\"k\":60,\"tol\":0,\"max_iter\":20}', 'SELECT * FROM wide')",
      "SELECT length(kmeans_fit('{\"k\":90,\"tol\":0,\"max_iter\":40}', x, y)) > 0 FROM big",
      "SELECT count(*) FROM kmeans_centroids(150, 'SELECT x, y FROM big')",
      ("SELECT max(length(m)) "
       "FROM (SELECT kmeans_fit(300, x, y) OVER () AS m FROM big WHERE i < 20000)"),
  };
  sqlite3 *db = *state;
  for (size_t i = 0; i < sizeof sqls / sizeof *sqls; i++) {
    limit l = {.due = 0};
    sqlite3_progress_handler(db, 1000, progress, &l);
    double began = db_now();
    db_exec(db, "%s", sqls[i]);
    double seconds = db_now() - began;
    sqlite3_progress_handler(db, 0, NULL, NULL);
    print_message("called %ld times in %.2f s, %.1f ms apart at most\n", l.calls, seconds,
                  1e3 * l.longest);
    assert_true(l.longest < ASSERTED * (db_instrumented() ? 20 : 1));
    assert_true((double)l.calls > seconds / 0.2);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(from_another_thread), cmocka_unit_test(by_progress_handler),
      cmocka_unit_test(by_one_word),         cmocka_unit_test(under_a_limit_of_sql),
      cmocka_unit_test(handler_is_driven),
  };
  return cmocka_run_group_tests(tests, open_big, close_big);
}
