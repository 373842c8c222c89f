/* What kind of pass comes next. A model of their costs, in counts of what there is to do, says what is
** cheaper: so the choice, like the labels, does not depend on the clock or on the threads. */
#include <math.h>

#include "core/grouped.h"

/* How often all rows are brought into floats before they are copied: that costs as much. */
#define COPY_AFTER 16

/* Dense passes between two that write bounds, at most; and how often bounds may be in vain before there are
** any: where a few passes do all, the summary can go by the bounds of the last one. */
#define MOST_WAITING 4
#define PATIENCE 2

/* What passes cost, in nanoseconds a point: from measurements on one processor; others differ by what all
** have in common. */
static double dense_cost(const km_grouped *grouped) {
  double d = (double)grouped->narrow.dims;
  double lanes = (double)(grouped->narrow.panels * KM_PANEL);
  return 4.6 + 0.22 * d + lanes * (1.3 + 0.39 * d) / (double)grouped->narrow.kernels->tile;
}

/* How much more a dense pass costs that writes bounds. */
static double writing_cost(const km_grouped *grouped) {
  return 4 + 0.5 * (double)grouped->groups;
}

/* *ranks: rows that fail their bounds had better be ranked than probed. */
static double bounds_cost(km_grouped *grouped, int *ranks) {
  double d = (double)grouped->narrow.dims;
  double groups = (double)grouped->groups;
  double group = (double)(grouped->group_panels * KM_PANEL);
  double failed;
  double probes;
  km_bounds_sample(grouped, &failed, &probes);
  double probing = failed * (29 + 3.2 * groups + 0.17 * d) + probes * (15 + 0.032 * group * d);
  double ranking = failed * (12 + dense_cost(grouped) + 1.5 * groups + 0.3 * d);
  *ranks = ranking < probing;
  return 1.2 + 0.11 * groups + fmin(ranking, probing);
}

/* Whether bounds are worth a pass; sets what is done with the rows that fail them. They are not, either, when
** since they were last written they have cost more than they then did by as much as it costs to write them
** anew. */
static int bounds_pay(km_grouped *grouped) {
  double dense = dense_cost(grouped);
  double bounds = bounds_cost(grouped, &grouped->ranks);
  grouped->cheapest = fmin(grouped->cheapest, bounds);
  grouped->excess += bounds - grouped->cheapest;
  int pay = bounds < dense && grouped->excess < dense + writing_cost(grouped);
  grouped->saved += pay ? dense - bounds : 0;
  return pay;
}

/* Whether this pass is to use the bounds. Where they have not saved what it took to write them, time and
** again, as when many points lie between few clusters, that is tried less often. */
int km_grouped_uses_bounds(km_grouped *grouped) {
  if (!grouped->valid || !grouped->narrow.usable) {
    return 0;
  }
  if (grouped->engine->type == &km_engine_bounds) {
    /* Whoever asks for it compares: it does the one and the other by turns. */
    grouped->ranks = !grouped->ranks;
    return 1;
  }
  if (bounds_pay(grouped)) {
    return 1;
  }
  if (grouped->saved < writing_cost(grouped)) {
    grouped->vain++;
    grouped->waiting = grouped->vain > PATIENCE ? grouped->vain - PATIENCE : 0;
    grouped->waiting = grouped->waiting < MOST_WAITING ? grouped->waiting : MOST_WAITING;
  } else {
    grouped->vain = 0;
  }
  return 0;
}

/* Whether a dense pass is to write bounds. */
int km_grouped_writes(km_grouped *grouped) {
  if (grouped->waiting > 0) {
    grouped->waiting--;
    return 0;
  }
  return 1;
}

/* Rows are brought into floats whenever they are looked at. Where that goes on for long, as on data
** without clusters, a copy pays, which is made in the course of a dense pass. A summary is the last one. */
km_status km_grouped_copy(km_grouped *grouped) {
  int goes_on = grouped->moves.blocks != NULL;
  return goes_on && grouped->converted / grouped->n >= COPY_AFTER ? km_narrow_copy(&grouped->narrow)
                                                                  : KM_OK;
}
