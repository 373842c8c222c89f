#include "bridge/number.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number as it stands in the text: digits * 10^exponent, the digits being those of the text from
** the first that is not zero on, without the point. */
typedef struct decimal {
  int negative;
  uint64_t digits; /* the first 19 of them */
  int digit_count;
  int exponent;
} decimal;

/* No double needs more digits than this to be told from its neighbours, but for the fact that the
** rest is not all zeros (a 1 stands for it). */
#define MAX_DIGITS 780

/* The general case: the C library's strtod, which is exact. It is given the digits without a point,
** since which character is the point depends on the process's locale. */
static double slow_number(const decimal *number, const char *text) {
  char copy[MAX_DIGITS + 20];
  int length = 0;
  int seen = 0;
  int rest = 0;
  for (; seen < number->digit_count; text++) {
    if (*text < '0' || *text > '9' || (seen == 0 && *text == '0')) {
      continue;
    }
    if (seen++ < MAX_DIGITS) {
      copy[length++] = *text;
    } else {
      rest |= *text != '0';
    }
  }
  if (rest) {
    copy[length++] = '1';
  }
  snprintf(copy + length, sizeof copy - (size_t)length, "e%d", number->exponent + seen - length);
  return length ? strtod(copy, NULL) : 0;
}

/* Exact where both parts are exact doubles (Clinger 1990): most numbers that people write. */
static double decimal_value(const decimal *number, const char *text) {
  double value = (double)number->digits;
  if (number->digit_count > 15 || number->exponent < -22 || number->exponent > 22) {
    value = slow_number(number, text);
  } else if (number->exponent < 0) {
    value /= power_of_ten[-number->exponent];
  } else {
    value *= power_of_ten[number->exponent];
  }
  return number->negative ? -value : value;
}

static void take_digit(decimal *number, char c) {
  if (number->digit_count > 0 || c != '0') {
    number->digit_count++;
  }
  if (number->digit_count <= 19) {
    number->digits = number->digits * 10 + (uint64_t)(c - '0');
  }
}

/* The exponent part at p, if it is one; returns where it ends. */
static const char *scan_exponent(const char *p, const char *end, decimal *number) {
  const char *start = p;
  int negative = 0;
  int exponent = 0;
  if (p == end || (*p != 'e' && *p != 'E')) {
    return start;
  }
  p++;
  if (p < end && (*p == '+' || *p == '-')) {
    negative = *p++ == '-';
  }
  if (p == end || !is_digit(*p)) {
    return start;
  }
  for (; p < end && is_digit(*p); p++) {
    exponent = exponent < 10000 ? exponent * 10 + (*p - '0') : exponent;
  }
  number->exponent += negative ? -exponent : exponent;
  return p;
}

const char *km_scan_number(const char *text, const char *end, double *number) {
  decimal parts = {0, 0, 0, 0};
  const char *p = text;
  int any = 0;
  if (p < end && (*p == '+' || *p == '-')) {
    parts.negative = *p++ == '-';
  }
  for (; p < end && is_digit(*p); p++, any = 1) {
    take_digit(&parts, *p);
  }
  if (p < end && *p == '.') {
    p++;
    for (; p < end && is_digit(*p); p++, any = 1) {
      take_digit(&parts, *p);
      parts.exponent--;
    }
  }
  if (!any) {
    return NULL;
  }
  p = scan_exponent(p, end, &parts);
  *number = decimal_value(&parts, text);
  return p;
}

int km_parse_number(const char *text, size_t bytes, double *number) {
  const char *end = text + bytes;
  while (text < end && is_space(*text)) {
    text++;
  }
  while (text < end && is_space(end[-1])) {
    end--;
  }
  return km_scan_number(text, end, number) == end;
}

km_number km_number_read_any(sqlite3_value *value, double *number) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER:
    *number = (double)sqlite3_value_int64(value);
    return KM_NUMBER_OK;
  case SQLITE_FLOAT:
    *number = sqlite3_value_double(value);
    break;
  case SQLITE_NULL:
    return KM_NUMBER_NULL;
  case SQLITE_BLOB:
    return KM_NUMBER_BLOB;
  default: {
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text || !km_parse_number(text, (size_t)sqlite3_value_bytes(value), number)) {
      return KM_NUMBER_TEXT;
    }
  }
  }
  if (!isfinite(*number)) {
    return KM_NUMBER_INFINITE;
  }
  return fabs(*number) <= KM_MAX_COORDINATE ? KM_NUMBER_OK : KM_NUMBER_LARGE;
}

