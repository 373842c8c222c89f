#include "bridge/categories.h"

#include <math.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/vector.h"

void km_categories_init(km_host *host, km_categories *categories, size_t columns) {
  memset(categories, 0, sizeof *categories);
  categories->values = km_host_allocate(host, columns, sizeof *categories->values);
  if (categories->values) {
    memset(categories->values, 0, columns * sizeof *categories->values);
    categories->columns = columns;
  }
}

void km_categories_clear(km_categories *categories) {
  for (size_t c = 0; c < categories->columns; c++) {
    km_values *values = &categories->values[c];
    for (size_t i = 0; i < values->count; i++) {
      sqlite3_free(values->value[i].text);
    }
    sqlite3_free(values->value);
    sqlite3_free(values->sorted);
    sqlite3_free(values->coded);
  }
  sqlite3_free(categories->values);
  sqlite3_free(categories->is_code);
  memset(categories, 0, sizeof *categories);
}

void km_category_read_number(double number, km_category_text *text) {
  int bytes;
  if (number == floor(number) && fabs(number) < 0x1p63) {
    sqlite3_snprintf(sizeof text->room, text->room, "%lld", (sqlite3_int64)number);
    bytes = (int)strlen(text->room);
  } else {
    bytes = km_number_write(number, text->room);
  }
  text->text = text->room;
  text->bytes = (size_t)bytes;
}

void km_category_read(sqlite3_value *value, km_category_text *text) {
  if (sqlite3_value_type(value) == SQLITE_FLOAT) {
    km_category_read_number(sqlite3_value_double(value), text);
  } else {
    text->text = (const char *)sqlite3_value_text(value);
    text->bytes = (size_t)sqlite3_value_bytes(value);
  }
}

/* As the collation BINARY compares. */
static int compare(const km_category *category, const char *text, size_t bytes) {
  size_t common = category->bytes < bytes ? category->bytes : bytes;
  int order = memcmp(category->text, text, common);
  return order ? order : (category->bytes > bytes) - (category->bytes < bytes);
}

