#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "faults.h"
#include "points.h"

/* Fits until it succeeds, with *due, a place where a fault is due, ever further behind *now. */
static void fail_further(core_hooks *host, const km_dataset *data, const km_params *params,
                         const size_t *now, size_t *due, km_status fault) {
  km_status status = fault;
  size_t live = host->live;
  for (size_t n = 1; status != KM_OK; n += points_stride()) {
    km_result result;
    *due = *now + n;
    status = km_fit(data, params, &host->hooks, &result);
    assert_true(status == KM_OK || status == fault);
    km_result_clear(&result, &host->hooks);
    assert_int_equal(host->live, live);
  }
  *due = 0;
}

void check_fit_faults(core_hooks *host, const km_dataset *data, const km_params *params) {
  fail_further(host, data, params, &host->allocations, &host->fail_at, KM_NOMEM);
  fail_further(host, data, params, &host->polls, &host->cancel_at, KM_CANCELLED);
}
