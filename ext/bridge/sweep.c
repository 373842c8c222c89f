#include "bridge/sweep.h"

#include <string.h>

/* Reads k_min or k_max. */
static size_t read_bound(km_host *host, const char *name, sqlite3_value *value) {
  static const char *const kinds[] = {"", "", "a REAL", "TEXT", "a BLOB", "NULL"};
  int type = sqlite3_value_type(value);
  sqlite3_int64 bound = sqlite3_value_int64(value);
  if (type != SQLITE_INTEGER) {
    km_fail(host, SQLITE_ERROR, "%s must be an INTEGER from 1 to 4294967294, not %s", name,
            kinds[type]);
  } else if (bound < 1 || bound > KM_MAX_K) {
    km_fail(host, SQLITE_ERROR, "%s must be from 1 to 4294967294, not %lld", name, bound);
  }
  return (size_t)bound;
}

static void read_bounds(km_host *host, sqlite3_value *const argument[], km_sweep_lines *lines) {
  lines->least = read_bound(host, "k_min", argument[KM_SWEEP_LEAST]);
  lines->most = read_bound(host, "k_max", argument[KM_SWEEP_MOST]);
  if (host->code == SQLITE_OK && lines->least > lines->most) {
    km_fail(host, SQLITE_ERROR, "k_min is %lld, and k_max is less: %lld",
            (sqlite3_int64)lines->least, (sqlite3_int64)lines->most);
  }
}

/* Options that speak of one k only are right if there is only one. `k` is that of the option, or 0. */
static void check_options(km_host *host, const km_options *options, size_t k,
                          const km_sweep_lines *lines) {
  sqlite3_int64 least = (sqlite3_int64)lines->least;
  sqlite3_int64 most = (sqlite3_int64)lines->most;
  size_t rows = options->init.rows;
  if (k > 0 && (k != lines->least || k != lines->most)) {
    km_fail(host, SQLITE_ERROR, "option \"k\" is %lld, but k goes from %lld to %lld",
            (sqlite3_int64)k, least, most);
  } else if (rows > 0 && (rows != lines->least || rows != lines->most)) {
    km_fail(host, SQLITE_ERROR, "option \"init\" has %lld centroid%s, but k goes from %lld to %lld",
            (sqlite3_int64)rows, rows == 1 ? "" : "s", least, most);
  }
}

static void read_arguments(km_job *job) {
  km_host *host = &job->host;
  km_options *options = &job->what.options;
  sqlite3_value *value = job->argument[KM_SWEEP_OPTIONS];
  km_options_init(options);
  read_bounds(host, job->argument, job->sweep);
  if (host->code == SQLITE_OK && value) {
    km_options_read_value(host, options, KM_SCOPE_SWEEP, value);
  }
  size_t k = options->params.k;
  if (k == 0 && !options->init_value && !options->init_model) {
    km_options_set_k(options, job->sweep->most);
  }
  if (host->code == SQLITE_OK) {
    km_options_finish(host, options);
  }
  if (host->code == SQLITE_OK) {
    check_options(host, options, k, job->sweep);
    km_options_set_k(options, job->sweep->most);
  }
}

/* Iterations, those of reference sets among them, are no news here: lines are. */
static void ignore(void *context, const km_report *news) {
  (void)context;
  (void)news;
}

km_job *km_sweep_job(km_connection *connection, const char *name, sqlite3_value *const argument[],
                     const km_columns *columns) {
  km_job *job = km_job_new(connection, name, argument, KM_SWEEP_ARGUMENTS, columns);
  if (!job) {
    return NULL;
  }
  km_host *host = &job->host;
  host->hooks.report = ignore;
  job->sweep = km_host_allocate(host, 1, sizeof *job->sweep);
  if (job->sweep) {
    memset(job->sweep, 0, sizeof *job->sweep);
    km_chunks_init(&job->sweep->lines, sizeof(km_sweep_line));
    read_arguments(job);
  }
  km_table_read(host, connection, argument[KM_SWEEP_QUERY], &job->what.options, NULL, &job->table);
  km_input input = km_job_input(job);
  if (host->code == SQLITE_OK && job->table.data.rows.count > 0) {
    km_what_see(host, &job->what, &input);
  }
  km_what_log_nulls(host, &job->what, &input.nulls);
  return job;
}

static void begin(km_job *job) {
  km_host *host = &job->host;
  km_sweep_lines *lines = job->sweep;
  const km_options *options = &job->what.options;
  km_status status = km_sweep_begin(&lines->sweep, &job->table.data, &options->params, lines->least,
                                    lines->most, lines->wanted, options->sample, &host->hooks);
  if (status == KM_TOO_FEW) {
    km_what_fail_too_few(host, lines->sweep.distinct, lines->most);
  } else if (status == KM_OK && lines->sweep.most > 0 && lines->sweep.most < lines->most) {
    sqlite3_log(SQLITE_WARNING, "%s: only %lld distinct point%s: %lld cluster%s at most, not %lld",
                host->name, (sqlite3_int64)lines->sweep.distinct,
                lines->sweep.distinct == 1 ? "" : "s", (sqlite3_int64)lines->sweep.most,
                lines->sweep.most == 1 ? "" : "s", (sqlite3_int64)lines->most);
  }
  km_fail_status(host, status);
  lines->begun = 1;
}

void km_sweep_want(km_job *job, unsigned wanted) {
  km_sweep_lines *lines = job->sweep;
  if (wanted & ~lines->wanted) {
    lines->wanted |= wanted;
    lines->begun = 0;
    km_sweep_end(&lines->sweep);
    km_chunks_clear(&lines->lines, &job->host.hooks);
  }
}

/* The next line. */
static void step(km_job *job) {
  km_host *host = &job->host;
  km_sweep_lines *lines = job->sweep;
  km_sweep_line line;
  km_status status = km_sweep_step(&lines->sweep, &line);
  if (status == KM_OK) {
    km_sweep_line *place = km_chunks_push(&lines->lines, &host->hooks);
    status = place ? KM_OK : KM_NOMEM;
    if (place) {
      *place = line;
    }
  }
  km_fail_status(host, status);
  if (host->code == SQLITE_OK && km_host_lasts(host)) {
    sqlite3_log(SQLITE_NOTICE, "%s: k = %lld: inertia %g", host->name, (sqlite3_int64)line.k,
                line.inertia);
  }
  if (host->code == SQLITE_OK && !line.converged) {
    sqlite3_log(SQLITE_WARNING,
                "%s: k = %lld: no convergence after %lld iterations: raise \"max_iter\"",
                host->name, (sqlite3_int64)line.k, (sqlite3_int64)line.iterations);
  }
}

void km_sweep_reach(km_job *job, size_t line) {
  km_sweep_lines *lines = job->sweep;
  if (job->table.data.rows.count == 0) {
    return;
  }
  if (!lines->begun) {
    begin(job);
  }
  while (job->host.code == SQLITE_OK && lines->lines.count <= line &&
         km_sweep_more(&lines->sweep)) {
    step(job);
  }
}

size_t km_sweep_best(const km_job *job) {
  size_t best = 0;
  for (size_t i = 1; i < km_sweep_count(job); i++) {
    double score = km_sweep_score(km_sweep_line_at(job, i));
    double most = km_sweep_score(km_sweep_line_at(job, best));
    best = score > most || (score == score && most != most) ? i : best;
  }
  return best;
}

void km_sweep_lines_free(km_sweep_lines *lines, km_host *host) {
  if (lines) {
    km_sweep_end(&lines->sweep);
    km_chunks_clear(&lines->lines, &host->hooks);
    km_host_release(host, lines);
  }
}
