/* The points of the one-dimensional solver: values in ascending order, and what is known about all
** that come before each. Private to line.c and line_points.c. */
#ifndef KM_CORE_LINE_POINTS_H
#define KM_CORE_LINE_POINTS_H

#include <stdint.h>

#include "core/dataset.h"
#include "core/twice.h"

/* What is known before value i of the distinct values in ascending order: the sums over the values
** 0..i-1, of weights, weighted values and weighted squares, in units, relative to the median. */
typedef struct km_line_position {
  double weight;
  km_twice sum;
  km_twice square;
  km_twice best;   /* the cost of the cheapest path to here */
  uint32_t parent; /* where its last step starts: a stop */
  uint32_t steps;  /* how many steps it has */
} km_line_position;

typedef struct km_line_points {
  km_hooks *hooks;
  double unit;
  km_chunks values; /* double, sorted, with duplicates; with weights, pairs of value and weight */
  double
      weight_unit; /* what the weights of the pairs are multiplied by to be whole numbers; 0 without */
  km_chunks ends;      /* with weights, size_t: how many values come before a position */
  km_chunks positions; /* km_line_position, one more than there are distinct values */
} km_line_points;

/* Reads and sorts the values of data, which has one column, and sums them up, each times unit; on any
** status km_line_points_clear is due. */
km_status km_line_points_init(km_line_points *points, const km_dataset *data, km_hooks *hooks,
                              double unit);
void km_line_points_clear(km_line_points *points);

static inline int km_line_weighted(const km_line_points *points) {
  return points->weight_unit > 0;
}

/* Value i, in ascending order. */
static inline double km_line_value(const km_line_points *points, size_t i) {
  return *(const double *)km_chunks_at(&points->values, i);
}

#endif
