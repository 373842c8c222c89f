/* kmeans_version()  the version of this extension, TEXT
** kmeans_debug()    what one wants to know for a report: version, compiler, kernels, SQLite, TEXT
*/
#include "core/fit.h"
#include "core/workers.h"
#include "surface/surface.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown compiler"
#endif

void km_version(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  (void)argv;
  sqlite3_result_text(context, KM_VERSION, -1, SQLITE_STATIC);
}

void km_debug(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  (void)argv;
  char *text = sqlite3_mprintf(
      "kmeans " KM_VERSION "\ncompiler " COMPILER "\nkernels %s\nthreads %lld\nSQLite %s",
      km_kernel_name(), (sqlite3_int64)km_workers_cores(), sqlite3_libversion());
  if (text) {
    sqlite3_result_text(context, text, -1, sqlite3_free);
  } else {
    sqlite3_result_error_nomem(context);
  }
}
