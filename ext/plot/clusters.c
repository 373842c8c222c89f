#include "plot/clusters.h"

#include <math.h>
#include <string.h>

#include "plot/drawing.h"

#define NUMBERED_MARKS 60 /* up to so many centroids carry their number */
#define LARGE_MARKS 25    /* up to so many, in large print */
#define LARGE_PRINT 11.0
#define SMALL_PRINT 9.0
#define MARK_PER_SIZE 0.78 /* the radius of a mark, by the size of its print */

void km_write_polygon(km_writer *out, const km_point *corner, size_t count) {
  for (size_t i = 0; i < count; i++) {
    km_write(out, i == 0 ? "M%f %f" : i == 1 ? "L%f %f" : " %f %f", corner[i].x, corner[i].y);
  }
  km_write(out, "Z");
}

static km_status draw_cells(km_drawing *drawing) {
  km_writer *out = drawing->chart.out;
  const km_chart *chart = &drawing->chart;
  km_hooks *hooks = drawing->hooks;
  size_t k = drawing->result->k;
  km_sites sites = {drawing->site,
                    k,
                    km_drawing_weight(drawing),
                    {chart->left, chart->top},
                    {chart->right, chart->bottom}};
  km_status status = KM_NOMEM;
  km_point *corner = km_allocate(hooks, k + 4, sizeof *corner);
  km_point *spare = km_allocate(hooks, k + 4, sizeof *spare);
  if (corner && spare) {
    status = KM_OK;
    km_write(out, "<g fill-opacity=\"%s\" stroke=\"#%06x\" stroke-width=\"2\">\n",
             chart->theme->tint, chart->theme->paper);
  }
  for (size_t c = 0; c < k && status == KM_OK; c++) {
    size_t count = km_cell(&sites, c, corner, spare);
    if (count > 0) {
      km_write(out, "<path fill=\"#%06x\" d=\"", drawing->colour[c]);
      km_write_polygon(out, corner, count);
      km_write(out, "\"/>\n");
    }
    status = km_tick(hooks, 16 * k);
  }
  km_write(out, "</g>\n");
  km_release(hooks, corner);
  km_release(hooks, spare);
  return status;
}

/* A dot is a line of no length with round ends: a few bytes each. */
static km_status draw_points(km_drawing *drawing) {
  km_writer *out = drawing->chart.out;
  const km_strata *strata = &drawing->strata;
  km_status status = KM_OK;
  km_write(out, "<g fill=\"none\" stroke-linecap=\"round\" stroke-width=\"%f\">\n",
           drawing->diameter);
  for (size_t c = 0; c < drawing->result->k && status == KM_OK; c++) {
    if (strata->first[c] < strata->first[c + 1]) {
      km_write(out, "<path stroke=\"#%06x\" d=\"", drawing->colour[c]);
      for (size_t i = strata->first[c]; i < strata->first[c + 1]; i++) {
        km_write(out, "M%f %fh0", drawing->point[i].x, drawing->point[i].y);
      }
      km_write(out, "\"/>\n");
      status = km_tick(drawing->hooks, 64 * (strata->first[c + 1] - strata->first[c]));
    }
  }
  km_write(out, "</g>\n");
  return status;
}

static void draw_numbered_marks(km_drawing *drawing) {
  km_writer *out = drawing->chart.out;
  const km_theme *theme = drawing->chart.theme;
  double size = drawing->result->k <= LARGE_MARKS ? LARGE_PRINT : SMALL_PRINT;
  km_write(out,
           "<g fill=\"#%06x\" stroke-width=\"2\" font-size=\"%f\" font-weight=\"600\" "
           "text-anchor=\"middle\">\n",
           theme->paper, size);
  for (size_t c = 0; c < drawing->result->k; c++) {
    km_point at = drawing->mark[c];
    km_write(out, "<circle cx=\"%f\" cy=\"%f\" r=\"%f\" stroke=\"#%06x\"/>", at.x, at.y,
             size * MARK_PER_SIZE, drawing->colour[c]);
    km_write(out, "<text x=\"%f\" y=\"%f\" fill=\"#%06x\">%zu</text>\n", at.x, at.y + size * 0.36,
             theme->ink, c);
  }
  km_write(out, "</g>\n");
}

