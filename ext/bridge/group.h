/* Rows of an aggregate: what(what, c1, c2, ...) or what(what, vector), collected into a dataset.
**
** The first row says what the group is; all others must have the same `what`.
*/
#ifndef KM_BRIDGE_GROUP_H
#define KM_BRIDGE_GROUP_H

#include "bridge/what.h"

/* The group, or the frame of a window. Zeroed before its first row: host.name is NULL then. */
typedef struct km_group {
  km_host host;
  km_what what;
  sqlite3_value *what_value; /* as the first row gave it */
  int only;                  /* the argument of the only coordinate, which may be a vector; or 0 */
  int weight;                /* the argument that is the weight, or 0 */
  km_vectors vectors;        /* of the only coordinate */
  km_dataset data;
  km_categories categories;   /* of a fit with some: data holds the numbers of values then */
  const km_categories *known; /* of the model, by which points are encoded; or NULL */
  double *point;              /* NULL with an only coordinate */
  size_t rows;                /* all rows seen, for messages */
  km_nulls_found nulls;
} km_group;

/* Starts the group with the arguments of its first row. name is the function's; picture as for
** km_what_read_picture. An error is the host's, and km_group_clear is due in any case. */
void km_group_begin(km_group *group, sqlite3_context *context, const char *name, int argc,
                    sqlite3_value **argv, km_picture_options *picture);
void km_group_clear(km_group *group);

/* Takes in a row, the first one included. Returns whether it takes part: 0 when it is left out, which
** nulls.skipped counts. */
int km_group_push(km_group *group, int argc, sqlite3_value **argv);

/* What is to be fitted: the rows as they are now; encoded for it, where there are categories. `encoded`
** is the caller's, zeroed, and is given back to km_group_unsee, which is due in any case: rows may come
** and go afterwards. An error is the host's. */
km_input km_group_see(km_group *group, km_dataset *encoded);
void km_group_unsee(km_group *group, km_dataset *encoded);

/* The categories by which points are encoded; they may have none. */
const km_categories *km_group_categories(const km_group *group);

/* Whether a NULL in the only coordinate, or in any of several, is filled in. */
int km_group_fills(const km_group *group);

#endif
