/* The benchmark: see tests/bench/run. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A table pts(id, columns), or pts(id, v), of Gaussian blobs in a file of its own, $BENCH_DATA/NAME.db. */
struct workload {
  const char *name;
  int rows;
  int columns;
  int k;
  int blobs;
  double reach;     /* blobs are centred in [-reach, reach] */
  double deviation; /* of a blob, in every direction */
  bool vectors;     /* the columns are one, v, of BLOBs of float32 */
  int repeats;      /* of a statement in one run: more than one where it takes milliseconds */
};

enum { WORKLOADS = 4, GPS = 0, TAB = 1, SMALL = 2, SIFT = 3, MAX_RUNS = 32 };

/* Fewer rows and runs with BENCH=quick. */
struct workload workload(int which);
bool quick(void);
/* Seconds that a comparison may take: fewer with BENCH=quick, more with BENCH=full. */
double patience(double seconds);

/* The strings below are the caller's, for sqlite3_free. */
char *workload_path(const struct workload *w);
char *workload_title(const struct workload *w);
/* FORMAT with the name of each column in place of @: "sum(@)" and ", " give sum(x), sum(y). */
char *per_column(const struct workload *w, const char *format, const char *separator);

/* A statement to time, in a process of its own in which the extension is loaded. */
struct task {
  const char *path;
  const char *before; /* not timed, before the first repetition; or NULL */
  const char *timed;
  const char *after; /* not timed, after every repetition; or NULL */
  int repeats;
};

/* A command to time; what it prints is thrown away. */
struct command {
  const char *const *words; /* ends with NULL */
};

struct sample {
  double seconds;   /* of one repetition */
  double megabytes; /* peak of the whole process */
  double value;     /* what the statement returned: first column of its last row */
};

/* A failure ends the benchmark with a message. */
struct sample measure(const struct task *task);
struct sample measure_command(const struct command *command);
void execute(const char *path, const char *sql);
double query_number(const char *path, const char *sql);
/* Whether the statement runs; it touches no table. */
bool accepted(const char *sql);

/* Seconds since some moment. */
double now(void);

/* Runs tasks 0..count-1 by turns, `runs` times, or fewer but three when that takes long; returns how
** many times. samples[task][run]. */
int alternate(const struct task *tasks, int count, int runs, struct sample samples[][MAX_RUNS]);
double median(double *values, int count); /* sorts them */
double median_seconds(const struct sample *samples, int runs);
double median_megabytes(const struct sample *samples, int runs);
/* Of more[run] - less[run]: what the two share at the time falls out. */
double median_difference(const struct sample *more, const struct sample *less, int runs);

void make_data(void);
void bench_phases(void);
void bench_predict(void);
void bench_jobs(void);
void bench_line(void);
void bench_metrics(void);
void bench_lloyd(void);
void bench_seeding(void);
void bench_growth(void);
void bench_threads_part(void);
void bench_quality(void);
void bench_vectors(void);

#endif
