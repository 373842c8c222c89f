/* Arithmetic with twice the precision of double: a value is the unevaluated sum high + low, with
** |low| at most half a unit in the last place of high (Dekker 1971; Knuth, The Art of Computer
** Programming 2, 4.2.2). Relative errors are a few times 2^-104. No fused multiply-add is needed:
** the bits are the same on every machine. Operands stay below 2^990 in magnitude.
*/
#ifndef KM_CORE_TWICE_H
#define KM_CORE_TWICE_H

typedef struct km_twice {
  double high;
  double low;
} km_twice;

/* a + b, exactly. */
static inline km_twice km_twice_sum(double a, double b) {
  double total = a + b;
  double part = total - a;
  return (km_twice){total, (a - (total - part)) + (b - part)};
}

/* a * b, exactly unless it underflows: Veltkamp splits each factor into halves of 26 bits. */
static inline km_twice km_twice_product(double a, double b) {
  double a_shifted = a * 134217729.0; /* 2^27 + 1 */
  double b_shifted = b * 134217729.0;
  double a_high = a_shifted - (a_shifted - a);
  double b_high = b_shifted - (b_shifted - b);
  double a_low = a - a_high;
  double b_low = b - b_high;
  double product = a * b;
  double low = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
  return (km_twice){product, low};
}

static inline km_twice km_twice_add(km_twice a, km_twice b) {
  km_twice high = km_twice_sum(a.high, b.high);
  km_twice low = km_twice_sum(a.low, b.low);
  high = km_twice_sum(high.high, high.low + low.high);
  return km_twice_sum(high.high, high.low + low.low);
}

static inline km_twice km_twice_subtract(km_twice a, km_twice b) {
  return km_twice_add(a, (km_twice){-b.high, -b.low});
}

static inline km_twice km_twice_multiply(km_twice a, km_twice b) {
  km_twice product = km_twice_product(a.high, b.high);
  return km_twice_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/* a / b for b that is not 0. */
static inline km_twice km_twice_divide(km_twice a, double b) {
  double quotient = a.high / b;
  km_twice back = km_twice_product(quotient, b);
  double rest = ((a.high - back.high) - back.low) + a.low;
  return km_twice_sum(quotient, rest / b);
}

static inline int km_twice_less(km_twice a, km_twice b) {
  return a.high != b.high ? a.high < b.high : a.low < b.low;
}

#endif
