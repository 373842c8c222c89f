/* Sums that do not depend on the order of their terms.
**
** A plain double sum rounds at every step, so that the same points in another order, or added by
** another engine or thread, give another centroid in its last bits, and labels on a boundary flip.
** Here the rounding error of each addition is kept (TwoSum: Knuth, The Art of Computer Programming
** 2, 4.2.2; cascaded summation: Ogita, Rump & Oishi 2005, Sum2): the result has about 106 bits
** before it is rounded once to 53.
*/
#ifndef KM_SIMD_SUM_H
#define KM_SIMD_SUM_H

#include <math.h>
#include <stddef.h>

/* Where doubles are computed in more than double precision, as by the x87, none of this is exact. */
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
#error "doubles must be computed as doubles: for 32-bit x86, compile with -msse2 -mfpmath=sse"
#endif

typedef struct km_sum {
  double high;
  double low;
} km_sum;

static inline void km_sum_add(km_sum *sum, double term) {
  double total = sum->high + term;
  double part = total - sum->high;
  sum->low += (sum->high - (total - part)) + (term - part);
  sum->high = total;
}

/* Adds a * b, exactly but for the sum's own rounding: the product and what it was rounded by. */
static inline void km_sum_add_product(km_sum *sum, double a, double b) {
  double product = a * b;
  km_sum_add(sum, product);
  sum->low += fma(a, b, -product);
}

static inline void km_sum_merge(km_sum *sum, const km_sum *other) {
  km_sum_add(sum, other->high);
  sum->low += other->low;
}

static inline double km_sum_value(const km_sum *sum) {
  return sum->high + sum->low;
}

/* The sum divided by the sum of the weights of its terms, or by their number, rounded once: a quotient, and
** a correction by its exact remainder. So the mean of equal terms is that term. */
static inline double km_sum_ratio(const km_sum *sum, const km_sum *weight) {
  double n = km_sum_value(weight);
  double quotient = km_sum_value(sum) / n;
  double remainder = fma(-quotient, weight->high, sum->high) + (sum->low - quotient * weight->low);
  return quotient + remainder / n;
}

#endif
