#include "bridge/job.h"

#include <string.h>

#include "bridge/sweep.h"

static void copy_arguments(km_job *job, sqlite3_value *const argument[]) {
  for (int a = 0; a < job->arguments; a++) {
    if (argument[a]) {
      job->argument[a] = sqlite3_value_dup(argument[a]);
      if (!job->argument[a]) {
        km_fail_status(&job->host, KM_NOMEM);
      }
    }
  }
}

/* A trace is one of plain Lloyd, and of nothing else. */
static void check_trace(km_job *job) {
  if (job->what.model) {
    km_fail(&job->host, SQLITE_ERROR,
            "a model is applied without iterations: to trace a fit that starts from it, give it as "
            "\"init\"");
  } else if (job->what.options.params.refine == KM_REFINE_AUTO) {
    km_fail(&job->host, SQLITE_ERROR,
            "option \"refine\": what is traced is plain Lloyd: leave it out, or give \"none\"");
  }
}

km_input km_job_input(km_job *job) {
  return (km_input){
      .data = &job->table.data,
      .categories = &job->table.categories,
      .names = job->table.columns,
      .nulls = {job->table.skipped.count, job->table.filled},
  };
}

km_job *km_job_new(km_connection *connection, const char *name, sqlite3_value *const argument[],
                   int count, const km_columns *columns) {
  km_job *job = sqlite3_malloc64(sizeof *job);
  if (!job) {
    return NULL;
  }
  memset(job, 0, sizeof *job);
  km_host_init(&job->host, connection->db, name);
  km_table_init(&job->table);
  job->table.kept = columns;
  job->arguments = count;
  copy_arguments(job, argument);
  return job;
}

/* A job that knows what is asked of it, and has not read the query. */
static km_job *begin(km_connection *connection, const char *name, sqlite3_value *const argument[],
                     const km_columns *columns) {
  km_job *job = km_job_new(connection, name, argument, KM_ARGUMENTS, columns);
  if (job && job->host.code == SQLITE_OK) {
    km_what_read(&job->host, &job->what, argument[KM_WHAT], argument[KM_OPTIONS]);
  }
  return job;
}

/* Reads the query, if there is one. Returns whether there is something to do with its rows: only a model
** can be applied to none. */
static int read_rows(km_job *job, km_connection *connection, sqlite3_value *query) {
  if (query) {
    km_table_read(&job->host, connection, query, &job->what.options, job->what.model, &job->table);
  } else if (!job->what.model) {
    km_fail(&job->host, SQLITE_ERROR, "the query is missing: only a model can do without one");
  }
  if (!job->what.model && job->table.data.rows.count == 0) {
    km_input input = km_job_input(job);
    km_what_log_nulls(&job->host, &job->what, &input.nulls);
    return 0;
  }
  return job->host.code == SQLITE_OK && query;
}

km_job *km_job_run(km_connection *connection, const char *name, sqlite3_value *const argument[],
                   const km_columns *columns) {
  km_job *job = begin(connection, name, argument, columns);
  if (job && read_rows(job, connection, argument[KM_QUERY])) {
    km_input input = km_job_input(job);
    km_what_fit(&job->host, &job->what, &input, &job->result);
    job->room = km_host_allocate(&job->host, job->table.data.dims, sizeof *job->room);
  }
  return job;
}

km_job *km_trace_job(km_connection *connection, const char *name, sqlite3_value *const argument[],
                     const km_columns *columns) {
  km_job *job = begin(connection, name, argument, columns);
  if (job) {
    check_trace(job);
  }
  if (job && read_rows(job, connection, argument[KM_QUERY])) {
    km_input input = km_job_input(job);
    km_history_begin(&job->host, &job->what, &input, &job->history);
  }
  return job;
}

void km_job_free(km_job *job) {
  if (!job) {
    return;
  }
  for (int a = 0; a < job->arguments; a++) {
    sqlite3_value_free(job->argument[a]);
  }
  km_sweep_lines_free(job->sweep, &job->host);
  km_result_clear(&job->result, &job->host.hooks);
  km_history_clear(&job->history, &job->host);
  km_host_release(&job->host, job->room);
  km_host_release(&job->host, job->moments);
  km_table_clear(&job->table, &job->host);
  km_what_clear(&job->what, &job->host);
  km_host_clear(&job->host);
  sqlite3_free(job);
}

int km_job_matches(const km_job *job, sqlite3_value *const argument[]) {
  for (int a = 0; a < job->arguments; a++) {
    if (!argument[a] != !job->argument[a] ||
        (argument[a] && !km_values_equal(argument[a], job->argument[a]))) {
      return 0;
    }
  }
  return 1;
}

const km_categories *km_job_categories(const km_job *job) {
  return job->what.model ? &job->what.model->categories : &job->table.categories;
}

void km_job_moments(km_job *job) {
  if (!job->moments) {
    job->moments = km_what_moments(&job->host, &job->table.data);
  }
}
