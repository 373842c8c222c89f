/* Colours: ten that anyone can tell apart, and as many more as it takes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_hooks.h"
#include "plot/palette.h"

/* Machado, Oliveira & Fernandes 2009, the whole deficiency: of linear sRGB. */
static const double seen[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779},
     {-0.078411, 0.930809, 0.147602},
     {0.004733, 0.691367, 0.303900}},
};
static const char *const sight[] = {"full sight", "protanopia", "deuteranopia", "tritanopia"};

static double linear(uint32_t channel) {
  double c = (double)(channel & 255) / 255;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* The colour as one sees it, in Oklab, unrounded. */
static void look(uint32_t colour, const double by[3][3], double lab[3]) {
  double from[3] = {linear(colour >> 16), linear(colour >> 8), linear(colour)};
  double rgb[3];
  double cone[3];
  static const double cones[3][3] = {{0.4122214708, 0.5363325363, 0.0514459929},
                                     {0.2119034982, 0.6806995451, 0.1073969566},
                                     {0.0883024619, 0.2817188376, 0.6299787005}};
  static const double axes[3][3] = {{0.2104542553, 0.7936177850, -0.0040720468},
                                    {1.9779984951, -2.4285922050, 0.4505937099},
                                    {0.0259040371, 0.7827717662, -0.8086757660}};
  for (int i = 0; i < 3; i++) {
    double sum = by[i][0] * from[0] + by[i][1] * from[1] + by[i][2] * from[2];
    rgb[i] = fmin(fmax(sum, 0), 1);
  }
  for (int i = 0; i < 3; i++) {
    cone[i] = cbrt(cones[i][0] * rgb[0] + cones[i][1] * rgb[1] + cones[i][2] * rgb[2]);
  }
  for (int i = 0; i < 3; i++) {
    lab[i] = axes[i][0] * cone[0] + axes[i][1] * cone[1] + axes[i][2] * cone[2];
  }
}

static double apart(uint32_t a, uint32_t b, const double by[3][3]) {
  double p[3];
  double q[3];
  look(a, by, p);
  look(b, by, q);
  return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
              (p[2] - q[2]) * (p[2] - q[2]));
}

static void anyone_can_tell_ten_apart(void **state) {
  (void)state;
  for (int theme = 0; theme < KM_THEMES; theme++) {
    for (int s = 0; s < 4; s++) {
      double least = 1;
      for (int a = 0; a < 10; a++) {
        for (int b = 0; b < a; b++) {
          least =
              fmin(least, apart(km_themes[theme].colour[a], km_themes[theme].colour[b], seen[s]));
        }
        double paper = apart(km_themes[theme].colour[a], km_themes[theme].paper, seen[s]);
        assert_true(paper > 0.15);
      }
      print_message("%s, %s: %.4f\n", theme == KM_LIGHT ? "light" : "dark", sight[s], least);
      assert_true(least >= 0.0755);
    }
  }
}

static double luminance(uint32_t colour) {
  return 0.2126 * linear(colour >> 16) + 0.7152 * linear(colour >> 8) + 0.0722 * linear(colour);
}

static double contrast(uint32_t a, uint32_t b) {
  double bright = fmax(luminance(a), luminance(b));
  double dark = fmin(luminance(a), luminance(b));
  return (bright + 0.05) / (dark + 0.05);
}

/* As the Web Content Accessibility Guidelines ask of text. */
static void text_can_be_read(void **state) {
  (void)state;
  for (int theme = 0; theme < KM_THEMES; theme++) {
    assert_true(contrast(km_themes[theme].ink, km_themes[theme].paper) >= 7);
    assert_true(contrast(km_themes[theme].pale_ink, km_themes[theme].paper) >= 4.5);
  }
}

static void oklab_is_right(void **state) {
  (void)state;
  static const struct {
    uint32_t colour;
    double lab[3];
  } cases[] = {{0xFFFFFF, {1, 0, 0}},
               {0x000000, {0, 0, 0}},
               {0xFF0000, {0.62796, 0.22486, 0.12585}},
               {0x0000FF, {0.45201, -0.03246, -0.31153}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double lab[3];
    km_oklab(cases[i].colour, lab);
    for (int j = 0; j < 3; j++) {
      assert_true(fabs(lab[j] - cases[i].lab[j]) < 1e-4);
    }
  }
}

static void more_are_distinct(void **state) {
  (void)state;
  enum { MANY = 1000 };
  core_hooks hooks;
  core_hooks_init(&hooks);
  for (int theme = 0; theme < KM_THEMES; theme++) {
    uint32_t colours[MANY];
    assert_int_equal(km_palette(&km_themes[theme], MANY, &hooks.hooks, colours), KM_OK);
    double least = 1;
    for (size_t a = 0; a < MANY; a++) {
      for (size_t b = 0; b < a; b++) {
        assert_int_not_equal(colours[a], colours[b]);
        least = a < 40 ? fmin(least, apart(colours[a], colours[b], seen[0])) : least;
      }
      least = a < 40 ? fmin(least, apart(colours[a], km_themes[theme].paper, seen[0])) : least;
    }
    print_message("%s: 40 colours %.4f apart\n", theme == KM_LIGHT ? "light" : "dark", least);
    assert_true(least >= 0.05);
    /* The same clusters have the same colours, however many follow. */
    uint32_t fewer[25];
    assert_int_equal(km_palette(&km_themes[theme], 25, &hooks.hooks, fewer), KM_OK);
    assert_memory_equal(fewer, colours, sizeof fewer);
  }
  assert_int_equal(hooks.live, 0);
}

static void far_too_many(void **state) {
  (void)state;
  enum { MANY = 20000 };
  core_hooks hooks;
  core_hooks_init(&hooks);
  uint32_t *colours = malloc(MANY * sizeof *colours);
  assert_non_null(colours);
  assert_int_equal(km_palette(&km_themes[KM_LIGHT], MANY, &hooks.hooks, colours), KM_OK);
  assert_int_equal(colours[0], km_themes[KM_LIGHT].colour[0]);
  for (size_t c = 0; c < MANY; c++) {
    assert_true(colours[c] <= 0xFFFFFF);
  }
  hooks.cancel_at = hooks.polls + 1;
  assert_int_equal(km_palette(&km_themes[KM_LIGHT], MANY, &hooks.hooks, colours), KM_CANCELLED);
  hooks.cancel_at = 0;
  hooks.fail_at = hooks.allocations + 1;
  assert_int_equal(km_palette(&km_themes[KM_LIGHT], 11, &hooks.hooks, colours), KM_NOMEM);
  assert_int_equal(km_palette(&km_themes[KM_LIGHT], 10, &hooks.hooks, colours), KM_OK);
  assert_int_equal(hooks.live, 0);
  free(colours);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(anyone_can_tell_ten_apart),
      cmocka_unit_test(text_can_be_read),
      cmocka_unit_test(oklab_is_right),
      cmocka_unit_test(more_are_distinct),
      cmocka_unit_test(far_too_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
