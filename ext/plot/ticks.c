#include "plot/ticks.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define THIN_SPACE "\xE2\x80\x89"
#define MINUS "\xE2\x88\x92"
#define TIMES "\xC3\x97"

/* More significant digits than this are an offset's; more whole or decimal places, a factor's. */
#define MAX_DIGITS 6
#define MAX_WHOLE 6
#define MAX_PLACES 5

/* number * 10^exponent, rounded at most three times; for the range of exponents that doubles have. */
static double scale10(double number, int exponent) {
  static const double small[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  static const double large[] = {1e0, 1e16, 1e32, 1e48, 1e64, 1e80, 1e96, 1e112, 1e128, 1e144};
  int rest = exponent < 0 ? -exponent : exponent;
  while (rest > 0) {
    int step = rest > 150 ? 150 : rest;
    double power = small[step % 16] * large[step / 16];
    number = exponent < 0 ? number / power : number * power;
    rest -= step;
  }
  return number;
}

/* The power of ten of the first digit of a positive number. */
static int first_place(double number) {
  int place = (int)floor(log10(number)) + 1; /* or one beside: logarithms are rounded */
  while (scale10(number, -place) < 1) {
    place--;
  }
  return place;
}

static size_t append(char *text, size_t room, const char *more) {
  size_t length = strlen(text);
  size_t bytes = strlen(more);
  if (length + bytes < room) {
    memcpy(text + length, more, bytes + 1);
  }
  return length;
}

static int digits_of(int64_t number) {
  int digits = 1;
  for (; number > 9 || number < -9; number /= 10) {
    digits++;
  }
  return digits;
}

/* Appends number * 10^exponent in plain digits, grouped. */
static void append_plain(char *text, size_t room, int64_t number, int exponent) {
  char digits[400] = "";
  uint64_t magnitude = number < 0 ? (uint64_t)(-(number + 1)) + 1 : (uint64_t)number;
  char reversed[24];
  size_t length = 0;
  do {
    reversed[length++] = (char)('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude);
  size_t count = 0;
  int places = exponent < 0 ? -exponent : 0;
  for (int i = (int)length; i <= places; i++) {
    digits[count++] = '0';
  }
  while (length > 0) {
    digits[count++] = reversed[--length];
  }
  for (int i = 0; i < exponent && number != 0; i++) {
    digits[count++] = '0';
  }
  size_t whole = count - (size_t)places;
  append(text, room, number < 0 ? MINUS : "");
  for (size_t i = 0; i < count; i++) {
    char digit[2] = {digits[i], 0};
    if (i == whole) {
      append(text, room, ".");
    } else if (i > 0 && i < whole && whole > 4 && (whole - i) % 3 == 0) {
      append(text, room, THIN_SPACE);
    }
    append(text, room, digit);
  }
}

/* Appends "10" and an exponent above it. */
static void append_power(char *text, size_t room, int exponent) {
  static const char *const raised[] = {
      "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",     "\xE2\x81\xB4",
      "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"};
  append(text, room, exponent < 0 ? "10\xE2\x81\xBB" : "10");
  int magnitude = exponent < 0 ? -exponent : exponent;
  for (int unit = magnitude > 99 ? 100 : magnitude > 9 ? 10 : 1; unit > 0; unit /= 10) {
    append(text, room, raised[magnitude / unit % 10]);
  }
}

/* Appends number * 10^exponent, plain if it has so many whole digits at most, or else in scientific
** notation. */
static void append_number(char *text, size_t room, int64_t number, int exponent, int most_whole) {
  while (number != 0 && number % 10 == 0) {
    number /= 10;
    exponent++;
  }
  int whole = digits_of(number) + exponent;
  if (number == 0 || (whole <= most_whole && whole > -MAX_PLACES && exponent >= -15)) {
    append_plain(text, room, number, number == 0 ? 0 : exponent);
    return;
  }
  append_plain(text, room, number, 1 - digits_of(number));
  append(text, room, TIMES);
  append_power(text, room, whole - 1);
}

/* How many zeros all the whole numbers end with. */
static int common_zeros(const int64_t *number, size_t count) {
  int zeros = 18;
  int any = 0;
  for (size_t i = 0; i < count; i++) {
    int own = 0;
    int64_t n = number[i];
    if (n != 0) {
      for (; n % 10 == 0; n /= 10) {
        own++;
      }
      zeros = own < zeros ? own : zeros;
      any = 1;
    }
  }
  return any ? zeros : 0;
}

static int64_t largest(const int64_t *number, size_t count) {
  int64_t most = 0;
  for (size_t i = 0; i < count; i++) {
    int64_t magnitude = number[i] < 0 ? -number[i] : number[i];
    most = magnitude > most ? magnitude : most;
  }
  return most;
}

/* Labels the ticks, which are number[i] * 10^exponent. */
static void write_labels(km_ticks *ticks, int64_t *number) {
  size_t count = ticks->count;
  int zeros = common_zeros(number, count);
  ticks->offset = 0;
  if (digits_of(largest(number, count)) - zeros > MAX_DIGITS) {
    int64_t unit = 1;
    int64_t span = number[count - 1] - number[0];
    while (unit <= span) {
      unit *= 10;
    }
    ticks->offset = number[0] / unit * unit - (number[0] % unit < 0 ? unit : 0);
    for (size_t i = 0; i < count; i++) {
      number[i] -= ticks->offset;
    }
    zeros = common_zeros(number, count);
  }
  int whole = digits_of(largest(number, count)) + ticks->exponent;
  int places = -(ticks->exponent + zeros);
  ticks->factor = whole > MAX_WHOLE || places > MAX_PLACES ? whole - 1 : 0;
  int64_t unit = 1;
  for (int i = 0; i < zeros; i++) {
    unit *= 10;
  }
  for (size_t i = 0; i < count; i++) {
    ticks->label[i][0] = 0;
    append_plain(ticks->label[i], KM_LABEL_BYTES, number[i] / unit,
                 ticks->exponent + zeros - ticks->factor);
  }
  ticks->note[0] = 0;
  if (ticks->factor) {
    append(ticks->note, sizeof ticks->note, TIMES THIN_SPACE);
    append_power(ticks->note, sizeof ticks->note, ticks->factor);
  }
  if (ticks->offset) {
    append(ticks->note, sizeof ticks->note, ticks->factor ? " " : "");
    append(ticks->note, sizeof ticks->note, ticks->offset < 0 ? MINUS THIN_SPACE : "+" THIN_SPACE);
    append_number(ticks->note, sizeof ticks->note,
                  ticks->offset < 0 ? -ticks->offset : ticks->offset, ticks->exponent, 15);
  }
}

/* Fills the ticks and the whole numbers that they are. */
static void find(km_ticks *ticks, double low, double high, size_t wanted, int64_t *number) {
  static const int nice[] = {1, 2, 5, 10};
  double rough = high / (double)(wanted - 1) - low / (double)(wanted - 1);
  ticks->exponent = first_place(rough);
  double mantissa = scale10(rough, -ticks->exponent);
  int multiple = nice[(mantissa >= 1.5) + (mantissa >= 3) + (mantissa >= 7)];
  double first = ceil(scale10(low, -ticks->exponent) / multiple - 1e-9);
  double last = floor(scale10(high, -ticks->exponent) / multiple + 1e-9);
  ticks->count = 0;
  for (double i = first; i <= last && ticks->count < KM_MAX_TICKS; i++) {
    number[ticks->count] = (int64_t)i * multiple;
    ticks->at[ticks->count] = scale10((double)number[ticks->count], ticks->exponent);
    ticks->count++;
  }
}

void km_ticks_find(km_ticks *ticks, double low, double high, size_t wanted) {
  int64_t number[KM_MAX_TICKS];
  wanted = wanted < 2 ? 2 : wanted > KM_MAX_TICKS / 2 ? KM_MAX_TICKS / 2 : wanted;
  do {
    find(ticks, low, high, wanted++, number);
  } while (ticks->count < 2); /* one alone says nothing about the scale */
  write_labels(ticks, number);
}

void km_ticks_label(const km_ticks *ticks, double number, int places, char label[KM_LABEL_BYTES]) {
  int exponent = ticks->exponent - places;
  double rest = number - scale10((double)ticks->offset, ticks->exponent);
  label[0] = 0;
  append_plain(label, KM_LABEL_BYTES, (int64_t)floor(scale10(rest, -exponent) + 0.5),
               exponent - ticks->factor);
}

void km_number_label(double number, int digits, char label[KM_LABEL_BYTES]) {
  label[0] = 0;
  if (!isfinite(number)) {
    append(label, KM_LABEL_BYTES, number < 0 ? MINUS "\xE2\x88\x9E" : "\xE2\x88\x9E");
    return;
  }
  int exponent = number == 0 ? 0 : first_place(fabs(number)) - digits + 1;
  append_number(label, KM_LABEL_BYTES, (int64_t)floor(scale10(number, -exponent) + 0.5), exponent,
                7);
}

void km_count_label(size_t count, char label[KM_LABEL_BYTES]) {
  label[0] = 0;
  append_plain(label, KM_LABEL_BYTES, (int64_t)count, 0);
}

void km_axis_widen(double *low, double *high, double room) {
  double most = fmax(fabs(*low), fabs(*high));
  double least = fmax(most * (32 * DBL_EPSILON), 64 * DBL_MIN);
  double length = *high - *low;
  if (length == 0) {
    least = most > 1e-290 ? most / 5 : 2;
  }
  if (length < least) {
    double middle = *low + length / 2;
    *low = middle - least / 2;
    *high = middle + least / 2;
    length = least;
  }
  *low -= length * room;
  *high += length * room;
}
