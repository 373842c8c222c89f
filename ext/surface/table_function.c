#include "surface/table_function.h"

#include <stdint.h>
#include <string.h>

#include "bridge/number.h"
#include "bridge/own.h"

int km_vtab_connect(sqlite3 *db, void *connection, const char *schema, sqlite3_vtab **out) {
  return km_vtab_connect_sized(db, connection, schema, sizeof(km_vtab), out);
}

int km_vtab_connect_sized(sqlite3 *db, void *connection, const char *schema, size_t bytes,
                          sqlite3_vtab **out) {
  int rc = km_own_declare(db, schema);
  if (rc == SQLITE_OK) {
    /* It runs SQL text, with the rights of whoever calls it: so it must not be called by a view or a
    ** trigger that came with the database file. */
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  }
  if (rc != SQLITE_OK) {
    return rc;
  }
  km_vtab *table = sqlite3_malloc64(bytes);
  if (!table) {
    return SQLITE_NOMEM;
  }
  memset(table, 0, bytes);
  table->connection = connection;
  *out = &table->base;
  return SQLITE_OK;
}

int km_vtab_disconnect(sqlite3_vtab *base) {
  sqlite3_free(base);
  return SQLITE_OK;
}

/* A number for the set of statements that are running on the connection, and which run of each it is;
** with steps, one that also changes whenever one of them returns from sqlite3_step. */
static KM_WRAPS sqlite3_uint64 running_statements(sqlite3 *db, int steps) {
  sqlite3_uint64 set = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s)) {
      sqlite3_uint64 one = (sqlite3_uint64)(uintptr_t)s * 0x9E3779B97F4A7C15u + 1;
      one += (sqlite3_uint64)sqlite3_stmt_status(s, SQLITE_STMTSTATUS_RUN, 0) * 0xC2B2AE3D27D4EB4Fu;
      if (steps) {
        one += (sqlite3_uint64)sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0) *
               0x165667B19E3779F9u;
      }
      set += one ^ one >> 29;
    }
  }
  return set;
}

int km_cursor_open(sqlite3_vtab *base, size_t bytes, sqlite3_vtab_cursor **out) {
  km_cursor *cursor = sqlite3_malloc64(bytes);
  if (!cursor) {
    return SQLITE_NOMEM;
  }
  km_vtab *table = (km_vtab *)base;
  memset(cursor, 0, bytes);
  cursor->opened = running_statements(table->connection->db, 1);
  table->newest = cursor;
  *out = &cursor->base;
  return SQLITE_OK;
}

