/* SQLite as a loadable extension sees it: every file that calls SQLite includes this. */
#ifndef KM_BRIDGE_SQLITE_H
#define KM_BRIDGE_SQLITE_H

#include <sqlite3ext.h>

extern const sqlite3_api_routines *sqlite3_api; /* defined in extension.c */

/* From SQLite 3.45 on, functions whose result has a subtype say so; older versions ignore it. */
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif

#define KM_JSON_SUBTYPE 74 /* 'J': the mark that SQLite's own JSON functions put on their results */

#endif