const char *km_ellipsis(const char *text, size_t most) {
  size_t characters = 0;
  for (; *text && characters <= most; text++) {
    characters += (*text & 0xC0) != 0x80; /* not the rest of a character */
  }
  return characters > most ? "..." : "";
}

char *km_number_problem(km_number problem, sqlite3_value *value) {
  const char *text;
  char number[KM_NUMBER_BYTES];
  switch (problem) {
  case KM_NUMBER_NULL:
    return sqlite3_mprintf("NULL is not a number (\"nulls\": \"skip\" leaves such rows out)");
  case KM_NUMBER_BLOB:
    return sqlite3_mprintf("a BLOB is not a number (a vector must be the only coordinate)");
  case KM_NUMBER_INFINITE:
    return sqlite3_mprintf("%sinfinity is not a finite number",
                           sqlite3_value_double(value) < 0 ? "-" : "");
  case KM_NUMBER_LARGE:
    km_number_write(sqlite3_value_double(value), number);
    return sqlite3_mprintf("%s is beyond 1e300, the largest coordinate", number);
  default:
    text = (const char *)sqlite3_value_text(value);
    if (!text) {
      return NULL;
    }
    if (text[0] == 0 && sqlite3_value_bytes(value) == 0) {
      return sqlite3_mprintf("'' is not a number (nullif(column, '') makes it NULL)");
    }
    return sqlite3_mprintf("'%!.60s%s' is not a number%s", text, km_ellipsis(text, 60),
                           text[0] == '[' ? " (a vector must be the only coordinate)" : "");
  }
}

/* Whole numbers and short decimals, which most data is: digits / 10^places, where that division
** gives the number back; both are exact, so reading it back gives the same. 0 where it fails. */
static int write_short(double number, char *text) {
  double magnitude = fabs(number);
  if (magnitude >= 1e9 || (magnitude < 1e-3 && magnitude != 0)) {
    return 0;
  }
  for (int places = 1; places <= 6; places++) {
    double digits = nearbyint(magnitude * power_of_ten[places]);
    if (digits / power_of_ten[places] == magnitude) {
      uint64_t scale = (uint64_t)power_of_ten[places];
      uint64_t all = (uint64_t)digits;
      return snprintf(text, KM_NUMBER_BYTES, "%s%llu.%0*llu", signbit(number) ? "-" : "",
                      (unsigned long long)(all / scale), places, (unsigned long long)(all % scale));
    }
  }
  return 0;
}

int km_number_write(double number, char *text) {
  if (!isfinite(number)) {
    return snprintf(text, KM_NUMBER_BYTES, "%s9e999", number < 0 ? "-" : "");
  }
  int length = write_short(number, text);
  for (int precision = 15; length == 0 && precision <= 17; precision++) {
    double back;
    const char *point = localeconv()->decimal_point;
    length = snprintf(text, KM_NUMBER_BYTES, "%.*g", precision, number);
    char *at = strstr(text, point);
    if (at) { /* the locale's point becomes '.' */
      size_t point_bytes = strlen(point);
      *at = '.';
      memmove(at + 1, at + point_bytes, strlen(at + point_bytes) + 1);
      length -= (int)point_bytes - 1;
    }
    if (precision < 17 && (!km_parse_number(text, (size_t)length, &back) || back != number)) {
      length = 0;
    }
  }
  if (!strpbrk(text, ".e")) {
    length += snprintf(text + length, (size_t)(KM_NUMBER_BYTES - length), ".0");
  }
  return length;
}

void km_numbers_append(sqlite3_str *out, const double *numbers, size_t n) {
  char text[KM_NUMBER_BYTES];
  for (size_t i = 0; i < n; i++) {
    sqlite3_str_appendchar(out, 1, i ? ',' : '[');
    if (isnan(numbers[i])) {
      sqlite3_str_append(out, "null", 4);
    } else {
      sqlite3_str_append(out, text, km_number_write(numbers[i], text));
    }
  }
  sqlite3_str_append(out, n ? "]" : "[]", n ? 1 : 2);
}
