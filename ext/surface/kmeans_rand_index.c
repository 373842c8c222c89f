/* kmeans_rand_index(a, b): an aggregate, and a window function: how far two labelings of the rows agree,
** as the Rand index adjusted for chance.
**
** 1. Labels are values of any type, the same where GROUP BY has them in one group.
** 2. Rows in which one of them is NULL are left out. Without any other row the result is NULL.
** 3. Memory grows with the number of different labels and pairs of them, not with the rows.
*/
#include "bridge/ids.h"
#include "core/rand_index.h"
#include "surface/surface.h"

typedef struct rand_group {
  km_host host;
  km_ids first; /* the labels: a row's is their number */
  km_ids second;
  km_contingency table;
} rand_group;

static void begin(rand_group *group, sqlite3_context *context) {
  km_host_init(&group->host, sqlite3_context_db_handle(context), "kmeans_rand_index");
  km_ids_init(&group->first);
  km_ids_init(&group->second);
  km_contingency_init(&group->table);
}

static int is_labelled(sqlite3_value **argv) {
  return sqlite3_value_type(argv[0]) != SQLITE_NULL && sqlite3_value_type(argv[1]) != SQLITE_NULL;
}

void km_rand_step(sqlite3_context *context, int argc, sqlite3_value **argv) {
  rand_group *group = sqlite3_aggregate_context(context, sizeof *group);
  (void)argc;
  if (!group) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (!group->host.name) {
    begin(group, context);
  }
  km_host *host = &group->host;
  if (host->code == SQLITE_OK && is_labelled(argv)) {
    uint32_t first = km_ids_number(&group->first, host, argv[0]);
    uint32_t second = km_ids_number(&group->second, host, argv[1]);
    if (host->code == SQLITE_OK) {
      km_fail_status(host, km_contingency_add(&group->table, &host->hooks, first, second));
    }
  }
  if (host->code != SQLITE_OK) {
    km_host_result_error(host, context);
  }
}

void km_rand_inverse(sqlite3_context *context, int argc, sqlite3_value **argv) {
  rand_group *group = sqlite3_aggregate_context(context, 0);
  (void)argc;
  if (group && group->host.code == SQLITE_OK && is_labelled(argv)) {
    uint32_t first = km_ids_number(&group->first, &group->host, argv[0]);
    uint32_t second = km_ids_number(&group->second, &group->host, argv[1]);
    if (group->host.code == SQLITE_OK) {
      km_contingency_remove(&group->table, first, second);
    }
  }
}

void km_rand_value(sqlite3_context *context) {
  const rand_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return; /* no rows: NULL */
  }
  if (group->host.code != SQLITE_OK) {
    km_host_result_error(&group->host, context);
  } else {
    sqlite3_result_double(context, km_rand_index(&group->table));
  }
}

void km_rand_final(sqlite3_context *context) {
  rand_group *group = sqlite3_aggregate_context(context, 0);
  if (!group) {
    return;
  }
  km_rand_value(context);
  km_ids_clear(&group->first, &group->host);
  km_ids_clear(&group->second, &group->host);
  km_contingency_clear(&group->table, &group->host.hooks);
  km_host_clear(&group->host);
}
