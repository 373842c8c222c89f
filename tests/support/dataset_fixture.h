/* A dataset and its host, anew for each test. */
#ifndef KM_TESTS_DATASET_FIXTURE_H
#define KM_TESTS_DATASET_FIXTURE_H

#include "core/dataset.h"
#include "core_hooks.h"

extern core_hooks host;
extern km_dataset data;

/* For cmocka: an empty dataset of two columns of doubles. */
int dataset_setup(void **state);

/* For cmocka: drops it; nothing else may be left of the host's memory. */
int dataset_teardown(void **state);

#endif
