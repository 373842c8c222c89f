/* SQL of our own. An application may have set limits (sqlite3_limit) to the SQL that it is given; these are
** for what others wrote, and a fit has to go on, and to stop when it is told to, under any of them.
*/
#ifndef KM_BRIDGE_OWN_H
#define KM_BRIDGE_OWN_H

#include "bridge/sqlite.h"

/* As sqlite3_prepare_v2 and sqlite3_declare_vtab, under no limits but those that SQLite was built with. */
int km_own_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement);
int km_own_declare(sqlite3 *db, const char *sql);

#endif
