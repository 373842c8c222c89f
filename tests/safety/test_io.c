/* Reading: a disk that fails at any read, a database file that is damaged anywhere, and a query that
** raises an error at any row. The answer is right or an error that says so, nothing is left behind, and
** the connection goes on.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "points.h"
#include "sqlite_fixture.h"
#include "sqlite_statements.h"

/* A VFS that hands all through to the default one but for reads that are to fail. */
static sqlite3_vfs faulty_vfs;
static sqlite3_vfs *plain_vfs;
static long reads;   /* since the count was last set to 0 */
static long fail_at; /* the one that fails, from 1; 0: none */
static int fail_onward;
static int fail_code;

typedef struct faulty_file {
  sqlite3_file base;
  sqlite3_io_methods methods;         /* base.pMethods points here */
  const sqlite3_io_methods *original; /* of the file that follows */
} faulty_file;

static sqlite3_file *real_file(sqlite3_file *file) {
  return (sqlite3_file *)((faulty_file *)file + 1);
}

static int faulty_read(sqlite3_file *file, void *to, int bytes, sqlite3_int64 from) {
  sqlite3_file *real = real_file(file);
  reads++;
  if (fail_at && (reads == fail_at || (fail_onward && reads > fail_at))) {
    if (fail_code == SQLITE_IOERR_SHORT_READ) {
      memset(to, 0, (size_t)bytes);
    }
    return fail_code;
  }
  return real->pMethods->xRead(real, to, bytes, from);
}

static int faulty_close(sqlite3_file *file) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xClose(real);
}

static int faulty_write(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xWrite(real, data, bytes, at);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 bytes) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xTruncate(real, bytes);
}

static int faulty_sync(sqlite3_file *file, int flags) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xSync(real, flags);
}

static int faulty_size(sqlite3_file *file, sqlite3_int64 *bytes) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xFileSize(real, bytes);
}

static int faulty_lock(sqlite3_file *file, int level) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xLock(real, level);
}

static int faulty_unlock(sqlite3_file *file, int level) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xUnlock(real, level);
}

static int faulty_reserved(sqlite3_file *file, int *held) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xCheckReservedLock(real, held);
}

static int faulty_control(sqlite3_file *file, int operation, void *argument) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xFileControl(real, operation, argument);
}

static int faulty_sector(sqlite3_file *file) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xSectorSize(real);
}

static int faulty_device(sqlite3_file *file) {
  sqlite3_file *real = real_file(file);
  return real->pMethods->xDeviceCharacteristics(real);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 1, /* no shared memory, no mapping: every page is read */
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_reserved,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector,
    .xDeviceCharacteristics = faulty_device,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                       int *out_flags) {
  sqlite3_file *real = real_file(file);
  (void)vfs;
  int rc = plain_vfs->xOpen(plain_vfs, name, real, flags, out_flags);
  file->pMethods = real->pMethods ? &faulty_methods : NULL;
  return rc;
}

static int install_vfs(void **state) {
  (void)state;
  plain_vfs = sqlite3_vfs_find(NULL);
  faulty_vfs = *plain_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.szOsFile = (int)sizeof(faulty_file) + plain_vfs->szOsFile;
  faulty_vfs.xOpen = faulty_open;
  return sqlite3_vfs_register(&faulty_vfs, 1);
}

static const char *path; /* of the file that the test works on */

static int open_file(void **state) {
  path = db_new_file();
  fail_at = 0;
  *state = statements_open(path);
  return 0;
}

static int close_file(void **state) {
  db_close(*state);
  db_forget_file(path);
  return 0;
}

/* Has SQLite read the file again. */
static void forget_pages(sqlite3 *db) {
  fail_at = 0;
  sqlite3_db_release_memory(db);
  reads = 0;
}

