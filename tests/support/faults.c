#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "faults.h"
#include "points.h"

void check_fit_faults(core_hooks *host, const km_dataset *data, const km_params *params) {
  km_status status = KM_NOMEM;
  km_result result;
  size_t live = host->live;
  for (size_t n = 1; status != KM_OK; n += points_stride()) {
    host->fail_at = host->allocations + n;
    status = km_fit(data, params, &host->hooks, &result);
    assert_true(status == KM_OK || status == KM_NOMEM);
    km_result_clear(&result, &host->hooks);
    assert_int_equal(host->live, live);
  }
  host->fail_at = 0;
  status = KM_CANCELLED;
  for (size_t n = 1; status != KM_OK; n += points_stride()) {
    host->cancel_at = host->polls + n;
    status = km_fit(data, params, &host->hooks, &result);
    assert_true(status == KM_OK || status == KM_CANCELLED);
    km_result_clear(&result, &host->hooks);
    assert_int_equal(host->live, live);
  }
  host->cancel_at = 0;
}
