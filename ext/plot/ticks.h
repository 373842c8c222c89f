/* Round numbers on an axis, and how to write them.
**
** Steps are 1, 2 or 5 times a power of ten (P. Heckbert: Nice numbers for graph labels. Graphics Gems,
** 1990). A tick is a whole number of steps, and its label is made from that whole number, never from a
** rounded double: so labels are exact, and two ticks never read the same. Where labels would be long,
** the axis carries what they have in common, a power of ten to multiply them with and a number to add:
**
**     1.70000001e9 .. 1.70000002e9    2  4  6  8    + 1 700 000 010
**     1e-300 .. 9e-300                2  4  6  8    x 10^-300
*/
#ifndef KM_PLOT_TICKS_H
#define KM_PLOT_TICKS_H

#include <stddef.h>
#include <stdint.h>

#define KM_MAX_TICKS 24
#define KM_LABEL_BYTES 64

typedef struct km_ticks {
  size_t count;
  double at[KM_MAX_TICKS]; /* in the units of the axis, rising */
  char label[KM_MAX_TICKS][KM_LABEL_BYTES];
  char note[2 * KM_LABEL_BYTES]; /* what the labels have in common; often empty */
  int exponent;                  /* a tick is a whole number times 10^exponent */
  int factor;                    /* a label is to be multiplied with 10^factor, then */
  int64_t offset;                /* this times 10^exponent is to be added */
} km_ticks;

/* Finds about `wanted` >= 2 ticks within [low, high]: finite, low < high, and apart by at least 16 times
** the spacing of doubles at the larger magnitude (see km_axis_widen). */
void km_ticks_find(km_ticks *ticks, double low, double high, size_t wanted);

/* Writes another number of the same axis as its ticks are, to `places` more decimal places. */
void km_ticks_label(const km_ticks *ticks, double number, int places, char label[KM_LABEL_BYTES]);

/* Writes a number on its own, to so many significant digits (at most 15), without trailing zeros. */
void km_number_label(double number, int digits, char label[KM_LABEL_BYTES]);

/* Writes a whole number, with thin spaces between groups of three where it has five digits or more. */
void km_count_label(size_t count, char label[KM_LABEL_BYTES]);

/* Makes a range that km_ticks_find can work with of any two finite numbers, low <= high; room: which
** part of its length is added at either end. */
void km_axis_widen(double *low, double *high, double room);

#endif
