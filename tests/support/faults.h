/* Faults in fits. */
#ifndef KM_TESTS_FAULTS_H
#define KM_TESTS_FAULTS_H

#include "core/fit.h"
#include "core_hooks.h"

/* Every allocation of a fit fails once; every question whether to go on is answered no once (some of them, where
** everything is slow): the status says so, and nothing leaks. */
void check_fit_faults(core_hooks *host, const km_dataset *data, const km_params *params);

#endif
