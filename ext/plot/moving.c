/* A picture that moves through the iterations of Lloyd's algorithm: SMIL, no script.
**
** In each step the points take the colours, and the cells the shapes, that the centroids give them; then
** the centroids go where the means of their points are, leaving a trail. At the end all stays for a
** while, and it begins again. Where nothing moves, in print say, the last step is what is seen: it is what
** the attributes themselves say.
*/
#include <math.h>
#include <string.h>

#include "plot/drawing.h"

#define STEP_SECONDS 1.2
#define PAUSE_SECONDS 4.0
#define STAY 0.45 /* the part of a step in which centroids stand still */

static double duration(const km_drawing *drawing) {
  return STEP_SECONDS * (double)(drawing->steps.count - 1) + PAUSE_SECONDS;
}

/* A part of the whole time, to four decimals. */
static void write_time(km_drawing *drawing, double steps) {
  double part = steps * STEP_SECONDS / duration(drawing);
  size_t units = (size_t)floor(fmin(part, 1) * 10000 + 0.5);
  char text[] = "0.0000";
  text[0] = units == 10000 ? '1' : '0';
  for (int i = 5; i > 1; i--, units /= 10) {
    text[i] = (char)('0' + units % 10);
  }
  km_write(drawing->chart.out, "%s", text);
}

static void begin_animation(km_drawing *drawing, const char *element, const char *attribute,
                            const char *mode) {
  km_write(drawing->chart.out, "<%s attributeName=\"%s\" dur=\"%fs\" repeatCount=\"indefinite\"%s ",
           element, attribute, duration(drawing), mode);
}

#define DISCRETE " calcMode=\"discrete\""

/* Times at which the steps begin, of an animation without anything in between. */
static void write_step_times(km_drawing *drawing) {
  km_write(drawing->chart.out, "keyTimes=\"");
  for (size_t s = 0; s < drawing->steps.count; s++) {
    km_write(drawing->chart.out, s > 0 ? ";" : "");
    write_time(drawing, (double)s);
  }
  km_write(drawing->chart.out, "\"/>");
}

/* Times for values that stay and go over into the next: two for each step. */
static void write_moving_times(km_drawing *drawing) {
  size_t steps = drawing->steps.count;
  km_write(drawing->chart.out, "keyTimes=\"");
  for (size_t s = 0; s < steps; s++) {
    write_time(drawing, (double)s);
    km_write(drawing->chart.out, ";");
    if (s + 1 < steps) {
      write_time(drawing, (double)s + STAY);
      km_write(drawing->chart.out, ";");
    }
  }
  km_write(drawing->chart.out, "1\"/>");
}

static void write_cell(km_drawing *drawing, const km_sites *sites, size_t c, km_point *corner,
                       km_point *spare) {
  size_t count = km_cell(sites, c, corner, spare);
  if (count > 0) {
    km_write_polygon(drawing->chart.out, corner, count);
  } else {
    km_write(drawing->chart.out, "M0 0");
  }
}

static km_status draw_cells(km_drawing *drawing, km_point *corner, km_point *spare) {
  const km_chart *chart = &drawing->chart;
  km_writer *out = chart->out;
  size_t k = drawing->result->k;
  size_t steps = drawing->steps.count;
  km_status status = KM_OK;
  km_sites sites = {NULL,
                    k,
                    km_drawing_weight(drawing),
                    {chart->left, chart->top},
                    {chart->right, chart->bottom}};
  km_write(out, "<g fill-opacity=\"%s\" stroke=\"#%06x\" stroke-width=\"2\">\n", chart->theme->tint,
           chart->theme->paper);
  for (size_t c = 0; c < k && status == KM_OK; c++) {
    sites.at = drawing->steps.mark + (steps - 1) * k;
    km_write(out, "<path fill=\"#%06x\" d=\"", drawing->colour[c]);
    write_cell(drawing, &sites, c, corner, spare);
    km_write(out, "\">");
    begin_animation(drawing, "animate", "d", DISCRETE);
    km_write(out, "values=\"");
    for (size_t s = 0; s < steps && status == KM_OK; s++) {
      sites.at = drawing->steps.mark + s * k;
      km_write(out, s > 0 ? ";" : "");
      write_cell(drawing, &sites, c, corner, spare);
      status = km_tick(drawing->hooks, 64 * k);
    }
    km_write(out, "\" ");
    write_step_times(drawing);
    km_write(out, "</path>\n");
  }
  km_write(out, "</g>\n");
  return status;
}

