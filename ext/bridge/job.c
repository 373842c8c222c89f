#include "bridge/job.h"

#include <string.h>

static void copy_arguments(km_job *job, sqlite3_value *const argument[KM_ARGUMENTS]) {
  for (int a = 0; a < KM_ARGUMENTS; a++) {
    if (argument[a]) {
      job->argument[a] = sqlite3_value_dup(argument[a]);
      if (!job->argument[a]) {
        km_fail_status(&job->host, KM_NOMEM);
      }
    }
  }
}

km_job *km_job_run(km_connection *connection, const char *name,
                   sqlite3_value *const argument[KM_ARGUMENTS], const km_columns *columns) {
  km_job *job = sqlite3_malloc64(sizeof *job);
  if (!job) {
    return NULL;
  }
  memset(job, 0, sizeof *job);
  km_host_init(&job->host, connection->db, name);
  km_table_init(&job->table);
  job->table.kept = columns;
  copy_arguments(job, argument);
  if (job->host.code == SQLITE_OK) {
    km_what_read(&job->host, &job->what, argument[KM_WHAT], argument[KM_OPTIONS], 1);
  }
  if (argument[KM_QUERY]) {
    km_table_read(&job->host, connection, argument[KM_QUERY], &job->what.options, job->what.model,
                  &job->table);
  } else if (!job->what.model) {
    km_fail(&job->host, SQLITE_ERROR, "the query is missing: only a model can do without one");
  }
  if (job->host.code == SQLITE_OK && argument[KM_QUERY] &&
      (job->what.model || job->table.data.rows.count > 0)) {
    km_nulls_found nulls = {job->table.skipped.count, job->table.filled};
    km_what_fit(&job->host, &job->what, &job->table.data, &nulls, &job->result);
    job->room = km_host_allocate(&job->host, job->table.data.dims, sizeof *job->room);
  }
  return job;
}

void km_job_free(km_job *job) {
  if (!job) {
    return;
  }
  for (int a = 0; a < KM_ARGUMENTS; a++) {
    sqlite3_value_free(job->argument[a]);
  }
  km_result_clear(&job->result, &job->host.hooks);
  km_host_release(&job->host, job->room);
  km_host_release(&job->host, job->moments);
  km_table_clear(&job->table, &job->host);
  km_what_clear(&job->what, &job->host);
  km_host_clear(&job->host);
  sqlite3_free(job);
}

int km_job_matches(const km_job *job, sqlite3_value *const argument[KM_ARGUMENTS]) {
  for (int a = 0; a < KM_ARGUMENTS; a++) {
    if (!argument[a] != !job->argument[a] ||
        (argument[a] && !km_values_equal(argument[a], job->argument[a]))) {
      return 0;
    }
  }
  return 1;
}

void km_job_moments(km_job *job) {
  if (!job->moments) {
    job->moments = km_what_moments(&job->host, &job->table.data);
  }
}
