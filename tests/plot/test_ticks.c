/* Ticks: round, within the axis, exact, and no two that read the same. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plot/ticks.h"
#include "points.h"

/* All labels, with spaces between, and the note behind a bar; thin spaces as _, minus as -. */
static const char *plain(const char *text) {
  static char result[2000];
  char *to = result;
  for (const char *from = text; *from;) {
    static const struct {
      const char *sign;
      const char *plain;
    } signs[] = {{"\xE2\x80\x89", "_"},  {"\xE2\x88\x92", "-"}, {"\xC3\x97", "x"},
                 {"\xE2\x81\xBB", "^-"}, {"\xE2\x81\xB0", "0"}, {"\xC2\xB9", "1"},
                 {"\xC2\xB2", "2"},      {"\xC2\xB3", "3"},     {"\xE2\x81\xB4", "4"},
                 {"\xE2\x81\xB5", "5"},  {"\xE2\x81\xB6", "6"}, {"\xE2\x81\xB7", "7"},
                 {"\xE2\x81\xB8", "8"},  {"\xE2\x81\xB9", "9"}, {"\xE2\x88\x9E", "inf"}};
    size_t s = 0;
    while (s < sizeof signs / sizeof *signs &&
           strncmp(from, signs[s].sign, strlen(signs[s].sign)) != 0) {
      s++;
    }
    if (s < sizeof signs / sizeof *signs) {
      to += sprintf(to, "%s", signs[s].plain);
      from += strlen(signs[s].sign);
    } else {
      *to++ = *from++;
    }
  }
  *to = 0;
  return result;
}

static void expect(double low, double high, size_t wanted, const char *expected) {
  char all[2000] = "";
  km_ticks ticks;
  km_ticks_find(&ticks, low, high, wanted);
  for (size_t i = 0; i < ticks.count; i++) {
    strcat(all, ticks.label[i]);
    strcat(all, " ");
  }
  strcat(all, "|");
  strcat(all, ticks.note);
  if (strcmp(plain(all), expected) != 0) {
    fail_msg("[%g, %g]: \"%s\", not \"%s\"", low, high, plain(all), expected);
  }
}

static void known_axes(void **state) {
  (void)state;
  expect(0, 1, 6, "0.0 0.2 0.4 0.6 0.8 1.0 |");
  expect(0, 10, 6, "0 2 4 6 8 10 |");
  expect(-0.9, 1.1, 5, "-0.5 0.0 0.5 1.0 |");
  expect(1.5, 5.1, 8, "1.5 2.0 2.5 3.0 3.5 4.0 4.5 5.0 |");
  expect(0, 99000, 5, "0 20_000 40_000 60_000 80_000 |");
  expect(0, 9900, 5, "0 2000 4000 6000 8000 |");
  expect(0, 8e6, 5, "0 2 4 6 8 |x_106");
  expect(0, 0.0008, 5, "0.0000 0.0002 0.0004 0.0006 0.0008 |");
  expect(0, 0.0000081, 5, "0 2 4 6 8 |x_10^-6");
  expect(-3e300, 3e300, 4, "-2 0 2 |x_10300");
  expect(1e-300, 9e-300, 5, "2 4 6 8 |x_10^-300");
  expect(5e-324, 4e-323, 4, "1 2 3 |x_10^-323");
}

/* What all labels have in common stands beside the axis. */
static void offsets(void **state) {
  (void)state;
  expect(1.7e9, 1.7e9 + 5, 6, "0 1 2 3 4 5 |+_1_700_000_000");
  expect(1.7e9 - 2, 1.7e9 + 2, 5, "8 9 10 11 12 |+_1_699_999_990");
  expect(-1.7e9 - 2, -1.7e9 + 2, 5, "8 9 10 11 12 |-_1_700_000_010");
  expect(1.7e9, 1.7e9 + 1e6, 6, "1.7000 1.7002 1.7004 1.7006 1.7008 1.7010 |x_109");
  expect(1e300, 1e300 + 1e290, 5, "0.0 0.2 0.4 0.6 0.8 1.0 |x_10290 +_1x10300");
  expect(1 + 1e-12, 1 + 9e-12, 5, "2 4 6 8 |x_10^-12 +_1");
  expect(123456.0000001, 123456.0000009, 5, "2 4 6 8 |x_10^-7 +_123_456");
}

