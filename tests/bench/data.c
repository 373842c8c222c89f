/* The tables: the same on every machine, to the last digit or so that libm leaves open. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"
#include "points.h"

static void check(int rc, sqlite3 *db) {
  if (rc != SQLITE_OK && rc != SQLITE_DONE) {
    fprintf(stderr, "bench: making data: %s\n", sqlite3_errmsg(db));
    exit(1);
  }
}

static void fill(sqlite3 *db, const struct workload *w) {
  double *centres = malloc((size_t)w->blobs * (size_t)w->columns * sizeof *centres);
  float *vector = malloc((size_t)w->columns * sizeof *vector);
  if (centres == NULL || vector == NULL) {
    abort();
  }
  for (int i = 0; i < w->blobs * w->columns; i++) {
    centres[i] = w->reach * (2 * uniform() - 1);
  }
  char *marks = per_column(w, "?", ",");
  char *sql = sqlite3_mprintf("INSERT INTO pts VALUES (?,%s)", marks);
  sqlite3_stmt *insert = NULL;
  check(sqlite3_prepare_v2(db, sql, -1, &insert, NULL), db);
  for (int i = 1; i <= w->rows; i++) {
    int blob = (int)(uniform() * w->blobs);
    sqlite3_bind_int(insert, 1, i);
    for (int j = 0; j < w->columns; j++) {
      double value = centres[blob * w->columns + j] + w->deviation * normal();
      vector[j] = (float)value;
      if (!w->vectors) {
        sqlite3_bind_double(insert, j + 2, value);
      }
    }
    if (w->vectors) {
      sqlite3_bind_blob(insert, 2, vector, w->columns * (int)sizeof *vector, SQLITE_STATIC);
    }
    check(sqlite3_step(insert), db);
    check(sqlite3_reset(insert), db);
  }
  sqlite3_finalize(insert);
  sqlite3_free(sql);
  sqlite3_free(marks);
  free(vector);
  free(centres);
}

/* The table of labels is made and dropped once, so that the first job to write one finds the file as
** grown as the others do. */
static void make(const struct workload *w) {
  char *path = workload_path(w);
  char *columns = per_column(w, w->vectors ? "@ BLOB" : "@ REAL", ", ");
  char *create = sqlite3_mprintf("PRAGMA synchronous = OFF; BEGIN;"
                                 "CREATE TABLE pts(id INTEGER PRIMARY KEY, %s)",
                                 columns);
  sqlite3 *db = NULL;
  check(sqlite3_open(path, &db), db);
  check(sqlite3_exec(db, create, NULL, NULL, NULL), db);
  fill(db, w);
  check(sqlite3_exec(db,
                     "COMMIT; CREATE TABLE labels AS SELECT id, 1 AS cluster FROM pts;"
                     "DROP TABLE labels",
                     NULL, NULL, NULL),
        db);
  check(sqlite3_close(db), NULL);
  sqlite3_free(create);
  sqlite3_free(columns);
  sqlite3_free(path);
}

void make_data(void) {
  numbers_from(UINT64_C(0x9e3779b97f4a7c15));
  for (int i = 0; i < WORKLOADS; i++) {
    struct workload w = workload(i);
    make(&w);
  }
}
