/* What extension.c registers. Each name is described where it is implemented. */
#ifndef KM_SURFACE_SURFACE_H
#define KM_SURFACE_SURFACE_H

#include "bridge/host.h"
#include "plot/writer.h"

#define KM_VERSION "0.1.0"

extern const sqlite3_module km_kmeans_module;
extern const sqlite3_module km_kmeans_centroids_module;
extern const sqlite3_module km_kmeans_profile_module;
extern const sqlite3_module km_kmeans_sweep_module;
extern const sqlite3_module km_kmeans_trace_module;

void km_fit_step(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_fit_final(sqlite3_context *context);
void km_fit_value(sqlite3_context *context);
void km_fit_inverse(sqlite3_context *context, int argc, sqlite3_value **argv);

void km_svg_step(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_svg_final(sqlite3_context *context);
void km_elbow_step(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_elbow_final(sqlite3_context *context);

/* Returns the picture, NULL where nothing was drawn, or the host's error. The writer is empty then. */
void km_result_picture(sqlite3_context *context, km_host *host, km_writer *out);

void km_silhouette_step(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_silhouette_final(sqlite3_context *context);
void km_silhouette_value(sqlite3_context *context);
void km_silhouette_inverse(sqlite3_context *context, int argc, sqlite3_value **argv);

void km_rand_step(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_rand_final(sqlite3_context *context);
void km_rand_value(sqlite3_context *context);
void km_rand_inverse(sqlite3_context *context, int argc, sqlite3_value **argv);

void km_predict(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_distance_function(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_transform_function(sqlite3_context *context, int argc, sqlite3_value **argv);

void km_version(sqlite3_context *context, int argc, sqlite3_value **argv);
void km_debug(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif
