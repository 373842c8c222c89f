#include "surface/kmeans_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/number.h"
#include "bridge/own.h"

/* The columns that are added to the query's. */
static const struct {
  const char *name;
  const char *type;
} added[] = {
    {"cluster", "INTEGER"},         {"distance", "REAL"},          {"centroid", "TEXT HIDDEN"},
    {"neighbor", "INTEGER HIDDEN"}, {"silhouette", "REAL HIDDEN"},
};
#define ADDED (sizeof added / sizeof *added)

/* Where the arguments of CREATE VIRTUAL TABLE begin; before them stand the names of the module, the
** schema and the table. */
#define FIRST 3

int km_kmeans_is_function(int argc, const char *const *argv) {
  return argc == FIRST && sqlite3_stricmp(argv[0], argv[2]) == 0;
}

/* Takes the quotes off a text in single quotes, in place; 0 when it is no such text. */
static int unquote(char *text) {
  size_t bytes = strlen(text);
  char *to = text;
  if (bytes < 2 || text[0] != '\'' || text[bytes - 1] != '\'') {
    return 0;
  }
  for (const char *from = text + 1; from < text + bytes - 1; from++) {
    if (*from == '\'' && (*++from != '\'' || from == text + bytes - 1)) {
      return 0; /* a quote that is not doubled */
    }
    *to++ = *from;
  }
  *to = 0;
  return 1;
}

/* Binds the literal that the text is, or reports that it is none; copy is a copy to work on. */
static int bind_literal(km_host *host, sqlite3_stmt *statement, const char *text, char *copy,
                        int number) {
  size_t bytes = strlen(text);
  size_t sign = *text == '-' || *text == '+';
  size_t digits = strspn(text + sign, "0123456789");
  double real;
  errno = 0;
  long long integer = strtoll(text, NULL, 10);
  if (digits > 0 && sign + digits == bytes && errno == 0) {
    return sqlite3_bind_int64(statement, 1, integer);
  }
  if (km_parse_number(text, bytes, &real)) {
    return sqlite3_bind_double(statement, 1, real);
  }
  if (sqlite3_stricmp(text, "NULL") == 0) {
    return sqlite3_bind_null(statement, 1);
  }
  if (unquote(copy)) {
    return sqlite3_bind_text(statement, 1, copy, -1, SQLITE_TRANSIENT);
  }
  km_fail(host, SQLITE_ERROR,
          "argument %d must be a number or a text in single quotes, not %!.60s%s", number, text,
          km_ellipsis(text, 60));
  return SQLITE_OK;
}

/* Values are made by SQLite only: a statement hands back what is bound to it. */
static sqlite3_value *read_argument(km_host *host, const char *text, int number) {
  sqlite3_value *value = NULL;
  sqlite3_stmt *statement = NULL;
  char *copy = km_host_copy(host, text, strlen(text));
  int rc = copy ? km_own_prepare(host->db, "SELECT ?1", &statement) : SQLITE_NOMEM;
  if (rc == SQLITE_OK) {
    rc = bind_literal(host, statement, text, copy, number);
  }
  if (rc == SQLITE_OK && host->code == SQLITE_OK) {
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
      value = sqlite3_value_dup(sqlite3_column_value(statement, 0));
      rc = value ? SQLITE_OK : SQLITE_NOMEM;
    }
  }
  if (rc != SQLITE_OK) {
    km_fail_sqlite(host, rc, NULL);
  }
  sqlite3_finalize(statement);
  km_host_release(host, copy);
  return value;
}

static void read_arguments(km_host *host, int argc, const char *const *argv,
                           sqlite3_value **argument) {
  if (sqlite3_stricmp(argv[1], "temp") != 0) {
    km_fail(host, SQLITE_ERROR,
            "the table \"%s\" runs SQL text, which only the temp schema may hold: "
            "CREATE VIRTUAL TABLE temp.%s USING kmeans(...)",
            argv[2], argv[2]);
  } else if (argc < FIRST + 2 || argc > FIRST + KM_ARGUMENTS) {
    km_fail(host, SQLITE_ERROR,
            "a table takes what, a query, and perhaps options: "
            "USING kmeans(3, 'SELECT x, y FROM points')");
  }
  for (int a = 0; a < argc - FIRST && host->code == SQLITE_OK; a++) {
    argument[a] = read_argument(host, argv[FIRST + a], a + 1);
  }
}