static uint32_t label(const km_drawing *drawing, size_t step, size_t i) {
  return drawing->steps.label[step * drawing->strata.count + i];
}

/* Whether two points have the same colours all the way. */
static int alike(const km_drawing *drawing, size_t a, size_t b) {
  size_t s = 0;
  while (s < drawing->steps.count && label(drawing, s, a) == label(drawing, s, b)) {
    s++;
  }
  return s == drawing->steps.count;
}

/* The colours that point i has, each with the time from which it has it. */
static void animate_colour(km_drawing *drawing, size_t i) {
  km_writer *out = drawing->chart.out;
  size_t steps = drawing->steps.count;
  begin_animation(drawing, "animate", "stroke", DISCRETE);
  for (int pass = 0; pass < 2; pass++) {
    km_write(out, pass == 0 ? "values=\"" : "\" keyTimes=\"");
    for (size_t s = 0; s < steps; s++) {
      if (s > 0 && label(drawing, s, i) == label(drawing, s - 1, i)) {
        continue;
      }
      km_write(out, s > 0 ? ";" : "");
      if (pass == 0) {
        km_write(out, "#%06x", drawing->colour[label(drawing, s, i)]);
      } else {
        write_time(drawing, (double)s);
      }
    }
  }
  km_write(out, "\"/>");
}

/* Points that change their colours together are one path. `done` has a zero for each. */
static km_status draw_points(km_drawing *drawing, unsigned char *done) {
  km_writer *out = drawing->chart.out;
  size_t count = drawing->strata.count;
  size_t last = drawing->steps.count - 1;
  km_status status = KM_OK;
  km_write(out, "<g fill=\"none\" stroke-linecap=\"round\" stroke-width=\"%f\">\n",
           drawing->diameter);
  for (size_t first = 0; first < count && status == KM_OK; first++) {
    int changes = 0;
    if (done[first]) {
      continue;
    }
    km_write(out, "<path stroke=\"#%06x\" d=\"", drawing->colour[label(drawing, last, first)]);
    for (size_t i = first; i < count && status == KM_OK; i++) {
      if (!done[i] && alike(drawing, first, i)) {
        done[i] = 1;
        km_write(out, "M%f %fh0", drawing->point[i].x, drawing->point[i].y);
      }
      status = km_tick(drawing->hooks, 32);
    }
    for (size_t s = 0; s < last; s++) {
      changes |= label(drawing, s, first) != label(drawing, last, first);
    }
    km_write(out, changes ? "\">" : "\"");
    if (changes) {
      animate_colour(drawing, first);
    }
    km_write(out, changes ? "</path>\n" : "/>\n");
  }
  km_write(out, "</g>\n");
  return status;
}

static km_point mark(const km_drawing *drawing, size_t step, size_t c) {
  return drawing->steps.mark[step * drawing->result->k + c];
}

static double apart(km_point a, km_point b) {
  return hypot(a.x - b.x, a.y - b.y);
}

/* The way that centroid c has come, drawn as it goes: a dash as long as the line, pulled along it. */
static void draw_trail(km_drawing *drawing, size_t c) {
  km_writer *out = drawing->chart.out;
  size_t steps = drawing->steps.count;
  double length = 0;
  for (size_t s = 1; s < steps; s++) {
    length += apart(mark(drawing, s - 1, c), mark(drawing, s, c));
  }
  if (length < 1) {
    return;
  }
  km_write(out, "<path d=\"");
  for (size_t s = 0; s < steps; s++) {
    km_point at = mark(drawing, s, c);
    km_write(out, s == 0 ? "M%f %f" : s == 1 ? "L%f %f" : " %f %f", at.x, at.y);
  }
  km_write(out, "\" pathLength=\"1000\" stroke-dasharray=\"1000 2000\">");
  begin_animation(drawing, "animate", "stroke-dashoffset", "");
  km_write(out, "values=\"");
  double gone = 0;
  for (size_t s = 0; s < steps; s++) {
    gone += s > 0 ? apart(mark(drawing, s - 1, c), mark(drawing, s, c)) : 0;
    double left = 1000 * fmax(1 - gone / length, 0);
    km_write(out, s > 0 ? ";%f;%f" : "%f;%f", left, left);
  }
  km_write(out, "\" ");
  write_moving_times(drawing);
  km_write(out, "</path>\n");
}

