/* The points that are drawn: all, or a sample stratified by cluster. */
#ifndef KM_PLOT_STRATA_H
#define KM_PLOT_STRATA_H

#include "core/fit.h"

typedef struct km_strata {
  size_t count;  /* points drawn */
  size_t *row;   /* count row numbers, by cluster, and in order within each */
  size_t *first; /* k + 1: the rows of cluster c are row[first[c]] .. row[first[c + 1] - 1] */
} km_strata;

/* Chooses at most `most` of the result's points. Where there are more, every cluster keeps about its
** share, and one point at least if there is room for that; which, is drawn with a fixed seed (D. Knuth:
** The Art of Computer Programming 2, 3.4.2, Algorithm S). On any status km_strata_clear is due. */
km_status km_strata_draw(km_strata *strata, const km_result *result, size_t most, km_hooks *hooks);
void km_strata_clear(km_strata *strata, km_hooks *hooks);

#endif
