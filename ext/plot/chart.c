#include "plot/chart.h"

#include <math.h>
#include <string.h>

#define TITLE_SIZE 17.0
#define TITLE_STEP 22.0
#define BOLD 1.22 /* is wider */
#define CAPTION_SIZE 11.0
#define CAPTION_STEP 15.0
#define NAME_SIZE 13.0
#define TICK_SIZE 12.0
#define TICK_GAP 8.0 /* between the plot and its ticks' labels */
#define X_APART 80.0 /* pixels between ticks, about */
#define Y_APART 48.0
#define LEAST_SIDE 60.0 /* of the plot, however small the paper */

void km_chart_text(km_chart *chart, double x, double y, double size, uint32_t colour,
                   const char *attributes, const km_line_of_text *line) {
  km_writer *out = chart->out;
  km_write(out, "<text x=\"%f\" y=\"%f\" font-size=\"%f\" fill=\"#%06x\"%s>", x, y, size, colour,
           attributes);
  km_write_escaped(out, line->text, line->bytes);
  km_write(out, "%s</text>\n", line->cut ? "\xE2\x80\xA6" : "");
}

void km_chart_label(km_chart *chart, double x, double y, double size, uint32_t colour,
                    const char *attributes, const char *text) {
  km_line_of_text line = {text, strlen(text), 0};
  km_chart_text(chart, x, y, size, colour, attributes, &line);
}

double km_chart_x(const km_chart *chart, double number) {
  double part = (number - chart->x.low) / (chart->x.high - chart->x.low);
  return chart->left + part * (chart->right - chart->left);
}

double km_chart_y(const km_chart *chart, double number) {
  double part = (number - chart->y.low) / (chart->y.high - chart->y.low);
  return chart->bottom - part * (chart->bottom - chart->top);
}

static double widest_label(const km_ticks *ticks) {
  double widest = 0;
  for (size_t i = 0; i < ticks->count; i++) {
    widest = fmax(widest, km_text_width(ticks->label[i], strlen(ticks->label[i])));
  }
  return widest * TICK_SIZE;
}

void km_chart_lay_out_rows(km_chart *chart) {
  double width = chart->width - 2 * KM_MARGIN;
  chart->title_lines = km_typeset(chart->title, strlen(chart->title), width / (TITLE_SIZE * BOLD),
                                  chart->title_line, KM_MAX_TITLE_LINES);
  chart->caption_lines = km_typeset(chart->caption, strlen(chart->caption), width / CAPTION_SIZE,
                                    chart->caption_line, KM_MAX_CAPTION_LINES);
  chart->top = KM_MARGIN + TITLE_STEP * (double)chart->title_lines + 8 + chart->head;
  chart->bottom = chart->height - 10 - CAPTION_STEP * (double)chart->caption_lines - 6 -
                  (chart->x.name[0] ? NAME_SIZE + 9 : 0) - TICK_SIZE - TICK_GAP;
  /* On paper too small for all of it, something is lost, but nothing turns over. */
  chart->bottom = fmax(chart->bottom, chart->top + LEAST_SIDE);
  if (!chart->y.hidden) {
    size_t wanted = (size_t)((chart->bottom - chart->top) / Y_APART) + 1;
    km_ticks_find(&chart->y.ticks, chart->y.low, chart->y.high, wanted);
    if (chart->y.ticks.note[0]) {
      chart->top += chart->head > 0 ? 0 : TICK_SIZE;
    }
  }
}

void km_chart_lay_out_columns(km_chart *chart) {
  double labels = chart->y.hidden ? 0 : widest_label(&chart->y.ticks) + TICK_GAP;
  double name = chart->y.hidden || !chart->y.name[0] ? 0 : NAME_SIZE + 10;
  chart->left = KM_MARGIN + name + labels;
  chart->right = fmax(chart->width - KM_MARGIN - chart->side, chart->left + LEAST_SIDE);
  double width = chart->right - chart->left;
  size_t wanted = (size_t)(width / X_APART) + 1;
  if (chart->x.whole) {
    wanted = (size_t)fmin((double)wanted, floor(chart->x.high - chart->x.low) + 1);
  }
  do {
    km_ticks_find(&chart->x.ticks, chart->x.low, chart->x.high, wanted);
  } while (wanted-- > 2 &&
           (widest_label(&chart->x.ticks) + TICK_SIZE) * (double)chart->x.ticks.count > width);
}