static void numbers(void **state) {
  (void)state;
  static const struct {
    double number;
    int digits;
    const char *label;
  } cases[] = {
      {0, 5, "0"},
      {1, 5, "1"},
      {8901.7687, 5, "8901.8"},
      {12345.678, 5, "12_346"},
      {-2.5, 3, "-2.5"},
      {0.00012345678, 4, "0.0001235"},
      {1e-9, 4, "1x10^-9"},
      {6.7299e12, 5, "6.7299x1012"},
      {9.99996, 5, "10"},
      {1.7e308, 3, "1.7x10308"},
      {INFINITY, 3, "inf"},
      {-INFINITY, 3, "-inf"},
      {5e-324, 2, "4.9x10^-324"},
      {100, 3, "100"},
      {99.95, 3, "100"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char label[KM_LABEL_BYTES];
    km_number_label(cases[i].number, cases[i].digits, label);
    assert_string_equal(plain(label), cases[i].label);
  }
  char label[KM_LABEL_BYTES];
  km_count_label(0, label);
  assert_string_equal(plain(label), "0");
  km_count_label(9999, label);
  assert_string_equal(plain(label), "9999");
  km_count_label(1234567, label);
  assert_string_equal(plain(label), "1_234_567");
}

static void numbers_between_ticks(void **state) {
  (void)state;
  km_ticks ticks;
  char label[KM_LABEL_BYTES];
  km_ticks_find(&ticks, 40, 100, 7);
  km_ticks_label(&ticks, 55.7371, 2, label);
  assert_string_equal(plain(label), "55.7");
  km_ticks_find(&ticks, 1.7e9, 1.7e9 + 5, 6);
  km_ticks_label(&ticks, 1.7e9 + 2.345, 2, label);
  assert_string_equal(plain(label), "2.35");
  km_ticks_find(&ticks, -3e300, 3e300, 4);
  km_ticks_label(&ticks, -1.2345e300, 2, label);
  assert_string_equal(plain(label), "-1.23");
}

/* Any axis at all. */
static void any_axis(void **state) {
  (void)state;
  points_random random = {7};
  for (size_t run = 0; run < points_cases(200000); run++) {
    double magnitude = pow(10, points_unit(&random) * 600 - 300);
    double length = magnitude * pow(10, -16 * points_unit(&random));
    double low = (points_unit(&random) - 0.5) * magnitude;
    double high = low + length * (points_below(&random, 4) > 0);
    size_t wanted = 2 + points_below(&random, 10);
    km_ticks ticks;
    km_axis_widen(&low, &high, points_below(&random, 2) ? 0 : 0.04);
    assert_true(low < high && isfinite(high - low));
    km_ticks_find(&ticks, low, high, wanted);
    if (ticks.count < 2 || ticks.count > 2 * wanted + 1) {
      fail_msg("[%.17g, %.17g]: %d ticks, not %d", low, high, (int)ticks.count, (int)wanted);
    }
    double slack = 1e-6 * (high - low) + 4 * DBL_EPSILON * fmax(fabs(low), fabs(high));
    for (size_t i = 0; i < ticks.count; i++) {
      assert_true(ticks.at[i] >= low - slack && ticks.at[i] <= high + slack);
      assert_true(i == 0 || ticks.at[i] > ticks.at[i - 1]);
      assert_true(strlen(plain(ticks.label[i])) <= 9);
      for (size_t j = 0; j < i; j++) {
        assert_string_not_equal(ticks.label[i], ticks.label[j]);
      }
    }
  }
}

/* Labels, read back, are the ticks. */
static void labels_are_true(void **state) {
  (void)state;
  points_random random = {3};
  for (size_t run = 0; run < points_cases(20000); run++) {
    double magnitude = pow(10, points_unit(&random) * 24 - 12);
    double low = (points_unit(&random) - 0.5) * magnitude;
    double high = low + magnitude * pow(10, -9 * points_unit(&random));
    km_ticks ticks;
    km_ticks_find(&ticks, low, high, 6);
    for (size_t i = 0; i < ticks.count; i++) {
      char digits[100];
      char *to = digits;
      for (const char *from = plain(ticks.label[i]); *from; from++) {
        *to = *from;
        to += *from != '_';
      }
      *to = 0;
      double value = strtod(digits, NULL) * pow(10, ticks.factor) +
                     (double)ticks.offset * pow(10, ticks.exponent);
      assert_true(fabs(value - ticks.at[i]) <= 1e-6 * (high - low) + 1e-15 * fabs(value));
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_axes), cmocka_unit_test(offsets),
      cmocka_unit_test(numbers),    cmocka_unit_test(numbers_between_ticks),
      cmocka_unit_test(any_axis),   cmocka_unit_test(labels_are_true),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
