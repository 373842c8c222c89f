/* A database with the extension loaded, and short ways to run SQL and to check what comes of it.
**
** Whatever fails that a test did not ask to fail ends the test with the statement and SQLite's
** message. Lookaside memory is off, so that sqlite3_memory_used() sees every allocation.
*/
#ifndef KM_TESTS_SQLITE_FIXTURE_H
#define KM_TESTS_SQLITE_FIXTURE_H

#include <sqlite3.h>
#include <stdatomic.h>

/* Opens path (":memory:", or a file) and loads KMEANS_EXTENSION. The SQL function tick(x)
** returns x, is not deterministic, and counts its calls: see db_ticks. */
sqlite3 *db_open(const char *path);

/* Opens the database without the extension. */
sqlite3 *db_open_bare(const char *path);

/* Loads the extension; returns the result code. */
int db_load(sqlite3 *db);

/* Closes the database, which must have no statement left. */
void db_close(sqlite3 *db);

/* Runs statements and drops their rows. Arguments are formatted as by sqlite3_mprintf. */
void db_exec(sqlite3 *db, const char *format, ...);

/* Runs statements and drops their rows; returns the result code. */
int db_try(sqlite3 *db, const char *sql);

/* The same for one statement, which another thread is to interrupt: *begun is set to 1 when it begins to
** run, or has failed before. SQLite forgets interrupts that come sooner. */
int db_try_begun(sqlite3 *db, const char *sql, atomic_int *begun);

/* For that thread: waits for so many seconds, and until *begun is set. */
void db_await(double seconds, atomic_int *begun);

/* The rows of a statement as text: columns by '|', rows by a newline, NULL as "NULL". Caller
** frees. */
char *db_text(sqlite3 *db, const char *sql);

/* The first column of the first row, or 0. */
sqlite3_int64 db_integer(sqlite3 *db, const char *sql);

/* The statement gives these rows, written as db_text does. */
void db_expect(sqlite3 *db, const char *sql, const char *rows);

/* The statement fails with this primary result code, and its message contains the text. */
void db_expect_error(sqlite3 *db, const char *sql, int code, const char *text);

sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql);

/* Calls of tick() on this connection since the last db_ticks. */
long db_ticks(sqlite3 *db);

/* A table pts(id INTEGER PRIMARY KEY, x, y) of `rows` points in three well separated groups, by
** id modulo 3. */
void db_make_points(sqlite3 *db, int rows);

/* Nonzero when a sanitizer or valgrind slows everything down. */
int db_instrumented(void);

/* The name of a database file in a fresh folder below $TMPDIR; db_forget_file removes both. */
const char *db_new_file(void);
void db_forget_file(const char *path);

/* Has SQLite's allocator call `fails` before it gives memory, which is none where that returns nonzero. To
** be called before anything else of SQLite; returns nonzero when it could not be done. */
int db_watch_allocations(int (*fails)(void));

/* Seconds on a clock that only goes forward. */
double db_now(void);

#endif
