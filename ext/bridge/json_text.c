/* The parts of JSON that are read from its text, character by character: numbers, exactly, and strings.
** SQLite has checked the syntax. */
#include <math.h>
#include <string.h>

#include "bridge/json.h"
#include "bridge/number.h"
#include "core/fit.h"

/* What is left to read. */
typedef struct text_reader {
  const char *at;
  const char *end;
} text_reader;

static void skip_space(text_reader *reader) {
  while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                      *reader->at == '\n' || *reader->at == '\r')) {
    reader->at++; /* unreached: what SQLite renders has none, as yet */
  }
}

/* Takes one punctuation character, if it comes next. */
static int take(text_reader *reader, char c) {
  skip_space(reader);
  if (reader->at < reader->end && *reader->at == c) {
    reader->at++;
    return 1;
  }
  return 0;
}

/* How many numbers an array that begins here can hold at most. */
static size_t count_items(const text_reader *reader) {
  size_t commas = 1;
  for (const char *p = reader->at; p < reader->end && *p != ']'; p++) {
    commas += *p == ',';
  }
  return commas;
}

/* Reads numbers up to the closing bracket, the first `room` of them into values. Returns how many
** there are, or -1 - i when item i is no number. */
static sqlite3_int64 take_numbers(text_reader *reader, double *values, size_t room) {
  size_t count = 0;
  double surplus;
  if (take(reader, ']')) {
    return 0;
  }
  do {
    skip_space(reader);
    const char *after =
        km_scan_number(reader->at, reader->end, count < room ? &values[count] : &surplus);
    if (!after) {
      return -1 - (sqlite3_int64)count;
    }
    reader->at = after;
    count++;
  } while (take(reader, ','));
  return take(reader, ']') ? (sqlite3_int64)count : -1 - (sqlite3_int64)count;
}

static text_reader read_text(sqlite3_value *text) {
  const char *at = (const char *)sqlite3_value_text(text);
  return (text_reader){at, at ? at + sqlite3_value_bytes(text) : at};
}

void km_json_numbers(km_host *host, const char *subject, sqlite3_value *text, double **values,
                     size_t *count) {
  text_reader reader = read_text(text);
  *values = NULL;
  if (!reader.at) {
    km_fail_status(host, KM_NOMEM);
    return;
  }
  take(&reader, '[');
  size_t room = count_items(&reader);
  *values = km_host_allocate(host, room, sizeof **values);
  if (*values) {
    sqlite3_int64 found = take_numbers(&reader, *values, room);
    if (found < 0) {
      km_fail(host, SQLITE_ERROR, "%s: item %lld is not a number", subject, -1 - found);
    }
    *count = (size_t)(found < 0 ? 0 : found);
  }
}

/* SQLite's own rendering of JSON: what its version takes beyond the standard is gone. NULL when the text
** is malformed, which is no error, and after an error. Valid until *kept is reset or finalised, which is
** the caller's to do. */
static text_reader render(km_host *host, sqlite3_stmt **kept, sqlite3_value *text) {
  text_reader reader = {NULL, NULL};
  text_reader given = read_text(text);
  if (!given.at) { /* unreached: who has seen how the text begins has converted it */
    km_fail_status(host, KM_NOMEM);
  } else if (!*kept) {
    *kept = km_host_prepare(host, "SELECT json(?1)");
  }
  if (host->code != SQLITE_OK) {
    return reader;
  }
  int rc = sqlite3_bind_text64(*kept, 1, given.at, (sqlite3_uint64)(given.end - given.at),
                               SQLITE_STATIC, SQLITE_UTF8);
  if (rc == SQLITE_OK) {
    rc = sqlite3_step(*kept);
  }
  if (rc == SQLITE_ROW) {
    reader = read_text(sqlite3_column_value(*kept, 0));
    if (!reader.at) {
      km_fail_status(host, KM_NOMEM);
    }
  } else if (rc != SQLITE_ERROR) {
    km_fail_sqlite(host, rc, NULL);
  }
  return reader;
}

