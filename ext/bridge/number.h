/* Numbers as SQL and JSON write them, exactly: text becomes the nearest double, and a double becomes
** the shortest text that reads back as itself. (SQLite's own conversions are a bit off in the last
** place before version 3.43; a model must survive being stored.) */
#ifndef KM_BRIDGE_NUMBER_H
#define KM_BRIDGE_NUMBER_H

#include <math.h>
#include <stddef.h>

#include "bridge/sqlite.h"
#include "core/dataset.h"

/* What became of a value that should be a coordinate. */
typedef enum km_number {
  KM_NUMBER_OK,
  KM_NUMBER_NULL,
  KM_NUMBER_TEXT,     /* TEXT that is no number */
  KM_NUMBER_BLOB,     /* a BLOB */
  KM_NUMBER_INFINITE, /* not finite */
  KM_NUMBER_LARGE     /* beyond KM_MAX_COORDINATE */
} km_number;

/* Reads a decimal number that fills the text but for surrounding white space: an optional sign,
** digits with or without a point, an optional exponent. Returns 1 and the nearest double, which is
** infinite for 1e999; or 0. */
int km_parse_number(const char *text, size_t bytes, double *number);

/* The number at the start of text, which ends before `end`; returns the first byte after it, or
** NULL when there is none. */
const char *km_scan_number(const char *text, const char *end, double *number);

/* Reads a coordinate from INTEGER, REAL or TEXT that is a number. */
km_number km_number_read_any(sqlite3_value *value, double *number);

/* The same, without a call for most data: REAL. */
static inline km_number km_number_read(sqlite3_value *value, double *number) {
  if (sqlite3_value_type(value) == SQLITE_FLOAT) {
    *number = sqlite3_value_double(value);
    if (fabs(*number) <= KM_MAX_COORDINATE) {
      return KM_NUMBER_OK;
    }
  }
  return km_number_read_any(value, number);
}

/* "..." if the UTF-8 text has more characters than `most`, else "": messages show the first ones, as
** %!.60s does. */
const char *km_ellipsis(const char *text, size_t most);

/* What is wrong with the value, as the end of an error message; from sqlite3_malloc, NULL when out of
** memory. problem is not KM_NUMBER_OK. */
char *km_number_problem(km_number problem, sqlite3_value *value);

/* Writes a finite number as JSON, with a point or an exponent so that it stays REAL, and infinity as
** 9e999 (which SQLite reads as infinity). Returns the length; text has room for KM_NUMBER_BYTES. */
#define KM_NUMBER_BYTES 40
int km_number_write(double number, char *text);

/* Appends n numbers as a JSON array; NaN as null. */
void km_numbers_append(sqlite3_str *out, const double *numbers, size_t n);

#endif