/* Many centroids: rings without numbers. */
static void draw_small_marks(km_drawing *drawing) {
  km_writer *out = drawing->chart.out;
  const km_theme *theme = drawing->chart.theme;
  uint32_t colour[2] = {theme->ink, theme->paper};
  double size[2] = {6.5, 3};
  for (int layer = 0; layer < 2; layer++) {
    km_write(out,
             "<path fill=\"none\" stroke-linecap=\"round\" stroke-width=\"%f\" "
             "stroke=\"#%06x\" d=\"",
             size[layer], colour[layer]);
    for (size_t c = 0; c < drawing->result->k; c++) {
      km_write(out, "M%f %fh0", drawing->mark[c].x, drawing->mark[c].y);
    }
    km_write(out, "\"/>\n");
  }
}

static void draw_marks(km_drawing *drawing) {
  const km_chart *chart = &drawing->chart;
  double width = 2 * MARK_PER_SIZE * SMALL_PRINT * (double)drawing->result->k;
  int crowded = drawing->shape == KM_STRIP && width > chart->right - chart->left;
  if (drawing->result->k <= NUMBERED_MARKS && !crowded) {
    draw_numbered_marks(drawing);
  } else {
    draw_small_marks(drawing);
  }
}

/* The centroids of a strip, from left to right: an insertion sort, since they nearly always are. */
static void sort_sites(km_point *site, size_t k) {
  for (size_t i = 1; i < k; i++) {
    km_point moving = site[i];
    size_t at = i;
    for (; at > 0 && site[at - 1].x > moving.x; at--) {
      site[at] = site[at - 1];
    }
    site[at] = moving;
  }
}

/* The number at a place of the x axis. */
static double number_at(const km_chart *chart, double x) {
  double part = (x - chart->left) / (chart->right - chart->left);
  return chart->x.low + part * (chart->x.high - chart->x.low);
}

/* Lines between the classes of a strip, with what they stand at where there is room. */
static void draw_breaks(km_drawing *drawing) {
  km_chart *chart = &drawing->chart;
  km_writer *out = chart->out;
  size_t k = drawing->result->k;
  double free = chart->left;
  if (k < 2 || k > KM_MOST_CELLS) {
    return;
  }
  sort_sites(drawing->site, k);
  km_write(out, "<path fill=\"none\" stroke=\"#%06x\" stroke-dasharray=\"4 3\" d=\"",
           chart->theme->pale_ink);
  for (size_t c = 1; c < k; c++) {
    double x = drawing->site[c - 1].x / 2 + drawing->site[c].x / 2;
    km_write(out, "M%f %fV%f", x, chart->top, chart->bottom);
  }
  km_write(out, "\"/>\n");
  for (size_t c = 1; c < k; c++) {
    char label[KM_LABEL_BYTES];
    double x = drawing->site[c - 1].x / 2 + drawing->site[c].x / 2;
    km_ticks_label(&chart->x.ticks, number_at(chart, x), 2, label);
    double half = km_text_width(label, strlen(label)) * 12 / 2;
    if (x - half >= free && x + half <= chart->right) {
      km_chart_label(chart, x, chart->top - 6, 12, chart->theme->ink, " text-anchor=\"middle\"",
                     label);
      free = x + half + 6;
    }
  }
}

static km_status draw_still(km_drawing *drawing, int cells) {
  km_status status = cells ? draw_cells(drawing) : KM_OK;
  if (status == KM_OK && drawing->shape == KM_STRIP) {
    draw_breaks(drawing);
  }
  if (status == KM_OK) {
    status = draw_points(drawing);
  }
  if (status == KM_OK) {
    draw_marks(drawing);
  }
  return status;
}

km_status km_draw_clusters(const km_picture *picture, const km_dataset *data,
                           const km_result *result, km_hooks *hooks, km_writer *out) {
  km_drawing drawing;
  km_status status = km_drawing_prepare(&drawing, picture, data, result, hooks, out);
  if (status == KM_OK) {
    int cells = picture->voronoi && drawing.shape != KM_PROJECTION && result->k <= KM_MOST_CELLS;
    km_chart_begin(&drawing.chart);
    km_chart_grid(&drawing.chart);
    km_chart_axes(&drawing.chart);
    status = picture->traced ? km_draw_moving(&drawing, cells) : draw_still(&drawing, cells);
  }
  if (status == KM_OK) {
    km_legend_draw(&drawing.legend, &drawing.chart);
    km_chart_end(&drawing.chart);
    status = out->status;
  }
  km_drawing_clear(&drawing);
  return status;
}