static void every_read_fails(void **state) {
  static const int codes[] = {SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ};
  sqlite3 *db = *state;
  long failed = 0;
  for (size_t i = 0; i < statements_count; i += db_instrumented() ? 5 : 1) {
    int expected = db_try(db, statements[i]);
    char *message = strdup(sqlite3_errmsg(db));
    forget_pages(db);
    db_try(db, statements[i]);
    long count = reads;
    for (int run = 0; run < 3; run++) {
      fail_onward = run == 1;
      fail_code = codes[run == 2]; /* zeros in place of a page: damage, or nothing that matters */
      for (long at = 1; at <= count; at++) {
        forget_pages(db);
        fail_at = at;
        int rc = db_try(db, statements[i]);
        const char *text = sqlite3_errmsg(db);
        int ended = (rc & 0xff) == SQLITE_IOERR ||
                    (run == 2 && ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB));
        if (!ended && run < 2 && (rc != expected || strcmp(text, message) != 0)) {
          fail_msg("%s\n-> read %ld fails: %d: %s\nexpected %d: %s", statements[i], at, rc, text,
                   expected, message);
        }
        if (ended && run < 2 && !strstr(text, "disk I/O error")) {
          fail_msg("%s\n-> read %ld fails: %s", statements[i], at, text);
        }
        failed += ended;
      }
    }
    forget_pages(db);
    assert_int_equal(db_try(db, statements[i]), expected);
    free(message);
  }
  print_message("%ld runs ended by a read that failed\n", failed);
  assert_true(failed > (long)statements_count / (db_instrumented() ? 5 : 1));
}

static void failed_reads_leave_nothing(void **state) {
  sqlite3 *db = *state;
  fail_code = SQLITE_IOERR_READ;
  fail_onward = 0;
  for (size_t i = 0; i < statements_count; i++) {
    for (long at = 1; at <= 6; at++) {
      sqlite3_int64 before = 0;
      for (int round = 0; round < 3; round++) { /* what SQLite keeps it has after the first */
        forget_pages(db);
        before = round < 2 ? sqlite3_memory_used() : before;
        fail_at = at;
        db_try(db, statements[i]);
        fail_at = 0;
        db_try(db, "SELECT * FROM nowhere");
        sqlite3_db_release_memory(db);
      }
      if (sqlite3_memory_used() > before) {
        fail_msg("%s\n-> read %ld fails: %lld bytes are not given back", statements[i], at,
                 (long long)(sqlite3_memory_used() - before));
      }
    }
  }
}

/* The bytes of the file; the caller frees them. */
static unsigned char *read_whole(size_t *bytes) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  unsigned char *content = malloc(*bytes);
  assert_int_equal(fread(content, 1, *bytes, file), *bytes);
  fclose(file);
  return content;
}

static void write_whole(const char *to, const unsigned char *content, size_t bytes) {
  FILE *file = fopen(to, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(content, 1, bytes, file), bytes);
  fclose(file);
}

/* Damages a copy: bytes, runs of bytes, whole pages; or it ends early. Returns its length. */
static size_t damage(unsigned char *content, size_t bytes, points_random *random) {
  size_t pages = bytes / 4096;
  size_t page = points_below(random, pages) * 4096;
  size_t from = page + points_below(random, points_below(random, 2) ? 200 : 4096);
  switch (points_below(random, 5)) {
  case 0:
    memset(content + page, (int)points_below(random, 256), 4096);
    return bytes;
  case 1:
    return 1 + points_below(random, bytes);
  case 2:
    memcpy(content + page, content + points_below(random, pages) * 4096, 4096);
    return bytes;
  default:
    for (size_t i = from; i < from + 1 + points_below(random, 40) && i < bytes; i++) {
      content[i] = (unsigned char)points_next(random);
    }
    return bytes;
  }
}

