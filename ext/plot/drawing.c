#include "plot/drawing.h"

#include <math.h>
#include <string.h>

#define LARGEST_DOT 7.0
#define SMALLEST_DOT 2.2
#define LARGEST_STACKED 8.0    /* of a strip's dots */
#define LOOSE 1.6              /* how far apart in a stack they may be, in dots */
#define FEW_POINTS 300.0       /* up to so many, dots have their full size */
#define USUAL_PLOT (200 * 1e3) /* square pixels, of a plot in which that is right */
#define ROOM 0.04              /* of an axis, at either end */
#define STRIP_HEAD 30.0        /* pixels above the stacks, for the centroids' marks */
#define ABOVE 16.0             /* pixels above the plot, for the breaks of a strip, or what moves */

/* The stored row, with what stands for NULL in it, in the room. */
static const double *stored_row(const km_drawing *drawing, size_t i) {
  const km_dataset *data = drawing->data;
  km_dataset_stored(data, i, drawing->room);
  for (size_t j = 0; j < data->dims; j++) {
    if (isnan(drawing->room[j])) {
      drawing->room[j] = data->transform->impute[j];
    }
  }
  return drawing->room;
}

static int is_cosine(const km_drawing *drawing) {
  return km_dataset_metric(drawing->data) == KM_COSINE;
}

static km_point on_axes(const km_drawing *drawing, const double *row) {
  return (km_point){row[0], drawing->shape == KM_STRIP ? 0 : row[1]};
}

static km_point project(const km_drawing *drawing, const double *row) {
  double to[2];
  km_components_project(&drawing->components, row, to);
  return (km_point){to[0] / drawing->components.unit, to[1] / drawing->components.unit};
}

static double length_of(km_point p) {
  return hypot(p.x, p.y);
}

static km_status place_points(km_drawing *drawing) {
  const km_strata *strata = &drawing->strata;
  km_status status = KM_OK;
  double sum = 0;
  for (size_t i = 0; i < strata->count && status == KM_OK; i++) {
    if (drawing->shape == KM_PROJECTION) {
      const double *row = km_dataset_row(drawing->data, strata->row[i], drawing->room);
      drawing->point[i] = project(drawing, row);
    } else {
      drawing->point[i] = on_axes(drawing, stored_row(drawing, strata->row[i]));
      sum += length_of(drawing->point[i]) / (double)strata->count;
    }
    status = km_tick(drawing->hooks, drawing->data->dims * 2 + 16);
  }
  drawing->length = sum;
  return status;
}

/* The mean length of the points of cluster c, or of all where it has none. */
static double length_of_cluster(const km_drawing *drawing, size_t c) {
  size_t first = drawing->strata.first[c];
  size_t count = drawing->strata.first[c + 1] - first;
  double sum = 0;
  for (size_t i = first; i < first + count; i++) {
    sum += length_of(drawing->point[i]) / (double)count;
  }
  return count > 0 ? sum : drawing->length;
}

km_point km_drawing_place(const km_drawing *drawing, const km_result *result, size_t c,
                          double length) {
  if (drawing->shape == KM_PROJECTION) {
    return project(drawing, result->centroids + c * result->dims);
  }
  km_point at = on_axes(drawing, result->restored + c * result->dims);
  if (is_cosine(drawing)) {
    double factor = length / length_of(at);
    at = (km_point){at.x * factor, at.y * factor};
  }
  return at;
}

static km_status place_marks(km_drawing *drawing) {
  const km_result *result = drawing->result;
  km_status status = KM_OK;
  for (size_t c = 0; c < result->k && status == KM_OK; c++) {
    drawing->mark[c] = km_drawing_place(drawing, result, c, length_of_cluster(drawing, c));
    drawing->site[c] = km_drawing_place(drawing, result, c, drawing->length);
    status = km_tick(drawing->hooks, result->dims * 2);
  }
  return status;
}

static void include(km_axis *axis, double number) {
  axis->low = fmin(axis->low, number);
  axis->high = fmax(axis->high, number);
}

static void find_ranges(km_drawing *drawing) {
  km_axis *x = &drawing->chart.x;
  km_axis *y = &drawing->chart.y;
  x->low = y->low = INFINITY;
  x->high = y->high = -INFINITY;
  for (size_t i = 0; i < drawing->strata.count; i++) {
    include(x, drawing->point[i].x);
    include(y, drawing->point[i].y);
  }
  for (size_t c = 0; c < drawing->result->k; c++) {
    include(x, drawing->mark[c].x);
    include(y, drawing->mark[c].y);
  }
  for (size_t i = 0; i < drawing->steps.count * drawing->result->k; i++) {
    include(x, drawing->steps.mark[i].x);
    include(y, drawing->steps.mark[i].y);
  }
  km_axis_widen(&x->low, &x->high, ROOM);
  km_axis_widen(&y->low, &y->high, ROOM);
}

