/* The database that inputs run on: small, in memory, and shut off from everything else. An authorizer
** refuses what reaches files or changes limits; a progress handler ends what takes too long.
*/
#ifndef KM_TESTS_FUZZ_GUARD_H
#define KM_TESTS_FUZZ_GUARD_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* What most targets run their inputs on. */
#define FUZZ_QUERY "'SELECT id, x, y FROM pts'"
#define FUZZ_MODEL "'{\"centroids\":[[0,0],[100,50],[200,100]]}'"

/* A database with the extension and a few small tables. The caller closes it. */
sqlite3 *fuzz_open(void);

/* Closes it, and requires that SQLite holds no more memory than before the first was opened. */
void fuzz_close(sqlite3 *db);

/* Prepares a statement that must be right, to be run again and again. */
sqlite3_stmt *fuzz_prepare(sqlite3 *db, const char *sql);

/* Runs a statement to its end, reading each value, for a limited time, and resets it. Requires that an
** error is one that a person can do something about. Returns the result code. */
int fuzz_run(sqlite3_stmt *statement);

/* The same with the bytes bound as the parameter ?1, as text. */
int fuzz_run_text(sqlite3_stmt *statement, const uint8_t *text, size_t bytes);

/* Starts the time that statements have from here on. */
void fuzz_start(sqlite3 *db);

#endif
