/* kmeans_elbow_svg(k, inertia [, best]): an aggregate; returns a chart of a sweep, an SVG document.
**
** 1. Rows may come in any order. One with NULL for k or inertia is left out.
** 2. Points for which `best` is a number other than 0 are marked.
** 3. Without a row that takes part the result is NULL.
*/
#include <string.h>

#include "bridge/number.h"
#include "bridge/vector.h"
#include "plot/elbow.h"
#include "surface/surface.h"

typedef struct elbow_group {
  km_host host;
  km_chunks points; /* km_elbow_point items */
  size_t rows;
} elbow_group;

/* Reads a number; returns 0 when it is NULL. */
static int read_number(elbow_group *group, sqlite3_value *value, int argument, double *number) {
  km_number problem = km_number_read(value, number);
  if (problem != KM_NUMBER_OK && problem != KM_NUMBER_NULL) {
    km_place place = {.row = group->rows, .argument = argument};
    km_refuse_coordinate(&group->host, problem, value, &place);
  }
  return problem == KM_NUMBER_OK;
}

void km_elbow_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  elbow_group *group = sqlite3_aggregate_context(context, sizeof *group);
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (!group->host.name) {
    km_host_init(&group->host, sqlite3_context_db_handle(context), "kmeans_elbow_svg");
    km_chunks_init(&group->points, sizeof(km_elbow_point));
  }
  km_elbow_point point = {0};
  group->rows++;
  int known = read_number(group, argv[0], 1, &point.k);
  known &= read_number(group, argv[1], 2, &point.inertia);
  point.best = argc > 2 && sqlite3_value_double(argv[2]) != 0;
  if (group->host.code == SQLITE_OK && known) {
    km_elbow_point *place = km_host_push(&group->host, &group->points);
    if (place) {
      *place = point;
    }
  }
  if (group->host.code != SQLITE_OK) {
    km_host_result_error(&group->host, context);
  }
}

void km_elbow_final(sqlite3_context *context) {
  elbow_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return;
  }
  km_host *host = &group->host;
  km_writer out;
  km_writer_init(&out, &host->hooks);
  if (host->code == SQLITE_OK && group->points.count > 0) {
    km_fail_status(host, km_draw_elbow(&group->points, KM_LIGHT, &host->hooks, &out));
  }
  km_result_picture(context, host, &out);
  km_chunks_clear(&group->points, &host->hooks);
  km_host_clear(host);
}
