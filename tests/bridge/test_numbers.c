/* Numbers survive the way through SQL and JSON bit for bit, in whatever locale the process is.
**
** The oracle is the C library: strtod and printf in the C locale, both of which are exact.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/hooks.h"
#include "sqlite_fixture.h"

#define LARGEST 1e300 /* of a coordinate */
#define BATCH 100

static int open_empty(void **state) {
  *state = db_open(":memory:");
  return 0;
}

static int close_empty(void **state) {
  db_close(*state);
  return 0;
}

static uint64_t bits(double number) {
  uint64_t value;
  memcpy(&value, &number, sizeof value);
  return value;
}

static KM_WRAPS uint64_t draw(uint64_t *random) {
  *random += 0x9E3779B97F4A7C15u; /* splitmix64 */
  uint64_t z = *random;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

/* Any bits that are a coordinate: all exponents, subnormal numbers among them. */
static double draw_double(uint64_t *random) {
  double number;
  do {
    uint64_t value = draw(random);
    memcpy(&number, &value, sizeof number);
  } while (!(fabs(number) <= LARGEST));
  return number;
}

/* The first column of the statement's only row, as text that the caller frees. The statement runs
** in the locale, which is C again afterwards. */
static char *in_locale(sqlite3 *db, const char *locale, sqlite3_stmt *statement) {
  assert_non_null(setlocale(LC_ALL, locale));
  int rc = sqlite3_step(statement);
  const char *text = (const char *)sqlite3_column_text(statement, 0);
  char *copy = text ? strdup(text) : NULL;
  setlocale(LC_ALL, "C");
  if (rc != SQLITE_ROW || !copy) {
    fail_msg("%s\n-> %d: %s", sqlite3_sql(statement), rc, sqlite3_errmsg(db));
  }
  sqlite3_reset(statement);
  return copy;
}

/* The JSON array holds these numbers, each written as a REAL. */
static void expect_array(const char *json, const double *expected, char *const *source, size_t n) {
  const char *at = json;
  for (size_t i = 0; i < n; i++) {
    char *end;
    assert_int_equal(*at, i ? ',' : '[');
    double number = strtod(++at, &end);
    if (bits(number) != bits(expected[i]) && !(number == 0 && expected[i] == 0)) {
      fail_msg("%.*s is %.17g, not %.17g%s%s", (int)(end - at), at, number, expected[i],
               source ? ", which was written " : "", source ? source[i] : "");
    }
    assert_non_null(
        memchr(at, '.', (size_t)(end - at)) || memchr(at, 'e', (size_t)(end - at)) ? at : NULL);
    at = end;
  }
  assert_string_equal(at, "]");
}

/* A model that is written by hand, with these numbers as its only centroid, shows them. */
static void expect_read(sqlite3 *db, const char *locale, char *const *source, size_t n) {
  double expected[BATCH];
  sqlite3_stmt *statement = db_prepare(db, "SELECT centroid FROM kmeans_centroids(?)");
  sqlite3_str *model = sqlite3_str_new(db);
  for (size_t i = 0; i < n; i++) {
    expected[i] = strtod(source[i], NULL);
    sqlite3_str_appendall(model, i ? "," : "{\"centroids\":[[");
    sqlite3_str_appendall(model, source[i]);
  }
  sqlite3_str_appendall(model, "]]}");
  sqlite3_bind_text(statement, 1, sqlite3_str_value(model), -1, SQLITE_TRANSIENT);
  char *centroid = in_locale(db, locale, statement);
  expect_array(centroid, expected, source, n);
  free(centroid);
  sqlite3_free(sqlite3_str_finish(model));
  sqlite3_finalize(statement);
}

/* kmeans_fit(1, ?, ?, ...): its only centroid is the row. */
static sqlite3_stmt *prepare_fit(sqlite3 *db, size_t n) {
  sqlite3_str *sql = sqlite3_str_new(db);
  sqlite3_str_appendall(sql, "SELECT kmeans_fit(1");
  for (size_t i = 0; i < n; i++) {
    sqlite3_str_appendall(sql, ", ?");
  }
  sqlite3_str_appendall(sql, ")");
  char *text = sqlite3_str_finish(sql);
  sqlite3_stmt *statement = db_prepare(db, text);
  sqlite3_free(text);
  return statement;
}

/* The model that kmeans_fit writes reads back as what went in, through SQL's text. */
static void expect_model(sqlite3 *db, const char *locale, sqlite3_stmt *fit, const double *expected,
                         char *const *source, size_t n) {
  char *model = in_locale(db, locale, fit);
  const char *centroids = strstr(model, "\"centroids\":[");
  const char *end = centroids ? strstr(centroids, "]],") : NULL;
  assert_non_null(end);
  char *written = strndup(centroids + 13, (size_t)(end - centroids) - 12);
  expect_array(written, expected, source, n);
  free(written);
  sqlite3_stmt *read = db_prepare(db, "SELECT centroid FROM kmeans_centroids(?)");
  sqlite3_bind_text(read, 1, model, -1, SQLITE_TRANSIENT);
  char *centroid = in_locale(db, locale, read);
  expect_array(centroid, expected, source, n);
  free(centroid);
  sqlite3_finalize(read);
  free(model);
}

/* Coordinates given as TEXT. */
static void expect_coordinates(sqlite3 *db, const char *locale, char *const *source, size_t n) {
  double expected[BATCH];
  sqlite3_stmt *fit = prepare_fit(db, n);
  for (size_t i = 0; i < n; i++) {
    expected[i] = strtod(source[i], NULL);
    sqlite3_bind_text(fit, (int)i + 1, source[i], -1, SQLITE_STATIC);
  }
  expect_model(db, locale, fit, expected, source, n);
  sqlite3_finalize(fit);
}

static void expect_texts(sqlite3 *db, const char *locale, char *const *source, size_t n) {
  for (size_t first = 0; first < n; first += BATCH) {
    size_t count = n - first < BATCH ? n - first : BATCH;
    expect_read(db, locale, source + first, count);
    expect_coordinates(db, locale, source + first, count);
  }
}

static void random_doubles(sqlite3 *db, const char *locale, size_t n) {
  uint64_t random = 1;
  sqlite3_stmt *fit = prepare_fit(db, BATCH);
  for (size_t done = 0; done < n; done += BATCH) {
    double number[BATCH];
    char text[BATCH][40];
    char *source[BATCH];
    for (int i = 0; i < BATCH; i++) {
      number[i] = draw_double(&random);
      snprintf(text[i], sizeof text[i], "%.17g", number[i]);
      source[i] = text[i];
      sqlite3_bind_double(fit, i + 1, number[i]);
    }
    expect_read(db, locale, source, BATCH);
    expect_model(db, locale, fit, number, source, BATCH);
  }
  sqlite3_finalize(fit);
}

static void all_exponents(void **state) {
  random_doubles(*state, "C", db_instrumented() ? 5000 : 100000);
}

/* Numbers as people write them: up to 17 digits, with and without an exponent. */
static void short_decimals(sqlite3 *db, const char *locale, size_t n) {
  uint64_t random = 2;
  for (size_t done = 0; done < n; done += BATCH) {
    char text[BATCH][64];
    char *source[BATCH];
    for (int i = 0; i < BATCH; i++) {
      long long digits = (long long)(draw(&random) >> (1 + draw(&random) % 60));
      int places = (int)(draw(&random) % 12);
      int exponent = (int)(draw(&random) % 60) - 30;
      const char *sign = draw(&random) % 2 ? "-" : "";
      if (draw(&random) % 2) {
        snprintf(text[i], sizeof text[i], "%s%lld.%0*lld", sign, digits / 1000, places + 1,
                 digits % 10);
      } else {
        snprintf(text[i], sizeof text[i], "%s%llde%d", sign, digits, exponent);
      }
      source[i] = text[i];
    }
    expect_texts(db, locale, source, BATCH);
  }
}

static void as_people_write(void **state) {
  short_decimals(*state, "C", db_instrumented() ? 2000 : 40000);
}

static char *written[] = {
    "0",
    "-0.0",
    "1",
    "0.1",
    "0.3",
    "1e0",
    "1E+2",
    "1e-2",
    /* integers that double cannot hold, and ties between those that it can */
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740994",
    "9007199254740995",
    "-9007199254740993",
    "9007199254740993.0000000000000000000000000001",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "36893488147419103233",
    "123456789012345678901234567890",
    /* where powers of ten stop to be exact */
    "1e21",
    "1e22",
    "1e23",
    "9.5e22",
    "1e-22",
    "1e-23",
    "123456789012345e22",
    "123456789012345e-22",
    "123456789012345e23",
    "999999999999999e22",
    "9999999999999999e22",
    "1234567890123456e-22",
    "0.00000000000000000000001",
    "100000000000000000000000.0",
    /* the least numbers */
    "5e-324",
    "4.9406564584124654e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "7.4109846876186982e-324",
    "1e-400",
    "1e-99999",
    "2.2250738585072014e-308",
    "2.2250738585072011e-308",
    "2.2250738585072012e-308",
    "2.225073858507201e-308",
    "1e-310",
    "4e-320",
    "1.5e-323",
    "0.000001e-318",
    "0e99999",
    "0.0e-99999",
    /* and the largest coordinate */
    "1e300",
    "-1e300",
    "9.999999999999999e299",
    "1000000e294",
    "0.0001e304",
    /* known to be hard */
    "6.631236846766476e-316",
    "3.2378839133029012895883e-319",
    "8.5e-323",
    "1.7976931348623157e292",
    "3.518437208883201171875e13",
    "62.5364939768271845828",
    "8.10109172351e-10",
    "1.50000000000000011102230246251565",
    "4.35",
    "0.000244140625",
    "7.2057594037927933e16",
    "2.0e-10",
    "1.0000000000000002",
    "0.99999999999999994",
    "1.00000000000000011102230246251565404",
    "1.00000000000000011102230246251565405",
    "1.00000000000000033306690738754696213",
};

static void hard_cases(void **state) {
  expect_texts(*state, "C", written, sizeof written / sizeof *written);
}

/* Many digits: zeros in front and behind, 800 digits, and a 1 that is far behind. */
static void long_numbers(sqlite3 *db, const char *locale) {
  uint64_t random = 3;
  char *source[60];
  for (int i = 0; i < 60; i++) {
    size_t digits = 15 + (size_t)(draw(&random) % 1200);
    char *text = malloc(digits + 40);
    size_t length = 0;
    size_t point = draw(&random) % 290;
    for (size_t d = 0; d < digits; d++) {
      if (d == point + 1) {
        text[length++] = '.';
      }
      int kind = i % 4; /* random, mostly zeros, nines, a tie with a tail of zeros */
      text[length++] = (char)('0' + (d == 0 || d + 1 == digits ? 1 + draw(&random) % 9
                                     : kind == 0               ? draw(&random) % 10
                                     : kind == 1               ? draw(&random) % 200 == 0
                                     : kind == 2               ? 9
                                                               : 0));
    }
    snprintf(text + length, 40, "e%d", -(int)(draw(&random) % 600));
    source[i] = text;
  }
  expect_texts(db, locale, source, 60);
  for (int i = 0; i < 60; i++) {
    free(source[i]);
  }
}

static void many_digits(void **state) {
  long_numbers(*state, "C");
}

#define EXACT 1400 /* characters of a number between 1e300 and 1e-1080 written in full */

/* Adds decimal numbers of the same length with the point at the same place, and `last` to the last
** digit. */
static void add(char *sum, const char *other, int last) {
  int carry = last;
  for (size_t left = strlen(sum); left > 0; left--) {
    size_t i = left - 1;
    if (sum[i] == '.') {
      continue;
    }
    carry += (sum[i] - '0') + (other[i] - '0');
    int digit = (carry + 10) % 10;
    sum[i] = (char)('0' + digit);
    carry = (carry - digit) / 10;
  }
}

/* Exactly between two doubles, and the least bit above and below, all in full. */
static void halfway(sqlite3 *db, const char *locale, int n) {
  uint64_t random = 4;
  for (int i = 0; i < n; i++) {
    static char text[3][EXACT + 16];
    static char half[EXACT + 16];
    char *source[3];
    int exponent;
    double number;
    do { /* half a unit in the last place must be a double, too */
      number = fabs(draw_double(&random));
    } while (number < 1e-300 || number > 1e290);
    if (i % 3 == 0) {
      number = ldexp(frexp(number, &exponent), (int)(draw(&random) % 120) - 60);
    }
    frexp(number, &exponent);
    snprintf(half, sizeof half, "%0*.*f", EXACT, EXACT - 302, ldexp(1, exponent - 54));
    for (int t = 0; t < 3; t++) {
      snprintf(text[t], sizeof text[t], "%0*.*f", EXACT, EXACT - 302, number);
      add(text[t], half, t - 1);
      source[t] = text[t] + strspn(text[t], "0");
      source[t] -= *source[t] == '.';
    }
    expect_texts(db, locale, source, 3);
  }
}

static void between_two_doubles(void **state) {
  halfway(*state, "C", db_instrumented() ? 40 : 600);
}

/* A locale that writes 1,5; NULL if none is installed. */
static const char *comma_locale(void) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",  "de_DE",       "fr_FR.UTF-8",
                                      "fr_FR.utf8",  "fr_FR",       "nl_NL.UTF-8", "pt_BR.UTF-8",
                                      "ru_RU.UTF-8", "es_ES.UTF-8", "it_IT.UTF-8", "cs_CZ.UTF-8"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) {
    if (setlocale(LC_ALL, names[i]) && strcmp(localeconv()->decimal_point, ",") == 0) {
      found = names[i];
    }
  }
  setlocale(LC_ALL, "C");
  return found;
}