/* A correlated subquery opens its cursor anew for each row of the outer query, and SQLite (before it
** learned to leave such a cursor open) opens the new one just before it closes the old one. So a job
** moves on to the cursor that was opened last, if that was in this very step of the statement and it
** has no job yet. km_cursor_call uses it there for the same arguments, as long as the same statements
** are running as when the job ran: then it is the statement that ran it, which may go on seeing the data
** as they were then. */
int km_cursor_close(sqlite3_vtab_cursor *base) {
  km_cursor *cursor = (km_cursor *)base;
  km_vtab *table = (km_vtab *)base->pVtab;
  km_cursor *newest = table->newest;
  if (newest == cursor) {
    table->newest = NULL;
  } else if (newest && !newest->job &&
             newest->opened == running_statements(table->connection->db, 1)) {
    newest->job = cursor->job;
    newest->inherited = 1;
    newest->statements = cursor->statements;
    cursor->job = NULL;
  }
  km_job_free(cursor->job);
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int refuse(sqlite3_vtab *base, const km_call *call, const char *message) {
  sqlite3_free(base->zErrMsg);
  base->zErrMsg = sqlite3_mprintf("%s: %s", call->name, message);
  return base->zErrMsg ? SQLITE_ERROR : SQLITE_NOMEM;
}

int km_index_call(sqlite3_vtab *base, sqlite3_index_info *info, const km_call *call) {
  int place[KM_MOST_ARGUMENTS] = {-1, -1, -1, -1};
  int unusable = 0;
  int count = 0;
  for (int i = 0; i < info->nConstraint; i++) {
    int argument = info->aConstraint[i].iColumn - call->first_column;
    if (call->excess && argument == call->arguments) {
      return refuse(base, call, call->excess);
    }
    if (argument < 0 || argument >= call->arguments ||
        info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) {
      continue;
    }
    if (info->aConstraint[i].usable) {
      place[argument] = i;
    } else {
      unusable |= 1 << argument;
    }
  }
  for (int argument = 0; argument < call->arguments; argument++) {
    if (place[argument] >= 0) {
      info->aConstraintUsage[place[argument]].argvIndex = ++count;
      info->aConstraintUsage[place[argument]].omit = 1;
      info->idxNum |= 1 << argument;
    } else if (unusable & 1 << argument) {
      return SQLITE_CONSTRAINT;
    }
  }
  if ((info->idxNum & call->required) == call->required) {
    km_index_scan(info);
  } else {
    info->estimatedCost = 1e99;
    info->estimatedRows = INT32_MAX;
  }
  return SQLITE_OK;
}

/* Whether all values in argv are literals. */
static int are_literals(sqlite3_index_info *info) {
  sqlite3_value *value;
  for (int i = 0; i < info->nConstraint; i++) {
    if (info->aConstraintUsage[i].argvIndex > 0 &&
        sqlite3_vtab_rhs_value(info, i, &value) != SQLITE_OK) {
      return 0;
    }
  }
  return 1;
}

void km_index_scan(sqlite3_index_info *info) {
  info->estimatedCost = are_literals(info) ? 1e6 : 2e6;
  info->estimatedRows = 100000;
}

void km_index_lookup(sqlite3_index_info *info) {
  info->estimatedCost = are_literals(info) ? 10 : 3e4;
  info->estimatedRows = 1;
}

int km_cursor_call(km_cursor *cursor, const km_call *call, int index, sqlite3_value **argv) {
  sqlite3_value *argument[KM_MOST_ARGUMENTS] = {NULL, NULL, NULL, NULL};
  km_vtab *table = (km_vtab *)cursor->base.pVtab;
  int at = 0;
  if ((index & call->required) != call->required) {
    return refuse(&table->base, call, call->usage);
  }
  for (int a = 0; a < call->arguments; a++) {
    argument[a] = index & 1 << a ? argv[at++] : NULL;
  }
  sqlite3_uint64 statements = running_statements(table->connection->db, 0);
  if (cursor->job && (!cursor->inherited || cursor->statements == statements) &&
      km_job_matches(cursor->job, argument)) {
    cursor->inherited = 0;
    return SQLITE_OK;
  }
  km_job_free(cursor->job);
  cursor->job = NULL;
  cursor->inherited = 0;
  cursor->statements = statements;
  cursor->job = call->run(table->connection, call->name, argument, table->columns);
  return cursor->job ? km_cursor_fail(cursor) : SQLITE_NOMEM;
}

int km_cursor_fail(km_cursor *cursor) {
  km_host *host = &cursor->job->host;
  int code = host->code;
  if (code != SQLITE_OK) {
    sqlite3_free(cursor->base.pVtab->zErrMsg);
    cursor->base.pVtab->zErrMsg = host->message;
    host->message = NULL;
    km_job_free(cursor->job);
    cursor->job = NULL;
  }
  return code;
}

void km_cursor_argument(const km_cursor *cursor, sqlite3_context *context, int argument) {
  sqlite3_value *value = cursor->job->argument[argument];
  if (value) {
    sqlite3_result_value(context, value);
  }
}

void km_result_text(sqlite3_context *context, sqlite3_str *out) {
  int rc = sqlite3_str_errcode(out);
  int bytes = sqlite3_str_length(out);
  char *text = sqlite3_str_finish(out);
  if (rc == SQLITE_TOOBIG) {
    sqlite3_result_error_toobig(context);
  } else if (!text) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_text(context, text, bytes, sqlite3_free);
    sqlite3_result_subtype(context, KM_JSON_SUBTYPE);
  }
}

void km_result_numbers(sqlite3_context *context, const double *numbers, size_t n) {
  sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
  km_numbers_append(out, numbers, n);
  km_result_text(context, out);
}

void km_result_centroid(sqlite3_context *context, const km_categories *categories,
                        const double *centroid, size_t dims) {
  sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
  km_shares_append(out, categories, centroid, dims);
  km_result_text(context, out);
}
