/* One call of a table-valued function, done: arguments read, query read to its end, clusters found; or,
** of a trace, begun.
**
** What a cursor walks over. A job remembers its arguments, so that a cursor which is asked again for
** the same ones, as the inner loop of a join is, answers from the job that it has.
*/
#ifndef KM_BRIDGE_JOB_H
#define KM_BRIDGE_JOB_H

#include "bridge/history.h"
#include "bridge/table.h"
#include "bridge/what.h"

/* The arguments of a table-valued function: NULL where one was not given. Those of kmeans_sweep are
** others: see bridge/sweep.h. */
enum { KM_WHAT, KM_QUERY, KM_OPTIONS, KM_ARGUMENTS, KM_MOST_ARGUMENTS };

typedef struct km_job {
  km_host host;
  int arguments;
  sqlite3_value *argument[KM_MOST_ARGUMENTS]; /* copies */
  km_what what;
  km_table table;
  km_result result;   /* k is 0 when nothing was fitted or applied */
  double *room;       /* result.dims: for a row in double */
  km_history history; /* of a trace, which has no result */
  double *moments; /* of the points: dims means, then dims deviations; NULL before km_job_moments */
  struct km_sweep_lines *sweep; /* of kmeans_sweep; or NULL */
} km_job;

/* A job of which nothing is done but that it remembers `count` arguments; otherwise as km_job_run. */
km_job *km_job_new(km_connection *connection, const char *name, sqlite3_value *const argument[],
                   int count, const km_columns *columns);

/* The points that the job has read. */
km_input km_job_input(km_job *job);

/* Runs a job; name is the SQL function's. Returns NULL when out of memory; else look at host.code: on an
** error only km_job_free makes sense. argument[KM_QUERY] may be NULL only with a model, and then there
** are no rows and the result is empty. columns, or NULL, is what the query's columns must be: their values
** are kept then. It must outlive the job. */
km_job *km_job_run(km_connection *connection, const char *name, sqlite3_value *const argument[],
                   const km_columns *columns);

/* As km_job_run, but only begins a trace, which needs a query, and options instead of a model. */
km_job *km_trace_job(km_connection *connection, const char *name, sqlite3_value *const argument[],
                     const km_columns *columns);
void km_job_free(km_job *job); /* NULL is allowed */

/* True when the job was run with these arguments. */
int km_job_matches(const km_job *job, sqlite3_value *const argument[]);

/* The categories by which the job's points and centroids are encoded; they may have none. */
const km_categories *km_job_categories(const km_job *job);

/* Finds the moments of the job's points, unless they are at hand: there is at least one. An error is
** the host's. */
void km_job_moments(km_job *job);

#endif