sqlite3_int64 km_json_array(km_host *host, sqlite3_stmt **kept, sqlite3_value *text, double *values,
                            size_t room) {
  sqlite3_int64 count = KM_JSON_MALFORMED;
  text_reader reader = render(host, kept, text);
  if (reader.at && take(&reader, '[')) {
    count = take_numbers(&reader, values, room);
  }
  if (*kept) {
    sqlite3_reset(*kept);
    sqlite3_clear_bindings(*kept);
  }
  return count;
}

/* Goes behind the string that begins here; 0 when it has no end. */
static int skip_string(text_reader *reader) {
  for (reader->at++; reader->at < reader->end; reader->at++) {
    if (*reader->at == '"') {
      reader->at++;
      return 1;
    }
    reader->at += *reader->at == '\\' && reader->at + 1 < reader->end;
  }
  return 0; /* unreached: see above, SQLite has checked the syntax */
}

/* Goes behind the value that begins here, whatever it is. */
static void take_value(text_reader *reader) {
  int depth = 0;
  while (reader->at < reader->end) {
    char c = *reader->at;
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
      return;
    }
    if (c == '"') {
      skip_string(reader);
    } else {
      depth += c == '{' || c == '[';
      depth -= c == '}' || c == ']';
      reader->at++;
    }
  }
}

/* The number that four hexadecimal digits are; what is none counts as 0. */
static unsigned hexadecimal(const char *digits) {
  unsigned number = 0;
  for (int i = 0; i < 4; i++) {
    char c = digits[i];
    unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c | 0x20) - 'a' + 10;
    number = number << 4 | (digit & 15);
  }
  return number;
}

/* Writes a character as UTF-8; returns the place behind it. */
static char *put_character(char *to, unsigned c) {
  if (c < 0x80) {
    *to++ = (char)c;
    return to;
  }
  if (c < 0x800) {
    *to++ = (char)(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      *to++ = (char)(0xE0 | c >> 12);
    } else {
      *to++ = (char)(0xF0 | c >> 18);
      *to++ = (char)(0x80 | (c >> 12 & 0x3F));
    }
    *to++ = (char)(0x80 | (c >> 6 & 0x3F));
  }
  *to++ = (char)(0x80 | (c & 0x3F));
  return to;
}

/* Takes what follows a backslash to `to`. */
static char *take_escape(text_reader *reader, char *to) {
  static const char letters[] = "bfnrt";
  static const char characters[] = "\b\f\n\r\t";
  char c = *reader->at++;
  if (c != 'u' || reader->end - reader->at < 4) {
    const char *letter = strchr(letters, c);
    *to++ = c && letter ? characters[letter - letters] : c;
    return to;
  }
  unsigned number = hexadecimal(reader->at);
  reader->at += 4;
  if (number >> 10 == 0xD800 >> 10 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
      reader->at[1] == 'u' && hexadecimal(reader->at + 2) >> 10 == 0xDC00 >> 10) {
    number = 0x10000 + ((number & 0x3FF) << 10 | (hexadecimal(reader->at + 2) & 0x3FF));
    reader->at += 6;
  }
  /* What is no character, or would end the name, is U+FFFD. */
  return put_character(to, number == 0 || number >> 11 == 0xD800 >> 11 ? 0xFFFD : number);
}

/* Takes a string, without its quotes and escapes, to text, which has room for all that is left to read,
** and closes it. Returns whether there is one. */
static int take_string(text_reader *reader, char *text) {
  text_reader inner = *reader;
  if (inner.at >= inner.end || *inner.at != '"' || !skip_string(reader)) {
    return 0;
  }
  inner.at++;
  inner.end = reader->at - 1;
  while (inner.at < inner.end) {
    char c = *inner.at++;
    if (c == '\\' && inner.at < inner.end) {
      text = take_escape(&inner, text);
    } else {
      *text++ = c;
    }
  }
  *text = 0;
  return 1;
}

