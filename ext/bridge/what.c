#include "bridge/what.h"

#include <string.h>

#include "bridge/init.h"
#include "core/moments.h"

static const char expected[] = "the first argument must be a number of clusters (INTEGER), a JSON "
                               "object of options, or a model";

static void read_text(km_host *host, km_what *what, sqlite3_value *value, int query) {
  const char *text = (const char *)sqlite3_value_text(value);
  size_t bytes = (size_t)sqlite3_value_bytes(value);
  if (!text) {
    km_fail_status(host, KM_NOMEM);
  } else if (!strchr(text, '{')) {
    km_fail(host, SQLITE_ERROR, "%s, not '%!.40s'", expected, text);
  } else if (km_json_has_centroids(host, text, bytes)) {
    what->model = km_model_read(host, text, bytes);
    if (host->code == SQLITE_OK && what->options.picture) {
      km_picture_options_of_model(host, what->options.picture, text, bytes);
    }
  } else {
    km_options_read(host, &what->options, query ? KM_SCOPE_QUERY : KM_SCOPE_AGGREGATE,
                    "the first argument", text, bytes);
  }
}

static void read_k(km_host *host, km_what *what, sqlite3_value *value) {
  sqlite3_int64 k = sqlite3_value_int64(value);
  if (k < 1 || k > KM_MAX_K) {
    km_fail(host, SQLITE_ERROR, "the number of clusters must be from 1 to 4294967294, not %lld", k);
  } else {
    km_options_set_k(&what->options, (size_t)k);
  }
}

static void read_all(km_host *host, km_what *what, sqlite3_value *value, sqlite3_value *options,
                     int query) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER:
    read_k(host, what, value);
    break;
  case SQLITE_TEXT:
    read_text(host, what, value, query);
    break;
  case SQLITE_NULL:
    km_fail(host, SQLITE_ERROR, "%s, not NULL", expected);
    break;
  default:
    km_fail(host, SQLITE_ERROR, "%s, not a %s", expected,
            sqlite3_value_type(value) == SQLITE_FLOAT ? "REAL" : "BLOB");
  }
  if (host->code == SQLITE_OK && options) {
    km_options_read_value(host, &what->options, what->model ? KM_SCOPE_QUERY_MODEL : KM_SCOPE_QUERY,
                          options);
  }
  if (host->code == SQLITE_OK && !what->model) {
    km_options_finish(host, &what->options);
  } else if (host->code == SQLITE_OK) {
    km_options_follow(host, &what->options, what->model);
  }
}

void km_what_read(km_host *host, km_what *what, sqlite3_value *value, sqlite3_value *options) {
  memset(what, 0, sizeof *what);
  km_options_init(&what->options);
  read_all(host, what, value, options, 1);
}

void km_what_read_picture(km_host *host, km_what *what, sqlite3_value *value,
                          km_picture_options *picture) {
  memset(what, 0, sizeof *what);
  km_options_init(&what->options);
  what->options.picture = picture;
  read_all(host, what, value, NULL, 0);
}

void km_what_clear(km_what *what, km_host *host) {
  km_options_clear(&what->options, host);
  km_transform_clear(&what->learned, &host->hooks);
  if (what->model) {
    km_model_release(what->model);
  }
}

int km_values_equal(sqlite3_value *a, sqlite3_value *b) {
  int type = sqlite3_value_type(a);
  if (type != sqlite3_value_type(b)) {
    return 0;
  }
  if (type == SQLITE_NULL) {
    return 1;
  }
  if (type == SQLITE_INTEGER) {
    return sqlite3_value_int64(a) == sqlite3_value_int64(b);
  }
  const void *left = sqlite3_value_blob(a);
  const void *right = sqlite3_value_blob(b);
  int bytes = sqlite3_value_bytes(a);
  return bytes == sqlite3_value_bytes(b) &&
         (bytes == 0 || (left && right && memcmp(left, right, (size_t)bytes) == 0));
}

void km_what_fail_too_few(km_host *host, size_t distinct, size_t k) {
  km_fail(host, SQLITE_ERROR,
          "there %s only %lld distinct point%s for %lld clusters: ask for fewer, or accept fewer "
          "with \"clamp\": true",
          distinct == 1 ? "is" : "are", (sqlite3_int64)distinct, distinct == 1 ? "" : "s",
          (sqlite3_int64)k);
}

const km_transform *km_what_transform(const km_what *what) {
  return what->model ? &what->model->transform : &what->learned;
}

km_metric km_what_metric(const km_what *what) {
  return what->model ? what->model->transform.metric : what->options.view.metric;
}

