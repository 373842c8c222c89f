#include "bridge/place.h"

#include <string.h>

#include "bridge/json.h"
#include "bridge/statement.h"

void km_refuse(km_host *host, const km_place *place, char *text) {
  sqlite3_int64 row = (sqlite3_int64)place->row;
  if (!text) {
    km_fail_status(host, KM_NOMEM);
  } else if (place->statement) {
    km_fail(host, SQLITE_ERROR, "row %lld, column \"%s\": %s", row,
            km_column_name(host, place->statement, place->column), text);
  } else if (row > 0) {
    km_fail(host, SQLITE_ERROR, "row %lld, argument %d: %s", row, place->argument, text);
  } else {
    km_fail(host, SQLITE_ERROR, "argument %d: %s", place->argument, text);
  }
  sqlite3_free(text);
}

/* Whether text is the column's name, which the query has in double quotes: SQLite takes a name that no table has
** for text. */
static int is_name(const char *text, const char *name) {
  size_t bytes = strlen(text);
  return name[0] == '"' && strncmp(name + 1, text, bytes) == 0 &&
         strcmp(name + 1 + bytes, "\"") == 0;
}

/* What can be done about text in a column of a query. */
static char *column_hint(km_host *host, const char *text, const km_place *place) {
  const char *name = km_column_name(host, place->statement, place->column);
  sqlite3_str *hint = sqlite3_str_new(host->db);
  if (is_name(text, name)) {
    sqlite3_str_appendf(hint, ": there is no column %s, and SQLite takes the name for text", name);
  } else {
    sqlite3_str_appendall(hint, " (\"categorical\": [");
    km_json_append_string(hint, name);
    sqlite3_str_appendall(hint, "] makes categories of text");
    if (place->row == 1 && !place->keyed) {
      sqlite3_str_appendall(hint, ", \"id\": ");
      km_json_append_string(hint, name);
      sqlite3_str_appendall(hint, " a key");
    }
    sqlite3_str_appendall(hint, ")");
  }
  return sqlite3_str_finish(hint);
}

/* How the option that makes categories of a column names this one, or "" where that is no way out; from
** sqlite3_malloc, or NULL. */
static char *category_hint(km_host *host, km_number problem, sqlite3_value *value,
                           const km_place *place) {
  const char *text = problem == KM_NUMBER_TEXT ? (const char *)sqlite3_value_text(value) : "";
  if (!text) {
    return NULL; /* unreached: whoever found the problem has read the text */
  }
  if (!place->fits || text[0] == 0 || text[0] == '[') {
    return sqlite3_mprintf("%s", "");
  }
  if (!place->statement) {
    return sqlite3_mprintf(" (\"categorical\": [%d] makes categories of text)",
                           place->argument - 1);
  }
  return column_hint(host, text, place);
}

void km_refuse_coordinate(km_host *host, km_number problem, sqlite3_value *value,
                          const km_place *place) {
  char *text = km_number_problem(problem, value);
  char *hint = text ? category_hint(host, problem, value, place) : NULL;
  km_refuse(host, place, hint ? sqlite3_mprintf("%s%s", text, hint) : NULL);
  sqlite3_free(hint);
  sqlite3_free(text);
}

double km_weight_read(km_host *host, sqlite3_value *value, const km_place *place) {
  double weight = 0;
  char text[KM_NUMBER_BYTES];
  km_number problem = km_number_read(value, &weight);
  if (problem == KM_NUMBER_OK && weight >= 0) {
    return weight + 0.0; /* -0.0 becomes 0.0 */
  }
  if (problem == KM_NUMBER_OK || problem == KM_NUMBER_LARGE) {
    km_number_write(sqlite3_value_double(value), text);
    km_refuse(host, place, sqlite3_mprintf("%s is not a weight, a number from 0 to 1e300", text));
  } else if (problem == KM_NUMBER_NULL) {
    km_refuse(host, place, sqlite3_mprintf("NULL is not a weight (0 leaves a row out of the fit)"));
  } else if (problem == KM_NUMBER_BLOB) {
    km_refuse(host, place, sqlite3_mprintf("a BLOB is not a weight, a number from 0 to 1e300"));
  } else {
    km_refuse_coordinate(host, problem, value, place);
  }
  return 0;
}

void km_refuse_empty(km_host *host, const char *names, size_t column, int weighted) {
  static const char problem[] = "there is no mean to fill in";
  const char *where = weighted ? "all rows of a weight above 0" : "all rows";
  for (size_t c = 0; names && c < column; c++) {
    names += strlen(names) + 1;
  }
  if (names) {
    km_fail(host, SQLITE_ERROR, "column \"%s\" is NULL in %s: %s", names, where, problem);
  } else {
    km_fail(host, SQLITE_ERROR, "argument %lld is NULL in %s: %s", (sqlite3_int64)column, where,
            problem);
  }
}