void km_chart_begin(km_chart *chart) {
  km_writer *out = chart->out;
  km_write(out,
           "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%f\" height=\"%f\" "
           "viewBox=\"0 0 %f %f\" font-family=\"system-ui,'Segoe UI',Helvetica,Arial,sans-serif\">"
           "\n<title>",
           chart->width, chart->height, chart->width, chart->height);
  km_write_escaped(out, chart->title, strlen(chart->title));
  km_write(out, "</title>\n<desc>");
  km_write_escaped(out, chart->description, strlen(chart->description));
  km_write(out, "</desc>\n<rect width=\"%f\" height=\"%f\" fill=\"#%06x\"/>\n", chart->width,
           chart->height, chart->theme->paper);
  for (size_t i = 0; i < chart->title_lines; i++) {
    km_chart_text(chart, KM_MARGIN, KM_MARGIN + TITLE_STEP * (double)i + TITLE_SIZE, TITLE_SIZE,
                  chart->theme->ink, " font-weight=\"600\"", &chart->title_line[i]);
  }
}

void km_chart_grid(km_chart *chart) {
  km_writer *out = chart->out;
  km_write(out, "<path fill=\"none\" stroke=\"#%06x\" d=\"", chart->theme->line);
  for (size_t i = 0; i < chart->x.ticks.count; i++) {
    km_write(out, "M%f %fV%f", km_chart_x(chart, chart->x.ticks.at[i]), chart->top, chart->bottom);
  }
  for (size_t i = 0; i < chart->y.ticks.count && !chart->y.hidden; i++) {
    km_write(out, "M%f %fH%f", chart->left, km_chart_y(chart, chart->y.ticks.at[i]), chart->right);
  }
  km_write(out, "M%f %fH%fV%fH%fZ\"/>\n", chart->left, chart->top, chart->right, chart->bottom,
           chart->left);
}

static void write_ticks(km_chart *chart) {
  km_writer *out = chart->out;
  km_write(out, "<g font-size=\"%f\" fill=\"#%06x\">\n<g text-anchor=\"middle\">\n", TICK_SIZE,
           chart->theme->pale_ink);
  for (size_t i = 0; i < chart->x.ticks.count; i++) {
    km_write(out, "<text x=\"%f\" y=\"%f\">%s</text>\n", km_chart_x(chart, chart->x.ticks.at[i]),
             chart->bottom + TICK_GAP + TICK_SIZE - 2, chart->x.ticks.label[i]);
  }
  km_write(out, "</g>\n<g text-anchor=\"end\">\n");
  for (size_t i = 0; i < chart->y.ticks.count && !chart->y.hidden; i++) {
    km_write(out, "<text x=\"%f\" y=\"%f\">%s</text>\n", chart->left - TICK_GAP,
             km_chart_y(chart, chart->y.ticks.at[i]) + TICK_SIZE * 0.35, chart->y.ticks.label[i]);
  }
  km_write(out, "</g>\n</g>\n");
}

/* The name of an axis along `length` pixels, of which `taken` at its end are another's. */
static void write_name(km_chart *chart, const km_axis *axis, double x, double y, double length,
                       double taken, const char *attributes) {
  km_line_of_text line;
  if (km_typeset(axis->name, strlen(axis->name), (length - 2 * taken) / NAME_SIZE, &line, 1)) {
    km_chart_text(chart, x, y, NAME_SIZE, chart->theme->ink, attributes, &line);
  }
}

void km_chart_axes(km_chart *chart) {
  double middle_x = (chart->left + chart->right) / 2;
  double middle_y = (chart->top + chart->bottom) / 2;
  double below = chart->bottom + TICK_GAP + TICK_SIZE + NAME_SIZE + 6;
  const char *note = chart->x.ticks.note;
  write_ticks(chart);
  write_name(chart, &chart->x, middle_x, below, chart->right - chart->left,
             km_text_width(note, strlen(note)) * TICK_SIZE, " text-anchor=\"middle\"");
  if (note[0]) {
    km_chart_label(chart, chart->right, below, TICK_SIZE, chart->theme->pale_ink,
                   " text-anchor=\"end\"", note);
  }
  if (!chart->y.hidden) {
    double x = KM_MARGIN + NAME_SIZE - 2;
    km_writer *out = chart->out;
    km_write(out, "<g transform=\"translate(%f %f)rotate(-90)\">", x, middle_y);
    write_name(chart, &chart->y, 0, 0, chart->bottom - chart->top, 0, " text-anchor=\"middle\"");
    km_write(out, "</g>\n");
    if (chart->y.ticks.note[0]) {
      km_chart_label(chart, chart->left, chart->top - 6, TICK_SIZE, chart->theme->pale_ink, "",
                     chart->y.ticks.note);
    }
  }
}

void km_chart_end(km_chart *chart) {
  for (size_t i = 0; i < chart->caption_lines; i++) {
    double up = CAPTION_STEP * (double)(chart->caption_lines - 1 - i);
    km_chart_text(chart, KM_MARGIN, chart->height - 12 - up, CAPTION_SIZE, chart->theme->pale_ink,
                  "", &chart->caption_line[i]);
  }
  km_write(chart->out, "</svg>\n");
}
