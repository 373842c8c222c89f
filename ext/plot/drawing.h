/* A picture of clusters in the making: where everything is. */
#ifndef KM_PLOT_DRAWING_H
#define KM_PLOT_DRAWING_H

#include "plot/cells.h"
#include "plot/clusters.h"
#include "plot/components.h"
#include "plot/steps.h"
#include "plot/legend.h"
#include "plot/strata.h"

typedef enum km_shape {
  KM_STRIP,     /* one column */
  KM_PLANE,     /* two */
  KM_PROJECTION /* more */
} km_shape;

typedef struct km_drawing {
  const km_picture *picture;
  const km_dataset *data;
  const km_result *result;
  km_hooks *hooks;
  km_shape shape;
  km_chart chart;
  km_legend legend;
  km_strata strata;
  km_components components; /* of a projection */
  uint32_t *colour;         /* k */
  km_point *point;          /* strata.count: in the units of the axes; laid out, in pixels */
  km_point *mark;           /* k centroids: the same */
  km_point *site;           /* k: what cells go by, the same */
  double *room;             /* dims */
  double length;            /* with cosine, the mean length of the points drawn */
  double diameter;          /* of a point, in pixels */
  km_steps steps;           /* with picture->traced; marks as above */
  km_writer title;          /* texts of ours */
  km_writer description;
  km_writer caption;
  km_writer name[2];
} km_drawing;

/* Runs the iterations again and fills drawing->steps, for the points of its strata. On any status
** km_steps_clear is due. */
km_status km_steps_record(struct km_drawing *drawing);

/* Finds positions, colours and texts, and lays the chart out. On any status km_drawing_clear is due. */
km_status km_drawing_prepare(km_drawing *drawing, const km_picture *picture, const km_dataset *data,
                             const km_result *result, km_hooks *hooks, km_writer *out);
void km_drawing_clear(km_drawing *drawing);

/* Where centroid c of a result is marked, in the units of the axes; with cosine, at this length. */
km_point km_drawing_place(const km_drawing *drawing, const km_result *result, size_t c,
                          double length);

/* How long differences in the pixels of either axis are to the clustering; the larger one is 1. */
km_point km_drawing_weight(const km_drawing *drawing);

/* Draws what changes from step to step: cells, points, centroids and their trails. */
km_status km_draw_moving(km_drawing *drawing, int cells);

/* Writes a closed polygon as a path's data. */
void km_write_polygon(km_writer *out, const km_point *corner, size_t count);

/* The texts: title, caption, description, names of the axes. */
km_status km_drawing_describe(km_drawing *drawing);

#endif
