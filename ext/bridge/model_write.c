#include <string.h>

#include "bridge/json.h"
#include "bridge/model.h"
#include "bridge/number.h"

static void append_number(sqlite3_str *out, double number) {
  char text[KM_NUMBER_BYTES];
  sqlite3_str_append(out, text, km_number_write(number, text));
}

static void append_columns(sqlite3_str *out, const char *names, size_t count) {
  sqlite3_str_appendall(out, ",\"columns\":");
  for (size_t j = 0; j < count; j++, names += strlen(names) + 1) {
    sqlite3_str_appendchar(out, 1, j ? ',' : '[');
    km_json_append_string(out, names);
  }
  sqlite3_str_appendchar(out, 1, ']');
}

char *km_model_write(km_host *host, const km_result *result, const km_model_facts *facts,
                     size_t *bytes) {
  sqlite3_str *out = sqlite3_str_new(host->db);
  sqlite3_str_appendf(out, "{\"type\":\"kmeans\",\"version\":1,\"k\":%lld,\"dims\":%lld",
                      (sqlite3_int64)result->k, (sqlite3_int64)result->dims);
  if (facts->columns) {
    append_columns(out, facts->columns, facts->inputs);
  }
  km_model_write_categories(out, facts->categories);
  if (facts->dtype == KM_DTYPE_FLOAT64) {
    sqlite3_str_appendall(out, ",\"dtype\":\"float64\"");
  }
  sqlite3_str_appendf(out, ",\"metric\":\"%s\"",
                      facts->transform->metric == KM_COSINE ? "cosine" : "euclidean");
  km_model_write_scale(out, facts->transform, result->dims);
  if (facts->transform->impute) {
    sqlite3_str_appendall(out, ",\"impute\":");
    km_numbers_append(out, facts->transform->impute, result->dims);
  }
  sqlite3_str_appendall(out, ",\"centroids\":");
  for (size_t c = 0; c < result->k; c++) {
    sqlite3_str_appendchar(out, 1, c ? ',' : '[');
    km_numbers_append(out, result->restored + c * result->dims, result->dims);
  }
  sqlite3_str_appendall(out, "],\"sizes\":");
  for (size_t c = 0; c < result->k; c++) {
    sqlite3_str_appendf(out, "%c%lld", c ? ',' : '[', (sqlite3_int64)result->sizes[c]);
  }
  sqlite3_str_appendchar(out, 1, ']');
  if (facts->weighted) {
    sqlite3_str_appendall(out, ",\"weights\":");
    km_numbers_append(out, result->weights, result->k);
  }
  sqlite3_str_appendall(out, ",\"inertias\":");
  km_numbers_append(out, result->inertias, result->k);
  sqlite3_str_appendall(out, ",\"radii\":");
  km_numbers_append(out, result->radii, result->k);
  sqlite3_str_appendall(out, ",\"inertia\":");
  append_number(out, result->inertia);
  sqlite3_str_appendf(out, ",\"iterations\":%lld,\"converged\":%s,\"n\":%lld,\"skipped\":%lld",
                      (sqlite3_int64)result->iterations, result->converged ? "true" : "false",
                      (sqlite3_int64)facts->n, (sqlite3_int64)facts->skipped);
  if (facts->transform->impute) {
    sqlite3_str_appendf(out, ",\"imputed\":%lld", (sqlite3_int64)facts->filled);
  }
  if (facts->moments) {
    sqlite3_str_appendall(out, ",\"means\":");
    km_numbers_append(out, facts->moments, result->dims);
    sqlite3_str_appendall(out, ",\"deviations\":");
    km_numbers_append(out, facts->moments + result->dims, result->dims);
  }
  sqlite3_str_appendf(out, ",\"seed\":%lld}", facts->seed);
  int rc = sqlite3_str_errcode(out);
  *bytes = (size_t)sqlite3_str_length(out);
  char *text = sqlite3_str_finish(out);
  if (rc == SQLITE_TOOBIG) {
    km_fail(host, rc, "the model is longer than this connection's limit on strings");
  } else if (!text) {
    km_fail_status(host, KM_NOMEM);
  }
  return text;
}
