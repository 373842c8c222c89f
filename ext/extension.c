/* The entry point: registers every SQL name from one table. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#include "bridge/statement.h"
#include "surface/surface.h"

#if defined(_WIN32)
#define KM_EXPORT __declspec(dllexport)
#else
#define KM_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __FAST_MATH__
#error "-ffast-math breaks the promise of exact results"
#endif

/* Functions read nothing but their arguments: safe in views and triggers of any database. Scalars may
** stand in indexes and generated columns. */
#define PURE (SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC)
#define AGGREGATE (SQLITE_UTF8 | SQLITE_INNOCUOUS)

static const struct {
  const char *name;
  int arguments;
  int flags;
  void (*function)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {
    {"kmeans_predict", -1, PURE, km_predict},
    {"kmeans_distance", -1, PURE, km_distance_function},
    {"kmeans_transform", -1, PURE | SQLITE_RESULT_SUBTYPE, km_transform_function},
    {"kmeans_version", 0, PURE, km_version},
    {"kmeans_debug", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, km_debug},
};

/* Those with a value are window functions, too. */
static const struct {
  const char *name;
  int arguments;
  int flags;
  void (*step)(sqlite3_context *, int, sqlite3_value **);
  void (*final)(sqlite3_context *);
  void (*value)(sqlite3_context *);
  void (*inverse)(sqlite3_context *, int, sqlite3_value **);
} aggregates[] = {
    {"kmeans_fit", -1, AGGREGATE | SQLITE_RESULT_SUBTYPE, km_fit_step, km_fit_final, km_fit_value,
     km_fit_inverse},
    {"kmeans_silhouette", -1, AGGREGATE, km_silhouette_step, km_silhouette_final,
     km_silhouette_value, km_silhouette_inverse},
    {"kmeans_rand_index", 2, AGGREGATE, km_rand_step, km_rand_final, km_rand_value,
     km_rand_inverse},
    {"kmeans_svg", -1, AGGREGATE, km_svg_step, km_svg_final, NULL, NULL},
    {"kmeans_elbow_svg", 2, AGGREGATE, km_elbow_step, km_elbow_final, NULL, NULL},
    {"kmeans_elbow_svg", 3, AGGREGATE, km_elbow_step, km_elbow_final, NULL, NULL},
};

static const struct {
  const char *name;
  const sqlite3_module *module;
} modules[] = {
    {"kmeans", &km_kmeans_module},
    {"kmeans_centroids", &km_kmeans_centroids_module},
    {"kmeans_profile", &km_kmeans_profile_module},
    {"kmeans_sweep", &km_kmeans_sweep_module},
    {"kmeans_trace", &km_kmeans_trace_module},
};

/* Takes back what was registered: SQLite unloads a library whose entry point fails, but keeps the names.
** Taking back a name that is not there does nothing. */
static void unregister(sqlite3 *db) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments, SQLITE_UTF8, NULL,
                               NULL, NULL, NULL, NULL);
  }
  for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++) {
    sqlite3_create_window_function(db, aggregates[i].name, aggregates[i].arguments, SQLITE_UTF8,
                                   NULL, NULL, NULL, NULL, NULL, NULL);
  }
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
    sqlite3_create_module_v2(db, modules[i].name, NULL, NULL, NULL);
  }
}

static int register_functions(sqlite3 *db) {
  int rc = SQLITE_OK;
  for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++) {
    rc = sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments,
                                    functions[i].flags, NULL, functions[i].function, NULL, NULL,
                                    NULL);
  }
  for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates && rc == SQLITE_OK; i++) {
    rc = sqlite3_create_window_function(
        db, aggregates[i].name, aggregates[i].arguments, aggregates[i].flags, NULL,
        aggregates[i].step, aggregates[i].final, aggregates[i].value, aggregates[i].inverse, NULL);
  }
  return rc;
}

/* The modules share what is known of the connection; each holds a reference to it. */
static int register_modules(sqlite3 *db) {
  int rc = SQLITE_OK;
  km_connection *connection = km_connection_new(db);
  if (!connection) {
    return SQLITE_NOMEM;
  }
  for (size_t i = 0; i < sizeof modules / sizeof *modules && rc == SQLITE_OK; i++) {
    connection->references++;
    rc = sqlite3_create_module_v2(db, modules[i].name, modules[i].module, connection,
                                  km_connection_release);
  }
  km_connection_release(connection);
  return rc;
}

KM_EXPORT int sqlite3_kmeans_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  if (sqlite3_libversion_number() < 3038000) {
    *error =
        sqlite3_mprintf("kmeans needs SQLite 3.38 or newer, and this is %s", sqlite3_libversion());
    return *error ? SQLITE_ERROR : SQLITE_NOMEM;
  }
  int rc = register_functions(db);
  if (rc == SQLITE_OK) {
    rc = register_modules(db);
  }
  if (rc != SQLITE_OK) {
    unregister(db);
  }
  return rc;
}
