/* What a picture of clusters says in words. */
#include <math.h>
#include <string.h>

#include "plot/drawing.h"

#define DESCRIBED 10 /* clusters that the description goes through */

static void write_number(km_writer *out, double number, int digits) {
  char label[KM_LABEL_BYTES];
  km_number_label(number, digits, label);
  km_write(out, "%s", label);
}

static void write_count(km_writer *out, size_t count, const char *things) {
  char label[KM_LABEL_BYTES];
  km_count_label(count, label);
  km_write(out, "%s %s%s", label, things, count == 1 ? "" : "s");
}

static void write_title(km_drawing *drawing) {
  km_writer *out = &drawing->title;
  write_count(out, drawing->result->labels.count, "point");
  km_write(out, " in ");
  write_count(out, drawing->result->k, "cluster");
}

static void write_caption(km_drawing *drawing) {
  static const char *const scales[KM_SCALES] = {"", "scaled by standard deviation",
                                                "scaled by range", "scaled by quartiles"};
  const km_result *result = drawing->result;
  const km_transform *transform = drawing->data->transform;
  km_writer *out = &drawing->caption;
  char label[KM_LABEL_BYTES];
  km_write(out, "k-means, inertia ");
  write_number(out, result->inertia, 5);
  if (!drawing->picture->applied) {
    km_write(out, " after ");
    write_count(out, result->iterations, "iteration");
  }
  if (transform && transform->metric == KM_COSINE) {
    km_write(out, " \xC2\xB7 cosine distance");
  }
  if (transform && transform->scale != KM_SCALE_NONE) {
    km_write(out, " \xC2\xB7 %s", scales[transform->scale]);
  }
  if (drawing->picture->skipped > 0) {
    km_write(out, " \xC2\xB7 ");
    write_count(out, drawing->picture->skipped, "row");
    km_write(out, " without a point left out");
  }
  if (drawing->strata.count < result->labels.count) {
    km_count_label(drawing->strata.count, label);
    km_write(out, " \xC2\xB7 a sample of %s points is drawn, from every cluster its share", label);
  }
}

static void write_description(km_drawing *drawing) {
  static const char *const kinds[] = {"A strip", "A scatter plot",
                                      "A scatter plot of the first two principal components"};
  const km_result *result = drawing->result;
  km_writer *out = &drawing->description;
  km_write(out, "%s of ", kinds[drawing->shape]);
  write_count(out, result->labels.count, "point");
  km_write(out, ", coloured by the ");
  write_count(out, result->k, "cluster");
  km_write(out, " that k-means %s.", drawing->picture->applied ? "puts them in" : "finds");
  if (drawing->picture->traced) {
    km_write(out, " It moves through the iterations of Lloyd's algorithm.");
  }
  for (size_t c = 0; c < result->k && c < DESCRIBED; c++) {
    char label[KM_LABEL_BYTES];
    km_count_label(c, label);
    km_write(out, " Cluster %s: ", label);
    write_count(out, result->sizes[c], "point");
    if (drawing->shape != KM_PROJECTION) {
      km_write(out, " around ");
      write_number(out, result->restored[c * result->dims], 4);
      if (drawing->shape == KM_PLANE) {
        km_write(out, ", ");
        write_number(out, result->restored[c * result->dims + 1], 4);
      }
    }
    km_write(out, ".");
  }
  if (result->k > DESCRIBED) {
    km_write(out, " And so on.");
  }
}

/* "component 1: 92.5 % of the variance, mostly petal_length" */
static void write_component(km_drawing *drawing, size_t which) {
  const km_components *components = &drawing->components;
  km_writer *out = &drawing->name[which];
  size_t largest = 0;
  for (size_t j = 1; j < components->dims; j++) {
    int more = fabs(components->axis[which][j]) > fabs(components->axis[which][largest]);
    largest = more ? j : largest;
  }
  km_write(out, "component %zu", which + 1);
  if (components->share[0] > 0) {
    km_write(out, ": ");
    write_number(out, components->share[which] * 100, components->share[which] < 0.1 ? 2 : 3);
    km_write(out, " %% of the variance");
    if (drawing->picture->labels && components->share[which] > 0) {
      km_write(out, ", mostly %s", drawing->picture->labels[largest]);
    }
  }
}

/* Closes the text, so that it can be handed on as a string. */
static const char *close(km_writer *text) {
  km_write_bytes(text, "", 1);
  return text->status == KM_OK ? text->text : "";
}

km_status km_drawing_describe(km_drawing *drawing) {
  const km_picture *picture = drawing->picture;
  km_chart *chart = &drawing->chart;
  for (size_t axis = 0; axis < 2; axis++) {
    if (drawing->shape == KM_PROJECTION) {
      write_component(drawing, axis);
    } else if (axis < drawing->data->dims) {
      km_write(&drawing->name[axis], "coordinate %zu", axis + 1);
    }
  }
  write_title(drawing);
  write_caption(drawing);
  write_description(drawing);
  chart->title = close(&drawing->title);
  chart->caption = close(&drawing->caption);
  chart->description = close(&drawing->description);
  chart->x.name = close(&drawing->name[0]);
  chart->y.name = close(&drawing->name[1]);
  if (picture->title) {
    chart->title = picture->title;
  }
  if (picture->labels && drawing->shape != KM_PROJECTION) {
    chart->x.name = picture->labels[0];
    chart->y.name = drawing->shape == KM_PLANE ? picture->labels[1] : "";
  }
  km_status status = KM_OK;
  const km_writer *texts[] = {&drawing->title, &drawing->description, &drawing->caption,
                              &drawing->name[0], &drawing->name[1]};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    status = texts[i]->status != KM_OK ? texts[i]->status : status;
  }
  return status;
}
