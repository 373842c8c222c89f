#include "bridge/json.h"

#include <string.h>

#include "bridge/number.h"

/* Malformed text is told apart from other values first, since json_each goes through those too. */
static void check_object(km_host *host, const char *subject, sqlite3_stmt *statement) {
  const char *type = NULL;
  int rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW) {
    type = (const char *)sqlite3_column_text(statement, 0);
  } else {
    km_fail_sqlite(host, rc, subject);
  }
  if (host->code == SQLITE_OK && (!type || strcmp(type, "object") != 0)) {
    km_fail(host, SQLITE_ERROR, "%s must be a JSON object, not %s", subject,
            type ? type : "out of memory");
  }
}

static void visit_all(km_host *host, const char *subject, sqlite3_stmt *statement,
                      km_member_visitor visit, void *context) {
  int rc;
  while (host->code == SQLITE_OK && (rc = sqlite3_step(statement)) != SQLITE_DONE) {
    if (rc != SQLITE_ROW) {
      km_fail_sqlite(host, rc, subject);
      break;
    }
    km_member member = {
        .key = (const char *)sqlite3_column_text(statement, 0),
        .type = (const char *)sqlite3_column_text(statement, 1),
        .value = sqlite3_column_value(statement, 2),
    };
    if (!member.key || !member.type) {
      km_fail_status(host, KM_NOMEM);
    } else {
      visit(host, context, &member);
    }
  }
}

/* A statement with the text as its parameter ?1; the text must outlive it. */
static sqlite3_stmt *prepare_over(km_host *host, const char *sql, const char *text, size_t bytes) {
  sqlite3_stmt *statement = km_host_prepare(host, sql);
  if (host->code == SQLITE_OK) {
    int rc = sqlite3_bind_text64(statement, 1, text, bytes, SQLITE_STATIC, SQLITE_UTF8);
    if (rc != SQLITE_OK) {
      km_fail_sqlite(host, rc, NULL);
    }
  }
  return statement;
}

void km_json_items(km_host *host, const char *subject, const char *text, size_t bytes,
                   km_member_visitor visit, void *context) {
  sqlite3_stmt *members =
      prepare_over(host, "SELECT key, type, value FROM json_each(?1)", text, bytes);
  if (host->code == SQLITE_OK) {
    visit_all(host, subject, members, visit, context);
  }
  sqlite3_finalize(members);
}

void km_json_members(km_host *host, const char *subject, const char *text, size_t bytes,
                     km_member_visitor visit, void *context) {
  sqlite3_stmt *check = prepare_over(host, "SELECT json_type(?1)", text, bytes);
  if (host->code == SQLITE_OK) {
    check_object(host, subject, check);
  }
  sqlite3_finalize(check);
  km_json_items(host, subject, text, bytes, visit, context);
}

int km_json_has_centroids(km_host *host, const char *text, size_t bytes) {
  int found = 0;
  sqlite3_stmt *statement =
      prepare_over(host, "SELECT json_type(?1, '$.centroids') IS NOT NULL", text, bytes);
  if (host->code == SQLITE_OK) {
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
      found = sqlite3_column_int(statement, 0);
    } else if (rc != SQLITE_ERROR) { /* which malformed text is: whoever reads it will say so */
      km_fail_sqlite(host, rc, NULL);
    }
  }
  sqlite3_finalize(statement);
  return found;
}

void km_json_append_string(sqlite3_str *out, const char *text) {
  sqlite3_str_appendchar(out, 1, '"');
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20) {
      sqlite3_str_appendf(out, "\\u%04x", c);
    } else {
      if (c == '"' || c == '\\') {
        sqlite3_str_appendchar(out, 1, '\\');
      }
      sqlite3_str_appendchar(out, 1, (char)c);
    }
  }
  sqlite3_str_appendchar(out, 1, '"');
}

char *km_member_excerpt(const km_member *member) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (strcmp(member->type, "true") == 0 || strcmp(member->type, "false") == 0 ||
      strcmp(member->type, "null") == 0) {
    return sqlite3_mprintf("%s", member->type);
  }
  if (!text) {
    return NULL;
  }
  const char *quote = strcmp(member->type, "text") == 0 ? "\"" : "";
  return sqlite3_mprintf("%s%!.60s%s%s", quote, text, km_ellipsis(text, 60), quote);
}

int km_member_is(const km_member *member, const char *type) {
  return strcmp(member->type, type) == 0;
}

int km_member_is_text(const km_member *member, const char *text) {
  const char *value = (const char *)sqlite3_value_text(member->value);
  return km_member_is(member, "text") && value && strcmp(value, text) == 0;
}

void km_member_refuse(km_host *host, const char *subject, const km_member *member,
                      const char *allowed) {
  char *excerpt = km_member_excerpt(member);
  if (!excerpt) {
    km_fail_status(host, KM_NOMEM);
  } else {
    km_fail(host, SQLITE_ERROR, "%s\"%s\" must be %s, not %s", subject, member->key, allowed,
            excerpt);
  }
  sqlite3_free(excerpt);
}
