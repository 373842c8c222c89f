/* kmeans_sweep's job: arguments read, query read to its end, and the lines of the sweep computed as they
** are asked for. */
#ifndef KM_BRIDGE_SWEEP_H
#define KM_BRIDGE_SWEEP_H

#include "bridge/job.h"
#include "core/sweep.h"

/* The arguments, in place of those of other jobs. */
enum { KM_SWEEP_LEAST, KM_SWEEP_MOST, KM_SWEEP_QUERY, KM_SWEEP_OPTIONS, KM_SWEEP_ARGUMENTS };

typedef struct km_sweep_lines {
  size_t least; /* k_min */
  size_t most;  /* k_max */
  unsigned wanted;
  int begun;
  km_sweep sweep;
  km_chunks lines; /* a km_sweep_line each */
} km_sweep_lines;

/* Reads the arguments and the query; as km_job_run, which see. */
km_job *km_sweep_job(km_connection *connection, const char *name, sqlite3_value *const argument[],
                     const km_columns *columns);

/* Sees to it that lines tell what is wanted, KM_SWEEP_* together: begins anew where they do not. */
void km_sweep_want(km_job *job, unsigned wanted);

/* Computes lines until there is the one of this number, from 0, unless there are fewer. An error is the
** host's. */
void km_sweep_reach(km_job *job, size_t line);

static inline size_t km_sweep_count(const km_job *job) {
  return job->sweep->lines.count;
}

static inline const km_sweep_line *km_sweep_line_at(const km_job *job, size_t line) {
  return km_chunks_at(&job->sweep->lines, line);
}

/* The number of the line whose k is best by km_sweep_score: the first one, if none has a score. All lines
** are there. */
size_t km_sweep_best(const km_job *job);

/* Gives back what a job has of a sweep; NULL is allowed. */
void km_sweep_lines_free(km_sweep_lines *lines, km_host *host);

#endif
