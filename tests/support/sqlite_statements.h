/* Statements that between them use every SQL name of the extension and every option, and errors of all
** kinds: for tests that let something fail in the middle of each.
*/
#ifndef KM_TESTS_SQLITE_STATEMENTS_H
#define KM_TESTS_SQLITE_STATEMENTS_H

#include <sqlite3.h>
#include <stddef.h>

/* A database with the tables that they need. The caller closes it. */
sqlite3 *statements_open(const char *path);

extern const char *const statements[];
extern const size_t statements_count;

#endif