static void with_a_decimal_comma(void **state) {
  const char *locale = comma_locale();
  if (!locale) {
    print_message("no locale with a decimal comma is installed\n");
    skip();
  }
  random_doubles(*state, locale, 5000);
  short_decimals(*state, locale, 5000);
  expect_texts(*state, locale, written, sizeof written / sizeof *written);
  long_numbers(*state, locale);
  halfway(*state, locale, 40);
}

/* INTEGER coordinates become the nearest double; labels do not suffer. */
static void integers(void **state) {
  sqlite3 *db = *state;
  sqlite3_stmt *fit = prepare_fit(db, 4);
  static const sqlite3_int64 given[] = {INT64_MAX, INT64_MIN, 9007199254740993, -9007199254740995};
  double expected[4];
  for (int i = 0; i < 4; i++) {
    sqlite3_bind_int64(fit, i + 1, given[i]);
    expected[i] = (double)given[i];
  }
  expect_model(db, "C", fit, expected, NULL, 4);
  sqlite3_finalize(fit);
  db_expect(db,
            "SELECT point FROM kmeans(1, 'SELECT 9007199254740993 AS x, 0.1 AS y, ''1e22'' AS z')",
            "[9007199254740992.0,0.1,1e+22]");
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_exponents),
      cmocka_unit_test(as_people_write),
      cmocka_unit_test(hard_cases),
      cmocka_unit_test(many_digits),
      cmocka_unit_test(between_two_doubles),
      cmocka_unit_test(with_a_decimal_comma),
      cmocka_unit_test(integers),
  };
  return cmocka_run_group_tests(tests, open_empty, close_empty);
}