/* How many values come before the text. */
static size_t rank(const km_values *values, const char *text, size_t bytes) {
  size_t low = 0;
  size_t high = values->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(&values->value[values->sorted[middle]], text, bytes) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static uint32_t number_at(const km_values *values, size_t at, const char *text, size_t bytes) {
  int found = at < values->count && compare(&values->value[values->sorted[at]], text, bytes) == 0;
  return found ? values->sorted[at] : KM_NO_CODE;
}

uint32_t km_category_find(const km_values *values, const char *text, size_t bytes) {
  return number_at(values, rank(values, text, bytes), text, bytes);
}

/* Makes room for one more value. */
static void grow(km_host *host, km_values *values) {
  size_t room = values->room ? 2 * values->room : 8;
  if (values->count < values->room) {
    return;
  }
  km_category *value = km_host_allocate(host, room, sizeof *value);
  uint32_t *sorted = km_host_allocate(host, room, sizeof *sorted);
  if (value && sorted) {
    if (values->count > 0) {
      memcpy(value, values->value, values->count * sizeof *value);
      memcpy(sorted, values->sorted, values->count * sizeof *sorted);
    }
    values->room = room;
    km_category *old_value = values->value;
    uint32_t *old_sorted = values->sorted;
    values->value = value;
    values->sorted = sorted;
    value = old_value;
    sorted = old_sorted;
  }
  km_host_release(host, value);
  km_host_release(host, sorted);
}

uint32_t km_category_add(km_host *host, km_values *values, const char *text, size_t bytes) {
  size_t at = rank(values, text, bytes);
  char *copy = km_host_copy(host, text, bytes);
  if (copy) {
    grow(host, values);
  }
  if (host->code != SQLITE_OK) {
    km_host_release(host, copy);
    return KM_NO_CODE;
  }
  uint32_t number = (uint32_t)values->count++;
  values->value[number] = (km_category){copy, bytes, KM_NO_CODE};
  memmove(values->sorted + at + 1, values->sorted + at, (number - at) * sizeof *values->sorted);
  values->sorted[at] = number;
  return number;
}

/* Reads the text of a value; 0 when it is NULL, and after an error. */
static int read_text(km_host *host, sqlite3_value *value, const km_place *place,
                     km_category_text *text) {
  if (sqlite3_value_type(value) == SQLITE_NULL) {
    return 0;
  }
  if (sqlite3_value_type(value) == SQLITE_BLOB) {
    km_refuse(host, place, sqlite3_mprintf("a BLOB is no category"));
    return 0;
  }
  km_category_read(value, text);
  if (!text->text) {
    km_fail_status(host, KM_NOMEM);
  }
  return text->text != NULL;
}

void km_category_refuse_null(km_host *host, const km_place *place) {
  km_refuse(host, place,
            sqlite3_mprintf("NULL is no category (\"nulls\": \"skip\" leaves such rows out)"));
}

void km_category_apply(km_host *host, const km_values *values, sqlite3_value *value,
                       const km_place *place, double *row) {
  km_category_text text;
  if (read_text(host, value, place, &text)) {
    km_category_encode(values, km_category_find(values, text.text, text.bytes), row);
  } else {
    km_category_encode_null(values, row);
  }
}

double km_category_learn(km_host *host, km_values *values, sqlite3_value *value,
                         const km_place *place) {
  km_category_text text;
  if (!read_text(host, value, place, &text)) {
    return NAN;
  }
  uint32_t number = km_category_find(values, text.text, text.bytes);
  if (number != KM_NO_CODE) {
    return number;
  }
  if (memchr(text.text, 0, text.bytes)) {
    km_refuse(host, place, sqlite3_mprintf("a category cannot contain the character NUL"));
  } else if (values->count == KM_MAX_CATEGORIES) {
    km_refuse(host, place,
              sqlite3_mprintf("'%!.60s%s' is one value too many: a categorical column can have %d",
                              text.text, km_ellipsis(text.text, 60), KM_MAX_CATEGORIES));
  } else {
    number = km_category_add(host, values, text.text, text.bytes);
  }
  return number;
}

/* Adds up dims, and allocates what is as long as they or the codes are. */
static void place_codes(km_host *host, km_categories *categories) {
  size_t dims = 0;
  for (size_t c = 0; c < categories->columns; c++) {
    km_values *values = &categories->values[c];
    values->first = dims;
    dims += values->categorical ? values->codes : 1;
    sqlite3_free(values->coded);
    values->coded = NULL;
    if (values->codes > 0) {
      values->coded = km_host_allocate(host, values->codes, sizeof *values->coded);
    }
    for (size_t i = 0; values->coded && i < values->count; i++) {
      if (values->value[i].code != KM_NO_CODE) {
        values->coded[values->value[i].code] = (uint32_t)i;
      }
    }
  }
  categories->dims = dims;
  sqlite3_free(categories->is_code);
  categories->is_code = km_host_allocate(host, dims + 1, 1);
  for (size_t c = 0; categories->is_code && c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    memset(categories->is_code + values->first, values->categorical,
           values->categorical ? values->codes : 1);
  }
}

void km_categories_number(km_host *host, km_categories *categories) {
  for (size_t c = 0; c < categories->columns; c++) {
    km_values *values = &categories->values[c];
    values->codes = values->count;
    for (size_t i = 0; i < values->count; i++) {
      values->value[i].code = (uint32_t)i;
    }
  }
  place_codes(host, categories);
}

void km_category_encode(const km_values *values, uint32_t number, double *row) {
  uint32_t code = number == KM_NO_CODE ? KM_NO_CODE : values->value[number].code;
  for (size_t j = 0; j < values->codes; j++) {
    row[values->first + j] = j == code;
  }
}

void km_category_encode_null(const km_values *values, double *row) {
  for (size_t j = 0; j < values->codes; j++) {
    row[values->first + j] = NAN;
  }
}

/* Gives codes to the values that rows have; returns how many rows of the data counted. */
static size_t count_values(km_host *host, km_categories *categories, const km_dataset *from,
                           int weighted) {
  km_status status = KM_OK;
  size_t counted = 0;
  for (size_t c = 0; c < categories->columns; c++) {
    km_values *values = &categories->values[c];
    values->codes = 0;
    for (size_t i = 0; i < values->count; i++) {
      values->value[i].code = KM_NO_CODE;
    }
  }
  for (size_t i = 0; i < from->rows.count && status == KM_OK; i++) {
    const double *row = km_chunks_at(&from->rows, i);
    if (weighted && !(km_dataset_weight(from, i) > 0)) {
      continue;
    }
    for (size_t c = 0; c < categories->columns; c++) {
      if (categories->values[c].categorical && !isnan(row[c])) {
        categories->values[c].value[(size_t)row[c]].code = 0;
      }
    }
    counted++;
    status = km_tick(&host->hooks, categories->columns);
  }
  for (size_t c = 0; c < categories->columns; c++) {
    km_values *values = &categories->values[c];
    for (size_t i = 0; i < values->count; i++) {
      km_category *value = &values->value[values->sorted[i]];
      if (value->code != KM_NO_CODE) {
        value->code = (uint32_t)values->codes++;
      }
    }
  }
  km_fail_status(host, status);
  return counted;
}

/* Finds a column that has no value at all. */
static void check_codes(km_host *host, const km_categories *categories, size_t *missing) {
  for (size_t c = categories->columns; c > 0; c--) {
    if (categories->values[c - 1].categorical && categories->values[c - 1].codes == 0) {
      *missing = c - 1;
    }
  }
  if (categories->dims > KM_MAX_DIMS) {
    km_fail(host, SQLITE_ERROR,
            "columns and categories come to %lld coordinates: %d are the most that there can be",
            (sqlite3_int64)categories->dims, KM_MAX_DIMS);
  }
}

static void encode_row(km_host *host, const km_categories *categories, const double *from,
                       double *to, km_chunks *uncoded, size_t i) {
  for (size_t c = 0; c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    if (!values->categorical) {
      to[values->first] = from[c];
    } else if (isnan(from[c])) {
      km_category_encode_null(values, to);
    } else {
      const km_category *value = &values->value[(size_t)from[c]];
      km_category_encode(values, (uint32_t)from[c], to);
      if (value->code == KM_NO_CODE && uncoded) {
        km_uncoded_add(host, uncoded, i, c, value->text, value->bytes);
      }
    }
  }
}

void km_categories_encode(km_host *host, km_categories *categories, km_dataset *from, int consume,
                          km_dataset *to, km_chunks *uncoded, size_t *missing) {
  size_t rows = from->rows.count;
  *missing = SIZE_MAX;
  if (host->code == SQLITE_OK && count_values(host, categories, from, 1) == 0) {
    count_values(host, categories, from, 0);
  }
  if (host->code == SQLITE_OK) {
    place_codes(host, categories);
  }
  if (host->code == SQLITE_OK) {
    check_codes(host, categories, missing);
  }
  if (host->code != SQLITE_OK || *missing != SIZE_MAX) {
    return;
  }
  km_dataset_init(to, categories->dims, KM_DOUBLE);
  for (size_t i = 0; i < rows && host->code == SQLITE_OK; i++) {
    double *row = km_host_push(host, &to->rows);
    if (!row) {
      return;
    }
    encode_row(host, categories, km_chunks_at(&from->rows, consume ? 0 : i), row, uncoded, i);
    if (consume) {
      km_chunks_pop_front(&from->rows, &host->hooks);
    }
    km_fail_status(host, km_tick(&host->hooks, categories->dims));
  }
}

void km_uncoded_add(km_host *host, km_chunks *uncoded, size_t row, size_t column, const char *text,
                    size_t bytes) {
  char *copy = km_host_copy(host, text, bytes);
  km_uncoded *item = copy ? km_host_push(host, uncoded) : NULL;
  if (item) {
    *item = (km_uncoded){row, column, copy};
  } else {
    km_host_release(host, copy);
  }
}

const char *km_uncoded_find(const km_chunks *uncoded, size_t row, size_t column) {
  size_t low = 0;
  size_t high = uncoded ? uncoded->count : 0;
  const km_uncoded *item;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    item = km_chunks_at(uncoded, middle);
    if (item->row < row || (item->row == row && item->column < column)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  item = uncoded && low < uncoded->count ? km_chunks_at(uncoded, low) : NULL;
  return item && item->row == row && item->column == column ? item->text : "";
}

void km_uncoded_clear(km_chunks *uncoded, km_host *host) {
  for (size_t i = 0; i < uncoded->count; i++) {
    sqlite3_free(((km_uncoded *)km_chunks_at(uncoded, i))->text);
  }
  km_chunks_clear(uncoded, &host->hooks);
}

char *km_feature_names(km_host *host, const km_categories *categories, const char *columns) {
  sqlite3_str *names = sqlite3_str_new(host->db);
  for (size_t c = 0; c < categories->columns; c++, columns += strlen(columns) + 1) {
    const km_values *values = &categories->values[c];
    for (size_t j = 0; j < (values->categorical ? values->codes : 1); j++) {
      sqlite3_str_appendall(names, columns);
      if (values->categorical) {
        sqlite3_str_appendf(names, "=%s", values->value[values->coded[j]].text);
      }
      sqlite3_str_appendchar(names, 1, 0);
    }
  }
  char *text = sqlite3_str_finish(names);
  if (!text) {
    km_fail_status(host, KM_NOMEM);
  }
  return text;
}

static void append_number(sqlite3_str *out, double number) {
  char text[KM_NUMBER_BYTES];
  sqlite3_str_append(out, text, km_number_write(number, text));
}

static void append_shares(sqlite3_str *out, const km_values *values, const double *shares) {
  for (size_t j = 0; j < values->codes; j++) {
    sqlite3_str_appendchar(out, 1, j ? ',' : '{');
    km_json_append_string(out, values->value[values->coded[j]].text);
    sqlite3_str_appendchar(out, 1, ':');
    append_number(out, shares[j]);
  }
  sqlite3_str_appendchar(out, 1, '}');
}

void km_shares_append(sqlite3_str *out, const km_categories *categories, const double *numbers,
                      size_t dims) {
  if (!km_categories_any(categories)) {
    km_numbers_append(out, numbers, dims);
    return;
  }
  for (size_t c = 0; c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    sqlite3_str_appendchar(out, 1, c ? ',' : '[');
    if (values->categorical) {
      append_shares(out, values, numbers + values->first);
    } else {
      append_number(out, numbers[values->first]);
    }
  }
  sqlite3_str_appendchar(out, 1, ']');
}

void km_point_append(sqlite3_str *out, const km_categories *categories, const double *numbers,
                     const km_chunks *uncoded, size_t row) {
  for (size_t c = 0; c < categories->columns; c++) {
    const km_values *values = &categories->values[c];
    const double *number = numbers + values->first;
    size_t j = 0;
    sqlite3_str_appendchar(out, 1, c ? ',' : '[');
    if (isnan(*number)) {
      sqlite3_str_append(out, "null", 4);
    } else if (!values->categorical) {
      append_number(out, *number);
    } else {
      while (j < values->codes && number[j] == 0) {
        j++;
      }
      km_json_append_string(out, j < values->codes ? values->value[values->coded[j]].text
                                                   : km_uncoded_find(uncoded, row, c));
    }
  }
  sqlite3_str_appendchar(out, 1, ']');
}