void km_what_log_nulls(const km_host *host, const km_what *what, const km_nulls_found *nulls) {
  if (host->code != SQLITE_OK) {
    return;
  }
  if (nulls->filled > 0) {
    sqlite3_log(SQLITE_WARNING, "%s: %lld row%s with a NULL coordinate filled in", host->name,
                (sqlite3_int64)nulls->filled, nulls->filled == 1 ? "" : "s");
  }
  if (nulls->skipped > 0) {
    int cosine = km_what_metric(what) == KM_COSINE;
    sqlite3_log(SQLITE_WARNING, "%s: %lld row%s with a NULL coordinate%s skipped", host->name,
                (sqlite3_int64)nulls->skipped, nulls->skipped == 1 ? "" : "s",
                cosine ? " or of length 0" : "");
  }
}

void km_what_log_end(const km_host *host, const km_what *what, const km_result *result) {
  if (!what->model && !result->converged) {
    sqlite3_log(SQLITE_WARNING, "%s: no convergence after %lld iterations: raise \"max_iter\"",
                host->name, (sqlite3_int64)result->iterations);
  }
  if (!what->model && result->k < what->options.params.k) {
    sqlite3_log(SQLITE_WARNING, "%s: only %lld distinct point%s: %lld cluster%s instead of %lld",
                host->name, (sqlite3_int64)result->distinct, result->distinct == 1 ? "" : "s",
                (sqlite3_int64)result->k, result->k == 1 ? "" : "s",
                (sqlite3_int64)what->options.params.k);
  }
}

size_t km_what_argument(const km_what *what, size_t column) {
  size_t weight = what->options.weight_argument;
  return column + 2 + (weight > 0 && column + 1 >= weight);
}

/* Coordinate `at` is NULL in all rows. */
static void refuse_empty(km_host *host, const km_what *what, const km_input *input, size_t at) {
  size_t column = 0;
  while (km_categories_any(input->categories) && column + 1 < input->categories->columns &&
         input->categories->values[column + 1].first <= at) {
    column++;
  }
  column = km_categories_any(input->categories) ? column : at;
  km_refuse_empty(host, input->names, input->names ? column : km_what_argument(what, column),
                  km_dataset_weighted(input->data));
}

void km_what_see(km_host *host, km_what *what, const km_input *input) {
  km_status status = KM_OK;
  size_t at = 0;
  if (!what->model && km_categories_any(input->categories)) {
    km_init_place(host, &what->options, input->categories);
  }
  if (host->code != SQLITE_OK) {
    return;
  }
  if (!what->model) {
    km_transform_clear(&what->learned, &host->hooks);
    what->options.view.is_code = input->categories ? input->categories->is_code : NULL;
    status =
        km_transform_learn(&what->learned, &what->options.view, input->data, &host->hooks, &at);
  }
  if (status == KM_OK) {
    status = km_dataset_see(input->data, &host->hooks, km_what_transform(what), &at);
  }
  if (status == KM_NO_VALUE) {
    refuse_empty(host, what, input, at);
  } else if (status == KM_NO_DIRECTION) { /* all others were looked at as they were read */
    km_fail(host, SQLITE_ERROR, "row %lld: filled in, it is a zero vector and has no direction",
            (sqlite3_int64)at + 1);
  }
  km_fail_status(host, status);
}

/* The error of a fit, which found so many distinct points. */
static void fail_fit(km_host *host, const km_what *what, km_status status, size_t distinct) {
  if (status == KM_TOO_FEW) {
    km_what_fail_too_few(host, distinct, what->options.params.k);
  }
  km_fail_status(host, status);
}

void km_what_fit(km_host *host, km_what *what, const km_input *input, km_result *result) {
  km_status status = KM_OK;
  km_what_see(host, what, input);
  if (host->code == SQLITE_OK && what->model) {
    status = km_apply(input->data, what->model->centroids, what->model->k,
                      what->options.params.threads, &host->hooks, result);
    result->converged = 1;
  } else if (host->code == SQLITE_OK) {
    status = km_fit(input->data, &what->options.params, &host->hooks, result);
  }
  fail_fit(host, what, status, result->distinct);
  km_what_log_nulls(host, what, &input->nulls);
  if (host->code == SQLITE_OK) {
    km_what_log_end(host, what, result);
  }
}

void km_what_trace(km_host *host, km_what *what, const km_input *input, km_trace *trace) {
  km_status status = KM_OK;
  km_what_see(host, what, input);
  if (host->code == SQLITE_OK) {
    status = km_trace_begin(trace, input->data, &what->options.params, &host->hooks);
  }
  fail_fit(host, what, status, trace->result.distinct);
  km_what_log_nulls(host, what, &input->nulls);
}

double *km_what_moments(km_host *host, const km_dataset *data) {
  double *moments = km_host_allocate(host, data->dims, 2 * sizeof *moments);
  if (moments) {
    km_fail_status(host, km_moments(data, &host->hooks, moments, moments + data->dims));
  }
  if (moments && host->code != SQLITE_OK) {
    km_host_release(host, moments);
    moments = NULL;
  }
  return moments;
}
