#include "dataset_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

core_hooks host;
km_dataset data;

int dataset_setup(void **state) {
  (void)state;
  core_hooks_init(&host);
  km_dataset_init(&data, 2, KM_DOUBLE);
  return 0;
}

int dataset_teardown(void **state) {
  (void)state;
  km_dataset_clear(&data, &host.hooks);
  assert_int_equal(host.live, 0);
  return 0;
}
