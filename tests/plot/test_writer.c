/* What a picture is written with: numbers without a locale, text that can do no harm, lines. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_hooks.h"
#include "plot/typeset.h"
#include "plot/writer.h"

/* The writer's text is this one. */
static void expect(km_writer *out, const char *text) {
  assert_int_equal(out->status, KM_OK);
  if (out->length != strlen(text) || memcmp(out->text, text, out->length) != 0) {
    fail_msg("\"%.*s\", not \"%s\"", (int)out->length, out->text, text);
  }
  km_writer_clear(out);
}

static void formats(void **state) {
  (void)state;
  core_hooks hooks;
  km_writer out;
  core_hooks_init(&hooks);
  km_writer_init(&out, &hooks.hooks);
  km_write(&out, "%f %f %f %f %f %f %f", 0.0, 1.0, 12.34, 12.35, -0.04, -0.06, 1999.96);
  expect(&out, "0 1 12.3 12.4 0 -.1 2000");
  km_write(&out, "%f %f %f %f", 0.1, -3.5, 1e300, -1e300);
  expect(&out, ".1 -3.5 1000000 -1000000");
  km_write(&out, "%s|%zu|%06x|%%|100%%", "<&>", SIZE_MAX, 0x00A0Fu);
  expect(&out, SIZE_MAX > UINT32_MAX ? "<&>|18446744073709551615|000a0f|%|100%"
                                     : "<&>|4294967295|000a0f|%|100%");
  assert_int_equal(hooks.live, 0);
}

/* A decimal point stays one where the process has commas. */
static void locales(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8"};
  core_hooks hooks;
  km_writer out;
  core_hooks_init(&hooks);
  km_writer_init(&out, &hooks.hooks);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    setlocale(LC_ALL, names[i]);
    km_write(&out, "%f", 1.5);
    expect(&out, "1.5");
  }
  setlocale(LC_ALL, "C");
}

static void escape(const char *text, size_t bytes, const char *expected) {
  core_hooks hooks;
  km_writer out;
  core_hooks_init(&hooks);
  km_writer_init(&out, &hooks.hooks);
  km_write_escaped(&out, text, bytes);
  expect(&out, expected);
}

#define ESCAPED(text, expected) escape(text, sizeof text - 1, expected)
#define BAD "\xEF\xBF\xBD"

static void hostile_text(void **state) {
  (void)state;
  ESCAPED("</title><script>alert('1')</script>",
          "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
  ESCAPED("\" onload=\"x", "&quot; onload=&quot;x");
  ESCAPED("&amp; ]]>", "&amp;amp; ]]&gt;");
  ESCAPED("a\tb\nc\rd", "a b c d");
  ESCAPED("a\0b\x01\x1F\x7F", "a" BAD "b" BAD BAD BAD);
  ESCAPED("\xC3\xA9\xE6\x97\xA5\xF0\x9F\x8C\x8B", "\xC3\xA9\xE6\x97\xA5\xF0\x9F\x8C\x8B");
  ESCAPED("\xC2\x80", BAD);                         /* a control character */
  ESCAPED("\xEF\xBF\xBE\xEF\xBF\xBF", BAD BAD);     /* no characters at all */
  ESCAPED("\xF0\x9F\xBF\xBE\xEF\xB7\x90", BAD BAD); /* nor these */
  ESCAPED("\xE2\x80\xAE"
          "abc",
          BAD "abc"); /* would turn the text around */
}

static void broken_utf8(void **state) {
  (void)state;
  ESCAPED("\x80", BAD);
  ESCAPED("\xC3", BAD);
  ESCAPED("\xC3(", BAD "(");
  ESCAPED("\xE6\x97", BAD BAD);
  ESCAPED("\xE6\x97<", BAD BAD "&lt;");
  ESCAPED("\xC0\xBC", BAD BAD);         /* an overlong < */
  ESCAPED("\xE0\x80\xBC", BAD BAD BAD); /* and longer */
  ESCAPED("\xED\xA0\x80", BAD);         /* half of a pair */
  ESCAPED("\xF4\x90\x80\x80", BAD);     /* beyond Unicode */
  ESCAPED("\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD);
  ESCAPED("\xFF\xFE", BAD BAD);
}

/* Nothing that text may hold gets through as a mark of XML. */
static void all_pairs_of_bytes(void **state) {
  (void)state;
  core_hooks hooks;
  core_hooks_init(&hooks);
  for (int pair = 0; pair < 65536; pair++) {
    char text[3] = {(char)(pair >> 8), (char)pair, 'x'};
    km_writer out;
    km_writer_init(&out, &hooks.hooks);
    km_write_escaped(&out, text, 3);
    for (size_t i = 0; i < out.length; i++) {
      unsigned char byte = (unsigned char)out.text[i];
      assert_true(byte >= 0x20 && byte != '<' && byte != '>' && byte != '"' && byte != '\'');
    }
    assert_int_equal(out.text[out.length - 1], 'x');
    km_writer_clear(&out);
  }
}

static void memory(void **state) {
  (void)state;
  for (size_t fail_at = 1; fail_at < 7; fail_at++) {
    core_hooks hooks;
    km_writer out;
    core_hooks_init(&hooks);
    hooks.fail_at = fail_at;
    km_writer_init(&out, &hooks.hooks);
    for (size_t i = 0; i < 10000; i++) {
      km_write(&out, "%zu ", i);
    }
    assert_int_equal(out.status, fail_at < 6 ? KM_NOMEM : KM_OK);
    km_writer_clear(&out);
    assert_int_equal(hooks.live, 0);
  }
}

static void expect_lines(const char *text, double width, size_t max_lines, const char *expected) {
  km_line_of_text lines[4];
  char actual[400] = "";
  size_t count = km_typeset(text, strlen(text), width, lines, max_lines);
  for (size_t i = 0; i < count; i++) {
    strncat(actual, lines[i].text, lines[i].bytes);
    strcat(actual, lines[i].cut ? "...|" : "|");
    double used = km_text_width(lines[i].text, lines[i].bytes);
    assert_true(used + (lines[i].cut ? 1 : 0) <= width || lines[i].bytes <= 4);
  }
  assert_string_equal(actual, expected);
}

static void lines(void **state) {
  (void)state;
  expect_lines("", 10, 2, "");
  expect_lines("  \n ", 10, 2, "");
  expect_lines(" short ", 10, 2, "short|");
  expect_lines("one two three four", 5, 4, "one two|three four|");
  expect_lines("one two three four five", 5, 2, "one two|three fo...|");
  expect_lines("abcdefghijklmnopqrstuvwxyz", 5, 2, "abcdefghij|klmnopq...|");
  expect_lines("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5", 3, 2,
               "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E|\xE6\x97\xA5|");
  expect_lines("WWW", 0.1, 4, "W|W|W|");
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(formats),
      cmocka_unit_test(locales),
      cmocka_unit_test(hostile_text),
      cmocka_unit_test(broken_utf8),
      cmocka_unit_test(all_pairs_of_bytes),
      cmocka_unit_test(memory),
      cmocka_unit_test(lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
