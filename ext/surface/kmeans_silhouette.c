/* kmeans_silhouette(cluster, c1, c2, ...): an aggregate, and a window function: the mean silhouette of the
** rows, whoever labelled them. kmeans_silhouette(cluster, vector): the same of vectors.
**
** 1. Clusters are values of any type, the same where GROUP BY has them in one group. Coordinates are what
**    kmeans_fit takes, and distances Euclidean.
** 2. Rows in which the cluster or a coordinate is NULL are left out.
** 3. The result is exact: it takes the distances of all pairs of rows. It is NULL with fewer than two
**    clusters, and with as many as there are rows.
*/
#include <math.h>
#include <string.h>

#include "bridge/ids.h"
#include "bridge/number.h"
#include "bridge/vector.h"
#include "core/metrics.h"
#include "surface/surface.h"

/* The group, or the frame of the window. */
typedef struct silhouette_group {
  km_host host;
  km_ids clusters;    /* the different ones: a row's label is the number of its own */
  km_chunks labels;   /* a uint32_t per row that is not left out */
  km_dataset data;    /* and its point */
  km_vectors vectors; /* of an only coordinate */
  double *point;      /* NULL with an only coordinate */
  size_t rows;        /* all rows seen, for messages */
  int known;          /* the result for the present rows is in `mean` */
  double mean;
} silhouette_group;

static void begin(silhouette_group *group, sqlite3_context *context, int argc) {
  km_host *host = &group->host;
  km_host_init(host, sqlite3_context_db_handle(context), "kmeans_silhouette");
  km_ids_init(&group->clusters);
  km_chunks_init(&group->labels, sizeof(uint32_t));
  if (argc < 2) {
    km_fail(host, SQLITE_ERROR,
            "takes a cluster and coordinates: kmeans_silhouette(cluster, x, y)");
  } else if (argc == 2) {
    km_vectors_init(&group->vectors, KM_DTYPE_AUTO, 0, KM_ORIGIN_ROW);
  } else {
    size_t dims = (size_t)argc - 1;
    km_dataset_init(&group->data, dims, KM_DOUBLE);
    group->point = km_host_allocate(host, dims, sizeof *group->point);
  }
}

/* Takes in a row whose only coordinate is a number or a vector. */
static void push_only(silhouette_group *group, sqlite3_value *value) {
  km_place place = {.row = group->rows, .argument = 2};
  if (group->vectors.form == KM_FORM_UNKNOWN) {
    km_vectors_begin(&group->host, &group->vectors, value, &place);
    if (group->host.code == SQLITE_OK) {
      km_dataset_init(&group->data, group->vectors.dims, km_vectors_element(&group->vectors));
    }
  }
  void *row = km_host_push(&group->host, &group->data.rows);
  if (row) {
    km_vectors_read(&group->host, &group->vectors, value, &place, row);
  }
}

static void push_several(silhouette_group *group, int argc, sqlite3_value **argv) {
  for (int j = 1; j < argc && group->host.code == SQLITE_OK; j++) {
    km_number problem = km_number_read(argv[j], &group->point[j - 1]);
    if (problem != KM_NUMBER_OK) {
      km_place place = {.row = group->rows, .argument = j + 1};
      km_refuse_coordinate(&group->host, problem, argv[j], &place);
    }
  }
  void *row = km_host_push(&group->host, &group->data.rows);
  if (row) {
    memcpy(row, group->point, group->data.dims * sizeof *group->point);
  }
}

static int is_complete(int argc, sqlite3_value **argv) {
  int complete = 1;
  for (int j = 0; j < argc; j++) {
    complete &= sqlite3_value_type(argv[j]) != SQLITE_NULL;
  }
  return complete;
}

void km_silhouette_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  silhouette_group *group = sqlite3_aggregate_context(context, sizeof *group);
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (!group->host.name) {
    begin(group, context, argc);
  }
  km_host *host = &group->host;
  group->known = 0;
  group->rows++;
  if (host->code == SQLITE_OK && is_complete(argc, argv)) {
    uint32_t label = km_ids_number(&group->clusters, host, argv[0]);
    uint32_t *place = km_host_push(&group->host, &group->labels);
    if (place) {
      *place = label;
    }
    if (group->point) {
      push_several(group, argc, argv);
    } else {
      push_only(group, argv[1]);
    }
  }
  if (host->code != SQLITE_OK) {
    km_host_result_error(host, context);
  }
}

/* The row that enters a frame first leaves it first. */
void km_silhouette_inverse(sqlite3_context *context, int argc, sqlite3_value **argv) {
  silhouette_group *group = sqlite3_aggregate_context(context, 0);
  if (group && group->host.code == SQLITE_OK && is_complete(argc, argv)) {
    group->known = 0;
    km_chunks_pop_front(&group->labels, &group->host.hooks);
    km_chunks_pop_front(&group->data.rows, &group->host.hooks);
  }
}

/* Computes the result for the present rows, unless it is at hand. */
static void compute(silhouette_group *group) {
  km_host *host = &group->host;
  km_labelled points = {
      .data = &group->data, .labels = &group->labels, .k = group->clusters.items.count};
  if (host->code != SQLITE_OK || group->known) {
    return;
  }
  group->mean = NAN;
  if (group->labels.count > 0) {
    km_fail_status(host, km_silhouette(&points, &host->hooks, NULL, &group->mean));
  }
  group->known = 1;
}

/* SQLite makes NULL of NaN. */
void km_silhouette_value(sqlite3_context *context) {
  silhouette_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return; /* no rows: NULL */
  }
  compute(group);
  /* The application may get hold of the connection's statements between this row and the next. */
  km_vectors_rest(&group->vectors);
  if (group->host.code != SQLITE_OK) {
    km_host_result_error(&group->host, context);
  } else {
    sqlite3_result_double(context, group->mean);
  }
}

void km_silhouette_final(sqlite3_context *context) {
  silhouette_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return;
  }
  km_silhouette_value(context);
  km_host_release(&group->host, group->point);
  km_dataset_clear(&group->data, &group->host.hooks);
  km_chunks_clear(&group->labels, &group->host.hooks);
  km_ids_clear(&group->clusters, &group->host);
  km_host_clear(&group->host);
}
