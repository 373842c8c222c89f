/* kmeans_svg(what, c1, c2, ...): an aggregate; returns a picture of the clusters, an SVG document.
** kmeans_svg(what, vector): the same of vectors.
**
** 1. `what` and the rows are those of kmeans_fit: a number, options or a model; rows with a NULL
**    coordinate are left out, and the caption says how many.
** 2. The options of the picture (width, height, theme, title, labels, voronoi, animate) stand among the
**    others; or in the model, which passes over what it does not know.
** 3. Without a row that takes part the result is NULL.
*/
#include <string.h>

#include "bridge/group.h"
#include "plot/clusters.h"
#include "surface/surface.h"

typedef struct svg_group {
  km_group rows;
  km_picture_options options;
} svg_group;

/* The names of the dims coordinates: as the option says, or the model; NULL where neither does. The caller
** releases the array, and *features, which may hold its strings. */
static const char **read_labels(svg_group *group, size_t dims, char **features) {
  km_host *host = &group->rows.host;
  const km_model *model = group->rows.what.model;
  const km_categories *categories = km_group_categories(&group->rows);
  size_t columns = km_categories_any(categories) ? categories->columns : dims;
  const char *name = group->options.names;
  const char **labels = NULL;
  if (name && group->options.labels != columns) {
    km_fail(host, SQLITE_ERROR, "option \"labels\" has %lld name%s, but there %s %lld coordinate%s",
            (sqlite3_int64)group->options.labels, group->options.labels == 1 ? "" : "s",
            columns == 1 ? "is" : "are", (sqlite3_int64)columns, columns == 1 ? "" : "s");
  } else if (!name && model) {
    name = model->columns;
  }
  if (name && km_categories_any(categories) && host->code == SQLITE_OK) {
    name = *features = km_feature_names(host, categories, name);
  }
  if (name && host->code == SQLITE_OK) {
    labels = km_host_allocate(host, dims, sizeof *labels);
  }
  for (size_t j = 0; labels && j < dims; j++) {
    labels[j] = name;
    name += strlen(name) + 1;
  }
  return labels;
}

/* A moving picture is one of plain iterations, few enough clusters to follow, and of a fit. */
static void prepare_to_move(svg_group *group) {
  km_host *host = &group->rows.host;
  km_params *params = &group->rows.what.options.params;
  if (group->rows.what.model) {
    km_fail(host, SQLITE_ERROR,
            "option \"animate\" has no meaning here: a model is applied, nothing is fitted");
  } else if (params->refine == KM_REFINE_AUTO) {
    km_fail(host, SQLITE_ERROR,
            "option \"animate\" shows plain iterations: \"refine\" can only be \"none\"");
  } else if (params->k > KM_MOST_MOVING_CLUSTERS) {
    km_fail(host, SQLITE_ERROR, "option \"animate\" is for at most %d clusters",
            KM_MOST_MOVING_CLUSTERS);
  }
  params->refine = KM_REFINE_NONE;
}

static void draw(svg_group *group, km_writer *out) {
  km_group *rows = &group->rows;
  km_host *host = &rows->host;
  km_result result;
  km_dataset encoded;
  char *features = NULL;
  memset(&result, 0, sizeof result);
  memset(&encoded, 0, sizeof encoded);
  km_input input = km_group_see(rows, &encoded);
  const char **labels = read_labels(group, input.data->dims, &features);
  km_picture picture = {
      .width = group->options.width,
      .height = group->options.height,
      .theme = group->options.dark ? KM_DARK : KM_LIGHT,
      .voronoi = group->options.voronoi,
      .title = group->options.title,
      .labels = labels,
      .skipped = rows->nulls.skipped,
      .applied = rows->what.model != NULL,
      .traced = group->options.animate ? &rows->what.options.params : NULL,
  };
  if (picture.traced) {
    prepare_to_move(group);
  }
  if (host->code == SQLITE_OK) {
    km_what_fit(host, &rows->what, &input, &result);
  }
  if (host->code == SQLITE_OK && result.k > 0) {
    km_fail_status(host, km_draw_clusters(&picture, input.data, &result, &host->hooks, out));
  }
  km_result_clear(&result, &host->hooks);
  km_group_unsee(rows, &encoded);
  sqlite3_free(features);
  km_host_release(host, labels);
}

void km_svg_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  svg_group *group = sqlite3_aggregate_context(context, sizeof *group);
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  km_group *rows = &group->rows;
  if (!rows->host.name) {
    km_picture_options_init(&group->options);
    km_group_begin(rows, context, "kmeans_svg", argc, argv, &group->options);
  }
  km_group_push(rows, argc, argv);
  if (rows->host.code != SQLITE_OK) {
    km_host_result_error(&rows->host, context);
  }
}

void km_svg_final(sqlite3_context *context) {
  svg_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return;
  }
  km_host *host = &group->rows.host;
  km_writer out;
  km_writer_init(&out, &host->hooks);
  km_vectors_rest(&group->rows.vectors);
  if (group->rows.data.rows.count == 0) {
    km_what_log_nulls(host, &group->rows.what, &group->rows.nulls);
  } else if (host->code == SQLITE_OK) {
    draw(group, &out);
  }
  km_result_picture(context, host, &out);
  km_picture_options_clear(&group->options, host);
  km_group_clear(&group->rows);
}

void km_result_picture(sqlite3_context *context, km_host *host, km_writer *out) {
  if (host->code != SQLITE_OK) {
    km_host_result_error(host, context);
  } else if (out->length > 0) {
    sqlite3_result_text64(context, out->text, out->length, sqlite3_free, SQLITE_UTF8);
    out->text = NULL; /* SQLite's now */
  }
  km_writer_clear(out);
}
