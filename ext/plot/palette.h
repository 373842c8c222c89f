/* Colours: of the paper and of the clusters. A colour is 0xRRGGBB, sRGB.
**
** The first ten clusters have colours that people with any kind of colour blindness can tell apart. They
** are published ones: six of Okabe & Ito's eight (Color Universal Design, 2008), and four out of Paul
** Tol's sets (Colour Schemes, SRON/EPS/TN/09-002, 2021), or Okabe & Ito's yellow for one of them on dark
** paper. The four were chosen so that under each of the simulations of Machado, Oliveira & Fernandes (A
** physiologically-based model for simulation of color vision deficiency, 2009) all ten are at least 0.076
** apart in Oklab (B. Ottosson, 2020); tests/plot/test_palette.c says so.
**
** Further ones are found as Glasbey et al. do (Colour displays for categorical images, 2007): each is the
** colour that is furthest from all before it, of those that are neither garish nor close to the paper.
*/
#ifndef KM_PLOT_PALETTE_H
#define KM_PLOT_PALETTE_H

#include <stdint.h>

#include "core/hooks.h"

typedef enum km_theme_name { KM_LIGHT, KM_DARK, KM_THEMES } km_theme_name;

typedef struct km_theme {
  uint32_t paper;
  uint32_t ink;      /* text */
  uint32_t pale_ink; /* text of less weight */
  uint32_t line;     /* of the grid and around it */
  const char *tint;  /* how opaque the colour of a cluster is that fills its cell */
  uint32_t colour[10];
  double least_lightness; /* of further colours, in Oklab */
  double most_lightness;
} km_theme;

extern const km_theme km_themes[KM_THEMES];

/* The colours of k clusters, into colours: k of them, all different up to k = 1,000. */
km_status km_palette(const km_theme *theme, size_t k, km_hooks *hooks, uint32_t *colours);

/* A colour in Oklab: lightness from 0 to 1, and the two axes of colour. */
void km_oklab(uint32_t colour, double lab[3]);

#endif