static void check_name(km_host *host, const km_columns *columns, int column, const char *name) {
  const char *other = columns->names;
  for (int i = 0; i < column; i++, other += strlen(other) + 1) {
    if (sqlite3_stricmp(other, name) == 0) {
      km_fail(host, SQLITE_ERROR, "the query has two columns called \"%s\": rename one with AS",
              name);
    }
  }
  for (size_t i = 0; i < ADDED; i++) {
    if (sqlite3_stricmp(added[i].name, name) == 0) {
      km_fail(host, SQLITE_ERROR,
              "the query has a column called \"%s\", which the table adds itself: rename it with "
              "AS",
              name);
    }
  }
}

/* The CREATE TABLE statement that describes the table; from sqlite3_malloc. */
static char *describe(km_host *host, const km_columns *columns) {
  static const char types[] = "irtn";
  static const char *const words[] = {"INTEGER", "REAL", "TEXT", "NUMERIC"};
  sqlite3_str *text = sqlite3_str_new(host->db);
  const char *name = columns->names;
  sqlite3_str_appendall(text, "CREATE TABLE x(");
  for (int i = 0; i < columns->count && host->code == SQLITE_OK; i++, name += strlen(name) + 1) {
    const char *type = strchr(types, columns->types[i]);
    check_name(host, columns, i, name);
    sqlite3_str_appendf(text, "\"%w\" %s, ", name, type ? words[type - types] : "");
  }
  for (size_t i = 0; i < ADDED; i++) {
    sqlite3_str_appendf(text, "%s%s %s", i ? ", " : "", added[i].name, added[i].type);
  }
  sqlite3_str_appendall(text, ")");
  char *schema = sqlite3_str_finish(text);
  if (!schema) {
    km_fail_status(host, KM_NOMEM);
  }
  return schema;
}

/* Finds out what columns the query has, and whether the arguments are such as it can be clustered with. */
static void read_columns(km_host *host, sqlite3_value *const *argument, km_columns *columns) {
  km_what what;
  memset(&what, 0, sizeof what);
  km_what_read(host, &what, argument[KM_WHAT], argument[KM_OPTIONS]);
  km_columns_read(host, argument[KM_QUERY], &what.options, what.model, columns);
  km_what_clear(&what, host);
}

int km_kmeans_table_connect(sqlite3 *db, void *connection, int argc, const char *const *argv,
                            sqlite3_vtab **out, char **error) {
  kmeans_vtab made; /* until there is a table */
  km_host host;
  char *schema = NULL;
  memset(&made, 0, sizeof made);
  km_host_init(&host, db, "kmeans");
  read_arguments(&host, argc, argv, made.argument);
  if (host.code == SQLITE_OK) {
    read_columns(&host, made.argument, &made.columns);
  }
  if (host.code == SQLITE_OK) {
    schema = describe(&host, &made.columns);
  }
  if (host.code == SQLITE_OK) {
    int rc = km_vtab_connect_sized(db, connection, schema, sizeof made, out);
    if (rc != SQLITE_OK) {
      km_fail_sqlite(&host, rc, NULL);
    }
  }
  if (host.code == SQLITE_OK) {
    kmeans_vtab *table = (kmeans_vtab *)*out;
    made.common = table->common;
    *table = made;
    table->common.columns = &table->columns;
  } else {
    /* Without a text SQLite would say that the constructor failed. */
    *error = host.code == SQLITE_INTERRUPT ? sqlite3_mprintf("interrupted") : host.message;
    host.message = NULL; /* an interrupt has none */
    km_columns_clear(&made.columns);
    for (int a = 0; a < KM_ARGUMENTS; a++) {
      sqlite3_value_free(made.argument[a]);
    }
  }
  int code = host.code;
  sqlite3_free(schema);
  km_host_clear(&host);
  return code;
}

int km_kmeans_disconnect(sqlite3_vtab *base) {
  kmeans_vtab *table = (kmeans_vtab *)base;
  km_columns_clear(&table->columns);
  for (int a = 0; a < KM_ARGUMENTS; a++) {
    sqlite3_value_free(table->argument[a]);
  }
  return km_vtab_disconnect(base);
}
