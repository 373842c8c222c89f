#include "plot/elbow.h"

#include <math.h>
#include <string.h>

#include "plot/chart.h"

#define WIDTH 640.0
#define HEIGHT 400.0
#define DESCRIBED 20      /* points that the description goes through */
#define MARKED_POINTS 100 /* up to so many, each has its dot */

static const km_elbow_point *at(const km_chunks *points, size_t i) {
  return km_chunks_at(points, i);
}

static int is_after(const km_elbow_point *a, const km_elbow_point *b) {
  return a->k > b->k || (!(a->k < b->k) && a->inertia > b->inertia);
}

/* Lets the item at `from` sink to its place in a heap of `count`. */
static void sink(km_chunks *points, size_t from, size_t count) {
  km_elbow_point moving = *at(points, from);
  for (size_t child; (child = 2 * from + 1) < count; from = child) {
    if (child + 1 < count && is_after(at(points, child + 1), at(points, child))) {
      child++;
    }
    if (!is_after(at(points, child), &moving)) {
      break;
    }
    *(km_elbow_point *)km_chunks_at(points, from) = *at(points, child);
  }
  *(km_elbow_point *)km_chunks_at(points, from) = moving;
}

/* Heapsort: in place, whatever the order was. */
static km_status sort(km_chunks *points, km_hooks *hooks) {
  km_status status = KM_OK;
  for (size_t i = points->count / 2; i > 0 && status == KM_OK; i--) {
    sink(points, i - 1, points->count);
    status = km_tick(hooks, 64);
  }
  for (size_t last = points->count; last > 1 && status == KM_OK; last--) {
    km_elbow_point top = *at(points, 0);
    *(km_elbow_point *)km_chunks_at(points, 0) = *at(points, last - 1);
    *(km_elbow_point *)km_chunks_at(points, last - 1) = top;
    sink(points, 0, last - 1);
    status = km_tick(hooks, 256);
  }
  return status;
}

static void find_axes(const km_chunks *points, km_chart *chart) {
  chart->x.low = at(points, 0)->k;
  chart->x.high = at(points, points->count - 1)->k;
  for (size_t i = 0; i < points->count; i++) {
    chart->y.low = fmin(chart->y.low, at(points, i)->inertia);
    chart->y.high = fmax(chart->y.high, at(points, i)->inertia);
  }
  if (chart->x.high == chart->x.low) { /* one k: its neighbours beside it */
    chart->x.low -= 1;
    chart->x.high += 1;
  }
  km_axis_widen(&chart->x.low, &chart->x.high, 0.04);
  if (chart->y.high == chart->y.low) {
    chart->y.high = 1;
  }
  double top = chart->y.high;
  double bottom = chart->y.low;
  chart->y.high = top + (top - bottom) * 0.06;
  chart->y.low = bottom < 0 ? bottom - (top - bottom) * 0.04 : 0;
  km_axis_widen(&chart->y.low, &chart->y.high, 0);
}

static void draw_curve(const km_chunks *points, km_chart *chart) {
  km_writer *out = chart->out;
  uint32_t colour = chart->theme->colour[0];
  km_write(out,
           "<path fill=\"none\" stroke=\"#%06x\" stroke-width=\"2\" stroke-linejoin=\"round\" "
           "d=\"",
           colour);
  for (size_t i = 0; i < points->count; i++) {
    km_write(out,
             i == 0   ? "M%f %f"
             : i == 1 ? "L%f %f"
                      : " %f %f",
             km_chart_x(chart, at(points, i)->k), km_chart_y(chart, at(points, i)->inertia));
  }
  km_write(out, "\"/>\n");
  if (points->count > MARKED_POINTS) {
    return;
  }
  km_write(out,
           "<path fill=\"none\" stroke=\"#%06x\" stroke-width=\"8\" stroke-linecap=\"round\" "
           "d=\"",
           colour);
  for (size_t i = 0; i < points->count; i++) {
    km_write(out, "M%f %fh0", km_chart_x(chart, at(points, i)->k),
             km_chart_y(chart, at(points, i)->inertia));
  }
  km_write(out, "\"/>\n");
}

static void draw_best(const km_elbow_point *point, km_chart *chart) {
  char label[KM_LABEL_BYTES];
  char text[KM_LABEL_BYTES + 16] = "best: k = ";
  double x = km_chart_x(chart, point->k);
  double y = km_chart_y(chart, point->inertia);
  uint32_t colour = chart->theme->colour[1];
  km_write(chart->out,
           "<path stroke=\"#%06x\" stroke-dasharray=\"4 3\" d=\"M%f %fV%f\"/>"
           "<circle cx=\"%f\" cy=\"%f\" r=\"7\" fill=\"#%06x\" stroke=\"#%06x\" "
           "stroke-width=\"3\"/>\n",
           colour, x, chart->bottom, y, x, y, chart->theme->paper, colour);
  km_number_label(point->k, 6, label);
  memcpy(text + strlen(text), label, strlen(label) + 1);
  /* The curve falls: above it and to the right is free, unless that is outside. */
  int right = x < (chart->left + chart->right) / 2 || x + 100 < chart->right;
  km_chart_label(chart, right ? x + 13 : x - 13, fmax(y - 11, chart->top + 14), 13,
                 chart->theme->ink,
                 right ? " font-weight=\"600\"" : " font-weight=\"600\" text-anchor=\"end\"", text);
}

static void describe(const km_chunks *points, km_writer *out) {
  char label[KM_LABEL_BYTES];
  km_write(out, "A line chart of the inertia of k-means against the number of clusters k.");
  for (size_t i = 0; i < points->count && i < DESCRIBED; i++) {
    km_number_label(at(points, i)->k, 6, label);
    km_write(out, " k = %s: ", label);
    km_number_label(at(points, i)->inertia, 5, label);
    km_write(out, at(points, i)->best ? "%s, the best." : "%s.", label);
  }
  km_write(out, "%s", points->count > DESCRIBED ? " And so on." : "");
  km_write_bytes(out, "", 1);
}

km_status km_draw_elbow(km_chunks *points, km_theme_name theme, km_hooks *hooks, km_writer *out) {
  km_writer description;
  km_chart chart = {
      .out = out,
      .theme = &km_themes[theme],
      .width = WIDTH,
      .height = HEIGHT,
      .title = "Inertia by number of clusters",
      .caption = "",
      .x = {.name = "clusters k", .whole = 1},
      .y = {.name = "inertia"},
  };
  km_status status = sort(points, hooks);
  km_writer_init(&description, hooks);
  if (status == KM_OK) {
    describe(points, &description);
    status = description.status;
  }
  if (status == KM_OK) {
    chart.description = description.text;
    find_axes(points, &chart);
    km_chart_lay_out_rows(&chart);
    km_chart_lay_out_columns(&chart);
    km_chart_begin(&chart);
    km_chart_grid(&chart);
    km_chart_axes(&chart);
    draw_curve(points, &chart);
    for (size_t i = 0; i < points->count; i++) {
      if (at(points, i)->best) {
        draw_best(at(points, i), &chart);
      }
    }
    km_chart_end(&chart);
    status = out->status;
  }
  km_writer_clear(&description);
  return status;
}