static void visit_items(km_host *host, text_reader reader, km_item_visitor visit, void *context) {
  size_t room = (size_t)(reader.end - reader.at) + 1;
  char *key = km_host_allocate(host, room, 2);
  while (host->code == SQLITE_OK && !take(&reader, '}')) {
    skip_space(&reader);
    if (!take_string(&reader, key) || !take(&reader, ':')) {
      /* unreached: SQLite has found nothing wrong */
      km_fail(host, SQLITE_ERROR, "malformed JSON");
      break;
    }
    skip_space(&reader);
    km_item item = {.key = key, .text = reader.at};
    text_reader string = reader;
    if (take_string(&string, key + room)) {
      item.string = key + room;
    }
    take_value(&reader);
    item.bytes = (size_t)(reader.at - item.text);
    visit(host, context, &item);
    take(&reader, ',');
  }
  km_host_release(host, key);
}

void km_json_object(km_host *host, sqlite3_value *text, km_item_visitor visit, void *context) {
  sqlite3_stmt *statement = NULL;
  text_reader reader = render(host, &statement, text);
  const char *given = (const char *)sqlite3_value_text(text);
  if (host->code == SQLITE_OK && !reader.at) {
    km_fail(host, SQLITE_ERROR, "'%!.60s%s' is malformed JSON", given, km_ellipsis(given, 60));
  } else if (host->code == SQLITE_OK) {
    take(&reader, '{');
    visit_items(host, reader, visit, context);
  }
  sqlite3_finalize(statement);
}

/* How many numbers the matrix that begins here can hold at most, whatever the lengths of its rows: none
** when there is no row. */
static size_t count_numbers(const text_reader *reader) {
  size_t commas = 0;
  size_t rows = 0;
  for (const char *p = reader->at; p < reader->end; p++) {
    commas += *p == ',';
    rows += *p == '[';
  }
  return rows > 0 ? commas + 1 : 0;
}

static void check_row(km_host *host, const char *subject, const km_matrix *matrix,
                      sqlite3_int64 found) {
  sqlite3_int64 row = (sqlite3_int64)matrix->rows;
  if (found < 0) {
    km_fail(host, SQLITE_ERROR, "%s: coordinate %lld of centroid %lld is not a number", subject,
            -1 - found, row);
  } else if (found == 0) {
    km_fail(host, SQLITE_ERROR, "%s: centroid %lld is empty", subject, row);
  } else if ((size_t)found != matrix->columns) {
    km_fail(host, SQLITE_ERROR, "%s: centroid %lld has %lld number%s, the first has %lld", subject,
            row, found, found == 1 ? "" : "s", (sqlite3_int64)matrix->columns);
  }
  for (size_t j = 0; host->code == SQLITE_OK && j < matrix->columns; j++) {
    if (!(fabs(matrix->values[matrix->rows * matrix->columns + j]) <= KM_MAX_COORDINATE)) {
      km_fail(host, SQLITE_ERROR, "%s: coordinate %lld of centroid %lld is beyond 1e300", subject,
              (sqlite3_int64)j, row);
    }
  }
}

static void check_columns(km_host *host, const char *subject, size_t columns) {
  if (columns > KM_MAX_DIMS) {
    km_fail(host, SQLITE_ERROR,
            "%s: centroid 0 has %lld numbers: %d are the most that one can have", subject,
            (sqlite3_int64)columns, KM_MAX_DIMS);
  }
}