static void damaged_files(void **state) {
  static const char *const sqls[] = {
      "SELECT * FROM kmeans(3, 'SELECT id, x, y FROM pts')",
      "SELECT * FROM kmeans('{\"k\": 2, \"id\": \"name\"}', 'SELECT * FROM names')",
      "SELECT * FROM kmeans(2, 'SELECT id, v FROM vectors')",
      "SELECT kmeans_fit(3, x, y) FROM pts",
      "SELECT kmeans_predict((SELECT model FROM models), x, y) FROM pts",
      "SELECT * FROM kmeans_centroids((SELECT model FROM models))",
      "SELECT * FROM kmeans_profile((SELECT model FROM models), 'SELECT x, y FROM pts')",
  };
  size_t bytes;
  size_t outcomes[2] = {0, 0};
  (void)state;
  path = db_new_file();
  fail_at = 0;
  sqlite3 *whole = statements_open(path);
  db_exec(whole, "VACUUM");
  db_close(whole);
  unsigned char *content = read_whole(&bytes);
  unsigned char *copy = malloc(bytes);
  for (uint64_t seed = 0; seed < points_cases(1500); seed++) {
    points_random random = {seed};
    memcpy(copy, content, bytes);
    size_t length = damage(copy, bytes, &random);
    if (points_below(&random, 2)) {
      length = length < bytes ? length : damage(copy, bytes, &random);
    }
    write_whole(path, copy, length);
    sqlite3_int64 before = sqlite3_memory_used();
    sqlite3 *db = db_open(path);
    sqlite3_busy_timeout(db, 0);
    for (size_t i = 0; i < sizeof sqls / sizeof *sqls; i++) {
      int rc = db_try(db, sqls[i]) & 0xff;
      outcomes[rc != SQLITE_OK]++;
      if (rc == SQLITE_MISUSE || rc == SQLITE_INTERNAL || rc == SQLITE_NOMEM) {
        fail_msg("seed %d: %s\n-> %d: %s", (int)seed, sqls[i], rc, sqlite3_errmsg(db));
      }
    }
    db_close(db);
    if (sqlite3_memory_used() > before) {
      fail_msg("seed %d: %lld bytes are not given back", (int)seed,
               (long long)(sqlite3_memory_used() - before));
    }
  }
  print_message("damaged files: %zu statements gave an answer, %zu an error\n", outcomes[0],
                outcomes[1]);
  assert_true(outcomes[0] > 0 && outcomes[1] > 0);
  free(content);
  free(copy);
  db_forget_file(path);
}

/* burn(i, at, code) is i, but for an error where i is at. */
static void burn(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  if (sqlite3_value_int64(argv[0]) == sqlite3_value_int64(argv[1])) {
    sqlite3_result_error(context, "the sensor is on fire", -1);
    sqlite3_result_error_code(context, sqlite3_value_int(argv[2]));
  } else {
    sqlite3_result_value(context, argv[0]);
  }
}

static void queries_burns(void **state) {
  static const char *const forms[] = {
      "SELECT * FROM kmeans(2, 'SELECT id, burn(id, %d, %d) AS x FROM rows')",
      "SELECT * FROM kmeans_centroids(2, 'SELECT burn(id, %d, %d) AS x, id AS y FROM rows')",
      "SELECT * FROM kmeans_profile(2, 'SELECT burn(id, %d, %d) AS x, id AS y FROM rows')",
      "SELECT * FROM kmeans(2, 'SELECT burn(id, %d, %d) AS id, y FROM rows')",
      "SELECT * FROM kmeans('{\"centroids\": [[1], [9]]}', 'SELECT burn(id, %d, %d) FROM rows')",
      "SELECT kmeans_fit(2, burn(id, %d, %d)) FROM rows",
      "SELECT kmeans_fit(1, burn(id, %d, %d)) OVER (ROWS 1 PRECEDING) FROM rows",
      ("SELECT * FROM kmeans(2, 'SELECT distance FROM kmeans(2, ''SELECT burn(id, %d, %d) FROM "
       "rows'')')"),
  };
  static const int places[] = {1, 1000, 3000};
  static const int codes[] = {SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_FULL, SQLITE_BUSY};
  sqlite3 *db = *state;
  sqlite3_create_function(db, "burn", 3, SQLITE_UTF8, NULL, burn, NULL, NULL);
  db_exec(db,
          "CREATE TABLE rows AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
          " WHERE i < 3000) SELECT i AS id, i %% 7 AS y FROM n");
  for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
    for (int p = 0; p < 3; p++) {
      for (int c = 0; c < 4; c++) {
        char *sql = sqlite3_mprintf(forms[f], places[p], codes[c]);
        db_expect_error(db, sql, codes[c], "the sensor is on fire");
        db_try(db, "SELECT * FROM nowhere");
        sqlite3_db_release_memory(db);
        sqlite3_int64 before = sqlite3_memory_used();
        db_expect_error(db, sql, codes[c], "the sensor is on fire");
        db_try(db, "SELECT * FROM nowhere");
        sqlite3_db_release_memory(db);
        assert_true(sqlite3_memory_used() <= before);
        sqlite3_free(sql);
      }
    }
    char *sql = sqlite3_mprintf(forms[f], -1, 1);
    db_exec(db, "%s", sql);
    sqlite3_free(sql);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_read_fails, open_file, close_file),
      cmocka_unit_test_setup_teardown(failed_reads_leave_nothing, open_file, close_file),
      cmocka_unit_test(damaged_files),
      cmocka_unit_test_setup_teardown(queries_burns, open_file, close_file),
  };
  return cmocka_run_group_tests(tests, install_vfs, NULL);
}
