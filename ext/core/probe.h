/* Points whose bounds do not hold, measured against their own centroids and scored with the groups that are
** in question; private to bounds.c.
*/
#ifndef KM_CORE_PROBE_H
#define KM_CORE_PROBE_H

#include "core/grouped.h"

/* The strictness of upper < lower. */
#define KM_SLACK (1 + 0x1p-20f)

/* Up to 8 points whose stored bounds do not hold, measured against their own centroids. */
typedef struct km_suspects {
  size_t count;
  size_t row[KM_PANEL];
  uint32_t own[KM_PANEL];
  float upper[KM_PANEL];
  km_measure measure;
} km_suspects;

/* Measures `count` rows against their own centroids; the bench's rows from its slots on are written over. */
void km_probe_measure(const km_grouped *grouped, km_bench *bench, km_suspects *some);

/* Tightens the upper bounds of the suspects, and where that is not enough, puts them on the lists of
** the groups in question. */
void km_probe_examine(km_grouped *grouped, km_bench *bench, km_suspects *some);

/* Empties all lists and all slots: the suspects have their places. */
void km_probe_flush(km_grouped *grouped, km_bench *bench);

/* Whether a centroid of a group may be as near to a row as one at a distance of at most `upper`; `lower`
** is the row's bound for the first group. */
static inline int km_probe_asks(const km_grouped *grouped, const float *lower, size_t group,
                                float upper) {
  return !(lower[group * KM_PANEL] > (upper + grouped->strayed_up[group]) * KM_SLACK);
}

#endif
