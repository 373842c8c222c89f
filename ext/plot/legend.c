#include "plot/legend.h"

#include <math.h>
#include <string.h>

#define SIZE 12.0
#define STEP 19.0
#define HEAD 20.0
#define DOT 15.0       /* the width that a dot takes */
#define GAP 16.0       /* between columns, and to the plot */
#define MOST_PART 0.36 /* of the width of the paper */
#define LEAST_PLOT 150.0

static double width_of(const char *text, double size) {
  return km_text_width(text, strlen(text)) * size;
}

void km_legend_lay_out(km_legend *legend, km_chart *chart) {
  char label[KM_LABEL_BYTES];
  size_t most = 0;
  for (size_t c = 0; c < legend->k; c++) {
    most = legend->sizes[c] > most ? legend->sizes[c] : most;
  }
  km_count_label(most, label);
  double sizes = fmax(width_of(label, SIZE), width_of("size", SIZE - 1));
  km_count_label(legend->k, label);
  double numbers = fmax(DOT + width_of(label, SIZE), width_of("cluster", SIZE - 1));
  legend->column = numbers + 12 + sizes;
  double room = fmin(chart->width * MOST_PART, chart->width - LEAST_PLOT - 2 * KM_MARGIN);
  legend->rows = (size_t)fmax((chart->bottom - chart->top - HEAD) / STEP, 1);
  size_t wanted = (legend->k + legend->rows - 1) / legend->rows;
  size_t fit = room > 0 ? (size_t)(room / (legend->column + GAP)) : 0;
  legend->columns = wanted < fit ? wanted : fit;
  chart->side = (double)legend->columns * (legend->column + GAP);
}

void km_legend_draw(const km_legend *legend, km_chart *chart) {
  km_writer *out = chart->out;
  size_t places = legend->rows * legend->columns;
  if (places == 0) {
    return;
  }
  size_t shown = legend->k <= places ? legend->k : places - 1;
  km_write(out, "<g font-size=\"%f\" fill=\"#%06x\">\n", SIZE, chart->theme->ink);
  for (size_t c = 0; c < places && c < legend->k; c++) {
    char label[KM_LABEL_BYTES];
    double x = chart->right + GAP + (double)(c / legend->rows) * (legend->column + GAP);
    double y = chart->top + HEAD + STEP * ((double)(c % legend->rows) + 0.5);
    if (c % legend->rows == 0) {
      km_chart_label(chart, x, chart->top + 11, SIZE - 1, chart->theme->pale_ink, "", "cluster");
      km_chart_label(chart, x + legend->column, chart->top + 11, SIZE - 1, chart->theme->pale_ink,
                     " text-anchor=\"end\"", "size");
    }
    if (c == shown) {
      km_count_label(legend->k - shown, label);
      km_write(out, "<text x=\"%f\" y=\"%f\">%s more</text>\n", x, y + 4, label);
      break;
    }
    km_write(out, "<circle cx=\"%f\" cy=\"%f\" r=\"5\" fill=\"#%06x\"/>", x + 5, y,
             legend->colours[c]);
    km_count_label(c, label);
    km_write(out, "<text x=\"%f\" y=\"%f\">%s</text>", x + DOT, y + 4, label);
    km_count_label(legend->sizes[c], label);
    km_write(out, "<text x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>\n", x + legend->column,
             y + 4, label);
  }
  km_write(out, "</g>\n");
}
