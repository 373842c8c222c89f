/* The part of a model that says which columns are categorical, and what their values are:
**
**   "categories":[null,["blue","red"]]
**
** An item for each column of the input. In all that is by dimension, a column of numbers has one item and
** a categorical one as many as it has values, in this order.
*/
#include <string.h>

#include "bridge/model.h"

typedef struct categories_reader {
  km_model *model;
  size_t columns; /* that were read, or are to be counted */
} categories_reader;

static void count_item(km_host *host, void *context, const km_member *member) {
  (void)host;
  (void)member;
  ((categories_reader *)context)->columns++;
}

static void read_value(km_host *host, void *context, const km_member *member) {
  const categories_reader *reader = context;
  km_values *values = &reader->model->categories.values[reader->columns];
  const char *text = (const char *)sqlite3_value_text(member->value);
  size_t bytes = (size_t)sqlite3_value_bytes(member->value);
  sqlite3_int64 column = (sqlite3_int64)reader->columns;
  if (!text && !km_member_is(member, "null")) {
    km_fail_status(host, KM_NOMEM);
  } else if (!km_member_is(member, "text") || memchr(text, 0, bytes)) {
    km_fail(host, SQLITE_ERROR, "model: \"categories\": item %lld: value %s is no text", column,
            member->key);
  } else if (values->count == KM_MAX_DIMS) {
    km_fail(host, SQLITE_ERROR, "model: \"categories\": item %lld has more than %d values", column,
            KM_MAX_DIMS);
  } else if (km_category_find(values, text, bytes) != KM_NO_CODE) {
    km_fail(host, SQLITE_ERROR, "model: \"categories\": item %lld has '%!.60s%s' twice", column,
            text, km_ellipsis(text, 60));
  } else {
    km_category_add(host, values, text, bytes);
  }
}

static void read_column(km_host *host, void *context, const km_member *member) {
  static const char subject[] = "model: \"categories\"";
  categories_reader *reader = context;
  km_values *values = &reader->model->categories.values[reader->columns];
  const char *text = (const char *)sqlite3_value_text(member->value);
  if (km_member_is(member, "array")) {
    values->categorical = 1;
    if (text) {
      km_json_items(host, subject, text, strlen(text), read_value, reader);
    } else {
      km_fail_status(host, KM_NOMEM);
    }
    if (values->count == 0) {
      km_fail(host, SQLITE_ERROR, "%s: item %s has no values", subject, member->key);
    }
  } else if (!km_member_is(member, "null")) {
    km_fail(host, SQLITE_ERROR,
            "%s: item %s must be an array of values, or null for a column of numbers", subject,
            member->key);
  }
  reader->columns++;
}

void km_model_read_categories(km_host *host, km_model *model, const km_member *member) {
  static const char subject[] = "model: \"categories\"";
  categories_reader reader = {.model = model};
  const char *text = (const char *)sqlite3_value_text(member->value);
  int any = 0;
  if (km_member_is(member, "null")) {
    return;
  }
  if (!km_member_is(member, "array")) {
    km_member_refuse(host, "model: ", member, "an array with an item for each column, or null");
    return;
  }
  if (!text) {
    km_fail_status(host, KM_NOMEM);
    return;
  }
  km_json_items(host, subject, text, strlen(text), count_item, &reader);
  if (host->code == SQLITE_OK && reader.columns > 0) {
    km_categories_init(host, &model->categories, reader.columns);
  }
  if (host->code == SQLITE_OK) {
    reader.columns = 0;
    km_json_items(host, subject, text, strlen(text), read_column, &reader);
  }
  for (size_t c = 0; c < model->categories.columns; c++) {
    any |= model->categories.values[c].categorical;
  }
  if (host->code == SQLITE_OK && any) {
    km_categories_number(host, &model->categories);
  } else {
    km_categories_clear(&model->categories);
  }
}

void km_model_scale_codes(km_host *host, km_model *model) {
  km_transform *transform = &model->transform;
  if (!km_categories_any(&model->categories) || transform->factor) {
    return;
  }
  transform->shift = km_host_allocate(host, model->dims, sizeof *transform->shift);
  transform->factor = km_host_allocate(host, model->dims, sizeof *transform->factor);
  for (size_t j = 0; host->code == SQLITE_OK && j < model->dims; j++) {
    transform->shift[j] = 0;
    transform->factor[j] = model->categories.is_code[j] ? KM_CODE_FACTOR : 1;
  }
}

void km_model_write_categories(sqlite3_str *out, const km_categories *categories) {
  if (!km_categories_any(categories)) {
    return;
  }
  sqlite3_str_appendall(out, ",\"categories\":");
  for (size_t c = 0; c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    sqlite3_str_appendchar(out, 1, c ? ',' : '[');
    if (!values->categorical) {
      sqlite3_str_append(out, "null", 4);
    }
    for (size_t j = 0; j < values->codes; j++) {
      sqlite3_str_appendchar(out, 1, j ? ',' : '[');
      km_json_append_string(out, values->value[values->coded[j]].text);
    }
    if (values->categorical) {
      sqlite3_str_appendchar(out, 1, ']');
    }
  }
  sqlite3_str_appendchar(out, 1, ']');
}
