#include "bridge/model_cache.h"

#include <string.h>

#define CACHED 4

/* SQLite keeps data with a negative argument number until the statement ends, for all its functions; its
** JSON functions rely on that for the same purpose. Should it stop to, models are read more often. */
#define STATEMENT_SLOT (-1262570318)

typedef struct model_cache {
  km_model *model[CACHED]; /* the last used first */
} model_cache;

static void free_cache(void *pointer) {
  model_cache *cache = pointer;
  for (int i = 0; i < CACHED; i++) {
    if (cache->model[i]) {
      km_model_release(cache->model[i]);
    }
  }
  sqlite3_free(cache);
}

/* Puts a model at the front of the list; takes over the reference. The last one falls off. */
static void move_to_front(model_cache *cache, int from, km_model *model) {
  for (int i = from; i > 0; i--) {
    cache->model[i] = cache->model[i - 1];
  }
  cache->model[0] = model;
}

static km_model *find(model_cache *cache, const char *text, size_t bytes) {
  for (int i = 0; i < CACHED && cache->model[i]; i++) {
    km_model *model = cache->model[i];
    if (model->bytes == bytes && memcmp(model->text, text, bytes) == 0) {
      move_to_front(cache, i, model);
      return model;
    }
  }
  return NULL;
}

/* The statement's cache; NULL when there is no memory for it, which is an error, and where SQLite refuses it:
** when it has no memory, of which it tells itself, and when there is no statement yet. Where SQLite is built
** with ENABLE_STAT4, the planner calls functions of constants for an estimate, and can do without. */
static model_cache *statement_cache(sqlite3_context *context) {
  model_cache *cache = sqlite3_get_auxdata(context, STATEMENT_SLOT);
  if (!cache) {
    cache = sqlite3_malloc64(sizeof *cache);
    if (cache) {
      memset(cache, 0, sizeof *cache);
      sqlite3_set_auxdata(context, STATEMENT_SLOT, cache, free_cache);
      cache = sqlite3_get_auxdata(context, STATEMENT_SLOT);
    } else {
      sqlite3_result_error_nomem(context);
    }
  }
  return cache;
}

static km_model *read_model(sqlite3_context *context, const char *name, const char *text,
                            size_t bytes) {
  km_host host;
  km_host_init(&host, sqlite3_context_db_handle(context), name);
  km_model *model = km_model_read(&host, text, bytes);
  if (!model) {
    km_host_result_error(&host, context);
  }
  km_host_clear(&host);
  return model;
}

static void refuse(sqlite3_context *context, const char *name, sqlite3_value *value) {
  char *message =
      sqlite3_mprintf("%s: the first argument must be a model, the JSON that kmeans_fit returns, "
                      "not %s",
                      name, sqlite3_value_type(value) == SQLITE_BLOB ? "a BLOB" : "a number");
  if (message) {
    sqlite3_result_error(context, message, -1);
  } else {
    sqlite3_result_error_nomem(context);
  }
  sqlite3_free(message);
}

const km_model *km_model_cached(sqlite3_context *context, const char *name, sqlite3_value *value) {
  km_model *model = sqlite3_get_auxdata(context, 0);
  if (model) {
    return model; /* the argument is constant */
  }
  if (sqlite3_value_type(value) == SQLITE_NULL) {
    return NULL;
  }
  if (sqlite3_value_type(value) != SQLITE_TEXT) {
    refuse(context, name, value);
    return NULL;
  }
  const char *text = (const char *)sqlite3_value_text(value);
  size_t bytes = (size_t)sqlite3_value_bytes(value);
  if (!text) {
    sqlite3_result_error_nomem(context);
    return NULL;
  }
  model_cache *cache = statement_cache(context);
  if (!cache) {
    return NULL;
  }
  model = find(cache, text, bytes);
  if (!model) {
    model = read_model(context, name, text, bytes);
    if (!model) {
      return NULL;
    }
    if (cache->model[CACHED - 1]) {
      km_model_release(cache->model[CACHED - 1]);
    }
    move_to_front(cache, CACHED - 1, model);
    /* Kept from row to row if the argument is constant, and dropped at once if not. */
    model->references++;
    sqlite3_set_auxdata(context, 0, model, km_model_release);
  }
  return model;
}