static void to_pixels(const km_drawing *drawing, km_point *points, size_t count) {
  for (size_t i = 0; i < count; i++) {
    points[i].x = km_chart_x(&drawing->chart, points[i].x);
    points[i].y = km_chart_y(&drawing->chart, points[i].y);
  }
}

/* Stacks dots of this width over the places where they are: each y becomes a number from 0. Returns
** the height of the highest stack. */
static size_t count_stacks(km_drawing *drawing, double width, size_t *height, size_t bins) {
  size_t most = 0;
  memset(height, 0, bins * sizeof *height);
  for (size_t i = 0; i < drawing->strata.count; i++) {
    size_t bin = (size_t)fmax((drawing->point[i].x - drawing->chart.left) / width, 0);
    drawing->point[i].y = (double)height[bin]++;
    most = height[bin] > most ? height[bin] : most;
  }
  return most;
}

/* The marks of a strip stand above its stacks. */
static void put_in_head(const km_drawing *drawing, km_point *marks, size_t count) {
  for (size_t i = 0; i < count; i++) {
    marks[i].y = drawing->chart.top + STRIP_HEAD / 2;
  }
}

/* Makes a strip a dot plot (L. Wilkinson, 1999): points that would touch are stacked, in dots as large as
** there is room for. */
static km_status stack(km_drawing *drawing) {
  const km_chart *chart = &drawing->chart;
  km_status status = KM_OK;
  double room = chart->bottom - chart->top - STRIP_HEAD - LARGEST_STACKED;
  size_t bins = (size_t)((chart->right - chart->left) / SMALLEST_DOT) + 2;
  size_t *height = km_allocate(drawing->hooks, bins, sizeof *height);
  if (!height) {
    return KM_NOMEM;
  }
  double width = LARGEST_STACKED;
  size_t most = count_stacks(drawing, width, height, bins);
  while ((double)most * width > room && width > SMALLEST_DOT && status == KM_OK) {
    width = fmax(width * 0.9, SMALLEST_DOT);
    most = count_stacks(drawing, width, height, bins);
    status = km_tick(drawing->hooks, 16 * drawing->strata.count);
  }
  double step = fmin(width * LOOSE, room / (double)most);
  double base = chart->bottom - LARGEST_STACKED / 2;
  for (size_t i = 0; i < drawing->strata.count; i++) {
    drawing->point[i].y = base - step * drawing->point[i].y;
  }
  put_in_head(drawing, drawing->mark, drawing->result->k);
  put_in_head(drawing, drawing->site, drawing->result->k);
  put_in_head(drawing, drawing->steps.mark, drawing->steps.count * drawing->result->k);
  drawing->diameter = width - 0.5;
  km_release(drawing->hooks, height);
  return status;
}

/* Dots get smaller as there are more of them, and with the paper. */
static double dot_size(const km_drawing *drawing) {
  const km_chart *chart = &drawing->chart;
  double area = (chart->right - chart->left) * (chart->bottom - chart->top);
  double crowd = (double)drawing->strata.count / FEW_POINTS * USUAL_PLOT / area;
  double size = crowd > 1 ? LARGEST_DOT / sqrt(sqrt(crowd)) : LARGEST_DOT;
  return fmax(size, SMALLEST_DOT);
}

static km_status lay_out(km_drawing *drawing) {
  km_chart *chart = &drawing->chart;
  drawing->legend =
      (km_legend){drawing->result->k, drawing->result->sizes, drawing->colour, 0, 0, 0};
  chart->y.hidden = drawing->shape == KM_STRIP;
  chart->head = drawing->shape == KM_STRIP || drawing->steps.count > 0 ? ABOVE : 0;
  km_chart_lay_out_rows(chart);
  km_legend_lay_out(&drawing->legend, chart);
  km_chart_lay_out_columns(chart);
  to_pixels(drawing, drawing->point, drawing->strata.count);
  to_pixels(drawing, drawing->mark, drawing->result->k);
  to_pixels(drawing, drawing->site, drawing->result->k);
  to_pixels(drawing, drawing->steps.mark, drawing->steps.count * drawing->result->k);
  drawing->diameter = dot_size(drawing);
  return drawing->shape == KM_STRIP ? stack(drawing) : KM_OK;
}

