/* scikit-learn's side of the benchmark, peer.py, at the other end of two pipes. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "core_runs.h"

static void fail(const char *why) {
  fprintf(stderr, "bench: scikit-learn: %s\n", why);
  exit(1);
}

static void ask(struct peer *peer, char *answer, int size) {
  fputc('\n', peer->questions);
  fflush(peer->questions);
  if (fgets(answer, size, peer->answers) == NULL) {
    fail("no answer");
  }
}

int peer_start(struct peer *peer) {
  int to[2], from[2];
  char threads[32], answer[64];
  char *python = getenv("BENCH_PYTHON");
  memset(peer, 0, sizeof *peer);
  if (python == NULL || *python == '\0') {
    return 0;
  }
  if (pipe(to) != 0 || pipe(from) != 0) {
    fail("no pipe");
  }
  snprintf(threads, sizeof threads, "%zu", bench_threads());
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) {
    fail("no process");
  }
  if (child == 0) {
    dup2(to[0], 0);
    dup2(from[1], 1);
    close(to[1]);
    close(from[0]);
    execlp(python, python, "tests/bench/peer.py", threads, (char *)NULL);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  peer->questions = fdopen(to[1], "w");
  peer->answers = fdopen(from[0], "r");
  if (peer->questions == NULL || peer->answers == NULL) {
    fail("no stream");
  }
  fputs("version", peer->questions);
  ask(peer, answer, sizeof answer);
  sscanf(answer, "%31s", peer->version);
  return 1;
}

void peer_stop(struct peer *peer) {
  if (peer->questions != NULL) {
    fclose(peer->questions);
    fclose(peer->answers);
  }
  memset(peer, 0, sizeof *peer);
}

static FILE *create(const char *name, char *path, size_t size) {
  snprintf(path, size, "%s/%s", getenv("BENCH_DATA"), name);
  FILE *file = fopen(path, "wb");
  if (file == NULL) {
    fail(path);
  }
  return file;
}

void peer_give(struct peer *peer, const km_dataset *data, const double *initial, size_t k) {
  char path[4096], answer[64];
  if (peer->questions == NULL) {
    return;
  }
  FILE *file = create("points", path, sizeof path);
  double *room = checked(malloc(data->dims * sizeof *room));
  for (size_t i = 0; i < data->rows.count; i++) {
    fwrite(km_dataset_row(data, i, room), sizeof(double), data->dims, file);
  }
  free(room);
  fclose(file);
  fprintf(peer->questions, "points %zu %s", data->dims, path);
  ask(peer, answer, sizeof answer);
  remove(path);
  if (initial != NULL) {
    file = create("initial", path, sizeof path);
    fwrite(initial, sizeof(double), k * data->dims, file);
    fclose(file);
    fprintf(peer->questions, "initial %zu %s", data->dims, path);
    ask(peer, answer, sizeof answer);
    remove(path);
  }
}

/* Its threads go on for some 20 ms looking for more work before they sleep, and on few processors they
** would be in the way of what is measured next. */
static void let_settle(void) {
  struct timespec pause = {.tv_nsec = 60000000};
  nanosleep(&pause, NULL);
}

static struct run run_once(struct peer *peer, const char *question) {
  char answer[256];
  struct run run = {0};
  fputs(question, peer->questions);
  ask(peer, answer, sizeof answer);
  if (sscanf(answer, "%lf %zu %lf", &run.seconds, &run.iterations, &run.inertia) != 3) {
    fail(answer);
  }
  return run;
}

struct run peer_run(struct peer *peer, const char *format, ...) {
  char question[256];
  struct run run = {0};
  double begin = now();
  va_list values;
  va_start(values, format);
  vsnprintf(question, sizeof question, format, values);
  va_end(values);
  for (int runs = 0; !warm(runs, now() - begin); runs++) {
    run = run_once(peer, question);
  }
  let_settle();
  return run;
}
