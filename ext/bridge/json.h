/* JSON, read by SQLite's own JSON functions. */
#ifndef KM_BRIDGE_JSON_H
#define KM_BRIDGE_JSON_H

#include <stdint.h>

#include "bridge/host.h"

/* One member of a JSON object. Valid while its visitor runs. */
typedef struct km_member {
  const char *key;
  const char *type;     /* null, true, false, integer, real, text, array, object */
  sqlite3_value *value; /* as json_each gives it: arrays and objects as their text */
} km_member;

typedef void (*km_member_visitor)(km_host *host, void *context, const km_member *member);

/* Calls visit for each member of the JSON object in text (bytes bytes), in order, until there is an
** error. It is one when the text is malformed or no object; subject ("options", "model") begins the
** message. A name that stands twice is visited twice. */
void km_json_members(km_host *host, const char *subject, const char *text, size_t bytes,
                     km_member_visitor visit, void *context);

/* The same for text that is known to be an object or an array, whose items have their index as key. */
void km_json_items(km_host *host, const char *subject, const char *text, size_t bytes,
                   km_member_visitor visit, void *context);

/* Whether the text is a JSON object that has a member "centroids". It is no error if not. */
int km_json_has_centroids(km_host *host, const char *text, size_t bytes);

/* A matrix of numbers, rows of equal length. */
typedef struct km_matrix {
  size_t rows;
  size_t columns;
  double *values; /* rows * columns, row-major; from the host's hooks, owned by who asked */
} km_matrix;

/* Reads a JSON array of arrays of numbers, text that json_each gave, exactly. At least one row and
** one column, all finite and at most KM_MAX_COORDINATE. subject begins messages. */
void km_json_matrix(km_host *host, const char *subject, sqlite3_value *text, km_matrix *matrix);

/* One item of a matrix whose columns may be categorical: a number; or a share of one of the values,
** the only one if the item is a string. Valid while its visitor runs. */
typedef struct km_cell {
  size_t row;
  size_t column;
  const char *category; /* closed; NULL: a number */
  double number;
  int end; /* none: the row has ended before this column */
} km_cell;

typedef void (*km_cell_visitor)(km_host *host, void *context, const km_cell *cell);

/* Calls visit for each cell of such a matrix, a JSON array of arrays, text that json_each gave, and at
** the end of each row, until there is an error. subject begins messages. */
void km_json_cells(km_host *host, const char *subject, sqlite3_value *text, km_cell_visitor visit,
                   void *context);

/* Reads a JSON array, which should be of numbers; the caller owns *values. Infinity is allowed. */
void km_json_numbers(km_host *host, const char *subject, sqlite3_value *text, double **values,
                     size_t *count);

/* Reads a JSON array of numbers that nobody has looked at yet: returns how many there are, the first
** `room` of them in values, infinity allowed; or -1 - i when item i is no number; or
** KM_JSON_MALFORMED, which is no error either. *kept is NULL or what an earlier call left there: the
** statement that reads, to be finalised by the caller. */
#define KM_JSON_MALFORMED INT64_MIN
sqlite3_int64 km_json_array(km_host *host, sqlite3_stmt **kept, sqlite3_value *text, double *values,
                            size_t room);

/* One member of an object, its value as JSON text: numbers are not converted on the way, so that whoever
** wants one reads it exactly. Valid while its visitor runs. */
typedef struct km_item {
  const char *key;
  const char *text; /* bytes long, not closed */
  size_t bytes;
  const char *string; /* closed: of a string, what it stands for; else NULL */
} km_item;

typedef void (*km_item_visitor)(km_host *host, void *context, const km_item *item);

/* Calls visit for each member of the JSON object in text of which no more is known than that it begins
** like one, in order, until there is an error. It is one when the text is malformed. */
void km_json_object(km_host *host, sqlite3_value *text, km_item_visitor visit, void *context);

/* Appends text as a JSON string. */
void km_json_append_string(sqlite3_str *out, const char *text);

/* Whether the member's value has this JSON type; whether it is this text. */
int km_member_is(const km_member *member, const char *type);
int km_member_is_text(const km_member *member, const char *text);

/* Sets the error that the member must be something else: `subject"key" must be allowed, not value`. */
void km_member_refuse(km_host *host, const char *subject, const km_member *member,
                      const char *allowed);

/* A short excerpt of a member's value for messages, quoted as JSON; from sqlite3_malloc. */
char *km_member_excerpt(const km_member *member);

#endif
