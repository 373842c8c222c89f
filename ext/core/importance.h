/* How much each row matters to a sample (Bachem, Lucic & Krause 2018, "Scalable k-means clustering via lightweight
** coresets").
**
** Of money, counts or anything else with a heavy tail, a few rows make up most of the inertia. A sample drawn evenly
** has them or has not, and says nothing about them either way. So a row far from the middle of the data is
** drawn more often, and counts for less where it is. All others are as likely as each other; where no row is far,
** that is all of them.
**
** Far is what alone has more of the inertia about the middle than a row of the sample stands for, and many times the
** mean.
*/
#ifndef KM_CORE_IMPORTANCE_H
#define KM_CORE_IMPORTANCE_H

#include "core/blocks.h"

typedef struct km_importance {
  km_blocks *blocks; /* borrowed */
  double *middle;    /* dims: the mean of some rows */
  double share;      /* of the inertia about the middle: more of it makes a row far */
  double most;  /* the most that a row matters: twice a row of the sample, so it is hardly missed */
  double total; /* how much all rows matter; their number where none is far */
} km_importance;

/* Looks at all rows of the data, of which `count` are to be drawn; where that is all of them, none matters more.
** On any status km_importance_clear is due. */
km_status km_importance_init(km_importance *importance, km_blocks *blocks, size_t count);
void km_importance_clear(km_importance *importance);

/* How much row i matters: from 1 to `most`. */
double km_importance_of(const km_importance *importance, size_t i);

/* Whether some rows matter more than others. */
static inline int km_importance_differs(const km_importance *importance) {
  return importance->total > (double)importance->blocks->data->rows.count;
}

#endif
