#include "bridge/statement.h"

#include <string.h>

#include "bridge/json.h"

km_connection *km_connection_new(sqlite3 *db) {
  km_connection *connection = sqlite3_malloc64(sizeof *connection);
  if (connection) {
    *connection = (km_connection){.db = db, .references = 1};
  }
  return connection;
}

void km_connection_release(void *pointer) {
  km_connection *connection = pointer;
  if (--connection->references == 0) {
    sqlite3_free(connection);
  }
}

/* Skips what SQLite skips between tokens: white space, comments, a byte order mark. */
static const char *skip_blank(const char *p) {
  for (;;) {
    if (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == '\f') {
      p++;
    } else if (p[0] == '-' && p[1] == '-') {
      p += strcspn(p, "\n");
    } else if (p[0] == '/' && p[1] == '*') {
      const char *end = strstr(p + 2, "*/");
      p = end ? end + 2 : p + strlen(p);
    } else if (strncmp(p, "\xEF\xBB\xBF", 3) == 0) {
      p += 3;
    } else {
      return p;
    }
  }
}

static int is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || (c & 0x80);
}

/* The first word decides: what follows it is for SQLite's parser to judge. */
static void check_first_word(km_host *host, const char *sql) {
  static const char *const allowed[] = {"SELECT", "WITH", "VALUES"};
  const char *word = skip_blank(sql);
  int length = 0;
  int characters = 0;
  while (is_word(word[length])) {
    characters += (word[length++] & 0xC0) != 0x80; /* not the rest of a UTF-8 character */
  }
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
    if ((int)strlen(allowed[i]) == length && sqlite3_strnicmp(word, allowed[i], length) == 0) {
      return;
    }
  }
  if (*word == 0) {
    km_fail(host, SQLITE_ERROR, "the query is empty: give a SELECT statement");
  } else {
    km_fail(host, SQLITE_ERROR, "the query must begin with SELECT, WITH or VALUES, not '%!.*s'",
            characters == 0   ? 1
            : characters < 40 ? characters
                              : 40,
            word);
  }
}

/* The query as text; NULL after an error. */
static const char *query_text(km_host *host, sqlite3_value *query) {
  const char *sql = NULL;
  switch (sqlite3_value_type(query)) {
  case SQLITE_NULL:
    km_fail(host, SQLITE_ERROR, "the query is NULL: give a SELECT statement as text");
    break;
  case SQLITE_TEXT:
    sql = (const char *)sqlite3_value_text(query);
    if (!sql) {
      km_fail_status(host, KM_NOMEM);
    } else if (strlen(sql) != (size_t)sqlite3_value_bytes(query)) {
      km_fail(host, SQLITE_ERROR, "the query contains a NUL character");
    } else {
      check_first_word(host, sql);
    }
    break;
  default:
    km_fail(host, SQLITE_ERROR, "the query must be TEXT, a SELECT statement, not %s",
            sqlite3_value_type(query) == SQLITE_BLOB ? "a BLOB" : "a number");
  }
  return host->code == SQLITE_OK ? sql : NULL;
}

static void check_prepared(km_host *host, sqlite3_stmt *statement, const char *tail) {
  while (*(tail = skip_blank(tail)) == ';') {
    tail++;
  }
  if (!sqlite3_stmt_readonly(statement)) {
    km_fail(host, SQLITE_ERROR, "the query must only read");
  } else if (*tail) {
    km_fail(host, SQLITE_ERROR, "the query must be one statement: remove what follows it, '%!.40s'",
            tail);
  }
}

/* Where params go. */
typedef struct param_binding {
  sqlite3_stmt *statement;
  int count;            /* parameters of the statement */
  int items;            /* members of params so far */
  int named;            /* params is an object */
  unsigned char *bound; /* count + 1 flags, by parameter number */
} param_binding;

/* The number of the parameter that the member stands for; 0 if there is none. */
static int parameter_index(const param_binding *binding, const km_member *member) {
  if (!binding->named) {
    return binding->items < binding->count ? binding->items + 1 : 0;
  }
  for (int p = 1; p <= binding->count; p++) {
    const char *name = sqlite3_bind_parameter_name(binding->statement, p);
    if (name && (strcmp(name, member->key) == 0 || strcmp(name + 1, member->key) == 0)) {
      return p;
    }
  }
  return 0;
}

static void bind_member(km_host *host, void *context, const km_member *member) {
  param_binding *to = context;
  int p = parameter_index(to, member);
  if (p == 0 && to->named) {
    km_fail(host, SQLITE_ERROR, "option \"params\": the query has no parameter \"%s\"",
            member->key);
  } else if (p == 0) {
    km_fail(host, SQLITE_ERROR,
            "option \"params\" has more items than the query has parameters: %d", to->count);
  } else if (to->bound[p]) {
    km_fail(host, SQLITE_ERROR, "option \"params\": \"%s\" is given twice", member->key);
  } else {
    int rc = sqlite3_bind_value(to->statement, p, member->value);
    if (rc != SQLITE_OK) {
      km_fail_sqlite(host, rc, NULL);
    }
    to->bound[p] = 1;
    to->items++;
  }
}

/* Every parameter must be given: one that is forgotten would silently be NULL. */
static void check_bound(km_host *host, const param_binding *binding) {
  for (int p = 1; p <= binding->count && host->code == SQLITE_OK; p++) {
    const char *name = sqlite3_bind_parameter_name(binding->statement, p);
    if (!binding->bound[p]) {
      km_fail(host, SQLITE_ERROR,
              "query parameter %d%s%s has no value: give it in the option \"params\"", p,
              name ? ", " : "", name ? name : "");
    }
  }
}

static void bind_params(km_host *host, sqlite3_stmt *statement, const char *params) {
  param_binding binding = {.statement = statement,
                           .count = sqlite3_bind_parameter_count(statement)};
  binding.bound = km_host_allocate(host, (size_t)binding.count + 1, 1);
  if (binding.bound) {
    memset(binding.bound, 0, (size_t)binding.count + 1);
    if (params) {
      binding.named = params[0] == '{';
      km_json_items(host, "option \"params\"", params, strlen(params), bind_member, &binding);
    }
    check_bound(host, &binding);
  }
  km_host_release(host, binding.bound);
}

sqlite3_stmt *km_statement_open(km_host *host, sqlite3_value *query, const char *params) {
  sqlite3_stmt *statement = NULL;
  const char *tail = "";
  const char *sql = query_text(host, query);
  if (!sql) {
    return NULL;
  }
  int rc = sqlite3_prepare_v2(host->db, sql, -1, &statement, &tail);
  if (rc != SQLITE_OK) {
    km_fail_sqlite(host, rc, "query");
  } else {
    check_prepared(host, statement, tail);
  }
  if (host->code == SQLITE_OK) {
    bind_params(host, statement, params);
  }
  if (host->code != SQLITE_OK) {
    sqlite3_finalize(statement);
    statement = NULL;
  }
  return statement;
}

const char *km_column_name(km_host *host, sqlite3_stmt *statement, int column) {
  const char *name = sqlite3_column_name(statement, column);
  if (!name) { /* after an earlier failure: names are kept in UTF-8 and need no memory */
    km_fail_status(host, KM_NOMEM);
    name = "?";
  }
  return name;
}
