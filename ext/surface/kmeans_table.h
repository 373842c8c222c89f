/* CREATE VIRTUAL TABLE temp.name USING kmeans(what, 'query' [, options]): the clusters of a query as a
** table with the query's own columns.
**
**   CREATE TABLE name(
**     ...,                       -- the columns of the query
**     cluster INTEGER, distance REAL,
**     centroid TEXT HIDDEN, neighbor INTEGER HIDDEN, silhouette REAL HIDDEN
**   );
**
** 1. The table is live, as a view is: the query is read and its rows are clustered when a statement
**    reads the table. Values come back as the query gave them, those of rows without a point too.
** 2. Only the temp schema may hold such a table. It runs SQL text: in the schema of a database file, that
**    could be a stranger's.
** 3. The arguments are literals. They and the query are checked when the table is made.
** 4. The columns follow those of the query where ALTER TABLE changes them, at the next statement that is prepared;
**    a statement whose columns have changed otherwise is an error.
*/
#ifndef KM_SURFACE_KMEANS_TABLE_H
#define KM_SURFACE_KMEANS_TABLE_H

#include "surface/table_function.h"

typedef struct kmeans_vtab {
  km_vtab common;
  km_columns columns;                    /* common.columns points here if this is such a table */
  sqlite3_value *argument[KM_ARGUMENTS]; /* NULL where there is none, and all of the function's */
} kmeans_vtab;

/* Whether a module's xCreate or xConnect is asked for the table-valued function. That is how one method
** serves both, which SQLite wants of a module that is both. */
int km_kmeans_is_function(int argc, const char *const *argv);

/* Makes or opens the table. */
int km_kmeans_table_connect(sqlite3 *db, void *connection, int argc, const char *const *argv,
                            sqlite3_vtab **out, char **error);

/* Gives a table, or the function, back. */
int km_kmeans_disconnect(sqlite3_vtab *base);

#endif