static void draw_mark(km_drawing *drawing, size_t c) {
  km_writer *out = drawing->chart.out;
  size_t steps = drawing->steps.count;
  km_point end = mark(drawing, steps - 1, c);
  km_write(out, "<g transform=\"translate(%f %f)\">", end.x, end.y);
  km_write(out,
           "<circle r=\"8.5\" stroke=\"#%06x\"/><text y=\"4\" stroke=\"none\" "
           "fill=\"#%06x\">%zu</text>",
           drawing->colour[c], drawing->chart.theme->ink, c);
  begin_animation(drawing, "animateTransform", "transform", " type=\"translate\"");
  km_write(out, "values=\"");
  for (size_t s = 0; s < steps; s++) {
    km_point at = mark(drawing, s, c);
    km_write(out, s > 0 ? ";%f %f;%f %f" : "%f %f;%f %f", at.x, at.y, at.x, at.y);
  }
  km_write(out, "\" ");
  write_moving_times(drawing);
  km_write(out, "</g>\n");
}

static void draw_marks(km_drawing *drawing) {
  km_writer *out = drawing->chart.out;
  const km_theme *theme = drawing->chart.theme;
  km_write(out, "<g fill=\"none\" stroke=\"#%06x\" stroke-width=\"1.5\">\n", theme->ink);
  for (size_t c = 0; c < drawing->result->k; c++) {
    draw_trail(drawing, c);
  }
  km_write(out,
           "</g>\n<g fill=\"#%06x\" stroke-width=\"2\" font-size=\"11\" font-weight=\"600\" "
           "text-anchor=\"middle\">\n",
           theme->paper);
  for (size_t c = 0; c < drawing->result->k; c++) {
    draw_mark(drawing, c);
  }
  km_write(out, "</g>\n");
}

/* Which iteration it is: a text for each, of which one is seen. */
static void draw_counter(km_drawing *drawing) {
  km_chart *chart = &drawing->chart;
  km_writer *out = chart->out;
  const km_steps *steps = &drawing->steps;
  km_write(out, "<g text-anchor=\"end\" font-size=\"12\" fill=\"#%06x\">\n", chart->theme->ink);
  for (size_t s = 0; s < steps->count; s++) {
    int last = s + 1 == steps->count;
    char label_text[KM_LABEL_BYTES];
    km_number_label(steps->inertia[s], 4, label_text);
    km_write(out, "<text x=\"%f\" y=\"%f\"%s>iteration %zu: inertia %s", chart->right,
             chart->top - 6, last ? "" : " visibility=\"hidden\"", steps->iteration[s], label_text);
    if (steps->count > 1) {
      begin_animation(drawing, "animate", "visibility", DISCRETE);
      km_write(out, "%s keyTimes=\"0;",
               s == 0 ? "values=\"visible;hidden\""
               : last ? "values=\"hidden;visible\""
                      : "values=\"hidden;visible;hidden\"");
      write_time(drawing, (double)(s == 0 ? 1 : s));
      if (s > 0 && !last) {
        km_write(out, ";");
        write_time(drawing, (double)(s + 1));
      }
      km_write(out, "\"/>");
    }
    km_write(out, "</text>\n");
  }
  km_write(out, "</g>\n");
}

km_status km_draw_moving(km_drawing *drawing, int cells) {
  km_hooks *hooks = drawing->hooks;
  size_t room = drawing->result->k + 4;
  km_point *corner = km_allocate(hooks, room, sizeof *corner);
  km_point *spare = km_allocate(hooks, room, sizeof *spare);
  unsigned char *done = km_allocate(hooks, drawing->strata.count, 1);
  km_status status = KM_NOMEM;
  if (corner && spare && done) {
    memset(done, 0, drawing->strata.count);
    status = cells ? draw_cells(drawing, corner, spare) : KM_OK;
  }
  if (status == KM_OK) {
    status = draw_points(drawing, done);
  }
  if (status == KM_OK) {
    draw_marks(drawing);
    draw_counter(drawing);
  }
  km_release(hooks, corner);
  km_release(hooks, spare);
  km_release(hooks, done);
  return status;
}
