#include "plot/palette.h"

#include <math.h>

const km_theme km_themes[KM_THEMES] = {
    [KM_LIGHT] = {.paper = 0xFFFFFF,
                  .ink = 0x1F2328,
                  .pale_ink = 0x59636E,
                  .line = 0xD1D9E0,
                  .tint = ".13",
                  .colour = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x882255,
                             0xBBBBBB, 0x004488, 0x661100},
                  .least_lightness = 0.4,
                  .most_lightness = 0.78},
    [KM_DARK] = {.paper = 0x15181E,
                 .ink = 0xE6EAF0,
                 .pale_ink = 0x98A2B0,
                 .line = 0x343B46,
                 .tint = ".2",
                 .colour = {0x56B4E9, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x0072B2, 0xF0E442,
                            0xBBBBBB, 0xAA3377, 0x99DDFF},
                 .least_lightness = 0.53,
                 .most_lightness = 0.9},
};

/* Candidates for more: a grid over sRGB. */
#define LEVELS 18
#define CANDIDATES (LEVELS * LEVELS * LEVELS)

#define UNIT 10000 /* of Oklab, as whole numbers */
#define MOST_CHROMA 0.17

static double linear(uint32_t channel) {
  double c = (double)channel / 255;
  return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

void km_oklab(uint32_t colour, double lab[3]) {
  double r = linear(colour >> 16 & 255);
  double g = linear(colour >> 8 & 255);
  double b = linear(colour & 255);
  double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
  lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
  lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

/* Rounded, so that the C library's last digits do not decide which colour is furthest. */
typedef struct point_of_colour {
  int32_t lab[3];
} point_of_colour;

static point_of_colour place(uint32_t colour) {
  double lab[3];
  point_of_colour point;
  km_oklab(colour, lab);
  for (int i = 0; i < 3; i++) {
    point.lab[i] = (int32_t)floor(lab[i] * UNIT + 0.5);
  }
  return point;
}

static int32_t squared_distance(const point_of_colour *a, const point_of_colour *b) {
  int32_t sum = 0;
  for (int i = 0; i < 3; i++) {
    int32_t difference = a->lab[i] - b->lab[i];
    sum += difference * difference;
  }
  return sum;
}

static uint32_t candidate(size_t i) {
  uint32_t step = 255 / (LEVELS - 1);
  uint32_t r = (uint32_t)(i / LEVELS / LEVELS);
  uint32_t g = (uint32_t)(i / LEVELS % LEVELS);
  uint32_t b = (uint32_t)(i % LEVELS);
  return r * step << 16 | g * step << 8 | b * step;
}

typedef struct shelf {
  point_of_colour point[CANDIDATES];
  int32_t
      nearest[CANDIDATES]; /* squared distance to the nearest colour in use; -1: not to be used */
} shelf;

static void take(shelf *all, uint32_t colour) {
  point_of_colour taken = place(colour);
  for (size_t i = 0; i < CANDIDATES; i++) {
    int32_t distance = squared_distance(&all->point[i], &taken);
    all->nearest[i] = distance < all->nearest[i] ? distance : all->nearest[i];
  }
}

static void fill(shelf *all, const km_theme *theme) {
  for (size_t i = 0; i < CANDIDATES; i++) {
    all->point[i] = place(candidate(i));
    const int32_t *lab = all->point[i].lab;
    int usable = lab[0] >= theme->least_lightness * UNIT &&
                 lab[0] <= theme->most_lightness * UNIT &&
                 lab[1] * lab[1] + lab[2] * lab[2] <= MOST_CHROMA * UNIT * MOST_CHROMA * UNIT;
    all->nearest[i] = usable ? INT32_MAX : -1;
  }
  take(all, theme->paper);
  for (size_t c = 0; c < 10; c++) {
    take(all, theme->colour[c]);
  }
}

km_status km_palette(const km_theme *theme, size_t k, km_hooks *hooks, uint32_t *colours) {
  km_status status = KM_OK;
  for (size_t c = 0; c < k && c < 10; c++) {
    colours[c] = theme->colour[c];
  }
  if (k <= 10) {
    return KM_OK;
  }
  shelf *all = km_allocate(hooks, 1, sizeof *all);
  if (!all) {
    return KM_NOMEM;
  }
  fill(all, theme);
  size_t made = 10;
  for (int left = 1; made < k && left && status == KM_OK;) {
    size_t furthest = 0;
    for (size_t i = 1; i < CANDIDATES; i++) {
      furthest = all->nearest[i] > all->nearest[furthest] ? i : furthest;
    }
    left = all->nearest[furthest] > 0;
    if (left) {
      colours[made++] = candidate(furthest);
      take(all, candidate(furthest));
      status = km_tick(hooks, CANDIDATES * 8);
    }
  }
  for (size_t c = made; c < k; c++) { /* from the start again */
    colours[c] = colours[c - made];
  }
  km_release(hooks, all);
  return status;
}
