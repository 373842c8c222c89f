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

/* What most JSON is made of, and what some readers of it stumble over. */
#define FUZZ_JSON                                                                                  \
  "{", "}", "[", "]", ",", ":", "null", "true", "\"\\u0000\"", "\"\\ud800\"", "1e308", "-0.0",     \
      "1e999"

/* A database with the extension and a few small tables. The caller closes it. */
sqlite3 *fuzz_open(void);

/* Closes it, and requires that SQLite holds no more memory than before the first was opened. */
void fuzz_close(sqlite3 *db);

/* Prepares a statement that must be right, to be run again and again. */
sqlite3_stmt *fuzz_prepare(sqlite3 *db, const char *sql);

/* Which of `count` forms the first byte of an input names: '0' the first, and so on, round and round. */
size_t fuzz_form(uint8_t name, size_t count);

/* The statement of forms[form], prepared when it is first asked for and kept in statements[form], in one
** database for all inputs. Its time starts. */
sqlite3_stmt *fuzz_statement(const char *const *forms, sqlite3_stmt **statements, size_t form);

/* Runs a statement to its end, reading each value, for a limited time, and resets it. Requires that an
** error is one that a person can do something about. Returns the result code. */
int fuzz_run(sqlite3_stmt *statement);

/* Binds the bytes, which must outlive that, as the parameter ?1, as text. */
void fuzz_bind_text(sqlite3_stmt *statement, const uint8_t *text, size_t bytes);

/* Binds the bytes so, runs the statement as fuzz_run does, and clears its parameters. */
int fuzz_run_text(sqlite3_stmt *statement, const uint8_t *text, size_t bytes);

/* Runs a statement whose rows are a 1 for each time that the promise is broken, with what is bound; an
** error ends it. Resets it and clears its parameters. */
void fuzz_hold(sqlite3_stmt *statement, const char *promise);

/* Starts the time that statements have from here on. */
void fuzz_start(sqlite3 *db);

#endif
