/* The names that a model gives its columns: lists of them for messages, and values by name.
**
** Names are kept as in km_model: closed strings, one after the other.
*/
#ifndef KM_BRIDGE_NAMES_H
#define KM_BRIDGE_NAMES_H

#include <stdint.h>

#include "bridge/categories.h"
#include "bridge/json.h"

/* Names, and the order in which they can be searched. */
typedef struct km_names {
  size_t count;
  const char **name; /* of each column; NULL: there are none */
  uint32_t *column;  /* in the order of their names, ignoring case, then not */
} km_names;

/* Sorts count names, which must outlive the struct; NULL is allowed. After an error km_names_clear is
** still due. */
void km_names_init(km_host *host, km_names *names, const char *columns, size_t count);
void km_names_clear(km_names *names);

/* Reads a member that is an array of names: returns them as above, from sqlite3_malloc; NULL when there
** are none, and after an error. subject begins messages, which go on with the member's key. */
char *km_names_array(km_host *host, const char *subject, const km_member *member, size_t *count);

/* The column that a name stands for, as SQLite finds columns, ignoring the case of ASCII letters; where
** that leaves several, the one that is written just so. KM_NO_COLUMN: there is none; KM_MANY_COLUMNS: it
** cannot be told which. */
#define KM_NO_COLUMN SIZE_MAX
#define KM_MANY_COLUMNS (SIZE_MAX - 1)
size_t km_names_find(const km_names *names, const char *name);

/* The names with commas between them, for messages, the first ones if there are many; from
** sqlite3_malloc; NULL and an error, which then comes before the message, when there is no memory. */
char *km_names_list(km_host *host, const char *columns, size_t count);

/* Whether the value is text that is a JSON object, if it is JSON at all. */
int km_is_object(sqlite3_value *value);

/* Reads a point from a JSON object that gives each of the named columns a number, or a value where it is
** one of categories (or NULL); argument is its number in messages. With fill, null becomes NaN in
** the point. Returns 1; or 0 where a coordinate is null otherwise, and after an error. */
int km_names_read(km_host *host, const km_names *names, const char *columns,
                  const km_categories *categories, int fill, sqlite3_value *value, int argument,
                  double *point);

#endif
