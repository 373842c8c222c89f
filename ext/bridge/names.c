#include "bridge/names.h"

#include <math.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/number.h"
#include "core/dataset.h"
#include "core/sort.h"

/* How many names a message lists. */
#define LISTED 40

/* What a coordinate is before it is given, and where it is given as null: no coordinate is either. */
#define NOT_GIVEN NAN
#define GIVEN_NULL INFINITY

static int compare(const char *a, const char *b) {
  int order = sqlite3_stricmp(a, b);
  return order ? order : strcmp(a, b);
}

static int before(const void *context, uint32_t a, uint32_t b) {
  const char *const *name = context;
  return compare(name[a], name[b]) < 0;
}

void km_names_init(km_host *host, km_names *names, const char *columns, size_t count) {
  memset(names, 0, sizeof *names);
  if (!columns) {
    return;
  }
  names->name = km_host_allocate(host, count, sizeof *names->name);
  names->column = km_host_allocate(host, count, sizeof *names->column);
  if (host->code != SQLITE_OK) {
    return;
  }
  names->count = count;
  for (size_t j = 0; j < count; j++, columns += strlen(columns) + 1) {
    names->name[j] = columns;
    names->column[j] = (uint32_t)j;
  }
  km_sort_numbers(names->column, count, before, names->name);
}

void km_names_clear(km_names *names) {
  sqlite3_free(names->name);
  sqlite3_free(names->column);
  memset(names, 0, sizeof *names);
}

/* Name i of them, in order. */
static const char *sorted(const km_names *names, size_t i) {
  return names->name[names->column[i]];
}

size_t km_names_find(const km_names *names, const char *name) {
  size_t low = 0;
  size_t high = names->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(sorted(names, middle), name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  /* Names that are equal but for case lie together, and `low` is among them or just behind. */
  int next = low + 1 < names->count && strcmp(sorted(names, low + 1), name) == 0;
  if (low < names->count && strcmp(sorted(names, low), name) == 0) {
    return next ? KM_MANY_COLUMNS : names->column[low];
  }
  size_t first = low > 2 ? low - 2 : 0;
  size_t found = KM_NO_COLUMN;
  for (size_t i = first; i < names->count && i < low + 2; i++) {
    if (sqlite3_stricmp(sorted(names, i), name) == 0) {
      found = found == KM_NO_COLUMN ? names->column[i] : KM_MANY_COLUMNS;
    }
  }
  return found;
}

char *km_names_list(km_host *host, const char *columns, size_t count) {
  sqlite3_str *list = sqlite3_str_new(host->db);
  const char *name = columns;
  for (size_t j = 0; j < count && j < LISTED; j++, name += strlen(name) + 1) {
    sqlite3_str_appendf(list, "%s%s", j ? ", " : "", name);
  }
  if (count > LISTED) {
    sqlite3_str_appendf(list, ", ... (%lld in all)", (sqlite3_int64)count);
  }
  char *text = sqlite3_str_finish(list);
  if (!text) {
    km_fail_status(host, KM_NOMEM);
  }
  return text;
}

/* Names that are being read. */
typedef struct name_list {
  sqlite3_str *names;
  const char *subject;
  const char *key;
  size_t count;
} name_list;

static void add_name(km_host *host, void *context, const km_member *member) {
  name_list *list = context;
  const char *name = (const char *)sqlite3_value_text(member->value);
  if (!km_member_is(member, "text") || !name) {
    km_fail(host, SQLITE_ERROR, "%s\"%s\": item %lld is not a name", list->subject, list->key,
            (sqlite3_int64)list->count);
    return;
  }
  sqlite3_str_appendall(list->names, name);
  sqlite3_str_appendchar(list->names, 1, '\0');
  list->count++;
}

char *km_names_array(km_host *host, const char *subject, const km_member *member, size_t *count) {
  const char *text = (const char *)sqlite3_value_text(member->value);
  name_list list = {NULL, subject, member->key, 0};
  if (!km_member_is(member, "array") || !text) {
    km_member_refuse(host, subject, member, "an array of names");
    return NULL;
  }
  list.names = sqlite3_str_new(host->db);
  km_json_items(host, subject, text, strlen(text), add_name, &list);
  char *names = sqlite3_str_finish(list.names);
  if (!names && list.count > 0) {
    km_fail_status(host, KM_NOMEM);
  }
  *count = list.count;
  return names;
}

int km_is_object(sqlite3_value *value) {
  const char *text = NULL;
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    text = (const char *)sqlite3_value_text(value);
    while (text && (*text == ' ' || (*text >= '\t' && *text <= '\r'))) {
      text++;
    }
  }
  return text && *text == '{';
}

/* An object on its way into a point. */
typedef struct named_reader {
  km_host *host;
  const km_names *names;
  const char *columns;
  const km_categories *categories;
  int fill;
  double *point;
} named_reader;

