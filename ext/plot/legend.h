/* The legend of a picture of clusters: which colour has which number, and how many points. */
#ifndef KM_PLOT_LEGEND_H
#define KM_PLOT_LEGEND_H

#include "plot/chart.h"

typedef struct km_legend {
  size_t k;
  const size_t *sizes;     /* k */
  const uint32_t *colours; /* k */
  /* What km_legend_lay_out finds. */
  size_t rows;
  size_t columns; /* 0: there is no room for a legend */
  double column;  /* the width of one */
} km_legend;

/* Lays the legend out to the right of a chart whose rows are laid out, and sets the chart's side. */
void km_legend_lay_out(km_legend *legend, km_chart *chart);

/* Draws it. Where not all clusters have room the last place says how many more there are. */
void km_legend_draw(const km_legend *legend, km_chart *chart);

#endif