void km_json_matrix(km_host *host, const char *subject, sqlite3_value *text, km_matrix *matrix) {
  text_reader reader = read_text(text);
  size_t room;
  memset(matrix, 0, sizeof *matrix);
  if (!reader.at) { /* unreached: who has recognised the array has converted it */
    km_fail_status(host, KM_NOMEM);
    return;
  }
  if (!take(&reader, '[') || (room = count_numbers(&reader)) == 0) {
    km_fail(host, SQLITE_ERROR, "%s must be an array of at least one array of numbers", subject);
    return;
  }
  if (room > KM_MAX_CENTROIDS) {
    km_fail(host, SQLITE_ERROR, "%s: there are more than %lld numbers", subject,
            (sqlite3_int64)KM_MAX_CENTROIDS);
  }
  while (host->code == SQLITE_OK && (matrix->rows == 0 || take(&reader, ','))) {
    if (!take(&reader, '[')) {
      km_fail(host, SQLITE_ERROR, "%s: centroid %lld is not an array of numbers", subject,
              (sqlite3_int64)matrix->rows);
      break;
    }
    if (matrix->rows == 0) {
      matrix->columns = count_items(&reader);
      check_columns(host, subject, matrix->columns);
      matrix->values = km_host_allocate(host, room, sizeof *matrix->values);
    }
    if (matrix->values) { /* all rows before this one are complete, so that it has room */
      double *row = matrix->values + matrix->rows * matrix->columns;
      check_row(host, subject, matrix, take_numbers(&reader, row, matrix->columns));
      matrix->rows++;
    }
  }
}

/* A matrix with shares on its way to the visitor. */
typedef struct cell_reader {
  km_host *host;
  const char *subject;
  text_reader text;
  char *category; /* room for any string of the text */
  km_cell cell;
  km_cell_visitor visit;
  void *context;
} cell_reader;

static void visit_cell(cell_reader *reader, const char *category, double number) {
  reader->cell.category = category;
  reader->cell.number = number;
  reader->visit(reader->host, reader->context, &reader->cell);
}

/* Takes `"red":0.5,...}`. Returns 0 when that is not what comes. */
static int take_shares(cell_reader *reader) {
  text_reader *text = &reader->text;
  double share;
  if (take(text, '}')) {
    return 1;
  }
  do {
    skip_space(text);
    const char *after = NULL;
    if (take_string(text, reader->category) && take(text, ':')) {
      skip_space(text);
      after = km_scan_number(text->at, text->end, &share);
    }
    if (!after) {
      return 0;
    }
    text->at = after;
    visit_cell(reader, reader->category, share);
  } while (take(text, ','));
  return take(text, '}');
}

static int take_cell(cell_reader *reader) {
  text_reader *text = &reader->text;
  double number;
  skip_space(text);
  const char *after = km_scan_number(text->at, text->end, &number);
  if (after) {
    text->at = after;
    visit_cell(reader, NULL, number);
    return 1;
  }
  if (take_string(text, reader->category)) {
    visit_cell(reader, reader->category, 1);
    return 1;
  }
  return take(text, '{') && take_shares(reader);
}

static void take_row(cell_reader *reader) {
  km_cell *cell = &reader->cell;
  int fine = take(&reader->text, '[');
  cell->column = 0;
  if (fine && !take(&reader->text, ']')) {
    do {
      fine = take_cell(reader);
      cell->column += (size_t)fine;
    } while (fine && take(&reader->text, ','));
    fine = fine && take(&reader->text, ']');
  }
  if (fine) {
    cell->end = 1;
    visit_cell(reader, NULL, 0);
    cell->end = 0;
    cell->row++;
  } else {
    km_fail(reader->host, SQLITE_ERROR,
            "%s: item %lld of centroid %lld is no number, no value and no object with the shares "
            "of values",
            reader->subject, (sqlite3_int64)cell->column, (sqlite3_int64)cell->row);
  }
}

void km_json_cells(km_host *host, const char *subject, sqlite3_value *text, km_cell_visitor visit,
                   void *context) {
  cell_reader reader = {.host = host, .subject = subject, .visit = visit, .context = context};
  reader.text = read_text(text);
  if (!reader.text.at) { /* unreached: its rows have been counted */
    km_fail_status(host, KM_NOMEM);
  } else {
    reader.category = km_host_allocate(host, (size_t)(reader.text.end - reader.text.at) + 1, 1);
  }
  if (host->code == SQLITE_OK && take(&reader.text, '[')) {
    do {
      take_row(&reader);
    } while (host->code == SQLITE_OK && take(&reader.text, ','));
  }
  km_host_release(host, reader.category);
}
