/* Every measurement is a process of its own: it starts from nothing, and its peak memory can be
** asked for. This process stays small, since a child's peak begins at its parent's size. */
#define _DEFAULT_SOURCE /* wait4 */
#define _DARWIN_C_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Runs in a child as well: its exit status tells the parent. */
static void fail(const char *doing, const char *why) {
  fprintf(stderr, "bench: %.300s: %s\n", doing, why);
  _exit(1);
}

static sqlite3 *open_database(const char *path) {
  sqlite3 *db = NULL;
  char *message = NULL;
  if (sqlite3_open(path, &db) != SQLITE_OK) {
    fail(path, sqlite3_errmsg(db));
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)NULL);
  if (sqlite3_load_extension(db, getenv("KMEANS_EXTENSION"), NULL, &message) != SQLITE_OK) {
    fail("loading the extension", message != NULL ? message : "no message");
  }
  return db;
}

static void execute_in(sqlite3 *db, const char *sql) {
  if (sql != NULL && sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
    fail(sql, sqlite3_errmsg(db));
  }
}

/* Prepares and runs one statement; returns the first column of its last row. */
static double step_all(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  double value = 0;
  int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (rc == SQLITE_OK) {
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
      value = sqlite3_column_double(statement, 0);
    }
  }
  if (rc != SQLITE_DONE) {
    fail(sql, sqlite3_errmsg(db));
  }
  sqlite3_finalize(statement);
  return value;
}

static pid_t start(void) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) {
    perror("bench: fork");
    exit(1);
  }
  return child;
}

/* Waits for the child; returns its peak memory in megabytes. */
static double end(pid_t child) {
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fputs("bench: a measured process failed\n", stderr);
    exit(1);
  }
#ifdef __APPLE__
  return (double)usage.ru_maxrss / 1e6;
#else
  return (double)usage.ru_maxrss * 1024 / 1e6;
#endif
}

static struct sample run_task(const struct task *task) {
  struct sample sample = {0};
  sqlite3 *db = open_database(task->path);
  execute_in(db, task->before);
  for (int i = 0; i < task->repeats; i++) {
    double begin = now();
    sample.value = step_all(db, task->timed);
    sample.seconds += (now() - begin) / task->repeats;
    execute_in(db, task->after);
  }
  sqlite3_close(db);
  return sample;
}

struct sample measure(const struct task *task) {
  int ends[2];
  struct sample sample = {0};
  if (pipe(ends) != 0) {
    perror("bench: pipe");
    exit(1);
  }
  pid_t child = start();
  if (child == 0) {
    sample = run_task(task);
    _exit(write(ends[1], &sample, sizeof sample) != (ssize_t)sizeof sample);
  }
  close(ends[1]);
  ssize_t size = read(ends[0], &sample, sizeof sample);
  close(ends[0]);
  sample.megabytes = end(child);
  if (size != (ssize_t)sizeof sample) {
    fputs("bench: a measured process said nothing\n", stderr);
    exit(1);
  }
  return sample;
}

struct sample measure_command(const struct command *command) {
  struct sample sample = {0};
  double begin = now();
  pid_t child = start();
  if (child == 0) {
    int sink = open("/dev/null", O_WRONLY);
    if (sink >= 0) {
      dup2(sink, 1);
    }
    /* execvp promises to leave the words alone. */
    execvp(command->words[0], (char *const *)command->words);
    fail(command->words[0], "cannot be run");
  }
  sample.megabytes = end(child);
  sample.seconds = now() - begin;
  return sample;
}

void execute(const char *path, const char *sql) {
  pid_t child = start();
  if (child == 0) {
    sqlite3 *db = open_database(path);
    execute_in(db, sql);
    sqlite3_close(db);
    _exit(0);
  }
  end(child);
}

double query_number(const char *path, const char *sql) {
  struct task task = {.path = path, .timed = sql, .repeats = 1};
  return measure(&task).value;
}

bool accepted(const char *sql) {
  sqlite3 *db = open_database(":memory:");
  bool yes = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_close(db);
  return yes;
}

int alternate(const struct task *tasks, int count, int runs, struct sample samples[][MAX_RUNS]) {
  double begin = now();
  int run = 0;
  while (run < runs && (run < 3 || now() - begin < 20)) {
    for (int i = 0; i < count; i++) {
      samples[i][run] = measure(&tasks[i]);
    }
    run++;
  }
  return run;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double median_seconds(const struct sample *samples, int runs) {
  double values[MAX_RUNS];
  for (int i = 0; i < runs; i++) {
    values[i] = samples[i].seconds;
  }
  return median(values, runs);
}

double median_megabytes(const struct sample *samples, int runs) {
  double values[MAX_RUNS];
  for (int i = 0; i < runs; i++) {
    values[i] = samples[i].megabytes;
  }
  return median(values, runs);
}

double median_difference(const struct sample *more, const struct sample *less, int runs) {
  double values[MAX_RUNS];
  for (int i = 0; i < runs; i++) {
    values[i] = more[i].seconds - less[i].seconds;
  }
  return median(values, runs);
}
