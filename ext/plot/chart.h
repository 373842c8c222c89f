/* What charts have in common: paper, title, two axes, a caption; and where on the paper things are.
**
** Everything about looks is an attribute of an element: no style sheet, no id, no script. So several
** pictures can stand in one page, and a picture does in any reader what it does in the next.
*/
#ifndef KM_PLOT_CHART_H
#define KM_PLOT_CHART_H

#include "plot/palette.h"
#include "plot/ticks.h"
#include "plot/typeset.h"
#include "plot/writer.h"

#define KM_MAX_TITLE_LINES 2
#define KM_MAX_CAPTION_LINES 3
#define KM_MARGIN 16.0

typedef struct km_axis {
  double low; /* low < high: see km_axis_widen */
  double high;
  const char *name; /* UTF-8, from anyone; "": none */
  int hidden;       /* neither ticks nor a name */
  int whole;        /* ticks at whole numbers only: of the x axis */
  km_ticks ticks;
} km_axis;

typedef struct km_chart {
  km_writer *out;
  const km_theme *theme;
  double width;
  double height;
  const char *title; /* UTF-8, from anyone, as are the next two */
  const char *description;
  const char *caption;
  double head; /* room to be left above the plot, beside what the chart itself needs */
  double side; /* and to the right of it */
  km_axis x;
  km_axis y;
  /* What km_chart_lay_out finds: the rectangle of the plot, in pixels. */
  double left;
  double right;
  double top;
  double bottom;
  km_line_of_text title_line[KM_MAX_TITLE_LINES];
  size_t title_lines;
  km_line_of_text caption_line[KM_MAX_CAPTION_LINES];
  size_t caption_lines;
} km_chart;

/* Finds top and bottom from the texts; then left and right and the ticks from the axes and side. */
void km_chart_lay_out_rows(km_chart *chart);
void km_chart_lay_out_columns(km_chart *chart);

/* Where a number of an axis is, in pixels. */
double km_chart_x(const km_chart *chart, double number);
double km_chart_y(const km_chart *chart, double number);

/* Writes, in this order: the opening tag, paper and title; the grid; the axes' ticks and names; the
** caption and the closing tag. */
void km_chart_begin(km_chart *chart);
void km_chart_grid(km_chart *chart);
void km_chart_axes(km_chart *chart);
void km_chart_end(km_chart *chart);

/* Writes a line of text; attributes begin with a space, or are "". */
void km_chart_text(km_chart *chart, double x, double y, double size, uint32_t colour,
                   const char *attributes, const km_line_of_text *line);

/* The same for text of ours. */
void km_chart_label(km_chart *chart, double x, double y, double size, uint32_t colour,
                    const char *attributes, const char *text);

#endif
