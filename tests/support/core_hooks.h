/* Hooks for tests of the core: they count and check memory, fail or cancel when told to, and
** remember the reports.
**
** Memory comes filled with garbage and aligned to 8 bytes, not to 16: the core is promised no more.
** A block that is given back twice, or was never taken, ends the program.
*/
#ifndef KM_TESTS_CORE_HOOKS_H
#define KM_TESTS_CORE_HOOKS_H

#include "core/hooks.h"

#define CORE_HOOKS_REPORTS 4096

typedef struct core_hooks {
  km_hooks hooks;     /* what the core is given */
  size_t allocations; /* asked for so far, failed ones included */
  size_t fail_at;     /* the allocation that fails, from 1; 0: none */
  int fail_onward;    /* all later ones fail too */
  size_t most;        /* bytes: larger allocations fail; 0: any is tried */
  size_t live;        /* blocks taken and not given back */
  size_t live_bytes;
  size_t peak_bytes;
  size_t polls;     /* how often the core asked whether to go on */
  size_t cancel_at; /* the poll that is answered with no, and all after it; 0: none */
  int eager;        /* every km_tick polls, however little work was done */
  size_t report_count;
  km_report reports[CORE_HOOKS_REPORTS]; /* the first of them */
} core_hooks;

/* Hooks that never fail. The struct must not be moved while it is in use. */
void core_hooks_init(core_hooks *hooks);

/* Lets every km_tick poll from now on. */
void core_hooks_eager(core_hooks *hooks);

/* Of what is to come, lets allocation number `fault` fail; or, every km_tick polling, lets poll number
** `fault` and all after it be answered with no. */
void core_hooks_break(core_hooks *hooks, int cancel, size_t fault);

#endif
