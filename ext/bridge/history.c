#include "bridge/history.h"

#include <string.h>

/* Keeps what there is to see. The last of it is the end of the fit. */
static void keep(km_host *host, const km_what *what, km_history *history) {
  const km_result *result = &history->trace.result;
  for (size_t c = 0; c < history->k && host->code == SQLITE_OK; c++) {
    km_moment *moment = km_host_push(host, &history->moments);
    if (!moment) {
      return;
    }
    moment->size = result->sizes[c];
    moment->moved = history->trace.moved[c];
    moment->weight = result->weights[c];
    moment->inertia = result->inertias[c];
    moment->shift = history->trace.shift[c];
    memcpy(moment->centroid, result->restored + c * history->dims,
           history->dims * sizeof *moment->centroid);
  }
  history->done = history->trace.done;
  if (history->done) {
    km_what_log_end(host, what, result);
    km_trace_end(&history->trace);
  }
}

void km_history_begin(km_host *host, km_what *what, const km_input *input, km_history *history) {
  km_what_trace(host, what, input, &history->trace);
  if (host->code == SQLITE_OK) {
    history->k = history->trace.result.k;
    history->dims = input->data->dims;
    km_chunks_init(&history->moments, sizeof(km_moment) + history->dims * sizeof(double));
    keep(host, what, history);
  }
}

void km_history_next(km_host *host, const km_what *what, km_history *history) {
  km_fail_status(host, km_trace_next(&history->trace));
  if (host->code == SQLITE_OK) {
    keep(host, what, history);
  }
}

void km_history_clear(km_history *history, km_host *host) {
  km_trace_end(&history->trace);
  km_chunks_clear(&history->moments, &host->hooks);
}