/* The values of a column; NULL where it is one of numbers. */
static const km_values *values_of(const named_reader *reader, size_t column) {
  const km_values *values =
      km_categories_any(reader->categories) ? &reader->categories->values[column] : NULL;
  return values && values->categorical ? values : NULL;
}

/* A column's coordinate, the first if it has several: which tells whether it was given. */
static double *coordinate(const named_reader *reader, size_t column) {
  return reader->point + (km_categories_any(reader->categories)
                              ? reader->categories->values[column].first
                              : column);
}

/* Sets the error `"key" problem (the model's columns are x, y)`; item, or NULL, is what it ends with. */
static void refuse(const named_reader *reader, const char *key, const char *problem,
                   const km_item *item) {
  km_host *host = reader->host;
  char *list = km_names_list(host, reader->columns, reader->names->count);
  char *value = sqlite3_mprintf("%.*s", item ? (int)item->bytes : 0, item ? item->text : "");
  if (value && list) {
    km_fail(host, SQLITE_ERROR, "\"%!.60s%s\" %s%!.60s%s (the model's columns are %s)", key,
            km_ellipsis(key, 60), problem, value, km_ellipsis(value, 60), list);
  } else {
    km_fail_status(host, KM_NOMEM);
  }
  sqlite3_free(list);
  sqlite3_free(value);
}

/* Reads a value that is a number, or a string that is one. */
static double read_number(const named_reader *reader, const km_item *item) {
  double number = 0;
  size_t quotes = item->text[0] == '"';
  if (!km_parse_number(item->text + quotes, item->bytes - 2 * quotes, &number)) {
    refuse(reader, item->key, "must be a number, not ", item);
  } else if (!(fabs(number) <= KM_MAX_COORDINATE)) {
    refuse(reader, item->key, "must be a number up to 1e300, not ", item);
  }
  return number;
}

/* Reads a value of a categorical column: a string, or a number for its text. */
static void read_value(const named_reader *reader, const km_values *values, const km_item *item) {
  km_category_text text = {.text = item->string, .bytes = item->string ? strlen(item->string) : 0};
  double number;
  if (item->string) {
    /* as it is */
  } else if (!km_parse_number(item->text, item->bytes, &number)) {
    refuse(reader, item->key, "must be a text or a number, not ", item);
    return;
  } else if (item->bytes == strspn(item->text, "-0123456789")) {
    text.text = item->text;
    text.bytes = item->bytes;
  } else {
    km_category_read_number(number, &text);
  }
  km_category_encode(values, km_category_find(values, text.text, text.bytes), reader->point);
}

static void read_item(km_host *host, void *context, const km_item *item) {
  named_reader *reader = context;
  size_t column = km_names_find(reader->names, item->key);
  (void)host;
  if (column == KM_NO_COLUMN) {
    refuse(reader, item->key, "is no column of the model", NULL);
  } else if (column == KM_MANY_COLUMNS) {
    refuse(reader, item->key, "may be more than one column of the model", NULL);
  } else if (!isnan(*coordinate(reader, column))) {
    refuse(reader, item->key, "is given twice", NULL);
  } else if (item->text[0] == 'n') {
    *coordinate(reader, column) = GIVEN_NULL;
  } else if (values_of(reader, column)) {
    read_value(reader, values_of(reader, column), item);
  } else {
    *coordinate(reader, column) = read_number(reader, item);
  }
}

/* Looks for what was not given; returns whether all is there and no coordinate is null. */
static int check_given(const named_reader *reader) {
  int complete = 1;
  const char *name = reader->columns;
  for (size_t j = 0; j < reader->names->count; j++, name += strlen(name) + 1) {
    double *given = coordinate(reader, j);
    if (isnan(*given)) {
      refuse(reader, name, "is missing", NULL);
      return 0;
    }
    if (!isinf(*given)) {
      continue;
    }
    complete &= reader->fill;
    *given = NAN;
    if (values_of(reader, j)) {
      km_category_encode_null(values_of(reader, j), reader->point);
    }
  }
  return complete;
}

int km_names_read(km_host *host, const km_names *names, const char *columns,
                  const km_categories *categories, int fill, sqlite3_value *value, int argument,
                  double *point) {
  char part[32];
  named_reader reader = {host, names, columns, categories, fill, point};
  int complete = 0;
  sqlite3_snprintf(sizeof part, part, "argument %d: ", argument);
  host->part = part;
  if (!columns) {
    km_fail(host, SQLITE_ERROR,
            "the model does not name its columns, so that values cannot be given by name: add the "
            "names, as json_set(model, '$.columns', json_array('x', 'y')) does");
  } else {
    for (size_t j = 0; j < names->count; j++) {
      *coordinate(&reader, j) = NOT_GIVEN;
    }
    km_json_object(host, value, read_item, &reader);
    complete = host->code == SQLITE_OK && check_given(&reader);
  }
  host->part = "";
  return complete;
}