km_point km_drawing_weight(const km_drawing *drawing) {
  const km_chart *chart = &drawing->chart;
  const km_transform *transform = drawing->data->transform;
  const double *factor = transform ? transform->factor : NULL;
  int power[4];
  /* As mantissas and exponents: any of these may be 1e300, or 1e-300. */
  double x = frexp((chart->x.high - chart->x.low) / (chart->right - chart->left), &power[0]) *
             frexp(factor ? factor[0] : 1, &power[1]);
  double y = frexp((chart->y.high - chart->y.low) / (chart->bottom - chart->top), &power[2]) *
             frexp(factor && drawing->shape != KM_STRIP ? factor[1] : 1, &power[3]);
  double ratio = ldexp(x / y, power[0] + power[1] - power[2] - power[3]);
  if (drawing->shape == KM_STRIP) {
    ratio = 1;
  }
  return ratio > 1 ? (km_point){1, 1 / ratio} : (km_point){ratio, 1};
}

static km_status allocate(km_drawing *drawing) {
  km_hooks *hooks = drawing->hooks;
  size_t k = drawing->result->k;
  drawing->colour = km_allocate(hooks, k, sizeof *drawing->colour);
  drawing->point = km_allocate(hooks, drawing->strata.count, sizeof *drawing->point);
  drawing->mark = km_allocate(hooks, k, sizeof *drawing->mark);
  drawing->site = km_allocate(hooks, k, sizeof *drawing->site);
  drawing->room = km_allocate(hooks, drawing->data->dims, sizeof *drawing->room);
  return drawing->colour && drawing->point && drawing->mark && drawing->site && drawing->room
             ? KM_OK
             : KM_NOMEM;
}

/* Components of so many points that a pass over them takes a moment. */
static km_status find_components(km_drawing *drawing) {
  const km_strata *strata = &drawing->strata;
  size_t most = (size_t)8000000 / drawing->data->dims;
  most = most < 256 ? 256 : most;
  if (drawing->shape != KM_PROJECTION) {
    return KM_OK;
  }
  if (drawing->data->dims <= KM_COVARIANCE_DIMS || strata->count <= most) {
    return km_components_find(&drawing->components, drawing->data, strata->row, strata->count,
                              drawing->hooks);
  }
  km_strata part;
  km_status status = km_strata_draw(&part, drawing->result, most, drawing->hooks);
  if (status == KM_OK) {
    status = km_components_find(&drawing->components, drawing->data, part.row, part.count,
                                drawing->hooks);
  }
  km_strata_clear(&part, drawing->hooks);
  return status;
}

km_status km_drawing_prepare(km_drawing *drawing, const km_picture *picture, const km_dataset *data,
                             const km_result *result, km_hooks *hooks, km_writer *out) {
  km_writer *texts[] = {&drawing->title, &drawing->description, &drawing->caption,
                        &drawing->name[0], &drawing->name[1]};
  memset(drawing, 0, sizeof *drawing);
  drawing->picture = picture;
  drawing->data = data;
  drawing->result = result;
  drawing->hooks = hooks;
  drawing->shape = data->dims == 1 ? KM_STRIP : data->dims == 2 ? KM_PLANE : KM_PROJECTION;
  drawing->chart.out = out;
  drawing->chart.theme = &km_themes[picture->theme];
  drawing->chart.width = (double)picture->width;
  drawing->chart.height = (double)picture->height;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    km_writer_init(texts[i], hooks);
  }
  size_t most = picture->traced ? KM_MOST_MOVING : KM_MOST_DRAWN;
  km_status status = km_strata_draw(&drawing->strata, result, most, hooks);
  if (status == KM_OK) {
    status = allocate(drawing);
  }
  if (status == KM_OK) {
    status = km_palette(drawing->chart.theme, result->k, hooks, drawing->colour);
  }
  if (status == KM_OK) {
    status = find_components(drawing);
  }
  if (status == KM_OK) {
    status = place_points(drawing);
  }
  if (status == KM_OK) {
    status = place_marks(drawing);
  }
  if (status == KM_OK && picture->traced) {
    status = km_steps_record(drawing);
  }
  if (status == KM_OK) {
    find_ranges(drawing);
    status = km_drawing_describe(drawing);
  }
  return status == KM_OK ? lay_out(drawing) : status;
}

void km_drawing_clear(km_drawing *drawing) {
  km_hooks *hooks = drawing->hooks;
  km_writer_clear(&drawing->title);
  km_writer_clear(&drawing->description);
  km_writer_clear(&drawing->caption);
  km_writer_clear(&drawing->name[0]);
  km_writer_clear(&drawing->name[1]);
  km_strata_clear(&drawing->strata, hooks);
  km_components_clear(&drawing->components, hooks);
  km_release(hooks, drawing->colour);
  km_release(hooks, drawing->point);
  km_release(hooks, drawing->mark);
  km_release(hooks, drawing->site);
  km_release(hooks, drawing->room);
  km_steps_clear(&drawing->steps, hooks);
}
